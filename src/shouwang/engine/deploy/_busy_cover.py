"""Expected cover with busy units, from a fast answer to a proof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from shouwang.engine.deploy import _busy
from shouwang.engine.deploy._cover_model import PROOF, merged
from shouwang.engine.solve.certificate import PROVEN_GAP
from shouwang.engine.solve.program import Program, solve
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

_FRUITLESS_ROUNDS = 30
_STEPS = 600


@dataclass(slots=True)
class Found:
    """The best posts so far, what they cover, and a cover that none exceeds."""

    chosen: IntArray
    value: float
    bound: float

    @property
    def proven(self) -> bool:
        return self.bound <= self.value * (1 + PROVEN_GAP / 2)

    def better(self, chosen: IntArray, value: float) -> bool:
        """Take over an answer if it covers more."""
        if value <= self.value * (1 + 1e-12):
            return False
        self.chosen, self.value, self.bound = chosen, value, max(self.bound, value)
        return True


@dataclass(frozen=True, slots=True)
class _Problem:
    """covers: demand × candidates; weight: per demand; fixed: candidates that stay."""

    covers: BoolArray
    weight: FloatArray
    reach: _busy.Reach
    count: int
    busy: float
    fixed: IntArray

    @property
    def worth(self) -> FloatArray:
        """What the n-th post within reach adds to a demand of weight 1, n from 0."""
        return np.asarray((1 - self.busy) * self.busy ** np.arange(self.count), float)

    def improved(self, chosen: IntArray, first: int) -> float:
        """Fill `chosen` from position `first` on, exchange what is not fixed, and return what it covers."""
        return float(_busy.improve(self.reach, self.worth, chosen, len(self.fixed), first))

    def value(self, chosen: IntArray) -> float:
        """Σ w_u (1 - q^n_u), n_u the number of chosen candidates that reach u."""
        return float((self.weight * (1 - self.busy ** self.covers[:, chosen].sum(axis=1))).sum())

    def ordered(self, chosen: IntArray) -> IntArray:
        """`count` candidates, the fixed ones first; others fill up where there are too few."""
        others = np.setdiff1d(chosen, self.fixed)
        spare = np.setdiff1d(np.arange(self.covers.shape[1]), chosen)
        missing = self.count - len(self.fixed) - len(others)
        return np.concatenate([self.fixed, others, spare[:missing]]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is still to decide: `left` of the candidates `columns` on top of those taken for good.

    covers: demand × columns; weight: lowered by q for each post taken that reaches it; sure: what those cover.
    """

    taken: IntArray
    columns: IntArray
    covers: BoolArray
    weight: FloatArray
    sure: float


def best_cover(
    covers: BoolArray, weight: FloatArray, count: int, busy: float, fixed: IntArray, stop: Stop,
    rng: np.random.Generator,
) -> Found:  # fmt: skip
    """`count` columns of demand × candidates that cover most, each post being busy that share of the time."""
    whole, weights = merged(covers, weight)
    problem = _Problem(whole, weights, _busy.reach_of(whole, weights), count, busy, fixed)
    best = _searched(problem, stop, rng)
    everywhere = _Rest(fixed[:0], np.arange(covers.shape[1]), whole, weights, 0.0)
    rest = _decided(everywhere, np.isin(everywhere.columns, fixed), np.zeros(covers.shape[1], bool), busy)
    again = True
    while again and not stop() and not best.proven:
        rest, again = _narrowed(problem, rest, best)
    if not best.proven and not stop():
        _prove(problem, rest, best, stop)
    return best


