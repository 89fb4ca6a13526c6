"""Past calls from CSV and Parquet files, checked whole, as an Arrow table and as arrays for the engine.

Columns: `time` (local, ISO text or timestamp), `lon`, `lat` (degrees), `category`; `id`, `source`, `chance`,
`district`, `neighbourhood` and `count` may be there. Without a source a call counts as a resident's. `chance`: that a
patrol was to pass there then, logged when it was sent. `count`: how many such calls a row stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from shouwang.engine.demand.calls import SOURCES, Calls
from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray
from shouwang.tables.binned import binned_of, is_binned, read_binned

REQUIRED = ("time", "lon", "lat", "category")
SOURCE_UNKNOWN = b"source_unknown"
MOST_ALIKE = 1_000_000  # calls of one row
TEXT_COLUMNS = ("time", "lon", "lat", "category", "source", "id")
KEPT_AS_THEY_ARE = ("id", "district", "neighbourhood")
FAULTS_KEPT = 50
ISO_REMEDY = "Write local time as 2019-09-01T08:30:00."
NAMES = pa.dictionary(pa.int32(), pa.string())


def read_calls(path: Path | str) -> pa.Table:
    """Read calls as a table of time (timestamp, seconds), lon, lat, category, source and what optional
    columns exist.

    A folder of counted calls (`binned`) is read as well.
    Raises `BadInput` with every fault of every row: file, row (line of a CSV file, its heading being line 1;
    row of a Parquet file, from 1), column, value and remedy. The first 50 are kept, the others counted.
    """
    path = Path(path)
    if is_binned(path):
        return read_binned(path)
    raw, row_numbers, faults = _raw_table(path)
    faults += _column_faults(path, raw)
    if any(name not in raw.column_names for name in REQUIRED) or len(set(raw.column_names)) < raw.num_columns:
        raise BadInput(faults)
    checked = _Checked(path, row_numbers)
    columns: dict[str, Any] = {
        "time": checked.times(raw["time"]),
        "lon": checked.degrees("lon", raw["lon"], 180.0),
        "lat": checked.degrees("lat", raw["lat"], 90.0),
        "category": checked.categories(raw["category"]),
        "source": checked.sources(
            raw["source"] if "source" in raw.column_names else pa.nulls(len(raw), pa.string())
        ),
    }
    if "chance" in raw.column_names:
        columns["chance"] = checked.chances(raw["chance"])
    count = checked.counts(raw["count"]) if "count" in raw.column_names else None
    checked.raise_if_any(faults)
    columns |= {name: raw[name] for name in KEPT_AS_THEY_ARE if name in raw.column_names}
    table = pa.table(columns)
    if "source" not in raw.column_names:
        table = table.replace_schema_metadata({SOURCE_UNKNOWN: b"1"})
    return table if count is None else table.take(np.repeat(np.arange(len(table)), count))


def source_unknown(table: pa.Table) -> bool:
    """Whether the record does not say who reported what: all of its calls count as residents'."""
    return SOURCE_UNKNOWN in (table.schema.metadata or {})


def write_calls(table: pa.Table, path: Path | str) -> None:
    """Write a table of `read_calls` as compact Parquet, oldest call first."""
    pq.write_table(table.sort_by("time"), path, compression="zstd", use_dictionary=["category", "source"])


def arrays(table: pa.Table) -> Calls:
    """The table of `read_calls` as arrays."""
    category = table["category"].combine_chunks()
    source = table["source"].combine_chunks()
    names = category.dictionary.to_pylist()
    kinds = tuple(sorted(set(names)))  # alphabetical, so that the order of rows leaves no trace
    kind_of = np.array([kinds.index(name) for name in names], np.int64)
    source_of = np.array([SOURCES.index(name) for name in source.dictionary.to_pylist()], np.int64)
    return Calls(
        time_s=table["time"].cast(pa.int64()).to_numpy(),
        lon=table["lon"].to_numpy(),
        lat=table["lat"].to_numpy(),
        kind=kind_of[category.indices.to_numpy()],
        kinds=kinds,
        source=source_of[source.indices.to_numpy()],
        binned=binned_of(table),
    )


def _raw_table(path: Path) -> tuple[pa.Table, AnyArray, list[Fault]]:
    """The file as it stands, the number of each row as its reader sees it, and the rows that are no rows."""
    try:
        with path.open("rb") as file:
            parquet = file.read(4) == b"PAR1"
        if parquet:
            table = pq.read_table(path)
            return table, np.arange(1, len(table) + 1), []
        return _raw_csv(path)
    except OSError as error:
        raise BadInput([Fault(str(path), "the file cannot be read", error.strerror or str(error))]) from error
    except pa.ArrowInvalid as error:
        remedy = "Save it as UTF-8 text with commas and a heading, or as Parquet."
        raise BadInput(
            [Fault(str(path), "neither CSV nor Parquet", str(error).splitlines()[0], remedy)]
        ) from error


def _raw_csv(path: Path) -> tuple[pa.Table, AnyArray, list[Fault]]:
    ragged: list[Fault] = []
    lines: list[int] = []

    def skip(row: pa_csv.InvalidRow) -> str:
        where, remedy = (
            f"{path.name}, row {row.number}",
            f"Give {row.expected_columns} values, as in the heading.",
        )
        ragged.append(
            Fault(where, "another number of values than the heading has", row.actual_columns, remedy)
        )
        lines.append(int(row.number))
        return "skip"

    table = pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(use_threads=False),  # with threads, Arrow does not number the rows
        parse_options=pa_csv.ParseOptions(invalid_row_handler=skip),
        convert_options=pa_csv.ConvertOptions(
            column_types={name: pa.string() for name in TEXT_COLUMNS},
            strings_can_be_null=True,
            null_values=[""],
        ),
    )
    numbers = np.arange(2, len(table) + len(lines) + 2)
    return table, np.setdiff1d(numbers, lines), ragged


