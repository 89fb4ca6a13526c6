"""The shortest-path kernel: one search that answers every question of travel.

Dijkstra's method (Numerische Mathematik 1, 1959) with buckets in place of a heap: what is reached waits in a
bucket by its time, as wide as a mean arc; a bucket is worked off first in, first out, and a vertex that is
reached sooner meanwhile is worked off again (Dial, Communications of the ACM 12, 1969; Meyer and Sanders,
Journal of Algorithms 49, 2003). A bucket that is empty is final. On roads about one vertex in fifty is worked
off twice, and nothing is sorted.

Nothing is prepared on the graph, so a closure or a slow-down is only another array of edge times. Targets hang
on the vertices beside them as extra ones, so that points on edges and delays cost nothing special, and the
search ends with the bucket in which the wanted number of targets is found. What is read together lies together
in memory: one record per vertex and per arc. The functions keep nothing between calls but in the workspace
passed in, and run without the interpreter's lock.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

NONE = -1
BUCKETS = 64
"""Buckets of one round; what lies farther waits for the next round."""
SEARCHES = 2**31 - 2
"""A workspace serves so many searches; then their numbers no longer fit."""

LABEL = np.dtype(
    [
        ("seconds", "f8"),
        ("metres", "f8"),
        ("via", "i4"),  # edge by which a vertex was reached; NONE at an origin; -2 - node for a target
        ("mark", "i4"),  # number of the search that reached it
        ("next", "i4"),  # its neighbours in the bucket where it waits, NONE if it does not;
        ("last", "i4"),  # the ring closes at the bucket's own label
    ],
    align=True,
)
HANGER = np.dtype(
    [
        ("mark", "i4"),  # number of the search for which `hook` holds; of a target: in which it was found
        ("hook", "i4"),  # first of the targets that hang on a vertex
    ]
)
ARC = np.dtype([("end", "i4"), ("edge", "i4"), ("seconds", "f8"), ("metres", "f8")])
HOOK = np.dtype([("seconds", "f8"), ("metres", "f8"), ("next", "i8")])


class Graph(NamedTuple):
    """Arcs start[i] … start[i+1]-1 of vertex i; `width_s` of a bucket."""

    start: IntArray
    arc: AnyArray
    width_s: float


class Edges(NamedTuple):
    """What the kernel needs to know of edges to stand on them. Tail and head are vertices."""

    tail: IntArray
    head: IntArray
    opposite: IntArray
    time_s: FloatArray
    length_m: FloatArray


class Places(NamedTuple):
    """Spots with the seconds that pass there before moving."""

    node: IntArray
    edge: IntArray
    fraction: FloatArray
    delay_s: FloatArray


class Workspace(NamedTuple):
    """Arrays that one thread reuses from search to search; a label counts only if its mark is the search's own."""

    label: AnyArray  # per vertex, per target, and at the end per bucket
    hanger: AnyArray  # per vertex and per target
    hook: AnyArray  # two per target
    scratch: AnyArray  # edges of a way
    counter: IntArray  # [0]: number of the search


class Reach(NamedTuple):
    """The number of a search, how far it goes, and the round of buckets that it is in."""

    mark: int
    most_s: float
    from_s: float
    per_s: float  # buckets per second


class Gate(NamedTuple):
    """A way between a point on an edge and the network."""

    node: int
    seconds: float
    metres: float
    edge: int


def workspace(vertices: int, targets: int) -> Workspace:
    """Arrays large enough for searches with up to so many targets."""
    return Workspace(
        np.zeros(vertices + targets + BUCKETS + 1, LABEL),
        np.zeros(vertices + targets, HANGER),
        np.zeros(2 * targets + 1, HOOK),
        np.empty(vertices, np.int32),
        np.zeros(1, np.int64),
    )


@compiled
def gates(edge: int, fraction: float, leaving: bool, edges: Edges) -> tuple[Gate, Gate]:
    """The two ways between a point on an edge and the network, to leave or to arrive; infinite where there is none.

    On a street closed both ways the nearer end is taken: a closure bars the way through, not the doors.
    """
    back = edges.opposite[edge]
    forth_s, forth_m = edges.time_s[edge], edges.length_m[edge]
    back_s = edges.time_s[back] if back >= 0 else np.inf
    back_m = edges.length_m[back] if back >= 0 else 0.0
    # Where turns are barred, a junction is another vertex to whoever comes than to whoever goes.
    if leaving:
        ahead, behind = edges.head[edge], edges.head[back] if back >= 0 else edges.tail[edge]
    else:
        ahead, behind = edges.tail[back] if back >= 0 else edges.head[edge], edges.tail[edge]
    if forth_s == np.inf and back_s == np.inf:
        near = behind if fraction <= 0.5 else ahead
        return Gate(near, 0.0, 0.0, NONE), Gate(near, np.inf, 0.0, NONE)
    rest = 1 - fraction
    if leaving:
        return Gate(ahead, rest * forth_s, rest * forth_m, edge), Gate(
            behind, fraction * back_s, fraction * back_m, back
        )
    return Gate(behind, fraction * forth_s, fraction * forth_m, edge), Gate(ahead, rest * back_s, rest * back_m, back)


