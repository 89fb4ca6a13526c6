"""The two nearest of several sources to every vertex: Dijkstra's method on a binary heap, each vertex settled twice."""

from __future__ import annotations

from shouwang.engine.compiled import compiled
from shouwang.engine.geo._heap import pop, push
from shouwang.engine.geo._search import Graph
from shouwang.engine.terms import FloatArray, IntArray


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
