"""Exits from CSV or Parquet."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from shouwang.desk.log.writing import Log
from shouwang.desk.places.importers import Checked, Importer, Source, plain
from shouwang.engine.errors import Faults
from shouwang.tables.places import Rows, number, read_rows

from . import advice, facts
from .models import Exit

COLUMNS = ("zh", "en", "lon", "lat")
LONGEST = 80


def check(source: Source) -> Checked:
    """Columns zh, en, lon, lat. An exit whose English name is known is moved and named anew; others stay."""
    rows = read_rows(source.path)
    faults = Faults(keep=200)
    missing = [c for c in COLUMNS if not rows.has(c)]
    for column in missing:
        faults.add(f"{rows.file}, column {column}", "the column is missing", None, f"Give {', '.join(COLUMNS)}.")
    if not missing and not len(rows):
        faults.add(rows.file, "there is no exit", 0, "Give at least one.")
    faults.raise_if_any()
    found = [_exit(faults, rows, i) for i in range(len(rows))]
    faults.raise_if_any()
    exits = {e.en: e for e in found if e is not None}
    known = set(Exit.objects.filter(en__in=list(exits)).values_list("en", flat=True))
    return Checked({"exits": len(exits), "new": len(exits) - len(known)}, lambda log: _save(log, exits))


def _exit(faults: Faults, rows: Rows, i: int) -> Exit | None:
    before = len(faults)
    said = {c: plain(rows.columns[c][i]) for c in ("zh", "en")}
    for column, text in said.items():
        if not 0 < len(text) <= LONGEST:
            faults.add(rows.where(i, column), "the name is missing or too long", text, "Shorten it or fill it in.")
    lon, lat = number(faults, rows, "lon", i, -180, 180), number(faults, rows, "lat", i, -90, 90)
    if len(faults) == before and not advice.near_a_street(lon, lat):
        faults.add(rows.where(i, "lon"), "no street of the network is near", f"{lon}, {lat}", "Correct the place.")
    if len(faults) > before:
        return None
    return Exit(zh=said["zh"], en=said["en"], lon=lon, lat=lat, area=facts.area_at(lon, lat))


def _save(log: Log, exits: dict[str, Exit]) -> None:
    for en, row in exits.items():
        fields = {"zh": row.zh, "lon": row.lon, "lat": row.lat, "area": row.area, "active": True}
        if not Exit.objects.filter(en=en).update(**fields):
            row.save(force_insert=True)


IMPORTERS = (
    Importer(
        "exits",
        45,
        gettext_lazy("Exits"),
        gettext_lazy("CSV or Parquet with zh, en, lon, lat: places by which the district is left."),
        (".csv", ".parquet"),
        check,
    ),
)
