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
    owner: IntArray, seconds: FloatArray, weight: FloatArray, share: FloatArray, site_s: FloatArray, units: int
) -> FloatArray:
    """Units × sites: expected seconds saved when a unit stands at a site and not where it is.

    Where a unit is not among the ranks of a place, its leaving changes nothing there: what a further unit at the
    site would save is counted once for all, and put right at the places where the unit counts.
    """
    sites, ranks = site_s.shape[0], share.size
    gain = np.zeros((units, sites))
    for s in range(sites):
        all_s = 0.0
        for x in range(weight.size):
            before, new_s = 0.0, site_s[s, x]
            for r in range(ranks):
                before += share[r] * seconds[x, r]
            added = before - _with(seconds, x, share, new_s, ranks + 1)
            for r in range(ranks + 1):
                u = owner[x, r]
                if u == NOBODY:
                    break
                moved = before - _with(seconds, x, share, new_s, r)
                gain[u, s] += weight[x] * (moved - added)
            all_s += weight[x] * added
        gain[:, s] += all_s
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
