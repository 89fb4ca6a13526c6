"""The shortest-path kernel: one label-setting search that answers every question of travel.

Dijkstra's method (Numerische Mathematik 1, 1959) on a binary heap with lazy deletion. Nothing is prepared
on the graph, so a closure or a slow-down is only another array of edge times. Targets hang on the nodes
beside them as extra vertices n, n+1, …, so that points on edges and delays cost nothing special, and the
search ends as soon as the wanted number of targets is settled.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

NONE = -1


class Graph(NamedTuple):
    """Slots start[i] … start[i+1]-1 of node i hold the neighbour `end`, the edge number and its seconds."""

    start: AnyArray
    end: AnyArray
    edge: AnyArray
    seconds: FloatArray


class Ends(NamedTuple):
    """What the kernel needs to know of edges to stand on them."""

    tail: IntArray
    head: IntArray
    opposite: IntArray


class Places(NamedTuple):
    """Spots with the seconds that pass there before moving."""

    node: IntArray
    edge: IntArray
    fraction: FloatArray
    delay_s: FloatArray


class Workspace(NamedTuple):
    """Arrays that one thread reuses from search to search; a label counts only if its `mark` is the
    search's own.
    """

    reached_s: FloatArray  # per vertex (nodes, then targets)
    via: AnyArray  # edge by which a vertex was reached; NONE at an origin
    mark: AnyArray
    hung: AnyArray  # per node: mark of the search for which `first_hook` holds
    first_hook: AnyArray
    next_hook: AnyArray  # per hook: the next at the same node
    hook_s: FloatArray
    key: FloatArray  # heap
    item: AnyArray
    scratch: AnyArray  # edges or nodes of a way
    metres: FloatArray  # per node: metres to the origin, where `measured` is the search's mark
    measured: AnyArray
    counter: IntArray  # [0]: number of the search


def heap_room(edges: int, targets: int, origins: int) -> int:
    """The most labels one search can push: one per edge, two per target and origin, one per pair on one
    edge.
    """
    return edges + 2 * targets + 2 * origins + targets * origins


def workspace(nodes: int, edges: int, targets: int, origins: int) -> Workspace:
    """Arrays large enough for searches with up to so many targets and origins."""
    vertices, heap = nodes + targets, heap_room(edges, targets, origins)

    def marks(n: int) -> AnyArray:
        return np.zeros(n, np.int32)

    return Workspace(
        np.empty(vertices), marks(vertices), marks(vertices), marks(nodes), marks(nodes),
        marks(2 * targets + 1), np.empty(2 * targets + 1), np.empty(heap), marks(heap), marks(nodes),
        np.empty(nodes), marks(nodes), np.zeros(1, np.int64),
    )  # fmt: skip


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
def gates(
    edge: int, fraction: float, leaving: bool, ends: Ends, time_s: FloatArray
) -> tuple[int, float, int, int, float, int]:
    """The two ways between a point on an edge and the network: (node, seconds, edge) twice, to leave or to
    arrive.

    On a street closed both ways the nearer end is taken: a closure bars the way through, not the doors.
    """
    back = ends.opposite[edge]
    forth_s = time_s[edge]
    back_s = time_s[back] if back >= 0 else np.inf
    ahead, behind = ends.head[edge], ends.tail[edge]
    if forth_s == np.inf and back_s == np.inf:
        near = behind if fraction <= 0.5 else ahead
        return near, 0.0, NONE, near, np.inf, NONE
    if leaving:
        return ahead, (1 - fraction) * forth_s, edge, behind, fraction * back_s, back
    return behind, fraction * forth_s, edge, ahead, (1 - fraction) * back_s, back


@compiled
def along_edge_s(
    origin: Places, i: int, target: Places, j: int, reverse: bool, ends: Ends, time_s: FloatArray
) -> float:
    """Seconds between two points of one edge without leaving it, infinity if that cannot be."""
    edge = origin.edge[i]
    if edge < 0 or edge != target.edge[j]:
        return np.inf
    ahead = target.fraction[j] - origin.fraction[i]
    if reverse:
        ahead = -ahead
    if ahead == 0:
        return 0.0
    if ahead > 0:
        return float(ahead * time_s[edge])
    back = ends.opposite[edge]
    return float(-ahead * time_s[back]) if back >= 0 else np.inf


@compiled
def search(
    graph: Graph,
    ends: Ends,
    reverse: bool,
    time_s: FloatArray,
    origin: Places,
    target: Places,
    wanted: int,
    limit_s: float,
    ws: Workspace,
    found: IntArray,
) -> int:
    """Search from the origins (backwards with `reverse`) until `wanted` targets are settled; return their
    count.

    `found` receives the targets in order of arrival. Afterwards `ws` holds, under the mark `ws.counter[0]`,
    the times of all vertices reached; those up to `limit_s` are final if the search was not ended by
    `wanted`.
    """
    ws.counter[0] += 1
    mark = ws.counter[0]
    _hang(target, reverse, ends, time_s, ws, mark)
    size = _start(graph.start.size - 1, origin, target, reverse, ends, time_s, ws, mark)
    return _settle(graph, wanted, limit_s, ws, mark, size, found)


@compiled
def _hang(target: Places, reverse: bool, ends: Ends, time_s: FloatArray, ws: Workspace, mark: int) -> None:
    """Hang every target on the nodes beside it."""
    hooks = 0
    for j in range(target.node.size):
        if target.node[j] >= 0:
            hooks = _hook(ws, mark, hooks, target.node[j], target.delay_s[j])
            hooks = _hook(ws, mark, hooks, NONE, np.inf)
        else:
            near, near_s, _, far, far_s, _ = gates(target.edge[j], target.fraction[j], reverse, ends, time_s)
            hooks = _hook(ws, mark, hooks, near, near_s + target.delay_s[j])
            hooks = _hook(ws, mark, hooks, far, far_s + target.delay_s[j])


@compiled
def _start(
    nodes: int, origin: Places, target: Places, reverse: bool, ends: Ends, time_s: FloatArray, ws: Workspace,
    mark: int,
) -> int:  # fmt: skip
    """Reach what the origins touch: nodes beside them, and targets on the same edge."""
    size = 0
    for i in range(origin.node.size):
        start_s = origin.delay_s[i]
        if origin.node[i] >= 0:
            size = _reach(ws, mark, size, origin.node[i], start_s, NONE)
            continue
        near, near_s, _, far, far_s, _ = gates(origin.edge[i], origin.fraction[i], not reverse, ends, time_s)
        size = _reach(ws, mark, size, near, start_s + near_s, NONE)
        size = _reach(ws, mark, size, far, start_s + far_s, NONE)
        for j in range(target.node.size):
            direct_s = along_edge_s(origin, i, target, j, reverse, ends, time_s)
            if direct_s < np.inf:
                size = _reach(ws, mark, size, nodes + j, start_s + target.delay_s[j] + direct_s, NONE)
    return size


@compiled
def _settle(graph: Graph, wanted: int, limit_s: float, ws: Workspace, mark: int, size: int, found: IntArray) -> int:
    """Settle vertices in order of time; returns the number of targets found."""
    # Names for the arrays of the innermost loop: looked up once, not once per edge.
    start, ends, edges, seconds = graph.start, graph.end, graph.edge, graph.seconds
    reached_s, via, marks, hung, key, item = ws.reached_s, ws.via, ws.mark, ws.hung, ws.key, ws.item
    nodes, count = start.size - 1, 0
    while size > 0:
        at_s, vertex = key[0], item[0]
        size = pop(key, item, size)
        if at_s > reached_s[vertex]:  # a shorter way was found after this label was pushed
            continue
        if at_s > limit_s:
            break
        if vertex >= nodes:
            found[count] = vertex - nodes
            count += 1
            if count == wanted:
                break
            continue
        if hung[vertex] == mark:
            size, count = _unhook(nodes, vertex, at_s, wanted, ws, mark, size, found, count)
            if count == wanted:
                break
        for slot in range(start[vertex], start[vertex + 1]):
            end, end_s = ends[slot], at_s + seconds[slot]
            if end_s < np.inf and (marks[end] != mark or end_s < reached_s[end]):
                marks[end], reached_s[end], via[end] = mark, end_s, edges[slot]
                size = push(key, item, size, end_s, end)
    return count


@compiled
def _unhook(
    nodes: int, vertex: int, at_s: float, wanted: int, ws: Workspace, mark: int, size: int, found: IntArray,
    count: int,
) -> tuple[int, int]:  # fmt: skip
    """Reach the targets that hang on a settled node; one at the node itself is settled with it."""
    hook = ws.first_hook[vertex]
    while hook >= 0 and count < wanted:
        there, there_s = nodes + (hook >> 1), at_s + ws.hook_s[hook]
        if there_s > at_s:
            size = _reach(ws, mark, size, there, there_s, -2 - vertex)
        elif ws.mark[there] != mark or at_s < ws.reached_s[there]:
            ws.mark[there], ws.reached_s[there], ws.via[there] = mark, at_s, -2 - vertex
            found[count] = hook >> 1
            count += 1
        hook = ws.next_hook[hook]
    return size, count


@compiled
def _hook(ws: Workspace, mark: int, hook: int, node: int, seconds: float) -> int:
    """Hang hook number `hook` (two per target) on a node."""
    if seconds < np.inf:
        if ws.hung[node] != mark:
            ws.hung[node] = mark
            ws.first_hook[node] = NONE
        ws.next_hook[hook] = ws.first_hook[node]
        ws.first_hook[node] = hook
        ws.hook_s[hook] = seconds
    return hook + 1


@compiled
def _reach(ws: Workspace, mark: int, size: int, vertex: int, at_s: float, via: int) -> int:
    """Note that a vertex can be reached, if that is news."""
    if at_s < np.inf and (ws.mark[vertex] != mark or at_s < ws.reached_s[vertex]):
        ws.mark[vertex] = mark
        ws.reached_s[vertex] = at_s
        ws.via[vertex] = via
        return push(ws.key, ws.item, size, at_s, vertex)
    return size


@compiled
def trace(nodes: int, ends: Ends, reverse: bool, target: int, ws: Workspace, edges: AnyArray) -> tuple[int, int, int]:
    """Edges between a settled target and its origin, from the target's end on.

    Returns their count, the node beside the target and the node beside the origin, both NONE if the way never
    leaves one edge.
    """
    via = ws.via[nodes + target]
    if via == NONE:
        return 0, NONE, NONE
    beside = -2 - via
    vertex, count = beside, 0
    while ws.via[vertex] != NONE:
        edge = ws.via[vertex]
        edges[count] = edge
        count += 1
        vertex = ends.head[edge] if reverse else ends.tail[edge]
    return count, beside, vertex


@compiled
def stub(
    places: Places, i: int, node: int, leaving: bool, ends: Ends, time_s: FloatArray, length_m: FloatArray
) -> tuple[float, int]:
    """Metres and edge (NONE without one) between a place and the node by which it is left or arrived at."""
    if places.node[i] >= 0:
        return 0.0, NONE
    edge = places.edge[i]
    near, _, near_edge, _, _, far_edge = gates(edge, places.fraction[i], leaving, ends, time_s)
    used = near_edge if near == node else far_edge
    if used == NONE:
        return 0.0, NONE
    share = 1 - places.fraction[i] if node == ends.head[edge] else places.fraction[i]
    return share * length_m[used], used


@compiled
def lengths(
    nodes: int,
    ends: Ends,
    time_s: FloatArray,
    length_m: FloatArray,
    origin: Places,
    target: Places,
    found: IntArray,
    ws: Workspace,
    result: FloatArray,
) -> None:
    """Metres of the ways from the first targets in `found` to the one origin of a backward search.

    Ways share their ends, so the metres of every node passed are kept: each edge of the tree is added once.
    """
    mark = ws.counter[0]
    for i in range(result.size):
        j = found[i]
        via = ws.via[nodes + j]
        if via == NONE:
            ahead = origin.fraction[0] - target.fraction[j]
            edge = target.edge[j]
            result[i] = abs(ahead) * length_m[edge if ahead >= 0 else ends.opposite[edge]]
            continue
        beside = -2 - via
        vertex, count = beside, 0
        while ws.measured[vertex] != mark and ws.via[vertex] != NONE:
            ws.scratch[count] = vertex
            count += 1
            vertex = ends.head[ws.via[vertex]]
        if ws.measured[vertex] != mark:
            ws.metres[vertex], _ = stub(origin, 0, vertex, False, ends, time_s, length_m)
            ws.measured[vertex] = mark
        so_far = ws.metres[vertex]
        for slot in range(count - 1, -1, -1):
            vertex = ws.scratch[slot]
            so_far += length_m[ws.via[vertex]]
            ws.metres[vertex], ws.measured[vertex] = so_far, mark
        first_m, _ = stub(target, j, beside, True, ends, time_s, length_m)
        result[i] = first_m + so_far


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

    Each node settles at most twice, for different owners, in one search from all seeds. Heap items encode
    owner × nodes + node; `rank` counts the labels settled per node.
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
            end = graph.end[slot]
            on_s = at_s + graph.seconds[slot]
            if on_s <= limit_s and rank[end] < 2 and not (rank[end] == 1 and owner[end, 0] == source):
                size = push(key, item, size, on_s, source * nodes + end)
