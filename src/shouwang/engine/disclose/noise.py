"""Random noise on counts, with the privacy it buys and what it costs in truth."""

from __future__ import annotations

import numpy as np

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.terms import IntArray


def noisy(counts: IntArray, epsilon: float, rng: np.random.Generator) -> IntArray:
    """Counts plus two-sided geometric noise, P(k) ∝ e^(−ε|k|) (Ghosh, Roughgarden & Sundararajan, SIAM J. Computing 41,
    2012).

    One case more or less in one cell changes the chance of any outcome by at most e^ε (ε-differential privacy, for
    one case; somebody with m cases has m ε). Totals are to be made from the noisy cells: they then cost nothing more.
    Every further release of the same cases adds its ε. Results may be below 0: to cut them off would bias
    totals. Raises `BadInput`.
    """
    _check(epsilon)
    counts = np.asarray(counts, np.int64)
    stop = -np.expm1(-epsilon)
    return counts + rng.geometric(stop, counts.shape) - rng.geometric(stop, counts.shape)


def half_width(epsilon: float, level: float = 0.95) -> int:
    """The least k with P(|noise| ≤ k) ≥ level for one cell: P(|noise| > k) = 2 q^(k+1)/(1 + q), q = e^(−ε)."""
    _check(epsilon)
    q = np.exp(-epsilon)
    return max(0, int(np.ceil(np.log((1 - level) * (1 + q) / 2) / -epsilon - 1 - 1e-12)))


def _check(epsilon: float) -> None:
    if not (np.isfinite(epsilon) and 0 < epsilon <= 20):
        remedy = "Give a number above 0, as 0.5; 1 lets one case change chances by the factor 2.7."
        raise BadInput([Fault("epsilon", "not a privacy loss", epsilon, remedy)])
