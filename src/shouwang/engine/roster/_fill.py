"""Where needs may be met in part, any roster is legal, an empty one too: people are added one by one where most is
missing, as long as each stays legal. Search then goes on from there."""

from __future__ import annotations

import heapq

import numpy as np

from shouwang.engine.roster.check import check_person
from shouwang.engine.roster.terms import OFF, Problem
from shouwang.engine.solve.stop import Stop
from shouwang.engine.terms import BoolArray, IntArray


def filled(problem: Problem, roster: IntArray, stop: Stop) -> IntArray:
    """The roster with duties added until none that is missing can be had from anybody who is off, or until `stop`.

    The need with the largest share missing comes first, and of people those with the fewest duties. Whoever could not
    take a duty cannot take it later either, having more: no one is asked twice.
    """
    rows, allowed = roster.tolist(), problem.allowed
    load = [sum(k != OFF for k in row[problem.past:]) for row in rows]
    short = {n: need.least - int(np.isin(roster[list(need.people), need.day], need.duties).sum())
             for n, need in enumerate(problem.needs) if need.under}  # fmt: skip
    queue = [(-missing / problem.needs[n].least, n) for n, missing in short.items() if missing > 0]
    heapq.heapify(queue)
    refused: set[tuple[int, int, int]] = set()
    while queue and not stop():
        _, n = heapq.heappop(queue)
        need = problem.needs[n]
        chosen = _first(problem, rows, load, n, allowed, refused)
        if chosen is None:
            continue
        p, duty = chosen
        rows[p][need.day] = duty
        load[p] += 1
        for other, same in enumerate(problem.needs):
            if other in short and same.day == need.day and duty in same.duties and p in same.people:
                short[other] -= 1
        if short[n] > 0:
            heapq.heappush(queue, (-short[n] / need.least, n))
    return np.array(rows, np.int64)


def _first(
    problem: Problem, rows: list[list[int]], load: list[int], n: int, allowed: BoolArray,
    refused: set[tuple[int, int, int]],
) -> tuple[int, int] | None:  # fmt: skip
    """Of those who are off, the first who can take a duty of need `n`, with the duty."""
    need = problem.needs[n]
    free = [p for p in need.people if rows[p][need.day] == OFF]
    for p in sorted(free, key=lambda p: (load[p], p)):
        for duty in need.duties:
            if (p, need.day, duty) in refused or not allowed[p, need.day, duty]:
                continue
            row = [*rows[p][: need.day], duty, *rows[p][need.day + 1:]]
            if not any(check_person(problem, p, row)):
                return p, duty
            refused.add((p, need.day, duty))
    return None
