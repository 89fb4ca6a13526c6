"""GCJ-02, the shifted coordinates of maps made in China, to and from WGS 84.

The shift is the published one (Krasovsky 1940 ellipsoid, a sum of sines of the distance from 105° E, 35° N). It is
known forwards alone; backwards it is found by repeating, for it changes by less than a thousandth of the way.
"""
from __future__ import annotations

from math import cos, pi, radians, sin, sqrt

AXIS_M, ECCENTRICITY2 = 6378245.0, 0.00669342162296594323
CHINA = (73.66, 135.05, 3.86, 53.55)  # west, east, south, north: outside nothing is shifted
ENOUGH_DEG = 1e-9  # a tenth of a millimetre
MOST_TURNS = 10


def shifted(lon: float, lat: float) -> bool:
    """Whether maps made in China shift this point."""
    west, east, south, north = CHINA
    return west <= lon <= east and south <= lat <= north


def from_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """GCJ-02 of a point in WGS 84, in degrees."""
    if not shifted(lon, lat):
        return lon, lat
    x, y = lon - 105.0, lat - 35.0
    waves = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north_m = (-100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
               + (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
               + (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0)
    east_m = (300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
              + (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
              + (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0)
    magic = 1.0 - ECCENTRICITY2 * sin(radians(lat)) ** 2
    per_lat = AXIS_M * (1.0 - ECCENTRICITY2) / (magic * sqrt(magic)) * pi / 180.0
    per_lon = AXIS_M / sqrt(magic) * cos(radians(lat)) * pi / 180.0
    return lon + east_m / per_lon, lat + north_m / per_lat


def to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """WGS 84 of a point in GCJ-02, in degrees, to within ENOUGH_DEG."""
    if not shifted(lon, lat):
        return lon, lat
    found_lon, found_lat = lon, lat
    for _turn in range(MOST_TURNS):
        back_lon, back_lat = from_wgs84(found_lon, found_lat)
        off_lon, off_lat = back_lon - lon, back_lat - lat
        found_lon, found_lat = found_lon - off_lon, found_lat - off_lat
        if max(abs(off_lon), abs(off_lat)) < ENOUGH_DEG:
            break
    return found_lon, found_lat
