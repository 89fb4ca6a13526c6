"""Linked agencies as the default table has them (data/domain/agencies.csv), and what one is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.utils.translation import get_language

from shouwang.desk.workflow.defaults import table

ENDED = ("confirmed", "withdrawn")
BY_AGENCY = ("l_ack", "l_go", "l_scene", "l_done", "l_refuse")  # in the order of its buttons
WORDS = {"l_refuse": "reason", "l_withdraw": "reason", "l_done": "result"}  # moves that need words


@dataclass(frozen=True)
class Agency:
    """ack_min: minutes to acknowledge at severity 1, 2, 3 and below; report_min: from then to a result."""

    code: str
    zh: str
    en: str
    tasks_zh: str
    tasks_en: str
    ack_min: tuple[int | None, ...]
    report_min: int | None

    @property
    def name(self) -> str:
        return self.zh if _chinese() else self.en

    @property
    def tasks(self) -> str:
        return self.tasks_zh if _chinese() else self.tasks_en

    def ack_in(self, severity: int) -> timedelta | None:
        minutes = self.ack_min[min(severity, 3) - 1]
        return None if minutes is None else timedelta(minutes=minutes)

    @property
    def report_in(self) -> timedelta | None:
        return None if self.report_min is None else timedelta(minutes=self.report_min)


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _minutes(cell: str) -> int | None:
    return int(cell) if cell else None


@cache
def agencies() -> Mapping[str, Agency]:
    """By code, in the order of the table."""
    return {r["code"]: Agency(
        r["code"], r["zh"], r["en"], r["tasks_zh"], r["tasks_en"],
        tuple(_minutes(r[f"ack_min_{n}"]) for n in (1, 2, 3)), _minutes(r["report_min"])) for r in table("agencies")}


def names_of(codes: Iterable[str]) -> dict[str, str]:
    return {code: agencies()[code].name for code in codes if code in agencies()}
