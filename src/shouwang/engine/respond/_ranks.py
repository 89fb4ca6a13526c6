"""The compiled parts of an outlook: who is nearest where, what a unit's leaving costs, what a move gains."""

from __future__ import annotations

import numpy as np

from shouwang.engine.compiled import compiled
from shouwang.engine.terms import FloatArray, IntArray

NOBODY = -1


@compiled
def nearest_ranks(
    times_s: FloatArray, units: IntArray, beyond_s: float, keep: int
) -> tuple[IntArray, FloatArray]:
    """Per place the `keep` nearest of these units (rows of times_s) and their seconds, nearest first, of equals the
    first named; NOBODY after `beyond_s` where there are fewer in time."""
    places = times_s.shape[1]
    owner, seconds = np.full((places, keep), NOBODY, np.int64), np.full((places, keep), float(beyond_s))
    for u in units:
        for x in range(places):
            new_s = times_s[u, x]
            if new_s >= seconds[x, keep - 1]:
                continue
            r = keep - 1
            while r > 0 and seconds[x, r - 1] > new_s:
                seconds[x, r], owner[x, r] = seconds[x, r - 1], owner[x, r - 1]
                r -= 1
            seconds[x, r], owner[x, r] = new_s, u
    return owner, seconds


@compiled
def leaving_costs(
    owner: IntArray, seconds: FloatArray, weight: FloatArray, share: FloatArray, units: int
) -> tuple[float, FloatArray]:
    """Expected seconds over all places, and per unit the seconds more without it.

    share: probability that the i-th nearest is the first that is free; ranks have one column more than that,
    for who moves up when one of them is away.
    """
    mean_s, more_s = 0.0, np.zeros(units)
    for x in range(weight.size):
        later = 0.0
        for r in range(share.size - 1, -1, -1):
            mean_s += weight[x] * share[r] * seconds[x, r]
            later += share[r] * (seconds[x, r + 1] - seconds[x, r])
            if owner[x, r] != NOBODY:
                more_s[owner[x, r]] += weight[x] * later
    return mean_s, more_s


@compiled
def move_gains(
    owner: IntArray, seconds: FloatArray, weight: FloatArray, share: FloatArray, price_s: FloatArray, site_s: FloatArray
) -> FloatArray:
    """Units × sites: expected seconds saved when a unit stands at a site and not where it is.

    That is what the site saves without the unit, less the unit's price. Only places to which the site would be
    among the nearest are looked at; and where the unit is not, what the site saves is the same for all units.
    """
    sites, ranks = site_s.shape[0], share.size
    gain = np.zeros((price_s.size, sites))
    for s in range(sites):
        all_s = 0.0
        for x in range(weight.size):
            new_s = site_s[s, x]
            if new_s >= seconds[x, ranks]:
                continue
            nobody = ranks + 1
            added = _with(seconds, x, share, np.inf, nobody) - _with(seconds, x, share, new_s, nobody)
            all_s += weight[x] * added
            for r in range(ranks + 1):
                u = owner[x, r]
                if u == NOBODY:
                    break
                alone = _with(seconds, x, share, np.inf, r) - _with(seconds, x, share, new_s, r)
                gain[u, s] += weight[x] * (alone - added)
        for u in range(price_s.size):
            gain[u, s] += all_s - price_s[u]
    return gain


@compiled
def _with(seconds: FloatArray, x: int, share: FloatArray, new_s: float, without: int) -> float:
    """Expected seconds at a place with a unit more, `new_s` away, and the one of rank `without` gone."""
    total, r, put = 0.0, 0, False
    for i in range(share.size):
        if r == without:
            r += 1
        if not put and new_s < seconds[x, r]:
            total += share[i] * new_s
            put = True
        else:
            total += share[i] * seconds[x, r]
            r += 1
    return total
