"""Intervals of plain figures: a count, a share, a ratio of two counts, a quantile."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shouwang.engine.effects.result import z_of
from shouwang.engine.terms import FloatArray

LEAST_QUANTILE = 5


def count_interval(count: ArrayLike, level: float = 0.95, scatter: ArrayLike = 1.0) -> tuple[FloatArray, FloatArray]:
    """Low and high end for the mean behind a count: Poisson's exact interval (Garwood, Biometrika 28, 1936).

    scatter: variance over mean, from 1 on; the interval is that of count/scatter, stretched (quasi-likelihood).
    """
    scatter = np.asarray(scatter, float)
    k = np.asarray(count, float) / scatter
    tail = (1 - level) / 2
    low = np.where(k > 0, special.gammaincinv(np.maximum(k, 1e-9), tail), 0.0)
    return low * scatter, special.gammaincinv(k + 1, 1 - tail) * scatter


def share_interval(part: ArrayLike, whole: ArrayLike, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Low and high end of a share (Wilson, J. American Statistical Association 22, 1927); 0 to 1 of nothing."""
    k, n = np.asarray(part, float), np.asarray(whole, float)
    z2, some = z_of(level) ** 2, np.maximum(n, 1.0)
    middle = (k + z2 / 2) / (some + z2)
    half = np.sqrt(z2) / (some + z2) * np.sqrt(k * (some - k) / some + z2 / 4)
    return np.where(k > 0, middle - half, 0.0), np.where(k < n, middle + half, 1.0)  # the ends to the last bit


def share_margin(part: float, whole: float, level: float = 0.95) -> float:
    """Half the width of `share_interval`, for people who read "± so much"; 0 of nothing."""
    low, high = share_interval(part, whole, level)
    return float(high - low) / 2 if whole else 0.0


def ratio_interval(
    after: ArrayLike, before: ArrayLike, level: float = 0.95, scatter: float = 1.0
) -> tuple[FloatArray, FloatArray]:
    """Low and high end of after/before, counts of equal times: from Wilson's interval for the share of cases after
    (given their sum the count after is binomial). scatter: as in `count_interval`; the high end may be infinite."""
    a, b = np.asarray(after, float) / scatter, np.asarray(before, float) / scatter
    low, high = share_interval(a, a + b, level)
    with np.errstate(divide="ignore"):
        return low / (1 - low), np.where(high < 1, high / (1 - high), np.inf)


def quantile_interval(values: ArrayLike, p: float, level: float = 0.95) -> tuple[float, float, float]:
    """A quantile with the order statistics that enclose it under any law (David & Nagaraja, Order Statistics, § 7.1):
    value, low, high; NaN for fewer than 5 values, an infinite end where so few cannot enclose it."""
    x = np.sort(np.asarray(values, float))
    n = len(x)
    if n < LEAST_QUANTILE:
        return float("nan"), float("nan"), float("nan")
    value = float(np.quantile(x, p))
    chance = special.bdtr(np.arange(n), n, p)  # P(at most k values lie below the quantile)
    tail = (1 - level) / 2
    lower = int(np.searchsorted(chance, tail, side="right"))  # x[lower - 1] is the last that may stand below it
    upper = int(np.searchsorted(chance, 1 - tail))
    low = float(x[lower - 1]) if lower > 0 else -np.inf
    high = float(x[upper]) if upper < n else np.inf
    return value, low, high
