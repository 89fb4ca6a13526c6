"""What a set of posts is worth: how soon the nearest unit is there, and how sure that figure is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import FloatArray, IntArray

REPLICAS = 2000
BEYOND_S = 3600.0
"""What no unit reaches is counted as an hour's drive, so that a mean exists and leaving a place out is never good."""


@dataclass(frozen=True)
class Demand:
    """Calls expected in a shift at the street nodes where there are any."""

    node: IntArray
    weight: FloatArray

    @classmethod
    def at(cls, node: IntArray, weight: FloatArray) -> Demand:
        """Joins what falls on the same node and leaves out what is nothing."""
        nodes, place = np.unique(node, return_inverse=True)
        total = np.bincount(place, weight, len(nodes)).astype(float)
        return cls(nodes[total > 0], total[total > 0])

    @property
    def total(self) -> float:
        return float(self.weight.sum())


def drive_s(travel: Travel, units: IntArray, demand: Demand) -> FloatArray:
    """Seconds by road from the nearest of the units (street nodes) to each place of demand."""
    if not len(units):
        return np.full(len(demand.node), BEYOND_S)
    nearest = travel.two_nearest(Spots.at_nodes(units), limit_s=BEYOND_S).seconds[:, 0]
    return np.minimum(nearest[demand.node], BEYOND_S)


def cover(travel: Travel, units: IntArray, demand: Demand, within_s: float, busy: FloatArray) -> FloatArray:
    """Probability per place of demand that some unit in time of it (street nodes) is free, each being busy with its own
    probability, independently (expected covering; Daskin, Transportation Science 17, 1983)."""
    if not len(units) or not len(demand.node):
        return np.zeros(len(demand.node))
    times = travel.matrix(Spots.at_nodes(units), Spots.at_nodes(demand.node), limit_s=within_s)
    free: FloatArray = 1 - np.prod(np.where(times <= within_s, busy[:, None], 1.0), axis=0)
    return free


def measures(seconds: FloatArray, weight: FloatArray, within_s: float) -> dict[str, float]:
    """Share of the calls reached in time, mean drive, and the drive that nine in ten calls do not exceed."""
    total = float(weight.sum())
    if total <= 0:
        return {"share": 0.0, "mean_s": 0.0, "slow_s": 0.0}
    order = np.argsort(seconds, kind="stable")
    passed = np.cumsum(weight[order]) / total
    slow = seconds[order[min(int(np.searchsorted(passed, 0.9)), len(order) - 1)]]
    return {
        "share": float(weight[seconds <= within_s].sum()) / total,
        "mean_s": float(seconds @ weight) / total,
        "slow_s": float(slow),
    }


def compare(
    today_s: FloatArray,
    plan_s: FloatArray,
    demand: Demand,
    within_s: float,
    rng: np.random.Generator,
    covers: tuple[FloatArray, FloatArray] | None = None,
) -> dict[str, Any]:
    """Today's measures and the plan's, and the difference with its 95 % interval. `covers`: what `cover` tells of both.

    The interval is for one shift as it may come: as many calls as expected are drawn again and again from the
    forecast, and both sets of posts are asked to reach the same calls, so that what is luck for both cancels out.
    """
    weight = demand.weight
    figures: dict[str, Any] = {
        "expected": demand.total,
        "today": measures(today_s, weight, within_s),
        "plan": measures(plan_s, weight, within_s),
    }
    if covers is not None and demand.total > 0:
        for name, found in zip(("today", "plan"), covers, strict=True):
            figures[name]["cover"] = float(found @ weight) / demand.total
    calls = max(1, round(demand.total))
    if demand.total <= 0:
        return figures
    drawn = rng.choice(len(weight), size=(REPLICAS, calls), p=weight / weight.sum())
    today, plan = today_s[drawn], plan_s[drawn]
    each = {
        "share": ((plan <= within_s).mean(axis=1), (today <= within_s).mean(axis=1)),
        "mean_s": (plan.mean(axis=1), today.mean(axis=1)),
        "slow_s": (np.quantile(plan, 0.9, axis=1), np.quantile(today, 0.9, axis=1)),
    }
    if covers is not None:
        each["cover"] = (covers[1][drawn].mean(axis=1), covers[0][drawn].mean(axis=1))
    figures["change"] = {name: _around(figures["plan"][name] - figures["today"][name], _interval(new - old))
                         for name, (new, old) in each.items()}  # fmt: skip
    figures["sure"] = {"today": _interval(each["share"][1], 0.8), "plan": _interval(each["share"][0], 0.8)}
    return figures


def _around(estimate: float, interval: list[float]) -> list[float]:
    """The interval, widened to hold its estimate: where a difference touches so few calls that nearly every draw misses
    them, quantiles alone would leave it out."""
    return [min(interval[0], estimate), max(interval[1], estimate)]


def _interval(values: FloatArray, coverage: float = 0.95) -> list[float]:
    tail = (1 - coverage) / 2
    return [float(q) for q in np.quantile(values, (tail, 1 - tail))]
