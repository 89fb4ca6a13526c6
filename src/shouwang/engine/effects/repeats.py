"""Repeat places: where a call of a kind follows another of that kind at the same place, or near it, within days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shouwang.engine.compiled import compiled
from shouwang.engine.errors import Faults
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

NEVER = -(2**60)
SURE = 0.998


@dataclass(frozen=True)
class Repeats:
    """By place and kind with a repeat (pairs,), the first of those farthest above chance: `cell`, `kind`, `calls`;
    `same` of them followed one of their kind in the same cell within the days, `near` one in it or a neighbouring cell.
    `expected`, `low`, `high`: what `near` comes to by chance and its 95 % ends; `beyond`: more than that at 99.8 %.
    Of all pairs: how many there are (`places`), beyond chance (`places_beyond`), and their near repeats (`repeats`).
    """

    cell: IntArray
    kind: IntArray
    calls: IntArray
    same: IntArray
    near: IntArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray
    beyond: BoolArray
    places: int
    places_beyond: int
    repeats: int


def repeats(
    time_s: ArrayLike, cell: ArrayLike, kind: ArrayLike, *, columns: int, rows: int, within_d: float, span_d: float,
    most: int = 50,
) -> Repeats:  # fmt: skip
    """time_s, cell, kind (calls,): seconds, row × columns + column of a grid of squares, and a number from 0 on, in
    order of time. within_d: days after a call in which the next counts as its repeat; span_d: days the calls come from;
    most: how many pairs to tell.

    Two calls at one moment in one cell are one event: neither repeats the other. By chance: each of the n calls of a
    kind in a cell follows another among the m calls in it and around it with probability 1 − e^(−(m − 1) w/D), were
    they spread evenly over the days, so a place with many calls has many repeats without any meaning. Ends are the
    binomial law's. Raises `BadInput`.
    """
    t, place, what = (np.asarray(value, np.int64) for value in (time_s, cell, kind))
    faults = Faults()
    if not (len(t) == len(place) == len(what)):
        faults.add("calls", "times, cells and kinds are not equally many", len(t), "Give one of each for every call.")
    elif np.any(np.diff(t) < 0):
        faults.add("time_s", "not in order of time", None, "Sort the calls by time.")
    if not (within_d > 0 and span_d > 0):
        faults.add("within_d", "not a number of days", within_d, "Give days above 0.")
    faults.raise_if_any()
    kinds = int(what.max(initial=-1)) + 1
    counts = _follows(t, place, what, columns, rows, kinds, int(within_d * 86_400))
    found = np.flatnonzero(counts[2])
    calls, with_same, with_near = counts[:, found]
    kind_of, cell_of = np.divmod(found, columns * rows)
    around = _around(counts[0], kind_of, cell_of, columns, rows)
    chance: FloatArray = -np.expm1(-np.maximum(around - 1, 0) * min(1.0, within_d / span_d)).astype(float)
    expected = calls * chance
    # One repeat shows nothing, however unlikely.
    beyond = (special.bdtrc(with_near - 1.0, calls, chance) < 0.5 - SURE / 2) & (with_near > 1)
    n = np.lexsort((found, -calls, expected - with_near))[:most]
    low, high = (_binomial(calls[n], chance[n], p) for p in (0.025, 0.975))
    return Repeats(
        cell_of[n], kind_of[n], calls[n], with_same[n], with_near[n], expected[n], low, high, beyond[n],
        len(found), int(beyond.sum()), int(with_near.sum()),
    )  # fmt: skip


def _binomial(n: IntArray, share: FloatArray, p: float) -> FloatArray:
    """The smallest k with P(at most k of n) ≥ p."""
    with np.errstate(all="ignore"):
        k = np.clip(np.ceil(np.nan_to_num(special.bdtrik(p, n, share))), 0, n).astype(float)
    below = np.maximum(k - 1, 0.0)
    found: FloatArray = np.where(special.bdtr(below, n, share) >= p, below, k)
    return found


def _around(counts: IntArray, kind: IntArray, cell: IntArray, columns: int, rows: int) -> IntArray:
    """Calls of the kind in the cell and its neighbours."""
    grid = np.pad(counts.reshape(-1, rows, columns), ((0, 0), (1, 1), (1, 1)))
    row, column = np.divmod(cell, columns)
    around: IntArray = np.zeros(len(cell), np.int64)
    for down in range(3):
        for across in range(3):
            around += grid[kind, row + down, column + across]
    return around


@compiled
def _follows(
    time_s: IntArray, cell: IntArray, kind: IntArray, columns: int, rows: int, kinds: int, within_s: int
) -> IntArray:
    """By kind and cell (kind × cells + cell) the calls, those with an earlier one of their kind within the time in
    their cell, and those with one in it or around it: (3, kinds × cells). One pass in order of time; of each cell and
    kind the last moment and the one before it are kept."""
    width = columns + 2
    last = np.full((kinds, (rows + 2) * width), NEVER)
    before = np.full((kinds, (rows + 2) * width), NEVER)
    found = np.zeros((3, kinds * columns * rows), np.int64)
    for i in range(len(time_s)):
        t, k = time_s[i], kind[i]
        own = (cell[i] // columns + 1) * width + cell[i] % columns + 1
        key = k * columns * rows + cell[i]
        found[0, key] += 1
        near = t - (last[k, own] if last[k, own] < t else before[k, own]) <= within_s
        if near:
            found[1, key] += 1
        for down in (-width, 0, width):
            at = own + down - 1
            while not near and at < own + down + 2:  # most are found in their own cell
                near = t - (last[k, at] if last[k, at] < t else before[k, at]) <= within_s
                at += 1
        if near:
            found[2, key] += 1
        if last[k, own] < t:
            before[k, own] = last[k, own]
            last[k, own] = t
    return found
