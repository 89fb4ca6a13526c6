"""Which places look like exits of the district: where its through streets leave it, or end near its border."""

from __future__ import annotations

import numpy as np
import shapely

from shouwang.desk.places import facts as places
from shouwang.engine.geo.streets import Streets
from shouwang.engine.terms import BoolArray, IntArray

from .. import facts
from ..terms import Place, Suggested
from .ground import Named, place_of, roads

THROUGH = ("motorway", "trunk", "primary")
NEAR_BORDER_M = 1000.0  # networks are often cut a little inside
ONE_EXIT_M = 120.0
ONE_STREET_M = 1500.0  # both carriageways of one street are one exit, though they may end apart
SIDES = (("东", "east"), ("北", "north"), ("西", "west"), ("南", "south"))


def suggested(area: str) -> list[Suggested]:
    """Places of the district `area` that look like exits and are not named yet, by street."""
    streets, district = roads().streets, places.area_names().get(area)
    if district is None or streets.kind is None or streets.plane is None:
        return []
    border = shapely.transform(shapely.geometry.shape(district.geometry), lambda xy: np.column_stack(
        streets.plane.to_xy(xy[:, 0], xy[:, 1])))  # type: ignore[union-attr]  # fmt: skip
    through = np.isin(streets.kind, THROUGH)
    found: list[Suggested] = []
    named = places.gazetteer().crossing_near
    for node in _ends(streets, through, border).tolist():
        street = _street(streets, through, node)
        one = Suggested(node, _named(streets, node, street, (district.lon, district.lat), named), street)
        if not facts.known(one.place.lon, one.place.lat) and not any(_same(streets, one, other) for other in found):
            found.append(one)
    return sorted(found, key=lambda s: (s.street, s.node))


def _ends(streets: Streets, through: BoolArray, border: shapely.Geometry) -> IntArray:
    """Nodes at which a through street has left the district, and those at which it ends near the border, the ones
    nearest to it first."""
    tail, head = streets.tail[through], streets.head[through]
    shapely.prepare(border)
    inside = shapely.contains_xy(border, streets.x_m, streets.y_m)
    off_m = shapely.distance(shapely.boundary(border), shapely.points(streets.x_m, streets.y_m))
    pairs = np.unique(np.sort(np.stack([tail, head], axis=1), axis=1), axis=0)
    neighbours = np.bincount(pairs.ravel(), minlength=streets.node_count)
    left = np.zeros(streets.node_count, bool)
    left[head[inside[tail] & ~inside[head]]] = True
    ends = np.flatnonzero(left | (inside & (neighbours == 1) & (off_m <= NEAR_BORDER_M)))
    return np.asarray(ends[np.argsort(off_m[ends], kind="stable")], np.int64)


def _street(streets: Streets, through: BoolArray, node: int) -> str:
    """The name of the through street at a node, "" if it has none."""
    if streets.name is None:
        return ""
    on = np.flatnonzero(through & ((streets.tail == node) | (streets.head == node)))
    return next((str(name) for name in streets.name[on] if name), "")


def _same(streets: Streets, one: Suggested, other: Suggested) -> bool:
    near = np.hypot(streets.x_m[one.node] - streets.x_m[other.node], streets.y_m[one.node] - streets.y_m[other.node])
    return bool(near < (ONE_STREET_M if one.street and one.street == other.street else ONE_EXIT_M))


def _named(streets: Streets, node: int, street: str, centre: tuple[float, float], named: Named) -> Place:
    """The exit called by its street and the side of the district on which it lies."""
    at = place_of(streets, node, named)
    if not street:
        return at
    across, up = (at.lon - centre[0]) * np.cos(np.radians(at.lat)), at.lat - centre[1]
    zh, en = SIDES[round(np.degrees(np.arctan2(up, across)) / 90) % 4]
    return Place(at.lon, at.lat, f"{street}{zh}口", f"{street}, {en}")
