"""Closures from GeoJSON: areas and lines that shut the streets they touch, streets by name; with hours of the day."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape

from shouwang.engine.errors import Faults
from shouwang.engine.geo.closures import named, touched
from shouwang.engine.geo.streets import Streets
from shouwang.engine.simulate.closing import DAY_H, Closing
from shouwang.engine.terms import IntArray
from shouwang.tables.areas import read_features


def read_closures(path: Path | str, streets: Streets) -> tuple[Closing, ...]:
    """Read a FeatureCollection: each feature has a geometry, or the property `street` (a name), and may have `from_h`
    and `until_h` (whole hours of each day; an end before the start lies on the next day; by default all day).
    """
    path, faults = Path(path), Faults()
    found = [
        _closing(faults, f"{path.name}, feature {i + 1}", feature, streets)
        for i, feature in enumerate(read_features(path))
    ]
    if not found:
        faults.add(path.name, "there is no closure", 0, "Give at least one feature.")
    faults.raise_if_any()
    return tuple(found)


def _closing(faults: Faults, where: str, feature: dict[str, Any], streets: Streets) -> Closing:
    properties = feature.get("properties") or {}
    from_h, until_h = (
        _hour(faults, where, properties, name, *span) for name, span in (("from_h", (0, 23)), ("until_h", (1, DAY_H)))
    )
    if from_h == until_h:
        faults.add(where, "the closure has no length", from_h, "Leave both hours out for all day.")
    street = str(properties.get("street") or "").strip()
    edges = named(streets, street) if street else _by_shape(faults, where, feature.get("geometry"), streets)
    if street and not edges.size:
        faults.add(where, "no street has this name", street, "Write it as the network does.")
    return Closing(edges, from_h, until_h)


def _by_shape(faults: Faults, where: str, geometry: Any, streets: Streets) -> IntArray:
    try:
        form = shape(geometry)
    except (AttributeError, TypeError, ValueError, KeyError, shapely.errors.ShapelyError):
        form = shapely.Point()
    if form.is_empty or not form.is_valid:
        remedy = "Give a polygon or a line, or the property 'street'."
        faults.add(where, "there is neither a street nor a sound geometry", None, remedy)
        return named(streets, "")[:0]
    edges = touched(streets, form)
    if not edges.size:
        faults.add(where, "no street touches it", None, "Check that longitude comes before latitude.")
    return edges


def _hour(faults: Faults, where: str, properties: dict[str, Any], name: str, least: int, most: int) -> int:
    value = properties.get(name, 0 if name == "from_h" else DAY_H)
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    faults.add(f"{where}, {name}", "an hour is a whole number", value, f"Use {least} to {most}.")
    return -1 if name == "from_h" else DAY_H