def _searched(problem: _Problem, stop: Stop, rng: np.random.Generator) -> Found:
    """Greedy, exchanges, then exchanges again from shaken answers."""
    count, fixed, places = problem.count, len(problem.fixed), problem.covers.shape[1]
    chosen = np.concatenate([problem.fixed, np.zeros(count - fixed, np.int64)])
    best = Found(chosen, problem.improved(chosen, fixed), float(problem.weight.sum()))
    movable = min(count - fixed, places - count)
    fruitless = 0
    while movable and fruitless < _FRUITLESS_ROUNDS and not stop():
        moved = int(rng.integers(1, min(movable, max(2, min(movable // 5, 8))) + 1))
        trial = best.chosen.copy()
        out = fixed + rng.choice(count - fixed, moved, replace=False)
        trial[out] = rng.choice(np.setdiff1d(np.arange(places), trial), moved, replace=False)
        fruitless = 0 if best.better(trial, problem.improved(trial, count)) else fruitless + 1
    return best


def _narrowed(problem: _Problem, rest: _Rest, best: Found) -> tuple[_Rest, bool]:
    """Bound what is left, settle the candidates that the bound settles, and say whether to bound again."""
    left, size = problem.count - len(rest.taken), rest.columns.size
    if left == 0 or size <= left:
        chosen = np.concatenate([rest.taken, rest.columns[:left]])
        best.better(problem.ordered(chosen), problem.value(problem.ordered(chosen)))
        best.bound = best.value
        return rest, False
    known = rest.covers[:, np.isin(rest.columns, best.chosen)].sum(axis=1)
    price = rest.weight * problem.worth[np.minimum(known, problem.count - 1)]
    reach = _busy.reach_of(rest.covers, rest.weight)
    above, price, rent, taken = _busy.upper_bound(reach, problem.worth, left, price, best.value - rest.sure, _STEPS)
    trial = problem.ordered(np.concatenate([rest.taken, rest.columns[taken]]))
    best.better(trial, problem.improved(trial, problem.count))
    bound = rest.sure + above
    best.bound = max(best.value, min(best.bound, bound))
    ranked = -np.sort(-rent)
    # A candidate against its will: the bound loses the difference to the last one in, or the first one out.
    never = ~taken & (bound - ranked[left - 1] + rent <= best.value)
    always = taken & (bound - rent + ranked[left] <= best.value)
    again = bool(always.any() or never.sum() > 0.15 * size)
    return _decided(rest, always, never, problem.busy), again


def _decided(rest: _Rest, take: BoolArray, drop: BoolArray, busy: float) -> _Rest:
    """What is left once some candidates are taken and others dropped; demand that became alike is merged."""
    if not take.any() and not drop.any():
        return rest
    weight = rest.weight * busy ** rest.covers[:, take].sum(axis=1)
    covers, merged_weight = merged(rest.covers[:, ~take & ~drop], weight)
    sure = rest.sure + float(rest.weight.sum() - weight.sum())
    taken = np.concatenate([rest.taken, rest.columns[take]])
    return _Rest(taken, rest.columns[~take & ~drop], covers, merged_weight, sure)


def _prove(problem: _Problem, rest: _Rest, best: Found, stop: Stop) -> None:
    """max Σ_u w_u Σ_k (1-q) q^(k-1) y_uk, Σ_k y_uk ≤ Σ x_j over the j that reach u, Σ x_j ≤ left (Daskin 1983).

    Candidates with the same demand are one whole number.
    """
    left = problem.count - len(rest.taken)
    _, first, group = np.unique(np.packbits(rest.covers, axis=0), axis=1, return_index=True, return_inverse=True)
    table, size = rest.covers[:, first], np.bincount(group.ravel())
    levels = np.minimum(table @ size, left)
    row = np.repeat(np.arange(levels.size), levels)
    level = np.arange(row.size) - np.repeat(np.cumsum(levels) - levels, levels)
    steps = sparse.csr_matrix((np.ones(row.size), (row, np.arange(row.size))), (levels.size, row.size))
    program = Program(
        cost=np.concatenate([np.zeros(first.size), -rest.weight[row] * problem.worth[level]]),
        most=np.concatenate([np.minimum(size, left), np.ones(row.size)]).astype(float),
        rows=sparse.vstack(
            [
                sparse.hstack([sparse.csr_matrix(table.astype(float)), -steps]),
                sparse.hstack([sparse.csr_matrix(np.ones((1, first.size))), sparse.csr_matrix((1, row.size))]),
            ]
        ).tocsr(),
        lower=np.append(np.zeros(levels.size), -np.inf),
        upper=np.append(np.full(levels.size, np.inf), left),
        whole=np.arange(first.size + row.size) < first.size,
    )
    outcome = solve(program, stop, options=PROOF)
    if outcome.values.size:
        number = np.round(outcome.values[: first.size]).astype(np.int64)
        opened = [rest.columns[group.ravel() == g][: number[g]] for g in range(first.size)]
        chosen = problem.ordered(np.concatenate([rest.taken, *opened]))
        best.better(chosen, problem.value(chosen))
    best.bound = max(best.value, min(best.bound, rest.sure - outcome.bound))
