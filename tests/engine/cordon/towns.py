"""Small towns with whole-numbered times, and a vehicle that tries everything."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import product

import numpy as np
from hypothesis import strategies as st

from shouwang.engine.cordon.chase import Chase, chase
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel

HORIZON_S = 60


@dataclass(frozen=True)
class Town:
    """Nodes are numbered as the engine indexes them; roads: (from, to, seconds)."""

    streets: Streets
    roads: list[tuple[int, int, int]]
    units: list[int]
    exits: list[int]
    seen: int
    delay_s: int

    @property
    def size(self) -> int:
        return self.streets.node_count

    def chase(self, delay_s: float | None = None) -> Chase:
        mask = np.isin(np.arange(self.size), self.exits)
        delay_s = self.delay_s if delay_s is None else delay_s
        units, seen = Spots.at_nodes(self.units), Spots.at_nodes([self.seen])
        return chase(Travel(self.streets), units, mask, seen, delay_s=delay_s)

    def arrivals(self) -> list[list[float]]:
        """Delay and travel of each unit to each node, by relaxing every road until nothing changes."""
        table = []
        for home in self.units:
            at = [np.inf] * self.size
            at[home] = float(self.delay_s)
            for _ in range(self.size):
                for u, v, seconds in self.roads:
                    at[v] = min(at[v], at[u] + seconds)
            table.append(at)
        return table


def drive(town: Town, shut_s: list[float]) -> set[int]:
    """The nodes that a vehicle can pass if each is shut from a second on.

    It goes second by second, by every road and with any waiting: it stands at a node as long as nobody is there.
    """
    seen, found = set(), set()
    todo = deque([(town.seen, 0)])
    leaving: dict[int, list[tuple[int, int]]] = {}
    for u, v, seconds in town.roads:
        leaving.setdefault(u, []).append((v, seconds))
    while todo:
        node, now_s = todo.popleft()
        if (node, now_s) in seen or now_s >= min(shut_s[node], HORIZON_S):
            continue
        seen.add((node, now_s))
        found.add(node)
        todo.append((node, now_s + 1))
        todo.extend((end, now_s + seconds) for end, seconds in leaving.get(node, []))
    return found


def shut_by(town: Town, nodes: list[int], arrive_s: list[float]) -> list[float]:
    shut_s = [np.inf] * town.size
    for node, at_s in zip(nodes, arrive_s, strict=True):
        shut_s[node] = min(shut_s[node], at_s)
    return shut_s


def best_rings(town: Town) -> tuple[float, float]:
    """The fewest units, and the fewest junctions passed, of all assignments that contain the vehicle."""
    arrivals = town.arrivals()
    units = inside = np.inf
    for places in product(range(-1, town.size), repeat=len(town.units)):
        shut_s = [np.inf] * town.size
        for unit, place in enumerate(places):
            if place >= 0:
                shut_s[place] = min(shut_s[place], arrivals[unit][place])
        passed = drive(town, shut_s)
        if not passed & set(town.exits):
            units = min(units, sum(place >= 0 for place in places))
            inside = min(inside, len(passed))
    return units, inside


@st.composite
def towns(draw: st.DrawFn, most_units: int = 3) -> Town:
    rng = np.random.default_rng(draw(st.integers(0, 1_000_000)))
    size = draw(st.integers(3, 7))
    roads = {}
    for u in range(1, size):  # a tree, so that most places hang together
        roads[int(rng.integers(u)), u] = int(rng.integers(1, 5))
    for _ in range(draw(st.integers(0, 6))):
        u, v = rng.choice(size, 2, replace=False).tolist()
        roads[u, v] = int(rng.integers(1, 5))
    both = rng.random() < 0.8
    ways = [(u, v, s) for (u, v), s in roads.items()] + [(v, u, s) for (u, v), s in roads.items() if both]
    streets = Streets.build(
        node_id=np.arange(size), x_m=rng.random(size) * 100, y_m=rng.random(size) * 100,
        u=[w[0] for w in ways], v=[w[1] for w in ways], length_m=[w[2] * 10 for w in ways], time_s=[w[2] for w in ways],
    )  # fmt: skip
    index = streets.index_of(np.arange(size)).tolist()
    roads_by_index = [(index[u], index[v], s) for u, v, s in ways]
    exits = rng.choice(size, int(rng.integers(1, 3)), replace=False).tolist()
    units = rng.integers(0, size, draw(st.integers(1, most_units))).tolist()
    return Town(streets, roads_by_index, units, exits, int(rng.integers(size)), draw(st.integers(0, 4)))
