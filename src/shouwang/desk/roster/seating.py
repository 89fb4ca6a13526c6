"""Which unit each turn goes out with, and who is a mixed pair: seats of the approved plans, given to the turns of a
shift. Nobody loses a seat that they have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from .models import Turn
from .terms import Crew, Together

WEEKEND = 5


def seat(fresh: Sequence[Turn], kept: Iterable[Turn], crews: Sequence[Crew], together: Sequence[Together]) -> None:
    """Gives each of the fresh turns a unit and, where pairs are asked for, the number of its pair, beside the turns
    that are kept. Who went out with a unit on the day before goes with it again where there is a seat."""
    there: dict[tuple[date, str], list[Turn]] = defaultdict(list)
    last: dict[str, UUID] = {}
    for turn in kept:
        there[turn.day, turn.shift].append(turn)
    for day, shift in sorted({(t.day, t.shift) for t in fresh}):
        new = sorted((t for t in fresh if (t.day, t.shift) == (day, shift)), key=lambda t: str(t.user))
        _units(new, there[day, shift], [c for c in crews if c.shift == shift], last)
        _pairs([*there[day, shift], *new], {id(t) for t in new}, [t for t in together if t.shift == shift and t.kinds])
        last |= {str(t.user): t.unit for t in new if t.unit}


def _units(new: Sequence[Turn], there: Sequence[Turn], crews: Sequence[Crew],
           last: Mapping[str, UUID]) -> None:  # fmt: skip
    seats = Counter({(c.service, UUID(c.unit)): c.people for c in crews})
    seats.subtract((t.service, t.unit) for t in there if t.unit)
    for turn in new:
        again = last.get(str(turn.user))
        if again and seats[turn.service, again] > 0:
            turn.unit = again
            seats[turn.service, again] -= 1
    for turn in new:
        if turn.unit is None:
            turn.unit = next((u for (s, u), n in seats.items() if s == turn.service and n > 0), None)
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
