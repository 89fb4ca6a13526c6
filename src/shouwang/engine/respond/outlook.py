"""How the calls to come would fare with the units that are free now, and what each one's leaving would cost them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.errors import Faults
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.respond._ranks import leaving_costs, nearest_ranks
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

RANKS = 4
"""Nearest units that are looked at; the last of them is taken to come when all before it are busy."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Expected calls per hour at places (node indices), one entry per place."""

    node: IntArray
    calls: FloatArray

    @property
    def calls_per_h(self) -> float:
        return float(self.calls.sum())


@dataclass(frozen=True, slots=True)
class Rules:
    """within_s: the promised time. busy_share: probability (0 … below 1) that a unit is busy when a call comes.
    beyond_s: after so many seconds somebody else comes; no place counts as farther than that.
    """

    within_s: float = 300.0
    busy_share: float = 0.3
    beyond_s: float = 1800.0

    @property
    def first_free(self) -> FloatArray:
        """Probability that the i-th nearest unit is the first that is free: (1-q) q^i, the last takes the rest.

        Independent busy units as in Daskin, Transportation Science 17, 1983 (expected covering).
        """
        share: FloatArray = (1 - self.busy_share) * self.busy_share ** np.arange(RANKS, dtype=float)
        share[-1] = self.busy_share ** (RANKS - 1)
        return share


@dataclass(frozen=True, slots=True)
class Outlook:
    """share: part (0 … 1) of the demand that some free unit reaches within the promised time; lost: per unit the
    part that none of the others would reach if it left. mean_s: expected response of the next call; price_s: per
    unit by how much that grows if it leaves. Both are 0 for units that are not free.

    owner, seconds: per place the nearest free units in order, one more than ranks, for moves.
    """

    rules: Rules
    calls_per_h: float
    share: float
    lost: FloatArray
    mean_s: float
    price_s: FloatArray
    weight: FloatArray
    owner: IntArray
    seconds: FloatArray

    @classmethod
    def measure(cls, times_s: FloatArray, free: BoolArray, demand: Demand, rules: Rules) -> Outlook:
        """Look ahead from a table of travel times (units × places of the demand).

        One pass gives every place its nearest free units. Raises `BadInput` for tables that do not fit, negative
        times, weights that are not finite numbers of 0 or more, and rules out of bounds.
        """
        _check(times_s, free, demand, rules)
        units, total = free.size, demand.calls_per_h
        weight = demand.calls / total if total else np.zeros(demand.calls.size)
        numbers = np.flatnonzero(free).astype(np.int64)
        owner, seconds = nearest_ranks(np.ascontiguousarray(times_s), numbers, float(rules.beyond_s), RANKS + 1)
        mean_s, price_s = leaving_costs(owner, seconds, weight, rules.first_free, units)
        covered = (owner[:, 0] >= 0) & (seconds[:, 0] <= rules.within_s)
        alone = covered & ((owner[:, 1] < 0) | (seconds[:, 1] > rules.within_s))
        lost = np.bincount(owner[alone, 0], weight[alone], units).astype(float)
        share = float(weight[covered].sum())
        return cls(rules, total, share, lost, mean_s, price_s, weight, owner, seconds)

    def calls_during(self, seconds: float) -> float:
        """Calls expected in so many seconds."""
        return self.calls_per_h * seconds / 3600

    def cost_s(self, busy_s: float) -> FloatArray:
        """Per unit the seconds that the calls to come wait longer, all together, if it is away for `busy_s`."""
        return self.price_s * self.calls_during(busy_s)


def times_to(travel: Travel, units: Spots, demand: Demand, limit_s: float = np.inf) -> FloatArray:
    """Travel times of units to the places of a demand (units × places), infinity beyond the limit."""
    table = np.empty((len(units), demand.node.size))
    for u in range(len(units)):
        table[u] = travel.from_one(units[[u]], limit_s=limit_s)[demand.node]
    return table


def _check(times_s: FloatArray, free: BoolArray, demand: Demand, rules: Rules) -> None:
    faults = Faults(keep=50)
    if demand.node.shape != demand.calls.shape:
        faults.add("demand", "there has to be one weight per place", demand.calls.shape)
    for i in np.flatnonzero(~(np.isfinite(demand.calls) & (demand.calls >= 0))):
        faults.add(f"demand, place {i}", "a weight is a finite number, 0 or more", demand.calls[i], "Correct it.")
    if times_s.shape != (free.size, demand.calls.size):
        faults.add("times_s", "there has to be one time per unit and place", str(times_s.shape))
    elif not (times_s >= 0).all():
        faults.add("times_s", "a travel time is 0 or more seconds", float(np.nanmin(times_s)), "Correct it.")
    if not rules.within_s > 0:
        faults.add("within_s", "the time allowed has to be above 0", rules.within_s, "Give seconds.")
    if not 0 <= rules.busy_share < 1:
        faults.add("busy_share", "a busy share is 0 or more and below 1", rules.busy_share, "Give a share such as 0.3.")
    if not (np.isfinite(rules.beyond_s) and rules.beyond_s >= rules.within_s):
        faults.add("beyond_s", "the longest time counted is finite, and not below the time allowed", rules.beyond_s)
    faults.raise_if_any()
