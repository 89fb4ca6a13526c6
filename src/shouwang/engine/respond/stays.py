"""How long calls keep units, by kind of call and shift: from calls that are over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.credibility import Believed, Prior, believed
from shouwang.engine.terms import FloatArray, IntArray

PRIOR_CASES = 10.0
"""Cases for which the mean assumed before counts."""
LONGEST_S = 8 * 3600.0
"""Longer ones count as this: somebody forgot to say that it was over."""


@dataclass(frozen=True, slots=True)
class Stays:
    """kind: mean seconds per kind; shift: per shift the factor on them; cases: kinds × shifts, calls behind them."""

    kind: Believed
    shift: Believed
    cases: IntArray

    @property
    def mean_s(self) -> FloatArray:
        """Kinds × shifts."""
        return np.outer(self.kind.value, self.shift.value)


def stays_of(
    seconds: FloatArray, kind: IntArray, shift: IntArray, kinds: int, shifts: int, assumed_s: float
) -> Stays:
    """Means from single calls. A kind falls back on the mean of all kinds, and that on `assumed_s`, which counts as
    `PRIOR_CASES` calls; a shift's factor, measured against the means of the kinds, falls back on 1.
    """
    taken_s = np.minimum(seconds, LONGEST_S)
    by_kind = believed(taken_s, np.ones(taken_s.size), kind, kinds, prior=Prior(assumed_s, PRIOR_CASES))
    expected_s = by_kind.value[kind]
    by_shift = believed(taken_s / expected_s, expected_s, shift, shifts, prior=Prior(1.0, np.inf))
    cases = np.bincount(kind * shifts + shift, minlength=kinds * shifts).reshape(kinds, shifts)
    return Stays(by_kind, by_shift, cases)
