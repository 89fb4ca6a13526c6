"""Units and where they are: a CSV or Parquet file with `unit` and a place per row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shouwang.engine.errors import Faults
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.tables.places import read_rows, spots, unique_texts


@dataclass(frozen=True, slots=True)
class UnitTable:
    """Names, places, and what optional columns say: kind, service, and sets of capabilities (split by ';')."""

    name: list[str]
    spots: Spots
    kind: list[str]
    service: list[str]
    capabilities: list[frozenset[str]]


def read_units(path: Path | str, streets: Streets) -> UnitTable:
    """Read units. Raises `BadInput` with every fault of every row: file, row, column, value, remedy."""
    rows = read_rows(path)
    faults = Faults()
    name = unique_texts(faults, rows, "unit")
    where = spots(faults, rows, streets)
    if rows.has("unit") and not len(rows):
        faults.add(rows.file, "there is no unit", 0, "Give at least one unit.")
    faults.raise_if_any()

    def texts(column: str) -> list[str]:
        return [str(v or "").strip() for v in rows.columns[column]] if rows.has(column) else [""] * len(rows)

    capabilities = [frozenset(filter(None, map(str.strip, t.split(";")))) for t in texts("capabilities")]
    return UnitTable(name, where, texts("kind"), texts("service"), capabilities)
