"""The record that is replayed: the calls of a span of the past, with what each becomes at the desk."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shouwang.desk.calls import facts as calls
from shouwang.desk.calls.terms import SERVICES
from shouwang.desk.patrol.files import history_path

HEAPED = ("00:00:00", "00:01:00", "12:00:00")  # what a record says when nobody knew the hour


@dataclass(frozen=True)
class Recorded:
    """One call of the record; `at` in the district's zone. `id` and `seed` are the same whenever it is read."""

    id: UUID
    seed: int
    at: datetime
    lon: float
    lat: float
    category: str


@dataclass(frozen=True)
class Becomes:
    """What calls of a category become at the desk; `processing_s` and `scene_min` are medians."""

    type: str
    services: tuple[str, ...]
    severity: int
    processing_s: float
    scene_min: float
    results: tuple[str, ...]


@cache
def categories() -> Mapping[str, Becomes]:
    """The mapping table (data/districts/replay.csv)."""
    path = Path(str(files("shouwang") / "data" / "districts" / "replay.csv"))
    with path.open(encoding="utf-8", newline="") as f:
        return {
            r["category"]: Becomes(
                r["type"],
                tuple(r["services"].split(";")),
                int(r["severity"]),
                float(r["processing_s"]),
                float(r["scene_min"]),
                tuple(r["results"].split(";")),
            )
            for r in csv.DictReader(f)
        }


@cache
def types() -> Mapping[str, Any]:
    return {t.code: t for t in calls.types() if t.parent}


def becomes(category: str) -> Becomes | None:
    """What a recorded call of this category becomes; None: it is not replayed. A record that names its
    calls by our own types needs no table."""
    found = categories().get(category)
    if found is None and (kind := types().get(category)) is not None:
        services = (kind.service,) if kind.service in SERVICES else ("police",)
        found = Becomes(kind.code, services, kind.severity, 75.0, 20.0, ("settled",))
    return found


def busiest(history: UUID) -> date:
    """The day with the most calls in the last year of the record: there is something to see on it."""
    days = pq.read_table(history_path(history))["time"].cast(pa.date32()).to_numpy().astype("datetime64[D]")
    found, calls_a_day = np.unique(days[days > days.max() - 365], return_counts=True)
    busy: date = found[int(calls_a_day.argmax())].astype(date)
    return busy


@lru_cache(maxsize=3)
def day(history: UUID, on: date, left_out: tuple[str, ...], zone: str) -> list[Recorded]:
    """The calls of one day in order of time, without the kinds `left_out`.

    Where the record heaps calls on noon or midnight because nobody knew the hour, they are spread over the
    day by the hours of the others, the same way each time."""
    table = pq.read_table(history_path(history))
    start = datetime(on.year, on.month, on.day)  # noqa: DTZ001 - the record is local and naive
    inside = pc.and_(pc.greater_equal(table["time"], start), pc.less(table["time"], start + timedelta(days=1)))
    rows = [r for r in table.filter(inside).to_pylist() if r["category"] not in left_out and becomes(r["category"])]
    known = [r["time"] for r in rows if f"{r['time']:%H:%M:%S}" not in HEAPED]
    rng = np.random.default_rng(on.toordinal())
    found = []
    for number, row in enumerate(rows):
        at = row["time"]
        if f"{at:%H:%M:%S}" in HEAPED and known:
            other = known[int(rng.integers(len(known)))]
            at = at.replace(hour=other.hour, minute=int(rng.integers(60)))
        at = at.replace(second=int(rng.integers(60)), tzinfo=ZoneInfo(zone))
        name = uuid5(NAMESPACE_OID, f"{history}:{on}:{number}")
        found.append(Recorded(name, on.toordinal() * 10_000 + number, at, row["lon"], row["lat"], row["category"]))
    return sorted(found, key=lambda r: (r.at, r.id))


def liveliest(calls: list[Recorded], span: timedelta) -> datetime:
    """The moment after which the most calls came in within `span` before it."""
    times = np.array([c.at.timestamp() for c in calls])
    before = np.arange(times.size) - np.searchsorted(times, times - span.total_seconds())
    return calls[int(before.argmax())].at
