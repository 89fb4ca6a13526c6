"""`shouwang deploy staffing`: how many units each hour needs for a promised response."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from shouwang.engine.deploy.staffing import Promise, Staffed, manning_order, posts_needed, units_needed
from shouwang.engine.errors import Faults
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import FloatArray, IntArray
from shouwang.shell._io import emit_json, say
from shouwang.tables.places import Rows, numbers, read_rows, spots
from shouwang.tables.streets import read_streets

_FILE = click.Path(path_type=Path)


@click.command()
@click.option("--calls", "calls_file", type=_FILE, required=True,
              help="CSV or Parquet: hour and expected (calls in that hour), one row per hour or, with --streets, per "
                   "hour and place (node or lon,lat). A forecast of shouwang forecast will do.")
@click.option("--service-s", type=float, required=True,
              help="Mean seconds a call binds a unit, from setting out to being free again.")
@click.option("--within-s", type=float, required=True, help="Promised seconds from call to arrival.")
@click.option("--share", type=float, default=0.9, show_default=True, help="Share of calls the promise holds for.")
@click.option("--travel-s", type=float, help="Seconds of the drive where there are no streets; 0 if left out.")
@click.option("--streets", "prefix", type=_FILE, metavar="PREFIX",
              help="Street network; units then stand at --posts and drive by road.")
@click.option("--posts", "posts_file", type=_FILE,
              help="CSV or Parquet: node or lon,lat of the posts, one unit each. With --streets.")
@click.option("--keep-order", is_flag=True, help="Man the posts in the order of the file, not where they add most.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def staffing(
    calls_file: Path, service_s: float, within_s: float, share: float, travel_s: float | None, prefix: Path | None,
    posts_file: Path | None, keep_order: bool, as_json: bool,
) -> None:  # fmt: skip
    """Find the fewest units of each hour so that a share of calls has a unit there in time.

    Without streets all units are alike and the drive takes --travel-s (Erlang C). With streets and posts each call goes
    to the nearest free unit (Larson's hypercube); hours man the first posts of one common order. kept is the
    share expected in time, busy the share of time a unit is busy.
    """
    _check(prefix, posts_file, travel_s, keep_order)
    promise, began = Promise(within_s, share), time.perf_counter()
    document: dict[str, Any]
    if prefix is None or posts_file is None:
        hours, calls = _by_hour(read_rows(calls_file))
        staffed = units_needed(calls, service_s, promise, travel_s=travel_s or 0.0)
        document = {"model": "erlang"}
    else:
        question = _placed(calls_file, prefix, posts_file)
        hours, began = question.hours, time.perf_counter()
        everyone = np.arange(question.travel_s.shape[1])
        weight = question.calls.sum(axis=0)
        order = everyone if keep_order else manning_order(question.travel_s, weight, within_s)
        staffed = posts_needed(question.calls, question.travel_s[:, order], service_s, promise)
        document = {"model": "hypercube", "order": order.tolist()}
    document["hours"] = [_row(*pair) for pair in zip(hours, staffed, strict=True)]
    document["unit_hours"] = sum(one.units for one in staffed)
    document["seconds"] = round(time.perf_counter() - began, 4)
    if as_json:
        emit_json(document)
    else:
        click.echo(_as_text(document))


@dataclass(frozen=True, slots=True)
class _Placed:
    """calls: hours × places; travel_s: places × posts."""

    hours: list[str]
    calls: FloatArray
    travel_s: FloatArray


def _check(prefix: Path | None, posts_file: Path | None, travel_s: float | None, keep_order: bool) -> None:
    faults = Faults()
    if prefix is not None and posts_file is None:
        faults.add("--posts", "the option is missing", None, "Give it together with --streets.")
    if prefix is not None and travel_s is not None:
        faults.add("--travel-s", "drives are taken from the streets", travel_s, "Leave it out.")
    if prefix is None:
        for option, value in (("--posts", posts_file), ("--keep-order", keep_order or None)):
            if value is not None:
                faults.add(option, "the option belongs to --streets", str(value), "Leave it out.")
    faults.raise_if_any()


def _by_hour(rows: Rows) -> tuple[list[str], FloatArray]:
    faults = Faults(keep=200)
    expected = _expected(faults, rows)
    faults.raise_if_any()
    hours, number = _hours(rows)
    return hours, np.bincount(number, expected, len(hours)).astype(float)


def _placed(calls_file: Path, prefix: Path, posts_file: Path) -> _Placed:
    streets = read_streets(prefix)
    rows, posts = read_rows(calls_file), read_rows(posts_file)
    faults = Faults(keep=200)
    expected = _expected(faults, rows)
    here, there = spots(faults, posts, streets), spots(faults, rows, streets)
    if not len(posts):
        faults.add(posts.file, "the table is empty", 0, "Give at least one row.")
    faults.raise_if_any()
    hours, number = _hours(rows)
    places, place = _places(there)
    calls = np.zeros((len(hours), len(places)))
    np.add.at(calls, (number, place), expected)
    say("Measuring travel times by road.")
    return _Placed(hours, calls, Travel(streets).matrix(here, places).T)


def _places(rows: Spots) -> tuple[Spots, IntArray]:
    """Places that differ, and which of them each row is: a forecast names every place once per hour."""
    at = np.column_stack([rows.node, rows.edge, rows.fraction])
    _, first, which = np.unique(at, axis=0, return_index=True, return_inverse=True)
    return rows[first], which.ravel()


def _expected(faults: Faults, rows: Rows) -> FloatArray:
    for column in ("hour", "expected"):
        if not rows.has(column):
            faults.add(f"{rows.file}, column {column}", "the column is missing", None, "Add it.")
    if not len(rows):
        faults.add(rows.file, "the table is empty", 0, "Give at least one row.")
    faults.raise_if_any()
    for i in range(len(rows)):
        if not rows.filled("hour", i):
            faults.add(rows.where(i, "hour"), "the value is missing", None, "Fill it in.")
    return numbers(faults, rows, "expected", least=0.0)


def _hours(rows: Rows) -> tuple[list[str], IntArray]:
    """Hours in the order of the file, and which of them each row is."""
    names = [str(value).strip() for value in rows.columns["hour"]]
    hours = list(dict.fromkeys(names))
    place = {hour: i for i, hour in enumerate(hours)}
    return hours, np.array([place[name] for name in names], np.int64)


def _row(hour: str, one: Staffed) -> dict[str, Any]:
    return {
        "hour": hour, "units": one.units, "kept": one.kept, "busy": one.busy, "waiting": one.waiting,
        "wait_s": one.wait_s,
    }  # fmt: skip


def _as_text(document: dict[str, Any]) -> str:
    lines = [f"{'hour':<20} {'units':>6} {'in time':>8} {'busy':>6} {'wait':>7}"]
    for one in document["hours"]:
        lines.append(
            f"{one['hour']:<20} {one['units']:>6} {one['kept']:>8.1%} {one['busy']:>6.0%} {one['wait_s']:>5.0f} s"
        )
    if "order" in document:
        lines.append(f"posts in the order manned {' '.join(map(str, document['order']))}")
    return "\n".join([*lines, f"unit hours {document['unit_hours']}"])
