"""How large a part of its duty a unit is busy, by hour of the week: from what was written down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.credibility import Believed, Prior, believed
from shouwang.engine.errors import Faults
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

WEEK_H = 168
PRIOR_H = 168.0
"""Unit-hours on duty for which the share assumed before counts: one unit's week."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans of units, one entry per span: number of the unit, and from when to when, in seconds of the wall clock from
    a Monday's midnight. Spans of a unit may overlap.
    """

    unit: IntArray
    start_s: FloatArray
    end_s: FloatArray


def busy_hours(
    units: int, hours: int, duty: Spans, work: Spans, left_out: Spans
) -> tuple[FloatArray, FloatArray]:
    """Unit-hours on duty and, of these, at work, in each of the hours; all units together, to the minute.

    A unit at work is on duty, whatever the ledger says. `left_out` counts as neither: time in which the log does not
    tell how things were (a replay). Raises `BadInput` for spans that end before they begin, and unknown units.
    """
    _check(units, duty, work, left_out)
    on_h, busy_h = np.zeros(hours), np.zeros(hours)
    marks = [_minutes(spans) for spans in (duty, work, left_out)]
    for unit in range(units):
        on, busy, out = (_marked(one, unit, hours * 60) for one in marks)
        on = (on | busy) & ~out
        on_h += on.reshape(hours, 60).sum(axis=1) / 60
        busy_h += (busy & on).reshape(hours, 60).sum(axis=1) / 60
    return on_h, busy_h


def busy_by_hour(on_h: FloatArray, busy_h: FloatArray, assumed: float) -> Believed:
    """Busy share (0 … 1) of each hour of the week from unit-hours of hours in a row, the first one a Monday's first.

    Each hour is believed as far as it was measured, and falls back on the share of all hours; that in turn on the
    share assumed before, which counts as `PRIOR_H` unit-hours.
    """
    met = on_h > 0
    hour = np.flatnonzero(met)
    return believed(busy_h[met] / on_h[met], on_h[met], hour % WEEK_H, WEEK_H, prior=Prior(assumed, PRIOR_H))


def _minutes(spans: Spans) -> tuple[IntArray, IntArray, IntArray]:
    order = np.argsort(spans.unit, kind="stable")
    first, last = (np.rint(s[order] / 60).astype(np.int64) for s in (spans.start_s, spans.end_s))
    return spans.unit[order], first, last


def _marked(spans: tuple[IntArray, IntArray, IntArray], unit: int, minutes: int) -> BoolArray:
    number, first, last = spans
    found = np.zeros(minutes, bool)
    for i in range(*np.searchsorted(number, (unit, unit + 1)).tolist()):
        found[max(0, first[i]) : max(0, last[i])] = True
    return found


def _check(units: int, *several: Spans) -> None:
    faults = Faults(keep=50)
    for spans in several:
        for i in np.flatnonzero(~(spans.end_s >= spans.start_s)):
            faults.add(f"span {i + 1}", "a span ends when it begins or later", spans.end_s[i], "Correct it.")
        for i in np.flatnonzero((spans.unit < 0) | (spans.unit >= units)):
            faults.add(f"span {i + 1}", "there is no such unit", spans.unit[i])
    faults.raise_if_any()
