"""Loads the default rules shipped in data/domain into this centre. Rows that stand already are left as they are."""
from __future__ import annotations

import csv
import io
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from django.utils.translation import get_language

from .models import Agency, Lifecycle, Timer

_DOMAIN = files("shouwang") / "data" / "domain"


@cache
def table(name: str) -> list[dict[str, str]]:
    """A default table (call_types, unit_kinds, …) as dictionaries."""
    text = (_DOMAIN / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@cache
def document(name: str) -> Any:
    return yaml.safe_load((_DOMAIN / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def _names(table_name: str) -> dict[str, tuple[str, str]]:
    return {row["code"]: (row["zh"], row["en"]) for row in table(table_name)}


def named(table_name: str, code: str) -> str:
    """What a row of a default table is called in the reader's language; the code itself where there is no such row."""
    zh, en = _names(table_name).get(code, (code, code))
    return zh if (get_language() or "").startswith("zh") else en


def split(cell: str) -> list[str]:
    return [part for part in cell.split(";") if part]


def load() -> None:
    rules = document("statuses")
    Lifecycle.objects.bulk_create(
        [Lifecycle(code=code, zh=c["zh"], en=c["en"], initial=c["initial"], states=c["states"],
                   transitions=c["transitions"]) for code, c in rules["lifecycles"].items()], ignore_conflicts=True)
    named = {"id", "zh", "en", "flag_zh", "flag_en", "unit", "source"}
    Timer.objects.bulk_create(
        [Timer(code=t["id"], zh=t["zh"], en=t["en"], flag_zh=t["flag_zh"], flag_en=t["flag_en"], unit=t["unit"],
               source=t.get("source", ""), rule={k: v for k, v in t.items() if k not in named})
         for t in rules["timers"]], ignore_conflicts=True)
    Agency.objects.bulk_create([
        Agency(code=r["code"], zh=r["zh"], en=r["en"], kind=r["kind"], tasks_zh=r["tasks_zh"], tasks_en=r["tasks_en"],
               **{n: int(r[n]) if r[n] else None for n in ("ack_min_1", "ack_min_2", "ack_min_3", "report_min")})
        for r in table("agencies")], ignore_conflicts=True)