@compiled
def along_edge(origin: Places, i: int, target: Places, j: int, reverse: bool, edges: Edges) -> tuple[float, float]:
    """Seconds and metres between two points of one edge without leaving it, infinite if that cannot be."""
    edge = origin.edge[i]
    if edge < 0 or edge != target.edge[j]:
        return np.inf, 0.0
    ahead = target.fraction[j] - origin.fraction[i]
    if reverse:
        ahead = -ahead
    if ahead == 0:
        return 0.0, 0.0
    used = edge if ahead > 0 else edges.opposite[edge]
    if used == NONE:
        return np.inf, 0.0
    return abs(ahead) * edges.time_s[used], abs(ahead) * edges.length_m[used]


@compiled
def search(
    graph: Graph,
    edges: Edges,
    reverse: bool,
    origin: Places,
    target: Places,
    wanted: int,
    limit_s: float,
    ws: Workspace,
    found: IntArray,
) -> int:
    """Search from the origins (backwards with `reverse`) until `wanted` targets are final; return their count.

    `found` receives the targets, more than wanted if several are found together, bucket after bucket, in no order
    within one. Afterwards `ws.label` holds, under the mark `ws.counter[0]`, what was reached within `limit_s`; all
    of it is final if the search was not ended by `wanted`.
    """
    ws.counter[0] += 1
    mark = ws.counter[0]
    for ring in range(ws.label.size - 1 - BUCKETS, ws.label.size):
        ws.label[ring].next = ws.label[ring].last = ring
    _hang(target, reverse, edges, ws.hanger, ws.hook, mark)
    reach = Reach(mark, limit_s, 0.0, 1 / graph.width_s)
    _start(graph.start.size - 1, origin, target, reverse, edges, ws.label, reach)
    return _settle(graph.start, graph.arc, ws.label, ws.hanger, ws.hook, wanted, reach, found)


@compiled
def matrix(
    graph: Graph, edges: Edges, reverse: bool, few: Places, many: Places, limit_s: float, ws: Workspace, out: FloatArray
) -> None:
    """Seconds between each of a few places and many, into `out` (few × many), which comes filled with infinity."""
    found = np.empty(many.node.size, np.int64)
    vertices = graph.start.size - 1
    for i in range(few.node.size):
        one = Places(few.node[i : i + 1], few.edge[i : i + 1], few.fraction[i : i + 1], few.delay_s[i : i + 1])
        count = search(graph, edges, reverse, one, many, many.node.size, limit_s, ws, found)
        for j in found[:count]:
            out[i, j] = ws.label[vertices + j].seconds


@compiled
def _hang(target: Places, reverse: bool, edges: Edges, hangers: AnyArray, hooks: AnyArray, mark: int) -> None:
    """Hang every target on the vertices beside it; hooks 2j and 2j + 1 belong to target j."""
    nodes, delays_s = target.node, target.delay_s
    for j in range(nodes.size):
        if nodes[j] >= 0:
            _hook(hangers, hooks, mark, 2 * j, nodes[j], delays_s[j], 0.0)
        else:
            near, far = gates(target.edge[j], target.fraction[j], reverse, edges)
            _hook(hangers, hooks, mark, 2 * j, near.node, near.seconds + delays_s[j], near.metres)
            _hook(hangers, hooks, mark, 2 * j + 1, far.node, far.seconds + delays_s[j], far.metres)


@compiled
def _hook(
    hangers: AnyArray, hooks: AnyArray, mark: int, number: int, vertex: int, seconds: float, metres: float
) -> None:
    """Hang a hook on a vertex, in front of those that hang there."""
    if seconds < np.inf:
        hanger, hook = hangers[vertex], hooks[number]
        hook.next = hanger.hook if hanger.mark == mark else NONE
        hook.seconds = seconds
        hook.metres = metres
        hanger.mark = mark
        hanger.hook = number


@compiled
def _start(
    vertices: int, origin: Places, target: Places, reverse: bool, edges: Edges, labels: AnyArray, reach: Reach
) -> None:
    """Reach what the origins touch: vertices beside them, and targets on the same edge."""
    for i in range(origin.node.size):
        start_s = origin.delay_s[i]
        if origin.node[i] >= 0:
            _reach(labels, reach, origin.node[i], start_s, 0.0, NONE)
            continue
        near, far = gates(origin.edge[i], origin.fraction[i], not reverse, edges)
        _reach(labels, reach, near.node, start_s + near.seconds, near.metres, NONE)
        _reach(labels, reach, far.node, start_s + far.seconds, far.metres, NONE)
        for j in range(target.node.size):
            direct_s, direct_m = along_edge(origin, i, target, j, reverse, edges)
            _reach(labels, reach, vertices + j, start_s + target.delay_s[j] + direct_s, direct_m, NONE)


