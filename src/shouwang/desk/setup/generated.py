"""Calls that were never made: for an example district without a record of its own.

Each kind has a yearly number and a daily profile; places follow the length of streets, some of which are
made hot. Nobody should learn anything about the real city from them, and every screen says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shouwang.engine.geo.streets import Streets

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
HOT_STREETS, HOT = 30, 9.0
# Calls by hour of the day, as shares: mornings and evenings on the road, evenings and nights for quarrels, …
RUSH = (2, 1, 1, 1, 1, 2, 5, 10, 12, 9, 7, 7, 7, 7, 7, 8, 9, 12, 12, 8, 6, 5, 4, 3)
EVENING = (5, 3, 2, 1, 1, 1, 1, 2, 3, 3, 4, 4, 5, 4, 4, 4, 5, 6, 7, 8, 9, 10, 9, 7)
DAY = (1, 1, 1, 1, 1, 1, 2, 5, 8, 9, 9, 8, 6, 7, 8, 8, 8, 7, 5, 4, 3, 3, 2, 1)


@dataclass(frozen=True)
class Kind:
    category: str
    a_year: int
    hours: tuple[int, ...]
    weekend: float  # calls of a day at the weekend, relative to a weekday


KINDS = (
    Kind("traffic_accident", 14000, RUSH, 0.8),
    Kind("traffic_injury", 1500, RUSH, 0.9),
    Kind("obstruction", 5200, DAY, 0.9),
    Kind("theft", 6200, DAY, 1.1),
    Kind("fraud", 3100, DAY, 0.7),
    Kind("dispute", 9400, EVENING, 1.2),
    Kind("family_dispute", 2800, EVENING, 1.3),
    Kind("fight", 1900, EVENING, 1.5),
    Kind("noise", 6800, EVENING, 1.2),
    Kind("drunk", 1300, EVENING, 1.6),
    Kind("lost_person", 900, DAY, 1.2),
    Kind("help", 5600, DAY, 1.0),
    Kind("fire", 720, EVENING, 1.0),
    Kind("smoke_alarm", 480, DAY, 1.0),
)


def write(path: Path, streets: Streets, rng: np.random.Generator) -> None:
    """Writes a year of calls (time, lon, lat, category) in order of time."""
    days = np.arange(np.datetime64(FIRST), np.datetime64(LAST) + 1)
    weekend = (days.astype("datetime64[D]").view("int64") - 4) % 7 >= 5  # day 0 was a Thursday
    parts = [_calls(kind, days, weekend, rng) for kind in KINDS]
    time = np.concatenate(parts)
    category = np.repeat([k.category for k in KINDS], [p.size for p in parts])
    lon, lat = _places(streets, time.size, rng)
    order = np.argsort(time, kind="stable")
    table = {
        "time": np.datetime_as_string(time[order], unit="s"),
        "lon": np.round(lon[order], 6),
        "lat": np.round(lat[order], 6),
        "category": category[order],
    }
    pq.write_table(pa.table(table), path, compression="zstd")


def _calls(kind: Kind, days: Any, weekend: Any, rng: np.random.Generator) -> Any:
    weight = np.where(weekend, kind.weekend, 1.0)
    a_day = rng.poisson(kind.a_year * weight / weight.sum())
    hours = rng.choice(24, a_day.sum(), p=np.array(kind.hours) / sum(kind.hours))
    seconds = hours * 3600 + rng.integers(0, 3600, hours.size)
    return np.repeat(days, a_day).astype("datetime64[s]") + seconds.astype("timedelta64[s]")


def _places(streets: Streets, count: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Points on the streets, by length; some named streets draw many times their share."""
    weight = streets.length_m.copy()
    if streets.name is not None:
        names = np.unique(streets.name[streets.name != ""].astype(str))
        hot = rng.choice(names, min(HOT_STREETS, names.size), replace=False)
        weight[np.isin(streets.name.astype(str), hot)] *= HOT
    edge = rng.choice(streets.edge_count, count, p=weight / weight.sum())
    along = rng.random(count)
    lon, lat = streets.coordinates()
    tail, head = streets.tail[edge], streets.head[edge]
    return lon[tail] + along * (lon[head] - lon[tail]), lat[tail] + along * (lat[head] - lat[tail])
