"""Which p places to open so that serving all demand costs least: a fast answer, then a bound that tightens.

The one problem behind p-median and maximal cover: each demand takes the cheapest open place, or its cap. A
local search gives an answer, Lagrangian bounds close or open places for good by their reduced cost, and
what is left is settled by branching, best bound first.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count as counter

import numpy as np

from shouwang.engine.solve import _lagrange, _swap
from shouwang.engine.solve._lagrange import Offers
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

_EVALUATIONS_A_CALL = 2_000
_FRUITLESS_ROUNDS = 30
_HURRIED_STEPS = 100


@dataclass(frozen=True, slots=True)
class Location:
    """cost: places × demand, finite, 0 or more; cap: what each demand costs if no open place is cheaper.

    count: places to open; fixed: places that are open anyway, counted in; grain: all totals are multiples
    of it (0 if not known); accuracy: totals this close count as equal.
    """

    cost: FloatArray
    cap: FloatArray
    count: int
    fixed: IntArray
    grain: float = 0.0
    accuracy: float = 0.0

    @property
    def slack(self) -> float:
        """A bound within this of a total proves it."""
        return max(self.accuracy, self.grain * (1 - 1e-6))

    def rounded(self, bound: float) -> float:
        """The least total that can be at or above a bound."""
        return float(np.ceil(bound / self.grain - 1e-6)) * self.grain if self.grain else bound

    def total(self, chosen: IntArray) -> float:
        """Cost of all demand with some places open."""
        if not len(chosen):
            return float(self.cap.sum())
        return float(np.minimum(self.cap, self.cost[chosen].min(axis=0)).sum())


@dataclass(slots=True)
class Answer:
    """The best places so far, their total, and a total below which no answer can be."""

    chosen: IntArray
    total: float
    bound: float = 0.0


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the problem: `opened` are open, `free` may be; caps are lowered by what is open."""

    bound: float
    free: BoolArray
    opened: IntArray
    cap: FloatArray
    offers: Offers
    price: FloatArray
    split: int = field(default=-1)


def local_search(problem: Location, rng: np.random.Generator, stop: Stop) -> Answer:
    """A good answer in a moment: greedy, exchanges, then exchanges again from shaken answers."""
    cost, cap, fixed = problem.cost, problem.cap, len(problem.fixed)
    places = cost.shape[0]
    chosen = np.concatenate([problem.fixed, np.zeros(problem.count - fixed, np.int64)]).astype(np.int64)
    is_open = np.zeros(places, bool)
    is_open[problem.fixed] = True
    _swap.greedy(cost, cap, chosen, fixed, is_open)
    best = Answer(chosen.copy(), _exchanged(problem, chosen, stop))
    best.chosen[:] = chosen
    fruitless = 0
    while fruitless < _FRUITLESS_ROUNDS and not stop():
        fruitless = 0 if shake(problem, best, rng, stop) else fruitless + 1
    return best


