"""Changes of a published roster, judged as things are now: with leave entered since, and the turns around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shouwang.desk.workflow.settings import get as setting

from .. import facts
from ..models import Roster, Swap
from . import asking, solving


@dataclass(frozen=True)
class Changed:
    """A roster's rows after a change. `broken`: codes of rules it breaks; `touched`: members and days that change."""

    rows: solving.Rows
    broken: list[str]
    touched: list[tuple[str, date]]


def number_of(given: Mapping[str, Any], shift: str) -> int | None:
    return next((n for n, duty in enumerate(given["duties"]) if duty["id"] == shift), None)


def swapped(roster: Roster, swap: Swap) -> Changed:
    """What a swap with both sides named makes of its roster. A turn that is no longer as it was asked for is told as
    the broken rule `turn`."""
    number, off = number_of(roster.given, swap.shift), -1
    user, other, day = str(swap.user or ""), str(swap.other), (swap.day - roster.first).days
    if number is None or other not in roster.rows or not 0 <= day < roster.days:
        return Changed(roster.rows, ["turn"], [])
    sets, stands = [(other, day, number)], [roster.rows[other][day] == off]
    if user:
        stands.append(roster.rows.get(user, [off] * roster.days)[day] == number)
        sets.append((user, day, off))
    if swap.other_day is not None:
        other_day, theirs = (swap.other_day - roster.first).days, number_of(roster.given, swap.other_shift)
        if theirs is None or not 0 <= other_day < roster.days:
            return Changed(roster.rows, ["turn"], [])
        stands.append(roster.rows[other][other_day] == theirs)
        if other_day == day:
            stands.pop(0)
            sets = [(other, day, number), (user, day, theirs)]
        else:
            stands.append(roster.rows[user][other_day] == off)
            sets += [(other, other_day, off), (user, other_day, theirs)]
    if not all(stands):
        return Changed(roster.rows, ["turn"], [])
    return _judged(roster, sets)


def _judged(roster: Roster, sets: Sequence[tuple[str, int, int]]) -> Changed:
    made = solving.edited(asking.as_it_is(roster.given), roster.rows, sets)
    touched = [(user, roster.first + timedelta(days=day)) for user, day, _number in sets]
    return Changed(made.rows, made.broken + _others(roster, sets), touched)


def _others(roster: Roster, sets: Sequence[tuple[str, int, int]]) -> list[str]:
    """Rules broken beside other published rosters: two turns on a day, and too short a rest before one that follows."""
    gains = [(user, roster.first + timedelta(days=day), number) for user, day, number in sets if number >= 0]
    if not gains:
        return []
    days = [day for _user, day, _number in gains]
    around = facts.turns({user for user, _day, _number in gains}, since=min(days), before=max(days) + timedelta(days=2))
    rest = timedelta(hours=float(roster.given["law"].get("rest_h", 11)))
    broken = []
    for user, day, number in gains:
        duty, zone = roster.given["duties"][number], ZoneInfo(setting("time_zone"))
        end = asking.starts_at(day, duty["start"], zone) + timedelta(hours=duty["hours"])
        for turn in around:
            if turn.user == user and turn.roster != roster.id:
                if turn.day == day:
                    broken.append("twice")
                elif turn.day == day + timedelta(days=1) and turn.start - end < rest:
                    broken.append("rest_between")
    return broken


def options(roster: Roster, user: str, day: date, today: date) -> solving.Options:
    """What a member can do with their turn of a day."""
    since = max(0, (today - roster.first).days)
    return solving.options(asking.as_it_is(roster.given), roster.rows, user, (day - roster.first).days, since)


def may_take(roster: Roster, day: date, shift: str, service: str) -> list[str]:
    """Who could take an open shift."""
    number = number_of(roster.given, shift)
    if number is None:
        return []
    return solving.may_take(asking.as_it_is(roster.given), roster.rows, (day - roster.first).days, number, service)
