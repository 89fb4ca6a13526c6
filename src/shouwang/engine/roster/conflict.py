"""Why there is no roster: rules that cannot all be kept, none of which can be left out, and what would help."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from shouwang.engine.roster._model import Model, improve
from shouwang.engine.roster._sat import run
from shouwang.engine.roster.terms import Problem
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import IntArray

RULES = (
    "absent", "no_nights", "rest_between", "rest_day", "days_in_row", "overtime_month", "hours_total", "pattern",
)  # fmt: skip
"""Codes of rules that may be questioned, besides `need`; what somebody cannot do (`skill`) may not."""

_CHECK_S = 10.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its code; need: the number of the need if it is one."""

    code: str
    need: int | None = None


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing that would make a roster possible.

    code `missing`: with `missing` people fewer asked for, or more to ask, in each of `needs`; code `without`: if the
    rule `rule` were not there.
    """

    code: str
    rule: str = ""
    needs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """rules: cannot all be kept; minimal: proven that each of them is needed for that; remedies: each alone helps."""

    rules: tuple[Rule, ...]
    minimal: bool
    remedies: tuple[Remedy, ...]


def conflict(problem: Problem, stop: Stop, *, workers: int = 2) -> Conflict | None:
    """A set of rules that conflict, none of which can be left out; None if not even all together are proven to.

    Found by leaving out rule after rule (Chinneck and Dravnieks, ORSA Journal on Computing 3, 1991), halves first
    (QuickXplain, Junker, AAAI 2004).
    """
    made = Model(problem, guarded=(*RULES, "need"), free=True)
    asked = _Asked(made, stop, workers)
    keys = sorted(made.guards, key=lambda key: (key[0] != "need", key))
    if asked.status(keys, limit_s=stop.remaining_s()) != "impossible":
        return None
    core = _smallest(asked, [], [], keys)
    asked.sure |= len(core) == 1
    rules = tuple(Rule(code, number if code == "need" else None) for code, number in core)
    return Conflict(rules, asked.sure, tuple(_remedies(problem, core, asked, keys, stop, workers)))


class _Asked:
    """Asks whether some rules can be kept together; sure: until now each answer was proven."""

    def __init__(self, made: Model, stop: Stop, workers: int) -> None:
        self.made, self.stop, self.workers, self.sure = made, stop, workers, True

    def status(self, keys: Iterable[tuple[str, int]], *, limit_s: float = _CHECK_S) -> str:
        model = self.made.model.clone()
        wanted = set(keys)
        for key, guard in self.made.guards.items():
            literal = model.get_bool_var_from_proto_index(guard.index)
            model.add(literal == (key in wanted))
        return run(model, self.stop, self.workers, 0, limit_s=limit_s)[1]

    def broken(self, keys: Iterable[tuple[str, int]]) -> bool:
        """True if proven that they cannot; where time runs out they are taken to be possible."""
        status = self.status(keys)
        self.sure &= status != "unknown"
        return status == "impossible"


def _smallest(
    asked: _Asked, given: list[tuple[str, int]], added: list[tuple[str, int]], keys: list[tuple[str, int]]
) -> list[tuple[str, int]]:
    """QuickXplain: those of `keys` that with `given` conflict, none of which can be left out."""
    if added and asked.broken(given):
        return []
    if len(keys) == 1:
        return [] if not added and asked.broken(given) else keys
    half = len(keys) // 2
    one, two = keys[:half], keys[half:]
    from_two = _smallest(asked, given + one, one, two)
    from_one = _smallest(asked, given + from_two, from_two, one)
    return from_one + from_two


def _remedies(
    problem: Problem, core: list[tuple[str, int]], asked: _Asked, keys: list[tuple[str, int]], stop: Stop, workers: int
) -> Iterable[Remedy]:
    found = _fewest_missing(problem, {number for code, number in core if code == "need"}, stop, workers)
    if found is None:  # others are missing too
        found = _fewest_missing(problem, set(range(len(problem.needs))), stop, workers)
    if found is not None:
        there = [n.there(found) for n in problem.needs]
        short = [(number, need.least - there[number]) for number, need in enumerate(problem.needs)
                 if need.under is None and there[number] < need.least]
        yield Remedy("missing", needs=tuple(short))
    for code in dict.fromkeys(code for code, _ in core if code != "need"):
        if asked.status(key for key in keys if key[0] != code) in ("optimal", "feasible"):
            yield Remedy("without", rule=code)


def _fewest_missing(problem: Problem, where: set[int], stop: Stop, workers: int) -> IntArray | None:
    """A roster with the fewest people missing at the needs `where`, and none at others that must be met."""
    needs = tuple(replace(n, under=1 if i in where and n.under is None else n.under and 0, over=0)
                  for i, n in enumerate(problem.needs))
    free = replace(problem, needs=needs, cost=np.zeros_like(problem.cost), constant=0, balance=())
    return improve(free, None, stop, limit_s=_CHECK_S, workers=workers)[0]
