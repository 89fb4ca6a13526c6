"""Rosters: a legal one soon, then better ones until told to stop.

Where patterns say everything about a person (`_columns`), column generation gives bound and rosters. Otherwise CP-SAT
finds a legal roster, for which it is asked alone, and equals exchange days (`_exchange`). Both go on by large
neighbourhood search (Shaw, CP 1998): some people's duties are planned anew while the others keep theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from shouwang.engine.roster._bound import simple_bound
from shouwang.engine.roster._columns import Columns, first_roster, fits
from shouwang.engine.roster._exchange import Exchanges
from shouwang.engine.roster._fill import filled
from shouwang.engine.roster._model import improve
from shouwang.engine.roster.check import check
from shouwang.engine.roster.swaps import repaired
from shouwang.engine.roster.terms import OFF, Problem, total
from shouwang.engine.solve.certificate import Certificate
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import IntArray

_SMALL_CELLS = 4_000  # the plain model proves such a problem under the law
_TINY_CELLS = 500  # and one of patterns alone
_WHOLE_S = 10.0
_KEPT_PATTERNS = 40
_TRIES = 4_000

Better = Callable[[IntArray, Certificate], None]


@dataclass(frozen=True, slots=True)
class Found:
    """roster: None if `impossible` (proven) or `unknown` (time ran out before any); certificate: of the roster."""

    status: Literal["optimal", "feasible", "impossible", "unknown"]
    roster: IntArray | None
    certificate: Certificate | None


def solve(
    problem: Problem, stop: Stop, *, workers: int = 2, seed: int = 0, on_better: Better | None = None,
    previous: IntArray | None = None,
) -> Found:  # fmt: skip
    """The best roster found until `stop`. on_better: called with each better one and what is proven about it; previous:
    what is to be changed as little as possible (`keeping`), from which the search then sets out."""
    search = _Search(problem, stop, workers, seed, on_better)
    status = search.by_columns() if fits(problem) else search.by_model(previous)
    if search.roster is None:
        return Found("impossible" if status == "impossible" else "unknown", None, None)
    proof = Certificate(float(search.cost), search.bound)
    return Found(proof.status, search.roster, proof)


class _Search:
    """The best roster so far, its cost, and the bound."""

    def __init__(self, problem: Problem, stop: Stop, workers: int, seed: int, on_better: Better | None) -> None:
        self.problem, self.stop, self.workers, self.on_better = problem, stop, workers, on_better
        self.rng = np.random.default_rng(seed)
        self.roster: IntArray | None = None
        self.cost, self.bound = 0, -np.inf
        self._allowed = problem.allowed

    def take(self, roster: IntArray | None) -> bool:
        """Keep a roster if it is better than the best."""
        if roster is None:
            return False
        cost = total(self.problem, roster)
        if self.roster is not None and cost >= self.cost:
            return False
        self.roster, self.cost = roster, cost
        self.bound = min(self.bound, cost)
        if self.on_better is not None:
            self.on_better(roster, Certificate(float(cost), self.bound))
        return True

    def prove(self, bound: float) -> None:
        """Costs are whole numbers: so are bounds."""
        whole = float(np.ceil(bound - 1e-4)) if np.isfinite(bound) else bound
        self.bound = max(self.bound, whole if self.roster is None else min(whole, self.cost))

    @property
    def over(self) -> bool:
        return self.stop() or (self.roster is not None and self.cost <= self.bound)

    @property
    def _cells(self) -> int:
        people, days, kinds = self.problem.shape
        return people * days * kinds

    def _as_a_whole(self) -> None:
        """Half of the time, but a few seconds at most, for the plain model, which may end with a proof: one that does
        not come soon is not worth the others' time."""
        limit_s = min(self.stop.remaining_s() / 2, _WHOLE_S)
        found, bound, _ = improve(
            self.problem, self.roster, self.stop, limit_s=limit_s, workers=self.workers, heard=self.take
        )
        self.take(found)
        self.prove(bound)

    def by_columns(self) -> str:
        """Burke and Curtois' instances and their like."""
        problem, columns = self.problem, Columns(self.problem)
        self.take(first_roster(columns))
        if self.roster is None:  # somebody has no pattern, or one that is hard to find
            return self.by_model()
        columns.relax(self.stop)
        self.prove(columns.bound + problem.constant)
        for noise in (0.0, 0.1):
            if not self.over:
                self.take(columns.dive(self.stop, self.rng, noise=noise))
        if self._cells <= _TINY_CELLS and not self.over:
            self._as_a_whole()
        kept: list[dict[bytes, IntArray]] = [{} for _ in problem.people]
        _keep(columns, range(len(kept)), kept)
        size, idle = min(8, len(kept)), 0
        while not self.over:
            people = np.sort(self.rng.choice(len(kept), size, replace=False))
            better = self._again(people, kept)
            idle = 0 if better else idle + 1
            if idle >= 30:
                size, idle = min(size + 1, len(kept)), 0
        return "feasible"

    def _again(self, people: IntArray, kept: list[dict[bytes, IntArray]]) -> bool:
        """Plan some people anew by columns: those kept from before, and those that generation adds."""
        assert self.roster is not None
        part, mine = self.problem.part(people, self.roster), self.roster[people]
        columns, known = Columns(part), total(part, mine)
        for i, p in enumerate(people):
            columns.add(i, mine[i])
            plans = list(kept[p].values())
            for at in self.rng.permutation(len(plans))[:_KEPT_PATTERNS]:
                columns.add(i, plans[at])
        columns.relax(self.stop)
        if np.ceil(columns.bound - 1e-4) >= known:
            if len(people) == len(kept):
                self.prove(self.cost)
            return False
        dived = columns.dive(self.stop, self.rng, noise=0.1)
        best = dived if dived is not None and total(part, dived) < known else mine
        best = columns.whole(best, self.stop, limit_s=2.0, seed=int(self.rng.integers(2**30)))
        _keep(columns, people, kept)
        return self.take(_put(self.roster, people, best))

    def by_model(self, previous: IntArray | None = None) -> str:
        """Duties under the law."""
        problem = self.problem
        self.prove(simple_bound(problem))
        found, status = (None, "") if previous is None else (self._mended(previous), "")
        if found is None:
            found, _, status = improve(problem, None, self.stop, workers=self.workers, free=True)
        if found is None:
            return status
        self.take(found)
        self.take(filled(problem, found, self.stop))
        exchanges, size, idle = Exchanges(problem), min(12, len(problem.people)), 0
        self._exchange(exchanges)
        if self._cells <= _SMALL_CELLS and not self.over:
            self._as_a_whole()
        while not self.over:
            self._exchange(exchanges)
            if self.over:
                break
            assert self.roster is not None
            people = self._neighbours(size)
            part = problem.part(people, self.roster)
            found, _, _ = improve(
                part, self.roster[people], self.stop, limit_s=3.0, workers=self.workers,
                seed=int(self.rng.integers(2**30)),
            )  # fmt: skip
            better = found is not None and self.take(_put(self.roster, people, found))
            idle = 0 if better else idle + 1
            if idle >= 20:
                size, idle = min(size + 2, len(problem.people)), 0
        return "feasible"

    def _mended(self, previous: IntArray) -> IntArray | None:
        """The roster before, legal again with few changes: duties that are barred now fall, gaps are filled, and where
        that is not enough, more and more people are planned anew beside the others. None if nothing helped."""
        problem, roster = self.problem, previous.copy()
        if problem.past:
            roster[:, : problem.past] = problem.known
        for p, d in np.argwhere(roster != OFF):
            if d >= problem.past and not self._allowed[p, d, roster[p, d]]:
                roster[p, d] = OFF
        roster = repaired(problem, roster)
        short, size = check(problem, roster), 12
        while short and not self.stop():
            first = {one.person for one in short if one.person is not None}
            first |= {p for one in short if one.need is not None for p in problem.needs[one.need].people}
            order = sorted(range(len(problem.people)), key=lambda p: (p not in first, self.rng.random()))
            people = np.array(sorted(order[:size]))
            found, _, _ = improve(problem.part(people, roster), roster[people], self.stop, limit_s=5.0,
                                  workers=self.workers)  # fmt: skip
            if found is not None:
                roster = _put(roster, people, found)
                short = check(problem, roster)
            elif size >= len(problem.people):
                return None
            size = min(2 * size, len(problem.people))
        return None if short else roster

    def _exchange(self, exchanges: Exchanges) -> None:
        """Exchange days until that ends."""
        assert self.roster is not None
        while not self.over and self.take(exchanges.improved(self.roster, _TRIES, self.stop, self.rng)):
            pass

    def _neighbours(self, size: int) -> IntArray:
        """People at random, every other time half of them those who bear most."""
        people = len(self.problem.people)
        if self.rng.random() < 0.5:
            return np.sort(self.rng.choice(people, size, replace=False))
        assert self.roster is not None
        load = np.array([total(self.problem.part(np.array([p]), self.roster), self.roster[[p]]) for p in range(people)])
        order = np.argsort(-(load + self.rng.uniform(0, load.std() + 1, people)))
        rest = self.rng.choice(order[size // 2:], size - size // 2, replace=False)
        return np.sort(np.concatenate([order[: size // 2], rest]))


def _put(roster: IntArray, people: IntArray, rows: IntArray) -> IntArray:
    made = roster.copy()
    made[people] = rows
    return made


def _keep(columns: Columns, people: IntArray | range, kept: list[dict[bytes, IntArray]]) -> None:
    for owner, plan in zip(columns.owner, columns.plans, strict=True):
        kept[people[owner]][plan.tobytes()] = plan
