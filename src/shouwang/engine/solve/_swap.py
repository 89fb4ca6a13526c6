"""Local search over which places are open: exchange one open place for one closed while that helps.

Teitz and Bart (Operations Research 16, 1968), with the fast evaluation of Whitaker (INFOR 21, 1983) in the
form of Resende and Werneck (European Journal of Operational Research 174, 2007): with the nearest and
second nearest open place of every demand, the best place to close for a given one to open follows from one
pass over demand.
"""

from __future__ import annotations

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

NONE = -1


@compiled
def greedy(cost: FloatArray, cap: FloatArray, chosen: IntArray, first: int, is_open: BoolArray) -> None:
    """Fill `chosen` from position `first` on with the place that lowers the total most, one after the
    other.
    """
    served = cap.copy()
    for s in range(first):
        served = np.minimum(served, cost[chosen[s]])
    for s in range(first, chosen.size):
        best, best_gain = NONE, -1.0
        for i in range(cost.shape[0]):
            if not is_open[i]:
                gain = 0.0
                for u in range(cap.size):
                    if cost[i, u] < served[u]:
                        gain += served[u] - cost[i, u]
                if gain > best_gain:
                    best, best_gain = i, gain
        chosen[s] = best
        is_open[best] = True
        served = np.minimum(served, cost[best])


@compiled
def two_best(
    cost: FloatArray, cap: FloatArray, chosen: IntArray, u: int, near: FloatArray, far: FloatArray,
    near_at: IntArray, far_at: IntArray,
) -> None:  # fmt: skip
    """Cheapest and second cheapest open place of demand u; places are positions in `chosen`, NONE is the
    cap.
    """
    a, b, a_at, b_at = cap[u], cap[u], NONE, NONE
    for s in range(chosen.size):
        c = cost[chosen[s], u]
        if c < a:
            b, b_at, a, a_at = a, a_at, c, s
        elif c < b:
            b, b_at = c, s
    near[u], far[u], near_at[u], far_at[u] = a, b, a_at, b_at


@compiled
def exchange(
    cost: FloatArray, cap: FloatArray, chosen: IntArray, fixed: int, is_open: BoolArray, most: int
) -> tuple[float, bool]:
    """Improve `chosen` in place by exchanges; its first `fixed` entries stay.

    cost: places × demand; cap: what a demand costs at most. Ends when no exchange helps (True is returned
    with the total) or after `most` evaluations of a place (False: call again).
    """
    places, demands = cost.shape
    near, far = np.empty(demands), np.empty(demands)
    near_at, far_at = np.empty(demands, np.int64), np.empty(demands, np.int64)
    for u in range(demands):
        two_best(cost, cap, chosen, u, near, far, near_at, far_at)
    loss, spared = np.zeros(chosen.size), np.zeros(chosen.size)
    _losses(near, far, near_at, fixed, loss)
    place, since, evaluated = 0, 0, 0
    while since < places and evaluated < most:
        if not is_open[place]:
            evaluated += 1
            gain = 0.0
            spared[:] = 0
            for u in range(demands):
                c = cost[place, u]
                if c < far[u]:
                    at = near_at[u]
                    if c < near[u]:
                        gain += near[u] - c
                        if at >= 0:
                            spared[at] += far[u] - near[u]
                    elif at >= 0:
                        spared[at] += far[u] - c
            out = np.argmax(spared - loss)
            if gain + spared[out] - loss[out] > 1e-9 * (1 + gain):
                is_open[chosen[out]], is_open[place] = False, True
                chosen[out] = place
                for u in range(demands):
                    if near_at[u] == out or far_at[u] == out or cost[place, u] < far[u]:
                        two_best(cost, cap, chosen, u, near, far, near_at, far_at)
                _losses(near, far, near_at, fixed, loss)
                since = 0
        since += 1
        place = (place + 1) % places
    return near.sum(), since >= places


@compiled
def _losses(near: FloatArray, far: FloatArray, near_at: IntArray, fixed: int, loss: FloatArray) -> None:
    """What closing each open place would cost; infinity for those that must stay."""
    loss[:] = 0
    for u in range(near.size):
        if near_at[u] >= 0:
            loss[near_at[u]] += far[u] - near[u]
    loss[:fixed] = np.inf
