"""From past calls to a forecast of the district, with the test of how far it can be trusted."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely

from shouwang.engine.demand.backtest import backtest, paired_gain
from shouwang.engine.demand.calendar import PLAIN, Calendar
from shouwang.engine.demand.calls import SOURCES, Calls
from shouwang.engine.demand.forecast import DEFAULT_MODEL, Forecast, Hours
from shouwang.engine.demand.forecast import forecast as make
from shouwang.engine.demand.ground import Squares
from shouwang.engine.demand.models import RecentMean
from shouwang.engine.demand.past import DAY_H, HOUR_S
from shouwang.engine.demand.shares import share_of
from shouwang.engine.demand.summary import AreaForecast, by_area, heat
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.cells import OUTSIDE
from shouwang.engine.geo.streets import Streets
from shouwang.engine.terms import AnyArray, FloatArray, IntArray
from shouwang.tables.calendar import calendar_of, country_at

from ..files import Cells

CELL_M = 200.0
DAY_S = 86_400
TEST_DAYS = 28
SEED = 2026  # the same calls give the same scores again
Tick = Callable[[str, float], None]


@dataclass(frozen=True)
class Past:
    """Calls of one source of the past: a history file, or those taken at this desk."""

    calls: Calls
    excluded: tuple[str, ...] = ()  # kinds that patrols find by themselves
    moved_days: int = 0


@dataclass(frozen=True)
class Region:
    """An area of the district: its path and its shape (GeoJSON)."""

    path: str
    shape: Any


@dataclass(frozen=True)
class Needed:
    """Calls of which is known what they were for: local times (datetime64[s]), degrees, and each one's services."""

    time: AnyArray
    lon: FloatArray
    lat: FloatArray
    services: Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class Made:
    """A forecast with what is stored beside it."""

    cells: Cells
    model: str
    settings: dict[str, Any]
    calls_used: int
    first_day: date
    last_day: date
    left_out: dict[str, int]
    by_area: list[dict[str, Any]]
    week: list[list[float]]
    backtest: dict[str, Any]
    parts: dict[str, Any]


def wall_s(moment: datetime) -> int:
    """Seconds since 1970 of a local wall clock, as the engine counts time."""
    return int(np.datetime64(moment.replace(tzinfo=None), "s").astype(np.int64))


def calls_of(times: AnyArray, lon: FloatArray, lat: FloatArray, kind: Sequence[str], source: Sequence[str]) -> Calls:
    """Calls from plain columns; `times` are local, datetime64[s]."""
    kinds = tuple(sorted(set(kind)))
    return Calls(
        times.astype("datetime64[s]").astype(np.int64),
        lon,
        lat,
        np.array([kinds.index(k) for k in kind], np.int64),
        kinds,
        np.array([SOURCES.index(s) for s in source], np.int64),
    )


def joined(parts: Sequence[Past]) -> tuple[Calls, dict[str, int]]:
    """All calls that may feed a forecast, and how many of each kind may not: those that patrols found."""
    left_out: dict[str, int] = {}
    kept: list[Calls] = []
    for part in parts:
        excluded = [k for k in part.excluded if k in part.calls.kinds]
        for name in excluded:
            count = int((part.calls.kind == part.calls.kinds.index(name)).sum())
            left_out[name] = left_out.get(name, 0) + count
        calls = part.calls.without(excluded)
        found = calls.take(~calls.heard())
        for number, count in enumerate(np.bincount(found.kind, minlength=len(found.kinds)).tolist()):
            if count:
                left_out[found.kinds[number]] = left_out.get(found.kinds[number], 0) + count
        heard = calls.take(calls.heard())
        kept.append(replace(heard, time_s=heard.time_s + part.moved_days * DAY_S))
    kinds = tuple(sorted({k for c in kept for k in c.kinds}))
    kind_of = [np.array([kinds.index(k) for k in c.kinds], np.int64) for c in kept]
    whole = Calls(
        time_s=np.concatenate([c.time_s for c in kept]),
        lon=np.concatenate([c.lon for c in kept]),
        lat=np.concatenate([c.lat for c in kept]),
        kind=np.concatenate([number[c.kind] for number, c in zip(kind_of, kept, strict=True)]),
        kinds=kinds,
        source=np.concatenate([c.source for c in kept]),
    )
    return whole, left_out