def shake(problem: Location, best: Answer, rng: np.random.Generator, stop: Stop) -> bool:
    """Exchange a few places at random, improve again, and keep the result if it is better (True)."""
    places, fixed = problem.cost.shape[0], len(problem.fixed)
    movable, closed = problem.count - fixed, places - problem.count
    most = min(movable, closed, max(2, min(movable // 5, 8)))
    if most <= 0:
        return False
    count = int(rng.integers(1, most + 1))
    trial = best.chosen.copy()
    out = fixed + rng.choice(movable, count, replace=False)
    trial[out] = rng.choice(np.setdiff1d(np.arange(places), trial), count, replace=False)
    total = _exchanged(problem, trial, stop)
    if total < best.total - 1e-9 * abs(best.total):
        best.chosen, best.total = trial, total
        return True
    return False


def _exchanged(problem: Location, chosen: IntArray, stop: Stop) -> float:
    """Improve `chosen` in place by exchanges and return its total."""
    is_open = np.zeros(problem.cost.shape[0], bool)
    is_open[chosen] = True
    done, total = False, 0.0
    while not done:
        total, done = _swap.exchange(
            problem.cost, problem.cap, chosen, len(problem.fixed), is_open, _EVALUATIONS_A_CALL
        )
        done = done or stop()
    return float(total)


def offers_of(problem: Location) -> Offers:
    """All offers below the caps, cheapest first for each demand."""
    order = np.argsort(problem.cost, axis=0, kind="stable").T
    cost = np.take_along_axis(problem.cost.T, order, axis=1)
    below = cost < problem.cap[:, None]
    start = np.concatenate([[0], np.cumsum(below.sum(axis=1))]).astype(np.int64)
    return Offers(start, order[below].astype(np.int32), cost[below])


def root(problem: Location, best: Answer, stop: Stop) -> Branch | None:
    """The whole problem with what bounds can close or open for good; None if `best` is proven at once.

    `best` is improved where the relaxation hints at a better answer; its bound is set, after a few steps even where
    time is up: an answer whose bound says nothing could be anything.
    """
    places, opened = problem.cost.shape[0], problem.fixed
    free = np.ones(places, bool)
    free[opened] = False
    cap = np.minimum(problem.cap, problem.cost[opened].min(axis=0)) if len(opened) else problem.cap
    two = np.sort(np.vstack([problem.cost[best.chosen], problem.cap[None]]), axis=0)
    price = np.minimum((two[0] + two[1]) / 2, cap)
    branch: Branch | None = Branch(-np.inf, free, opened, cap, offers_of(problem), price)
    for scale in (1.5, 1.0, 0.5):
        assert branch is not None
        total, before = best.total, branch.bound
        branch = bounded(problem, branch, best, _HURRIED_STEPS if stop() else 1500, scale, 30, polish=stop)
        if branch is None:
            best.bound = best.total - (0.0 if problem.grain else problem.slack)
            return None
        best.bound = max(best.bound, branch.bound)
        gained = branch.bound - before > 0.02 * (best.total - branch.bound) or best.total < total
        if stop() or not gained:
            break
    return branch


def bounded(
    problem: Location, branch: Branch, best: Answer, steps: int, scale: float, patience: int,
    polish: Stop | None = None,
) -> Branch | None:  # fmt: skip
    """Bound a branch, fix what its bound fixes, and name the place to split it by; None if it holds nothing
    new.
    """
    free, opened, cap = branch.free, branch.opened, branch.cap
    offers, price = branch.offers, branch.price
    while True:
        left, open_ones = problem.count - len(opened), int(free.sum())
        if left == 0 or open_ones <= left:
            _note(problem, best, np.concatenate([opened, np.flatnonzero(free)[:left]]), None)
            return None
        offers = _lagrange.narrowed(offers, cap, free)
        enough = best.total - problem.slack
        bound, price, rent, chosen, often = _lagrange.lower_bound(
            offers, cap, free, left, np.minimum(price, cap), best.total, enough, steps, scale, patience
        )
        _note(problem, best, np.concatenate([opened, np.flatnonzero(chosen)]), polish)
        enough = best.total - problem.slack
        if bound >= enough:
            return None
        sorted_rent = np.sort(rent[free])
        last_in, first_out = sorted_rent[left - 1], sorted_rent[left]
        never = free & ~chosen & (bound + rent - last_in >= enough)
        always = free & chosen & (bound - rent + first_out >= enough)
        free = free & ~never & ~always
        if always.any():
            opened = np.concatenate([opened, np.flatnonzero(always)])
            cap = np.minimum(cap, problem.cost[always].min(axis=0))
        elif never.sum() <= 0.15 * open_ones:
            split = int(np.where(free, np.abs(often - 0.5), np.inf).argmin())
            return Branch(bound, free, opened, cap, offers, price, split)


def _note(problem: Location, best: Answer, chosen: IntArray, polish: Stop | None) -> None:
    """Take over a better answer; with `polish`, improve it by exchanges first."""
    chosen = _filled(problem, chosen)
    total = problem.total(chosen)
    if polish is not None and total < best.total * 1.05:
        total = _exchanged(problem, chosen, polish)
    if total < best.total - 1e-9 * abs(best.total):
        best.chosen, best.total = chosen, total


def _filled(problem: Location, chosen: IntArray) -> IntArray:
    """Exactly `count` places, the fixed ones first."""
    others = np.setdiff1d(chosen, problem.fixed)
    missing = problem.count - len(problem.fixed) - len(others)
    if missing > 0:
        spare = np.setdiff1d(np.arange(problem.cost.shape[0]), chosen)[:missing]
        others = np.concatenate([others, spare])
    return np.concatenate([problem.fixed, others]).astype(np.int64)


def branch_and_bound(problem: Location, start: Branch, best: Answer, stop: Stop, rng: np.random.Generator) -> None:
    """Split the branch with the lowest bound until `best` is proven or time is up, and keep its bound up to
    date.

    A shaken answer is tried with every split: where the bound is tight, a better answer is the shorter proof.
    """
    # Among branches that can hold the same total at best, the youngest goes first: that is the deepest.
    ticket = counter(0, -1)
    heap = [(problem.rounded(start.bound), next(ticket), start)]
    while heap and heap[0][0] < best.total - problem.slack and not stop():
        _, _, branch = heapq.heappop(heap)
        shake(problem, best, rng, stop)
        j = branch.split
        free = branch.free.copy()
        free[j] = False
        with_it = np.append(branch.opened, j)
        lower_cap = np.minimum(branch.cap, problem.cost[j])
        for opened, cap in ((branch.opened, branch.cap), (with_it, lower_cap)):
            half = Branch(branch.bound, free, opened, cap, branch.offers, branch.price)
            kept = bounded(problem, half, best, 120, 0.6, 8, polish=stop)
            if kept is not None:
                bound = problem.rounded(max(kept.bound, branch.bound))
                heapq.heappush(heap, (bound, next(ticket), kept))
        # Branches given up hold nothing below best - slack; those left say what else might exist.
        floor = best.total - (0.0 if problem.grain else problem.slack)
        settled = not heap or heap[0][0] >= best.total - problem.slack
        best.bound = floor if settled else max(best.bound, min(heap[0][0], floor))
