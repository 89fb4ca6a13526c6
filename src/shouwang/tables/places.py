"""Small tables of places on a street network: calls, units, demand, candidate posts (CSV, Excel or Parquet).

Each row has a node, or lon and lat, or x_m and y_m where the network is in metres; lon and lat then mean X
and Y.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.terms import FloatArray

FARTHEST_OFF_M = 5_000.0
"""A place farther than this from every street is taken for a mistake (swapped or foreign coordinates)."""
_PAIRS = (("lon", "lat"), ("x_m", "y_m"), ("x", "y"))


@dataclass(frozen=True, slots=True)
class Rows:
    """A table as text or plain values: `first_row` is the number a person counts for its first row."""

    file: str
    first_row: int
    columns: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def where(self, i: int, column: str) -> str:
        """How faults name a value."""
        return f"{self.file}, row {self.first_row + i}, column {column}"

    def has(self, column: str) -> bool:
        return column in self.columns

    def filled(self, column: str, i: int) -> bool:
        value = self.columns[column][i]
        return value is not None and str(value).strip() != ""


def read_rows(path: Path | str) -> Rows:
    """Read a CSV or the first sheet of an Excel file (row 1 is its heading), or a Parquet file (rows from 1). Raises
    `BadInput` if that fails."""
    path = Path(path)
    try:
        if path.suffix.lower() == ".xlsx":
            return _from_lines(path.name, _sheet(path))
        if path.suffix.lower() == ".parquet":
            return Rows(path.name, 1, pq.read_table(path).to_pydict())
        with path.open(encoding="utf-8-sig", newline="") as handle:
            lines = list(csv.reader(handle))
    except FileNotFoundError:
        fault = Fault(str(path), "the file does not exist", None, "Check its name.")
    except (OSError, pa.ArrowInvalid, UnicodeDecodeError, csv.Error, BadZipFile, LookupError, ValueError):
        fault = Fault(str(path), "the file cannot be read", None, "Give CSV in UTF-8, Excel (.xlsx) or Parquet.")
    else:
        return _from_lines(path.name, lines)
    raise BadInput([fault])


def _sheet(path: Path) -> list[list[str]]:
    """The cells of the first sheet as a CSV would have them: days as 2026-03-01, whole numbers without a point."""
    from openpyxl import load_workbook  # here: it takes longer to load than most commands take to run

    book = load_workbook(path, read_only=True, data_only=True)
    rows = [[_cell(value) for value in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    width = max((n for n, name in enumerate(rows[0], 1) if name), default=0) if rows else 0
    while rows and not any(rows[-1]):
        rows.pop()
    return [row[:width] + [""] * (width - len(row)) for row in rows]


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _from_lines(file: str, lines: list[list[str]]) -> Rows:
    if not lines:
        raise BadInput([Fault(file, "the file is empty", None, "Give a heading and rows.")])
    heading = [name.strip() for name in lines[0]]
    faults = Faults()
    for i, line in enumerate(lines[1:], start=2):
        if line and len(line) != len(heading):
            what = "the row has another number of columns than the heading"
            faults.add(f"{file}, row {i}", what, len(line), f"Give {len(heading)} columns.")
    faults.raise_if_any()
    rows = [line if line else [""] * len(heading) for line in lines[1:]]
    while rows and not any(rows[-1]):
        rows.pop()
    return Rows(file, 2, {name: [row[j].strip() for row in rows] for j, name in enumerate(heading)})


def number(faults: Faults, rows: Rows, column: str, i: int, least: float = -np.inf, most: float = np.inf) -> float:
    """One value as a finite number within bounds; NaN, with a fault, if it is none."""
    raw = rows.columns[column][i]
    try:
        value = float(raw)
    except (TypeError, ValueError):
        value = np.nan
    if np.isfinite(value) and least <= value <= most:
        return value
    bounds = f"a number from {least:g} to {most:g}" if np.isfinite(least + most) else "a finite number"
    faults.add(rows.where(i, column), "the value is not a number, or out of bounds", raw, f"Give {bounds}.")
    return np.nan


def numbers(faults: Faults, rows: Rows, column: str, least: float = -np.inf) -> FloatArray:
    """A column of numbers; faults name those that are none."""
    return np.array([number(faults, rows, column, i, least) for i in range(len(rows))], float)


def unique_texts(faults: Faults, rows: Rows, column: str) -> list[str]:
    """A column of names that are there and differ."""
    if not rows.has(column):
        faults.add(f"{rows.file}, column {column}", "the column is missing", None, "Add it.")
        return []
    seen: dict[str, int] = {}
    for i, raw in enumerate(rows.columns[column]):
        name = "" if raw is None else str(raw).strip()
        if not name:
            faults.add(rows.where(i, column), "the value is missing", None, "Fill it in.")
        elif name in seen:
            remedy = f"Row {rows.first_row + seen[name]} has it already; remove or rename one."
            faults.add(rows.where(i, column), "the name is used twice", name, remedy)
        seen.setdefault(name, i)
    return [str(raw).strip() for raw in rows.columns[column]]


def spots(faults: Faults, rows: Rows, streets: Streets) -> Spots:
    """Where each row lies on the network. Rows with faults get an arbitrary spot: raise before using them."""
    metric = streets.plane is None
    pair = next((p for p in (_PAIRS if metric else _PAIRS[:1]) if all(map(rows.has, p))), None)
    if pair is None and not rows.has("node"):
        wanted = "x_m and y_m, or node" if metric else "lon and lat, or node"
        faults.add(rows.file, "there are no columns that say where", list(rows.columns), f"Add {wanted}.")
        return Spots.at_nodes([])
    nodes = np.full(len(rows), -1)
    at = np.full((len(rows), 2), np.nan)
    for i in range(len(rows)):
        if rows.has("node") and rows.filled("node", i):
            nodes[i] = _node(faults, rows, i, streets)
        elif pair is not None:
            at[i] = _point(faults, rows, i, pair, metric)
        else:
            faults.add(rows.where(i, "node"), "the value is missing", None, "Fill it in.")
    return _snapped(faults, rows, streets, nodes, at)


def _node(faults: Faults, rows: Rows, i: int, streets: Streets) -> int:
    raw = rows.columns["node"][i]
    try:
        index = int(streets.index_of(int(str(raw).strip())))
    except ValueError:
        faults.add(rows.where(i, "node"), "the value is not a whole number", raw, "Give a node's number.")
        return -1
    if index < 0:
        faults.add(rows.where(i, "node"), "the network has no such node", raw, "Give a node of the network.")
    return index


def _point(faults: Faults, rows: Rows, i: int, pair: tuple[str, str], metric: bool) -> tuple[float, float]:
    across, up = (np.inf, np.inf) if metric else (180.0, 90.0)
    return (
        number(faults, rows, pair[0], i, -across, across),
        number(faults, rows, pair[1], i, -up, up),
    )


def _snapped(faults: Faults, rows: Rows, streets: Streets, nodes: Any, at: FloatArray) -> Spots:
    result = Spots.at_nodes(np.maximum(nodes, 0))
    by_point = np.flatnonzero((nodes < 0) & np.isfinite(at).all(axis=1))
    if not by_point.size:
        return result
    found = streets.snap(at[by_point, 0], at[by_point, 1])
    for i, off_m in zip(by_point, found.off_m, strict=True):
        if off_m > FARTHEST_OFF_M:
            faults.add(
                f"{rows.file}, row {rows.first_row + i}",
                "the place lies too far from every street of the network",
                f"{off_m:.0f} m",
                "Check that longitude comes before latitude and that the network is the right one.",
            )
    for mine, theirs in (
        (result.node, found.node),
        (result.edge, found.edge),
        (result.fraction, found.fraction),
        (result.off_m, found.off_m),
    ):
        mine[by_point] = theirs
    return result
