"""Rosters to be signed and changes of published ones, judged as things are now: with leave entered since, and the turns
around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from shouwang.engine.roster.terms import OFF

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
    number = number_of(roster.given, swap.shift)
    user, other, day = str(swap.user or ""), str(swap.other), (swap.day - roster.first).days
    if number is None or other not in roster.rows or not 0 <= day < roster.days:
        return Changed(roster.rows, ["turn"], [])
    sets, stands = [(other, day, number)], [roster.rows[other][day] == OFF]
    if user:
        stands.append(roster.rows.get(user, [OFF] * roster.days)[day] == number)
        sets.append((user, day, OFF))
    if swap.other_day is not None:
        other_day, theirs = (swap.other_day - roster.first).days, number_of(roster.given, swap.other_shift)
        if theirs is None or not 0 <= other_day < roster.days:
            return Changed(roster.rows, ["turn"], [])
        stands.append(roster.rows[other][other_day] == theirs)
        if other_day == day:
            stands.pop(0)
            sets = [(other, day, number), (user, day, theirs)]
        else:
            stands.append(roster.rows[user][other_day] == OFF)
            sets += [(other, other_day, OFF), (user, other_day, theirs)]
    if not all(stands):
        return Changed(roster.rows, ["turn"], [])
    return _judged(roster, sets)


def _judged(roster: Roster, sets: Sequence[tuple[str, int, int]]) -> Changed:
    made = solving.edited(asking.as_it_is(roster.given), roster.rows, sets)
    touched = [(user, roster.first + timedelta(days=day)) for user, day, _number in sets]
    others = [one.code for one in _beside(roster, roster.rows, made.rows)]
    return Changed(made.rows, list(dict.fromkeys(made.broken + others)), touched)


def faults(roster: Roster) -> list[solving.Fault]:
    """The rules that a roster breaks if it is signed now: with leave entered and turns published since it was made."""
    off = {user: [OFF] * roster.days for user in roster.rows}
    found = solving.faults(asking.as_it_is(roster.given), roster.rows) + _beside(roster, off, roster.rows)
    return list(dict.fromkeys(found))


def _beside(roster: Roster, before: solving.Rows, after: solving.Rows) -> list[solving.Fault]:
    """Rules that other rows break beside the turns of other published rosters: two turns on a day, too short a rest,
    a week without a day of it, too many days in a row, overtime. Hours counted over the whole period are the roster's
    own matter: its period is not this wider one."""
    given, others = asking.beside(roster.given, (roster.id, roster.replaces_id))
    if not others and not given["before"]:
        return []
    twice = [solving.Fault("twice", user, roster.first + timedelta(days=at)) for user, turns in others.items()
             for at in sorted(turns) if at < roster.days and after[user][at] != OFF and before[user][at] == OFF]
    found = solving.new_faults(given, *(_with(rows, others, given["days"]) for rows in (before, after)))
    return twice + [one for one in found if one.code != "hours_total"]


def _with(rows: solving.Rows, others: Mapping[str, Mapping[int, int]], days: int) -> solving.Rows:
    """Rows of so many days with the turns of other rosters where they have none."""
    wide = {user: [*row, *[OFF] * (days - len(row))] for user, row in rows.items()}
    for user, turns in others.items():
        for at, number in turns.items():
            if wide[user][at] == OFF:
                wide[user][at] = number
    return wide


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
