"""Streets closed for some hours of the day, and the states of the roads that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from shouwang.engine.geo.streets import Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import IntArray

DAY_H = 24
InForce = tuple[int, ...]
"""Which of a plan's closings are in force, by number."""


@dataclass(frozen=True, slots=True, eq=False)
class Closing:
    """Edges shut both ways each day from hour `from_h` up to `until_h`; an end before the start is on the next day."""

    edges: IntArray
    from_h: int = 0
    until_h: int = DAY_H

    def holds(self, hour: int) -> bool:
        """Whether it is in force in an hour of the day."""
        if self.from_h < self.until_h:
            return self.from_h <= hour < self.until_h
        return hour >= self.from_h or hour < self.until_h


def touched(streets: Streets, shape: shapely.Geometry) -> IntArray:
    """The edges whose course touches a shape in the file's coordinates."""
    tree = shapely.STRtree(streets.lines(np.arange(streets.edge_count)))
    found: IntArray = np.sort(tree.query(shape, predicate="intersects"))
    return found


def named(streets: Streets, name: str) -> IntArray:
    """The edges of a street; none if no street has the name."""
    if streets.name is None:
        return np.zeros(0, np.int64)
    found: IntArray = np.flatnonzero(np.asarray(streets.name, object) == name)
    return found


def states(plans: Sequence[Sequence[Closing]]) -> tuple[IntArray, list[tuple[InForce, ...]]]:
    """The states of the roads over a day: of each hour its number, and of each state what is in force in every plan.

    Plans that are compared share the states, because they share the calls (`draws.ByHour`).
    """
    each = [tuple(tuple(n for n, c in enumerate(own) if c.holds(hour)) for own in plans) for hour in range(DAY_H)]
    different = sorted(set(each))
    return np.array([different.index(one) for one in each]), different


def travels(open_roads: Travel, closings: Sequence[Closing], in_force: Sequence[InForce]) -> list[Travel]:
    """One plan's roads in each state, for `Roads.measure`."""
    found = []
    for numbers in in_force:
        shut = np.concatenate([closings[n].edges for n in numbers]) if numbers else np.zeros(0, np.int64)
        found.append(open_roads.under(open_roads.streets.closing(shut)) if shut.size else open_roads)
    return found
