"""From exact places to shared ones, so that a point on a public map is nobody's door."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.geo.distance import Plane
from shouwang.engine.geo.shapes import Shapes
from shouwang.engine.geo.streets import Streets
from shouwang.engine.terms import FloatArray, IntArray

LEAST_ADDRESSES = 8


@dataclass(frozen=True, slots=True)
class Moved:
    """Where each case is shown: `lon`, `lat` as the input's, `moved_m`; `place`: number of the shared place."""

    lon: FloatArray
    lat: FloatArray
    moved_m: FloatArray
    place: IntArray

    @property
    def places(self) -> int:
        """How many shared places are used."""
        return len(np.unique(self.place))


def to_map_points(
    lon: ArrayLike,
    lat: ArrayLike,
    map_lon: ArrayLike,
    map_lat: ArrayLike,
    address_lon: ArrayLike,
    address_lat: ArrayLike,
    least: int = LEAST_ADDRESSES,
) -> Moved:
    """The nearest of the map points that have at least `least` addresses nearest to them, or none (a park, a station).

    As data.police.uk does (8 addresses). Points with fewer are struck out, those with fewest first, their addresses
    going to the next nearest, until all that are left have enough. Degrees. Raises `BadInput` for places that are not
    finite, `NoAnswer` if no point is left.
    """
    faults = Faults()
    cases, points, addresses = (
        _places(faults, name, *pair)
        for name, pair in (
            ("cases", (lon, lat)), ("map points", (map_lon, map_lat)), ("addresses", (address_lon, address_lat)),
        )
    )  # fmt: skip
    if least < 1:
        faults.add("least", "not a number of addresses", least, "Give at least 1.")
    faults.raise_if_any()
    kept = _enough(points, addresses, least)
    if not len(kept):
        raise NoAnswer(f"No map point has {least} addresses nearest to it: give wider spaced points.")
    place = kept[_nearest(points[kept], cases)]
    return Moved(points[place, 0], points[place, 1], _apart_m(cases, points[place]), place)


def to_midpoints(streets: Streets, lon: ArrayLike, lat: ArrayLike) -> Moved:
    """The middle of the nearest street segment (from junction to junction).

    Whether a segment has more than one address is not known here: on long lanes with a single farm the middle
    of the street is that farm. Take map points with addresses there. Raises `BadInput`.
    """
    faults = Faults()
    cases = _places(faults, "cases", lon, lat)
    faults.raise_if_any()
    once = np.flatnonzero((streets.opposite < 0) | (np.arange(streets.edge_count) < streets.opposite))
    shapes = streets.shapes or Shapes.straight(streets.x_m, streets.y_m, streets.tail, streets.head)
    lines = shapes.lines(once, None)
    x_m, y_m = streets.to_xy(cases[:, 0], cases[:, 1])
    which, found = shapely.STRtree(lines).query_nearest(shapely.points(x_m, y_m), all_matches=False)
    nearest = found[np.argsort(which, kind="stable")]
    middle = shapely.line_interpolate_point(lines[nearest], 0.5, normalized=True)
    at_x, at_y = shapely.get_x(middle), shapely.get_y(middle)
    shown = (at_x, at_y) if streets.plane is None else streets.plane.to_lonlat(at_x, at_y)
    return Moved(shown[0], shown[1], np.hypot(at_x - x_m, at_y - y_m), once[nearest].astype(np.int64))


def _places(faults: Faults, name: str, lon: ArrayLike, lat: ArrayLike) -> FloatArray:
    both = np.column_stack([np.asarray(lon, float), np.asarray(lat, float)])
    for i in np.flatnonzero(~np.isfinite(both).all(axis=1)).tolist():
        faults.add(f"{name}[{i}]", "not a place", str(both[i].tolist()), "Give longitude and latitude.")
    if not len(both):
        faults.add(name, "there are none", 0, "Give at least one.")
    return both


def _plane(points: FloatArray) -> Plane:
    return Plane.around(points[:, 0], points[:, 1])


def _nearest(points: FloatArray, cases: FloatArray) -> IntArray:
    plane = _plane(points)
    tree = cKDTree(np.column_stack(plane.to_xy(points[:, 0], points[:, 1])))
    return np.asarray(tree.query(np.column_stack(plane.to_xy(cases[:, 0], cases[:, 1])))[1], np.int64)


def _apart_m(a: FloatArray, b: FloatArray) -> FloatArray:
    plane = _plane(b)
    (ax, ay), (bx, by) = (plane.to_xy(one[:, 0], one[:, 1]) for one in (a, b))
    return np.hypot(ax - bx, ay - by)


def _enough(points: FloatArray, addresses: FloatArray, least: int) -> IntArray:
    """Indices of the points that are left.

    In each round a tenth of those with too few goes, at least one, fewest first: one at a time would ask a million
    addresses for every point, all at once would strike out neighbours that could have been enough together.
    """
    kept = np.arange(len(points))
    while len(kept):
        count = np.bincount(_nearest(points[kept], addresses), minlength=len(kept))
        few = np.flatnonzero((count > 0) & (count < least))
        if not few.size:
            break
        gone = few[np.argsort(count[few], kind="stable")][: max(1, len(few) // 10)]
        kept = np.delete(kept, gone)
    return kept
