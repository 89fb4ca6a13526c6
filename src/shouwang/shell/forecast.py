"""`shouwang forecast`: expected calls by cell and hour, from a file of past calls."""

from __future__ import annotations

import json
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shouwang.engine.demand.boosted import CHOICES
from shouwang.engine.demand.calendar import Calendar
from shouwang.engine.demand.calls import HEARD, Calls
from shouwang.engine.demand.forecast import Around, Forecast, Hours
from shouwang.engine.demand.forecast import forecast as make_forecast
from shouwang.engine.demand.found import with_found
from shouwang.engine.demand.ground import Ground, Squares
from shouwang.engine.demand.past import DAY_H, HOUR_S
from shouwang.engine.demand.shapes import Given, Hexagons
from shouwang.engine.demand.spread import COVERAGE
from shouwang.engine.errors import BadInput, Fault
from shouwang.tables.areas import read_cells
from shouwang.tables.calendar import calendar_of, country_at
from shouwang.tables.history import arrays, read_calls, source_unknown

GUARD = "Calls that patrols found themselves feed no forecast: it would send patrols back to where they were."
UNKNOWN = (
    "The record does not say who reported what: every call counts as a resident's. Leave out the kinds that patrols "
    "find themselves (--exclude), which would send patrols back to where they were."
)
THINNED = (
    "Calls that patrols found count as often as they would have been found had every place been visited with the same "
    "chance."
)
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
    "--cell-m", type=click.FloatRange(min=10), default=200.0, show_default=True, help="Width of square cells."
)
@click.option("--cells", help="h3:RESOLUTION, square:METRES, or a GeoJSON file of areas or streets.")
@click.option("--by", type=click.Choice(["hour", "total"]), default="hour", show_default=True,
              help="A row per cell and hour, or one per cell for all hours.")
@click.option("--category", default="", help="Kinds to take alone, separated by commas.")
@click.option("--exclude", default="", help="Kinds to leave out, separated by commas.")
@click.option("--found", is_flag=True, help="Count what patrols found too, corrected by its column chance: that a "
              "patrol was to pass there then.")
@click.option("--model", type=click.Choice(list(CHOICES)), default=next(iter(CHOICES)), show_default=True)
@click.option("--calendar", "country", help="Country of the public holidays, as CN, or none. Default: CN for calls in "
              "China, else none.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Parquet file to write."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document about the forecast.")
def forecast(
    calls: Path, origin: str, hours: int, cell_m: float, cells: str | None, by: str, category: str, exclude: str,
    found: bool, model: str, country: str | None, out: Path, as_json: bool,
) -> None:  # fmt: skip
    """Forecast calls by place and hour from CALLS (Parquet or CSV: time, lon, lat, category).

    Times are local. Without a column source (resident, alarm, patrol) calls count as residents'; those that
    patrols found are left out, unless --found corrects them. Rows of the result: cell, lon, lat of its centre,
    hour (with --by total the first), expected, low, high (80 %); for given areas also area, its code.
    """
    began = time.perf_counter()
    origin_s = local_seconds("--origin", origin)
    told = cells or f"square:{cell_m:g}"
    around, ground, names = cells_of(told)
    past = arrays(table := read_calls(calls))
    around = as_counted(past, told, around)
    loaded = time.perf_counter()
    counted = _with_found(past, table, origin_s) if found else past
    excluded = [name.strip() for name in exclude.split(",") if name.strip()]
    wanted = only(counted, category).without(excluded)
    calendar = calendar_for(country, wanted, origin_s + hours * HOUR_S)
    made = make_forecast(wanted, origin_s, around, CHOICES[model], ground, calendar)
    first_h = origin_s // HOUR_S
    total = by == "total"
    first = made.total(first_h, hours) if total else made.hours(first_h, min(hours, DAY_H))
    ready = time.perf_counter()
    expected = _write(out, made, first, first_h, DAY_H if total else hours, names)
    report = _report(past, wanted, excluded, made, hours if total else None) | {
        "guard": THINNED if found else UNKNOWN if source_unknown(table) else GUARD,
        "patrol_found_counted": int((past.source != counted.source).sum()),
        "origin": _iso(origin_s),
        "hours": hours,
        "by": by,
        "cells_of": told,
        "cell_m": made.ground.grid.cell_m if isinstance(made.ground, Squares) else None,
        "expected_calls": round(expected, 3),
        "out": str(out),
        "seconds": round(ready - loaded, 4),
        "seconds_to_read": round(loaded - began, 4),
        "seconds_to_write": round(time.perf_counter() - ready, 4),
    }
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _plain(report))


def _with_found(past: Calls, table: pa.Table, origin_s: int) -> Calls:
    if "chance" not in table.column_names:
        remedy = "Add it for what patrols found: the chance of a visit there then, logged when they were sent."
        raise BadInput([Fault("--found", "the calls have no column chance", None, remedy)])
    return with_found(past, table["chance"].to_numpy(), origin_s, np.random.default_rng(origin_s))


def only(calls: Calls, category: str) -> Calls:
    """The calls of the kinds named, all if none is. Raises `BadInput` for a kind that no call bears."""
    wanted = [name.strip() for name in category.split(",") if name.strip()]
    remedy = f"Take of: {', '.join(calls.kinds)}."
    unknown = [Fault("--category", "no call is of this kind", name, remedy) for name in wanted
               if name not in calls.kinds]  # fmt: skip
    if unknown:
        raise BadInput(unknown)
    return calls.without(set(calls.kinds) - set(wanted)) if wanted else calls


