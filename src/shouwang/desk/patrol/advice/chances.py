"""The chance of a visit by an approved plan, and what patrols found counted by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from shouwang.desk.places import facts as places
from shouwang.engine.demand.calls import SOURCES, Calls
from shouwang.engine.demand.found import FLOOR, with_found

from ..models import Plan, PlanPost, PlanTour, VisitChance


@dataclass(frozen=True)
class Logged:
    """Local spans (seconds since 1970) with the chance of each community (by path) in them."""

    from_s: int
    to_s: int
    chance: Mapping[str, float]


def logged_for(plan: Plan, posts: Sequence[PlanPost], tours: Sequence[PlanTour], now: datetime) -> VisitChance | None:
    """The chances of a plan that comes into force, not saved: None where it was drawn without a lot, is over, or was
    changed so that what the lot drew is not visited."""
    by_lot, windows = plan.figures.get("by_lot") or {}, plan.figures.get("windows") or []
    drawn = {tuple(at) for at in by_lot.get("stops", {}).values()}
    total_s = sum(to_s - from_s for from_s, to_s in windows)
    stays = [(str(t.unit), v) for t in tours if t.taken for v in t.visits]
    start = max(plan.shift_start, now)
    if not (drawn and total_s) or drawn - {(v["lon"], v["lat"]) for _unit, v in stays} or start >= plan.shift_end:
        return None
    touring = {unit for unit, _visit in stays}
    still = [(str(p.unit), {"lon": p.stands[0], "lat": p.stands[1], "from_s": 0.0, "to_s": float("inf")})
             for p in posts if str(p.unit) not in touring]  # fmt: skip
    stays += still
    paths, at = places.locate_all(*(np.array([v[name] for _unit, v in stays], float) for name in ("lon", "lat")))
    spent: dict[tuple[str, str], float] = {}
    of_lot = 0.0
    for (unit, visit), place in zip(stays, at.tolist(), strict=True):
        share = sum(max(0.0, min(to_s, visit["to_s"]) - max(from_s, visit["from_s"])) for from_s, to_s in windows)
        if (visit["lon"], visit["lat"]) in drawn:
            of_lot += share / total_s / len(drawn)
        else:
            key = (paths[place], unit)
            spent[key] = spent.get(key, 0.0) + share / total_s
    absent = {path: 1.0 - chance * of_lot for path, chance in by_lot["chance"].items()}
    for (path, _unit), share in spent.items():
        absent[path] = absent.get(path, 1.0) * (1.0 - share)
    hours = [[(plan.shift_start + timedelta(seconds=s)).isoformat() for s in window] for window in windows]
    chance = {path: round(1.0 - missing, 6) for path, missing in absent.items() if path}
    return VisitChance(plan=plan, area=plan.area, start=start, end=plan.shift_end, hours=hours, chance=chance)


def counted(calls: Calls, logged: Sequence[Logged], until_s: int, reason: str) -> tuple[Calls, dict[str, Any]]:
    """The calls with those that patrols found before `until_s` counted by the logged chance of a visit, where there is
    one, and the figures of that; a record without one stays out, whoever would guess it."""
    chance = np.full(len(calls), np.nan)
    found = (calls.source == SOURCES.index("patrol")) & (calls.time_s < until_s)
    paths, at = places.locate_all(calls.lon, calls.lat)
    for one in logged:
        there = np.flatnonzero(found & (calls.time_s >= one.from_s) & (calls.time_s < one.to_s))
        chance[there] = [one.chance.get(paths[n], np.nan) for n in at[there].tolist()]
    known = found & (chance > 0)
    fit = np.flatnonzero(known | ~found)
    told = with_found(calls.take(fit), chance[fit], until_s, np.random.default_rng(until_s))
    source = calls.source.copy()
    source[fit] = told.source
    figures = {
        "reason": reason, "found": int(found.sum()), "logged": int(known.sum()),
        "counted": int((source != calls.source).sum()), "floor": FLOOR,
        "least": float(chance[known].min()) if known.any() else None,
    }  # fmt: skip
    return replace(calls, source=source), figures
