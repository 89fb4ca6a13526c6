"""Patrol lines: a closed walk from a post through the busiest streets within a time budget.

The problem is arc orienteering (Souffriau et al., Computers & Operations Research 38, 2011), too hard to
prove at this size within a planner's patience. So: streets are inserted where they cost least time for the
demand they show, parts of the line are torn out at random and rebuilt (ruin and recreate, Schrimpf et al.,
Journal of Computational Physics 159, 2000), and what the way between streets passes counts as seen too. The
bound is a knapsack: no walk sees more than the best streets whose driving times alone fill the budget.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.deploy._insertion import cheapest
from shouwang.engine.errors import Faults
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.certificate import Certificate
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

_STREETS_CONSIDERED = 120
_STARTS = 5
_REBUILDS = 200
_FORGIVEN = 0.1
_CHOICE = 3  # among so many best insertions one is drawn


@dataclass(frozen=True, slots=True)
class Line:
    """A closed walk: nodes and edges (indices) in order, the streets it follows, metres, seconds.

    seen: share (0 … 1) of all demand that lies on the streets it passes; certificate: the same in demand,
    with the most any walk of the same length could see.
    """

    nodes: IntArray
    edges: IntArray
    streets: tuple[str, ...]
    length_m: float
    seconds: float
    seen: float
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class _Stops:
    """Streets worth driving, each in the directions it has: from u to v in time_s, for `worth`; street: its
    id.
    """

    edge: IntArray
    u: IntArray
    v: IntArray
    time_s: FloatArray
    worth: FloatArray
    street: IntArray
    number: IntArray  # streets counted from 0
    between_s: FloatArray  # seconds from the end of row to the start of column; last row and column: the post


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


def patrol_line(travel: Travel, post: int, demand: FloatArray, budget_s: float, rng: np.random.Generator) -> Line:
    """A closed walk from node `post` (index) that passes as much demand as it can within `budget_s` seconds.

    demand: per edge, 0 or more, as `street_demand` gives it. Times are those of `travel`: pass one with
    slower times for a patrol that looks around. Where no street fits, the line is empty. Raises `BadInput`.
    """
    streets = travel.streets
    _check(streets, post, demand, budget_s)
    street = street_of(streets)
    worth = np.where(streets.tail == streets.head, 0.0, demand)
    total = float(worth[np.unique(street)].sum())
    alone_s = _alone_s(travel, post)
    near = alone_s <= budget_s
    stops = _stops(travel, post, worth, street, alone_s, budget_s)
    starts = [_rebuilt(stops, budget_s, rng) for _ in range(_STARTS)]
    order = max(starts, key=lambda one: float(stops.worth[one].sum()))
    edges = _driven(travel, post, stops, order)
    edges = _filled(travel, post, stops, order, edges, worth, street, budget_s)
    passed = np.unique(street[edges]) if edges.size else edges
    seen = float(worth[passed].sum())
    bound = max(seen, knapsack(travel, worth, street, near, budget_s))
    return Line(
        np.concatenate([[post], streets.head[edges]]).astype(np.int64),
        edges,
        travel.street_names(edges),
        float(streets.length_m[edges].sum()),
        float(travel.time_s[edges].sum()),
        seen / total if total else 0.0,
        Certificate(seen, bound),
    )


def _alone_s(travel: Travel, post: int) -> FloatArray:
    """Per edge the seconds of a walk from the post through this edge alone and back."""
    home, streets = Spots.at_nodes(post), travel.streets
    out_s, back_s = travel.from_one(home), travel.from_one(home, reverse=True)
    result: FloatArray = out_s[streets.tail] + travel.time_s + back_s[streets.head]
    return result


def _stops(
    travel: Travel, post: int, worth: FloatArray, street: IntArray, alone_s: FloatArray, budget_s: float
) -> _Stops:
    """The streets with the most demand for the time they take, of those that fit into the budget at all."""
    streets = travel.streets
    fits = np.flatnonzero((worth > 0) & (alone_s <= budget_s))
    # Going there counts a little: of two streets alike the nearer one serves more walks.
    value = worth[fits] / (travel.time_s[fits] + 0.05 * alone_s[fits] + 1e-9)
    best = list(dict.fromkeys(street[fits[np.argsort(-value, kind="stable")]].tolist()))[:_STREETS_CONSIDERED]
    edge = fits[np.isin(street[fits], best)]
    u, v = streets.tail[edge], streets.head[edge]
    nodes, index = np.unique(np.concatenate([v, u, [post]]), return_inverse=True)
    apart_s = travel.matrix(Spots.at_nodes(nodes), Spots.at_nodes(nodes), limit_s=budget_s)
    ends, starts = np.append(index[: edge.size], index[-1]), index[edge.size :]
    between_s = np.ascontiguousarray(apart_s[np.ix_(ends, starts)])
    number = np.unique(street[edge], return_inverse=True)[1].ravel()
    return _Stops(edge, u, v, travel.time_s[edge], worth[edge], street[edge], number, between_s)


def _rebuilt(stops: _Stops, budget_s: float, rng: np.random.Generator) -> list[int]:
    """The best order of stops found: build, then tear out and build again.

    A rebuilt line that sees somewhat less is gone on with too, less and less towards the end (threshold
    accepting, Dueck and Scheuer, Journal of Computational Physics 90, 1990).
    """
    best = current = _inserted(stops, [], budget_s, rng)
    for round_ in range(_REBUILDS):
        if not current:
            break
        kept = _torn(current, rng)
        trial = _inserted(stops, kept, budget_s, rng)
        forgiven = 1 - _FORGIVEN * (1 - round_ / _REBUILDS)
        if stops.worth[trial].sum() >= forgiven * stops.worth[current].sum():
            current = trial
        if stops.worth[current].sum() > stops.worth[best].sum() + 1e-12:
            best = current
    return best


def _torn(order: list[int], rng: np.random.Generator) -> list[int]:
    """Leave out a run of stops or, as often, stops here and there."""
    size = int(rng.integers(1, max(2, len(order) // 2) + 1))
    if rng.random() < 0.5:
        start = int(rng.integers(len(order)))
        return [stop for i, stop in enumerate(order) if not start <= i < start + size]
    out = set(rng.choice(len(order), min(size, len(order)), replace=False).tolist())
    return [stop for i, stop in enumerate(order) if i not in out]


def _inserted(stops: _Stops, order: list[int], budget_s: float, rng: np.random.Generator) -> list[int]:
    """Add stops one after the other, each of the few that show most demand for the time they add."""
    order = list(order)
    while True:
        extra_s, place = _insertions(stops, order)
        free = np.ones(stops.number.max(initial=0) + 1, bool)
        free[stops.number[order]] = False
        fits = np.flatnonzero(free[stops.number] & (extra_s <= budget_s - _seconds(stops, order) + 1e-9))
        if not fits.size:
            return order
        value = stops.worth[fits] / (extra_s[fits] + 1e-9)
        chosen = int(fits[np.argsort(-value, kind="stable")[: int(rng.integers(1, _CHOICE + 1))][-1]])
        order.insert(int(place[chosen]), chosen)


def _insertions(stops: _Stops, order: list[int]) -> tuple[FloatArray, IntArray]:
    """For every stop the least time that taking it in would add, and before which stop of the order."""
    return cheapest(stops.between_s, stops.time_s, np.array(order, np.int64))


def _seconds(stops: _Stops, order: list[int]) -> float:
    post = stops.edge.size
    before, after = np.array([post, *order]), np.array([*order, post])
    return float(stops.between_s[before, after].sum() + stops.time_s[order].sum())


def _driven(travel: Travel, post: int, stops: _Stops, order: list[int]) -> IntArray:
    """All edges of the walk, the ways between stops included."""
    at, edges = post, []
    for stop in order:
        edges += [*_way(travel, at, int(stops.u[stop])), int(stops.edge[stop])]
        at = int(stops.v[stop])
    return np.array([*edges, *_way(travel, at, post)], np.int64)


def _way(travel: Travel, u: int, v: int) -> list[int]:
    route = travel.route(Spots.at_nodes(u), Spots.at_nodes(v)) if u != v else None
    return [] if route is None else [int(edge) for edge in route.edges]


def _filled(
    travel: Travel, post: int, stops: _Stops, order: list[int], edges: IntArray, worth: FloatArray,
    street: IntArray, budget_s: float,
) -> IntArray:  # fmt: skip
    """Take out stops that other ways pass anyhow, and use the time won for streets not yet seen."""
    for _ in range(len(stops.edge)):
        passed = np.unique(street[edges]) if edges.size else edges
        extra_s, place = _insertions(stops, order)
        fresh = ~np.isin(stops.street, passed)
        fits = np.flatnonzero(fresh & (extra_s <= budget_s - _seconds(stops, order) + 1e-9))
        if not fits.size:
            break
        chosen = int(fits[np.argmax(stops.worth[fits] / (extra_s[fits] + 1e-9))])
        order = [*order[: int(place[chosen])], chosen, *order[int(place[chosen]) :]]
        edges = _driven(travel, post, stops, order)
    return edges


def knapsack(travel: Travel, worth: FloatArray, street: IntArray, near: BoolArray, budget_s: float) -> float:
    """The most demand on streets near enough whose driving times fit the budget, parts of a street allowed."""
    time_s = np.full(worth.size, np.inf)
    np.minimum.at(time_s, street[near], travel.time_s[near])
    own = np.flatnonzero((worth > 0) & np.isfinite(time_s))
    own = own[np.argsort(-worth[own] / np.maximum(time_s[own], 1e-9), kind="stable")]
    before_s = np.concatenate([[0.0], np.cumsum(time_s[own])])[:-1]
    part = np.clip((budget_s - before_s) / np.maximum(time_s[own], 1e-9), 0, 1)
    return float((worth[own] * part).sum())


def _check(streets: Streets, post: int, demand: FloatArray, budget_s: float) -> None:
    faults = Faults(keep=50)
    if not 0 <= post < streets.node_count:
        faults.add("post", "there is no such node", post, "Give the index of a node.")
    if demand.shape != (streets.edge_count,):
        faults.add("demand", "there has to be one value per edge", str(demand.shape), "Use street_demand.")
    else:
        for edge in np.flatnonzero(~(np.isfinite(demand) & (demand >= 0))):
            faults.add(f"demand, edge {edge}", "demand is a finite number, 0 or more", demand[edge], "Correct it.")
    if not (np.isfinite(budget_s) and budget_s > 0):
        faults.add("budget_s", "the budget has to be a finite time above 0", budget_s, "Give seconds.")
    faults.raise_if_any()
