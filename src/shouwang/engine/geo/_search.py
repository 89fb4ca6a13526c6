"""The shortest-path kernel: one label-setting search that answers every question of travel.

Dijkstra's method (Numerische Mathematik 1, 1959) on a binary heap with lazy deletion. Nothing is prepared on
the graph, so a closure or a slow-down is only another array of edge times. Targets hang on the nodes beside
them as extra vertices n, n+1, …, so that points on edges and delays cost nothing special, and the search ends
as soon as the wanted number of targets is settled. What is read together lies together in memory: one record
per vertex and per arc.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

NONE = -1

LABEL = np.dtype(
    [
        ("seconds", "f8"),
        ("metres", "f8"),
        ("via", "i4"),  # edge by which a vertex was reached; NONE at an origin; -2 - node for a target
        ("mark", "i4"),  # number of the search that reached it
        ("hung", "i4"),  # number of the search for which `hook` holds
        ("hook", "i4"),  # first of the targets that hang on a node
    ]
)
ARC = np.dtype([("end", "i4"), ("edge", "i4"), ("seconds", "f8"), ("metres", "f8")])
HOOK = np.dtype([("seconds", "f8"), ("metres", "f8"), ("next", "i8")])


class Graph(NamedTuple):
    """Arcs start[i] … start[i+1]-1 of node i."""

    start: IntArray
    arc: AnyArray


class Edges(NamedTuple):
    """What the kernel needs to know of edges to stand on them."""

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

    label: AnyArray  # per vertex: nodes, then targets
    hook: AnyArray  # two per target
    key: FloatArray  # heap of (seconds, vertex)
    item: IntArray
    scratch: AnyArray  # edges of a way
    counter: IntArray  # [0]: number of the search


class Gate(NamedTuple):
    """A way between a point on an edge and the network."""

    node: int
    seconds: float
    metres: float
    edge: int


def heap_room(edges: int, targets: int, origins: int) -> int:
    """The most entries a search can push: one per edge, two per target and origin, one per pair on one edge."""
    return edges + 2 * targets + 2 * origins + targets * origins


def workspace(nodes: int, edges: int, targets: int, origins: int) -> Workspace:
    """Arrays large enough for searches with up to so many targets and origins."""
    return Workspace(
        np.zeros(nodes + targets, LABEL),
        np.zeros(2 * targets + 1, HOOK),
        np.empty(heap_room(edges, targets, origins)),
        np.empty(heap_room(edges, targets, origins), np.int64),
        np.empty(nodes, np.int32),
        np.zeros(1, np.int64),
    )


@compiled
def push(key: FloatArray, item: AnyArray, size: int, new_key: float, new_item: int) -> int:
    """Add to a binary heap of `size`; the new size is returned."""
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if key[parent] <= new_key:
            break
        key[place], item[place] = key[parent], item[parent]
        place = parent
    key[place], item[place] = new_key, new_item
    return size + 1


@compiled
def pop(key: FloatArray, item: AnyArray, size: int) -> int:
    """Remove the top of a binary heap of `size` (read it before); the new size is returned."""
    size -= 1
    last_key, last_item = key[size], item[size]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if key[child] >= last_key:
            break
        key[place], item[place] = key[child], item[child]
        place = child
    key[place], item[place] = last_key, last_item
    return size


@compiled
def gates(edge: int, fraction: float, leaving: bool, edges: Edges) -> tuple[Gate, Gate]:
    """The two ways between a point on an edge and the network, to leave or to arrive; infinite where there is none.

    On a street closed both ways the nearer end is taken: a closure bars the way through, not the doors.
    """
    back = edges.opposite[edge]
    forth_s, forth_m = edges.time_s[edge], edges.length_m[edge]
    back_s = edges.time_s[back] if back >= 0 else np.inf
    back_m = edges.length_m[back] if back >= 0 else 0.0
    ahead, behind = edges.head[edge], edges.tail[edge]
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
    """Search from the origins (backwards with `reverse`) until `wanted` targets are settled; return their count.

    `found` receives the targets in order of arrival. Afterwards `ws.label` holds, under the mark `ws.counter[0]`,
    what was reached; times up to `limit_s` are final if the search was not ended by `wanted`.
    """
    ws.counter[0] += 1
    mark = ws.counter[0]
    _hang(target, reverse, edges, ws, mark)
    size = _start(graph.start.size - 1, origin, target, reverse, edges, ws, mark)
    return _settle(graph, wanted, limit_s, ws, mark, size, found)


@compiled
def _hang(target: Places, reverse: bool, edges: Edges, ws: Workspace, mark: int) -> None:
    """Hang every target on the nodes beside it; hooks 2j and 2j + 1 belong to target j."""
    for j in range(target.node.size):
        if target.node[j] >= 0:
            _hook(ws, mark, 2 * j, target.node[j], target.delay_s[j], 0.0)
        else:
            near, far = gates(target.edge[j], target.fraction[j], reverse, edges)
            _hook(ws, mark, 2 * j, near.node, near.seconds + target.delay_s[j], near.metres)
            _hook(ws, mark, 2 * j + 1, far.node, far.seconds + target.delay_s[j], far.metres)


@compiled
def _hook(ws: Workspace, mark: int, number: int, node: int, seconds: float, metres: float) -> None:
    """Hang a hook on a node, in front of those that hang there."""
    if seconds < np.inf:
        label, hook = ws.label[node], ws.hook[number]
        hook.next = label.hook if label.hung == mark else NONE
        hook.seconds = seconds
        hook.metres = metres
        label.hung = mark
        label.hook = number


@compiled
def _start(nodes: int, origin: Places, target: Places, reverse: bool, edges: Edges, ws: Workspace, mark: int) -> int:
    """Reach what the origins touch: nodes beside them, and targets on the same edge."""
    size = 0
    for i in range(origin.node.size):
        start_s = origin.delay_s[i]
        if origin.node[i] >= 0:
            size = _reach(ws, mark, size, origin.node[i], start_s, 0.0, NONE)
            continue
        near, far = gates(origin.edge[i], origin.fraction[i], not reverse, edges)
        size = _reach(ws, mark, size, near.node, start_s + near.seconds, near.metres, NONE)
        size = _reach(ws, mark, size, far.node, start_s + far.seconds, far.metres, NONE)
        for j in range(target.node.size):
            direct_s, direct_m = along_edge(origin, i, target, j, reverse, edges)
            if direct_s < np.inf:
                at_s = start_s + target.delay_s[j] + direct_s
                size = _reach(ws, mark, size, nodes + j, at_s, direct_m, NONE)
    return size


@compiled
def _reach(ws: Workspace, mark: int, size: int, vertex: int, at_s: float, at_m: float, via: int) -> int:
    """Note that a vertex can be reached, if that is news; the size of the heap is returned."""
    label = ws.label[vertex]
    if at_s < np.inf and (label.mark != mark or at_s < label.seconds):
        label.mark = mark
        label.seconds = at_s
        label.metres = at_m
        label.via = via
        return push(ws.key, ws.item, size, at_s, vertex)
    return size


@compiled
def _settle(graph: Graph, wanted: int, limit_s: float, ws: Workspace, mark: int, size: int, found: IntArray) -> int:
    """Settle vertices in order of time; returns the number of targets found."""
    start, arcs, key, item, labels = graph.start, graph.arc, ws.key, ws.item, ws.label
    nodes, count = start.size - 1, 0
    while size > 0:
        at_s, vertex = key[0], item[0]
        size = pop(key, item, size)
        label = labels[vertex]
        if at_s > label.seconds:  # a shorter way was found after this entry was pushed
            continue
        if at_s > limit_s:
            break
        if vertex >= nodes:
            found[count] = vertex - nodes
            count += 1
            if count == wanted:
                break
            continue
        if label.hung == mark:
            size, count = _unhook(nodes, vertex, at_s, wanted, ws, mark, size, found, count)
            if count == wanted:
                break
        at_m = label.metres
        for slot in range(start[vertex], start[vertex + 1]):
            arc = arcs[slot]
            end_s = at_s + arc.seconds
            end = labels[arc.end]
            if end_s < np.inf and (end.mark != mark or end_s < end.seconds):
                end.mark = mark
                end.seconds = end_s
                end.metres = at_m + arc.metres
                end.via = arc.edge
                size = push(key, item, size, end_s, arc.end)
    return count


@compiled
def _unhook(
    nodes: int,
    vertex: int,
    at_s: float,
    wanted: int,
    ws: Workspace,
    mark: int,
    size: int,
    found: IntArray,
    count: int,
) -> tuple[int, int]:
    """Reach the targets that hang on a settled node; one at the node itself is settled with it."""
    at_m, number = ws.label[vertex].metres, ws.label[vertex].hook
    while number >= 0 and count < wanted:
        hook, there = ws.hook[number], nodes + (number >> 1)
        label = ws.label[there]
        if hook.seconds > 0:
            size = _reach(ws, mark, size, there, at_s + hook.seconds, at_m + hook.metres, -2 - vertex)
        elif label.mark != mark or at_s < label.seconds:
            label.mark = mark
            label.seconds = at_s
            label.metres = at_m
            label.via = -2 - vertex
            found[count] = number >> 1
            count += 1
        number = hook.next
    return size, count


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


@compiled
def two_nearest(
    graph: Graph,
    seed_node: IntArray,
    seed_s: FloatArray,
    seed_owner: IntArray,
    limit_s: float,
    rank: IntArray,
    label_s: FloatArray,
    owner: IntArray,
    key: FloatArray,
    item: IntArray,
) -> None:
    """The two nearest different owners of every node within `limit_s`, into label_s and owner (nodes × 2).

    Each node settles at most twice, for different owners, in one search from all seeds. Vertices in the heap
    encode owner × nodes + node; `rank` counts the labels settled per node.
    """
    nodes = graph.start.size - 1
    size = 0
    for i in range(seed_node.size):
        if seed_s[i] <= limit_s:
            size = push(key, item, size, seed_s[i], seed_owner[i] * nodes + seed_node[i])
    while size > 0:
        at_s, code = key[0], item[0]
        size = pop(key, item, size)
        node, source = code % nodes, code // nodes
        if rank[node] == 2 or (rank[node] == 1 and owner[node, 0] == source):
            continue
        label_s[node, rank[node]] = at_s
        owner[node, rank[node]] = source
        rank[node] += 1
        for slot in range(graph.start[node], graph.start[node + 1]):
            arc = graph.arc[slot]
            end, on_s = arc.end, at_s + arc.seconds
            if on_s <= limit_s and rank[end] < 2 and not (rank[end] == 1 and owner[end, 0] == source):
                size = push(key, item, size, on_s, source * nodes + end)
