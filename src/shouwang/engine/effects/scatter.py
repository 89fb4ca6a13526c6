"""Whether counts vary more than chance: the assumption on which nearly all laws of this room rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from shouwang.engine.effects.result import Check
from shouwang.engine.terms import IntArray

SWITCH_P = 0.2
"""Below this p the Poisson law is left. It is a low bar on purpose: to miss a wide scatter makes false alarms, to
leave the law in vain costs a little power only."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """`alpha`: of Var = μ + α μ²; `index`: mean of (y − μ)²/μ, 1 under Poisson's law; `df`; `p` of that law."""

    alpha: float
    index: float
    df: int
    p: float

    @property
    def tested(self) -> bool:
        return self.df > 0

    @property
    def wide(self) -> bool:
        return self.tested and self.p < SWITCH_P

    def check(self, index_needed: float) -> Check:
        """What to tell; `index_needed`: the index at which the result would be chance, told where it is untested."""
        if not self.tested:
            bears = index_needed > 1
            return Check("scatter_bears", {"index_needed": index_needed}) if bears else Check("scatter_untested")
        return Check("scatter_wide" if self.wide else "scatter_poisson", {"index": self.index, "p": self.p})

    def variance(self, counts: IntArray) -> float:
        """Variance of a sum of the counts of equal parts of a time: T, or T + α T²/n where they scatter widely."""
        total = float(counts.sum())
        return total + (self.alpha * total**2 / len(counts) if self.wide else 0.0)


def scatter(groups: Sequence[IntArray]) -> Scatter:
    """Scatter of counts around the means of their groups, each a row of equal parts of one time.

    Index of dispersion X² = Σ (y − ȳ)²/ȳ ~ χ² (Fisher 1950; exact given the totals, in the limit), pooled over groups.
    α solves Σ (y − ȳ)²/(ȳ + α ȳ²) = df (Breslow, Applied Statistics 33, 1984), and is 0 if X² ≤ df. A trend or a season
    within a group counts as scatter: errors then come out too wide, never too narrow.
    """
    used = [np.asarray(group, float) for group in groups if len(group) > 1 and np.sum(group) > 0]
    df = sum(len(group) - 1 for group in used)
    if not df:
        return Scatter(0.0, float("nan"), 0, float("nan"))
    mean = np.concatenate([np.full(len(group), group.mean()) for group in used])
    square = (np.concatenate(used) - mean) ** 2
    index = float((square / mean).sum())
    return Scatter(_alpha(mean, square, df), index / df, df, float(special.chdtrc(df, index)))


def _alpha(mean: np.ndarray, square: np.ndarray, df: int) -> float:
    def excess(alpha: float) -> float:
        return float((square / (mean + alpha * mean**2)).sum()) - df

    low, high = 0.0, 1.0
    if excess(low) <= 0:
        return 0.0
    while excess(high) > 0:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high
