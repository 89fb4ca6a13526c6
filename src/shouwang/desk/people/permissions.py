"""The permissions this version knows, with their names: the default table (data/domain/permissions.csv)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.utils.translation import get_language

from shouwang.desk.workflow.defaults import table


@dataclass(frozen=True)
class Permission:
    code: str
    zh: str
    en: str
    reason_required: bool

    @property
    def label(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en


@cache
def permissions() -> dict[str, Permission]:
    return {
        r["code"]: Permission(r["code"], r["zh"], r["en"], r["reason_required"] == "yes") for r in table("permissions")
    }
