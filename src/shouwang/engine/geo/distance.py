"""Distances on the ground, on one model of the Earth: a sphere of the mean radius of WGS 84.

The sphere is off by at most 0.3 % in a length; in return distances, planes and grids agree with one another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.terms import FloatArray

EARTH_RADIUS_M = 6_371_008.8  # mean radius R1 = (2a + b) / 3 of WGS 84


def haversine_m(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> FloatArray:
    """Great-circle distance in metres between points in degrees; scalars and arrays broadcast.

    d = 2R · asin √( sin²(Δφ/2) + cos φ₁ · cos φ₂ · sin²(Δλ/2) )  (Sinnott, Sky and Telescope 68, 1984).
    """
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half_phi, half_lambda = (phi2 - phi1) / 2, np.radians(np.subtract(lon2, lon1)) / 2
    h = np.sin(half_phi) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half_lambda) ** 2
    result: FloatArray = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
    return result


@dataclass(frozen=True, slots=True)
class Plane:
    """A local equirectangular projection: x_m to the east and y_m to the north of (lon0, lat0).

    x = R · cos φ₀ · Δλ, y = R · Δφ. Across a district of 40 km the distortion stays near 0.3 %.
    """

    lon0: float
    lat0: float

    @classmethod
    def around(cls, lon: ArrayLike, lat: ArrayLike) -> Plane:
        """The plane centred on the bounding box of some points."""
        lon, lat = np.asarray(lon, float), np.asarray(lat, float)
        return cls(float((lon.min() + lon.max()) / 2), float((lat.min() + lat.max()) / 2))

    def rounded(self) -> Plane:
        """The plane about a tenth of a degree: a few points more do not move it."""
        return Plane(round(self.lon0, 1), round(self.lat0, 1))

    @property
    def radius_east_m(self) -> float:
        """Metres to the east per radian of longitude."""
        return EARTH_RADIUS_M * float(np.cos(np.radians(self.lat0)))

    def to_xy(self, lon: ArrayLike, lat: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Degrees to metres."""
        x_m: FloatArray = np.radians(np.subtract(lon, self.lon0)) * self.radius_east_m
        y_m: FloatArray = np.radians(np.subtract(lat, self.lat0)) * EARTH_RADIUS_M
        return x_m, y_m

    def to_lonlat(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Metres to degrees."""
        lon: FloatArray = self.lon0 + np.degrees(np.asarray(x_m, float) / self.radius_east_m)
        lat: FloatArray = self.lat0 + np.degrees(np.asarray(y_m, float) / EARTH_RADIUS_M)
        return lon, lat
