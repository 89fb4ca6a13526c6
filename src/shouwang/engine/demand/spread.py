"""Intervals: counts scatter more than Poisson's law says, by how much is learnt from past forecasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special  # not scipy.stats: it takes a second to import, and every process of a centre would wait

from shouwang.engine.demand.past import DAY_H
from shouwang.engine.geo.cells import OUTSIDE
from shouwang.engine.terms import FloatArray, IntArray

COVERAGE = 0.80
SMALL_MEAN = 30.0
POISSON_BELOW = 1e-9  # a dispersion this small is lost in the rounding of the law's formula


@dataclass(frozen=True, slots=True)
class Record:
    """How forecasts made before the origin did.

    `shares` (folds, cells): what each fold's forecast gave the cells; `total` (hours,): calls expected on the
    ground in each hour from `first_h` on; `fold_of` (hours,): the fold of each hour; `hour`, `cell`: the
    calls that came; `unseen`: α that comes on top since the last days before the origin were not observed. Hours that
    were not observed expect 0.
    """

    first_h: int
    shares: FloatArray
    total: FloatArray
    fold_of: IntArray
    hour: IntArray
    cell: IntArray
    unseen: float = 0.0

    def dispersion(self, owner: IntArray, block_h: int = DAY_H) -> float:
        """α of Var = μ + α μ² for counts per area and block of hours, by the method of moments, at least 0.

        α = (Σ (y − μ)² − Σ μ) / Σ μ² over all areas and blocks (Cameron & Trivedi, Regression Analysis of
        Count Data, § 3.3), with the forecasts μ made before y was known: errors of the forecast are part of
        the scatter. `owner`: area of each cell, `OUTSIDE` for none.
        """
        inside = owner != OUTSIDE
        areas = int(owner.max(initial=-1)) + 1
        of_areas = [np.bincount(owner[inside], row[inside], areas) for row in self.shares]
        share = np.array(of_areas).reshape(len(self.shares), areas)
        block_of = np.arange(len(self.total)) // block_h
        total = np.bincount(block_of, self.total)
        fold = self.fold_of[::block_h]
        mean_sum = float(total @ share.sum(axis=1)[fold])
        square_sum = float(total**2 @ (share**2).sum(axis=1)[fold])
        area = owner[self.cell]
        block = block_of[self.hour - self.first_h][area != OUTSIDE]
        area = area[area != OUTSIDE]
        counts = np.unique(block * areas + area, return_counts=True)[1] if areas else np.zeros(0)
        squared_error = (counts**2).sum() - 2 * (total[block] * share[fold[block], area]).sum() + square_sum
        scatter = max(0.0, (float(squared_error) - mean_sum) / square_sum) if square_sum > 0 else 0.0
        return scatter + self.unseen


def interval(expected: FloatArray, dispersion: float, coverage: float = COVERAGE) -> tuple[FloatArray, FloatArray]:
    """Low and high ends that hold a count with at least the given chance, expected value included.

    Quantiles of the negative binomial law with mean μ and variance μ + α μ² (Poisson for α = 0). Where the
    upper quantile is below the mean, as 0 is below 0.02, the mean stands for it: the whole numbers in between
    stay the same.
    """
    tail = (1.0 - coverage) / 2.0
    low, high = (quantile(expected, dispersion, p) for p in (tail, 1.0 - tail))
    return np.minimum(low, expected), np.maximum(high, expected)


def quantile(expected: FloatArray, dispersion: float, p: float) -> FloatArray:
    """The smallest whole number k with P(count ≤ k) ≥ p, for each mean."""
    expected = np.asarray(expected, float)
    result = np.zeros(expected.shape)
    big = expected > SMALL_MEAN
    result[big] = _inverted(expected[big], dispersion, p)
    # Nearly all cells expect far less than one call: counting up from 0 beats inverting the law.
    flat, out = expected.ravel(), result.ravel()
    open_ = np.flatnonzero(~big.ravel() & (flat > 0))
    mean = flat[open_]
    poisson = dispersion <= POISSON_BELOW
    chance = np.exp(-mean) if poisson else np.exp(-np.log1p(dispersion * mean) / dispersion)
    below = chance.copy()
    k = 0
    while (short := below < p).any():
        open_, mean, chance, below = open_[short], mean[short], chance[short], below[short]
        chance = chance * mean * (1 + dispersion * k) / ((k + 1) * (1 + dispersion * mean))
        below, k = below + chance, k + 1
        out[open_] = k
    return out.reshape(expected.shape)


def cumulative(count: FloatArray, expected: FloatArray, dispersion: float) -> FloatArray:
    """P(count or fewer) for each mean."""
    count, expected = np.broadcast_arrays(np.floor(count), np.asarray(expected, float))
    mean, k = np.maximum(expected, 1e-12), np.maximum(count, 0.0)
    if dispersion <= POISSON_BELOW:
        chance = special.pdtr(k, mean)
    else:
        chance = special.betainc(1 / dispersion, k + 1, 1 / (1 + dispersion * mean))
    result: FloatArray = np.where(count < 0, 0.0, np.where(expected > 0, chance, 1.0))
    return result


def _inverted(expected: FloatArray, dispersion: float, p: float) -> FloatArray:
    """The quantile from the law's continuous inverse, taken down by one where rounding put it too high."""
    if dispersion <= POISSON_BELOW:
        k = np.ceil(special.pdtrik(p, expected))
    else:
        k = np.ceil(special.nbdtrik(p, 1 / dispersion, 1 / (1 + dispersion * expected)))
    below = np.maximum(k - 1, 0.0)
    result: FloatArray = np.where(cumulative(below, expected, dispersion) >= p, below, k)
    return result


def each_quantile(expected: FloatArray, dispersion: FloatArray, p: float) -> FloatArray:
    """`quantile` where each mean has a dispersion of its own (means above 0)."""
    size, share = 1 / np.maximum(dispersion, POISSON_BELOW), 1 / (1 + dispersion * expected)
    wide = dispersion > POISSON_BELOW
    with np.errstate(all="ignore"):
        k = np.ceil(np.where(wide, special.nbdtrik(p, size, share), special.pdtrik(p, expected)))
    k = np.maximum(np.nan_to_num(k), 0.0)
    below = np.maximum(k - 1, 0.0)
    result: FloatArray = np.where(each_cumulative(below, expected, dispersion) >= p, below, k)
    return result


def each_cumulative(count: FloatArray, expected: FloatArray, dispersion: FloatArray) -> FloatArray:
    """`cumulative` where each mean has a dispersion of its own (means above 0)."""
    k = np.maximum(np.floor(count), 0.0)
    size = 1 / np.maximum(dispersion, POISSON_BELOW)
    wide = special.betainc(size, k + 1, 1 / (1 + dispersion * expected))
    chance = np.where(dispersion > POISSON_BELOW, wide, special.pdtr(k, expected))
    result: FloatArray = np.where(count < 0, 0.0, chance)
    return result
