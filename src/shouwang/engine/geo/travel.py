"""Travel by road: who is nearest, how long from here to there, and by which streets.

Every question goes to the one kernel of `_search`. Unreachable is infinity. A `Travel` may be used by
several threads at once; the kernel runs without the interpreter's lock.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo import _search
from shouwang.engine.geo._search import Places, Workspace
from shouwang.engine.geo._two import two_nearest
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
        streets, vertices, self.time_s = self.streets, self.streets.vertices, time_s
        self._edges = _search.Edges(vertices.tail, vertices.head, streets.opposite, time_s, streets.length_m)

    # Many a question looks one way only, so each way is made when it is first asked for.
    @cached_property
    def _out(self) -> _search.Graph:
        vertices = self.streets.vertices
        return _graph(self.streets, vertices.out_start, vertices.head, vertices.out_arc, self.time_s)

    @cached_property
    def _in(self) -> _search.Graph:
        vertices = self.streets.vertices
        return _graph(self.streets, vertices.in_start, vertices.tail, vertices.in_arc, self.time_s)

    def under(self, time_s: ArrayLike) -> Travel:
        """The same streets under other edge times: closures (infinity) and slow-downs."""
        other = object.__new__(Travel)
        other.__dict__.update({name: kept for name, kept in self.__dict__.items() if name not in ("_out", "_in")})
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
        origin, target = self._places(place, leaving=False), self._places(sources, leaving=True, delay_s=delay_s)
        ws, found = self._search(origin, target, k, limit_s, reverse=True)
        reached = self.streets.vertices.count + found
        seconds, metres = ws.label["seconds"][reached], ws.label["metres"][reached]
        first = np.argsort(seconds, kind="stable")[:k]
        return Nearest(found[first], seconds[first], metres[first])

    def from_one(self, origin: Spots, *, limit_s: float = np.inf, reverse: bool = False) -> FloatArray:
        """Seconds from one place to every node (to the place from every node with `reverse`), infinity
        beyond.
        """
        nobody = self._places(Spots.at_nodes([]), leaving=reverse)
        ws, _ = self._search(self._places(origin, leaving=not reverse), nobody, 1, limit_s, reverse)
        seconds = np.where(ws.label["mark"] == ws.counter[0], ws.label["seconds"], np.inf)
        return seconds[self.streets.vertices.leave] if reverse else seconds[: self.streets.node_count]

    def entered_s(self, origin: Spots, *, limit_s: float = np.inf) -> FloatArray:
        """Seconds per edge until it can be entered at its tail from one place, barred turns obeyed; infinity beyond."""
        nobody = self._places(Spots.at_nodes([]), leaving=False)
        ws, _ = self._search(self._places(origin, leaving=True), nobody, 1, limit_s, reverse=False)
        seconds = np.where(ws.label["mark"] == ws.counter[0], ws.label["seconds"], np.inf)
        result: FloatArray = seconds[self.streets.vertices.tail[: self.streets.edge_count]]
        return result

    def left_s(self, target: Spots, *, limit_s: float = np.inf) -> FloatArray:
        """Seconds per edge from its head to one place, barred turns obeyed; infinity beyond."""
        nobody = self._places(Spots.at_nodes([]), leaving=True)
        ws, _ = self._search(self._places(target, leaving=False), nobody, 1, limit_s, reverse=True)
        seconds = np.where(ws.label["mark"] == ws.counter[0], ws.label["seconds"], np.inf)
        result: FloatArray = seconds[self.streets.vertices.head[: self.streets.edge_count]]
        return result

    def matrix(self, origins: Spots, targets: Spots, *, limit_s: float = np.inf) -> FloatArray:
        """Seconds from every origin to every target (origins × targets), infinity where no road leads."""
        # The search runs from the smaller side: each run costs the same, whatever hangs on it.
        reverse = len(targets) < len(origins)
        places = self._places(origins, leaving=True), self._places(targets, leaving=False)
        few, many = places[::-1] if reverse else places
        result = np.full((few.node.size, many.node.size), np.inf)
        graph = self._in if reverse else self._out
        _search.matrix(graph, self._edges, reverse, few, many, limit_s, self._space(many, few.node.size), result)
        return result.T if reverse else result

    def route(self, origin: Spots, target: Spots) -> Route | None:
        """The fastest way from one place to another, or None if no road leads there."""
        place, goal = self._places(origin, leaving=True), self._places(target, leaving=False)
        ws, found = self._search(place, goal, 1, np.inf, reverse=False)
        if not found.size:
            return None
        reached = ws.label[self.streets.vertices.count]
        edges, nodes = self._way(ws, place, goal)
        return Route(float(reached["seconds"]), float(reached["metres"]), nodes, edges, self.street_names(edges))

    def line(self, route: Route, origin: Spots, target: Spots) -> shapely.LineString:
        """The course of a route from one place to the other, in the file's coordinates: degrees, or metres."""
        streets, edges = self.streets, route.edges
        if not edges.size:
            across, up = streets.coordinates(route.nodes[[0, 0]])
            return shapely.LineString(np.column_stack([across, up]))
        low, high = np.zeros(edges.size), np.ones(edges.size)
        if origin.node[0] < 0:
            at = float(origin.fraction[0])
            low[0] = at if edges[0] == origin.edge[0] else 1 - at
        if target.node[0] < 0:
            at = float(target.fraction[0])
            high[-1] = at if edges[-1] == target.edge[0] else 1 - at
        if edges.size == 1 and low[0] >= high[0]:  # the place itself
            low[0] = max(high[0] - 1e-9, 0.0)
            high[0] = low[0] + 1e-9
        pieces = streets.segments.cut(edges, low, high)
        at_m = np.concatenate([pieces[:, 0], pieces[-1:, 1]])
        across, up = (at_m[:, 0], at_m[:, 1]) if streets.plane is None else streets.plane.to_lonlat(*at_m.T)
        return shapely.LineString(np.column_stack([across, up]))

    def two_nearest(self, sources: Spots, *, delay_s: FloatArray | None = None, limit_s: float = np.inf) -> TwoNearest:
        """The two sources that reach each node soonest within `limit_s`, in one search from all of them."""
        vertices = self.streets.vertices.count
        places = self._places(sources, leaving=True, delay_s=delay_s)
        seeds = [(j, at, s) for j in range(len(sources)) for at, s in self._ways_out(places, j)]
        owner, vertex, seconds = (
            (np.array(column) for column in zip(*seeds, strict=True)) if seeds else (np.zeros(0),) * 3
        )
        label_s, label_owner = np.full((vertices, 2), np.inf), np.full((vertices, 2), -1, dtype=np.int64)
        heap = 2 * self._out.arc.size + len(seeds) + 1
        seed_vertex, seed_s, seed_owner = vertex.astype(np.int64), seconds.astype(float), owner.astype(np.int64)
        ranks, keys, items = np.zeros(vertices, np.int64), np.empty(heap), np.empty(heap, np.int64)
        two_nearest(self._out, seed_vertex, seed_s, seed_owner, limit_s, ranks, label_s, label_owner, keys, items)
        nodes = self.streets.node_count
        return TwoNearest(label_owner[:nodes], label_s[:nodes])

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
        """The vertices beside a place, with the seconds until they are reached."""
        delay_s = float(places.delay_s[j])
        if places.node[j] >= 0:
            return [(int(places.node[j]), delay_s)]
        ways = _search.gates(int(places.edge[j]), float(places.fraction[j]), True, self._edges)
        return [(int(way.node), float(way.seconds) + delay_s) for way in ways]

    def _places(self, spots: Spots, leaving: bool, delay_s: AnyArray | None = None) -> Places:
        """Spots to leave or to arrive at, as the kernel takes them. It trusts its indices, so they are checked."""
        nodes, edges = self.streets.node_count, self.streets.edge_count
        off = (spots.node >= nodes) | (spots.edge >= edges) | ((spots.node < 0) & (spots.edge < 0))
        if off.any():
            wrong = np.flatnonzero(off)[:50].tolist()
            what = "the place is neither a node nor on an edge of the network"
            raise BadInput([Fault(f"place {i}", what, int(spots.node[i]), "Snap it to the network.") for i in wrong])
        delays = np.zeros(len(spots)) if delay_s is None else np.ascontiguousarray(delay_s, float)
        vertex = spots.node
        if leaving and len(self.streets.barred):
            vertex = np.where(spots.node >= 0, self.streets.vertices.leave[spots.node], spots.node)
        return Places(vertex, spots.edge, spots.fraction, delays)

    def _space(self, target: Places, searches: int = 1) -> Workspace:
        """This thread's workspace, large enough for these targets and good for so many searches."""
        spaces, targets = self._spaces, target.node.size
        kept = spaces.kept
        if kept is None or spaces.targets < targets or kept.counter[0] + searches > _search.SEARCHES:
            spaces.targets = max(64, 2 * targets)
            kept = spaces.kept = _search.workspace(self.streets.vertices.count, spaces.targets)
        return kept

    def _search(
        self, origin: Places, target: Places, wanted: int, limit_s: float, reverse: bool
    ) -> tuple[Workspace, IntArray]:
        """The kernel's answer: the workspace with its labels, and the targets found."""
        ws, found = self._space(target), np.empty(target.node.size, np.int64)
        graph = self._in if reverse else self._out
        count = _search.search(graph, self._edges, reverse, origin, target, wanted, limit_s, ws, found)
        return ws, found[:count]

    def _way(self, ws: Workspace, origin: Places, goal: Places) -> tuple[IntArray, IntArray]:
        """Edges and nodes of the way that a forward search found to its only target."""
        streets = self.streets
        count, last, first = _search.trace(streets.vertices.count, self._edges, False, 0, ws)
        if last == _search.NONE:
            back = goal.fraction[0] < origin.fraction[0]
            edge = int(streets.opposite[origin.edge[0]] if back else origin.edge[0])
            return np.array([edge]), np.zeros(0, np.int64)
        way = ws.scratch[:count][::-1].astype(np.int64)
        way = way[way < streets.edge_count]  # without the joints of barred turns
        before = self._edge_at(origin, first, leaving=True)
        after = self._edge_at(goal, last, leaving=False)
        edges = np.array([*before, *way, *after], np.int64)
        if not edges.size:
            return edges, streets.vertices.node[[last]]
        nodes = np.append(streets.tail[edges], streets.head[edges[-1:]])
        return edges, nodes[bool(before) : nodes.size - bool(after)]

    def _edge_at(self, place: Places, vertex: int, leaving: bool) -> list[int]:
        """The edge on which a place is left by a vertex, or arrived at from it; none if it is that vertex."""
        if place.node[0] >= 0:
            return []
        ways = _search.gates(int(place.edge[0]), float(place.fraction[0]), leaving, self._edges)
        return [int(way.edge) for way in ways if way.node == vertex and way.edge != _search.NONE]


def _graph(streets: Streets, start: IntArray, ends: IntArray, order: IntArray, time_s: FloatArray) -> _search.Graph:
    """Arcs in the order given: those that leave, or that arrive, vertex by vertex."""
    arc = np.empty(order.size, _search.ARC)
    joints = np.zeros(order.size - streets.edge_count)
    arc["end"], arc["edge"] = ends[order], order
    arc["seconds"] = np.concatenate([time_s, joints])[order]
    arc["metres"] = np.concatenate([streets.length_m, joints])[order]
    moving = time_s[(time_s > 0) & (time_s < np.inf)]
    return _search.Graph(start, arc, float(moving.mean()) if moving.size else 1.0)


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
