"""The engine's answer to a roster's question, as plain values. Touches no row: it may run in a thread of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Event
from time import monotonic
from typing import Any

import numpy as np

from shouwang.engine.roster.check import Broken, check
from shouwang.engine.roster.conflict import Conflict, conflict
from shouwang.engine.roster.solve import solve
from shouwang.engine.roster.swaps import able, exchanges, judged
from shouwang.engine.roster.terms import OFF, Problem, total
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
    file, began = asking.file(given), monotonic()
    problem = file.problem

    def told(roster: IntArray, proof: Certificate) -> None:
        better(Made(rows(problem, roster), _figures("feasible", proof, began)))

    found = solve(problem, until, workers=WORKERS, on_better=told, previous=file.previous)
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


@dataclass(frozen=True)
class Fault:
    """A rule that a roster breaks, by its code. `user`, `day`: whose turns break it and when, where it is about one."""

    code: str
    user: str = ""
    day: date | None = None


def faults(given: Mapping[str, Any], made: Mapping[str, Sequence[int]]) -> list[Fault]:
    """The rules that a roster breaks, told from the rules themselves and not from the solver's model."""
    problem = asking.problem(given)
    return _faults(problem, check(problem, _array(problem, made)))


def new_faults(given: Mapping[str, Any], made: Mapping[str, Sequence[int]], after: Mapping[str, Sequence[int]]
               ) -> list[Fault]:  # fmt: skip
    """The rules that `after` breaks and that were kept before."""
    problem = asking.problem(given)
    return _faults(problem, judged(problem, _array(problem, made), _array(problem, after)).broken)


def _faults(problem: Problem, found: Iterable[Broken]) -> list[Fault]:
    told = (Fault(one.code, "" if one.person is None else problem.people[one.person].name,
                  None if one.day is None else problem.date(one.day)) for one in found)  # fmt: skip
    return list(dict.fromkeys(told))


@dataclass(frozen=True)
class Cover:
    """How many of a service a piece of a day has, as 11:00—15:00, beside how many it asks for."""

    service: str
    at: str
    day: int
    there: int
    asked: int


def cover(given: Mapping[str, Any], made: Mapping[str, Sequence[int]]) -> list[Cover]:
    """What needs by hour have. Hours after midnight stand with the day on which the duties begin that alone cover
    them."""
    problem = asking.problem(given)
    roster = _array(problem, made)
    return [Cover(n.name, n.at, n.day - problem.past, n.there(roster), n.least) for n in problem.needs if n.at]


@dataclass(frozen=True)
class Edited:
    """A roster changed by hand. `broken`: codes of rules that it breaks and that were kept before."""

    rows: Rows
    broken: list[str]
    objective: float


def edited(given: Mapping[str, Any], made: Mapping[str, Sequence[int]], sets: Iterable[tuple[str, int, int]]) -> Edited:
    """Days of members (by number) set to a shift (its number, -1: off)."""
    problem = asking.problem(given)
    before = _array(problem, made)
    after, place = before.copy(), {person.name: p for p, person in enumerate(problem.people)}
    for user, day, shift in sets:
        after[place[user], problem.past + day] = shift
    change = judged(problem, before, after)
    return Edited(rows(problem, after), list(dict.fromkeys(one.code for one in change.broken)),
                  float(total(problem, after)))  # fmt: skip


@dataclass(frozen=True)
class Options:
    """What a member can do with a turn within the rules. `takers`: who may take it over, the fairest first; `swaps`:
    who may take it and give which day's turn for it."""

    takers: list[str]
    swaps: list[tuple[str, int]]


def options(given: Mapping[str, Any], made: Mapping[str, Sequence[int]], user: str, day: int, since: int) -> Options:
    """Within those who count for the same service; swaps for days from `since` on."""
    problem = asking.problem(given)
    roster, past = _array(problem, made), problem.past
    ids = [person.name for person in problem.people]
    kinds = {one["id"]: one["kind"] for one in given["people"]}
    p = ids.index(user)
    alike = [q for q, i in enumerate(ids) if i != user and kinds[i] == kinds[user]]
    free = able(problem, roster, past + day, int(roster[p, past + day]), alike, instead_of=p)
    found = exchanges(problem, roster, p, past + day, alike)
    return Options([ids[q] for q in free], [(ids[q], e - past) for q, e in found if e - past >= since])


def may_take(given: Mapping[str, Any], made: Mapping[str, Sequence[int]], day: int, shift: int, service: str
             ) -> list[str]:  # fmt: skip
    """Who could take a shift that nobody has, the fairest first."""
    problem = asking.problem(given)
    ids = [person.name for person in problem.people]
    alike = [p for p, one in enumerate(given["people"]) if one["kind"] == service]
    return [ids[q] for q in able(problem, _array(problem, made), problem.past + day, shift, alike)]


def reproven(objective: float, bound: float | None) -> dict[str, Any]:
    """What is proven about a roster changed by hand: the bound stands, for it holds for every roster."""
    gap = None if bound is None else Certificate(objective, bound).gap
    return {"status": "feasible", "objective": objective, "gap": gap}


def _array(problem: Problem, made: Mapping[str, Sequence[int]]) -> IntArray:
    roster = np.full((len(problem.people), problem.days), OFF)
    roster[:, : problem.past] = problem.known
    for p, person in enumerate(problem.people):
        roster[p, problem.past:] = made[person.name]
    return roster


def _figures(status: str, proof: Certificate | None, began: float) -> dict[str, Any]:
    known = proof is not None and bool(np.isfinite(proof.bound))  # no bound yet is told as none
    return {
        "status": status, "objective": proof and proof.objective, "bound": proof.bound if proof and known else None,
        "gap": proof.gap if proof and known else None, "seconds": round(monotonic() - began, 1),
    }  # fmt: skip


def _need(problem: Problem, number: int) -> dict[str, Any]:
    need = problem.needs[number]
    shift = need.at or problem.duties[need.duties[0]].name
    return {"service": need.name, "day": problem.date(need.day).isoformat(), "shift": shift,
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
