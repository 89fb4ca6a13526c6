"""Travel by road: who is nearest, how long from here to there, and by which streets.

Every question goes to the one kernel of `_search`. Unreachable is infinity. A `Travel` may be used by
several threads at once; the kernel runs without the interpreter's lock.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

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
        self._spaces = _Workspaces()
        self._set_times(_edge_times(streets, time_s))

    def _set_times(self, time_s: FloatArray) -> None:
        streets, self.time_s = self.streets, time_s
        self._edges = _search.Edges(streets.tail, streets.head, streets.opposite, time_s, streets.length_m)
        leaving = np.arange(streets.edge_count)
        self._out = _graph(streets.out_start, streets.head, leaving, self._edges)
        self._in = _graph(streets.in_start, streets.tail, streets.in_edge, self._edges)

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
        origin, target = self._places(place), self._places(sources, delay_s)
        ws, found, count = self._search(origin, target, k, limit_s, reverse=True)
        reached = ws.label[self.streets.node_count + found[:count]]
        return Nearest(found[:count], reached["seconds"], reached["metres"])

    def from_one(self, origin: Spots, *, limit_s: float = np.inf, reverse: bool = False) -> FloatArray:
        """Seconds from one place to every node (to the place from every node with `reverse`), infinity
        beyond.
        """
        nodes = self.streets.node_count
        nobody = self._places(Spots.at_nodes([]))
        ws, _, _ = self._search(self._places(origin), nobody, 1, limit_s, reverse)
        label = ws.label[:nodes]
        reached = (label["mark"] == ws.counter[0]) & (label["seconds"] <= limit_s)
        return np.where(reached, label["seconds"], np.inf)

    def matrix(self, origins: Spots, targets: Spots, *, limit_s: float = np.inf) -> FloatArray:
        """Seconds from every origin to every target (origins × targets), infinity where no road leads."""
        result = np.full((len(origins), len(targets)), np.inf)
        # The search runs from the smaller side: each run costs the same, whatever hangs on it.
        reverse = len(targets) < len(origins)
        few, many = (targets, origins) if reverse else (origins, targets)
        all_many = self._places(many)
        for i in range(len(few)):
            ws, found, count = self._search(self._places(few[i : i + 1]), all_many, len(many), limit_s, reverse)
            seconds = ws.label["seconds"][self.streets.node_count + found[:count]]
            if reverse:
                result[found[:count], i] = seconds
            else:
                result[i, found[:count]] = seconds
        return result

    def route(self, origin: Spots, target: Spots) -> Route | None:
        """The fastest way from one place to another, or None if no road leads there."""
        place, goal = self._places(origin), self._places(target)
        ws, _, count = self._search(place, goal, 1, np.inf, reverse=False)
        if not count:
            return None
        reached = ws.label[self.streets.node_count]
        edges, nodes = self._way(ws, place, goal)
        return Route(float(reached["seconds"]), float(reached["metres"]), nodes, edges, self.street_names(edges))

    def two_nearest(self, sources: Spots, *, delay_s: FloatArray | None = None, limit_s: float = np.inf) -> TwoNearest:
        """The two sources that reach each node soonest within `limit_s`, in one search from all of them."""
        nodes = self.streets.node_count
        places = self._places(sources, delay_s)
        seeds = [(j, at, s) for j in range(len(sources)) for at, s in self._ways_out(places, j)]
        owner, node, seconds = (
            (np.array(column) for column in zip(*seeds, strict=True)) if seeds else (np.zeros(0),) * 3
        )
        label_s, label_owner = np.full((nodes, 2), np.inf), np.full((nodes, 2), -1, dtype=np.int64)
        heap = 2 * self.streets.edge_count + len(seeds) + 1
        seed_node, seed_s, seed_owner = node.astype(np.int64), seconds.astype(float), owner.astype(np.int64)
        ranks, keys, items = np.zeros(nodes, np.int64), np.empty(heap), np.empty(heap, np.int64)
        _search.two_nearest(self._out, seed_node, seed_s, seed_owner, limit_s, ranks, label_s, label_owner, keys, items)
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

    def _ways_out(self, places: Places, j: int) -> list[tuple[int, float]]:
        """The nodes beside a place, with the seconds until they are reached."""
        delay_s = float(places.delay_s[j])
        if places.node[j] >= 0:
            return [(int(places.node[j]), delay_s)]
        ways = _search.gates(int(places.edge[j]), float(places.fraction[j]), True, self._edges)
        return [(int(way.node), float(way.seconds) + delay_s) for way in ways]

    def _places(self, spots: Spots, delay_s: AnyArray | None = None) -> Places:
        """Spots as the kernel takes them. It trusts its indices, so here they are checked."""
        nodes, edges = self.streets.node_count, self.streets.edge_count
        off = (spots.node >= nodes) | (spots.edge >= edges) | ((spots.node < 0) & (spots.edge < 0))
        if off.any():
            wrong = np.flatnonzero(off)[:50].tolist()
            what = "the place is neither a node nor on an edge of the network"
            raise BadInput([Fault(f"place {i}", what, int(spots.node[i]), "Snap it to the network.") for i in wrong])
        delays = np.zeros(len(spots)) if delay_s is None else np.ascontiguousarray(delay_s, float)
        return Places(spots.node, spots.edge, spots.fraction, delays)

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
        count = _search.search(graph, self._edges, reverse, origin, target, wanted, limit_s, spaces.kept, found)
        return spaces.kept, found, int(count)

    def _way(self, ws: Workspace, origin: Places, goal: Places) -> tuple[IntArray, IntArray]:
        """Edges and nodes of the way that a forward search found to its only target."""
        count, last, first = _search.trace(self.streets.node_count, self._edges, False, 0, ws)
        if last == _search.NONE:
            back = goal.fraction[0] < origin.fraction[0]
            edge = int(self.streets.opposite[origin.edge[0]] if back else origin.edge[0])
            return np.array([edge]), np.zeros(0, np.int64)
        way = ws.scratch[:count][::-1].astype(np.int64)
        before = self._edge_at(origin, first, leaving=True)
        after = self._edge_at(goal, last, leaving=False)
        nodes = np.concatenate([[first], self.streets.head[way]]).astype(np.int64)
        return np.concatenate([before, way, after]).astype(np.int64), nodes

    def _edge_at(self, place: Places, node: int, leaving: bool) -> list[int]:
        """The edge on which a place is left by a node, or arrived at from it; none if it is that node."""
        if place.node[0] >= 0:
            return []
        ways = _search.gates(int(place.edge[0]), float(place.fraction[0]), leaving, self._edges)
        return [int(way.edge) for way in ways if way.node == node and way.edge != _search.NONE]


def _graph(start: IntArray, ends: IntArray, order: IntArray, edges: _search.Edges) -> _search.Graph:
    """Arcs in the order given: edges that leave, or that arrive, node by node."""
    arc = np.empty(order.size, _search.ARC)
    arc["end"], arc["edge"] = ends[order], order
    arc["seconds"], arc["metres"] = edges.time_s[order], edges.length_m[order]
    return _search.Graph(start, arc)


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