def _column_faults(path: Path, table: pa.Table) -> list[Fault]:
    found = ", ".join(table.column_names)
    missing = [name for name in REQUIRED if name not in table.column_names]
    twice = {name for name in table.column_names if table.column_names.count(name) > 1}
    return [
        *(Fault(f"{path.name}, column {name}", "the column is missing", found, "Add it, or rename one.")
          for name in missing),
        *(Fault(f"{path.name}, column {name}", "the column stands there twice", found, "Leave one out.")
          for name in sorted(twice)),
    ]  # fmt: skip


class _Checked:
    """Turns columns into what they should be and notes what cannot be turned."""

    def __init__(self, path: Path, row_numbers: AnyArray) -> None:
        self.path, self.row_numbers = path, row_numbers
        self.found: list[tuple[int, int, Fault]] = []
        self.count = 0

    def bad(self, column: str, mask: BoolArray, values: pa.ChunkedArray, what: str, remedy: str) -> None:
        rows = np.flatnonzero(mask)
        self.count += len(rows)
        for row in rows[:FAULTS_KEPT].tolist():
            where = f"{self.path.name}, row {self.row_numbers[row]}, column {column}"
            value = values[row].as_py()
            shown = value if isinstance(value, (int, float, str)) or value is None else str(value)
            self.found.append((row, len(self.found), Fault(where, what, shown, remedy)))

    def raise_if_any(self, others: list[Fault]) -> None:
        kept = [*others, *(fault for _, _, fault in sorted(self.found, key=lambda f: f[:2]))][:FAULTS_KEPT]
        if kept:
            raise BadInput(kept, self.count + len(others) - len(kept))

    def times(self, column: pa.ChunkedArray) -> Any:
        if not _reads_as_local(column.type):
            column = pc.cast(column, pa.string())
        self.bad("time", _nulls(column), column, "no time", ISO_REMEDY)
        try:
            return pc.cast(pc.cast(column, pa.timestamp("us")), pa.timestamp("s"), safe=False)
        except pa.ArrowInvalid:
            values = _each(column, _local_time)
            wrong = np.array([value is None for value in values], bool) & ~_nulls(column)
            self.bad("time", wrong, column, "not a local time", ISO_REMEDY)
            return pa.array(values, pa.timestamp("s"))

    def chances(self, column: pa.ChunkedArray) -> FloatArray:
        values = _numbers(column)
        with np.errstate(invalid="ignore"):
            wrong = ~((values > 0) & (values <= 1)) & ~_nulls(column)
        self.bad("chance", wrong, column, "no chance", "Give a number above 0 and at most 1, or nothing.")
        return values

    def counts(self, column: pa.ChunkedArray) -> Any:
        values = _numbers(column)
        with np.errstate(invalid="ignore"):
            wrong = ~((values >= 0) & (values <= MOST_ALIKE) & (values == np.floor(values)))
        self.bad("count", wrong, column, "no count", f"Give a whole number from 0 to {MOST_ALIKE:,}.")
        return np.where(wrong, 0, values).astype(np.int64)

    def degrees(self, name: str, column: pa.ChunkedArray, limit: float) -> FloatArray:
        remedy = f"Give a number from {-limit:g} to {limit:g}."
        values = _numbers(column)
        with np.errstate(invalid="ignore"):
            wrong = ~(np.abs(values) <= limit)
        self.bad(name, wrong, column, "not a number of degrees", remedy)
        return values

    def categories(self, column: pa.ChunkedArray) -> Any:
        text = pc.cast(column, pa.string())
        self.bad("category", _nulls(text) | _blank(text), text, "no category", "Name the kind of call.")
        return pc.cast(text, NAMES)

    def sources(self, column: pa.ChunkedArray | pa.Array) -> Any:
        text = pc.cast(column, pa.string())
        told = pc.if_else(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(text), ""), True), SOURCES[0], text)
        wrong = ~np.asarray(pc.is_in(told, value_set=pa.array(SOURCES)))
        remedy = f"Write one of: {', '.join(SOURCES)}; or nothing for {SOURCES[0]}."
        self.bad("source", wrong, text, "an unknown source", remedy)
        return pc.cast(told, NAMES)


def _reads_as_local(kind: pa.DataType) -> bool:
    """Whether Arrow can cast the type to a local time: text, dates and timestamps without a zone."""
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    text = pa.types.is_string(value) or pa.types.is_large_string(value)
    return bool(text or pa.types.is_date(value) or (pa.types.is_timestamp(value) and value.tz is None))


def _numbers(column: pa.ChunkedArray) -> FloatArray:
    """The column as numbers, NaN for what is none."""
    try:
        number = pc.cast(column, pa.float64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        number = pa.chunked_array([pa.array(_each(column, float), pa.float64())])
    values: FloatArray = number.to_numpy().astype(float)
    return values


def _nulls(column: pa.ChunkedArray | pa.Array) -> BoolArray:
    return np.asarray(pc.is_null(column), bool)


def _blank(text: pa.ChunkedArray) -> BoolArray:
    return np.asarray(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(text), ""), False), bool)


def _local_time(text: Any) -> datetime | None:
    moment = datetime.fromisoformat(str(text).strip())
    return moment if moment.tzinfo is None else None


def _each(column: pa.ChunkedArray, convert: Callable[[Any], Any]) -> list[Any]:
    """Each value converted, None where it cannot be."""

    def converted() -> Iterator[Any]:
        for value in column.to_pylist():
            try:
                yield None if value is None else convert(value)
            except (ValueError, TypeError):
                yield None

    return list(converted())
