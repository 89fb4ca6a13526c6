"""Who answers first for a call: jurisdiction rules as data, by kind of call, place, time of day and day."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.desk.people.templatetags.desk import name
from shouwang.desk.places import facts as places
from shouwang.desk.sites import facts as sites
from shouwang.desk.workflow.agencies import names_of
from shouwang.desk.workflow.zone import day_of
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.distance import Plane

from .models import Call, Jurisdiction
from .plans import in_hours

ON_ROAD_M = 40.0  # how far from the middle of a street a place still lies on it
REACH_M = 2_000.0  # no single piece of a street is longer


@dataclass(frozen=True)
class Answer:
    """The rule that decides, and what it decides. `home`: the area whose units count as those of the place, "" for its
    own; agencies by their codes."""

    rule: str
    says: str
    agency: str
    fallback: str
    home: str

    @property
    def agencies(self) -> tuple[str, ...]:
        return tuple(code for code in (self.agency, self.fallback) if code)


@dataclass(frozen=True)
class _Place:
    type: str
    lon: float
    lat: float
    area: str
    at: datetime


def answers(call: Call, now: datetime) -> Answer | None:
    """The rule for a call, None where none holds: then the units of the place answer, as everywhere."""
    day = day_of(now)
    rows = Jurisdiction.objects.filter(Q(to_day=None) | Q(to_day__gte=day), active=True, from_day__lte=day)
    place = _Place(call.type_id, call.lon, call.lat, call.area, now)
    found = next((row for row in rows.order_by("rank", "code") if _holds(row, place)), None)
    return None if found is None else Answer(found.code, _said(found), found.agency, found.fallback, found.home)


def _holds(rule: Jurisdiction, place: _Place) -> bool:
    """The cheap questions first: most rules are about other calls."""
    return (
        (not rule.types or place.type in rule.types or place.type[:2] in rule.types)
        and place.area.startswith(rule.area)
        and in_hours(rule.from_time, rule.to_time, place.at)
        and (rule.border_m is None or _near_border(place, rule.border_m))
        and (not rule.roads or _on_road(place, tuple(rule.roads)))
        and (not rule.site_kinds or any(s.kind in rule.site_kinds
                                        for s in sites.premises(place.lon, place.lat, place.at).sites))
    )


def _near_border(place: _Place, metres: int) -> bool:
    top = places.district()
    if top is None:
        return False
    plane = Plane(place.lon, place.lat)
    border = shapely.boundary(shapely.geometry.shape(top.geometry))
    flat = shapely.transform(border, lambda xy: np.column_stack(plane.to_xy(xy[:, 0], xy[:, 1])))
    return bool(shapely.distance(flat, shapely.Point(plane.to_xy(place.lon, place.lat))) <= metres)


def _on_road(place: _Place, kinds: tuple[str, ...]) -> bool:
    try:
        streets = places.streets()
    except NoAnswer:
        return False
    if streets.kind is None or streets.plane is None:
        return False
    x, y = (float(v) for v in streets.plane.to_xy(place.lon, place.lat))
    edges = np.flatnonzero(np.isin(np.asarray(streets.kind, str), kinds))
    near = edges[(np.abs(streets.x_m[streets.tail[edges]] - x) < REACH_M)
                 & (np.abs(streets.y_m[streets.tail[edges]] - y) < REACH_M)]
    if not near.size:
        return False
    plane = streets.plane
    lines = shapely.transform(streets.lines(near), lambda xy: np.column_stack(plane.to_xy(xy[:, 0], xy[:, 1])))
    return bool(shapely.distance(lines, shapely.Point(x, y)).min() <= ON_ROAD_M)


def _said(rule: Jurisdiction) -> str:
    """What the rule decides, in the reader's language."""
    known = names_of([rule.agency, rule.fallback])
    told = {"rule": rule.code, "name": str(rule), "agency": known.get(rule.agency, rule.agency),
            "area": name(places.area_names().get(rule.home)) or rule.home,
            "next": known.get(rule.fallback) or _("the centre's own units")}
    if not rule.agency:
        return _("Units of %(area)s answer for this place. Rule %(rule)s: %(name)s.") % told
    said = _("%(agency)s answers first; if it refuses or is late: %(next)s. Rule %(rule)s: %(name)s.") % told
    return said + (" " + _("Units of %(area)s count as those of the place.") % told if rule.home else "")
