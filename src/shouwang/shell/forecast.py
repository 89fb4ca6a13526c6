"""`shouwang forecast`: expected calls by cell and hour, from a file of past calls."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shouwang.engine.demand.calls import HEARD, Calls
from shouwang.engine.demand.forecast import Forecast, Hours
from shouwang.engine.demand.forecast import forecast as make_forecast
from shouwang.engine.demand.models import MODELS
from shouwang.engine.demand.past import DAY_H, HOUR_S
from shouwang.engine.demand.spread import COVERAGE
from shouwang.engine.errors import BadInput, Fault
from shouwang.tables.history import arrays, read_calls

GUARD = "Calls that patrols found themselves feed no forecast: it would send patrols back to where they were."
SCHEMA = pa.schema(
    {
        "cell": pa.int64(), "lon": pa.float64(), "lat": pa.float64(), "hour": pa.timestamp("s"),
        "expected": pa.float64(), "low": pa.float64(), "high": pa.float64(),
    }
)  # fmt: skip


@click.command()
@click.argument("calls", type=click.Path(path_type=Path))
@click.option(
    "--origin", required=True, help="Local time from which to forecast; only earlier calls are used."
)
@click.option(
    "--hours", type=click.IntRange(1, 90 * DAY_H), default=24, show_default=True, help="How far ahead."
)
@click.option(
    "--cell-m", type=click.FloatRange(min=10), default=200.0, show_default=True, help="Width of a cell."
)
@click.option("--exclude", default="", help="Kinds to leave out, separated by commas.")
@click.option("--model", type=click.Choice(list(MODELS)), default=next(iter(MODELS)), show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Parquet file to write."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document about the forecast.")
def forecast(
    calls: Path, origin: str, hours: int, cell_m: float, exclude: str, model: str, out: Path, as_json: bool
) -> None:
    """Forecast calls by place and hour from CALLS (Parquet or CSV: time, lon, lat, category).

    Times are local. Without a column source (resident, alarm, patrol) calls count as residents'; those that
    patrols found are left out. Rows of the result: cell, lon, lat of its centre, hour, expected, low, high
    (80 %).
    """
    began = time.perf_counter()
    origin_s = local_seconds("--origin", origin)
    past = arrays(read_calls(calls))
    loaded = time.perf_counter()
    excluded = [name.strip() for name in exclude.split(",") if name.strip()]
    wanted = past.without(excluded)
    made = make_forecast(wanted, origin_s, cell_m, MODELS[model])
    first_h = origin_s // HOUR_S
    first = made.hours(first_h, min(hours, DAY_H))
    ready = time.perf_counter()
    expected = _write(out, made, first, first_h, hours)
    report = _report(past, wanted, excluded, made) | {
        "origin": _iso(origin_s),
        "hours": hours,
        "cell_m": cell_m,
        "expected_calls": round(expected, 3),
        "out": str(out),
        "seconds": round(ready - loaded, 4),
        "seconds_to_read": round(loaded - began, 4),
        "seconds_to_write": round(time.perf_counter() - ready, 4),
    }
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _plain(report))


def local_seconds(option: str, text: str) -> int:
    """A local time given with an option, as seconds since 1970. Raises `BadInput`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise BadInput([Fault(option, "not a local time", text, "Write 2019-09-01 or 2019-09-01T08:00.")])
    return int(np.datetime64(moment, "s").astype(np.int64))


def _write(out: Path, made: Forecast, first: Hours, first_h: int, hours: int) -> float:
    """Write day by day, so that three months of a large city need the memory of a day. Returns the calls
    expected."""
    cells = made.ground.chosen
    lon, lat = made.ground.centres()
    total = 0.0
    try:
        with pq.ParquetWriter(out, SCHEMA, compression="zstd") as writer:
            for start in range(0, hours, DAY_H):
                part = first if start == 0 else made.hours(first_h + start, min(DAY_H, hours - start))
                count = len(part.hours)
                columns = [
                    np.tile(cells, count), np.tile(lon, count), np.tile(lat, count),
                    np.repeat(part.hours * HOUR_S, len(cells)).astype("datetime64[s]"),
                    part.expected.ravel(), part.low.ravel(), part.high.ravel(),
                ]  # fmt: skip
                writer.write_table(pa.table(columns, schema=SCHEMA))
                total += float(part.expected.sum())
    except OSError as error:
        what, remedy = "the file cannot be written", "Choose a folder that exists and may be written to."
        raise BadInput([Fault("--out", what, str(out), remedy)]) from error
    return total


def _report(past: Calls, wanted: Calls, excluded: list[str], made: Forecast) -> dict[str, Any]:
    fit = made.fit
    unknown = [name for name in excluded if name not in past.kinds]
    notes = [str(finding) for finding in made.findings]
    notes += [f"No call is of the kind {name}, which was to be left out." for name in unknown]
    dispersion = round(fit.cell_hour_dispersion, 4)
    return {
        "rows_read": len(past),
        "rows_used": made.used,
        "left_out": {
            "excluded_kinds": len(past) - len(wanted),
            "at_or_after_origin": made.after_origin,
            "patrol_found": made.patrol_found,
            "far_away": made.far_away,
        },
        "sources_used": list(HEARD),
        "guard": GUARD,
        "span": {"from": _iso(made.first_s), "to": _iso(made.last_s)},
        "cells": made.ground.size,
        "model": fit.model,
        "settings": fit.settings,
        "calls_per_day": round(fit.level.now, 3),
        "interval": {"coverage": COVERAGE, "law": "negative binomial", "dispersion": dispersion},
        "notes": notes,
    }


def _plain(report: dict[str, Any]) -> str:
    left_out = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report["left_out"].items())
    lines = [
        f"{report['rows_used']} of {report['rows_read']} calls used ({left_out}), "
        f"{report['span']['from']} to {report['span']['to']}.",
        f"{report['expected_calls']:.1f} calls expected in {report['hours']} hours from {report['origin']} "
        f"on {report['cells']} cells of {report['cell_m']:g} m, model {report['model']}.",
        *report["notes"],
        f"Written to {report['out']} ({report['seconds']:.2f} s).",
    ]
    return "\n".join(lines)


def _iso(time_s: int) -> str:
    return str(np.datetime64(time_s, "s"))
