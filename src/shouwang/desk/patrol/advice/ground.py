"""The street network as this room sees it: travel on it, and where posts may stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from shouwang.engine.geo.closures import Passable
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import FloatArray, IntArray

from .posts import times
from .worth import Demand

SITE_EVERY_M = 700.0


@dataclass(frozen=True, eq=False)
class Ground:
    """The network in use under some closures, with what is worked out once for it."""

    roads: Passable
    _site_times: tuple[IntArray, IntArray, FloatArray] | None = field(default=None, init=False)

    @property
    def streets(self) -> Streets:
        return self.roads.streets

    @property
    def travel(self) -> Travel:
        return self.roads.travel

    def nodes(self, lon: Any, lat: Any) -> IntArray:
        """The nearest street node of each point."""
        if not len(lon):
            return np.zeros(0, np.int64)
        return self._let_in(self.streets.nearest_node(lon, lat)[0])

    def served(self, demand: Demand) -> Demand:
        """The calls of a shut stretch counted at the junction from which they are reached."""
        return Demand.at(self._let_in(demand.node), demand.weight) if self.roads.closures else demand

    def _let_in(self, nodes: IntArray) -> IntArray:
        return self.roads.place(Spots.at_nodes(nodes))[0].node

    def place(self, node: int) -> tuple[float, float]:
        lon, lat = self.streets.coordinates([node])
        return round(float(lon[0]), 6), round(float(lat[0]), 6)

    @cached_property
    def sites(self) -> IntArray:
        """Nodes where a post may stand: in each square of 700 m the crossing at which most streets meet."""
        streets = self.streets
        main = np.flatnonzero(streets.main_part)
        leave = streets.tail
        if streets.name is not None:  # a street with a name counts twice: people are told to go there
            leave = np.concatenate([leave, leave[[bool(name) for name in streets.name]]])
        meet = np.bincount(leave, minlength=streets.node_count)
        x, y = (np.floor(v[main] / SITE_EVERY_M).astype(np.int64) for v in (streets.x_m, streets.y_m))
        order = np.lexsort((main, -meet[main], y, x))
        first = np.ones(len(order), bool)
        first[1:] = (np.diff(x[order]) != 0) | (np.diff(y[order]) != 0)
        chosen: IntArray = np.sort(main[order[first]])
        return chosen

    def site_times(self, sites: IntArray, demand: Demand) -> FloatArray:
        """Seconds from each site to each place of demand. The last answer is kept: shifts share sites and places."""
        kept = self._site_times
        if kept is None or not (np.array_equal(kept[0], sites) and np.array_equal(kept[1], demand.node)):
            kept = (sites, demand.node, times(self.travel, sites, demand))
            object.__setattr__(self, "_site_times", kept)
        return kept[2]


@lru_cache(maxsize=4)
def ground_of(roads: Passable) -> Ground:
    """What has been worked out for a network under its closures, kept for the shifts that share them."""
    return Ground(roads)
