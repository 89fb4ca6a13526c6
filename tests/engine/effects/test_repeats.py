"""Repeat places against a plain count of pairs, and against chance."""

from __future__ import annotations

import numpy as np
import pytest

from shouwang.engine.effects.repeats import repeats
from shouwang.engine.errors import BadInput

DAY = 86_400


def plainly(t: np.ndarray, cell: np.ndarray, kind: np.ndarray, columns: int, within_s: float) -> dict:
    """By (cell, kind): calls, and how many follow another in the cell, and in it or around it, pair by pair."""
    found: dict[tuple[int, int], list[int]] = {}
    row, column = np.divmod(cell, columns)
    for i in range(len(t)):
        gap = t[i] - t
        before = (kind == kind[i]) & (gap > 0) & (gap <= within_s)
        there = (abs(row - row[i]) <= 1) & (abs(column - column[i]) <= 1)
        one = found.setdefault((int(cell[i]), int(kind[i])), [0, 0, 0])
        one[0] += 1
        one[1] += bool((before & (cell == cell[i])).any())
        one[2] += bool((before & there).any())
    return found


def test_it_counts_what_pairs_count() -> None:
    rng = np.random.default_rng(1)
    n, columns, rows = 600, 7, 5
    t = np.sort(rng.integers(0, 90, n) * DAY // 2)  # many at one moment
    cell, kind = rng.integers(0, columns * rows, n), rng.integers(0, 3, n)
    told = repeats(t, cell, kind, columns=columns, rows=rows, within_d=3, span_d=45, most=999)
    ours = {(c, k): [n, s, m] for c, k, n, s, m in zip(*(x.tolist() for x in (
        told.cell, told.kind, told.calls, told.same, told.near)), strict=True)}  # fmt: skip
    assert ours == {pair: one for pair, one in plainly(t, cell, kind, columns, 3 * DAY).items() if one[2]}
    assert np.all(np.diff(told.near - told.expected) <= 1e-9)
    few = repeats(t, cell, kind, columns=columns, rows=rows, within_d=3, span_d=45, most=5)
    assert few.cell.tolist() == told.cell[:5].tolist()
    assert (few.places, few.repeats, few.places_beyond) == (len(told.cell), told.near.sum(), told.beyond.sum())


def test_even_calls_come_to_what_chance_gives_and_a_chain_beyond_it() -> None:
    rng = np.random.default_rng(2)
    n, span = 4000, 365
    t, cell = np.sort(rng.integers(0, span * DAY, n)), rng.integers(0, 100, n)
    kind = np.zeros(n, int)
    told = repeats(t, cell, kind, columns=10, rows=10, within_d=7, span_d=span, most=100)
    assert told.near.sum() == pytest.approx(told.expected.sum(), rel=0.03)
    assert told.beyond.mean() < 0.05
    chain = np.sort(np.r_[t, np.arange(12) * DAY + 100 * DAY + 1])
    at = np.searchsorted(t, np.arange(12) * DAY + 100 * DAY + 1)
    far = repeats(chain, np.insert(cell, at, 200), np.insert(kind, at, 1), columns=30, rows=30, within_d=7, span_d=span)
    row = np.flatnonzero((far.cell == 200) & (far.kind == 1))[0]
    assert (far.calls[row], far.same[row], bool(far.beyond[row])) == (12, 11, True)


def test_cells_do_not_join_over_the_edge_of_the_grid() -> None:
    told = repeats([0, DAY], [4, 5], [0, 0], columns=5, rows=2, within_d=7, span_d=30)  # end of one row, begin of next
    assert told.near.tolist() == []


def test_bad_input_is_named() -> None:
    with pytest.raises(BadInput, match="not in order"):
        repeats([5, 3], [0, 0], [0, 0], columns=2, rows=2, within_d=7, span_d=30)
    with pytest.raises(BadInput, match="number of days"):
        repeats([3, 5], [0, 0], [0, 0], columns=2, rows=2, within_d=0, span_d=30)
    assert len(repeats([], [], [], columns=2, rows=2, within_d=7, span_d=30).cell) == 0
