"""Rosters by column generation: whole patterns of one person are the columns, dynamic programming makes them.

Dantzig and Wolfe (Operations Research 8, 1960); for rosters Burke and Curtois (European Journal of Operational
Research 237, 2014). The relaxed master gives prices for each day and duty, each person answers with their cheapest
pattern, until nobody can better it. At any time the master's value plus what the patterns would still gain is a bound
(Lagrange). Whole rosters come from an integer program over the columns at hand.
"""

from __future__ import annotations

from math import gcd
from typing import Any, cast

import highspy
import numpy as np

from shouwang.engine.roster._path import Pattern, cheapest
from shouwang.engine.roster._sat import choose_one_each
from shouwang.engine.roster.terms import OFF, Problem, total
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import FloatArray, IntArray

_NIL = 1e-6


def fits(problem: Problem) -> bool:
    """Whether patterns alone say everything about a person, so that dynamic programming finds them all."""
    return problem.law is None and not problem.balance and not problem.past and all(
        need.under is not None for need in problem.needs)


class Columns:
    """The master program of a problem that `fits`, and the patterns found so far.

    value: of the relaxed master; bound: no roster costs less; share: per column how much of it the relaxation uses.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        people, days, kinds = problem.shape
        self.cost = np.where(problem.allowed, problem.cost.astype(float), np.inf)
        self.patterns = _patterns(problem)
        self.owner: list[int] = []
        self.plans: list[IntArray] = []
        self._met: dict[tuple[int, bytes], int] = {}
        self._needs: dict[tuple[int, int, int], list[int]] = {}
        for n, need in enumerate(problem.needs):
            for p in need.people:
                for d, k in need.cells:
                    self._needs.setdefault((p, d, k), []).append(n)
        flat = [((p * days + d) * kinds + k, n) for (p, d, k), lines in self._needs.items() for n in lines]
        self._cell, self._line = np.array(flat, np.int64).reshape(-1, 2).T
        self.value, self.bound, self.share = np.inf, -np.inf, np.zeros(0)
        self._lp = cast(Any, highspy).Highs()
        self._lp.setOptionValue("output_flag", False)
        self._lp.setOptionValue("threads", 1)
        for _ in range(people):
            self._lp.addRow(1.0, 1.0, 0, np.zeros(0, np.int32), np.zeros(0))
        for need in problem.needs:
            self._lp.addRow(float(need.least), float(need.least), 0, np.zeros(0, np.int32), np.zeros(0))
        for n, need in enumerate(problem.needs):
            row = np.array([people + n], np.int32)
            self._lp.addCol(float(need.under or 0), 0.0, highspy.kHighsInf, 1, row, np.array([1.0]))
            self._lp.addCol(float(need.over), 0.0, highspy.kHighsInf, 1, row, np.array([-1.0]))

    def add(self, person: int, plan: IntArray) -> bool:
        """Take a pattern in; False if it is known."""
        key = (person, plan.astype(np.int8).tobytes())
        if key in self._met:
            return False
        self._met[key] = len(self.plans)
        self.owner.append(person)
        self.plans.append(plan)
        rows, cost = [person], 0.0
        for day in np.flatnonzero(plan != OFF):
            cost += self.cost[person, day, plan[day]]
            rows += [len(self.patterns) + n for n in self._needs.get((person, int(day), int(plan[day])), [])]
        self._lp.addCol(cost, 0.0, highspy.kHighsInf, len(rows), np.array(rows, np.int32), np.ones(len(rows)))
        return True

    def relax(self, stop: Stop, *, rounds: int = 10_000) -> None:
        """Generate columns until no pattern betters the relaxed master, `rounds` are over, or `stop`."""
        people = len(self.patterns)
        for _ in range(rounds):
            self._lp.run()
            solution = self._lp.getSolution()
            self.value = self._lp.getInfo().objective_function_value
            self.share = np.array(solution.col_value)[2 * len(self.problem.needs):]
            dual = np.array(solution.row_dual)
            price = self.cost.copy()
            np.subtract.at(price.reshape(-1), self._cell, dual[people + self._line])
            promised, found = self.value, False
            for p in range(people):
                if stop():
                    return
                promise, least, plan = self._best(p, price[p])
                promised += min(0.0, promise - dual[p])
                if least - dual[p] < -_NIL:
                    found |= self.add(p, plan)
            self.bound = max(self.bound, promised)
            if not found or np.ceil(self.bound - 1e-4) >= self.value - 1e-6:
                return

    def _best(self, person: int, price: FloatArray) -> tuple[float, float, IntArray]:
        """A price that no pattern of the person is below, the price of the best one found, and that one."""
        pattern = self.patterns[person]
        promise, plan = cheapest(price, pattern, -1, False)
        too_many = self._too_many(person, plan)
        if too_many.max() <= 0:
            return promise, promise, plan
        scarce = int(too_many.argmax())
        promise, plan = cheapest(price, pattern, scarce, False)
        if self._too_many(person, plan).max() <= 0:
            return promise, promise, plan
        return promise, *cheapest(price, pattern, scarce, True)

    def _too_many(self, person: int, plan: IntArray) -> IntArray:
        return np.bincount(plan[plan >= 0], minlength=len(self.problem.duties)) - self.patterns[person].most_each

    def dive(
        self, stop: Stop, rng: np.random.Generator, *, noise: float, rounds: int = 6
    ) -> IntArray | None:
        """A whole roster: fix the columns nearest to one, generate anew, and so on. None if `stop` came first."""
        people = len(self.patterns)
        done: dict[int, int] = {}
        offset = 2 * len(self.problem.needs)
        while len(done) < people and not stop():
            order = np.argsort(-self.share + rng.uniform(0, noise, self.share.size))
            taken = 0
            for c in order:
                if self.owner[c] not in done and self.share[c] > _NIL and (taken == 0 or self.share[c] > 0.9):
                    done[self.owner[c]] = int(c)
                    self._lp.changeColBounds(offset + int(c), 1.0, 1.0)
                    taken += 1
            kept = self.bound
            self.relax(stop, rounds=rounds)
            self.bound = kept  # of the whole, not of what was fixed
        for c in done.values():
            self._lp.changeColBounds(offset + c, 0.0, highspy.kHighsInf)
        return np.array([self.plans[done[p]] for p in range(people)]) if len(done) == people else None

    def whole(self, known: IntArray, stop: Stop, *, limit_s: float, seed: int) -> IntArray:
        """The best roster of the columns at hand that the time allows, at least as good as `known`."""
        for p in range(len(self.patterns)):
            self.add(p, known[p])
        costs = [sum(int(self.cost[p, d, plan[d]]) for d in np.flatnonzero(plan != OFF))
                 for p, plan in zip(self.owner, self.plans, strict=True)]
        start = {self._met[p, known[p].astype(np.int8).tobytes()] for p in range(len(self.patterns))}
        covers = [[n for d in np.flatnonzero(plan != OFF) for n in self._needs.get((p, int(d), int(plan[d])), [])]
                  for p, plan in zip(self.owner, self.plans, strict=True)]
        chosen = choose_one_each(self.owner, costs, covers, self.problem.needs, start, stop, limit_s, 1, seed)
        found = np.array([self.plans[c] for c in chosen]) if chosen else known
        return found if total(self.problem, found) < total(self.problem, known) else known


def first_roster(columns: Columns, *, passes: int = 3) -> IntArray | None:
    """One person after the other takes the pattern that is cheapest beside the others'; None if one has none."""
    problem = columns.problem
    people, days, _ = problem.shape
    roster = np.full((people, days), OFF)
    for turn in range(passes):
        for p in range(people):
            roster[p] = OFF
            price = columns.cost[p].copy()
            for need in problem.needs:
                if p in need.people:
                    worth = need.over if need.there(roster) >= need.least else -float(need.under or 0)
                    for d, k in need.cells:
                        price[d, k] += worth
            value, plan = cheapest(price, columns.patterns[p], -1, True)
            if not np.isfinite(value):
                return None
            roster[p] = plan
            if turn == passes - 1:
                columns.add(p, plan)
    for p in range(people):
        columns.add(p, roster[p])
    return roster


def _patterns(problem: Problem) -> list[Pattern]:
    unit = gcd(*[duty.length_min for duty in problem.duties])
    days, weekends = problem.days, len(problem.weekends())
    length = np.array([duty.length_min // unit for duty in problem.duties])
    return [
        Pattern(
            length, problem.clash, np.array(one.most_each or [days] * len(length)), -(-one.least_min // unit),
            min(one.most_min // unit, days * int(length.max())), one.least_row, min(one.most_row, days), one.least_off,
            min(one.most_weekends, weekends), problem.first.weekday(),
        )
        for one in problem.people
    ]  # fmt: skip
