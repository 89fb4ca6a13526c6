"""A point handed to the map application of whoever reads it: in the coordinates that the application takes."""

from __future__ import annotations

from urllib.parse import urlencode

from shouwang.engine.geo.gcj02 import from_wgs84, shifted

APPS = {"Android": "androidamap", "iPhone": "iosamap", "iPad": "iosamap"}  # AMap's own addresses open without a network


def geo(lon: float, lat: float) -> str:
    """Any map application, in WGS 84 (RFC 5870); the second part makes those that know it set a mark there."""
    point = f"{round(lat, 6)},{round(lon, 6)}"  # 0.1 m
    return f"geo:{point}?q={point}"


def amap(lon: float, lat: float, agent: str) -> str:
    """AMap (高德), which takes what it is given for GCJ-02; "" where nothing is shifted. `agent`: as the browser names
    itself. Nothing but the point is handed over."""
    if not shifted(lon, lat):
        return ""
    x, y = (f"{degrees:.6f}" for degrees in from_wgs84(lon, lat))
    app = next((scheme for system, scheme in APPS.items() if system in agent), "")
    if app:  # dev=0: the point is in GCJ-02 already
        return f"{app}://navi?" + urlencode({"sourceApplication": "shouwang", "lat": y, "lon": x, "dev": 0, "style": 2})
    return "https://uri.amap.com/navigation?" + urlencode(
        {"to": f"{x},{y}", "mode": "car", "coordinate": "gaode", "callnative": 1}, safe=",")
