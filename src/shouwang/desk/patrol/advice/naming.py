"""What people call a place of the plan."""

from __future__ import annotations

import numpy as np

from shouwang.desk.places import facts as places
from shouwang.engine.geo.distance import haversine_m

AT_POST_M = 60.0


def name_of(lon: float, lat: float) -> tuple[str, str]:
    """What people call a place, in Chinese and English: the post that stands there, else the nearest crossing."""
    return Names().of(lon, lat)


class Names:
    """Names of many places: posts are read once, and each place is looked up once."""

    def __init__(self) -> None:
        self._posts = places.posts()
        self._lon, self._lat = (np.array([getattr(p, name) for p in self._posts], float) for name in ("lon", "lat"))
        self._crossing_near = places.gazetteer().crossing_near
        self._known: dict[tuple[float, float], tuple[str, str]] = {}

    def of(self, lon: float, lat: float) -> tuple[str, str]:
        if (lon, lat) not in self._known:
            self._known[lon, lat] = self._found(lon, lat)
        return self._known[lon, lat]

    def _found(self, lon: float, lat: float) -> tuple[str, str]:
        if self._posts:
            off_m = haversine_m(lon, lat, self._lon, self._lat)
            near = int(np.argmin(off_m))
            if off_m[near] <= AT_POST_M:
                return self._posts[near].zh, self._posts[near].en
        zh, en = self._crossing_near(lon, lat)
        at = f"{lat:.4f}, {lon:.4f}"
        return zh or at, en or at
