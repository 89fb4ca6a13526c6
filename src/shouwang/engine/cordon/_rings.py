"""Good rings in a moment: cut, see who comes too late, learn, cut again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from shouwang.engine.cordon._cut import Cut, can_escape, least_cut
from shouwang.engine.cordon._match import cheapest, crowded, match
from shouwang.engine.cordon.chase import Chase, Goal, Reach
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import BoolArray, IntArray

_PRICE = 4
_FRUITLESS_ROUNDS = 120
_DEAREST = 2**22


@dataclass(frozen=True, slots=True)
class Ring:
    """A ring that holds: its junctions, who goes where, and what the vehicle can still reach."""

    node: IntArray
    unit: IntArray
    reach: Reach

    def value(self, goal: Goal) -> tuple[int, int]:
        """What is to be small: units and then the junctions left inside, or the other way round."""
        units, inside = self.node.size, int(self.reach.passed.sum())
        return (units, inside) if goal == "fewest-units" else (inside, units)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a set of junctions is worth: the ring if it holds, else who competes for whom.

    node: the junctions of the set that the vehicle can reach, each with the second at which it does if all the
    others are shut; unit: who would go there, -1 for nobody; ready: how many units can be there by then;
    short: those junctions that compete for the `few` units.
    """

    node: IntArray
    reach: Reach
    unit: IntArray
    ready: IntArray
    short: BoolArray
    few: BoolArray
    ring: Ring | None


@dataclass(frozen=True)
class Hunt:
    """A chase with its goal, and what of it is needed again and again. `only`: nodes that matter, None for all."""

    chase: Chase
    goal: Goal
    only: BoolArray | None = None

    @cached_property
    def counts(self) -> BoolArray:
        """Nodes that matter: for the area every one, else those from which an exit can be reached."""
        every = np.ones(self.chase.node_count, bool) if self.only is None else self.only
        return every if self.goal == "tightest-area" else can_escape(self.chase)

    @cached_property
    def order(self) -> IntArray:
        """Units by arrival at each node (nodes × units)."""
        return np.argsort(self.chase.arrive_s.T, axis=1, kind="stable")

    @cached_property
    def free(self) -> Reach:
        """Where the vehicle gets if nobody stops it."""
        return self.chase.within(np.zeros(0, np.int64))

    @cached_property
    def utmost(self) -> Reach:
        """Where it gets if every unit stood at every junction as soon as it can: no ring holds it closer."""
        return self.chase.reach(self.chase.first_s)

    def inside(self, ring: Ring) -> Hunt:
        """The same hunt on what a ring encloses: small, and whatever holds there holds at large."""
        exits, only = self.chase.exits.copy(), ring.reach.passed.copy()
        exits[ring.node] = only[ring.node] = True
        return Hunt(replace(self.chase, exits=exits), self.goal, only)

    @cached_property
    def sure(self) -> IntArray:
        """How many units are at each node before the vehicle, though nobody delays it."""
        return self.chase.in_time(self.free.at_s)

    @cached_property
    def hoped(self) -> IntArray:
        """How many units are at each node before the vehicle, if it is delayed as much as can be."""
        return self.chase.in_time(self.utmost.at_s)

    @property
    def step(self) -> int:
        """By how much a unit wanted too often becomes dearer: a quarter of a unit, or of a junction inside."""
        return 1 if self.goal == "fewest-units" else self.chase.unit_count + 1

    def try_ring(self, nodes: IntArray) -> Trial:
        """Whether units can hold these nodes: each has to be there before the vehicle, which the others delay."""
        chase = self.chase
        reach = chase.within(nodes)
        nodes = nodes[np.isfinite(reach.at_s[nodes])]
        arrive_s = chase.arrive_s[:, nodes].T
        allowed = arrive_s <= reach.at_s[nodes, None]
        unit, ring = match(allowed), None
        short, few = crowded(allowed, unit)
        if not short.any() and chase.escaped(reach) < 0:
            ring = Ring(nodes, cheapest(arrive_s, allowed), reach)
        return Trial(nodes, reach, unit, allowed.sum(axis=1), short, few, ring)

    def cut_of_any(self) -> Cut:
        """The cut with the fewest junctions, any unit ready wherever some ring leaves one time enough: no ring has
        fewer. There is one unless the vehicle gets out at its utmost.
        """
        cut = least_cut(self.chase, self.counts, np.minimum(self.hoped, 1), 0)
        assert cut is not None
        return cut

    def cut(self, level: IntArray, price: IntArray) -> Cut | None:
        """The cheapest cut if the first `level` units can be had at each node, at these prices per unit."""
        chase = self.chase
        least = np.minimum.accumulate(price[self.order], axis=1)
        column = np.maximum(level - 1, 0)[:, None]
        cost = np.where(level > 0, np.take_along_axis(least, column, axis=1)[:, 0], 0)
        inside_cost = 0 if self.goal == "fewest-units" else _PRICE * (chase.unit_count + 1)
        return least_cut(chase, self.counts, cost, inside_cost)


def search(hunt: Hunt, level: IntArray, bound: float, stop: Stop) -> tuple[Ring | None, IntArray]:
    """The best ring found by cutting again and again, and the set of junctions tried last.

    `level` says how many units are ready in time at each node: by the free vehicle's times each is sure, by the
    utmost times it is a hope. Where a cut asks too much of a junction, its level falls to what was seen; where
    too many want the same units, those become dearer by a quarter; after a ring that holds all become cheaper
    again, and from then on prices move in small steps. Ends at a ring that meets `bound`, when no cut is left, or
    after fruitless rounds.
    """
    level, price, fruitless = level.copy(), np.full(hunt.chase.unit_count, _PRICE), 0
    best, tried = None, np.zeros(0, np.int64)
    while not stop() and fruitless < _FRUITLESS_ROUNDS:
        cut = hunt.cut(level, price)
        if cut is None:
            break
        tried, trial = cut.ring, hunt.try_ring(cut.ring)
        wanting = trial.short & (level[trial.node] > trial.ready)
        level[trial.node[wanting]] = trial.ready[wanting]
        fruitless += not wanting.any()
        if trial.ring is not None:
            if best is None or trial.ring.value(hunt.goal) < best.value(hunt.goal):
                best, fruitless = trial.ring, 0
            if best.value(hunt.goal)[0] <= bound or (price == _PRICE).all():
                break
            price = np.maximum(_PRICE, price - price // 16 - 1)
        elif not wanting.any():
            rise = price[trial.few] // (4 if best is None else 16)
            price[trial.few] = np.minimum(price[trial.few] + np.maximum(hunt.step, rise), _DEAREST)
    return best, tried
