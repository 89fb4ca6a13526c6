"""How many live in each grid cell, from CSV, Excel or Parquet: one total, never whom."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy

from shouwang.desk.places import facts as places
from shouwang.desk.places.importers import Checked, Importer, Source, plain
from shouwang.desk.workflow.zone import day_of
from shouwang.engine.errors import Faults
from shouwang.tables.places import read_rows

from .models import CellCount

SUFFIXES = (".csv", ".xlsx", ".parquet")
NEEDED = ("cell", "day", "residents", "source")
MOST = 1_000_000


def check(source: Source) -> Checked:
    """Columns cell (path, or a code that only one cell has), day (2026-11-01), residents, source. What stands for the
    same cell and day is put in place of."""
    rows = read_rows(source.path)
    faults = Faults(keep=200)
    for column in NEEDED:
        if not rows.has(column):
            faults.add(f"{rows.file}, column {column}", "the column is missing", None, f"Give {', '.join(NEEDED)}.")
    faults.raise_if_any()
    cells = places.areas("cell")
    codes = [c.code for c in cells]
    known = {c.area: c.area for c in cells} | {c.code: c.area for c in cells if codes.count(c.code) == 1}
    today = day_of(timezone.now())
    found: dict[tuple[str, date], CellCount] = {}
    for i in range(len(rows)):
        said = {column: plain(rows.columns[column][i]) for column in NEEDED}
        before = len(faults)
        area = known.get(said["cell"])
        if area is None:
            remedy = "Write its path, such as d/3/12/c0007/."
            faults.add(rows.where(i, "cell"), "there is no such cell", said["cell"], remedy)
        try:
            day = date.fromisoformat(said["day"][:10])
        except ValueError:
            day = None
        if day is None or day > today:
            faults.add(rows.where(i, "day"), "this is no day up to today", said["day"], "Write it as 2026-11-01.")
        figure = said["residents"].removesuffix(".0")
        if not figure.isascii() or not figure.isdigit() or int(figure) > MOST:
            faults.add(rows.where(i, "residents"), "this is no count", said["residents"], "Give a whole number.")
        if not 0 < len(said["source"]) <= 120:
            faults.add(rows.where(i, "source"), "who counted is missing", said["source"], "Give up to 120 characters.")
        if area and day and (area, day) in found:
            faults.add(rows.where(i, "cell"), "the cell is used twice for one day", said["cell"], "Remove one.")
        if area and day and len(faults) == before:
            found[area, day] = CellCount(area=area, day=day, residents=int(figure), source=said["source"])
    faults.raise_if_any()
    return Checked({"cells": len({a for a, _day in found}), "counts": len(found)}, lambda log: _save(found))


def _save(found: dict[tuple[str, date], CellCount]) -> None:
    CellCount.objects.bulk_create(found.values(), update_conflicts=True, unique_fields=["area", "day"],
                                  update_fields=["residents", "source", "example"], batch_size=500)


IMPORTERS = (
    Importer(
        "cell-counts",
        15,
        gettext_lazy("Residents of grid cells"),
        gettext_lazy("Columns cell (path or code), day, residents, source. One total for each cell: never whom."),
        SUFFIXES,
        check,
    ),
)
