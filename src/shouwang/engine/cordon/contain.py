"""Containment: which units shut which junctions so that the vehicle cannot get out, or why that cannot be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shouwang.engine.cordon._exact import Program
from shouwang.engine.cordon._rings import Hunt, Ring, search
from shouwang.engine.cordon.chase import Chase, Goal, Reach
from shouwang.engine.solve.certificate import Certificate
from shouwang.engine.solve.stop import NoStop, Stop, TimeLimit
from shouwang.engine.terms import FloatArray, IntArray

_FOR_PRICES = 0.75
"""Share of the time of quick rings that goes to tighter ones."""
_FOR_NEEDED = 0.3
"""Share of the time that is kept to say what would be needed."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What would contain the vehicle, each tried and seen to hold; infinity and -1 where nothing was found.

    earlier_s: all units start so much earlier (whole seconds); node: one more unit stands at this junction before
    `before_s`.
    """

    earlier_s: float = np.inf
    node: int = -1
    before_s: float = np.inf


@dataclass(frozen=True, slots=True)
class Containment:
    """Who goes where, and what that is worth. Seconds count from when the vehicle was last seen.

    node, unit, arrive_s, needed_before_s: per junction shut, its unit, the unit's arrival and the second at which
    the vehicle can first be there, the others being shut; inside: junctions that the vehicle can pass;
    escape: if it is not contained, the junctions of a way out that beats the units named, empty otherwise;
    bound: no ring has fewer units (fewest-units) or fewer junctions inside (tightest-area); infinity says that no
    ring is possible, and then, if no unit is named, `escape` beats any.
    """

    goal: Goal
    node: IntArray
    unit: IntArray
    arrive_s: FloatArray
    needed_before_s: FloatArray
    inside: IntArray
    escape: IntArray
    bound: float
    needed: Needed | None = None

    @property
    def contained(self) -> bool:
        return not self.escape.size

    @property
    def certificate(self) -> Certificate | None:
        """Objective, bound, gap, status; None if the vehicle is not contained."""
        if not self.contained:
            return None
        return Certificate(float(self.node.size if self.goal == "fewest-units" else self.inside.size), self.bound)


def contain(chase: Chase, *, goal: Goal = "fewest-units", stop: Stop | None = None) -> Containment:
    """Shut the vehicle in with the fewest units, or so that it can pass the fewest junctions.

    The first ring comes from maximum flow in a moment. Then an integer program raises the bound and betters the
    ring until both meet or time is up. docs/methods/cordon.md has the mathematics.
    """
    stop = stop or NoStop()
    hunt = Hunt(chase, goal)
    if chase.escaped(hunt.utmost) >= 0:
        nobody = np.zeros(0, np.int64)
        return _beaten(chase, goal, nobody, nobody, hunt.utmost, np.inf, stop)
    working = TimeLimit(stop.remaining_s() * (1 - _FOR_NEEDED))
    ring, tried, bound = _quick(hunt, working)
    if ring is None or bound < ring.value(goal)[0]:
        program = Program(hunt)
        ring = program.improve(ring, working if ring is None else stop)
        bound = max(bound, program.bound)
    if ring is not None:
        return _held(chase, goal, ring, bound)
    node, unit = _as_many_as_can(hunt, tried)
    return _beaten(chase, goal, node, unit, chase.against(node, unit), bound, stop)


def _quick(hunt: Hunt, stop: Stop) -> tuple[Ring | None, IntArray, float]:
    """A ring without a proof, or the junctions tried last; and what the largest flow says of any ring."""
    if hunt.goal == "tightest-area":
        ring, tried, _ = _quick(Hunt(hunt.chase, "fewest-units"), stop)
        bound = float(hunt.utmost.passed.sum())
        small = hunt if ring is None else hunt.inside(ring)
        tighter, _ = search(small, small.sure, bound, TimeLimit(stop.remaining_s() * _FOR_PRICES))
        if tighter is not None and (ring is None or tighter.value(hunt.goal) < ring.value(hunt.goal)):
            ring = tighter
        return ring, tried, bound
    cut = hunt.cut_of_any()
    ring, tried = hunt.try_ring(cut.ring).ring, cut.ring
    for level in (hunt.sure, hunt.hoped):
        if ring is None and not stop():
            ring, tried = search(hunt, level, cut.ring.size, stop)
    return ring, tried if tried.size else cut.ring, float(cut.ring.size)


def _as_many_as_can(hunt: Hunt, tried: IntArray) -> tuple[IntArray, IntArray]:
    """Of the junctions tried, those that units can still hold, and the units."""
    trial = hunt.try_ring(tried)
    held = trial.unit >= 0
    return trial.node[held], trial.unit[held]


def _held(chase: Chase, goal: Goal, ring: Ring, bound: float) -> Containment:
    order = np.argsort(ring.reach.at_s[ring.node], kind="stable")
    node, unit = ring.node[order], ring.unit[order]
    inside = np.flatnonzero(ring.reach.passed)
    return Containment(
        goal, node, unit, chase.arrive_s[unit, node], ring.reach.at_s[node], inside, np.zeros(0, np.int64), bound
    )


def _beaten(
    chase: Chase, goal: Goal, node: IntArray, unit: IntArray, reach: Reach, bound: float, stop: Stop
) -> Containment:
    inside, escape = np.flatnonzero(reach.passed), np.array(reach.route(chase.escaped(reach)), np.int64)
    needed = Needed(_earlier_s(chase, stop), *_another(chase, escape, stop))
    return Containment(goal, node, unit, chase.arrive_s[unit, node], reach.at_s[node], inside, escape, bound, needed)


def _holds(chase: Chase, stop: Stop) -> Ring | None:
    """A quick ring, None if none was found."""
    hunt = Hunt(chase, "fewest-units")
    if chase.escaped(hunt.utmost) >= 0:
        return None
    return _quick(hunt, stop)[0]


def _earlier_s(chase: Chase, stop: Stop) -> float:
    """Whole seconds by which the units would have to start earlier, by bisection; infinity if even the moment at
    which the vehicle was seen is too late.
    """
    def earlier(by_s: float) -> Chase:
        return replace(chase, arrive_s=chase.arrive_s - by_s)

    low, high = 0, int(np.floor(chase.delay_s))
    if high < 1 or _holds(earlier(high), TimeLimit(stop.remaining_s() / 4)) is None:
        return np.inf
    while high - low > 1 and not stop():
        middle = (low + high) // 2
        if _holds(earlier(middle), TimeLimit(stop.remaining_s() / 4)) is None:
            low = middle
        else:
            high = middle
    return float(high)


def _another(chase: Chase, escape: IntArray, stop: Stop) -> tuple[int, float]:
    """A junction on the way out, as late on it as can be but not where the vehicle was, at which one more unit would
    contain it, and the second before which that unit has to be there.
    """
    for node in escape[::-1].tolist():
        if stop() or node in chase.seed_node[chase.seed_s <= 0]:
            break
        standing = np.full((1, chase.node_count), np.inf)
        standing[0, node] = 0.0
        ring = _holds(replace(chase, arrive_s=np.vstack([chase.arrive_s, standing])), TimeLimit(stop.remaining_s() / 4))
        if ring is not None and node in ring.node[ring.unit == chase.unit_count]:
            return node, float(ring.reach.at_s[node])
    return -1, np.inf
