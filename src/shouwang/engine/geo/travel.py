"""Travel by road: who is nearest, how long from here to there, and by which streets.

Every question goes to the one kernel of `_search`. Unreachable is infinity. A `Travel` may be used by
several threads at once; the kernel runs without the interpreter's lock.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo import _search
from shouwang.engine.geo._search import Places, Workspace
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.terms import AnyArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Route:
    """One way by road. `nodes` are indices in driving order; `streets` the names met, repeats joined."""

    seconds: float
    length_m: float
    nodes: IntArray
    edges: IntArray
    streets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest sources of a place in order of arrival: number of the source, its seconds and the way's
    metres.
    """

    source: IntArray
    seconds: FloatArray
    length_m: FloatArray


@dataclass(frozen=True, slots=True)
class TwoNearest:
    """Per node the two nearest owners and their seconds (nodes × 2); -1 and infinity where none is near
    enough.
    """

    owner: IntArray
    seconds: FloatArray


class _Workspaces(threading.local):
    """One workspace per thread, replaced by a larger one when a question needs it."""

    kept: Workspace | None = None
    targets: int = 0


class Travel:
    """Answers questions of travel on some streets under some edge times.

    `time_s` (one value ≥ 0 per edge, infinity where closed) replaces the streets' own times; nothing is
    prepared, so a `Travel` for a new closure costs one copy of the array.
    """

    def __init__(self, streets: Streets, time_s: ArrayLike | None = None) -> None:
        self.streets = streets
        self._ends = _search.Ends(streets.tail, streets.head, streets.opposite)
        self._spaces = _Workspaces()
        self._set_times(_edge_times(streets, time_s))

    def _set_times(self, time_s: FloatArray) -> None:
        streets = self.streets
        self.time_s = time_s
        edges = np.arange(streets.edge_count, dtype=np.int32)
        arriving = streets.in_edge
        self._out = _search.Graph(streets.out_start, streets.head.astype(np.int32), edges, time_s)
        self._in = _search.Graph(
            streets.in_start, streets.tail[arriving].astype(np.int32), arriving.astype(np.int32), time_s[arriving]
        )

    def under(self, time_s: ArrayLike) -> Travel:
        """The same streets under other edge times: closures (infinity) and slow-downs."""
        other = object.__new__(Travel)
        other.__dict__.update(self.__dict__)
        other._set_times(_edge_times(self.streets, time_s))
        return other

    def k_nearest(
        self,
        place: Spots,
        sources: Spots,
        k: int,
        *,
        delay_s: FloatArray | None = None,
        limit_s: float = np.inf,
    ) -> Nearest:
        """The k sources (units) that reach one place soonest, `delay_s` per source counted in.

        The search runs backwards from the place and stops when k are settled. Fewer than k come back if no
        more can reach it within `limit_s`.
        """
        if k <= 0 or not len(sources):
            return Nearest(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
        origin, target = _places(place), _places(sources, delay_s)
        ws, found, count = self._search(origin, target, k, limit_s, reverse=True)
        nodes, lengths_m = self.streets.node_count, np.empty(count)
        _search.lengths(nodes, self._ends, self.time_s, self.streets.length_m, origin, target, found, ws, lengths_m)
        return Nearest(found[:count], ws.reached_s[nodes + found[:count]], lengths_m)

    def from_one(self, origin: Spots, *, limit_s: float = np.inf, reverse: bool = False) -> FloatArray:
        """Seconds from one place to every node (to the place from every node with `reverse`), infinity
        beyond.
        """
        nodes = self.streets.node_count
        ws, _, _ = self._search(_places(origin), _places(Spots.at_nodes([])), 1, limit_s, reverse)
        reached = (ws.mark[:nodes] == ws.counter[0]) & (ws.reached_s[:nodes] <= limit_s)
        return np.where(reached, ws.reached_s[:nodes], np.inf)

    def matrix(self, origins: Spots, targets: Spots, *, limit_s: float = np.inf) -> FloatArray:
        """Seconds from every origin to every target (origins × targets), infinity where no road leads."""
        result = np.full((len(origins), len(targets)), np.inf)
        # The search runs from the smaller side: each run costs the same, whatever hangs on it.
        reverse = len(targets) < len(origins)
        few, many = (targets, origins) if reverse else (origins, targets)
        all_many = _places(many)
        for i in range(len(few)):
            ws, found, count = self._search(_places(few[[i]]), all_many, len(many), limit_s, reverse)
            seconds = ws.reached_s[self.streets.node_count + found[:count]]
            if reverse:
                result[found[:count], i] = seconds
            else:
                result[i, found[:count]] = seconds
        return result

    def route(self, origin: Spots, target: Spots) -> Route | None:
        """The fastest way from one place to another, or None if no road leads there."""
        place, goal = _places(origin), _places(target)
        ws, _, count = self._search(place, goal, 1, np.inf, reverse=False)
        if not count:
            return None
        length_m, edges, nodes = self._way(ws, place, goal)
        seconds = float(ws.reached_s[self.streets.node_count])
        return Route(seconds, length_m, nodes, edges, self.street_names(edges))

    def two_nearest(self, sources: Spots, *, delay_s: FloatArray | None = None, limit_s: float = np.inf) -> TwoNearest:
        """The two sources that reach each node soonest within `limit_s`, in one search from all of them."""
        nodes = self.streets.node_count
        delays = np.zeros(len(sources)) if delay_s is None else delay_s
        seeds = [(j, node, s + delays[j]) for j, spot in enumerate(zip(*_columns(sources), strict=True))
                 for node, s in self._ways_out(*spot)]  # fmt: skip
        owner, node, seconds = (
            (np.array(column) for column in zip(*seeds, strict=True)) if seeds else (np.zeros(0),) * 3
        )
        label_s, label_owner = np.full((nodes, 2), np.inf), np.full((nodes, 2), -1, dtype=np.int64)
        heap = 2 * self.streets.edge_count + len(seeds) + 1
        ranks, keys, items = np.zeros(nodes, np.int64), np.empty(heap), np.empty(heap, np.int64)
        seed_node, seed_s, seed_owner = node.astype(np.int64), seconds.astype(float), owner.astype(np.int64)
        seeds_of = (seed_node, seed_s, seed_owner)
        _search.two_nearest(self._out, *seeds_of, limit_s, ranks, label_s, label_owner, keys, items)
        return TwoNearest(label_owner, label_s)

    def street_names(self, edges: IntArray) -> tuple[str, ...]:
        """Names of the streets along some edges, each once per stretch; edges without a name are passed
        over.
        """
        if self.streets.name is None:
            return ()
        names: list[str] = []
        for name in self.streets.name[edges]:
            if name and (not names or names[-1] != name):
                names.append(str(name))
        return tuple(names)

    def _ways_out(self, node: int, edge: int, fraction: float) -> list[tuple[int, float]]:
        if node >= 0:
            return [(node, 0.0)]
        near, near_s, _, far, far_s, _ = _search.gates(edge, fraction, True, self._ends, self.time_s)
        return [(near, near_s), (far, far_s)]

    def _search(
        self, origin: Places, target: Places, wanted: int, limit_s: float, reverse: bool
    ) -> tuple[Workspace, IntArray, int]:
        spaces, streets, targets, origins = self._spaces, self.streets, target.node.size, origin.node.size
        heap = _search.heap_room(streets.edge_count, targets, origins)
        if spaces.kept is None or spaces.targets < targets or spaces.kept.key.size < heap:
            spaces.targets = max(64, 2 * targets)
            spaces.kept = _search.workspace(streets.node_count, streets.edge_count, spaces.targets, origins)
        found = np.empty(target.node.size, np.int64)
        graph = self._in if reverse else self._out
        count = _search.search(
            graph, self._ends, reverse, self.time_s, origin, target, wanted, limit_s, spaces.kept, found
        )
        return spaces.kept, found, int(count)

    def _way(self, ws: Workspace, origin: Places, goal: Places) -> tuple[float, IntArray, IntArray]:
        """Metres, edges and nodes of the way that a forward search found to its only target."""
        length_m, ends = self.streets.length_m, self._ends
        count, last, first = _search.trace(self.streets.node_count, ends, False, 0, ws, ws.scratch)
        if last == _search.NONE:
            ahead = float(goal.fraction[0] - origin.fraction[0])
            edge = int(origin.edge[0] if ahead >= 0 else ends.opposite[origin.edge[0]])
            return abs(ahead) * float(length_m[edge]), np.array([edge]), np.zeros(0, np.int64)
        way = ws.scratch[:count][::-1].astype(np.int64)
        before_m, before = _search.stub(origin, 0, first, True, ends, self.time_s, length_m)
        after_m, after = _search.stub(goal, 0, last, False, ends, self.time_s, length_m)
        edges = np.array([e for e in (before, *way, after) if e != _search.NONE], np.int64)
        nodes = np.concatenate([[first], self.streets.head[way]]).astype(np.int64)
        return before_m + float(length_m[way].sum()) + after_m, edges, nodes


def _columns(spots: Spots) -> tuple[list[Any], list[Any], list[Any]]:
    return spots.node.tolist(), spots.edge.tolist(), spots.fraction.tolist()


def _places(spots: Spots, delay_s: AnyArray | None = None) -> Places:
    delays = np.zeros(len(spots)) if delay_s is None else np.ascontiguousarray(delay_s, float)
    return Places(spots.node, spots.edge, spots.fraction, delays)


def _edge_times(streets: Streets, time_s: ArrayLike | None) -> FloatArray:
    if time_s is None:
        return streets.time_s
    times = np.ascontiguousarray(time_s, dtype=float)
    if times.shape != (streets.edge_count,):
        found = str(times.shape)
        raise BadInput([Fault("time_s", "there has to be one travel time per edge", found, "Use the edges' order.")])
    if not (times >= 0).all():
        worst = int(np.flatnonzero(~(times >= 0))[0])
        raise BadInput(
            [
                Fault(
                    f"time_s, edge {worst}",
                    "a travel time is 0 or more",
                    times[worst],
                    "Close an edge by infinity.",
                )
            ]
        )
    return times
