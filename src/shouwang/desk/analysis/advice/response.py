"""Response times of the desk's calls against the standards in force: by step, area and hour."""

from __future__ import annotations

import numpy as np

from shouwang.desk.calls.facts import STEPS
from shouwang.engine.effects.intervals import quantile_interval, share_interval
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

from ..terms import Row, Sheet, Told
from .chosen import Chosen
from .standards import TIMERS, limits

ARRIVAL = "arrival"
FIGURES = ("median", "median_interval", "p90", "p90_interval", "judged", "in_time", "in_time_interval")


def told(chosen: Chosen) -> Told:
    """`more`: calls with an arrival (`arrived`) of all of the desk (`calls`)."""
    steps, level, area = chosen.steps(), chosen.of_desk("severity"), chosen.of_desk("area")
    allowed = {name: limits(name, level, area, chosen.record.ground) for name in TIMERS}
    by_step = [
        {"step": name, **_figures(steps[:, n], allowed.get(name)), "standard": _standard(allowed.get(name))}
        for n, name in enumerate(STEPS)
    ]
    arrival, limit = steps[:, STEPS.index(ARRIVAL)], allowed[ARRIVAL]
    there = ~np.isnan(arrival)
    paths = chosen.record.ground.paths
    by_area: list[Row] = [
        {"area": paths[n], "step": ARRIVAL, **_figures(arrival[at], limit[at])} for n, at in _grouped(area, there)
    ]
    by_hour: list[Row] = [
        {"hour": n, "step": ARRIVAL, **_figures(arrival[at], limit[at])}
        for n, at in _grouped(chosen.of_desk("hour"), there)
    ]
    by_area.sort(key=lambda row: -row["calls"])
    return Told(
        (
            Sheet("steps", ("step", "calls", "standard", *FIGURES), [row for row in by_step if row["calls"]],
                  narrow=("step",)),
            Sheet("by_area", ("area", "calls", *FIGURES), by_area, narrow=("area", "step")),
            Sheet("by_hour", ("hour", "calls", *FIGURES), by_hour, narrow=("hour", "step")),
        ),
        {"arrived": int(there.sum()), "calls": len(steps)},
    )


def _grouped(by: AnyArray, chosen: AnyArray) -> list[tuple[int, IntArray]]:
    """Values of a column with the positions of the chosen calls that have them."""
    at = np.flatnonzero(chosen)
    if not len(at):
        return []
    at = at[np.argsort(by[at], kind="stable")]
    values, first = np.unique(by[at], return_index=True)
    return list(zip(values.tolist(), np.split(at, first[1:]), strict=True))


def _figures(seconds: FloatArray, limit: FloatArray | None) -> Row:
    known = ~np.isnan(seconds)
    row: Row = {"calls": int(known.sum())}
    for name, p in (("median", 0.5), ("p90", 0.9)):
        value, low, high = quantile_interval(seconds[known], p)
        row |= {name: value, f"{name}_low": np.maximum(low, 0.0).item(), f"{name}_high": high}  # no time is below 0
    judged = known & ~np.isnan(limit) if limit is not None else np.zeros(len(seconds), bool)
    whole = int(judged.sum())
    part = int((seconds[judged] <= limit[judged]).sum()) if limit is not None else 0
    row |= {"judged": whole, "in_time": None, "in_time_low": None, "in_time_high": None}
    if whole:
        ends = share_interval(part, whole)
        row |= {"in_time": part / whole, "in_time_low": float(ends[0]), "in_time_high": float(ends[1])}
    return {key: None if isinstance(value, float) and np.isnan(value) else value for key, value in row.items()}


def _standard(limit: FloatArray | None) -> list[float] | None:
    """The least and the most that is allowed to any of these calls."""
    if limit is None or np.isnan(limit).all():
        return None
    return [float(np.nanmin(limit)), float(np.nanmax(limit))]
