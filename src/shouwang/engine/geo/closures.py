"""Closures and slow-downs: which edges they mean, the roads under them, and what they change.

A closure is some directed edges that take `factor` times as long; infinity shuts them. Nothing is prepared: the roads
under closures are one array of times (`Travel.under`). Two questions need more than that:

* Who stands on a shut stretch, or is called to one, is not lost. A stretch that is shut both ways is passed at walking
  pace by those whose place lies on it, from or to the nearest junction that can still be driven to and from
  (`Passable.place`). Nobody drives through.
* Which of the times worked out before still hold (`Difference.touches`). A shortest-path tree from a place is the
  same as before unless it used a changed edge, or would use it now: both show in the times of the edge's two ends
  (the condition of optimality of shortest paths; see Ramalingam and Reps, Journal of Algorithms 21, 1996).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

WALK_M_S = 1.4
"""Pace along a shut stretch, for those whose place lies on it."""
SLACK_S = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """Directed edges (indices) that take `factor` times as long: more than 1, infinity if shut."""

    edges: IntArray
    factor: float = np.inf


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


def stretch(streets: Streets, spot: Spots) -> IntArray:
    """The edges of the street between two junctions that one spot lies on, in driving order; at a node, of the first
    edge there.

    A junction is a node with other than two neighbours. An edge of a pair of opposites is taken in the direction of
    the lower number, so that the same stretch always comes in the same order.
    """
    edge = int(spot.edge[0])
    if edge < 0:
        node = int(spot.node[0])
        edge = int(streets.out_start[node])
        if edge == streets.out_start[node + 1]:
            edge = int(streets.in_edge[streets.in_start[node]])
    back = int(streets.opposite[edge])
    edge = edge if back < 0 else min(edge, back)
    ahead = _onwards(streets, edge, forward=True)
    if len(ahead) > 1 and streets.head[ahead[-1]] == streets.tail[edge]:  # a ring without a junction
        return np.array(ahead, np.int64)
    return np.array([*_onwards(streets, edge, forward=False)[:0:-1], *ahead], np.int64)


def _onwards(streets: Streets, edge: int, *, forward: bool) -> list[int]:
    """The edge and those that follow it (lead to it, without `forward`) up to the next junction."""
    way, node = [edge], int((streets.head if forward else streets.tail)[edge])
    while len(neighbours := _neighbours(streets, node)) == 2:
        before = int((streets.tail if forward else streets.head)[way[-1]])
        (beyond,) = neighbours - {before} if before in neighbours else {-1}
        if forward:
            out = np.arange(streets.out_start[node], streets.out_start[node + 1])
            on = out[streets.head[out] == beyond]
        else:
            into = streets.in_edge[streets.in_start[node] : streets.in_start[node + 1]]
            on = into[streets.tail[into] == beyond]
        if not on.size or int(on[0]) in way:
            break
        way.append(int(on[0]))
        node = beyond
    return way


def _neighbours(streets: Streets, node: int) -> set[int]:
    into = streets.in_edge[streets.in_start[node] : streets.in_start[node + 1]]
    out = streets.head[streets.out_start[node] : streets.out_start[node + 1]]
    return {*out.tolist(), *streets.tail[into].tolist()} - {node}


def times_under(streets: Streets, closures: Sequence[Closure], time_s: FloatArray | None = None) -> FloatArray:
    """Seconds per edge under closures; where several meet, the largest factor holds. time_s: without them, those of
    the streets unless given.

    Raises `BadInput` for a factor that is not above 1, or an edge that is not there.
    """
    factor = np.ones(streets.edge_count)
    for i, one in enumerate(closures):
        if not one.factor > 1:
            says = "a closure makes an edge take longer: its factor is above 1"
            raise BadInput([Fault(f"closure {i}, factor", says, one.factor, "Give infinity to shut it.")])
        if one.edges.size and not (one.edges.min() >= 0 and one.edges.max() < streets.edge_count):
            wrong = int(one.edges.max() if one.edges.min() >= 0 else one.edges.min())
            raise BadInput([Fault(f"closure {i}, edges", "the network has no such edge", wrong, "Use its indices.")])
        factor[one.edges] = np.maximum(factor[one.edges], one.factor)
    own_s = streets.time_s if time_s is None else time_s
    times: FloatArray = np.where(np.isinf(factor), np.inf, own_s * np.where(np.isinf(factor), 1.0, factor))
    return times


class Passable:
    """The streets under closures: the kernel on them, and the way in and out of what is shut."""

    def __init__(self, streets: Streets, closures: Sequence[Closure] = ()) -> None:
        self.streets = streets
        self.closures = tuple(closures)
        self.travel = Travel(streets, times_under(streets, closures) if closures else None)

    def under(self, closures: Sequence[Closure]) -> Passable:
        """The same streets under other closures; what the kernel keeps is shared."""
        return self._beside(closures, self.streets.time_s)

    def driven(self, time_s: FloatArray) -> Passable:
        """The same roads at other times of edges (seconds), such as an hour's; what is shut stays shut."""
        return self._beside(self.closures, time_s)

    def _beside(self, closures: Sequence[Closure], time_s: FloatArray) -> Passable:
        other = object.__new__(Passable)
        other.streets, other.closures = self.streets, tuple(closures)
        other.travel = self.travel.under(times_under(self.streets, closures, time_s))
        return other

    @cached_property
    def shut(self) -> BoolArray:
        """Per edge whether the street there is shut both ways."""
        shut, back = np.isinf(self.travel.time_s), self.streets.opposite
        both: BoolArray = shut & ((back < 0) | shut[back])
        return both

    @cached_property
    def _out(self) -> tuple[FloatArray, IntArray]:
        """Per node on a shut stretch the seconds on foot to the nearest open junction, and that junction; elsewhere
        infinity and -1."""
        streets, shut = self.streets, self.shut
        n, on = streets.node_count, np.flatnonzero(shut)
        open_ = ~np.isinf(self.travel.time_s)
        leads = np.zeros((2, n), bool)
        leads[0, streets.tail[open_]] = leads[1, streets.head[open_]] = True
        ends = np.zeros(n, bool)
        ends[streets.tail[on]] = ends[streets.head[on]] = True
        gates = np.flatnonzero(ends & leads.all(axis=0))
        if not gates.size:
            return np.full(n, np.inf), np.full(n, -1)
        # The shortest of parallel edges; no length is 0, which a sparse matrix takes for no edge.
        walk_s = np.maximum(streets.length_m[on] / WALK_M_S, SLACK_S)
        order = np.lexsort((walk_s, streets.head[on], streets.tail[on]))
        pairs = np.stack([streets.tail[on][order], streets.head[on][order]])
        _pairs, first = np.unique(pairs, axis=1, return_index=True)
        ways = csr_matrix((walk_s[order][first], pairs[:, first]), shape=(n, n))
        seconds, _before, gate = dijkstra(ways, directed=False, indices=gates, min_only=True, return_predecessors=True)
        return np.asarray(seconds, float), np.where(np.isfinite(seconds), gate, -1).astype(np.int64)

    def place(self, spots: Spots) -> tuple[Spots, FloatArray]:
        """Where places are left or entered by car, and the seconds on foot between there and the place itself (0 where
        nothing is shut). A place that no open junction serves stays as it is: it cannot be reached."""
        wait_s = np.zeros(len(spots))
        if not self.shut.any():
            return spots, wait_s
        seconds, gate = self._out
        node, edge, fraction = spots.node.copy(), spots.edge.copy(), spots.fraction.copy()
        inside = np.flatnonzero((node >= 0) & (seconds[np.maximum(node, 0)] > 0) & (gate[np.maximum(node, 0)] >= 0))
        wait_s[inside] = seconds[node[inside]]
        node[inside] = gate[node[inside]]
        on = np.flatnonzero((edge >= 0) & self.shut[np.maximum(edge, 0)])
        walk_s = self.streets.length_m[edge[on]] / WALK_M_S
        ends = np.stack([self.streets.tail[edge[on]], self.streets.head[edge[on]]])
        by_end = np.stack([fraction[on] * walk_s, (1 - fraction[on]) * walk_s]) + seconds[ends]
        nearer, each = by_end.argmin(axis=0), np.arange(on.size)
        served = np.isfinite(by_end[nearer, each])
        on, nearer, each = on[served], nearer[served], each[served]
        wait_s[on] = by_end[nearer, each]
        node[on], edge[on], fraction[on] = gate[ends[nearer, each]], -1, 0.0
        return Spots(node, edge, fraction, spots.off_m), wait_s


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """The edges whose times differ between two states of the same streets, and the shorter of both times."""

    streets: Streets
    edges: IntArray
    least_s: FloatArray

    @classmethod
    def between(cls, before: Travel, after: Travel) -> Difference:
        edges = np.flatnonzero(before.time_s != after.time_s)
        return cls(before.streets, edges, np.minimum(before.time_s[edges], after.time_s[edges]))

    def touches(self, seconds: FloatArray, spots: Spots) -> bool:
        """Whether times from one place to every node may have changed. seconds: those times before; spots: the place
        itself, as snapped, which lies on no shut stretch. False is certain; True may be too careful where turns are
        barred."""
        streets, tail, head = self.streets, self.streets.tail[self.edges], self.streets.head[self.edges]
        node, edge = int(spots.node[0]), int(spots.edge[0])
        if node >= 0:
            here = (tail == node) | (head == node)
        else:
            here = (self.edges == edge) | (self.edges == streets.opposite[edge])
        used = np.isfinite(seconds[tail]) & (seconds[tail] + self.least_s <= seconds[head] + SLACK_S)
        return bool(here.any() or used.any())
