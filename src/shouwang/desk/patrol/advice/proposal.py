"""A plan for one shift: which units stand elsewhere, and what today's posts and the plan's are worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from shouwang.engine.terms import BoolArray, IntArray

from .best import best
from .forecasting import Region, shape_of
from .ground import Ground
from .posts import moves, times, worth_alone
from .worth import Demand, compare, cover, drive_s

SEED = 2026  # the same forecast and posts give the same figures again


@dataclass(frozen=True)
class Placed:
    """A unit and where it stands: `base` today, `place` by the plan (both lon, lat)."""

    id: str
    service: str
    base: tuple[float, float]
    place: tuple[float, float]
    home: str = ""  # path of the control area it keeps to
    fixed: bool = False


@dataclass(frozen=True)
class Change:
    """A unit's new place, and what the calls lose if this one change is not made."""

    unit: str
    lon: float
    lat: float
    gain_share: float
    gain_s: float


@dataclass(frozen=True)
class Proposal:
    changes: list[Change]
    best: dict[str, Any] = field(default_factory=dict)


def propose(
    units: Sequence[Placed],
    demand: Demand,
    ground: Ground,
    regions: Sequence[Region],
    within_s: float,
    tick: Callable[[float], None],
) -> Proposal:
    """Moves of a few units of each service towards the expected calls, and how good posts could be at all."""
    changes: list[Change] = []
    best_of: dict[str, Any] = {}
    services = sorted({u.service for u in units}) if len(demand.node) else []
    for n, service in enumerate(services):
        own = [u for u in units if u.service == service]
        found, best_of[service] = _of_service(own, demand, ground, regions, within_s)
        changes += found
        tick((n + 1) / len(services))
    return Proposal(changes, best_of)


def _of_service(
    units: Sequence[Placed], demand: Demand, ground: Ground, regions: Sequence[Region], within_s: float
) -> tuple[list[Change], dict[str, Any]]:
    unit_s = times(ground.travel, _nodes(ground, [u.base for u in units]), demand)
    sites, allowed = _sites(units, ground, regions)
    site_s = ground.site_times(sites, demand)
    found = moves(unit_s, site_s, allowed, demand.weight, within_s)
    worth = worth_alone(unit_s, [(m.unit, site_s[m.site]) for m in found], demand.weight, within_s)
    changes = [
        Change(units[m.unit].id, *ground.place(int(sites[m.site])), share, seconds)
        for m, (share, seconds) in zip(found, worth, strict=True)
    ]
    return changes, best(unit_s, np.array([u.fixed for u in units]), site_s, demand.weight, within_s)


def _sites(units: Sequence[Placed], ground: Ground, regions: Sequence[Region]) -> tuple[IntArray, BoolArray]:
    """Sites of the district, and which unit may stand at which: each in its own control area, fixed crews nowhere else
    than they do."""
    lon, lat = ground.streets.coordinates(ground.sites)
    inside = {r.path: shapely.contains_xy(shape_of(r), lon, lat) for r in regions}
    anywhere = np.any(list(inside.values()), axis=0) if inside else np.ones(len(lon), bool)
    allowed = [np.zeros(len(lon), bool) if u.fixed else inside.get(u.home, anywhere) for u in units]
    return ground.sites[anywhere], np.array(allowed).reshape(len(units), len(lon))[:, anywhere]


def figures(
    units: Sequence[Placed], demand: Demand, ground: Ground, within_s: float, busy: Mapping[str, float]
) -> dict[str, Any]:
    """What today's posts and the plan's are worth: all units together, and those of each service. `busy`: by service,
    how likely its units are busy when a call comes."""
    rng = np.random.default_rng(SEED)
    services = sorted({u.service for u in units})
    return {
        "within_s": within_s,
        "all": _compare(units, demand, ground, within_s, rng, busy),
        "services": {
            s: _compare([u for u in units if u.service == s], demand, ground, within_s, rng, busy) for s in services
        },
    }


def _compare(
    units: Sequence[Placed], demand: Demand, ground: Ground, within_s: float, rng: np.random.Generator,
    busy: Mapping[str, float],
) -> dict[str, Any]:  # fmt: skip
    places = [_nodes(ground, [getattr(u, name) for u in units]) for name in ("base", "place")]
    today, plan = (drive_s(ground.travel, nodes, demand) for nodes in places)
    share = np.array([busy[u.service] for u in units], float)
    before, after = (cover(ground.travel, nodes, demand, within_s, share) for nodes in places)
    return {
        "units": len(units),
        "moved": sum(u.base != u.place for u in units),
        **compare(today, plan, demand, within_s, rng, (before, after)),
    }


def _nodes(ground: Ground, places: Sequence[tuple[float, float]]) -> IntArray:
    return ground.nodes([p[0] for p in places], [p[1] for p in places])


def gains(
    units: Sequence[Placed], demand: Demand, ground: Ground, within_s: float
) -> Mapping[str, tuple[float, float]]:
    """For each unit that stands elsewhere: share and mean seconds that its service would lose if it alone went back."""
    result: dict[str, tuple[float, float]] = {}
    for service in sorted({u.service for u in units}):
        own = [u for u in units if u.service == service]
        away = [n for n, u in enumerate(own) if u.base != u.place]
        if not away or not len(demand.node):
            continue
        base_s = times(ground.travel, _nodes(ground, [u.base for u in own]), demand)
        there_s = times(ground.travel, _nodes(ground, [own[n].place for n in away]), demand)
        worth = worth_alone(base_s, list(zip(away, there_s, strict=True)), demand.weight, within_s)
        result |= {own[n].id: w for n, w in zip(away, worth, strict=True)}
    return result
