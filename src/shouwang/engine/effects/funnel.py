"""Areas beside one another: which differ by more than chance, so that chance is neither praised nor punished."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shouwang.engine.demand.spread import cumulative, quantile
from shouwang.engine.effects.result import Check, Effect, check_level, counted
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.terms import FloatArray, IntArray

INNER, OUTER = 0.95, 0.998
WINSORISED = 0.1
LEFT_BY_PULLING = 0.6787  # mean square of a standard normal whose tenths at both ends are pulled in
LEAST_AREAS = 5


@dataclass(frozen=True, slots=True)
class Funnel:
    """Limits by area (areas,), in cases: what `expected` cases scatter to at 95 and at 99.8 %."""

    expected: FloatArray
    inner_low: FloatArray
    inner_high: FloatArray
    outer_low: FloatArray
    outer_high: FloatArray
    alpha: float


def limits(expected: FloatArray, alpha: float) -> Funnel:
    """Quantiles of the negative binomial law with Var = μ + α μ² (Poisson's for α = 0): a funnel over the expected."""
    inner_low, inner_high, outer_low, outer_high = (
        quantile(expected, alpha, 0.5 + sign * share / 2) for share in (INNER, OUTER) for sign in (-1, 1)
    )
    return Funnel(expected, inner_low, inner_high, outer_low, outer_high, alpha)


def funnel(counts: ArrayLike, exposure: ArrayLike, level: float = 0.95) -> Effect:
    """Areas outside the 99.8 % limits around the common rate (Spiegelhalter, Statistics in Medicine 24, 2005).

    counts, exposure (areas,): cases, and what they should grow with (households, calls, area-days). Where areas
    commonly differ by more than chance (mean square of z, its tenths at both ends pulled in, above 1 + 2 √(2/areas))
    limits follow a negative binomial law, and only areas that stand out from that are named. `low`, `high`, `p`: how
    many areas lie outside by chance. `details.areas`: limits and `state` of each (below, low, within, high, above;
    above and below are outside 99.8 %). Raises `BadInput`; `NoAnswer` for fewer than 5 areas or without cases.
    """
    faults = Faults()
    check_level(faults, level)
    y, size = counted(faults, "counts", counts), np.atleast_1d(np.asarray(exposure, float))
    if len(y) != len(size):
        faults.add("exposure", "counts and exposures are not equally many", len(size), f"Give {len(y)}.")
    for i in np.flatnonzero(~(np.isfinite(size) & (size > 0))).tolist():
        faults.add(f"exposure[{i}]", "not an exposure", size[i], "Give a number above 0, or leave the area out.")
    faults.raise_if_any()
    if len(y) < LEAST_AREAS or not y.sum():
        raise NoAnswer(f"{len(y)} areas with {y.sum()} cases cannot be compared: it takes {LEAST_AREAS} and a case.")
    expected = size * y.sum() / size.sum()
    index, alpha = _commonly(y, expected)
    shown = limits(expected, alpha)
    states = _states(y, shown)
    outside = sum(state in ("below", "above") for state in states)
    chance = _outside_by_chance(shown)
    share = chance / len(y)
    low, high = (_binomial_quantile(len(y), share, 0.5 + sign * level / 2) for sign in (-1, 1))
    wide = alpha > 0
    p_index = float(special.ndtr(-(index - 1) / np.sqrt(2 / len(y))))
    none_expected = cumulative(np.zeros(len(y)), expected, alpha)
    checks = (
        Check("scatter_wide" if wide else "scatter_poisson", {"index": index, "p": p_index}),
        Check("many_tests", {"areas": len(y), "expected": chance}),
        Check("zeros", {"empty": int((y == 0).sum()), "expected": float(none_expected.sum())}),
    )
    p = float(special.bdtrc(outside - 1, len(y), share)) if outside else 1.0
    return Effect(
        "funnel", "areas", float(outside), float(low), float(high), p, chance,
        "negative binomial" if wide else "Poisson", level, of_chance=True, checks=checks,
        details={
            "rate": float(y.sum() / size.sum()), "alpha": alpha, "index": index,
            "areas": [
                {
                    "count": int(y[i]), "expected": float(expected[i]), "ratio": float(y[i] / expected[i]),
                    "low_95": float(shown.inner_low[i]), "high_95": float(shown.inner_high[i]),
                    "low_998": float(shown.outer_low[i]), "high_998": float(shown.outer_high[i]), "state": states[i],
                }
                for i in range(len(y))
            ],
        },
    )  # fmt: skip


def _commonly(y: IntArray, expected: FloatArray) -> tuple[float, float]:
    """Mean square of z and the α of the common scatter, the ends pulled in so that no outlier excuses itself."""
    z = (y - expected) / np.sqrt(expected)
    pulled = np.clip(z, *np.quantile(z, (WINSORISED, 1 - WINSORISED)))
    index = float(np.mean(pulled**2) / LEFT_BY_PULLING)
    if index <= 1 + 2 * np.sqrt(2 / len(y)):
        return index, 0.0
    return index, max(0.0, float((expected * (pulled**2 / LEFT_BY_PULLING - 1)).sum() / (expected**2).sum()))


def _states(y: IntArray, shown: Funnel) -> list[str]:
    bounds = (shown.outer_low, shown.inner_low, shown.inner_high, shown.outer_high)
    low_out, low_in, high_in, high_out = (np.asarray(bound) for bound in bounds)
    conditions = [y < low_out, y < low_in, y > high_out, y > high_in]
    return [str(name) for name in np.select(conditions, ["below", "low", "above", "high"], "within")]


def _outside_by_chance(shown: Funnel) -> float:
    """Counts are whole, so fewer than 0.2 % lie outside: the sum of what does."""
    below = cumulative(shown.outer_low - 1, shown.expected, shown.alpha)
    above = 1 - cumulative(shown.outer_high, shown.expected, shown.alpha)
    return float((below + above).sum())


def _binomial_quantile(n: int, share: float, p: float) -> int:
    k = np.arange(n + 1)
    return int(np.searchsorted(special.bdtr(k, n, share), p))
