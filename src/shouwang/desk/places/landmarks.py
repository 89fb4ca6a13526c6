"""Landmarks from CSV, Excel, Parquet or GeoJSON: all bad rows named at once, all rows taken in or none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import shapely
from django.utils.translation import gettext_lazy as _

from shouwang.desk.log.writing import Log
from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.tables.places import read_rows

from . import facts
from .forms import LANDMARK_KINDS
from .importers import Checked, Importer, Source, plain
from .models import Landmark

CHANGE = "Change it in the file and check again."
FIELDS = ("code", "kind", "zh", "en", "others")


@dataclass(frozen=True)
class _Row:
    """One landmark as the file says it, and how faults name a value of it."""

    where: Callable[[str], str]  # of a column
    said: dict[str, str]
    lon: object
    lat: object


def check(source: Source) -> Checked:
    """A landmark whose code is known is changed; those that the file leaves out stay."""
    found = read(source)
    known = set(Landmark.objects.values_list("code", flat=True))
    return Checked({"landmarks": len(found), "new": sum(m.code not in known for m in found)},
                   lambda log: _save(log, found))


def read(source: Source) -> list[Landmark]:
    """Rows that are not saved. Columns (or properties of points) code, kind, zh, en; others may be there. Raises
    BadInput naming every fault."""
    rows = _features(source) if source.fits(".geojson", ".json") else _table(source)
    faults, found = Faults(keep=200), []
    seen: set[str] = set()
    for row in rows:
        before = len(faults)
        _words(faults, row, seen)
        point = _point(faults, row)
        if len(faults) == before and point:
            found.append(Landmark(**row.said, lon=point[0], lat=point[1], area=point[2]))
    faults.raise_if_any()
    return found


def _words(faults: Faults, row: _Row, seen: set[str]) -> None:
    said = row.said
    if not 0 < len(said["code"]) <= 24:
        faults.add(row.where("code"), "this is no code", said["code"], "Give up to 24 characters.")
    elif said["code"] in seen:
        faults.add(row.where("code"), "the code is used twice", said["code"], "Give it another code.")
    seen.add(said["code"])
    if said["kind"] not in LANDMARK_KINDS:
        faults.add(row.where("kind"), "there is no such kind of landmark", said["kind"],
                   f"Use {', '.join(LANDMARK_KINDS)}.")
    for column, most in (("zh", 80), ("en", 80)):
        if not 0 < len(said[column]) <= most:
            faults.add(row.where(column), "this is no name", said[column], "Give up to 80 characters.")
    if len(said["others"]) > 200:
        faults.add(row.where("others"), "the names are too long", said["others"][:40], "Give up to 200 characters.")


def _point(faults: Faults, row: _Row) -> tuple[float, float, str] | None:
    at = []
    for column, raw, most in (("lon", row.lon, 180.0), ("lat", row.lat, 90.0)):
        try:
            value = float(str(raw))
        except ValueError:
            value = float("nan")
        if not abs(value) <= most:
            faults.add(row.where(column), "not a number of degrees", raw, f"Give a number from {-most:g} to {most:g}.")
        else:
            at.append(round(value, 7))
    if len(at) < 2:
        return None
    area = facts.locate(*at)
    if not area:
        faults.add(row.where("lon"), "this point lies outside the district", f"{at[0]}, {at[1]}", CHANGE)
    return at[0], at[1], area


def _table(source: Source) -> list[_Row]:
    rows, faults = read_rows(source.path), Faults()
    for column in ("code", "kind", "zh", "en", "lon", "lat"):
        if not rows.has(column):
            faults.add(f"{rows.file}, column {column}", "the column is missing", None, "Add it.")
    faults.raise_if_any()
    return [_Row(partial(rows.where, i), {f: plain(rows.columns[f][i]) if rows.has(f) else "" for f in FIELDS},
                 rows.columns["lon"][i], rows.columns["lat"][i]) for i in range(len(rows))]


def _features(source: Source) -> list[_Row]:
    try:
        features = json.loads(source.path.read_text(encoding="utf-8-sig"))["features"]
        if not isinstance(features, list):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput([Fault(source.name, "this is not a GeoJSON FeatureCollection", None, CHANGE)]) from None
    return [_feature(f"{source.name}, feature {n}", one)
            for n, one in enumerate(features, 1)]


def _feature(where: str, feature: Any) -> _Row:
    """Of what is no point, the point inside; nothing where the geometry cannot be read."""
    given = feature.get("properties") if isinstance(feature, dict) else None
    said = given if isinstance(given, dict) else {}
    try:
        shape = shapely.geometry.shape(feature["geometry"])
        point = shape if shape.geom_type == "Point" else shapely.point_on_surface(shape)
        lon, lat = (point.x, point.y)
    except Exception:
        lon, lat = (None, None)
    return _Row(lambda column: f"{where}, property {column}", {f: plain(said.get(f)) for f in FIELDS}, lon, lat)


def _save(log: Log, rows: list[Landmark]) -> None:
    Landmark.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"],
                                 update_fields=["kind", "zh", "en", "others", "lon", "lat", "area", "active",
                                                "example"])


IMPORTERS = (
    Importer(
        "landmarks", 25, _("Landmarks"),
        _("CSV, Excel or GeoJSON in degrees with code, kind, zh, en, and for tables lon and lat; others holds further "
          "names, split by semicolons. Kinds: park, school, hospital, transport, bridge, market, culture, sports, "
          "government, building, other."),
        (".csv", ".xlsx", ".parquet", ".geojson", ".json"), check,
    ),
)
