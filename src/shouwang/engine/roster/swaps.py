"""Changes of a roster by hand: two people change duties, somebody takes an open one, somebody falls ill."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shouwang.engine.roster.check import Broken, check
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


def takers(problem: Problem, roster: IntArray, day: int, duty: int) -> list[tuple[int, Change]]:
    """Everybody who is off that day and could take the duty: legal ones first, then by cost."""
    found = []
    for p in np.flatnonzero(roster[:, day] == OFF):
        made = roster.copy()
        made[p, day] = duty
        found.append((int(p), judged(problem, roster, made)))
    return sorted(found, key=lambda one: (len(one[1].broken), one[1].cost, one[0]))


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
