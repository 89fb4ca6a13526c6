"""Calls and roads of a comparison as the engine takes them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import shapely
from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.errors import Refused
from shouwang.desk.patrol import facts as patrol
from shouwang.desk.places import facts as places
from shouwang.engine.demand.calls import HEARD
from shouwang.engine.geo.closures import named, touched
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.simulate.closing import Closing
from shouwang.engine.simulate.draws import HOUR_S, Drawn, Replayed, Source
from shouwang.engine.simulate.model import Kind
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

from ..terms import Closure

SQUARE_M = 500.0
"""Places of calls are gathered in squares of this size: one search of roads is made for each."""
SERVICE = "police"  # whose calls are played
WARM_UP_H = 2
"""Hours played before those that count, so that units are already out when they begin."""


@dataclass(frozen=True, eq=False)
class Asked:
    """The calls of a comparison. at: distinct places on the streets; weight: calls expected at each. from_s, until_s:
    the hours that count, in seconds from the midnight before."""

    at: Spots
    weight: FloatArray
    source: Source
    from_s: float
    until_s: float
    moved_days: int = 0
    generated: bool = False


def expected(
    streets: Streets, forecast: str, start: datetime, hours: int, areas: Sequence[str], kinds: list[Kind]
) -> Asked:
    """Calls for the police drawn from a forecast. Hours before its first are played as that one."""
    cells = patrol.cells_of(forecast)
    first = int((np.datetime64(start, "s") - cells.hours[0]).astype(int)) // int(HOUR_S)
    if first < 0 or first + hours > len(cells.hours):
        raise Refused(_("The forecast does not reach over these hours."), field="start", code="outside")
    warm_h = min(WARM_UP_H, start.hour)
    node = streets.index_of(cells.node)
    cell = np.flatnonzero((node >= 0) & (cells.expected.sum(axis=0) > 0))
    row = np.maximum(0, np.arange(first - warm_h, first + hours))
    clock = [(start.hour - warm_h + n) % 24 for n in range(len(row))]
    rate = (cells.expected[row] * patrol.parts_of(forecast, cells, SERVICE, clock))[:, cell]
    weight = rate.sum(axis=0)
    place, at = _squares(streets, node[cell], weight)
    whole = np.zeros((start.hour + hours, cell.size))
    whole[start.hour - warm_h :] = rate
    source = Drawn(whole, place, _numbers(cells.area[cell], areas), kinds)
    begin_s, weight = start.hour * HOUR_S, np.bincount(place, weight, len(at)).astype(float)
    return Asked(at, weight, source, begin_s, begin_s + hours * HOUR_S)


def replayed(
    streets: Streets,
    district: str,
    start: datetime,
    hours: int,
    as_of: datetime,
    areas: Sequence[str],
    kinds: list[Kind],
) -> Asked:
    """Calls for the police of the past, as residents and alarms made them: where it is not known what a call needed, it
    is taken to have needed them."""
    midnight = start.replace(hour=0)
    since = max(midnight, start - timedelta(hours=WARM_UP_H))
    until = start + timedelta(hours=hours)
    past, own = patrol.past_calls(district, since, until, as_of), calls.calls_for_demand(as_of)
    of = calls.services_of(set(past.kind.tolist()))
    mine = np.array([SERVICE in of.get(kind, (SERVICE,)) for kind in past.kind.tolist()], bool)
    heard = np.isin(own.source, HEARD) & np.array([SERVICE in one for one in own.needs], bool)
    heard &= (own.time >= np.datetime64(since)) & (own.time < np.datetime64(until))
    time, lon, lat, kind = (
        np.concatenate([getattr(past, name)[mine], getattr(own, other)[heard]])
        for name, other in (("time", "time"), ("lon", "lon"), ("lat", "lat"), ("kind", "category"))
    )
    path = np.array([places.locate(x, y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)], object)
    inside = np.array([one.startswith(district) for one in path], bool)
    if not inside.any():
        raise Refused(_("There is no past call in these hours."), field="start", code="empty")
    node = streets.nearest_node(lon[inside], lat[inside])[0]
    place, at = _squares(streets, node, np.ones(node.size))
    time_s = (time[inside] - np.datetime64(midnight, "s")).astype(float)
    source = Replayed(time_s, place, _numbers(path[inside], areas), _kind_of(kind[inside], kinds), kinds)
    begin_s = (start - midnight).total_seconds()
    weight = np.bincount(place, minlength=len(at)).astype(float)
    return Asked(at, weight, source, begin_s, begin_s + hours * HOUR_S, past.moved_days, past.generated)


def _kind_of(names: AnyArray, kinds: Sequence[Kind]) -> IntArray:
    """The kind of each call by its name; the last stands for those without one."""
    number = {kind.name: n for n, kind in enumerate(kinds)}
    return np.array([number.get(name, len(kinds) - 1) for name in names.tolist()], np.int64)


def _numbers(paths: Iterable[str], areas: Sequence[str]) -> IntArray:
    """The control area each path lies in, as a number of `areas`; one more than the last for elsewhere."""
    homes = (patrol.control_area(path) for path in paths)
    return np.array([areas.index(home) if home in areas else len(areas) for home in homes], np.int64)


def _squares(streets: Streets, node: IntArray, weight: FloatArray) -> tuple[IntArray, Spots]:
    """The place of each point, and the places: in each square the node with most calls stands for all."""
    key = np.floor(np.stack([streets.x_m[node], streets.y_m[node]], axis=1) / SQUARE_M).astype(np.int64)
    _squares_met, place = np.unique(key, axis=0, return_inverse=True)
    place = place.reshape(-1)
    order = np.lexsort((node, -weight, place))
    first = order[np.unique(place[order], return_index=True)[1]]
    return place, Spots.at_nodes(node[first])


def closings(streets: Streets, closures: Sequence[Closure], side: str) -> list[Closing]:
    """The closures of a scenario as the engine takes them. Raises Refused at the field for a name no street has, and an
    area without streets."""
    return [_closing(streets, closure, f"{side}.closures.{number}") for number, closure in enumerate(closures)]


def _closing(streets: Streets, closure: Closure, field: str) -> Closing:
    if closure.closure:
        edges = np.array(closure.edges, np.int64)
        return Closing(edges, closure.from_h, closure.until_h, closure.factor or np.inf, both_ways=False)
    return Closing(_edges(streets, closure, field), closure.from_h, closure.until_h)


def _edges(streets: Streets, closure: Closure, field: str) -> IntArray:
    if closure.street:
        found = named(streets, closure.street)
        if not found.size:
            names = {str(name) for name in streets.name if name} if streets.name is not None else set()
            near = difflib.get_close_matches(closure.street, names, 1)
            says = _("No street has this name. Did you mean %(name)s?") if near else _("No street has this name.")
            raise Refused(says % {"name": near[0]} if near else says, field=field, code="street")
        return found
    ring = shapely.Polygon(closure.ring)
    if not ring.is_valid:
        raise Refused(_("The border of the closed area crosses itself."), field=field, code="ring")
    found = touched(streets, ring)
    if not found.size:
        raise Refused(_("No street runs through this area."), field=field, code="ring")
    return found
