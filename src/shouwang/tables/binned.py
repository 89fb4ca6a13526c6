"""Calls counted by square, hour, kind and source (`counting`), read back.

A folder holds them: `counts` (Parquet: hour since 1970, row and column of the square, category, source, calls),
`profiles.parquet` (hour of the week, category, source, calls) and `about.json`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shouwang.engine.demand.calls import Binned
from shouwang.engine.demand.findings import Finding
from shouwang.engine.demand.past import HOUR_S
from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.distance import Plane

ABOUT, COUNTS, PROFILES = "about.json", "counts", "profiles.parquet"
FORM = 1  # of the folder; another number is refused
NAMES = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class Counted:
    """What was counted: calls read, rows written, the span of whole hours since 1970, and by what."""

    calls: int
    rows: int
    first_h: int
    last_h: int
    lon0: float
    lat0: float
    cell_m: float
    sources: dict[str, int]
    findings: list[dict[str, Any]]
    form: int = FORM

    @property
    def binned(self) -> Binned:
        found = tuple(Finding(one["code"], one["values"]) for one in self.findings)
        return Binned(Plane(self.lon0, self.lat0), self.cell_m, found)


def is_binned(path: Path) -> bool:
    return (path / ABOUT).is_file()


def read_binned(folder: Path) -> pa.Table:
    """The counted calls in the form of `history.read_calls`: each in the middle of its square, at the beginning of its
    hour. Raises `BadInput` for a folder that is none."""
    try:
        about = Counted(**json.loads((folder / ABOUT).read_text()))
        counts = in_order(pa.concat_tables(pq.read_table(file) for file in parts_of(folder)))
    except (OSError, TypeError, ValueError) as error:  # Arrow's and JSON's errors are ValueErrors
        what = str(error).splitlines()[0]
        raise BadInput([Fault(str(folder), "no counted calls", what, "Count them anew.")]) from error
    if about.form != FORM or int(pc.sum(counts["calls"]).as_py()) != about.calls:
        raise BadInput([Fault(str(folder), "its counts are not whole", about.calls, "Count them anew.")])
    row, column = (counts[name].to_numpy() for name in ("row", "column"))
    lon, lat = about.binned.plane.to_lonlat((column + 0.5) * about.cell_m, (row + 0.5) * about.cell_m)
    each = np.repeat(np.arange(len(counts)), counts["calls"].to_numpy())
    named = {name: pc.cast(counts[name].combine_chunks().dictionary_encode(), NAMES) for name in ("category", "source")}
    table = pa.table({
        "time": pa.array((counts["hour"].to_numpy().astype(np.int64) * HOUR_S)[each].astype("datetime64[s]")),
        "lon": lon[each], "lat": lat[each],
        **{name: pa.DictionaryArray.from_arrays(column.indices.take(pa.array(each)), column.dictionary)
           for name, column in named.items()},
    })  # fmt: skip
    return table.replace_schema_metadata({ABOUT: json.dumps(vars(about))})


def binned_of(table: pa.Table) -> Binned | None:
    """How the calls of a table were counted beforehand, if they were."""
    told = (table.schema.metadata or {}).get(ABOUT.encode())
    return Counted(**json.loads(told)).binned if told else None


def parts_of(folder: Path) -> list[Path]:
    return sorted((folder / COUNTS).glob("*.parquet"))


def in_order(table: pa.Table) -> pa.Table:
    return table.sort_by([(name, "ascending") for name in table.column_names if name != "calls"])