@compiled
def _reach(labels: AnyArray, reach: Reach, vertex: int, at_s: float, at_m: float, via: int) -> None:
    """Note that a vertex can be reached, if that is news, and let it wait in its bucket."""
    label = labels[vertex]
    if label.mark != reach.mark:
        if not (at_s <= reach.most_s and at_s < np.inf):
            return
        label.mark = reach.mark
        label.next = NONE
    elif not at_s < label.seconds:
        return
    label.seconds = at_s
    label.metres = at_m
    label.via = via
    _wait(labels, reach, vertex, at_s)


@compiled
def _wait(labels: AnyArray, reach: Reach, vertex: int, at_s: float) -> None:
    """Put a vertex last into the bucket of its time, and out of the one where it waits."""
    ahead = (at_s - reach.from_s) * reach.per_s
    bucket = int(ahead) if ahead < BUCKETS else BUCKETS
    label = labels[vertex]
    if label.next != NONE:
        _take_out(labels, vertex)
    ring = labels.size - 1 - bucket
    last = labels[ring].last
    label.next, label.last = ring, last
    labels[last].next = vertex
    labels[ring].last = vertex


@compiled
def _take_out(labels: AnyArray, vertex: int) -> None:
    label = labels[vertex]
    labels[label.last].next = label.next
    labels[label.next].last = label.last
    label.next = NONE


@compiled
def _settle(
    start: IntArray,
    arcs: AnyArray,
    labels: AnyArray,
    hangers: AnyArray,
    hooks: AnyArray,
    wanted: int,
    reach: Reach,
    found: IntArray,
) -> int:
    """Work off bucket after bucket, round after round; returns the number of targets found.

    The arrays come one by one: numba counts references, slowly, whenever one is taken out of a tuple.
    """
    vertices, count = start.size - 1, 0
    far = labels.size - 1 - BUCKETS
    while True:
        for bucket in range(BUCKETS):
            ring = labels.size - 1 - bucket
            while labels[ring].next != ring:
                vertex = labels[ring].next
                _take_out(labels, vertex)
                label = labels[vertex]
                if vertex >= vertices:
                    if hangers[vertex].mark != reach.mark:  # once, though it may be reached anew within its bucket
                        hangers[vertex].mark = reach.mark
                        found[count] = vertex - vertices
                        count += 1
                    continue
                at_s, at_m = label.seconds, label.metres
                if hangers[vertex].mark == reach.mark:
                    _unhook(labels, hooks, hangers[vertex].hook, vertices, vertex, reach)
                for slot in range(start[vertex], start[vertex + 1]):
                    arc = arcs[slot]
                    end, end_s = labels[arc.end], at_s + arc.seconds
                    if end.mark != reach.mark or end_s < end.seconds:
                        _reach(labels, reach, arc.end, end_s, at_m + arc.metres, arc.edge)
            if count >= wanted:
                return count
        if labels[far].next == far:
            return count
        reach = _next_round(labels, reach)


@compiled
def _unhook(labels: AnyArray, hooks: AnyArray, number: int, vertices: int, vertex: int, reach: Reach) -> None:
    """Reach the targets that hang on a vertex, from hook `number` on."""
    label = labels[vertex]
    while number >= 0:
        hook = hooks[number]
        at_s, at_m = label.seconds + hook.seconds, label.metres + hook.metres
        _reach(labels, reach, vertices + (number >> 1), at_s, at_m, -2 - vertex)
        number = hook.next


@compiled
def _next_round(labels: AnyArray, reach: Reach) -> Reach:
    """Spread what waits for later over the buckets, from the earliest of it on."""
    far = labels.size - 1 - BUCKETS
    vertex, from_s = labels[far].next, np.inf
    while vertex != far:
        from_s = min(from_s, labels[vertex].seconds)
        vertex = labels[vertex].next
    following = Reach(reach.mark, reach.most_s, from_s, reach.per_s)
    vertex = labels[far].next
    while vertex != far:
        after = labels[vertex].next
        _wait(labels, following, vertex, labels[vertex].seconds)
        vertex = after
    return following


@compiled
def trace(nodes: int, edges: Edges, reverse: bool, target: int, ws: Workspace) -> tuple[int, int, int]:
    """Edges between a settled target and its origin, from the target's end on, into `ws.scratch`.

    Returns their count, the node beside the target and the node beside the origin, both NONE if the way never
    leaves one edge.
    """
    via = ws.label[nodes + target].via
    if via == NONE:
        return 0, NONE, NONE
    beside = -2 - via
    vertex, count = beside, 0
    while ws.label[vertex].via != NONE:
        edge = ws.label[vertex].via
        ws.scratch[count] = edge
        count += 1
        vertex = edges.head[edge] if reverse else edges.tail[edge]
    return count, beside, vertex
