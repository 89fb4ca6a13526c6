"""One life cycle for everything that has states. Pure: rows in, decision out."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Refused

from .models import Lifecycle, Timer
from .settings import get as get_setting


@dataclass(frozen=True)
class Transition:
    id: str
    sources: tuple[str, ...]
    target: str
    zh: str
    en: str
    may: str
    needs: tuple[str, ...]
    timer: str

    @property
    def label(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en


@dataclass(frozen=True)
class Cycle:
    """States and transitions of one kind of thing."""

    code: str
    initial: str
    states: Mapping[str, Mapping[str, Any]]
    transitions: Mapping[str, Transition]

    def state_label(self, state: str) -> str:
        row = self.states[state]
        return str(row["zh"] if (get_language() or "").startswith("zh") else row["en"])

    def terminal(self, state: str) -> bool:
        return bool(self.states[state].get("terminal"))

    def open_states(self) -> list[str]:
        return [s for s in self.states if not self.terminal(s)]

    def moves_from(self, state: str) -> list[Transition]:
        return [t for t in self.transitions.values() if state in t.sources]

    def check(self, transition: str, *, state: str, given: Iterable[str] = ()) -> Transition:
        """The transition, if it leads on from `state` and every field it needs is given. Raises Conflict when the
        record has moved on, Refused when a field is missing."""
        t = self.transitions[transition]
        if state not in t.sources:
            raise Conflict(_("%(move)s is not possible: the state is now %(state)s.")
                           % {"move": t.label, "state": self.state_label(state)}, code="state")
        missing = [n for n in t.needs if n not in set(given)]
        if missing:
            raise Refused(_("%(move)s needs: %(fields)s.") % {"move": t.label, "fields": ", ".join(missing)},
                          field=missing[0], code="needs")
        return t


@lru_cache(maxsize=64)
def _cycle(code: str) -> Cycle:
    row = Lifecycle.objects.get(code=code)
    return Cycle(
        code, row.initial, {s["id"]: s for s in row.states},
        {t["id"]: Transition(t["id"], tuple(t["from"]), t["to"], t["zh"], t["en"], t["may"],
                             tuple(t.get("needs", ())), t.get("timer", "")) for t in row.transitions})


def cycle(code: str) -> Cycle:
    """The life cycle in force (call, assignment, unit, matter, …). Kept in memory; `forget` after a change of rules."""
    return _cycle(code)


def state_names(codes: Iterable[str]) -> dict[str, str]:
    """What states of any life cycle are called."""
    cycles = [cycle(code) for code in Lifecycle.objects.order_by("code").values_list("code", flat=True)]
    return {code: c.state_label(code) for c in cycles for code in codes if code in c.states}


@lru_cache(maxsize=64)
def _timer(code: str) -> Timer:
    return Timer.objects.get(code=code)


def forget() -> None:
    """Drops what is kept in memory; called when rules change."""
    _cycle.cache_clear()
    _timer.cache_clear()


_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def limit_s(code: str, *, severity: int | None = None, area: str | None = None) -> float | None:
    """Seconds a timer allows, None when it sets no limit here. Timers in working hours are counted by their room."""
    timer = _timer(code)
    rule = timer.rule
    if severity is not None and severity not in rule.get("applies_to_severity", (1, 2, 3, 4)):
        return None
    if "by_severity" in rule and severity is not None:
        value = rule["by_severity"][severity - 1]
    elif "by_area" in rule:
        value = rule["by_area"].get(area or "town")
    else:
        value = rule.get("value")
    return None if value is None or timer.unit not in _SECONDS else float(value) * _SECONDS[timer.unit]


NEXT_CENTRE = "next_centre"
WARN_SHARE = 0.67


def warn_share(code: str) -> float:
    """The share of a timer after which it warns, before it is over."""
    return float(_timer(code).rule.get("warn_share") or WARN_SHARE)


def chain(code: str) -> list[tuple[str, float]]:
    """Who is told that a timer is over, and after how many times its length: the role of its rule at once, then each
    above it in the centre's chain (setting `escalation_chain`), and at last the next centre."""
    rule = _timer(code).rule
    first = rule.get("escalate_to")
    if not first:
        return []
    roles = [r.strip() for r in str(get_setting("escalation_chain")).split(",") if r.strip()]
    above = roles[roles.index(first) + 1:] if first in roles else [r for r in roles if r != first][-2:]
    again = float(rule.get("again") or 1)
    return [(role, 1 + again * n) for n, role in enumerate((first, *above))]


def working_h(code: str) -> float | None:
    """Hours of work a timer allows, None for one that is not counted in working hours."""
    timer = _timer(code)
    value = timer.rule.get("value")
    return None if value is None or timer.unit != "working_h" else float(value)


def timer_flag(code: str) -> str:
    timer = _timer(code)
    return timer.flag_zh if (get_language() or "").startswith("zh") else timer.flag_en


def require(actor: Actor, transition: Transition, area: str) -> None:
    actor.require(transition.may, area)
