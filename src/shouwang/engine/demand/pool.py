"""Weights of a linear pool: how much to trust each of several forecasts, learnt from how they did."""

from __future__ import annotations

import numpy as np

from shouwang.engine.terms import FloatArray

STEPS = 60
CAUTION = 3.0
"""Calls' worth of evidence for each member before any is seen: no member is ever ruled out by a short record.
"""

MOST_CALLS = 20_000


def pool_weights(likelihood: FloatArray, caution: float = CAUTION) -> FloatArray:
    """Weights (members,) of the pool Σ wₖ fₖ, non-negative, sum 1, that would have given the best log score.

    `likelihood` (calls, members) is what each member had said, beforehand, of the calls that then came.
    Maximises Σ log Σ wₖ fₖ + caution · Σ log wₖ by expectation-maximisation (Dempster, Laird, Rubin 1977, §
    4.3; linear pools: Genest & Zidek 1986), which rises at every step; the problem is concave. Weights depend
    on ratios only, so that a fixed number of steps is enough: the score is flat near its top. Above 20,000
    calls every n-th is used.
    """
    members = likelihood.shape[1]
    likelihood = likelihood[:: max(1, len(likelihood) // MOST_CALLS)]
    likelihood = likelihood[likelihood.sum(axis=1) > 0]
    weights = np.full(members, 1.0 / members)
    for _ in range(STEPS):
        pooled = likelihood @ weights
        blame = weights * (likelihood.T @ (1.0 / pooled))
        weights = (blame + caution) / (len(likelihood) + caution * members)
    return weights
