"""The vehicle and the units: when it can be where, and which units are there before it.

A vehicle was last seen at second 0. It drives as it likes, and may wait. A unit that stands at a junction
before, or as, the vehicle first reaches it shuts that junction for good; one that comes later changes nothing,
for the vehicle has passed, and whatever it could do later it can do now. So one search in order of time decides
what an assignment is worth: the junctions that are shut delay the vehicle everywhere else by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.errors import Faults
from shouwang.engine.geo._heap import pop, push
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

Goal = Literal["fewest-units", "tightest-area"]
NEVER_S = np.inf


@dataclass(frozen=True, slots=True)
class Reach:
    """at_s: the second at which the vehicle first reaches each junction, infinity for never; via: the junction
    before it, -1 for none; passed: whether it gets through.
    """

    at_s: FloatArray
    via: IntArray
    passed: BoolArray

    def route(self, node: int) -> list[int]:
        """The junctions on the fastest way to a junction that was reached, that one included."""
        way = [node]
        while self.via[way[-1]] >= 0:
            way.append(int(self.via[way[-1]]))
        return way[::-1]


@dataclass(frozen=True)
class Chase:
    """One vehicle, its exits, and the units that may stop it. Seconds count from when it was last seen.

    start, head, drive_s: the vehicle's streets (CSR over nodes) at its own speed; seed_node, seed_s: the
    junctions that it meets first, and when; exits: per node whether leaving there is an escape;
    arrive_s: units × nodes; delay_s: when the units started.
    """

    start: IntArray
    head: IntArray
    drive_s: FloatArray
    seed_node: IntArray
    seed_s: FloatArray
    exits: BoolArray
    arrive_s: FloatArray
    delay_s: float = 0.0

    @property
    def node_count(self) -> int:
        return int(self.start.size - 1)

    @property
    def unit_count(self) -> int:
        return int(self.arrive_s.shape[0])

    @cached_property
    def in_order_s(self) -> FloatArray:
        """Arrivals at each node in ascending order (nodes × units)."""
        return np.sort(self.arrive_s.T, axis=1)

    @cached_property
    def first_s(self) -> FloatArray:
        """The first arrival at each node."""
        return self.arrive_s.min(axis=0) if self.unit_count else np.full(self.node_count, NEVER_S)

    @cached_property
    def tail(self) -> IntArray:
        return np.repeat(np.arange(self.node_count), np.diff(self.start))

    def reach(self, shut_s: FloatArray) -> Reach:
        """Where the vehicle gets if each junction is shut from a second on (infinity: never)."""
        at_s, via = np.full(self.node_count, NEVER_S), np.full(self.node_count, -1)
        _drive(self.start, self.head, self.drive_s, self.seed_node, self.seed_s, shut_s, at_s, via)
        return Reach(at_s, via, at_s < shut_s)

    @classmethod
    def of_everybody(cls, travel: Travel, inside: IntArray, exits: BoolArray) -> Chase:
        """Whoever drives from some nodes to the exits, with no units named."""
        streets, nobody = travel.streets, np.zeros((0, travel.streets.node_count))
        return cls(streets.out_start, streets.head, travel.time_s, inside, np.zeros(inside.size), exits, nobody)

    def against(self, nodes: IntArray, units: IntArray) -> Reach:
        """Where the vehicle gets if these units go to these nodes."""
        shut_s = np.full(self.node_count, NEVER_S)
        shut_s[nodes] = self.arrive_s[units, nodes]
        return self.reach(shut_s)

    def within(self, ring: IntArray) -> Reach:
        """Where the vehicle gets if these nodes were shut from the start: it meets no junction later than that
        with any assignment to them.
        """
        shut_s = np.full(self.node_count, NEVER_S)
        shut_s[ring] = -NEVER_S
        return self.reach(shut_s)

    def in_time(self, at_s: FloatArray) -> IntArray:
        """How many units are at each node by these seconds."""
        in_order_s = self.in_order_s
        return np.asarray(((in_order_s <= at_s[:, None]) & np.isfinite(in_order_s)).sum(axis=1))

    def escaped(self, reach: Reach) -> int:
        """The exit that the vehicle gets out by first, -1 if it is contained."""
        out = np.flatnonzero(self.exits & reach.passed)
        return int(out[reach.at_s[out].argmin()]) if out.size else -1


def chase(
    travel: Travel,
    units: Spots,
    exits: BoolArray,
    last_seen: Spots,
    *,
    delay_s: float,
    speed_factor: float = 1.0,
    turnout_s: FloatArray | None = None,
    vehicle: Travel | None = None,
) -> Chase:
    """A chase on some streets: the vehicle drives at `speed_factor` times their speed, from `last_seen` (one spot)
    at second 0; every unit starts at `delay_s`, or its own `turnout_s` later. Closures in `travel` hold for both,
    unless `vehicle` gives the same streets as they are open to the vehicle.

    Raises `BadInput` for a delay that is not a finite number ≥ 0 or a factor that is not a finite number > 0.
    """
    faults = Faults()
    if not (np.isfinite(delay_s) and delay_s >= 0):
        faults.add("delay_s", "the delay is a finite number of seconds, 0 or more", delay_s, "Correct it.")
    if not (np.isfinite(speed_factor) and speed_factor > 0):
        faults.add("speed_factor", "the factor is a finite number above 0", speed_factor, "Correct it.")
    if len(last_seen) != 1:
        faults.add("last_seen", "the vehicle was last seen at exactly one place", len(last_seen), "Give one place.")
    faults.raise_if_any()
    streets, drive_s = travel.streets, (vehicle or travel).time_s / speed_factor
    arrive_s = np.empty((len(units), streets.node_count))
    for i in range(len(units)):
        arrive_s[i] = delay_s + travel.from_one(units[[i]])
    if turnout_s is not None:
        arrive_s += turnout_s[:, None]
    # A closure bars no vehicle that is already on the street: it leaves at the street's own pace.
    leave_s = np.where(np.isfinite(drive_s), drive_s, streets.time_s / speed_factor)
    seed_node, seed_s = _first_junctions(travel, last_seen, leave_s)
    return Chase(streets.out_start, streets.head, drive_s, seed_node, seed_s, exits, arrive_s, delay_s)


def beyond(streets: Streets, last_seen: Spots, radius_m: float) -> BoolArray:
    """The nodes farther than a radius, as the crow flies, from a spot: exits, if that far is as good as away.

    Raises `BadInput` for a radius that is not a finite number > 0, or beyond which no node lies.
    """
    faults = Faults()
    if not (np.isfinite(radius_m) and radius_m > 0):
        faults.add("radius_m", "the radius is a finite number of metres above 0", radius_m, "Correct it.")
    faults.raise_if_any()
    x_m, y_m = _where(streets, last_seen)
    found: BoolArray = np.hypot(streets.x_m - x_m, streets.y_m - y_m) > radius_m
    if not found.any():
        faults.add("radius_m", "no junction lies beyond the radius", radius_m, "Make it smaller, or name exits.")
    faults.raise_if_any()
    return found


def junctions(streets: Streets, spots: Spots) -> IntArray:
    """The junction of each spot: the node itself, or the nearer end of its street."""
    on = np.maximum(spots.edge, 0)
    nearer = np.where(spots.fraction <= 0.5, streets.tail[on], streets.head[on])
    return np.asarray(np.where(spots.node >= 0, spots.node, nearer), np.int64)


def _where(streets: Streets, spot: Spots) -> tuple[float, float]:
    if spot.node[0] >= 0:
        return float(streets.x_m[spot.node[0]]), float(streets.y_m[spot.node[0]])
    edge, behind = int(spot.edge[0]), float(spot.fraction[0])
    u, v = streets.tail[edge], streets.head[edge]
    x_m, y_m = (float(at[u] + behind * (at[v] - at[u])) for at in (streets.x_m, streets.y_m))
    return x_m, y_m


def _first_junctions(travel: Travel, spot: Spots, leave_s: FloatArray) -> tuple[IntArray, FloatArray]:
    """The junctions that a vehicle at a spot meets first: the node itself, or the ends of its street."""
    if spot.node[0] >= 0:
        return spot.node.astype(np.int64), np.zeros(1)
    streets, edge, behind = travel.streets, int(spot.edge[0]), float(spot.fraction[0])
    back = int(streets.opposite[edge])
    ways = [(int(streets.head[edge]), (1 - behind) * leave_s[edge])]
    if back >= 0:
        ways.append((int(streets.tail[edge]), behind * leave_s[back]))
    node, at_s = zip(*ways, strict=True)
    return np.array(node, np.int64), np.array(at_s, float)


@compiled
def _drive(
    start: IntArray,
    head: IntArray,
    drive_s: FloatArray,
    seed_node: IntArray,
    seed_s: FloatArray,
    shut_s: FloatArray,
    at_s: FloatArray,
    via: IntArray,
) -> None:
    """Dijkstra's method that goes on only from junctions met before they are shut."""
    room = head.size + seed_node.size
    key, item = np.empty(room), np.empty(room, np.int64)
    size = 0
    for i in range(seed_node.size):
        if seed_s[i] < at_s[seed_node[i]]:
            at_s[seed_node[i]] = seed_s[i]
            size = push(key, item, size, seed_s[i], seed_node[i])
    while size > 0:
        now_s, node = key[0], item[0]
        size = pop(key, item, size)
        if now_s > at_s[node] or now_s >= shut_s[node]:
            continue
        for slot in range(start[node], start[node + 1]):
            end, end_s = head[slot], now_s + drive_s[slot]
            if end_s < at_s[end]:
                at_s[end] = end_s
                via[end] = node
                size = push(key, item, size, end_s, end)
