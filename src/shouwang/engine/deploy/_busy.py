"""The compiled parts of expected cover: a local search, and a bound by prices.

Demand within reach of n posts counts w (1 - q^n): the n-th post adds w (1-q) q^(n-1). What is fixed or
taken for good lowers w by q each, so that every question looks like the first one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.terms import BoolArray, FloatArray, IntArray


class Reach(NamedTuple):
    """Per candidate j the demand it reaches, row[start[j]] … row[start[j+1]-1], with a weight per demand."""

    start: IntArray
    row: IntArray
    weight: FloatArray


def reach_of(covers: BoolArray, weight: FloatArray) -> Reach:
    """From a table of demand × candidates."""
    column, row = np.nonzero(covers.T)
    start = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=covers.shape[1]))])
    return Reach(start.astype(np.int64), row.astype(np.int64), weight)


@compiled
def gain(reach: Reach, worth: FloatArray, times: IntArray, j: int) -> float:
    """What one more post at j adds; worth: per number of posts that reach a demand already."""
    total = 0.0
    for k in range(reach.start[j], reach.start[j + 1]):
        u = reach.row[k]
        total += reach.weight[u] * worth[times[u]]
    return total


@compiled
def shift(reach: Reach, times: IntArray, j: int, by: int) -> None:
    """Count one post more (by = 1) or fewer (by = -1) at j."""
    for k in range(reach.start[j], reach.start[j + 1]):
        times[reach.row[k]] += by


@compiled
def improve(reach: Reach, worth: FloatArray, chosen: IntArray, fixed: int, first: int) -> float:
    """Fill `chosen` from position `first` on greedily, exchange while that helps, and return the cover.

    Its first `fixed` entries stay. Each post in turn gives way to the best closed candidate (Teitz and
    Bart, Operations Research 16, 1968).
    """
    places = reach.start.size - 1
    times, is_open = np.zeros(reach.weight.size, np.int64), np.zeros(places, np.bool_)
    for s in range(first):
        is_open[chosen[s]] = True
        shift(reach, times, chosen[s], 1)
    for s in range(first, chosen.size):
        chosen[s] = _best_closed(reach, worth, times, is_open)[0]
        is_open[chosen[s]] = True
        shift(reach, times, chosen[s], 1)
    s, since = fixed, fixed
    while since < chosen.size:
        out = chosen[s]
        shift(reach, times, out, -1)
        is_open[out] = False
        loss = gain(reach, worth, times, out)
        into, most = _best_closed(reach, worth, times, is_open)
        if most > loss + 1e-9 * (1 + loss):
            chosen[s], since = into, fixed
        else:
            since += 1
        is_open[chosen[s]] = True
        shift(reach, times, chosen[s], 1)
        s = s + 1 if s + 1 < chosen.size else fixed
    total = 0.0
    for u in range(times.size):
        for n in range(times[u]):
            total += reach.weight[u] * worth[n]
    return total


@compiled
def _best_closed(reach: Reach, worth: FloatArray, times: IntArray, is_open: BoolArray) -> tuple[int, float]:
    best, most = -1, -1.0
    for j in range(is_open.size):
        if not is_open[j]:
            value = gain(reach, worth, times, j)
            if value > most:
                best, most = j, value
    return best, most


@compiled
def upper_bound(
    reach: Reach, worth: FloatArray, count: int, price: FloatArray, value: float, steps: int
) -> tuple[float, FloatArray, FloatArray, BoolArray]:
    """The least bound found on the cover by `count` posts: (bound, prices, rent per candidate, which it takes).

    Demand pays a price λ_u for each post that reaches it, and so takes levels worth more than that:
    L(λ) = Σ_u Σ_k max(0, w_u (1-q) q^k - λ_u) + the `count` largest rents, rent_j = Σ_u λ_u over the demand
    j reaches. L is lowered by deflected subgradient steps (Camerini, Fratta and Maffioli, Mathematical
    Programming Study 3, 1975); value: cover of a known answer, which scales them.
    """
    demands, places = reach.weight.size, reach.start.size - 1
    rent, taken, step = np.zeros(places), np.zeros(places, np.bool_), np.zeros(demands)
    best, best_price, best_rent, best_taken = np.inf, price.copy(), rent.copy(), taken.copy()
    scale, idle = 1.0, 0
    for _ in range(steps):
        bound, excess = 0.0, np.zeros(demands)
        for u in range(demands):
            for n in range(count):
                more = reach.weight[u] * worth[n] - price[u]
                if more <= 0:
                    break
                bound += more
                excess[u] -= 1
        for j in range(places):
            rent[j] = 0.0
            for k in range(reach.start[j], reach.start[j + 1]):
                rent[j] += price[reach.row[k]]
        taken[:] = False
        for j in np.argsort(-rent)[:count]:
            taken[j] = True
            bound += rent[j]
            for k in range(reach.start[j], reach.start[j + 1]):
                excess[reach.row[k]] += 1
        idle = 0 if bound < best - 1e-7 * abs(best) else idle + 1
        if bound < best:
            best, best_price[:], best_rent[:], best_taken[:] = bound, price, rent, taken
        if idle >= 30:
            scale, idle = scale / 2, 0
            price[:] = best_price
            if scale < 1e-4:
                break
        step[:] = 0.7 * excess + 0.3 * step
        length = (step * step).sum()
        if length == 0 or bound <= value:
            break
        price[:] = np.maximum(0.0, price - scale * (bound - value) / length * step)
    return best, best_price, best_rent, best_taken
