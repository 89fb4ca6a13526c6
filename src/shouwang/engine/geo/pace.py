"""How much slower than free the streets are, by class and hour of the week: given, or learned from drives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.credibility import believed
from shouwang.engine.errors import Faults
from shouwang.engine.geo.streets import Streets
from shouwang.engine.terms import FloatArray, IntArray

HOURS = 168
"""Hours of a week; 0 is Monday from midnight to one."""
OTHERS = "*"
"""The class of every street whose own class has no row."""
_NO_CLOSURE: Sequence[int] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Pace:
    """Factors on free travel times, per class and hour of the week (classes × 168): 1.5 takes half as long again.

    The class "*" stands for all that are not named; a link ("primary_link") follows its road unless it is named.
    Without "*" the others are free.
    """

    kind: tuple[str, ...]
    factor: FloatArray

    def __post_init__(self) -> None:
        faults = Faults(keep=50)
        if self.factor.shape != (len(self.kind), HOURS):
            faults.add("factor", "there has to be one factor per class and hour of the week", str(self.factor.shape))
        elif len(set(self.kind)) < len(self.kind):
            faults.add("kind", "a class has two rows", ", ".join(self.kind), "Give each class once.")
        else:
            for row, hour in np.argwhere(~(np.isfinite(self.factor) & (self.factor > 0))):
                what = "a factor is a finite number above 0"
                faults.add(f"class {self.kind[row]}, hour {hour}", what, self.factor[row, hour], "Correct it.")
        faults.raise_if_any()

    def times_s(self, streets: Streets, hour: int) -> FloatArray:
        """Seconds per edge in an hour of the week (0 … 167)."""
        result: FloatArray = streets.time_s * np.append(self.factor[:, _hour(hour)], 1.0)[self.rows(streets)]
        return result

    def rows(self, streets: Streets) -> IntArray:
        """Row of the factors per edge; one past the last for classes without one."""
        row_of = {kind: row for row, kind in enumerate(self.kind)}
        others = row_of.get(OTHERS, len(self.kind))
        if streets.kind is None:
            return np.full(streets.edge_count, others)
        names, place = np.unique(np.array([str(kind or "") for kind in streets.kind]), return_inverse=True)
        found = [row_of.get(name, row_of.get(name.removesuffix("_link"), others)) for name in names.tolist()]
        return np.array(found, np.int64)[place]


def edge_times(
    streets: Streets,
    *,
    pace: Pace | None = None,
    hour: int = 0,
    closed: ArrayLike = _NO_CLOSURE,
    slowed: ArrayLike = _NO_CLOSURE,
    slowed_by: ArrayLike = 1.0,
) -> FloatArray:
    """Seconds per edge with everything that holds at once, for `Travel` and `Travel.under`.

    pace and hour of the week; edges (indices) slowed by a factor ≥ 1, one for all or one each; edges closed. What
    is said of an edge holds for its opposite too. Raises `BadInput`.
    """
    slow, factor = np.asarray(slowed, np.int64), np.broadcast_to(slowed_by, np.shape(slowed)).astype(float)
    shut = np.asarray(closed, np.int64)
    faults = Faults(keep=50)
    for name, edges in (("closed", shut), ("slowed", slow)):
        for edge in edges[(edges < 0) | (edges >= streets.edge_count)]:
            faults.add(name, "there is no such edge", edge, "Give edges by their index.")
    for value in factor[~((factor >= 1) & (factor < np.inf))]:
        faults.add("slowed_by", "a slow-down is a finite factor of 1 or more", value, "Close an edge by `closed`.")
    faults.raise_if_any()
    times = streets.time_s.copy() if pace is None else pace.times_s(streets, hour)
    most = np.ones(streets.edge_count)
    for edges, there in ((slow, slow >= 0), (streets.opposite[slow], streets.opposite[slow] >= 0)):
        np.maximum.at(most, edges[there], factor[there])
    times *= most
    times[shut] = np.inf
    back = streets.opposite[shut]
    times[back[back >= 0]] = np.inf
    return times


def learned(streets: Streets, edge: ArrayLike, hour: ArrayLike, seconds: ArrayLike, *, before: Pace) -> Pace:
    """Factors from drives along edges: `seconds` taken on each `edge` (index) in each `hour` of the week.

    A class in an hour is believed as far as it was driven: Z·X + (1 − Z)·m with X = Σ seconds / Σ free seconds, the
    class's mean level m and Z = w / (w + σ²/τ²), where w are free seconds driven, σ² the variance within and τ²
    between the hours of the class (Bühlmann and Straub, Bulletin of the Swiss Association of Actuaries 70, 1970). What
    was never driven keeps the shape of `before`, at the level that was found. Raises `BadInput`.
    """
    edges, hours, taken_s = np.asarray(edge, np.int64), np.asarray(hour, np.int64), np.asarray(seconds, float)
    _check_drives(streets, edges, hours, taken_s)
    rows, free_s = before.rows(streets)[edges], streets.time_s[edges]
    usable = (rows < len(before.kind)) & (free_s > 0)
    factor = before.factor.copy()
    for row in np.unique(rows[usable]):
        of = usable & (rows == row)
        factor[row] = _class_factors(hours[of], taken_s[of], free_s[of], before.factor[row])
    return Pace(before.kind, factor)


def _class_factors(hour: IntArray, taken_s: FloatArray, free_s: FloatArray, before: FloatArray) -> FloatArray:
    """The factors of one class. Drives are measured against `before`, so that its shape is what Z falls back on."""
    expected_s = free_s * before[hour]
    return before * believed(taken_s / expected_s, expected_s, hour, HOURS).value


def _check_drives(streets: Streets, edge: IntArray, hour: IntArray, seconds: FloatArray) -> None:
    faults = Faults(keep=200)
    if not edge.shape == hour.shape == seconds.shape:
        faults.add(
            "drives", "edge, hour and seconds have to be of one length", f"{edge.size}, {hour.size}, {seconds.size}"
        )
        faults.raise_if_any()
    for name, wrong, values, what in (
        ("edge", (edge < 0) | (edge >= streets.edge_count), edge, "there is no such edge"),
        ("hour", (hour < 0) | (hour >= HOURS), hour, "an hour of the week is 0 to 167"),
        ("seconds", ~(np.isfinite(seconds) & (seconds > 0)), seconds, "the time taken is a finite number above 0"),
    ):
        for i in np.flatnonzero(wrong):
            faults.add(f"drive {i + 1}, {name}", what, values[i], "Correct or leave out the drive.")
    faults.raise_if_any()


def _hour(hour: int) -> int:
    faults = Faults()
    if not 0 <= hour < HOURS:
        faults.add("hour", "an hour of the week is 0 to 167", hour, "0 is Monday from midnight to one.")
    faults.raise_if_any()
    return int(hour)