def forecast(
    parts: Sequence[Past],
    *,
    origin: datetime,
    hours: int,
    district: Region,
    control_areas: Sequence[Region],
    communities: Sequence[Region],
    streets: Streets,
    blocks: Sequence[tuple[int, int]],
    needed: Sequence[Needed],
    tick: Tick,
) -> Made:
    """The district's forecast from `origin` (local, a whole hour) on. Nothing at or after the origin is looked at.
    `needed`: the calls that tell which part of all needs a service; `blocks`: shifts as first hour (since 1970, local)
    and number of hours.

    Raises NoAnswer when no call before the origin may feed it.
    """
    calls, left_out = joined(parts)
    ground = Squares.over([shape_of(district)], CELL_M)
    tick("fitting", 0.15)
    special = _special(parts, district, calls, wall_s(origin) + hours * HOUR_S)
    made = make(calls, wall_s(origin), CELL_M, ground=ground, calendar=special)
    told = made.hours(wall_s(origin) // HOUR_S, hours)
    tick("testing", 0.3)
    tested = test(
        calls, ground, control_areas, wall_s(origin), lambda share: tick("testing", 0.3 + 0.65 * share), special
    )
    cells = Cells(
        ground.chosen,
        *ground.centres(),
        _paths(ground, communities, district),
        _nodes(ground, streets),
        (told.hours * HOUR_S).astype("datetime64[s]"),
        told.expected,
        told.low,
        told.high,
    )
    return Made(
        cells=cells,
        model=made.fit.model,
        settings={**made.fit.settings, "findings": [{"code": f.code, "values": f.values} for f in made.findings]},
        calls_used=made.used,
        first_day=_day(made.first_s),
        last_day=_day(made.last_s),
        left_out=left_out,
        by_area=_by_area(made, told, ground, control_areas, district, blocks),
        backtest=tested,
        week=[[round(float(v), 3) for v in day] for day in heat(made.fit)],
        parts=_parts(needed, ground, communities),
    )


def _special(parts: Sequence[Past], district: Region, calls: Calls, until_s: int) -> Calendar:
    """The festivals of the district's country; none where an example's days were moved, its festivals with them."""
    if not len(calls) or any(part.moved_days for part in parts):
        return PLAIN
    middle = shape_of(district).centroid
    return calendar_of(country_at(middle.x, middle.y), int(calls.time_s.min()), until_s)


def _parts(needed: Sequence[Needed], ground: Squares, communities: Sequence[Region]) -> dict[str, Any]:
    """The part of each service as it is stored with a forecast; calls in no community count for all and the hour."""
    time, lon, lat = (np.concatenate([getattr(n, name) for n in needed]) for name in ("time", "lon", "lat"))
    services = [one for n in needed for one in n.services]
    owner, cell = _owner(ground, communities), ground.index(lon, lat)
    inside = cell != OUTSIDE
    place = np.where(owner[cell] == OUTSIDE, len(communities), owner[cell])[inside]
    hour = time.astype("datetime64[h]").astype(np.int64)[inside] % DAY_H
    services = [one for one, known in zip(services, inside.tolist(), strict=True) if known]
    found = {}
    for name in sorted({s for one in services for s in one}):
        needs = np.array([name in one for one in services], bool)
        share = share_of(needs, place, hour, len(communities) + 1)
        found[name] = {
            "mean": round(share.mean, 6), "calls": int(needs.sum()), "hours": share.hour.round(6).tolist(),
            "places": {r.path: round(float(v), 6) for r, v in zip(communities, share.place, strict=False)},
        }  # fmt: skip
    return {"calls": len(services), "services": found}


def shape_of(region: Region) -> shapely.Geometry:
    """The area's shape in degrees."""
    return shapely.from_geojson(json.dumps(region.shape))


def _owner(ground: Squares, regions: Sequence[Region]) -> IntArray:
    return ground.owners([shape_of(r) for r in regions]) if regions else np.full(ground.size, OUTSIDE)


def _paths(ground: Squares, regions: Sequence[Region], district: Region) -> Any:
    """Path of the community each cell lies in; the district's where there is none."""
    names = np.array([*(r.path for r in regions), district.path], object)
    return names[_owner(ground, regions)]  # OUTSIDE is -1: the last


def _nodes(ground: Squares, streets: Streets) -> IntArray:
    lon, lat = ground.centres()
    node: IntArray = streets.node_id[streets.nearest_node(lon, lat)[0]]
    return node


def _by_area(
    made: Forecast,
    told: Hours,
    ground: Squares,
    regions: Sequence[Region],
    district: Region,
    blocks: Sequence[tuple[int, int]],
) -> list[dict[str, Any]]:
    """Expected calls with their interval, each control area, then the whole district: per hour, and per block (first
    hour, hours), where the scatter is that of such blocks."""
    rows: list[dict[str, Any]] = []
    for paths, owner in (
        ([r.path for r in regions], _owner(ground, regions)),
        ([district.path], np.zeros(ground.size, np.int64)),
    ):
        hourly = by_area(made.fit, owner, int(told.hours[0]), len(told.hours))
        of_block = [by_area(made.fit, owner, start, count, count) for start, count in blocks]
        # An area that owns no cell stands beyond the last column.
        rows += [
            {"path": path, **_ends(hourly, n), "shifts": [_ends(b, n) for b in of_block]}
            for n, path in enumerate(paths)
            if n < hourly.expected.shape[1]
        ]
    return rows


def _ends(found: AreaForecast, area: int) -> dict[str, list[float]]:
    return {k: [round(float(v), 3) for v in getattr(found, k)[:, area]] for k in ("expected", "low", "high")}


def test(
    calls: Calls, ground: Squares, regions: Sequence[Region], origin_s: int, tick: Callable[[float], None],
    calendar: Calendar,
) -> dict[str, Any]:  # fmt: skip
    """How next-day forecasts of the last four weeks did, each made from what was known before its day, beside the plain
    mean of the year before; days that were not observed are not scored. Empty where the calls are too few to say."""
    first_h = origin_s // DAY_S * DAY_H - TEST_DAYS * DAY_H
    calls = calls.before(origin_s)
    owner = _owner(ground, regions)
    scores = {}
    for n, model in enumerate((DEFAULT_MODEL, RecentMean(365))):
        try:
            scores[model.name] = backtest(
                calls,
                model,
                ground,
                first_h,
                TEST_DAYS,
                owner=owner if regions else None,
                calendar=calendar,
                rng=np.random.default_rng(SEED),
            )
        except NoAnswer:
            return {}
        tick((n + 1) / 2)
    ours, plain = scores.values()
    gain, low, high = paired_gain(ours.bits_place_hour, plain.bits_place_hour, ours.calls, np.random.default_rng(SEED))
    inside, error = ours.coverage()
    return {
        "days": TEST_DAYS,
        "not_scored": {"forecasts": len(ours.not_scored), "days": ours.silent_d},
        "calls": int(ours.calls.sum()),
        "top": [float(s) for s in ours.top_shares],
        "hit": [round(float(v), 4) for v in ours.hit_share()],
        "hit_plain": [round(float(v), 4) for v in plain.hit_share()],
        "bits": [round(v, 4) for v in ours.bits()],
        "bits_plain": [round(v, 4) for v in plain.bits()],
        "gain": [round(v, 4) for v in (gain, low, high)],
        "coverage": round(inside, 4),
        "coverage_error": round(error, 4) if np.isfinite(error) else None,
    }


def _day(time_s: int) -> date:
    return date.fromisoformat(str(np.datetime64(time_s, "s"))[:10])
