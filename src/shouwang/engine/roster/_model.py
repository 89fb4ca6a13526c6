"""The whole problem as one CP-SAT model: one yes or no for each person, day and duty."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from shouwang.engine.roster._sat import missing_and_extra, run, sat
from shouwang.engine.roster.terms import NO_LIMIT, OFF, Person, Problem
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import IntArray


class Model:
    """The rules of a problem, and its cost unless `free` is asked for.

    guarded: codes of rules that can be switched off one by one; `guards` then holds a literal for each of them (for
    needs that must be met, one for each need: ("need", its number)).
    """

    def __init__(self, problem: Problem, *, guarded: Collection[str] = (), free: bool = False) -> None:
        self.problem = problem
        self.model = sat().CpModel()
        self.guards: dict[tuple[str, int], Any] = {}
        self._guarded = frozenset(guarded)
        people, days, kinds = problem.shape
        usable = np.ones(problem.shape, bool)
        for d, k in np.argwhere(problem.too_long):
            usable[:, d, k] = False
        for bar in problem.bars:
            if bar.code not in self._guarded:
                usable &= ~bar.cells
        self.on: list[list[list[Any]]] = []
        for p in range(people):
            row: list[list[Any]] = [[int(problem.known[p, d] == k) for k in range(kinds)] for d in range(problem.past)]
            row += [[self.model.new_bool_var("") if usable[p, d, k] else 0 for k in range(kinds)]
                    for d in range(problem.past, days)]
            self.on.append(row)
        self.works = [[self._works(row[d], d) for d in range(days)] for row in self.on]
        for bar in problem.bars:
            if bar.code in self._guarded:
                for p, d, k in np.argwhere(bar.cells[:, problem.past:]):
                    self._rule(self.on[p][d + problem.past][k] == 0, bar.code)
        self._successions()
        for p, person in enumerate(problem.people):
            self._pattern(p, person)
            if problem.law is not None:
                self._law(p, person)
        terms = self._needs()
        if not free:
            terms += self._costs() + self._balances()
            self.model.minimize(sum(terms) + problem.constant)

    def hint(self, roster: IntArray) -> None:
        """Start from a roster."""
        for p, row in enumerate(self.on):
            for d in range(self.problem.past, self.problem.days):
                for k, cell in enumerate(row[d]):
                    if not isinstance(cell, int):
                        self.model.add_hint(cell, bool(roster[p, d] == k))

    def roster(self, value: Any) -> IntArray:
        """The roster of an answer; value: a cell's value in it."""
        found = np.full((len(self.on), self.problem.days), OFF)
        for p, row in enumerate(self.on):
            for d, cells in enumerate(row):
                for k, cell in enumerate(cells):
                    if cell if isinstance(cell, int) else value(cell):
                        found[p, d] = k
        return found

    def _works(self, cells: Sequence[Any], day: int) -> Any:
        if day < self.problem.past:
            return sum(cells)
        open_cells = [cell for cell in cells if not isinstance(cell, int)]
        if len(open_cells) <= 1:
            return open_cells[0] if open_cells else 0
        works = self.model.new_bool_var("")
        self.model.add_exactly_one([*open_cells, ~works])
        return works

    def _rule(self, rule: Any, code: str, number: int = -1) -> None:
        """Add a rule, under its guard if its code is guarded. A rule without anything open may be plain False."""
        if code in self._guarded:
            guard = self.guards.get((code, number))
            if guard is None:
                guard = self.guards[code, number] = self.model.new_bool_var(f"{code} {number}")
            if isinstance(rule, (bool, np.bool_)):
                if not rule:
                    self.model.add_bool_or([~guard])
            else:
                self.model.add(rule).only_enforce_if(guard)
        elif isinstance(rule, (bool, np.bool_)):
            if not rule:
                self.model.add_bool_or([])
        else:
            self.model.add(rule)

    def _successions(self) -> None:
        """Duties whose followers are the same stand in one rule: a person has one of them a day at most."""
        clash = self.problem.clash
        groups = [(np.flatnonzero((clash == row).all(axis=1)), np.flatnonzero(row))
                  for row in np.unique(clash, axis=0) if row.any()]
        for row in self.on:
            for d in range(max(1, self.problem.past), self.problem.days):
                for before, after in groups:
                    pair = sum(row[d - 1][k] for k in before) + sum(row[d][k] for k in after)
                    self._rule(pair <= 1, "rest_between")

    def _pattern(self, p: int, person: Person) -> None:
        problem, works = self.problem, self.works[p]
        days = range(problem.past, problem.days)
        for k, most in enumerate(person.most_each):
            if most < len(days):
                self._rule(sum(self.on[p][d][k] for d in days) <= most, "pattern")
        if person.least_min > 0 or person.most_min < NO_LIMIT:
            minutes = sum(duty.length_min * self.on[p][d][k] for d in days for k, duty in enumerate(problem.duties))
            self._rule(minutes >= person.least_min, "pattern")
            self._rule(minutes <= person.most_min, "pattern")
        for d in days[person.most_row:]:
            self._rule(sum(works[d - i] for i in range(person.most_row + 1)) <= person.most_row, "pattern")
        for d in days[1:]:
            for i in range(1, person.least_row):
                if d + i < problem.days:
                    self._rule(works[d] - works[d - 1] <= works[d + i], "pattern")
            for i in range(1, person.least_off):
                if d + i < problem.days:
                    self._rule(works[d - 1] - works[d] <= 1 - works[d + i], "pattern")
        if person.most_weekends < len(problem.weekends()):
            used = []
            for weekend in problem.weekends():
                used.append(self.model.new_bool_var(""))
                for d in weekend:
                    self._rule(works[d] <= used[-1], "pattern")
            self._rule(sum(used) <= person.most_weekends, "pattern")

    def _law(self, p: int, person: Person) -> None:
        problem, law, works = self.problem, self.problem.law, self.works[p]
        assert law is not None
        for d in range(max(law.most_row, problem.past), problem.days):
            self._rule(sum(works[d - i] for i in range(law.most_row + 1)) <= law.most_row, "days_in_row")
        into_next = [k for k, duty in enumerate(problem.duties) if duty.end_min > 1440]
        for week in problem.weeks():
            if len(week) == 7 and week[-1] >= problem.past:
                rests = []
                for d in week:
                    rests.append(self.model.new_bool_var(""))
                    touched = [works[d], *(self.on[p][d - 1][k] for k in into_next if d > 0)]
                    for one in touched:
                        self.model.add(one + rests[-1] <= 1)
                self._rule(sum(rests) >= law.rest_days, "rest_day")
        if law.hours == "standard":
            self._overtime(p, person)
        else:
            days = range(problem.past, problem.days)
            minutes = sum(duty.length_min * self.on[p][d][k] for d in days for k, duty in enumerate(problem.duties))
            most = law.total_min(len(days), overtime=person.overtime)
            self._rule(minutes <= most, "hours_total")

    def _overtime(self, p: int, person: Person) -> None:
        """Overtime of a week: what each day is longer than normal, and normal hours beyond the week's. It counts to
        the month in which the week ends."""
        problem, law = self.problem, self.problem.law
        by_month: dict[tuple[int, int], list[Any]] = {}
        assert law is not None
        for week in problem.weeks():
            if week[-1] < problem.past:
                continue
            normal, over = 0, 0
            for d in week:
                for k, duty in enumerate(problem.duties):
                    normal += min(duty.length_min, law.day_min) * self.on[p][d][k]
                    if d not in problem.exempt:
                        over += max(0, duty.length_min - law.day_min) * self.on[p][d][k]
            beyond = self.model.new_int_var(0, 7 * 1440, "")
            self._rule(beyond >= normal - law.week_min, "overtime_month")
            by_month.setdefault(problem.month(week[-1]), []).append(beyond + over)
        for month, terms in by_month.items():
            known = problem.overtime_min[p] if len(problem.overtime_min) and month == problem.month(0) else 0
            most = max(0, law.overtime_month_min - int(known)) if person.overtime else 0
            self._rule(sum(terms) <= most, "overtime_month")

    def _needs(self) -> list[Any]:
        terms: list[Any] = []
        for n, need in enumerate(self.problem.needs):
            on = sum(self.on[p][d][k] for d, k in need.cells for p in need.people)
            if need.under is None:
                self._rule(on >= need.least, "need", n)
            terms += missing_and_extra(self.model, on, need, len(need.people))
        return terms

    def _costs(self) -> list[Any]:
        cost, past = self.problem.cost, self.problem.past
        return [int(cost[p, d, k]) * self.on[p][d][k] for p, d, k in np.argwhere(cost) if d >= past]

    def _balances(self) -> list[Any]:
        """A count's square as the highest of its tangents: exact at whole numbers, and tight in between."""
        terms = []
        for balance in self.problem.balance:
            marked = [(d, k) for d, k in np.argwhere(balance.cells) if d >= self.problem.past]
            most = len({d for d, _ in marked})
            for p, carried in enumerate(map(int, balance.carried)):
                mine = [self.on[p][d][k] for d, k in marked if not isinstance(self.on[p][d][k], int)]
                if not mine:
                    terms.append(balance.weight * carried**2)
                    continue
                square = self.model.new_int_var(0, (carried + most) ** 2, "")
                for a in range(carried, carried + most):
                    self.model.add(square >= (2 * a + 1) * (sum(mine) + carried) - a * (a + 1))
                terms.append(balance.weight * square)
        return terms


def improve(
    problem: Problem, roster: IntArray | None, stop: Stop, *, limit_s: float = 1e9, workers: int = 2, seed: int = 0,
    free: bool = False, heard: Callable[[IntArray], object] | None = None,
) -> tuple[IntArray | None, float, str]:  # fmt: skip
    """Solve a problem as a whole, from a roster if there is one: (roster or None, bound, status as of `run`).

    free: any legal roster will do; heard: called with each better one.
    """
    made = Model(problem, free=free)
    if roster is not None:
        made.hint(roster)
    tell = None if heard is None else (lambda value: heard(made.roster(value)))
    one, status = run(made.model, stop, workers, seed, limit_s=limit_s, heard=tell)
    found = made.roster(one.boolean_value) if status in ("optimal", "feasible") else None
    return found, -np.inf if free else float(one.best_objective_bound), status
