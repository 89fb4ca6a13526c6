"""Calls of residents, past and live, counted by area and part of the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import shapely
from shapely.geometry import shape

from shouwang.desk.calls import facts as calls
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.zone import day_of, zone
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

from ..terms import HOURS

RESIDENT = "resident"
"""What alarms reported depends on how many alarms there are, and what patrols found on where they went."""
TOUCH_DEGREES = 1e-4  # about ten metres: areas that close to one another are neighbours


@dataclass(frozen=True, eq=False)
class Counted:
    """`counts` (areas, parts); `silent`: days of the window without any call in the whole area; `moved_days`,
    `generated`: of example records."""

    counts: IntArray
    silent: int
    moved_days: int
    generated: bool


def units(area: str, unit: str) -> list[places.Spot]:
    """The areas of a kind within an area, in order of their paths."""
    return [one for one in places.areas(unit) if one.area.startswith(area)]


def counted(
    spots: Sequence[places.Spot], area: str, first: date, until: date, part_d: int, kinds: Sequence[str], hours: str,
    as_of: datetime,
) -> Counted:  # fmt: skip
    """Calls from `first` up to `until` (local days), in parts of `part_d` days; examples moved as at `as_of`."""
    since, end = (datetime.combine(day, time()) for day in (first, until))
    past = patrol.past_calls(area.split("/")[0] + "/", since, end, as_of, (RESIDENT,))
    own = calls.calls_for_demand(as_of, since.replace(tzinfo=zone()))
    mine = (own.source == RESIDENT) & (own.time >= np.datetime64(since)) & (own.time < np.datetime64(end))
    when, lon, lat, kind = (
        np.concatenate([getattr(past, name), getattr(own, other)[mine]])
        for name, other in (("time", "time"), ("lon", "lon"), ("lat", "lat"), ("kind", "category"))
    )
    of = _inside(spots, lon, lat)
    day = (when - np.datetime64(since, "s")).astype("timedelta64[D]").astype(np.int64)
    length = (until - first).days
    seen = np.bincount(day[of >= 0], minlength=length)
    hour = (when - when.astype("datetime64[D]")).astype("timedelta64[h]").astype(int)
    wanted = (of >= 0) & np.isin(hour, HOURS[hours])
    if kinds:
        wanted &= np.isin(kind, list(kinds))
    parts = length // part_d
    flat = np.bincount(of[wanted] * parts + day[wanted] // part_d, minlength=len(spots) * parts)
    return Counted(flat.reshape(len(spots), parts), int((seen == 0).sum()), past.moved_days, past.generated)


def neighbours(spots: Sequence[places.Spot], chosen: set[str]) -> set[str]:
    """Paths of the areas that touch a chosen one."""
    shapes = {one.area: shape(one.geometry) for one in spots}
    grown = shapely.union_all([shapes[path] for path in chosen]).buffer(TOUCH_DEGREES)
    shapely.prepare(grown)
    return {path for path, one in shapes.items() if path not in chosen and grown.intersects(one)}


def on_record(area: str, as_of: datetime) -> tuple[date, date] | None:
    """The first and the last whole local day of which calls are known; None without any."""
    spans = [s for s in (patrol.past_days(area.split("/")[0] + "/", as_of), _own_days(as_of)) if s is not None]
    if not spans:
        return None
    return min(first for first, _last in spans), min(max(last for _first, last in spans), day_of(as_of) - timedelta(1))


def moved_days(area: str, as_of: datetime) -> int:
    """How far an example's record is moved by now."""
    told = patrol.histories(area.split("/")[0] + "/")
    return max((patrol.moved_days(row, as_of.date()) for row in told), default=0)


def _own_days(as_of: datetime) -> tuple[date, date] | None:
    first = calls.first_received()
    if first is None or day_of(first) >= day_of(as_of) - timedelta(1):
        return None  # no whole day yet
    return day_of(first) + timedelta(1), day_of(as_of)


def _inside(spots: Sequence[places.Spot], lon: FloatArray, lat: FloatArray) -> IntArray:
    """The number of the area each point lies in, -1 for none; the first of two on their border."""
    points, back = np.unique(lon + 1j * lat, return_inverse=True)
    tree = shapely.STRtree([shape(one.geometry) for one in spots])
    point, spot = tree.query(shapely.points(points.real, points.imag), predicate="intersects")
    order: AnyArray = np.lexsort((-spot, point))
    of = np.full(len(points), -1, np.int64)
    of[point[order]] = spot[order]
    found: IntArray = of[back]
    return found
