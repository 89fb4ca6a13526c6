"""The engine's answer to a roster's question, as plain values. Touches no row: it may run in a thread of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any

import numpy as np

from shouwang.engine.roster.check import Broken, check
from shouwang.engine.roster.conflict import Conflict, conflict
from shouwang.engine.roster.solve import solve
from shouwang.engine.roster.terms import OFF, Problem
from shouwang.engine.solve.certificate import Certificate
from shouwang.engine.solve.stop import TimeLimit
from shouwang.engine.terms import IntArray

from . import asking

WHY_S = 60.0  # for saying which rules conflict
WORKERS = max(1, min(4, (os.cpu_count() or 1) // 2))  # the desk goes on meanwhile
Rows = dict[str, list[int]]


class Until:
    """Ends a search after so many seconds, or as soon as somebody says so."""

    def __init__(self, limit_s: float) -> None:
        self.said, self._limit = Event(), TimeLimit(limit_s)

    def __call__(self) -> bool:
        return self.said.is_set() or self._limit()

    def remaining_s(self) -> float:
        return 0.0 if self.said.is_set() else self._limit.remaining_s()


@dataclass(frozen=True)
class Made:
    """`rows`: empty where there is no roster; `figures`: status, objective, bound, gap, seconds, conflict."""

    rows: Rows
    figures: dict[str, Any]


def make(
    given: Mapping[str, Any], until: Until, better: Callable[[Made], None], step: Callable[[str], None]
) -> Made:
    """The best roster found. better: told each better one; step: told when the search for the reasons begins."""
    problem, began = asking.problem(given), monotonic()

    def told(roster: IntArray, proof: Certificate) -> None:
        better(Made(rows(problem, roster), _figures("feasible", proof, began)))

    found = solve(problem, until, workers=WORKERS, on_better=told)
    if found.roster is not None:
        return Made(rows(problem, found.roster), _figures(found.status, found.certificate, began))
    figures = _figures(found.status, None, began)
    if found.status == "impossible" and not until.said.is_set():
        step("why")
        why = conflict(problem, _Either(until, TimeLimit(WHY_S)), workers=WORKERS)
        figures["conflict"] = None if why is None else _conflict(problem, why)
    return Made({}, figures)


@dataclass(frozen=True)
class _Either:
    """The reasons have seconds of their own: the search may have used up its."""

    until: Until
    limit: TimeLimit

    def __call__(self) -> bool:
        return self.until.said.is_set() or self.limit()

    def remaining_s(self) -> float:
        return 0.0 if self.until.said.is_set() else self.limit.remaining_s()


def rows(problem: Problem, roster: IntArray) -> Rows:
    return {person.name: [int(k) for k in roster[p, problem.past:]] for p, person in enumerate(problem.people)}


def broken(given: Mapping[str, Any], made: Mapping[str, Sequence[int]]) -> list[dict[str, Any]]:
    """The rules that a roster breaks, told from the rules themselves and not from the solver's model."""
    problem = asking.problem(given)
    roster = np.full((len(problem.people), problem.days), OFF)
    roster[:, : problem.past] = problem.known
    for p, person in enumerate(problem.people):
        roster[p, problem.past:] = made[person.name]
    return [_broken(problem, one) for one in check(problem, roster)]


def _broken(problem: Problem, one: Broken) -> dict[str, Any]:
    return {
        "rule": one.code, "person": None if one.person is None else problem.people[one.person].name,
        "day": None if one.day is None else problem.date(one.day).isoformat(),
        "need": None if one.need is None else _need(problem, one.need),
    }  # fmt: skip


def _figures(status: str, proof: Certificate | None, began: float) -> dict[str, Any]:
    return {
        "status": status, "objective": proof and proof.objective,
        # no bound yet is told as none: JSON knows no infinity
        "bound": proof.bound if proof and np.isfinite(proof.bound) else None,
        "gap": proof.gap if proof and np.isfinite(proof.bound) else None, "seconds": round(monotonic() - began, 1),
    }  # fmt: skip


def _need(problem: Problem, number: int) -> dict[str, Any]:
    need = problem.needs[number]
    (duty,) = need.duties
    return {"service": need.name, "day": problem.date(need.day).isoformat(), "shift": problem.duties[duty].name,
            "count": need.least}  # fmt: skip


def _conflict(problem: Problem, why: Conflict) -> dict[str, Any]:
    return {
        "rules": [{"rule": r.code, "need": None if r.need is None else _need(problem, r.need)} for r in why.rules],
        "minimal": why.minimal,
        "remedies": [
            {"remedy": one.code, "rule": one.rule,
             "needs": [_need(problem, n) | {"missing": missing} for n, missing in one.needs]}
            for one in why.remedies
        ],
    }  # fmt: skip
