"""Tours: which places a unit watches when, so that each is seen again in time and nobody can foretell the order.

A short stop at a hot place works on for a while after the patrol has left (Koper, Justice Quarterly 12, 1995): units
dwell 10 to 16 minutes, and come again within two hours. The next stop is drawn at random among those after
which all others can still be reached in time; ways between stops seek streets with demand not seen yet.
Cover never falls below a floor: a unit that drives counts only for what it still reaches in time after
arriving where it goes, so that what is promised holds at every moment of the drive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.deploy._night import Night
from shouwang.engine.deploy._tour_terms import Floor, Rules, Visit
from shouwang.engine.deploy.seen import HOUR_S, seen_at_most, seen_per_hour
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.certificate import Certificate
from shouwang.engine.terms import FloatArray, IntArray

__all__ = ["Floor", "Rules", "Tour", "Tours", "Visit", "hot_places", "plan_tours"]


@dataclass(frozen=True, slots=True)
class Tour:
    """One unit: the stops it has, its visits (the post first and last in every window), and the edges it drives
    with the second it enters each."""

    stops: IntArray
    visits: tuple[Visit, ...]
    edges: IntArray
    at_s: FloatArray


@dataclass(frozen=True, slots=True)
class Tours:
    """tours: per unit; left_out: stops that no unit has time for; longest_gap_s: longest time a stop waits.

    late: visits after a stop was due; overstayed: stops longer than the rules say, because leaving would have
    broken the floor; seen: per hour the share of demand × metres on the streets passed (见警率); cover: least share of
    weight in reach, at any moment (1 without a floor). certificate: of the mean of `seen`, with what the same
    hours of driving alone could see at most.
    """

    tours: tuple[Tour, ...]
    left_out: IntArray
    longest_gap_s: float
    late: int
    overstayed: int
    seen: FloatArray
    cover: float
    certificate: Certificate


def plan_tours(
    travel: Travel, posts: IntArray, stops: IntArray, weight: FloatArray, demand: FloatArray, rules: Rules,
    rng: np.random.Generator, floor: Floor | None = None,
) -> Tours:  # fmt: skip
    """Tours of units that start and end at their posts.

    posts, stops: nodes (indices); weight: per stop, what it is worth to watch; demand: per edge, as `street_demand`
    gives it. Heaviest stops are given out first, each to the nearest unit that has time for it. Raises
    `BadInput`, and `NoAnswer` if the floor does not even hold with every unit at its post.
    """
    _check(travel.streets, posts, stops, weight, demand, rules, floor)
    night = Night(travel, posts, stops, weight, demand, rules, rng, floor)
    if floor is not None and night.cover < floor.share:
        raise NoAnswer(f"With every unit at its post {night.cover:.1%} of demand is in reach, less than the floor.")
    for start_s, end_s in rules.windows_s:
        night.tour(start_s, end_s)
    tours = tuple(
        Tour(np.array(own, np.int64), tuple(visits), *_columns(driven))
        for own, visits, driven in zip(night.owned, night.visits, night.driven, strict=True)
    )
    hours = int(np.ceil(max(end_s for _, end_s in rules.windows_s) / HOUR_S))
    edges, at_s = (np.concatenate(column) for column in zip(*((t.edges, t.at_s) for t in tours), strict=True))
    seen = seen_per_hour(travel.streets, demand, edges, at_s, hours)
    mean, bound = float(seen.mean()), seen_at_most(travel, demand, posts.size, rules.windows_s, hours)
    return Tours(
        tours, np.array(night.left_out, np.int64), night.gap_s, night.late, night.overstayed, seen,
        night.least, Certificate(mean, max(mean, bound)),
    )  # fmt: skip


def hot_places(travel: Travel, demand: FloatArray, count: int, apart_s: float = 120.0) -> tuple[IntArray, FloatArray]:
    """The junctions where most demand meets, no two nearer than `apart_s` by road, and that demand."""
    streets = travel.streets
    worth = np.zeros(streets.node_count)
    for ends in (streets.head, streets.tail):
        worth += np.bincount(ends, demand, streets.node_count)
    free = worth > 0
    found: list[int] = []
    while free.any() and len(found) < count:
        node = int(np.where(free, worth, -1.0).argmax())
        found.append(node)
        free &= travel.from_one(Spots.at_nodes(node), limit_s=apart_s) > apart_s
        free[node] = False
    chosen = np.array(found, np.int64)
    return chosen, worth[chosen]


def _columns(driven: list[tuple[int, float]]) -> tuple[IntArray, FloatArray]:
    return np.array([edge for edge, _ in driven], np.int64), np.array([at_s for _, at_s in driven], float)


def _check(
    streets: Streets, posts: IntArray, stops: IntArray, weight: FloatArray, demand: FloatArray, rules: Rules,
    floor: Floor | None,
) -> None:  # fmt: skip
    faults = Faults(keep=50)
    for name, nodes in (("posts", posts), ("stops", stops)):
        for i in np.flatnonzero((nodes < 0) | (nodes >= streets.node_count)):
            faults.add(f"{name}, number {i}", "there is no such node", nodes[i], "Give the index of a node.")
    if not posts.size:
        faults.add("posts", "there is no unit", 0, "Give at least one.")
    for name, values, count in (("weight", weight, stops.size), ("demand", demand, streets.edge_count)):
        if values.shape != (count,) or not (np.isfinite(values) & (values >= 0)).all():
            remedy = f"Give {count} of them."
            faults.add(name, "there has to be one finite value, 0 or more, for each", str(values.shape), remedy)
    if not 0 < rules.dwell_s[0] <= rules.dwell_s[1] < np.inf:
        faults.add("dwell_s", "the least dwell is above 0 and at most the longest", rules.dwell_s, "Correct it.")
    if not rules.dwell_s[0] < rules.revisit_s < np.inf:
        faults.add("revisit_s", "a revisit is later than the least dwell", rules.revisit_s, "Give seconds.")
    if not 1 <= rules.detour < np.inf:
        faults.add("detour", "a detour is 1 or more", rules.detour, "Give for example 1.4.")
    flat = np.array([0.0, *(moment for window in rules.windows_s for moment in window)])
    rising = np.isfinite(flat).all() and (np.diff(flat) >= 0).all() and (np.diff(flat)[1::2] > 0).all()
    if not rules.windows_s or not rising:
        faults.add("windows_s", "windows follow one another and end after they start", rules.windows_s, "Order them.")
    if floor is not None:
        if floor.reach_s.shape != (posts.size + stops.size, floor.weight.size) or not floor.weight.sum() > 0:
            faults.add("floor", "there has to be a row per post and stop, and some weight", str(floor.reach_s.shape))
        if not (0 <= floor.share <= 1 and floor.within_s >= 0):
            faults.add("floor", "a share lies between 0 and 1, seconds are 0 or more", floor.share, "Correct it.")
    faults.raise_if_any()
