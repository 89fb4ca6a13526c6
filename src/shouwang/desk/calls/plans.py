"""Response plans (run cards): which one a call has, by type, alarm level, kind of place, area, hour and severity."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone

from shouwang.desk.workflow.settings import get as setting

from .models import AlarmLevel, Call, ResponsePlan


@dataclass(frozen=True)
class Case:
    """What of a call decides about its plan. `flags`: kinds of places by the answers; `at`: when the call came in, None
    for now."""

    type: str
    severity: int = 1
    level: int = 1
    flags: tuple[str, ...] = ()
    area: str = ""
    at: datetime | None = None


def case_of(call: Call) -> Case:
    return Case(call.type_id, call.severity, call.alarm_level, tuple(call.asked.get("flags", ())), call.area,
                call.received_at)


class Plans:
    """The plans of some types, as the centre has them now."""

    def __init__(self, rows: Iterable[ResponsePlan]) -> None:
        self._of: dict[str, list[ResponsePlan]] = {}
        for row in rows:
            self._of.setdefault(row.call_type, []).append(row)

    def plan(self, case: Case) -> ResponsePlan | None:
        """The plan of a case: of those that hold, one of the type before one of its class, then the highest alarm level
        that is reached, then the one that says more of the kind of place, the area, the hours, and then of the
        severity. A type whose plans begin at a higher alarm, or with graver calls, begins there."""
        own = [row for row in self._of.get(case.type, ()) if _holds(row, case)]
        rows = own or [row for row in self._of.get(case.type[:2], ()) if _holds(row, case)]
        level = max(case.level, min((_level(row) for row in rows), default=1))
        return max((row for row in rows if _level(row) <= level), key=lambda row: _closeness(row, case), default=None)

    def levels(self, type: str) -> tuple[int, ...]:
        """The alarm levels that a call of this type can be raised to; () where its plans know only one."""
        return (1, 2, 3, 4, 5) if any(row.alarm_level for row in self._of.get(type, ())) else ()

    def alarm_level(self, case: Case) -> int:
        """The alarm level of a call: as asked for, and not below that at which the plans of its type begin."""
        found = self.plan(case)
        return max(case.level, _level(found) if found else 1)

    def counts(self, case: Case, extra: Mapping[str, int]) -> dict[str, int]:
        """How many units of each skill a call asks for: the plan's, and what answers ask for beyond it."""
        found = self.plan(case)
        out: dict[str, int] = dict(found.needs) if found else {}
        for skill, count in extra.items():
            out[skill] = max(out.get(skill, 0), count)
        return out


def plans(*types: str) -> Plans:
    """The plans in use of these types and of their classes; of all types where none is named."""
    rows = ResponsePlan.objects.filter(active=True).order_by("code")
    return Plans(rows.filter(call_type__in={code for type in types for code in (type, type[:2])}) if types else rows)


def of_call(call: Call) -> dict[str, int]:
    """How many units of each skill a call asks for now."""
    return plans(call.type_id).counts(case_of(call), call.asked.get("needs", {}))


def alarm_names() -> dict[int, str]:
    """Every alarm level, in the reader's language."""
    return {row.level: str(row) for row in AlarmLevel.objects.all()}


def in_hours(begin: time | None, end: time | None, at: datetime) -> bool:
    """Whether a moment lies in hours of the day, over midnight too; no hours, or none between them, are all day."""
    first, last = begin or time(), end or time()
    if first == last:
        return True
    now = at.astimezone(ZoneInfo(setting("time_zone"))).time()
    return first <= now < last if first < last else now >= first or now < last


def _holds(row: ResponsePlan, case: Case) -> bool:
    return ((not row.place_flag or row.place_flag in case.flags) and case.area.startswith(row.area)
            and in_hours(row.from_time, row.to_time, case.at or timezone.now()))


def _level(row: ResponsePlan) -> int:
    return row.alarm_level or 1


def _closeness(row: ResponsePlan, case: Case) -> tuple[int | bool, ...]:
    """The larger, the closer to the case. Of severities the gravest that is reached; of none the least grave."""
    named = row.severity or 5
    severity = (True, -named) if case.severity <= named else (False, named)
    return _level(row), bool(row.place_flag), len(row.area), row.from_time != row.to_time, *severity

