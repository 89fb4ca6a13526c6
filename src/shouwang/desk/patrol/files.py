"""The room's big tables, as Parquet under the centre's data: past calls, and forecasts by cell and hour."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from shouwang.engine.terms import AnyArray, FloatArray, IntArray
from shouwang.tables.history import read_calls, write_calls

SCHEMA = pa.schema(
    {
        "cell": pa.int32(),
        "lon": pa.float64(),
        "lat": pa.float64(),
        "hour": pa.timestamp("s"),
        "expected": pa.float64(),
        "low": pa.float32(),
        "high": pa.float32(),
        "area": pa.string(),
        "node": pa.int64(),
    }
)


@dataclass(frozen=True, eq=False)
class Cells:
    """A forecast: what is expected in each of `hours` (local, from the hour) on each cell, with its 80 % interval.

    `cell`, `lon`, `lat` (centre), `area` (path of the community), `node` (the street file's number of the nearest
    node): one per cell; `expected`, `low`, `high`: (hours, cells).
    """

    cell: IntArray
    lon: FloatArray
    lat: FloatArray
    area: AnyArray
    node: IntArray
    hours: AnyArray  # datetime64[s]
    expected: FloatArray
    low: FloatArray
    high: FloatArray


def history_path(id: UUID | str) -> Path:
    return Path(settings.CONFIG.data) / "history" / f"{id}.parquet"


def forecast_path(id: UUID | str) -> Path:
    return Path(settings.CONFIG.data) / "forecasts" / f"{id}.parquet"


def take_history(source: Path, id: UUID | str) -> tuple[pa.Table, str]:
    """Reads a file of calls, checks every row and keeps it compact. Returns the table and its SHA-256.
    Raises BadInput naming every bad row; nothing is kept then."""
    table = read_calls(source)
    path = history_path(id)
    _whole(path, lambda part: write_calls(table, part))
    return table, sha256(path)


def write_cells(cells: Cells, id: UUID | str) -> str:
    """Writes a forecast and returns its SHA-256."""
    hours, count = cells.expected.shape
    table = pa.table(
        [
            np.tile(cells.cell, hours),
            np.tile(cells.lon, hours),
            np.tile(cells.lat, hours),
            np.repeat(cells.hours, count),
            cells.expected.ravel(),
            cells.low.ravel(),
            cells.high.ravel(),
            np.tile(cells.area, hours),
            np.tile(cells.node, hours),
        ],
        schema=SCHEMA,
    )
    path = forecast_path(id)
    _whole(path, lambda part: pq.write_table(table, part, compression="zstd"))
    return sha256(path)


@lru_cache(maxsize=4)
def read_cells(id: str) -> Cells:
    """A forecast from its file. The file of an id never changes, so it is kept in memory."""
    table = pq.read_table(forecast_path(id))
    hour = table["hour"].to_numpy()
    hours = np.unique(hour)
    count = len(hour) // max(1, len(hours))
    first = table.slice(0, count)

    def grid(name: str) -> Any:
        return table[name].to_numpy().reshape(len(hours), count).astype(float)

    return Cells(
        first["cell"].to_numpy(),
        first["lon"].to_numpy(),
        first["lat"].to_numpy(),
        np.array(first["area"].to_pylist(), object),
        first["node"].to_numpy(),
        hours.astype("datetime64[s]"),
        grid("expected"),
        grid("low"),
        grid("high"),
    )


def sha256(path: Path) -> str:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _whole(path: Path, write: Any) -> None:
    """Writes beside the place and moves there: a crash leaves no half file under the name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    write(part)
    with part.open("rb") as f:
        os.fsync(f.fileno())
    os.replace(part, path)
