"""Streets from centre-lines as cities hand them out: GeoJSON, or a Shapefile by pyshp."""

from __future__ import annotations

import json
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import shapefile

from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.tables.gathered import Gathered, Import
from shouwang.tables.osm_tags import DRIVE, Profile, speed_kmh

SUFFIXES = (".geojson", ".json", ".shp", ".zip")
# Columns by the names that providers give them, in lower case.
_NAME = ("name", "fullname", "street", "st_name", "streetname", "street_name", "road_name", "名称", "路名", "道路名称")
_KIND = ("highway", "fclass", "class", "mtfcc", "road_class", "roadclass", "kind", "type")
_ONE_WAY = ("oneway", "one_way", "direction")
_LIMIT = ("maxspeed", "speed_kmh", "speed_limit", "speedlimit", "speed")
_FORTH, _BACK = {"yes", "true", "1", "y", "f", "ft"}, {"-1", "reverse", "t", "tf"}
_UNKNOWN_KIND, _UNKNOWN_KMH = "road", 30.0
# Census feature classes of TIGER/Line.
_MTFCC = {
    "s1100": "motorway", "s1200": "secondary", "s1400": "residential", "s1500": "track", "s1630": "motorway_link",
    "s1640": "service", "s1710": "footway", "s1720": "steps", "s1730": "service", "s1740": "service",
    "s1780": "service", "s1820": "cycleway",
}  # fmt: skip
_WALK_ONLY = {"footway", "steps", "pedestrian", "path", "cycleway", "bridleway", "track", "corridor", "platform"}


@dataclass(frozen=True, slots=True)
class _Street:
    """One feature: where faults find it, its columns by lower-case names, its lines of points."""

    where: str
    said: Mapping[str, str]
    lines: list[list[tuple[float, float]]]


def read_centrelines(path: Path | str, profile: Profile = DRIVE) -> Import:
    """Read lines with, if there, name, class, one-way and speed limit, joined where their points meet (0.1 m).

    GeoJSON is in degrees; a Shapefile in degrees, or in the unit of its .prj, which becomes metres. A line without a
    known class runs at 30 km/h. Raises `BadInput` with every fault: file, feature, value, remedy.
    """
    path = Path(path)
    gathered = Gathered()
    streets = _geojson(path, gathered) if path.suffix.lower() in (".geojson", ".json") else _shapefile(path, gathered)
    faults, numbers = Faults(keep=200), dict[tuple[int, int], int]()
    for way, street in enumerate(streets):
        _check(faults, street, gathered.in_metres)
        if not len(faults):
            _take(gathered, street, way, profile, numbers)
    faults.raise_if_any()
    return gathered.joined(path.name)


def _geojson(path: Path, gathered: Gathered) -> Iterator[_Street]:
    try:
        features = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
        if not isinstance(features, list):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError):
        what, remedy = "the file cannot be read as a GeoJSON FeatureCollection", "Export it anew, in degrees (WGS 84)."
        raise BadInput([Fault(str(path), what, None, remedy)]) from None
    for number, feature in enumerate(features, 1):
        feature = feature if isinstance(feature, dict) else {}
        shape, said = feature.get("geometry") or {}, feature.get("properties") or {}
        kind, points = shape.get("type"), shape.get("coordinates") or []
        if kind not in ("LineString", "MultiLineString"):
            gathered.report["features that are no lines"] += 1
            continue
        lines = [points] if kind == "LineString" else points
        yield _Street(f"{path.name}, feature {number}", _texts(said), [_points(line) for line in lines])


def _points(line: Any) -> list[tuple[float, float]]:
    """Points as pairs; what is no pair of numbers becomes NaN, which the check names."""
    try:
        return [(float(point[0]), float(point[1])) for point in line]
    except (TypeError, ValueError, IndexError):
        return [(np.nan, np.nan)]


