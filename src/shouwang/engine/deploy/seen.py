"""见警率: the share of streets, by the demand on them, that patrols see in an hour; planned and driven alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shouwang.engine.deploy.on_streets import knapsack, street_worth
from shouwang.engine.geo.streets import Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import FloatArray, IntArray

HOUR_S = 3600.0
_OFF_ROAD_M = 60.0  # a position further from any street tells nothing
_AT_NODE_M = 25.0  # a unit so near to a junction stands at it
_EVERY_S = 15.0  # positions between are passed over
_SILENT_S = 180.0  # after so long the way between two positions is not guessed
_ROUNDABOUT = 2.5  # nor if it is so many times longer than the straight line, and
_ROUNDABOUT_M = 300.0  # by at least so much


def seen_per_hour(
    streets: Streets, demand: FloatArray, edges: IntArray, at_s: FloatArray, hours: int
) -> FloatArray:
    """Per hour the share of demand × metres that lies on the streets passed in it (见警率).

    edges, at_s: edges passed and when, planned or driven, by any number of units. A street counts once an hour.
    """
    street, worth = street_worth(streets, demand)
    total = float(worth[np.unique(street)].sum())
    hour = (at_s // HOUR_S).astype(np.int64)
    seen = [worth[np.unique(street[edges[hour == h]])].sum() for h in range(hours)]
    return np.array(seen, float) / total if total else np.zeros(hours)


def seen_at_most(
    travel: Travel, demand: FloatArray, units: int, windows_s: Sequence[tuple[float, float]], hours: int
) -> float:
    """Mean share per hour that the hours' driving time alone could pass, ways between streets left out."""
    street, worth = street_worth(travel.streets, demand)
    total, everywhere = float(worth[np.unique(street)].sum()), np.ones(worth.size, bool)
    if not total:
        return 0.0
    shares = []
    for hour in range(hours):
        from_s, to_s = hour * HOUR_S, (hour + 1) * HOUR_S
        touring_s = sum(max(0.0, min(end_s, to_s) - max(start_s, from_s)) for start_s, end_s in windows_s)
        # An edge counts for the hour in which it is entered: one more for each unit may end in the next.
        spare_s = float(travel.time_s[np.isfinite(travel.time_s)].max(initial=0.0))
        budget_s = units * (touring_s + spare_s) if touring_s else 0.0
        shares.append(knapsack(travel, worth, street, everywhere, budget_s) / total)
    return float(np.mean(shares))


def standing(streets: Streets, nodes: IntArray, from_s: FloatArray, until_s: FloatArray) -> tuple[IntArray, FloatArray]:
    """Edges at junctions where units stand, and a moment in each hour of the stay: standing there shows the streets
    that meet there."""
    edges: list[IntArray] = [np.zeros(0, np.int64)]
    at_s: list[FloatArray] = [np.zeros(0)]
    for node, start_s, end_s in zip(nodes, from_s, until_s, strict=True):
        out = np.arange(streets.out_start[node], streets.out_start[node + 1])
        hours = np.arange(start_s // HOUR_S, max(start_s, end_s - 1e-6) // HOUR_S + 1)
        edges.append(np.tile(out, hours.size))
        at_s.append(np.repeat(hours * HOUR_S, out.size))
    return np.concatenate(edges), np.concatenate(at_s)


def passed(travel: Travel, lon: FloatArray, lat: FloatArray, at_s: FloatArray) -> tuple[IntArray, FloatArray]:
    """Edges that one unit passed or stood at, with the second, from its positions in order of time.

    Positions are put on the nearest street and joined by the fastest way. Where a unit was silent for long, or the
    way is far longer than the straight line, nothing is guessed between.
    """
    streets, nothing = travel.streets, (np.zeros(0, np.int64), np.zeros(0))
    kept = _thinned(at_s)
    if not kept.size:
        return nothing
    spots = streets.snap(lon[kept], lat[kept])
    near = np.flatnonzero(spots.off_m <= _OFF_ROAD_M)
    if not near.size:
        return nothing
    spots, kept = spots[near], kept[near]
    node, off_m = streets.nearest_node(lon[kept], lat[kept])
    there = off_m <= _AT_NODE_M
    moment = at_s[kept]
    stood = standing(streets, node[there], moment[there], moment[there])
    on_edge = spots.edge >= 0
    edges, times = [stood[0], spots.edge[on_edge]], [stood[1], moment[on_edge]]
    x_m, y_m = streets.to_xy(lon[kept], lat[kept])
    for i in range(len(spots) - 1):
        apart_m = float(np.hypot(x_m[i + 1] - x_m[i], y_m[i + 1] - y_m[i]))
        if moment[i + 1] - moment[i] > _SILENT_S or apart_m < _AT_NODE_M:
            continue
        way = travel.route(spots[i : i + 1], spots[i + 1 : i + 2])
        if way is not None and way.length_m <= max(_ROUNDABOUT * apart_m, apart_m + _ROUNDABOUT_M):
            edges.append(way.edges)
            times.append(np.full(way.edges.size, moment[i]))
    return np.concatenate(edges).astype(np.int64), np.concatenate(times)


def _thinned(at_s: FloatArray) -> IntArray:
    """Which positions are looked at: no two nearer in time than `_EVERY_S`."""
    kept: list[int] = []
    for i, moment in enumerate(at_s.tolist()):
        if not kept or moment - at_s[kept[-1]] >= _EVERY_S:
            kept.append(i)
    return np.array(kept, np.int64)
