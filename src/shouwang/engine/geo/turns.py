"""Turns that are not allowed, laid into the graph once, so that a search by vertices obeys them by itself.

A junction without barred turns is one vertex. One with them becomes several (node splitting, Kirby and Potts,
Transportation Research 3, 1969), for those who come and those who go:

* the node itself, where everybody arrives and from where the exits lead that no turn bars;
* a vertex per exit that some turn bars;
* a vertex per approach from which a turn is barred, joined to the node and to the exits allowed from there;
* one for all other approaches, and for whoever starts at the junction, joined to everything.

The joints take no time and have no length. Only such junctions grow: closures and slow-downs cost nothing still.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from shouwang.engine.terms import IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Vertices:
    """The graph that is searched. Vertices 0 … nodes-1 are the nodes; arcs are the edges, then the joints.

    node: the node of each vertex; tail, head: vertices per arc; leave: the vertex from which each node may be left
    by every exit; out_start, out_arc: arcs out_arc[out_start[i]] … leave vertex i; in_start, in_arc: those that arrive.
    """

    count: int
    node: IntArray
    tail: IntArray
    head: IntArray
    leave: IntArray
    out_start: IntArray
    out_arc: IntArray
    in_start: IntArray
    in_arc: IntArray


def split(nodes: int, tail: IntArray, head: IntArray, barred: IntArray) -> Vertices:
    """Vertices of a network whose edges run tail → head; `barred` holds pairs of edges (from, onto), k × 2."""
    tail, head, leave = tail.copy(), head.copy(), np.arange(nodes)
    banned: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for came, goes in barred.tolist():
        banned[int(head[came])][came].add(goes)
    arrivals = {node: np.flatnonzero(head == node).tolist() for node in banned}
    joints: list[tuple[int, int]] = []
    owner = list(range(nodes))
    count = nodes
    for node, by_approach in banned.items():
        exits = sorted(set().union(*by_approach.values()))
        vertex_of = {edge: count + i for i, edge in enumerate(exits)}
        entry = count + len(exits)
        leave[node] = entry
        joints += [(entry, node)] + [(entry, vertex_of[edge]) for edge in exits]
        tail[exits] = [vertex_of[edge] for edge in exits]
        head[arrivals[node]] = entry
        count = entry + 1
        for came, forbidden in by_approach.items():
            head[came] = count
            joints += [(count, node)] + [(count, vertex_of[edge]) for edge in exits if edge not in forbidden]
            count += 1
        owner += [node] * (count - len(owner))
    if joints:
        ends = np.array(joints, np.int64)
        tail, head = np.concatenate([tail, ends[:, 0]]), np.concatenate([head, ends[:, 1]])
    return Vertices(count, np.array(owner), tail, head, leave, *_grouped(tail, count), *_grouped(head, count))


def _grouped(ends: IntArray, count: int) -> tuple[IntArray, IntArray]:
    start = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=count))]).astype(np.int64)
    return start, np.argsort(ends, kind="stable")
