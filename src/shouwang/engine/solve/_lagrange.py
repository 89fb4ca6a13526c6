"""Lower bounds for location problems by Lagrangian relaxation.

Each demand u pays a price λ_u for being served; what is left decides place by place:
L(λ) = Σ_u λ_u + the p smallest ρ_j, ρ_j = Σ_u min(0, c_ju - λ_u), which never exceeds the optimum
(Cornuéjols, Fisher and Nemhauser, Management Science 23, 1977). λ is improved by deflected subgradient steps
(Camerini, Fratta and Maffioli, Mathematical Programming Study 3, 1975).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.terms import AnyArray, BoolArray, FloatArray, IntArray


class Offers(NamedTuple):
    """Per demand u the places that can serve it below its cap, cheapest first, in start[u] … start[u+1]-1."""

    start: IntArray
    place: AnyArray
    cost: FloatArray


@compiled
def narrowed(offers: Offers, cap: FloatArray, free: BoolArray) -> Offers:
    """Only the offers of free places below (perhaps lower) caps."""
    start = np.empty_like(offers.start)
    place, cost = np.empty_like(offers.place), np.empty_like(offers.cost)
    kept = 0
    for u in range(cap.size):
        start[u] = kept
        for k in range(offers.start[u], offers.start[u + 1]):
            if offers.cost[k] >= cap[u]:
                break
            if free[offers.place[k]]:
                place[kept], cost[kept] = offers.place[k], offers.cost[k]
                kept += 1
    start[cap.size] = kept
    return Offers(start, place[:kept].copy(), cost[:kept].copy())


@compiled
def lower_bound(
    offers: Offers, cap: FloatArray, free: BoolArray, count: int, price: FloatArray, value: float,
    enough: float, steps: int, scale: float, patience: int,
) -> tuple[float, FloatArray, FloatArray, BoolArray, FloatArray]:  # fmt: skip
    """The best bound found when `count` of the free places open: (bound, λ, ρ, places chosen, how often).

    price: λ to start from (changed); value: total of a known answer, which scales the steps; ends at a
    bound of `enough`. After `patience` steps without gain the scale is halved.
    """
    demands, places = cap.size, free.size
    rent, key = np.zeros(places), np.empty(places)
    chosen, often, step = np.zeros(places, np.bool_), np.zeros(places), np.zeros(demands)
    best, best_price, best_rent, best_chosen = -np.inf, price.copy(), rent.copy(), chosen.copy()
    idle = 0
    for _ in range(steps):
        bound = 0.0
        rent[:] = 0
        for u in range(demands):
            bound += price[u]
            for k in range(offers.start[u], offers.start[u + 1]):
                if offers.cost[k] >= price[u]:
                    break
                rent[offers.place[k]] += offers.cost[k] - price[u]
        for j in range(places):
            key[j] = rent[j] if free[j] else np.inf
        chosen[:] = False
        for j in np.argsort(key)[:count]:
            chosen[j] = True
            bound += rent[j]
        idle = 0 if bound > best + 1e-7 * abs(best) else idle + 1
        if bound > best:
            best, best_price[:], best_rent[:], best_chosen[:] = bound, price, rent, chosen
        if best >= enough:
            break
        if idle >= patience:
            scale, idle = scale / 2, 0
            price[:] = best_price
            if scale < 1e-4:
                break
        for j in range(places):
            often[j] = 0.9 * often[j] + 0.1 * chosen[j]
        length = 0.0
        for u in range(demands):
            unserved = 1.0
            for k in range(offers.start[u], offers.start[u + 1]):
                if offers.cost[k] >= price[u]:
                    break
                if chosen[offers.place[k]]:
                    unserved -= 1
            step[u] = 0.7 * unserved + 0.3 * step[u]
            if price[u] < cap[u] or step[u] < 0:
                length += step[u] * step[u]
        if length == 0:
            break
        by = scale * (value - bound) / length
        for u in range(demands):
            price[u] = max(0.0, min(cap[u], price[u] + by * step[u]))
    return best, best_price, best_rent, best_chosen, often
