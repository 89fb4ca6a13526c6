"""Rules of what each step must leave (data/domain/quality_rules.yaml), and whether a record holds them. Pure but for
reading the file."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any

from django.utils.translation import get_language

from shouwang.desk.workflow.checked import Checked
from shouwang.desk.workflow.defaults import document


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


@dataclass(frozen=True)
class Step:
    """A step of a kind of record. `desk`: who does it, as an office; `at`: the moment at which it is done."""

    kind: str
    id: str
    zh: str
    en: str
    desk_zh: str
    desk_en: str
    at: str

    def __str__(self) -> str:
        return self.zh if _chinese() else self.en

    @property
    def desk(self) -> str:
        return self.desk_zh if _chinese() else self.desk_en


@dataclass(frozen=True)
class Rule:
    """`when`: what must hold for the rule to concern a record; `each`: the parts it looks at; `holds`: checks that must
    all hold."""

    id: str
    kind: str
    step: str
    zh: str
    en: str
    mend_zh: str
    mend_en: str
    when: Mapping[str, Any]
    each: str
    holds: Mapping[str, Any]

    def __str__(self) -> str:
        return self.zh if _chinese() else self.en

    @property
    def mend(self) -> str:
        return self.mend_zh if _chinese() else self.mend_en


@cache
def steps() -> dict[tuple[str, str], Step]:
    """By kind and step, in the order of the work."""
    found = document("quality_rules")["steps"]
    return {(kind, r["id"]): Step(kind, r["id"], r["zh"], r["en"], r["desk_zh"], r["desk_en"], r["at"])
            for kind, rows in found.items() for r in rows}


@cache
def rules() -> dict[str, Rule]:
    return {r["id"]: Rule(r["id"], r["of"], r["step"], r["zh"], r["en"], r["mend_zh"], r["mend_en"], r["when"],
                          r.get("each", ""), r["holds"]) for r in document("quality_rules")["rules"]}


def held(rule: Rule, record: Checked, now: datetime) -> bool | None:
    """Whether the record holds the rule; None where the rule does not concern it. Of parts, all that it concerns."""
    values = {**record.values, "now": now}
    parts = values[rule.each] if rule.each else [values]
    told = [_all_hold(rule.holds, {**part, "now": now}) for part in parts if _concerns(rule.when, part)]
    return all(told) if told else None


def _concerns(when: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return all(values[name] in wanted if isinstance(wanted, list) else bool(values[name]) is wanted
               for name, wanted in when.items())


def _all_hold(checks: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return all(CHECKS[name](values, given) for name, given in checks.items())


def _set(values: Mapping[str, Any], name: str) -> bool:
    return bool(values[name])


def _zero(values: Mapping[str, Any], name: str) -> bool:
    return not values[name]


def _order(values: Mapping[str, Any], names: Sequence[str]) -> bool:
    known = [values[name] for name in names if values[name] is not None]
    return all(a <= b for a, b in pairwise(known))


def _within(values: Mapping[str, Any], given: Sequence[Any]) -> bool:
    first, then, seconds = values[given[0]], values[given[1]], float(given[2])
    return first is None or then is None or (then - first).total_seconds() <= seconds


CHECKS = {"set": _set, "zero": _zero, "order": _order, "within_s": _within}