def cells_of(text: str) -> tuple[Around, Ground | None, list[str] | None]:
    """What --cells asks for: how to lay cells around calls, or the given ones and their codes. Raises `BadInput`."""
    kind, _, size = text.partition(":")
    if kind == "square":
        return partial(Squares.around, cell_m=_size(text, size, 10.0)), None, None
    if kind == "h3":
        return partial(Hexagons.around, resolution=int(_size(text, size, 0.0))), None, None
    if not Path(text).exists():
        remedy = "Write h3:9, square:200 or the name of a GeoJSON file."
        raise BadInput([Fault("--cells", "no size of cells and no file", text, remedy)])
    given = read_cells(Path(text))
    around = partial(Squares.around, cell_m=200.0)  # not asked: the cells are given
    return around, Given.of([area.polygon for area in given]), [area.code for area in given]


def calendar_for(country: str | None, calls: Calls, until_s: int) -> Calendar:
    """The holidays of the country named with --calendar; else those of where the calls lie."""
    if country is None and len(calls):
        country = country_at(float(np.median(calls.lon)), float(np.median(calls.lat)))
    known = country if country and country.lower() != "none" and len(calls) else None
    return calendar_of(known, int(calls.time_s.min(initial=until_s)), until_s)


def as_counted(calls: Calls, told: str, around: Around) -> Around:
    """How to lay cells around the calls: where they were counted beforehand, as then. Raises `BadInput` for others."""
    if calls.binned is None:
        return around
    counted = f"square:{calls.binned.cell_m:g}"
    if told != counted:
        remedy = f"Ask for {counted}, count them anew, or give the calls themselves."
        raise BadInput([Fault("--cells", f"the calls were counted by {counted}", told, remedy)])
    return partial(Squares.around, cell_m=calls.binned.cell_m, plane=calls.binned.plane)


def _size(text: str, size: str, least: float) -> float:
    try:
        number = float(size)
    except ValueError:
        number = np.nan
    if not least <= number < np.inf or (least == 0 and number != int(number)):
        remedy = "Write h3:9, square:200 or the name of a GeoJSON file."
        raise BadInput([Fault("--cells", "no size of cells", text, remedy)])
    return number


def local_seconds(option: str, text: str) -> int:
    """A local time given with an option, as seconds since 1970. Raises `BadInput`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise BadInput([Fault(option, "not a local time", text, "Write 2019-09-01 or 2019-09-01T08:00.")])
    return int(np.datetime64(moment, "s").astype(np.int64))


def _write(out: Path, made: Forecast, first: Hours, first_h: int, hours: int, names: list[str] | None) -> float:
    """Write day by day, so that three months of a large city need the memory of a day. Returns the calls
    expected."""
    cells = made.ground.ids
    lon, lat = made.ground.centres()
    schema = SCHEMA if names is None else SCHEMA.append(pa.field("area", pa.string()))
    total = 0.0
    try:
        with pq.ParquetWriter(out, schema, compression="zstd") as writer:
            for start in range(0, hours, DAY_H):
                part = first if start == 0 else made.hours(first_h + start, min(DAY_H, hours - start))
                count = len(part.hours)
                columns = [
                    np.tile(cells, count), np.tile(lon, count), np.tile(lat, count),
                    np.repeat(part.hours * HOUR_S, len(cells)).astype("datetime64[s]"),
                    part.expected.ravel(), part.low.ravel(), part.high.ravel(),
                    *([] if names is None else [names * count]),
                ]  # fmt: skip
                writer.write_table(pa.table(columns, schema=schema))
                total += float(part.expected.sum())
    except OSError as error:
        what, remedy = "the file cannot be written", "Choose a folder that exists and may be written to."
        raise BadInput([Fault("--out", what, str(out), remedy)]) from error
    return total


def _report(past: Calls, wanted: Calls, excluded: list[str], made: Forecast, total_h: int | None) -> dict[str, Any]:
    fit = made.fit
    unknown = [name for name in excluded if name not in past.kinds]
    notes = [str(finding) for finding in made.findings]
    notes += [f"No call is of the kind {name}, which was to be left out." for name in unknown]
    dispersion = round(fit.cell_hour_dispersion if total_h is None else fit.total_dispersion(total_h), 4)
    return {
        "rows_read": len(past),
        "rows_used": made.used,
        "left_out": {
            "excluded_kinds": len(past) - len(wanted),  # --exclude, and all but --category
            "at_or_after_origin": made.after_origin,
            "patrol_found": made.patrol_found,
            "far_away": made.far_away,
        },
        "sources_used": list(HEARD),
        "span": {"from": _iso(made.first_s), "to": _iso(made.last_s)},
        "cells": made.ground.size,
        "model": fit.model,
        "settings": fit.settings,
        "calls_per_day": round(fit.level.now, 3),
        "interval": {"coverage": COVERAGE, "law": "negative binomial", "dispersion": dispersion},
        "findings": [{"code": one.code, "text": str(one), **one.values} for one in made.findings],
        "notes": notes,
    }


def _plain(report: dict[str, Any]) -> str:
    left_out = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report["left_out"].items())
    lines = [
        f"{report['rows_used']} of {report['rows_read']} calls used ({left_out}), "
        f"{report['span']['from']} to {report['span']['to']}.",
        f"{report['expected_calls']:.1f} calls expected in {report['hours']} hours from {report['origin']} "
        f"on {report['cells']} cells ({report['cells_of']}), model {report['model']}.",
        *report["notes"],
        f"Written to {report['out']} ({report['seconds']:.2f} s).",
    ]
    return "\n".join(lines)


def _iso(time_s: int) -> str:
    return str(np.datetime64(time_s, "s"))
