"""The fewest columns that cover all rows of a table: reduce, try greedily, prove by an integer program.

A row that contains another is covered with it; a column within another is never needed; a column that alone
covers some row is always taken (Toregas and ReVelle, Geographical Analysis 5, 1973). p-center asks the same
with a number of columns that must suffice (Minieka, SIAM Review 12, 1970).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from shouwang.engine.solve.program import Program, solve
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray

_CHUNK = 2_000
_GREEDY_RUNS = 12


@dataclass(frozen=True, slots=True)
class Cover:
    """chosen: columns that cover all rows, None where none were found; bound: no fewer do (as far as proven)."""

    chosen: IntArray | None
    bound: int


@dataclass(slots=True)
class Center:
    """Which of the `steps` (ascending) is the least cost within which `count` columns reach all rows of `table`.

    fixed: columns that are among them; chosen: columns that reach all within the least cost found.
    """

    table: FloatArray
    steps: FloatArray
    count: int
    fixed: IntArray
    rng: np.random.Generator
    chosen: IntArray | None = None

    def bisected(self, low: int, high: int, stop: Stop | None) -> tuple[int, int]:
        """Close in on the step between `low` and `high`; without a `stop` greedily, and then `low` is a guess."""
        while low < high and not (stop and stop()):
            middle = (low + high) // 2
            found = standing(self.table <= self.steps[middle], self.fixed, self.rng, stop, self.count)
            if found.chosen is not None and len(found.chosen) <= self.count:
                self.chosen = found.chosen
                high = int(np.searchsorted(self.steps, self.table[:, found.chosen].min(axis=1).max(initial=0.0)))
            elif stop is None or found.bound > self.count:
                low = middle + 1
            else:
                break
        return low, high


def standing(
    covers: BoolArray, fixed: IntArray, rng: np.random.Generator, stop: Stop | None, most: int | None = None
) -> Cover:
    """As `fewest`, with the `fixed` columns among the chosen and counted in."""
    others = np.setdiff1d(np.arange(covers.shape[1]), fixed)
    open_rows = ~covers[:, fixed].any(axis=1)
    left = None if most is None else most - len(fixed)
    found = fewest(covers[open_rows][:, others], rng, stop, left)
    chosen = None if found.chosen is None else np.concatenate([fixed, others[found.chosen]])
    return Cover(chosen, len(fixed) + found.bound)


def fewest(covers: BoolArray, rng: np.random.Generator, stop: Stop | None, most: int | None = None) -> Cover:
    """The fewest columns of `covers` (rows × columns, no row empty) that cover every row.

    With `most` the question is only whether so many suffice: the search ends with the first answer of that
    size, or with a bound above it. Without a `stop` the greedy answer has to do.
    """
    forced, columns, table = reduced(covers)
    if most is not None and len(forced) + bool(table.size) > most:
        return Cover(None, len(forced) + bool(table.size))
    if not table.size:
        return Cover(forced, len(forced))
    tried = greedy(table, rng)
    enough = 1 if most is None else most - len(forced)
    if len(tried) <= enough or stop is None or stop():
        return Cover(np.concatenate([forced, columns[tried]]), len(forced) + 1)
    opened, bound = _proven(table, tried, None if most is None else enough, stop)
    chosen = None if opened is None else np.concatenate([forced, columns[opened]])
    return Cover(chosen, len(forced) + bound)


def reduced(covers: BoolArray) -> tuple[IntArray, IntArray, BoolArray]:
    """Columns that have to be taken, and what is left to decide: columns, and their table."""
    table, columns = covers, np.arange(covers.shape[1])
    forced: list[int] = []
    before: tuple[int, ...] = ()
    while table.size and table.shape != before:
        before = table.shape
        table = _distinct(table)
        table = table[~_contains(table)]
        keep = _first_of_each(table.T)
        keep = keep[~_lies_within(table[:, keep].T)]
        table, columns = table[:, keep], columns[keep]
        alone = table.sum(axis=1) == 1
        must = np.unique(table[alone].argmax(axis=1))
        forced += columns[must].tolist()
        open_rows = ~table[:, must].any(axis=1)
        table, columns = np.delete(table[open_rows], must, axis=1), np.delete(columns, must)
    return np.array(forced, np.int64), columns, table


def greedy(table: BoolArray, rng: np.random.Generator) -> IntArray:
    """A small cover: always the column that covers most of what is open, ties at random; the best of some."""
    best = np.arange(table.shape[1])
    for _ in range(_GREEDY_RUNS):
        chosen: list[int] = []
        open_rows = np.ones(table.shape[0], bool)
        gain = table.sum(axis=0).astype(float)
        while open_rows.any() and len(chosen) < len(best):
            j = int((gain + rng.random(gain.size) / 2).argmax())
            fresh = open_rows & table[:, j]
            chosen.append(j)
            gain -= table[fresh].sum(axis=0)
            open_rows &= ~fresh
        pruned = _without_spare(table, chosen)
        if not open_rows.any() and len(pruned) < len(best):
            best = pruned
    return best


def _without_spare(table: BoolArray, chosen: list[int]) -> IntArray:
    times = table[:, chosen].sum(axis=1)
    kept = []
    for j in chosen:
        if (times[table[:, j]] > 1).all():
            times -= table[:, j]
        else:
            kept.append(j)
    return np.array(kept, np.int64)


def _proven(table: BoolArray, tried: IntArray, enough: int | None, stop: Stop) -> tuple[IntArray | None, int]:
    """The fewest columns, or some with no more than `enough`; and a bound."""
    rows, columns = table.shape
    limit = len(tried) if enough is None else enough
    program = Program(
        cost=np.ones(columns),
        most=np.ones(columns),
        rows=sparse.vstack([sparse.csr_matrix(table.astype(float)), sparse.csr_matrix(np.ones((1, columns)))]).tocsr(),
        lower=np.append(np.ones(rows), 0.0),
        upper=np.append(np.full(rows, np.inf), limit),
        whole=np.ones(columns, bool),
    )
    start = np.isin(np.arange(columns), tried).astype(float) if enough is None else None
    options = {"mip_abs_gap": 0.999, "mip_rel_gap": 0.0}  # numbers of posts are whole
    if enough is not None:
        options["objective_target"] = enough + 0.5
    outcome = solve(program, stop, start=start, options=options)
    if outcome.bound == np.inf:
        return None, limit + 1
    bound = int(np.ceil(max(outcome.bound, 1.0) - 1e-6))
    if outcome.values.size:
        return np.flatnonzero(outcome.values > 0.5), bound
    return (tried if enough is None else None), bound


def _distinct(rows: BoolArray) -> BoolArray:
    return rows[_first_of_each(rows)]


def _first_of_each(rows: BoolArray) -> IntArray:
    found: IntArray = np.sort(np.unique(np.packbits(rows, axis=1), axis=0, return_index=True)[1])
    return found


def _contains(rows: BoolArray) -> BoolArray:
    """Per row (all differ) whether it contains another one."""
    return _related(rows, lambda common, mine, size: (common == size) & (size < mine))


def _lies_within(rows: BoolArray) -> BoolArray:
    """Per row (all differ) whether it lies within another one."""
    return _related(rows, lambda common, mine, size: (common == mine) & (size > mine))


def _related(rows: BoolArray, holds: Callable[[AnyArray, AnyArray, AnyArray], BoolArray]) -> BoolArray:
    """Per row whether some other row has the relation; entries in common are counted by a product of tables."""
    table = rows.astype(np.float32)
    size = table.sum(axis=1)
    found = np.zeros(len(rows), bool)
    for at in range(0, len(rows), _CHUNK):
        some = slice(at, at + _CHUNK)
        found[some] = holds(table[some] @ table.T, size[some, None], size[None]).any(axis=1)
    return found
