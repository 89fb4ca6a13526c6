"""Times that were not known and stand at noon or midnight: told from those that were, and spread over the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.demand.calls import Calls
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray

HOUR_S, DAY_S = 3600, 86_400
SUSPECT_S = (0, 60, 12 * HOUR_S)
LEAST_SHARE, LEAST_TIMES = 0.003, 1.5
BESIDE = (-3, -2, -1, 1, 2, 3)  # hours that are compared
KIND_WORTH = 50.0  # calls' worth of all kinds' day in a kind's


@dataclass(frozen=True, slots=True)
class Heap:
    """Calls at one `minute` of the day: `calls` of them, where `expected` would stand if times were known."""

    minute: int
    calls: int
    expected: float


def heaps(time_s: IntArray) -> list[Heap]:
    """The minutes at which far more calls stand than that minute's hour and the same minute of other hours let expect.

    Round minutes are always popular: with r the ratio of that minute to the rest of its hour in the hours beside it
    (median), r times the rest of this hour is expected, and at least as many as at the median of the minutes beside.
    """
    at = np.bincount(time_s % DAY_S // 60, minlength=24 * 60).reshape(24, 60)
    found = []
    for second in SUSPECT_S:
        hour, minute = divmod(second // 60, 60)
        beside = at[[(hour + step) % 24 for step in BESIDE]]
        here, rest = int(at[hour, minute]), int(at[hour].sum() - at[hour, [0, 1]].sum())
        others = beside.sum(axis=1) - beside[:, [0, 1]].sum(axis=1)
        ratio = float(np.median(beside[:, minute] / np.maximum(1, others)))
        expected = max(ratio * rest, float(np.median(beside[:, minute])))
        if here > LEAST_TIMES * expected + 5 * np.sqrt(expected + 1) and here - expected > LEAST_SHARE * len(time_s):
            found.append(Heap(second // 60, here, expected))
    return found


def spread_heaps(calls: Calls) -> tuple[Calls, int]:
    """The calls with what is too much at a heap moved to hours of the same day, drawn from the day that the other calls
    of its kind have (shrunk to that of all); and how many were moved.

    Which ones and where to is drawn from the call itself, so that neither the order of the rows nor another run of the
    program changes it. Files with dates alone have no other calls to learn a day from and stay as they are, and so do
    calls that were counted by hours beforehand: the minute that tells a heap is gone.
    """
    found = [] if calls.binned else heaps(calls.time_s)
    if not found:
        return calls, 0
    minute = calls.time_s % DAY_S // 60
    known = ~np.isin(minute, [heap.minute for heap in found])
    if known.sum() < 0.05 * len(calls):
        return calls, 0
    day_of = _days(calls, known)
    time_s, moved = calls.time_s.copy(), 0
    for heap in found:
        rows = np.flatnonzero(minute == heap.minute)
        chance, where, _corner = drawn(calls, rows)
        take = chance < 1 - heap.expected / heap.calls
        rows, where = rows[take], where[take]
        hour = (day_of[calls.kind[rows]].cumsum(axis=1) < where[:, None]).sum(axis=1)
        time_s[rows] = time_s[rows] // DAY_S * DAY_S + np.minimum(hour, 23) * HOUR_S + HOUR_S // 2
        moved += len(rows)
    return calls.at_times(time_s), moved


def _days(calls: Calls, known: BoolArray) -> FloatArray:
    """Shares (kinds, 24) of a day by hour, from calls whose time is known."""
    kinds = len(calls.kinds)
    key = calls.kind[known] * 24 + calls.time_s[known] % DAY_S // HOUR_S
    by_kind = np.bincount(key, minlength=kinds * 24).reshape(kinds, 24)
    whole = by_kind.sum(axis=0) + 1e-3
    days: FloatArray = by_kind + KIND_WORTH * whole / whole.sum()
    days /= days.sum(axis=1, keepdims=True)
    return days


def drawn(calls: Calls, rows: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Three numbers from 0 to 1 for each of these calls, mixed from its time, place and kind (the finalizer of
    splitmix64, Steele, Lea, Flood 2014): neither the order of the rows nor another run changes them."""
    lon, lat = (np.round(axis[rows] * 1e7).astype(np.int64).view(np.uint64) for axis in (calls.lon, calls.lat))
    seed = calls.time_s[rows].astype(np.int64).view(np.uint64)
    mixed = []
    for part in (lon, lat, calls.kind[rows].astype(np.uint64), np.uint64(1), np.uint64(2)):
        seed = _mixed(seed ^ _mixed(np.atleast_1d(part + np.uint64(0x9E3779B97F4A7C15))))
        mixed.append(seed)
    first, second, third = ((value >> np.uint64(11)).astype(float) * 2.0**-53 for value in mixed[-3:])
    return first, second, third


def _mixed(value: AnyArray) -> AnyArray:
    with np.errstate(over="ignore"):
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed: AnyArray = value ^ (value >> np.uint64(31))
    return mixed
