"""Areas from GeoJSON: polygons in degrees with a code and a name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape

from shouwang.engine.errors import BadInput, Fault, Faults

_CODE_KEYS = ("code", "id", "number", "no", "district")
_NAME_KEYS = ("name", "name_zh", "name_en", "title")
_SHARED_SHARE = 1e-4
"""Two areas overlap if they share more than this part of the smaller one: borders drawn twice never meet
exactly.
"""


@dataclass(frozen=True, slots=True)
class Area:
    """One area: its code and name in the file, and its polygon (or several) in degrees."""

    code: str
    name: str
    polygon: shapely.Geometry


def read_areas(
    path: Path | str, code: str | None = None, name: str | None = None, strict: bool = True
) -> list[Area]:
    """Read a GeoJSON FeatureCollection of polygons; `code` and `name` name the properties to use.

    By default the first present of code, id, number, no, district and of name, name_zh, name_en, title is
    taken; if not `strict` areas may go without, and are then numbered, and outlines that cross themselves are
    mended: enough to count in. Raises `BadInput` naming every feature that has no polygon, a broken one, coordinates
    that are not degrees, no name, or a code used twice.
    """
    path = Path(path)
    features = read_features(path)
    faults = Faults()
    areas: list[Area] = []
    seen: dict[str, int] = {}
    for i, feature in enumerate(features):
        where = f"{path.name}, feature {i + 1}"
        properties = feature.get("properties") or {}
        label = _property(properties, (name,) if name else _NAME_KEYS)
        number = _property(properties, (code,) if code else _CODE_KEYS) or str(feature.get("id") or label or "")
        if not strict:
            number = number or str(i + 1)
        elif not label:
            faults.add(where, "the area has no name", None, "Add a property 'name'.")
        if number and number in seen:
            remedy = f"Feature {seen[number]} has it already; give each its own."
            faults.add(where, "the code is used twice", number, remedy)
        seen.setdefault(number, i + 1)
        polygon = _polygon(faults, where, feature.get("geometry"), strict)
        if polygon is not None:
            areas.append(Area(number, label, polygon))
    if not features:
        faults.add(path.name, "there is no area", 0, "Give at least one feature.")
    faults.raise_if_any()
    return areas


def read_cells(path: Path | str) -> list[Area]:
    """Polygons as `read_areas` reads them if not strict, or lines (street segments) where all features are lines."""
    path = Path(path)
    features = read_features(path)
    lines = ("LineString", "MultiLineString")
    if not features or any((feature.get("geometry") or {}).get("type") not in lines for feature in features):
        return read_areas(path, strict=False)
    faults, found = Faults(), []
    for i, feature in enumerate(features):
        properties = feature.get("properties") or {}
        name = _property(properties, _NAME_KEYS)
        try:
            line = shape(feature["geometry"])
        except (ValueError, TypeError, IndexError, KeyError, shapely.errors.ShapelyError):
            line = shapely.LineString()
        west, south, east, north = line.bounds
        if not (line.length > 0 and -180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            remedy = "Give two points or more of [longitude, latitude]."
            faults.add(f"{path.name}, feature {i + 1}", "the line has no length in degrees", None, remedy)
        found.append(Area(_property(properties, _CODE_KEYS) or str(i + 1), name, line))
    faults.raise_if_any()
    return found


def overlaps(areas: list[Area]) -> list[tuple[str, str, float]]:
    """Pairs of areas that overlap: both codes and the share of the smaller one that is common."""
    found = []
    tree = shapely.STRtree([area.polygon for area in areas])
    near = {tuple(sorted(pair)) for pair in tree.query(tree.geometries, predicate="intersects").T.tolist()}
    for i, j in combinations(range(len(areas)), 2):
        if (i, j) in near:
            a, b = areas[i].polygon, areas[j].polygon
            share = a.intersection(b).area / min(a.area, b.area)
            if share > _SHARED_SHARE:
                found.append((areas[i].code, areas[j].code, float(share)))
    return found


def read_features(path: Path) -> list[dict[str, Any]]:
    """The features of a GeoJSON file. Raises `BadInput`."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        fault = Fault(str(path), "the file does not exist", None, "Check its name.")
    except (OSError, ValueError):
        fault = Fault(str(path), "the file cannot be read as JSON", None, "Give a GeoJSON file in UTF-8.")
    else:
        if isinstance(document, dict) and document.get("type") == "Feature":
            return [document]
        features = document.get("features") if isinstance(document, dict) else None
        if isinstance(features, list) and all(isinstance(feature, dict) for feature in features):
            return features
        fault = Fault(str(path), "this is no GeoJSON FeatureCollection", None, "Give features with polygons.")
    raise BadInput([fault])


def _property(properties: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((str(properties[key]).strip() for key in keys if properties.get(key) not in (None, "")), "")


def _polygon(faults: Faults, where: str, geometry: Any, strict: bool) -> shapely.Geometry | None:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        faults.add(where, "the area is no polygon", kind, "Draw it as Polygon or MultiPolygon.")
        return None
    try:
        polygon = shape(geometry)
    except (ValueError, TypeError, IndexError, KeyError, shapely.errors.ShapelyError):
        faults.add(where, "the coordinates cannot be read", None, "Give rings of [longitude, latitude].")
        return None
    west, south, east, north = polygon.bounds  # NaN for an empty one, which is found below
    if not polygon.is_empty and not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        found = f"{west:g} to {east:g}, {south:g} to {north:g}"
        faults.add(where, "the coordinates are no degrees", found, "Convert them to WGS 84.")
        return None
    if not polygon.is_valid and not strict:
        polygon = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
    if not polygon.is_valid:
        reason = shapely.is_valid_reason(polygon)
        faults.add(where, "the polygon is broken", reason, "Mend it so that its outline does not cross itself.")
        return None
    if not polygon.area > 0:
        faults.add(where, "the polygon is empty", None, "Draw its outline.")
        return None
    return polygon
