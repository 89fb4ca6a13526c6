"""Patrol lines for the quiet hours: closed walks from the posts through the streets where calls are expected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from shouwang.engine.deploy.lines import patrol_line, street_demand, street_of
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import FloatArray

from .ground import Ground
from .worth import Demand

BUDGET_S = 2700.0  # three quarters of an hour: the rest is for standing, talking and being called away
NEAR_S = 300.0
SEEN_BEFORE = 0.25
"""What a street still counts for the next line once one passes it: a second visit is worth less than a first one."""
SEED = 2026


@dataclass(frozen=True)
class Walker:
    """A patrol at its post (lon, lat) and how fast it goes while it looks around, in metres a second."""

    unit: str
    lon: float
    lat: float
    pace_m_s: float
    home: str = ""  # path of its control area


@dataclass(frozen=True)
class Walk:
    """A closed line. `share`: of the expected calls, on the streets it passes."""

    unit: str
    path: list[list[float]]
    streets: list[str]
    length_m: float
    minutes: float
    share: float


def walk(walkers: Sequence[Walker], demand: Demand, ground: Ground, tick: Callable[[float], None]) -> list[Walk]:
    """In each control area a line for the patrol with the most calls near its post; empty lines are left out."""
    streets, rng = ground.streets, np.random.default_rng(SEED)
    if not walkers or not len(demand.node):
        return []
    whole = street_demand(streets, Spots.at_nodes(demand.node), demand.weight)
    street = street_of(streets)
    total = float(whole[np.unique(street)].sum())
    left = whole.copy()
    posts = ground.nodes([w.lon for w in walkers], [w.lat for w in walkers])
    walks: list[Walk] = []
    busiest = _busiest(ground.travel, walkers, posts.tolist(), demand)
    for n, number in enumerate(busiest):
        found = patrol_line(_at_pace(ground, walkers[number].pace_m_s), int(posts[number]), left, BUDGET_S, rng)
        tick((n + 1) / len(busiest))
        if not len(found.edges):
            continue
        passed = np.unique(street[found.edges])
        left[np.isin(street, passed)] *= SEEN_BEFORE
        lon, lat = streets.coordinates(found.nodes)
        path = np.column_stack([lon, lat]).round(6).tolist()
        share = float(whole[passed].sum()) / total
        walks.append(Walk(walkers[number].unit, path, list(found.streets), found.length_m, found.seconds / 60, share))
    return walks


def _busiest(travel: Travel, walkers: Sequence[Walker], posts: Sequence[int], demand: Demand) -> list[int]:
    """Per control area the number of the walker with most calls within five minutes, the busiest area first."""
    near = [
        float(demand.weight[travel.from_one(Spots.at_nodes(p), limit_s=NEAR_S)[demand.node] <= NEAR_S].sum())
        for p in posts
    ]
    first: dict[str, int] = {}
    for n in sorted(range(len(posts)), key=lambda n: (-near[n], n)):
        first.setdefault(walkers[n].home, n)
    return list(first.values())


def _at_pace(ground: Ground, pace_m_s: float) -> Travel:
    """Travel of a patrol that looks around: never faster than its pace, nor than the street allows."""
    slow: FloatArray = np.maximum(ground.streets.time_s, ground.streets.length_m / pace_m_s)
    return ground.travel.under(slow)
