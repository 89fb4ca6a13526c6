"""What a simulation plays, from files: units with shifts, kinds of calls, expected or past calls, a table of posts.

Times of a simulation are seconds from the midnight (local) before its first call or hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shouwang.engine.demand.calls import HEARD, SOURCES
from shouwang.engine.errors import BadInput, Faults, NoAnswer
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.simulate.model import ALWAYS, LAWS, Kind, OnScene
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray
from shouwang.tables.history import arrays, read_calls
from shouwang.tables.places import FARTHEST_OFF_M, Rows, number, read_rows, spots, unique_texts
from shouwang.tables.units import UnitTable, read_units

HOUR_S, DAY_S = 3600, 86_400
MOST_OFF = 0.1
"""If more than this share of all calls lies far from the streets, the network is taken for the wrong one."""
OTHER = "*"
"""In a table of kinds: the row for all categories that have none of their own."""


@dataclass(frozen=True, slots=True)
class PlanTable:
    """Units with the daily hours of their shift, (start_s, end_s) after midnight or None for always, and the
    seconds they take to set out.
    """

    units: UnitTable
    daily: list[tuple[float, float] | None]
    turnout_s: list[float]

    def shifts(self, i: int, until_s: float) -> tuple[tuple[float, float], ...]:
        """The shifts of unit i, day by day from the start until two days after `until_s`."""
        hours = self.daily[i]
        if hours is None or hours == (0.0, DAY_S):
            return ALWAYS
        start_s, end_s = hours
        length_s = (end_s - start_s) % DAY_S
        days = range(-1, int(until_s // DAY_S) + 3)
        begun = [(day * DAY_S + start_s, day * DAY_S + start_s + length_s) for day in days]
        return tuple((max(0.0, a), b) for a, b in begun if b > 0)


@dataclass(frozen=True, slots=True)
class CallTable:
    """Calls to play, past or expected. midnight_s: time 0 of the simulation, in local seconds since 1970.

    at: distinct places; lon, lat: where those were given in degrees, else None. Past calls: time_s, place and
    category of each, expected None. Expected ones: expected (hours from midnight × places).
    from_s, until_s: the span that is known. patrol_found: past calls left out because patrols found them
    themselves; off_streets: calls (expected ones: how many) left out because they lie far from every street.
    """

    midnight_s: int
    at: Spots
    lon: FloatArray | None
    lat: FloatArray | None
    from_s: float
    until_s: float
    expected: FloatArray | None = None
    time_s: FloatArray | None = None
    place: IntArray | None = None
    category: tuple[str, ...] = ()
    patrol_found: int = 0
    off_streets: float = 0.0


def read_plan(path: Path | str, streets: Streets, turnout_s: float) -> PlanTable:
    """Read units (as `read_units` does), with the optional columns start_s, end_s (seconds after midnight, every
    day; an end before the start lies on the next day; both empty: always on duty) and turnout_s.
    """
    rows, faults = read_rows(path), Faults()
    table = None
    try:
        table = read_units(path, streets)
    except BadInput as error:
        faults.extend(error)
    daily = [_daily(faults, rows, i) for i in range(len(rows))]
    turnout = [
        number(faults, rows, "turnout_s", i, 0.0, DAY_S)
        if rows.has("turnout_s") and rows.filled("turnout_s", i)
        else turnout_s
        for i in range(len(rows))
    ]
    faults.raise_if_any()
    assert table is not None
    return PlanTable(table, daily, turnout)


def _daily(faults: Faults, rows: Rows, i: int) -> tuple[float, float] | None:
    given = [name for name in ("start_s", "end_s") if rows.has(name) and rows.filled(name, i)]
    if not given:
        return None
    if len(given) == 1:
        what, remedy = "a shift needs both its start and its end", "Fill in both, or none for always."
        faults.add(rows.where(i, given[0]), what, rows.columns[given[0]][i], remedy)
        return None
    start_s, end_s = (number(faults, rows, name, i, 0.0, DAY_S) for name in given)
    if start_s == end_s:
        faults.add(rows.where(i, "end_s"), "the shift has no length", end_s, "Give 0 and 86400 for all day.")
    return start_s, end_s


def read_kinds(path: Path | str | None, stay: OnScene) -> list[Kind]:
    """Read kinds of calls: category, and optionally needs, first (capabilities, a;b; first may be * for any
    unit), severity (1 is worst), law, mean_s, variation, share. Without a file there is one kind for all.
    """
    if path is None:
        return [Kind(OTHER, on_scene=stay)]
    rows, faults = read_rows(path), Faults()
    names = unique_texts(faults, rows, "category")
    kinds = [_kind(faults, rows, i, name, stay) for i, name in enumerate(names)]
    if rows.has("category") and not kinds:
        faults.add(rows.file, "there is no kind of call", 0, "Give at least one.")
    faults.raise_if_any()
    return kinds


def _kind(faults: Faults, rows: Rows, i: int, name: str, stay: OnScene) -> Kind:
    def filled(column: str) -> bool:
        return rows.has(column) and rows.filled(column, i)

    def value(column: str, default: float, least: float) -> float:
        return number(faults, rows, column, i, least) if filled(column) else default

    def capabilities(column: str) -> frozenset[str]:
        text = str(rows.columns[column][i]) if filled(column) else ""
        return frozenset(part.strip() for part in text.split(";") if part.strip() not in ("", OTHER))

    law = str(rows.columns["law"][i]).strip() if filled("law") else stay.law
    if law not in LAWS:
        faults.add(rows.where(i, "law"), "there is no such law", law, f"Use one of {', '.join(LAWS)}.")
    on_scene = OnScene(value("mean_s", stay.mean_s, 0.0), cast(Any, law), value("variation", stay.variation, 0.0))
    severity = value("severity", 1.0, 1.0)
    return Kind(
        name, capabilities("needs"), capabilities("first") if filled("first") else None,
        0 if np.isnan(severity) else int(severity), on_scene, value("share", 1.0, 0.0),
    )  # fmt: skip


def kind_of(calls: CallTable, kinds: Sequence[Kind], file: str) -> IntArray:
    """The kind of each past call. Raises `BadInput` naming each category that no kind fits."""
    index = {kind.name: i for i, kind in enumerate(kinds)}
    faults = Faults(keep=50)
    for name in sorted(set(calls.category) - set(index)):
        if OTHER not in index:
            remedy = f"Add a row for it, or a row {OTHER} for all others."
            what = "there are calls of a kind that the table does not have"
            faults.add(f"{file}, column category", what, name, remedy)
    faults.raise_if_any()
    return np.array([index.get(name, index.get(OTHER, -1)) for name in calls.category], np.int64)


def read_played(
    path: Path | str, streets: Streets, from_s: int | None, until_s: int | None, most_places: int
) -> CallTable:
    """Read what to play between two local times (seconds since 1970; None: all there is).

    A Parquet file with a column `expected` is a forecast (cell, hour, expected and where); anything else is past
    calls. Where there would be more than `most_places` different places, they are rounded to nodes. Raises
    `BadInput`, and `NoAnswer` if nothing lies between the times.
    """
    path = Path(path)
    try:
        columns = pq.read_schema(path).names if path.suffix.lower() == ".parquet" else []
    except (OSError, pa.ArrowInvalid):
        columns = []  # read_calls says what is wrong
    if "expected" in columns:
        return _expected(path, streets, from_s, until_s)
    return _past(path, streets, from_s, until_s, most_places)


def _between(hour_s: AnyArray, from_s: int | None, until_s: int | None) -> AnyArray:
    chosen = (hour_s >= (-np.inf if from_s is None else from_s)) & (hour_s < (np.inf if until_s is None else until_s))
    if not chosen.any():
        raise NoAnswer("No call and no forecast lies between these times.")
    return chosen


def _expected(path: Path, streets: Streets, from_s: int | None, until_s: int | None) -> CallTable:
    table, faults = pq.read_table(path), Faults(keep=50)
    wanted = ("cell", "hour", "expected")
    for name in wanted:
        if name not in table.column_names:
            faults.add(f"{path.name}, column {name}", "the column is missing", None, "Add it.")
        elif table[name].null_count:
            faults.add(f"{path.name}, column {name}", "values are missing", table[name].null_count, "Fill them in.")
    faults.raise_if_any()
    try:
        hour_s = pc.cast(pc.cast(table["hour"], pa.timestamp("s")), pa.int64()).to_numpy()
        expected = pc.cast(table["expected"], pa.float64()).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        faults.add(path.name, "the hours or the expected calls cannot be read", str(error).splitlines()[0],
                   "Write it by shouwang forecast.")  # fmt: skip
        faults.raise_if_any()
    for row in np.flatnonzero(~(np.isfinite(expected) & (expected >= 0))):
        what = "expected calls are a finite number, 0 or more"
        faults.add(f"{path.name}, row {row + 1}, column expected", what, expected[row], "Correct it.")
    chosen = _between(hour_s, from_s, until_s)
    _, first, cell = np.unique(table["cell"].to_numpy(), return_index=True, return_inverse=True)
    faults.raise_if_any()
    cells = table.take(first)
    sums = np.asarray(np.bincount(cell[chosen], expected[chosen], minlength=first.size), float)
    at, near = _on_streets(path, cells, sums, streets)
    first_s, last_s = int(hour_s[chosen].min()), int(hour_s[chosen].max()) + HOUR_S
    midnight_s = first_s // DAY_S * DAY_S
    by_hour = np.zeros(((last_s - midnight_s) // HOUR_S, first.size))
    np.add.at(by_hour, ((hour_s[chosen] - midnight_s) // HOUR_S, cell[chosen]), expected[chosen])
    lon, lat = (cells[name].to_numpy()[near] if name in cells.column_names else None for name in ("lon", "lat"))
    return CallTable(
        midnight_s, at, lon, lat, first_s - midnight_s, last_s - midnight_s, by_hour[:, near],
        off_streets=float(sums[~near].sum()),
    )  # fmt: skip


def _on_streets(path: Path, table: pa.Table, weight: FloatArray, streets: Streets) -> tuple[Spots, BoolArray]:
    """Where the rows of a table of places lie on the streets, and which do. If few calls (`weight`) lie far off
    they are left out; many are taken for a mistake, and raise `BadInput`.
    """
    faults = Faults(keep=50)
    if streets.plane is None or not {"lon", "lat"} <= set(table.column_names):
        at = spots(faults, Rows(f"{path.name}, places", 1, table.to_pydict()), streets)
        faults.raise_if_any()
        return at, np.ones(len(at), bool)
    lon, lat = (table[name].to_numpy() for name in ("lon", "lat"))
    at = streets.snap(lon, lat)
    near = at.off_m <= FARTHEST_OFF_M
    if weight[~near].sum() > MOST_OFF * weight.sum():
        for i in np.flatnonzero(~near):
            what = "the place lies too far from every street of the network"
            remedy = "Check that longitude comes before latitude and that the network is the right one."
            faults.add(f"{path.name}, place {lon[i]:.6f},{lat[i]:.6f}", what, f"{at.off_m[i]:.0f} m", remedy)
        faults.raise_if_any()
    return at[near], near


def _past(path: Path, streets: Streets, from_s: int | None, until_s: int | None, most_places: int) -> CallTable:
    calls = arrays(read_calls(path))
    patrols = ~np.isin(calls.source, [SOURCES.index(name) for name in HEARD])
    chosen = _between(calls.time_s, from_s, until_s)
    patrol_found = int((chosen & patrols).sum())
    calls = calls.take(np.flatnonzero(chosen & ~patrols))
    if not len(calls):
        raise NoAnswer("Patrols found all of these calls themselves: nobody is sent to one.")
    begin_s = int(calls.time_s.min()) if from_s is None else from_s
    end_s = int(calls.time_s.max()) + 1 if until_s is None else until_s
    lonlat, place, often = _distinct(np.stack([calls.lon, calls.lat], axis=1))
    at, near = _on_streets(path, pa.table({"lon": lonlat[:, 0], "lat": lonlat[:, 1]}), often, streets)
    calls, place = calls.take(near[place]), (np.cumsum(near) - 1)[place[near[place]]]
    lonlat = lonlat[near]
    if len(at) > most_places:
        node, first, number_of = np.unique(
            streets.nearest_node(lonlat[:, 0], lonlat[:, 1])[0], return_index=True, return_inverse=True
        )
        at, lonlat, place = Spots.at_nodes(node), lonlat[first], number_of.reshape(-1)[place]
    midnight_s = begin_s // DAY_S * DAY_S
    return CallTable(
        midnight_s, at, lonlat[:, 0], lonlat[:, 1], begin_s - midnight_s, end_s - midnight_s,
        time_s=(calls.time_s - midnight_s).astype(float), place=place,
        category=tuple(calls.kinds[k] for k in calls.kind), patrol_found=patrol_found,
        off_streets=float(often[~near].sum()),
    )  # fmt: skip


def _distinct(points: FloatArray) -> tuple[FloatArray, IntArray, FloatArray]:
    """The different points, which of them each is, and how often each occurs."""
    different, place, often = np.unique(points, axis=0, return_inverse=True, return_counts=True)
    return different, place.reshape(-1), often.astype(float)


def read_compliance(path: Path | str, posts: dict[str, int]) -> tuple[tuple[int, ...], ...]:
    """Read which posts so many free units hold: `free` (a number) and `posts` (a;b;c, each named by a unit whose
    post it is). Numbers of free units without a row move nobody.
    """
    rows, faults = read_rows(path), Faults()
    for name in ("free", "posts"):
        if not rows.has(name):
            faults.add(f"{rows.file}, column {name}", "the column is missing", None, "Add it.")
    faults.raise_if_any()
    table: dict[int, tuple[int, ...]] = {}
    for i in range(len(rows)):
        free = number(faults, rows, "free", i, 0.0, 10_000.0)
        names = [part.strip() for part in str(rows.columns["posts"][i] or "").split(";") if part.strip()]
        for name in names:
            if name not in posts:
                faults.add(rows.where(i, "posts"), "there is no such unit", name, "Name a unit of the plan.")
        if free in table:
            faults.add(rows.where(i, "free"), "the number stands there twice", free, "Remove one.")
        if np.isfinite(free):
            table[int(free)] = tuple(posts.get(name, 0) for name in names)
    faults.raise_if_any()
    return tuple(table.get(n, ()) for n in range(max(table, default=-1) + 1))
