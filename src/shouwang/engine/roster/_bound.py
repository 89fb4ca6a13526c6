"""A bound that needs no search: each part of the cost at its least, whatever the other parts do."""

from __future__ import annotations

import heapq

import numpy as np

from shouwang.engine.roster.terms import Balance, Problem


def simple_bound(problem: Problem) -> float:
    """No legal roster costs less: wishes all granted, and duties that must be done shared out evenly."""
    free = np.where(problem.allowed, problem.cost, 0)[:, problem.past:]
    wishes = np.minimum(free.min(axis=2), 0).sum() if free.size else 0
    return float(problem.constant + wishes + sum(_shared(problem, balance) for balance in problem.balance))


def _shared(problem: Problem, balance: Balance) -> int:
    """The least weight · Σ count² when the duties that must be covered go to whoever has fewest."""
    asked: dict[tuple[tuple[int, int], ...], int] = {}
    for need in problem.needs:
        if need.under is None and all(balance.cells[d, k] and d >= problem.past for d, k in need.cells):
            asked[need.cells] = max(need.least, asked.get(need.cells, 0))
    taken: set[tuple[int, int]] = set()
    count = 0
    for cells, least in asked.items():  # each duty is counted in one need alone
        if taken.isdisjoint(cells):
            taken.update(cells)
            count += least
    have = [int(carried) for carried in balance.carried]
    heapq.heapify(have)
    for _ in range(count if have else 0):
        heapq.heapreplace(have, have[0] + 1)
    return balance.weight * sum(carried**2 for carried in have)
