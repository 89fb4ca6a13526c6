"""What can be reached in a given time, as an area: parts of streets included, holes kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

WIDTH_M = 60.0
"""How far beside a reached street an area goes, where nothing else is said."""


def reached(travel: Travel, origin: Spots, limit_s: float) -> tuple[IntArray, FloatArray, FloatArray]:
    """The parts of edges that can be driven within `limit_s` from one place: edge, from which share, to which."""
    streets = travel.streets
    left_s = limit_s - travel.entered_s(origin, limit_s=limit_s)
    edge = np.flatnonzero(left_s >= 0)
    low, high = np.zeros(edge.size), _share(left_s[edge], travel.time_s[edge])
    if origin.node[0] < 0:
        on = int(origin.edge[0])
        at = float(origin.fraction[0])
        for own, share in ((on, at), (int(streets.opposite[on]), 1 - at)):
            if own >= 0 and travel.time_s[own] < np.inf:
                edge, low = np.append(edge, own), np.append(low, share)
                high = np.append(high, min(1.0, share + float(_share(limit_s, travel.time_s[own]))))
    return edge, low, high


def isochrone(travel: Travel, origin: Spots, limit_s: float, *, width_m: float = WIDTH_M) -> Any:
    """The area within `limit_s` seconds of one place by road, as a shapely Polygon or MultiPolygon.

    Every street that is reached, as far as it is reached, with `width_m` metres on both sides; what lies farther
    from every reached street is a hole or outside. Coordinates are those of the file: degrees, or metres. Raises
    `BadInput` for a limit or a width that is no number above 0.
    """
    faults = [
        Fault(name, "this has to be a finite number above 0", value, "Correct it.")
        for name, value in (("limit_s", limit_s), ("width_m", width_m))
        if not 0 < value < np.inf
    ]
    if len(origin) != 1:
        faults.append(Fault("origin", "an area starts from one place", len(origin), "Give one place."))
    if faults:
        raise BadInput(faults)
    streets = travel.streets
    edge, low, high = reached(travel, origin, limit_s)
    # Of a street driven whole in both directions one is enough.
    back = streets.opposite[edge]
    whole = np.zeros(streets.edge_count, bool)
    whole[edge[(low == 0) & (high == 1)]] = True
    spare = (back >= 0) & whole[edge] & whole[back] & (back < edge)
    pieces = streets.segments.cut(edge[~spare], low[~spare], high[~spare])
    # Joining many small areas is far faster than one around all lines at once.
    area = shapely.union_all(shapely.buffer(_lines(pieces, streets, origin), width_m, quad_segs=4))
    area = shapely.simplify(area, width_m / 20)
    if streets.plane is None:
        return area
    plane = streets.plane
    return shapely.transform(area, lambda at: np.column_stack(plane.to_lonlat(at[:, 0], at[:, 1])))


def _lines(pieces: FloatArray, streets: Streets, origin: Spots) -> AnyArray:
    """Pieces as lines; where nothing is reached, the place itself as a very short one."""
    moved = pieces[(pieces[:, 0] != pieces[:, 1]).any(axis=1)]
    if not len(moved):
        x_m, y_m = place_xy(streets, origin)
        moved = np.array([[[x_m, y_m], [x_m + 1e-3, y_m]]])
    lines: AnyArray = shapely.linestrings(moved)
    return lines


def place_xy(streets: Streets, place: Spots) -> tuple[float, float]:
    """Where one place is, in metres in the plane of the network."""
    if place.node[0] >= 0:
        return float(streets.x_m[place.node[0]]), float(streets.y_m[place.node[0]])
    pieces = streets.segments.cut(place.edge[:1], np.zeros(1), np.maximum(place.fraction[:1], 1e-12))
    return float(pieces[-1, 1, 0]), float(pieces[-1, 1, 1])


def _share(seconds: FloatArray | float, time_s: FloatArray | float) -> FloatArray:
    """The share of an edge that is driven in some seconds: all of it where it takes none."""
    taken = np.asarray(time_s, float)
    share: FloatArray = np.divide(seconds, taken, out=np.ones_like(taken + np.asarray(seconds)), where=taken > 0)
    return np.minimum(share, 1.0)
