"""Tables to be published: counts read, releases written for the public and for the record."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shouwang.engine.disclose.suppress import Release
from shouwang.engine.disclose.tables import Key, Table
from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.tables.effects import whole
from shouwang.tables.places import Rows, read_rows

ONE_KIND = "count"
RECORD = ("area", "group", "kind", "count", "shown")
PUBLIC = ("area", "kind", "count")


def read_table(path: Path | str) -> Table:
    """`area` and `count`, and if told apart `kind` and `group` (what the area belongs to); each area and kind once.

    A pair without a row counts 0. Raises `BadInput`.
    """
    rows, faults = read_rows(path), Faults(keep=200)
    cells = _cells(faults, rows)
    count = whole(faults, rows, "count") if rows.has("count") else np.zeros(0, np.int64)
    group = _groups(faults, rows)
    faults.raise_if_any()
    areas, kinds = (list(dict.fromkeys(cell[side] for cell in cells)) for side in (0, 1))
    counts = np.zeros((len(areas), len(kinds)), np.int64)
    for (area, kind), value in zip(cells, count.tolist(), strict=True):
        counts[areas.index(area), kinds.index(kind)] = value
    return Table.of(areas, kinds, counts, [group[area] for area in areas])


def write_record(path: Path | str, release: Release) -> None:
    """What was published and what was not, for the next release alone: every figure, with `shown`."""
    group = dict(zip(release.table.rows, release.table.group, strict=True))
    lines = [
        (row, group.get(row, ""), column, value, int(shown))
        for (row, column), value, shown in zip(
            release.table.keys, release.table.values.tolist(), release.shown.tolist(), strict=True
        )
    ]
    write_csv(path, RECORD, lines)


def read_record(path: Path | str) -> Release:
    """A record of `write_record`. Raises `BadInput`."""
    rows, faults = read_rows(path), Faults(keep=200)
    for column in RECORD:
        if not rows.has(column):
            remedy = "Give the file that --record wrote, not the public one."
            faults.add(f"{rows.file}, column {column}", "the column is missing", None, remedy)
    faults.raise_if_any()
    count, shown = whole(faults, rows, "count"), whole(faults, rows, "shown")
    faults.raise_if_any()
    known = {(str(rows.columns["area"][i]), str(rows.columns["kind"][i])): i for i in range(len(rows))}
    group = {str(rows.columns["area"][i]): str(rows.columns["group"][i] or "") for i in range(len(rows))}
    totals = {"*", *group.values()}
    areas = [area for area in dict.fromkeys(key[0] for key in known) if area not in totals]
    kinds = [kind for kind in dict.fromkeys(key[1] for key in known) if kind != "*"]
    try:
        cells = np.array([[count[known[area, kind]] for kind in kinds] for area in areas])
        table = Table.of(areas, kinds, cells, [group[area] for area in areas])
        at = [known[key] for key in table.keys]
    except KeyError as error:
        raise BadInput([Fault(rows.file, "a figure is missing", str(error), "Give the file as written.")]) from error
    return Release(table, shown[at] > 0)


def write_public(path: Path | str, figures: Iterable[tuple[Key, int | None]]) -> None:
    """What everybody may see: hidden figures are blank, totals have the area or kind *."""
    write_csv(path, PUBLIC, [(*key, "" if value is None else value) for key, value in figures])


def write_csv(path: Path | str, heading: Sequence[str], lines: Iterable[Sequence[Any]]) -> None:
    """Raises `BadInput` where it cannot be written."""
    try:
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(heading)
            writer.writerows(lines)
    except OSError as error:
        remedy = "Choose a folder that exists and may be written to."
        raise BadInput([Fault(str(path), "the file cannot be written", error.strerror, remedy)]) from error


def _cells(faults: Faults, rows: Rows) -> list[Key]:
    for column in ("area", "count"):
        if not rows.has(column):
            told = ", ".join(rows.columns)
            faults.add(f"{rows.file}, column {column}", "the column is missing", told, "Add it, or rename one.")
    faults.raise_if_any()
    if not len(rows):
        faults.add(rows.file, "the table is empty", 0, "Give at least one row.")
    found: dict[Key, int] = {}
    cells = []
    for i in range(len(rows)):
        for column in ("area", "kind"):
            if rows.has(column) and not rows.filled(column, i):
                faults.add(rows.where(i, column), "the value is missing", None, "Fill it in.")
        cell = (str(rows.columns["area"][i]).strip(), str(rows.columns["kind"][i]) if rows.has("kind") else ONE_KIND)
        if cell in found:
            remedy = f"Row {rows.first_row + found[cell]} has it already; add the counts up."
            faults.add(rows.where(i, "area"), "area and kind stand there twice", ", ".join(cell), remedy)
        found.setdefault(cell, i)
        cells.append(cell)
    return cells


def _groups(faults: Faults, rows: Rows) -> dict[str, str]:
    found: dict[str, str] = {}
    for i in range(len(rows)):
        area = str(rows.columns["area"][i]).strip()
        group = str(rows.columns["group"][i] or "").strip() if rows.has("group") else ""
        if found.setdefault(area, group) != group:
            faults.add(rows.where(i, "group"), "the area belongs to two groups", group, "Give it one.")
    return found
