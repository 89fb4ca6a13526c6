"""Demand on streets: what passing a street shows a patrol, and the most that a driving time could pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import BoolArray, FloatArray, IntArray


def street_demand(streets: Streets, spots: Spots, weight: ArrayLike) -> FloatArray:
    """Demand (expected calls) per edge from demand at spots; both directions of a street get all of it.

    Demand at a node is shared equally by the streets that meet there.
    """
    weights = np.asarray(weight, float)
    street = street_of(streets)
    total = np.zeros(streets.edge_count)
    on_edge = spots.edge >= 0
    np.add.at(total, street[spots.edge[on_edge]], weights[on_edge])
    at_node = np.bincount(spots.node[~on_edge], weights[~on_edge], minlength=streets.node_count)
    own = np.flatnonzero((street == np.arange(streets.edge_count)) & (streets.tail != streets.head))
    ends = np.stack([streets.tail[own], streets.head[own]])
    share = at_node / np.maximum(np.bincount(ends.ravel(), minlength=streets.node_count), 1)
    total[own] += share[ends[0]] + share[ends[1]]
    result: FloatArray = total[street]
    return result


def street_of(streets: Streets) -> IntArray:
    """One number per street: the lower of an edge and the one that runs the other way."""
    edges = np.arange(streets.edge_count)
    back = streets.opposite
    mutual = (back >= 0) & (back[np.maximum(back, 0)] == edges)
    return np.where(mutual, np.minimum(edges, back), edges)


def street_worth(streets: Streets, demand: FloatArray) -> tuple[IntArray, FloatArray]:
    """Per edge its street's number, and demand × metres of that street: what passing it shows a patrol."""
    worth: FloatArray = np.where(streets.tail == streets.head, 0.0, demand * streets.length_m)
    return street_of(streets), worth


def knapsack(travel: Travel, worth: FloatArray, street: IntArray, near: BoolArray, budget_s: float) -> float:
    """The most demand on streets near enough whose driving times fit the budget, parts of a street allowed: no walk
    sees more, since the ways between streets are left out.
    """
    time_s = np.full(worth.size, np.inf)
    np.minimum.at(time_s, street[near], travel.time_s[near])
    own = np.flatnonzero((worth > 0) & np.isfinite(time_s))
    own = own[np.argsort(-worth[own] / np.maximum(time_s[own], 1e-9), kind="stable")]
    before_s = np.concatenate([[0.0], np.cumsum(time_s[own])])[:-1]
    part = np.clip((budget_s - before_s) / np.maximum(time_s[own], 1e-9), 0, 1)
    return float((worth[own] * part).sum())
