"""How many areas are without a case by chance alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.effects.result import Check, Effect, check_level, p_of, z_of
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.terms import FloatArray


def empty_areas(
    empty: int, areas: int, cases: int | None = None, weights: ArrayLike | None = None, level: float = 0.95
) -> Effect:
    """Areas without a case beside what `cases` cases leave empty that fall by chance; weights (areas,), default alike.

    Mean Σ (1 − wᵢ)ⁿ and variance Σᵢ≠ⱼ [(1 − wᵢ − wⱼ)ⁿ − (1 − wᵢ)ⁿ (1 − wⱼ)ⁿ] + Σᵢ (1 − wᵢ)ⁿ (1 − (1 − wᵢ)ⁿ) of the
    occupancy problem (Feller I, § IV.2), taken as normal. Without `cases` nothing can be judged: `p` is
    not a number and `details.cases_behind` tells how many cases leave so many areas empty on average.
    Raises `BadInput`, and `NoAnswer` without `cases` if no area is empty or all are.
    """
    faults = Faults()
    check_level(faults, level)
    if areas < 2:
        faults.add("areas", "not a number of areas", areas, "Give at least 2.")
    if not 0 <= empty <= areas:
        faults.add("empty", "not a number of empty areas", empty, f"Give 0 to {areas}.")
    if cases is not None and not areas - empty <= cases:
        faults.add("cases", "fewer cases than areas with a case", cases, f"Give at least {areas - empty}.")
    share = np.ones(max(areas, 1)) if weights is None else np.asarray(weights, float)
    if share.shape != (areas,) or not (np.isfinite(share).all() and (share > 0).all()):
        faults.add("weights", "not a weight above 0 for each area", str(share.shape), f"Give {areas} numbers.")
    faults.raise_if_any()
    share = share / share.sum()
    if cases is None:
        if not 0 < empty < areas:
            raise NoAnswer("All areas or none are empty: how many cases there were cannot be told. Give their number.")
        return _untold(empty, areas, share, level)
    mean, deviation = _occupancy(share, cases)
    half = z_of(level) * deviation
    # Half an area less, for whole numbers (Yates).
    distance = max(0.0, abs(empty - mean) - 0.5)
    p = p_of(distance / deviation) if deviation > 0 else float(distance < 0.5)
    return Effect(
        "empty", "areas", float(empty), max(0.0, mean - half), min(float(areas), mean + half), p, mean,
        "occupancy", level, of_chance=True,
        details={"areas": areas, "cases": cases, "error_of_chance": deviation, "cases_behind": _behind(empty, share)},
    )  # fmt: skip


def _untold(empty: int, areas: int, share: FloatArray, level: float) -> Effect:
    cases = _behind(empty, share)
    mean, deviation = _occupancy(share, round(cases))
    half = z_of(level) * deviation
    return Effect(
        "empty", "areas", float(empty), mean - half, mean + half, float("nan"), mean, "occupancy", level,
        of_chance=True, checks=(Check("cases_missing", {"empty": empty, "cases": round(cases)}),),
        details={"areas": areas, "cases": None, "error_of_chance": deviation, "cases_behind": cases},
    )  # fmt: skip


def _occupancy(share: FloatArray, cases: int) -> tuple[float, float]:
    alone = (1 - share) ** cases
    pairs = np.maximum(0.0, 1 - share[:, None] - share[None, :]) ** cases - np.outer(alone, alone)
    np.fill_diagonal(pairs, alone * (1 - alone))
    return float(alone.sum()), float(np.sqrt(max(0.0, pairs.sum())))


def _behind(empty: int, share: FloatArray) -> float:
    """The number of cases, a fraction too, that leaves so many areas empty on average; infinity for none empty."""
    if empty <= 0:
        return float("inf")
    low, high = 0.0, 1.0
    while ((1 - share) ** high).sum() > empty:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if ((1 - share) ** middle).sum() > empty else (low, middle)
    return high
