"""Two people who count alike for every need change stretches of days: needs stay met, and each is checked alone.

Thousands of such exchanges a second even out what is shared, where planning anew takes seconds for a few people.
"""

from __future__ import annotations

import numpy as np

from shouwang.engine.roster.check import check_person
from shouwang.engine.roster.terms import OFF, Problem
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import IntArray

_LONGEST = 7


class Exchanges:
    """Exchanges for one problem; people without an equal take no part."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        groups = {need.people: set(need.people) for need in problem.needs}
        alike: dict[tuple[bool, ...], list[int]] = {}
        for p in range(len(problem.people)):
            alike.setdefault(tuple(p in group for group in groups.values()), []).append(p)
        self.equals = [np.array(people) for people in alike.values() if len(people) > 1]
        self._chance = np.array([len(people) for people in self.equals], float)
        self._cost = problem.cost.tolist()
        self._marks = [(b.weight, b.cells.tolist(), b.carried.tolist()) for b in problem.balance]

    def improved(self, roster: IntArray, tries: int, stop: Stop, rng: np.random.Generator) -> IntArray:
        """The roster after so many tries, each kept if it is legal and costs no more."""
        problem, rows = self.problem, roster.tolist()
        if not self.equals:
            return roster
        cost = [self._alone(p, row) for p, row in enumerate(rows)]
        of = rng.choice(len(self.equals), tries, p=self._chance / self._chance.sum())
        draws = rng.random((tries, 4))
        for number in range(tries):
            if number % 100 == 0 and stop():
                break
            one, two, where, how_long = draws[number]
            people = self.equals[of[number]]
            p, q = int(people[int(one * len(people))]), int(people[int(two * len(people))])
            start = problem.past + int(where * (problem.days - problem.past))
            end = min(problem.days, start + 1 + int(how_long * _LONGEST))
            if p == q or rows[p][start:end] == rows[q][start:end]:
                continue
            mine = rows[p][:start] + rows[q][start:end] + rows[p][end:]
            theirs = rows[q][:start] + rows[p][start:end] + rows[q][end:]
            costs = self._alone(p, mine), self._alone(q, theirs)
            if sum(costs) > cost[p] + cost[q]:
                continue
            if any(check_person(problem, p, mine)) or any(check_person(problem, q, theirs)):
                continue
            rows[p], rows[q] = mine, theirs
            cost[p], cost[q] = costs
        return np.array(rows, np.int64)

    def _alone(self, p: int, row: list[int]) -> int:
        """A person's own part of the cost."""
        mine, past = self._cost[p], self.problem.past
        on = [(d, k) for d, k in enumerate(row) if k != OFF and d >= past]
        found = int(sum(mine[d][k] for d, k in on))
        for weight, cells, carried in self._marks:
            found += weight * (carried[p] + sum(cells[d][k] for d, k in on)) ** 2
        return found
