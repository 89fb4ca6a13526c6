"""How much of the expected demand the free units reach in time, and what each one's leaving would cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.errors import Faults
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Cover:
    """share: part (0 … 1) of the demand that some free unit reaches within `within_s`.

    lost: per unit the part of the demand that none of the others would reach if it left; 0 for units not
    free. The caller keeps it until a unit moves or changes state.
    """

    within_s: float
    share: float
    lost: FloatArray

    @classmethod
    def measure(
        cls,
        travel: Travel,
        units: Spots,
        free: BoolArray,
        demand_node: IntArray,
        demand: FloatArray,
        within_s: float,
    ) -> Cover:
        """Measure the cover of `demand` (expected calls at node indices) by the free units.

        One search from all free units gives every node its two nearest; demand is lost with a unit where it
        is the nearest and the second nearest comes too late. Raises `BadInput` for weights that are not
        finite numbers of 0 or more.
        """
        _check(demand_node, demand, within_s)
        numbers = np.flatnonzero(free)
        lost = np.zeros(len(units))
        total = float(demand.sum())
        if not numbers.size or not total:
            return cls(within_s, 0.0, lost)
        near = travel.two_nearest(units[numbers], limit_s=within_s)
        owner, second_s = near.owner[demand_node, 0], near.seconds[demand_node, 1]
        covered = owner >= 0
        alone = covered & ~np.isfinite(second_s)
        np.add.at(lost, numbers[owner[alone]], demand[alone] / total)
        return cls(within_s, float(demand[covered].sum()) / total, lost)


def _check(demand_node: IntArray, demand: FloatArray, within_s: float) -> None:
    faults = Faults(keep=50)
    if demand_node.shape != demand.shape:
        faults.add("demand", "there has to be one weight per place", demand.shape)
    for i in np.flatnonzero(~(np.isfinite(demand) & (demand >= 0))):
        faults.add(f"demand, place {i}", "a weight is a finite number, 0 or more", demand[i], "Correct it.")
    if not within_s > 0:
        faults.add("within_s", "the time allowed has to be above 0", within_s, "Give seconds.")
    faults.raise_if_any()
