"""Which unit each turn goes out with, and who is a mixed pair: seats of the approved plans, given to the turns of a
shift. Nobody loses a seat that they have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from .models import Turn
from .terms import Crew, Question, Together

WEEKEND = 5


def seat(fresh: Sequence[Turn], kept: Iterable[Turn], asked: Question, starts: Collection[str]) -> None:
    """Gives each of the fresh turns a unit and, where pairs are asked for, the number of its pair, beside the turns
    that are kept. Who went out with a unit on the day before goes with it again where there is a seat. A turn that
    begins between the shifts (whose `starts` are given) goes with a unit of the shift under way."""
    there: dict[tuple[date, str], list[Turn]] = defaultdict(list)
    last: dict[str, UUID] = {}
    for turn in kept:
        there[_watch(turn.day, turn.shift, starts)].append(turn)
    for day, shift in sorted({(t.day, t.shift) for t in fresh}):
        new = sorted((t for t in fresh if (t.day, t.shift) == (day, shift)), key=lambda t: str(t.user))
        watch = _watch(day, shift, starts)
        crews = [c for c in asked.crews if c.shift == watch[1]]
        beside = [t for t in there[watch] if t.shift == shift]
        _units(new, there[watch], crews, last, beyond=shift not in starts)
        _pairs([*beside, *new], {id(t) for t in new}, [t for t in asked.together if t.shift == shift and t.kinds])
        there[watch] += new
        last |= {str(t.user): t.unit for t in new if t.unit}


def _watch(day: date, shift: str, starts: Collection[str]) -> tuple[date, str]:
    """The day and start of the shift under way at a start of a day: before the first of a day it is the last of the day
    before."""
    begun = [start for start in starts if start <= shift]
    return (day, max(begun)) if begun else (day - timedelta(days=1), max(starts, default=shift))


def _units(new: Sequence[Turn], there: Sequence[Turn], crews: Sequence[Crew], last: Mapping[str, UUID], *,
           beyond: bool) -> None:  # fmt: skip
    """`beyond`: whoever finds every seat taken goes with the unit that has fewest beyond its crew."""
    seats = Counter({(c.service, UUID(c.unit)): c.people for c in crews})
    seats.subtract((t.service, t.unit) for t in there if t.unit)
    for turn in new:
        again = last.get(str(turn.user))
        if again and seats[turn.service, again] > 0:
            turn.unit = again
            seats[turn.service, again] -= 1
    for turn in new:
        if turn.unit is None:
            free = [(n, unit) for (service, unit), n in seats.items() if service == turn.service]
            turn.unit = next((unit for n, unit in free if n > 0), None)
            if turn.unit is None and beyond and free:
                turn.unit = max(free, key=lambda one: one[0])[1]
            if turn.unit:
                seats[turn.service, turn.unit] -= 1


def _pairs(turns: Sequence[Turn], fresh: set[int], asked: Sequence[Together]) -> None:
    """Numbers the mixed pairs of a shift; who has no unit of their own goes with the other's."""
    number = 0
    for one in asked:
        sides = [side.split("|") for side in one.kinds]
        for _n in range(one.weekends if turns and turns[0].day.weekday() >= WEEKEND else one.weekdays):
            number += 1
            pair = [t for t in turns if t.pair == number]
            for side in sides:
                if not any(t.service in side for t in pair):
                    free = (t for t in turns if id(t) in fresh and t.pair is None and t.service in side)
                    if (found := next(free, None)) is not None:
                        found.pair = number
                        pair.append(found)
            unit = next((t.unit for t in pair if t.unit), None)
            for turn in pair:
                turn.unit = turn.unit or unit
