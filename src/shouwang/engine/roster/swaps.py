"""Changes of a roster by hand: two people change duties, somebody takes an open one, somebody falls ill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from shouwang.engine.roster.check import Broken, check, check_person
from shouwang.engine.roster.terms import OFF, Bar, Problem, total
from shouwang.engine.terms import IntArray


@dataclass(frozen=True, slots=True)
class Change:
    """roster: after the change; broken: the rules it breaks that were kept before; cost: by how much it costs more."""

    roster: IntArray
    broken: tuple[Broken, ...]
    cost: int

    @property
    def legal(self) -> bool:
        return not self.broken


def swap(problem: Problem, roster: IntArray, first: tuple[int, int], second: tuple[int, int]) -> Change:
    """Two people, each with a day, give each other what they have on these days, duty or day off.

    On two days each takes over the other's duty and is rid of their own.
    """
    (p, d), (q, e) = first, second
    made = roster.copy()
    for day in {d, e}:
        made[[p, q], day] = roster[[q, p], day]
    return judged(problem, roster, made)


def judged(problem: Problem, before: IntArray, after: IntArray) -> Change:
    """What a change breaks that was whole before, and what it costs."""
    old = {_what(one): _by(one) for one in check(problem, before)}
    fresh = tuple(one for one in check(problem, after) if _what(one) not in old or _by(one) > old[_what(one)])
    return Change(after, fresh, total(problem, after) - total(problem, before))


def _what(broken: Broken) -> tuple[str, int | None, int | None, int | None]:
    return broken.code, broken.person, broken.day, broken.need


def _by(broken: Broken) -> int:
    return 0 if broken.found is None or broken.limit is None else abs(broken.found - broken.limit)


def able(
    problem: Problem, roster: IntArray, day: int, duty: int, others: Iterable[int], *, instead_of: int | None = None
) -> list[int]:
    """Who of `others` is off that day and can take a duty with every rule kept, whoever bears least first;
    instead_of: who is rid of it."""
    found = []
    for q in others:
        if roster[q, day] != OFF:
            continue
        made = roster.copy()
        made[q, day] = duty
        if instead_of is not None:
            made[instead_of, day] = OFF
        people = (q,) if instead_of is None else (instead_of, q)
        if not _worse(problem, roster, made, people, () if instead_of is None else (day,)):
            found.append((_added(problem, roster, q, day, duty), q))
    return [q for _cost, q in sorted(found)]


def exchanges(
    problem: Problem, roster: IntArray, person: int, day: int, others: Iterable[int]
) -> list[tuple[int, int]]:
    """Whom of `others`, and for which of their days, somebody could give the duty of `day` and take theirs instead,
    with every rule kept that was kept before. Theirs is on a day on which the one is off, and the other way round, or
    another duty of the same day."""
    found = []
    for q in others:
        for e in range(problem.past, problem.days):
            mine, theirs = roster[person, e], roster[q, e]
            apart = e != day and mine == OFF and roster[q, day] == OFF
            if q == person or theirs == OFF or not (apart or (e == day and theirs != mine)):
                continue
            made = roster.copy()
            for at in {day, e}:
                made[[person, q], at] = made[[q, person], at]
            if not _worse(problem, roster, made, (person, q), (day, e)):
                found.append((q, e))
    return found


def _worse(problem: Problem, before: IntArray, after: IntArray, people: tuple[int, ...], days: tuple[int, ...]) -> bool:
    """Whether a change of these people on these days breaks what was whole before; the rest is not looked at."""
    for p in people:
        old = {_what(one): _by(one) for one in check_person(problem, p, [int(k) for k in before[p]])}
        for one in check_person(problem, p, [int(k) for k in after[p]]):
            if _what(one) not in old or _by(one) > old[_what(one)]:
                return True
    for need in problem.needs:
        if need.under is None and (need.day in days or (need.earlier and need.day - 1 in days)):
            there = [need.there(roster) for roster in (before, after)]
            if there[1] < min(there[0], need.least):
                return True
    return False


def takers(problem: Problem, roster: IntArray, day: int, duty: int) -> list[tuple[int, Change]]:
    """Everybody who is off that day and could take the duty: legal ones first, then by cost."""
    found = []
    for p in np.flatnonzero(roster[:, day] == OFF):
        made = roster.copy()
        made[p, day] = duty
        found.append((int(p), judged(problem, roster, made)))
    return sorted(found, key=lambda one: (len(one[1].broken), one[1].cost, one[0]))


def repaired(problem: Problem, roster: IntArray) -> IntArray:
    """A roster in which some needs lack people, with each gap filled by one of those who may take it, who bears least:
    one change for each, than which none fewer is enough. Gaps that nobody may take stay."""
    made = roster.copy()
    for need in problem.needs:
        missing = need.least - need.there(made)
        free = [(_added(problem, made, p, d, k), p, d, k) for d, k in need.cells if d >= problem.past
                for p in need.people if made[p, d] == OFF]
        for _cost, p, d, k in sorted(free) if missing > 0 else ():
            after = made.copy()
            after[p, d] = k
            if made[p, d] == OFF and not _worse(problem, made, after, (p,), ()):
                made, missing = after, missing - 1
                if not missing:
                    break
    return made


def _added(problem: Problem, roster: IntArray, p: int, day: int, duty: int) -> int:
    """What one more duty of a person costs them alone."""
    cost = int(problem.cost[p, day, duty])
    for balance in problem.balance:
        if balance.cells[day, duty]:
            on = [d for d in range(problem.past, problem.days)
                  if roster[p, d] != OFF and balance.cells[d, roster[p, d]]]
            cost += balance.weight * (2 * (int(balance.carried[p]) + len(on)) + 1)
    return cost


def keeping(problem: Problem, roster: IntArray, weight: int, *, absent: dict[int, range] | None = None) -> Problem:
    """The problem of changing a roster as little as possible: each day of a person that changes costs `weight`.

    absent: people who cannot come, and the days; their own lost duties cost nothing.
    """
    cost, constant = problem.cost.copy(), problem.constant
    barred, gone = np.zeros(problem.shape, bool), np.zeros(roster.shape, bool)
    gone[:, : problem.past] = True
    for p, days in (absent or {}).items():
        barred[p, list(days)] = gone[p, list(days)] = True
    for p, d in np.argwhere(~gone):
        if roster[p, d] == OFF:
            cost[p, d] += weight
        else:
            cost[p, d, roster[p, d]] -= weight
            constant += weight
    return replace(problem, cost=cost, constant=constant, bars=(*problem.bars, Bar("absent", barred)))
