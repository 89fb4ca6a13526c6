"""Figures over replications with their intervals.

Calls of one replication hang together, those of different ones do not. So a figure over calls is a ratio of
sums over replications, Σy/Σn, with the variance Σ(y_i - r·n_i)² / (n̄²·R·(R-1)) (Cochran, Sampling Techniques,
1977, ch. 6), and Student's t with R-1 degrees of freedom. Quantiles take their interval from that of the share
below them (Woodruff, Journal of the American Statistical Association 47, 1952).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from shouwang.engine.terms import FloatArray, IntArray

LEVEL = 0.95
"""Confidence of every interval."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; NaN where nothing can be said (no call, or a single replication)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Responses:
    """Response times of some calls, over all replications.

    calls: how many a replication, on average. mean_s: of those reached. median_s, p90_s: of all; a call that
    nobody reached counts as infinitely late. within: share of all reached in the seconds asked for.
    """

    calls: float
    mean_s: Estimate
    median_s: Estimate
    p90_s: Estimate
    within: Estimate


def ratio(y: FloatArray, n: FloatArray) -> Estimate:
    """Σy/Σn over replications."""
    if not n.sum() > 0:
        return Estimate(np.nan, np.nan, np.nan)
    value = float(y.sum() / n.sum())
    return _around(value, _residual(y, n))


def difference(y_a: FloatArray, n_a: FloatArray, y_b: FloatArray, n_b: FloatArray) -> Estimate:
    """Σy_b/Σn_b - Σy_a/Σn_a, paired by replication: what both have in common cancels."""
    if not (n_a.sum() > 0 and n_b.sum() > 0):
        return Estimate(np.nan, np.nan, np.nan)
    value = float(y_b.sum() / n_b.sum() - y_a.sum() / n_a.sum())
    return _around(value, _residual(y_b, n_b) - _residual(y_a, n_a))


def responses(response_s: FloatArray, replication: IntArray, count: int, within_s: float) -> Responses:
    """Figures of calls with these response times (infinity: never reached) in `count` replications."""

    def sums(values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(replication, values, minlength=count), float)

    reached = np.isfinite(response_s)
    n = sums(np.ones(response_s.size))
    ordered = np.sort(response_s)

    def quantile(share: float) -> Estimate:
        if not ordered.size:
            return Estimate(np.nan, np.nan, np.nan)
        value = _at(ordered, share)
        below = ratio(sums((response_s <= value).astype(float)), n)
        half = (below.high - below.low) / 2
        if not np.isfinite(half):
            return Estimate(value, np.nan, np.nan)
        return Estimate(value, _at(ordered, share - half), _at(ordered, share + half))

    return Responses(
        float(n.mean()),
        ratio(sums(np.where(reached, response_s, 0.0)), sums(reached.astype(float))),
        quantile(0.5),
        quantile(0.9),
        ratio(sums((response_s <= within_s).astype(float)), n),
    )


def _at(ordered: FloatArray, share: float) -> float:
    """The smallest value that at least this share does not exceed."""
    place = int(np.ceil(share * ordered.size - 1e-9)) - 1
    return float(ordered[min(max(place, 0), ordered.size - 1)])


def _residual(y: FloatArray, n: FloatArray) -> FloatArray:
    return np.asarray((y - y.sum() / n.sum() * n) / n.mean(), float)


def _around(value: float, residual: FloatArray) -> Estimate:
    count = residual.size
    if count < 2:
        return Estimate(value, np.nan, np.nan)
    half = float(stdtrit(count - 1, (1 + LEVEL) / 2) * np.sqrt((residual**2).sum() / (count * (count - 1))))
    return Estimate(value, value - half, value + half)
