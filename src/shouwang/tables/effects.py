"""Tables of counts for the questions of `engine/effects`: CSV or Parquet, checked whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from shouwang.engine.effects.did import Panel
from shouwang.engine.effects.wdd import Counts
from shouwang.engine.errors import Faults
from shouwang.engine.terms import BoolArray, FloatArray, IntArray
from shouwang.tables.places import Rows, number, read_rows, unique_texts

ROLES = ("treated", "control", "near_treated", "near_control")
TIMES = ("before", "after")


def read_splits(path: Path | str, roles: tuple[str, ...] = ()) -> dict[str, Counts]:
    """`time` (before, after) and `count`, with `role` where roles are asked for; a row per part of a time, in order.

    Without roles the one area is called "area". Raises `BadInput`.
    """
    rows, faults = read_rows(path), Faults(keep=200)
    _need(faults, rows, ("role",) * bool(roles) + ("time", "count"))
    role = _words(faults, rows, "role", roles) if roles else ["area"] * len(rows)
    time, count = np.array(_words(faults, rows, "time", TIMES)), whole(faults, rows, "count")
    found = {name: np.array([one == name for one in role], bool) for name in (roles or ("area",)) if name in role}
    for name, mine in found.items():
        for side in TIMES:
            if not (mine & (time == side)).any():
                faults.add(rows.file, "a time without any count", f"{name}, {side}", "Add a row; 0 is a count.")
    for name in roles[:2]:
        if name not in found:
            faults.add(f"{rows.file}, column role", "a role without any row", name, "Add its rows.")
    faults.raise_if_any()
    return {name: Counts(*(count[mine & (time == side)] for side in TIMES)) for name, mine in found.items()}


def read_panel(path: Path | str) -> Panel:
    """`area`, `group` (treated, control), `period`, `time` and `count`; each area once in each period."""
    rows, faults = read_rows(path), Faults(keep=200)
    _need(faults, rows, ("area", "group", "period", "time", "count"))
    area, period = _texts(faults, rows, "area"), _texts(faults, rows, "period")
    group, time = _words(faults, rows, "group", ROLES[:2]), _words(faults, rows, "time", TIMES)
    count = whole(faults, rows, "count")
    faults.raise_if_any()
    areas, periods = list(dict.fromkeys(area)), list(dict.fromkeys(period))
    table = np.full((len(areas), len(periods)), np.nan)
    at_area, at_period = {name: i for i, name in enumerate(areas)}, {name: i for i, name in enumerate(periods)}
    # Read from the end, so that the first word about an area or a period counts.
    treated, after = dict(zip(area[::-1], group[::-1], strict=True)), dict(zip(period[::-1], time[::-1], strict=True))
    for i in range(len(rows)):
        place = at_area[area[i]], at_period[period[i]]
        if not np.isnan(table[place]):
            faults.add(rows.where(i, "period"), "the area has this period twice", period[i], "Add the counts up.")
        if group[i] != treated[area[i]]:
            faults.add(rows.where(i, "group"), "the area is in both groups", area[i], "Leave it in one.")
        if time[i] != after[period[i]]:
            faults.add(rows.where(i, "time"), "the period lies before and after", period[i], "Give it one time.")
        table[place] = count[i]
    for i, j in np.argwhere(np.isnan(table)).tolist():
        remedy = "Add a row; write 0 where nothing happened."
        faults.add(rows.file, "an area is not counted in a period", f"{areas[i]}, {periods[j]}", remedy)
    faults.raise_if_any()
    return Panel(
        table,
        np.array([treated[name] == "treated" for name in areas], bool),
        np.array([after[name] == "after" for name in periods], bool),
    )


def read_series(path: Path | str) -> tuple[IntArray, int | None]:
    """`count` per period, in order, and the first period of the time after if a column `time` tells it."""
    rows, faults = read_rows(path), Faults(keep=200)
    _need(faults, rows, ("count",))
    count = whole(faults, rows, "count")
    if not rows.has("time"):
        faults.raise_if_any()
        return count, None
    time = _words(faults, rows, "time", TIMES)
    began = time.count("before")
    if time != ["before"] * began + ["after"] * (len(time) - began):
        faults.add(f"{rows.file}, column time", "before and after are mixed", None, "Put the periods in order.")
    faults.raise_if_any()
    return count, began


def read_areas_beside(path: Path | str, columns: tuple[str, ...]) -> tuple[list[str], list[FloatArray]]:
    """`area`, each once, and columns of numbers from 0 on."""
    rows, faults = read_rows(path), Faults(keep=200)
    _need(faults, rows, ("area", *columns))
    names = unique_texts(faults, rows, "area")
    values = [np.array([number(faults, rows, name, i, 0.0) for i in range(len(rows))], float) for name in columns]
    faults.raise_if_any()
    return names, values


def read_sets(path: Path | str) -> tuple[list[str], list[IntArray]]:
    """`area`, `base` and `test` (points of two sets), an array (areas, parts) of each set: with a column `part` (a
    month, a week) each area has a row for each of them; where a set has no such part its counts are left empty."""
    rows, faults = read_rows(path), Faults(keep=200)
    _need(faults, rows, ("area", "base", "test"))
    area = _texts(faults, rows, "area")
    part = _texts(faults, rows, "part") if rows.has("part") else [""] * len(rows)
    names, found = list(dict.fromkeys(area)), []
    at = {name: n for n, name in enumerate(names)}
    seen: set[tuple[str, str]] = set()
    for i, key in enumerate(zip(area, part, strict=True)):
        if key in seen:
            remedy = "Keep one row." if rows.has("part") else "Keep one row, or name its parts in a column part."
            faults.add(rows.where(i, "area"), "the area stands here twice", area[i], remedy)
        seen.add(key)
    for column in ("base", "test"):
        has = [i for i in range(len(rows)) if rows.filled(column, i) or not rows.has("part")]
        parts = list(dict.fromkeys(part[i] for i in has))
        table = np.full((len(names), max(1, len(parts))), np.nan)
        counts = whole(faults, rows, column, has)
        for i, count in zip(has, counts.tolist(), strict=True):
            table[at[area[i]], parts.index(part[i])] = count
        for n, k in np.argwhere(np.isnan(table)).tolist():
            where = f"{names[n]}, {parts[k]}" if parts else names[n]
            faults.add(f"{rows.file}, column {column}", "an area is not counted in a part", where,
                       "Write 0 where nothing happened.")  # fmt: skip
        found.append(np.nan_to_num(table).astype(np.int64))
    faults.raise_if_any()
    return names, found


def whole(faults: Faults, rows: Rows, column: str, some: Sequence[int] | None = None) -> IntArray:
    """A column of counts (of `some` rows); faults name those that are none."""
    chosen = range(len(rows)) if some is None else some
    values = np.array([number(faults, rows, column, i, 0.0) for i in chosen], float)
    wrong: BoolArray = np.isfinite(values) & (values != np.floor(values))
    for i in np.flatnonzero(wrong).tolist():
        faults.add(rows.where(chosen[i], column), "not a whole number", float(values[i]), "Give a count.")
    counts: IntArray = np.nan_to_num(values).astype(np.int64)
    return counts


def _need(faults: Faults, rows: Rows, columns: tuple[str, ...]) -> None:
    for column in columns:
        if not rows.has(column):
            found = ", ".join(rows.columns)
            faults.add(f"{rows.file}, column {column}", "the column is missing", found, "Add it, or rename one.")
    if not len(rows):
        faults.add(rows.file, "the table is empty", 0, "Give at least one row.")
    faults.raise_if_any()


def _texts(faults: Faults, rows: Rows, column: str) -> list[str]:
    for i in range(len(rows)):
        if not rows.filled(column, i):
            faults.add(rows.where(i, column), "the value is missing", None, "Fill it in.")
    return [str(value).strip() for value in rows.columns[column]]


def _words(faults: Faults, rows: Rows, column: str, allowed: tuple[str, ...]) -> list[str]:
    values = _texts(faults, rows, column)
    for i, value in enumerate(values):
        if value not in allowed:
            faults.add(rows.where(i, column), "an unknown word", value, f"Write one of: {', '.join(allowed)}.")
    return values
