"""Which units should stand elsewhere: a few moves, each worth telling people to change their place.

From today's posts the single move that helps most is made again and again: first what brings most expected calls
within the standard without a longer mean drive, then what shortens the mean drive without losing any of those. It ends
when the next move would help too little. How far the result is from the best set of posts there is, tells the bound of
the engine's own search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

from .worth import BEYOND_S, Demand

MOST_MOVES = 6
LEAST_SHARE = 0.005  # half a call in a hundred
LEAST_SAVED = 0.01  # of the mean drive
REACH_S = 1200.0
"""Beyond 20 minutes a drive counts as an hour's: sites so far off never decide."""


@dataclass(frozen=True)
class Move:
    """`unit` (its number) goes to `site` (its number); what that is worth when the moves before it are made."""

    unit: int
    site: int
    gain_share: float
    gain_s: float


def times(travel: Travel, origins: IntArray, demand: Demand) -> FloatArray:
    """Seconds from each origin (street nodes) to each place of demand, far ones as an hour."""
    found = travel.matrix(Spots.at_nodes(origins), Spots.at_nodes(demand.node), limit_s=REACH_S)
    found[~np.isfinite(found)] = BEYOND_S
    return found


def moves(
    unit_s: FloatArray,
    site_s: FloatArray,
    allowed: BoolArray,
    weight: FloatArray,
    within_s: float,
    most: int = MOST_MOVES,
) -> list[Move]:
    """The moves worth making, best first.

    `unit_s` (units, demand), `site_s` (sites, demand): seconds; `allowed` (units, sites): which unit may stand where;
    `weight`: expected calls. At most one move per unit. A row of `allowed` without a site keeps its unit where it is.
    """
    unit_s, allowed = unit_s.copy(), allowed.copy()
    total = float(weight.sum())
    made: list[Move] = []
    if total <= 0:
        return made
    for by_share in (True, False):
        while len(made) < most:
            gain = _gains(unit_s, site_s, allowed, weight, within_s)
            best = _best(gain, allowed, total, float(unit_s.min(axis=0, initial=BEYOND_S) @ weight), by_share)
            if best is None:
                break
            unit, site = best
            share, seconds = (float(g[unit, site]) / total for g in gain)
            made.append(Move(unit, site, share, seconds))
            unit_s[unit] = site_s[site]
            allowed[unit] = False
    return made


def _best(
    gain: tuple[FloatArray, FloatArray], allowed: BoolArray, total: float, now_s: float, by_share: bool
) -> tuple[int, int] | None:
    """The (unit, site) that helps most, None if too little. `now_s`: weighted seconds of driving as things stand."""
    share, seconds = gain
    if by_share:
        value, least = np.where(seconds >= -1e-9 * total, share, -np.inf), LEAST_SHARE * total
    else:
        value, least = np.where(share >= -1e-9 * total, seconds, -np.inf), LEAST_SAVED * now_s
    value = np.where(allowed, value, -np.inf)
    if not value.size:
        return None
    unit, site = np.unravel_index(int(np.argmax(value)), value.shape)
    return (int(unit), int(site)) if value[unit, site] >= least else None


def _gains(
    unit_s: FloatArray, site_s: FloatArray, allowed: BoolArray, weight: FloatArray, within_s: float
) -> tuple[FloatArray, FloatArray]:
    """For each (unit, site): calls brought within the standard and seconds saved, both weighted, if it went there.
    Sites a unit may not go to are left at 0."""
    share, seconds = np.zeros(allowed.shape), np.zeros(allowed.shape)
    nearest = unit_s.argmin(axis=0)
    columns = np.arange(unit_s.shape[1])
    now = unit_s[nearest, columns]
    second = np.full(len(now), BEYOND_S) if len(unit_s) < 2 else np.partition(unit_s, 1, axis=0)[1]
    reached, driven = float((now <= within_s) @ weight), float(now @ weight)
    for unit in np.flatnonzero(allowed.any(axis=1)):
        sites = np.flatnonzero(allowed[unit])
        then = np.minimum(site_s[sites], np.where(nearest == unit, second, now))
        share[unit, sites] = (then <= within_s) @ weight - reached
        seconds[unit, sites] = driven - then @ weight
    return share, seconds


def worth_alone(
    unit_s: FloatArray, moved: Sequence[tuple[int, FloatArray]], weight: FloatArray, within_s: float
) -> list[tuple[float, float]]:
    """For each planned move (unit, its seconds there): share and seconds lost if it alone were not made."""
    total = float(weight.sum())
    after = unit_s.copy()
    for unit, there_s in moved:
        after[unit] = there_s
    whole = after.min(axis=0, initial=BEYOND_S)
    result = []
    for unit, _ in moved:
        without = after.copy()
        without[unit] = unit_s[unit]
        stay = without.min(axis=0, initial=BEYOND_S)
        result.append(
            (
                float(((whole <= within_s).astype(float) - (stay <= within_s)) @ weight) / max(total, 1e-12),
                float((stay - whole) @ weight) / max(total, 1e-12),
            )
        )
    return result
