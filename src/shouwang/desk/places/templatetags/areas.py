"""Draws an area's outline without a map."""

from __future__ import annotations

import json
from math import cos, radians
from typing import Any

from django import template

register = template.Library()
MOST = 4000  # points drawn: an outline, not a survey


def _rings(area: Any) -> list[list[tuple[float, float]]]:
    """Rings with x shrunk by the cosine of the latitude and y downwards, as a screen has it. Degrees."""
    shape = area.geometry
    polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    shrink = cos(radians(area.lat))
    rings = [ring for polygon in polygons for ring in polygon]
    step = max(1, sum(map(len, rings)) // MOST)
    return [[(lon * shrink, -lat) for lon, lat, *_rest in ring[::step]] for ring in rings]


@register.filter
def outline(area: Any) -> str:
    return "".join("M" + "L".join(f"{x:.5f} {y:.5f}" for x, y in ring) + "Z" for ring in _rings(area) if ring)


@register.filter
def outline_box(area: Any) -> str:
    points = [p for ring in _rings(area) for p in ring]
    xs, ys = [x for x, _y in points], [y for _x, y in points]
    pad = max(max(xs) - min(xs), max(ys) - min(ys), 1e-4) * 0.04
    return (
        f"{min(xs) - pad:.5f} {min(ys) - pad:.5f} {max(xs) - min(xs) + 2 * pad:.5f} {max(ys) - min(ys) + 2 * pad:.5f}"
    )


@register.filter
def as_json(value: Any) -> str:
    return json.dumps(value)[:20000]
