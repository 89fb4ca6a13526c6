"""What the list is asked for, read leniently: an unknown choice is none."""
from __future__ import annotations

from collections.abc import Mapping

from .facts import Wanted
from .rules import rules, steps
from .terms import KINDS, STATES

SPANS = (1, 2, 5, 13, 26)  # weeks


def wanted(given: Mapping[str, str]) -> Wanted:
    """`step` is written kind:step."""
    def one_of(name: str, known: object, default: str = "") -> str:
        value = given.get(name, default)
        return value if value in known else default  # type: ignore[operator]
    kind, _colon, step = given.get("step", "").partition(":")
    kind, step = (kind, step) if (kind, step) in steps() else (one_of("kind", KINDS), "")
    return Wanted(weeks=weeks(given), state=one_of("state", {*STATES, ""}, "open"), kind=kind, step=step,
                  rule=one_of("rule", rules()), area=given.get("area", "")[:200])


def weeks(given: Mapping[str, str], default: int = 1) -> int:
    text = given.get("weeks", "")
    return int(text) if text.isdecimal() and int(text) in SPANS else default