def _shapefile(path: Path, gathered: Gathered) -> Iterator[_Street]:
    try:
        reader = shapefile.Reader(str(path), encodingErrors="replace")
        unit_m = _unit_m(path, reader)
        gathered.in_metres = unit_m is not None
        fields = [str(one[0]) for one in reader.fields if one[0] != "DeletionFlag"]
        rows = [(record.record, record.shape) for record in reader.iterShapeRecords()]
    except (shapefile.ShapefileException, zipfile.BadZipFile, struct.error, OSError, ValueError) as error:
        what, remedy = (
            "the file cannot be read as a Shapefile",
            "Give .shp with its .dbf and .shx beside it, or a .zip.",
        )
        raise BadInput([Fault(str(path), what, None, remedy)]) from error
    for number, (record, shape) in enumerate(rows, 1):
        if shape.shapeTypeName not in ("POLYLINE", "POLYLINEZ", "POLYLINEM"):
            gathered.report["features that are no lines"] += 1
            continue
        at = np.array([point[:2] for point in shape.points], float) * (unit_m or 1.0)
        lines = [[(float(x), float(y)) for x, y in part] for part in np.split(at, list(shape.parts)[1:])]
        said = _texts(dict(zip(fields, record, strict=False)))
        yield _Street(f"{path.name}, record {number}", said, lines)


def _unit_m(path: Path, reader: Any) -> float | None:
    """Metres per unit of a projected Shapefile; None if it is in degrees."""
    text = _projection(path)
    if not text:  # without a word on it: metres if it cannot be degrees
        west, south, east, north = reader.bbox
        return None if max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90 else 1.0
    if not re.search(r"PROJCS|PROJCRS", text):
        return None
    units = re.findall(r'(?:LENGTH)?UNIT\s*\[\s*"[^"]*"\s*,\s*([0-9.eE+-]+)', text)
    return float(units[-1]) if units else 1.0


def _projection(path: Path) -> str:
    """The text of the .prj beside a Shapefile, or in its archive; empty if there is none."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            found = [name for name in archive.namelist() if name.lower().endswith(".prj")]
            return archive.read(found[0]).decode("utf-8", errors="replace") if found else ""
    file = path.with_suffix(".prj")
    return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""


def _texts(said: Mapping[str, Any]) -> dict[str, str]:
    texts = {str(key).strip().lower(): str(value).strip() for key, value in said.items() if value is not None}
    return {key: text for key, text in texts.items() if text}


def _check(faults: Faults, street: _Street, in_metres: bool) -> None:
    at = np.array([point for line in street.lines for point in line], float).reshape(-1, 2)
    right = np.isfinite(at).all(axis=1) & (in_metres | (np.abs(at) <= (180, 90)).all(axis=1))
    if not right.all():
        what = "a coordinate has to be a finite number, in degrees within ±180 and ±90"
        faults.add(street.where, what, str(at[~right][0].tolist()), "Correct it, or export the file in WGS 84.")


def _take(gathered: Gathered, street: _Street, way: int, profile: Profile, numbers: dict[tuple[int, int], int]) -> None:
    said = street.said
    kind = _first(said, _KIND).lower()
    kind = _MTFCC.get(kind, kind)
    if kind not in profile.kmh and kind in _WALK_ONLY | {"motorway", "motorway_link"}:
        gathered.report["ways not for walking" if profile.on_foot else "ways not for cars"] += 1
        return
    if kind not in profile.kmh:
        gathered.report["streets of no known class (30 km/h, or walking speed)"] += 1
        kind = _UNKNOWN_KIND
    usual = float(profile.kmh.get(kind, _UNKNOWN_KMH))
    kmh = usual if profile.on_foot else speed_kmh({"maxspeed": _first(said, _LIMIT).removesuffix(".0")}) or usual
    direction = "" if profile.on_foot else _first(said, _ONE_WAY).lower()
    name = _first(said, _NAME) or None
    for line in street.lines:
        for a, b in pairwise([_number(gathered, numbers, point) for point in line]):
            if a == b:
                gathered.report["pieces shorter than 0.1 m"] += 1
                continue
            if direction not in _BACK:
                gathered.add(a, b, way, kmh, name, kind)
            if direction not in _FORTH:
                gathered.add(b, a, way, kmh, name, kind)


def _number(gathered: Gathered, numbers: dict[tuple[int, int], int], point: tuple[float, float]) -> int:
    """One number for all points within about 0.1 m of one another."""
    grain = 10.0 if gathered.in_metres else 1e6
    number = numbers.setdefault((round(point[0] * grain), round(point[1] * grain)), len(numbers) + 1)
    gathered.place.setdefault(number, point)
    return number


def _first(said: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((said[name] for name in names if name in said), "")
