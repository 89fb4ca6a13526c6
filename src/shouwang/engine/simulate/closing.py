"""Streets closed for some hours of the day, and the states of the roads that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shouwang.engine.geo.closures import Closure, times_under
from shouwang.engine.geo.streets import Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import IntArray

DAY_H = 24
InForce = tuple[int, ...]
"""Which of a plan's closings are in force, by number."""


@dataclass(frozen=True, slots=True, eq=False)
class Closing:
    """Edges shut, or slower by `factor`, each day from hour `from_h` up to `until_h`; an end before the start is on the
    next day. `both_ways`: so are those that run the other way."""

    edges: IntArray
    from_h: int = 0
    until_h: int = DAY_H
    factor: float = np.inf
    both_ways: bool = True

    def holds(self, hour: int) -> bool:
        """Whether it is in force in an hour of the day."""
        if self.from_h < self.until_h:
            return self.from_h <= hour < self.until_h
        return hour >= self.from_h or hour < self.until_h


def states(plans: Sequence[Sequence[Closing]]) -> tuple[IntArray, list[tuple[InForce, ...]]]:
    """The states of the roads over a day: of each hour its number, and of each state what is in force in every plan.

    Plans that are compared share the states, because they share the calls (`draws.ByHour`).
    """
    each = [tuple(tuple(n for n, c in enumerate(own) if c.holds(hour)) for own in plans) for hour in range(DAY_H)]
    different = sorted(set(each))
    return np.array([different.index(one) for one in each]), different


def travels(open_roads: Travel, closings: Sequence[Closing], in_force: Sequence[InForce]) -> list[Travel]:
    """One plan's roads in each state, for `Roads.measure`."""
    streets, found = open_roads.streets, []
    for numbers in in_force:
        closures = [Closure(_directed(streets, closings[n]), closings[n].factor) for n in numbers]
        found.append(open_roads.under(times_under(streets, closures)) if closures else open_roads)
    return found


def _directed(streets: Streets, closing: Closing) -> IntArray:
    back = streets.opposite[closing.edges] if closing.both_ways else closing.edges
    return np.union1d(closing.edges, back[back >= 0])
