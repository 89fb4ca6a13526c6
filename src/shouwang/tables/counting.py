"""Calls counted by square, hour, kind and source where they lie: said once, done by DuckDB here or by Spark there.

What is said is arithmetic in double precision and whole numbers, in the order of `engine.geo`, so that both give the
same counts, and the same as the engine gives from the calls themselves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shouwang.engine.demand.calls import HEARD, SOURCES, Calls
from shouwang.engine.demand.findings import PER_CALL, findings, together
from shouwang.engine.demand.past import DAY_H, HOUR_S, WEEK_H
from shouwang.engine.errors import BadInput, Fault, NoAnswer
from shouwang.engine.geo.distance import EARTH_RADIUS_M, Plane
from shouwang.tables.binned import ABOUT, COUNTS, PROFILES, Counted, in_order, parts_of

KEY = ("hour", "row", "column", "category", "source")
REQUIRED = ("time", "lon", "lat", "category")
BLOCKS_PER_DEGREE = 20  # the survey's: squares of about 5 km
SAMPLED = 61  # of so many squares the calls of one are looked at
LOOKED_AT_WHOLE = 2_000_000  # up to so many calls all are
THIN = 0.5  # with more distinct counts than so many a call, counting saves less than it costs


class Place(Protocol):
    """Where the calls lie and the counting is done."""

    name: str

    def read(self, files: Sequence[str]) -> ir.Table:
        """The calls of all files (Parquet or CSV), one after the other."""

    def fetch(self, table: ir.Table) -> pa.Table:
        """A small table, brought here."""

    def write(self, table: ir.Table, folder: Path) -> None:
        """A table of any size, as Parquet files in the folder."""

    def close(self) -> None:
        """No more is asked of it."""


def count(place: Place, files: Sequence[str], cell_m: float, folder: Path) -> Counted:
    """Count the calls of the files into the folder. Raises `BadInput` for what cannot be read as calls, with how many
    rows each fault has; `NoAnswer` if no call may feed a forecast."""
    calls = told(place.read(files))
    survey = place.fetch(surveyed(calls))
    _refuse(files, survey)
    plane = _plane(survey)
    total = int(pc.sum(survey["calls"]).as_py())
    in_squares, scale = binned(calls, plane, cell_m), 1
    looked_at = in_squares
    if total > LOOKED_AT_WHOLE:
        looked_at, scale = sampled(in_squares), SAMPLED
    sample = place.fetch(looked_at)
    found = _findings(sample, scale)
    thin = scale > 1 and _distinct(sample) > THIN * len(sample)
    place.write(singly(in_squares) if thin else counted(in_squares), folder / COUNTS)
    rows = sum(pq.read_metadata(file).num_rows for file in parts_of(folder))
    pq.write_table(in_order(place.fetch(profiles(calls))), folder / PROFILES)
    heard = {source: _calls_of(survey, source) for source in SOURCES}
    first, last = (int(end.as_py()) for end in (pc.min(survey["first_h"]), pc.max(survey["last_h"])))
    about = Counted(total, rows, first, last, plane.lon0, plane.lat0, float(cell_m), heard, found)
    (folder / ABOUT).write_text(json.dumps(asdict(about), ensure_ascii=False, indent=1))
    return about


# ---- what is counted, said once


def told(raw: ir.Table) -> ir.Table:
    """Calls as the columns time, lon, lat, category, source; what is no such value is NULL. Raises `BadInput` for
    missing columns."""
    missing = [name for name in REQUIRED if name not in raw.columns]
    if missing:
        found = ", ".join(raw.columns)
        raise BadInput([Fault(f"column {name}", "the column is missing", found, "Add it, or rename one.")
                        for name in missing])  # fmt: skip
    time, lon, lat = raw["time"], raw["lon"], raw["lat"]
    named = raw["source"].cast("string").strip() if "source" in raw.columns else ibis.literal("")
    return raw.select(
        time=time.try_cast("timestamp") if time.type().is_string() else time.cast("timestamp"),
        lon=lon.try_cast("float64") if lon.type().is_string() else lon.cast("float64"),
        lat=lat.try_cast("float64") if lat.type().is_string() else lat.cast("float64"),
        category=raw["category"].cast("string"),
        source=ibis.ifelse(named.isnull() | (named == ""), SOURCES[0], named),
    )


def surveyed(calls: ir.Table) -> ir.Table:
    """Blocks of about 5 km and sources with their calls, the ends in place and time, and how many rows have which
    fault."""
    lon, lat, time = calls["lon"], calls["lat"], calls["time"]
    blocks = calls.group_by(
        "source", east=_floor(lon * _exactly(BLOCKS_PER_DEGREE)), north=_floor(lat * _exactly(BLOCKS_PER_DEGREE)),
    ).aggregate(
        calls=calls.count(), west_lon=lon.min(), east_lon=lon.max(), south_lat=lat.min(), north_lat=lat.max(),
        first=time.min(), last=time.max(),
        no_time=time.isnull().sum(),
        no_lon=(lon.isnull() | lon.isnan() | (lon.abs() > 180)).sum(),
        no_lat=(lat.isnull() | lat.isnan() | (lat.abs() > 90)).sum(),
        no_category=(calls["category"].isnull() | (calls["category"].strip() == "")).sum(),
    )  # fmt: skip
    return blocks.mutate(first_h=_hour(blocks["first"]), last_h=_hour(blocks["last"])).drop("first", "last")


def binned(calls: ir.Table, plane: Plane, cell_m: float) -> ir.Table:
    """The calls with their hour and their square of the plane."""
    radian, width, hair = _exactly(np.pi / 180), _exactly(cell_m), _exactly(1e-6)  # as in `Plane` and `Grid`
    x_m = (calls["lon"] - _exactly(plane.lon0)) * radian * _exactly(plane.radius_east_m)
    y_m = (calls["lat"] - _exactly(plane.lat0)) * radian * _exactly(EARTH_RADIUS_M)
    return calls.mutate(
        hour=_hour(calls["time"]), row=_floor((y_m + hair) / width), column=_floor((x_m + hair) / width)
    )


def counted(in_squares: ir.Table) -> ir.Table:
    """Calls by hour, square of the plane, category and source."""
    return in_squares.group_by(*KEY).aggregate(calls=in_squares.count().cast("int32"))


def singly(in_squares: ir.Table) -> ir.Table:
    """The same where nearly all counts would be 1: each call counts for itself, and nothing is held in memory."""
    return in_squares.select(*KEY, calls=ibis.literal(1).cast("int32"))


def profiles(calls: ir.Table) -> ir.Table:
    """Calls by hour of the week (0: Monday, midnight), category and source."""
    weeks = calls.select(
        hour_of_week=((_hour(calls["time"]).cast("int64") + 3 * DAY_H) % WEEK_H + WEEK_H) % WEEK_H,  # also before 1970
        category=calls["category"], source=calls["source"],
    )  # fmt: skip
    return weeks.group_by("hour_of_week", "category", "source").aggregate(calls=weeks.count())


def sampled(in_squares: ir.Table) -> ir.Table:
    """All calls on one of so many squares, scattered over the ground."""
    square = in_squares["row"].cast("int64") * 7 + in_squares["column"].cast("int64")
    return in_squares.filter(square % SAMPLED == 0)


def _hour(time: ir.Value) -> ir.Value:
    return _floor(time.epoch_seconds() / HOUR_S)


def _floor(value: ir.Value) -> ir.Value:
    return value.floor().cast("int32")


def _exactly(value: float) -> ir.Value:
    """A number as both read it to the last bit; written as it is, DuckDB takes it for a decimal."""
    return ibis.literal(repr(float(value))).cast("float64")


# ---- what is looked at on the way


def _refuse(files: Sequence[str], survey: pa.Table) -> None:
    if not len(survey):
        raise NoAnswer("The files hold no call.")
    what = {
        "no_time": ("time", "rows without a local time", "Write local time as 2019-09-01T08:30:00."),
        "no_lon": ("lon", "rows without degrees", "Give degrees between -180 and 180."),
        "no_lat": ("lat", "rows without degrees", "Give degrees between -90 and 90."),
        "no_category": ("category", "rows without a category", "Name the kind of call."),
        "no_source": ("source", "rows with an unknown source", f"Write one of: {', '.join(SOURCES)}; or nothing."),
    }
    rows = {name: int(pc.sum(survey[name]).as_py()) for name in what if name in survey.column_names}
    rows["no_source"] = int(pc.sum(survey["calls"]).as_py()) - _calls_of(survey, *SOURCES)
    faults = [Fault(f"{', '.join(files)}, column {column}", what_is, rows[name], remedy)
              for name, (column, what_is, remedy) in what.items() if rows[name]]  # fmt: skip
    if faults:
        raise BadInput(faults)


def _plane(survey: pa.Table) -> Plane:
    """The plane that `Squares.around` takes for these calls; a call far from all others moves it as little."""
    known = survey.filter(_are(survey["source"], HEARD))
    if not len(known):
        raise NoAnswer("No call of the files may feed a forecast: patrols found them all.")
    lon, lat = ((known[name].to_numpy() + 0.5) / BLOCKS_PER_DEGREE for name in ("east", "north"))
    kept = known.filter(pa.array(together(lon, lat, known["calls"].to_numpy().astype(float))))
    ends = [[pc.min(kept[low]).as_py(), pc.max(kept[high]).as_py()]
            for low, high in (("west_lon", "east_lon"), ("south_lat", "north_lat"))]  # fmt: skip
    return Plane.around(*ends).rounded()


def _are(source: pa.ChunkedArray, names: Sequence[str]) -> pa.ChunkedArray:
    return pc.is_in(source, pa.array(names))


def _calls_of(survey: pa.Table, *sources: str) -> int:
    return int(pc.sum(survey.filter(_are(survey["source"], sources))["calls"]).as_py() or 0)


def _distinct(sample: pa.Table) -> int:
    """How many counts the sample comes to."""
    return len(sample.group_by(list(KEY)).aggregate([]))


def _findings(sample: pa.Table, scale: int) -> list[dict[str, Any]]:
    """What is odd about times and places of calls that stand for so many each."""
    looked_at = sample.filter(_are(sample["source"], HEARD))
    time_s = looked_at["time"].cast(pa.timestamp("s"), safe=False).cast(pa.int64()).to_numpy()
    kind = looked_at["category"].combine_chunks().dictionary_encode()
    kinds = kind.dictionary.to_pylist()
    heard = Calls(
        time_s, looked_at["lon"].to_numpy(), looked_at["lat"].to_numpy(),
        np.argsort(np.argsort(kinds))[kind.indices.to_numpy()], tuple(sorted(kinds)), np.zeros(len(time_s), np.int64),
    )  # fmt: skip
    told = findings(heard, int(time_s.max(initial=0)) + 1)
    return [
        {"code": one.code, "values": {k: v * scale if k in ("calls", "points") else v for k, v in one.values.items()}}
        for one in told if one.code in PER_CALL
    ]  # fmt: skip
