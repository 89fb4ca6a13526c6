"""Where needs may be met in part, any roster is legal, an empty one too: people are added one by one where most is
missing, as long as each stays legal. Search then goes on from there."""

from __future__ import annotations

import heapq
from collections import defaultdict

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
    short = {n: need.least - need.there(roster)
             for n, need in enumerate(problem.needs) if need.under}  # fmt: skip
    queue = [(-missing / problem.needs[n].least, n) for n, missing in short.items() if missing > 0]
    heapq.heapify(queue)
    refused: set[tuple[int, int, int]] = set()
    counts: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n in short:
        for cell in problem.needs[n].cells:
            counts[cell].append(n)
    while queue and not stop():
        _, n = heapq.heappop(queue)
        need = problem.needs[n]
        chosen = _first(problem, rows, load, n, allowed, refused)
        if chosen is None:
            continue
        p, day, duty = chosen
        rows[p][day] = duty
        load[p] += 1
        for other in counts[day, duty]:
            short[other] -= p in problem.needs[other].people
        if short[n] > 0:
            heapq.heappush(queue, (-short[n] / need.least, n))
    return np.array(rows, np.int64)


def _first(
    problem: Problem, rows: list[list[int]], load: list[int], n: int, allowed: BoolArray,
    refused: set[tuple[int, int, int]],
) -> tuple[int, int, int] | None:  # fmt: skip
    """Of those who are off, the first who can take a duty of need `n`, with its day and the duty."""
    cells = [(d, k) for d, k in problem.needs[n].cells if d >= problem.past]
    for p in sorted(problem.needs[n].people, key=lambda p: (load[p], p)):
        for day, duty in cells:
            if rows[p][day] != OFF or (p, day, duty) in refused or not allowed[p, day, duty]:
                continue
            row = [*rows[p][:day], duty, *rows[p][day + 1:]]
            if not any(check_person(problem, p, row)):
                return p, day, duty
            refused.add((p, day, duty))
    return None
