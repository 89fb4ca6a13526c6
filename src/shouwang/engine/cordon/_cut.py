"""The cheapest set of junctions that parts the vehicle from the exits, by maximum flow.

Each junction that can be shut is split in two, joined by an arc that costs what shutting it costs; the cheapest
cut is as large as the largest flow (Ford and Fulkerson, Canadian Journal of Mathematics 8, 1956; Menger 1927).
What the vehicle passes anyway is joined into the source. A junction that is left inside can cost something too:
an arc from its far half to the sink.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from shouwang.engine.cordon.chase import Chase
from shouwang.engine.terms import BoolArray, IntArray

_ENDLESS = 2**30


@dataclass(frozen=True, slots=True)
class Cut:
    """The junctions to shut, and the cost of the cut: those, and what is left inside beyond the core."""

    ring: IntArray
    cost: int


def can_escape(chase: Chase) -> BoolArray:
    """The nodes from which some exit can be reached at all."""
    n = chase.node_count
    open_ = np.isfinite(chase.drive_s)
    goal = np.flatnonzero(chase.exits)
    rows = np.concatenate([chase.head[open_], np.full(goal.size, n)])
    columns = np.concatenate([chase.tail[open_], goal])
    back = csr_matrix((np.ones(rows.size, np.int8), (rows, columns)), shape=(n + 1, n + 1))
    found = np.zeros(n + 1, bool)
    found[breadth_first_order(back, n, return_predecessors=False)] = True
    return found[:n]


def least_cut(chase: Chase, counts: BoolArray, shut_cost: IntArray, inside_cost: int) -> Cut | None:
    """The cheapest cut, among equals the one that leaves least inside; None if there is none.

    counts: nodes that matter, others are left out; shut_cost: per node, 0 where it cannot be shut;
    inside_cost: per node left inside.
    """
    core = chase.within(np.flatnonzero(shut_cost > 0))
    if chase.escaped(core) >= 0:
        return None
    outside = np.flatnonzero(counts & ~core.passed)
    number = np.full(chase.node_count, -1)
    number[outside] = np.arange(outside.size)
    network = _network(chase, core.passed, number, outside, shut_cost, inside_cost)
    source, sink = 2 * outside.size, 2 * outside.size + 1
    found = maximum_flow(network, source, sink)
    left = network - found.flow
    left.data[left.data < 0] = 0
    left.eliminate_zeros()
    side = np.zeros(sink + 1, bool)
    side[breadth_first_order(left, source, return_predecessors=False)] = True
    return Cut(outside[side[0 : 2 * outside.size : 2] & ~side[1 : 2 * outside.size : 2]], int(found.flow_value))


def _network(
    chase: Chase, core: BoolArray, number: IntArray, outside: IntArray, shut_cost: IntArray, inside_cost: int
) -> csr_matrix:
    """Arcs: near half 2i → far half 2i + 1 of node i, streets between halves, exits and the inside to the sink."""
    count = outside.size
    source, sink = 2 * count, 2 * count + 1
    streets = np.isfinite(chase.drive_s) & (number[chase.head] >= 0)
    first = np.unique(number[chase.head[streets & core[chase.tail]]])
    seeds = np.unique(number[chase.seed_node[np.isfinite(chase.seed_s)]])
    first = np.union1d(first, seeds[seeds >= 0])
    streets &= (number[chase.tail] >= 0) & (chase.head != chase.tail)
    pairs = np.unique(number[chase.tail[streets]] * count + number[chase.head[streets]])
    near = 2 * np.arange(count)
    price = np.where(shut_cost[outside] > 0, shut_cost[outside], _ENDLESS)
    leave = np.where(chase.exits[outside], _ENDLESS, inside_cost)
    rows = np.concatenate([near, 2 * (pairs // count) + 1, np.full(first.size, source), near + 1])
    columns = np.concatenate([near + 1, 2 * (pairs % count), 2 * first, np.full(count, sink)])
    endless = np.full(pairs.size + first.size, _ENDLESS)
    capacity = np.concatenate([price, endless, leave]).astype(np.int32)
    network = csr_matrix((capacity, (rows, columns)), shape=(sink + 1, sink + 1))
    network.eliminate_zeros()
    return network
