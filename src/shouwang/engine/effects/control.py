"""A control chart of counts: which periods lie outside what the time before them leads to expect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shouwang.engine.demand.spread import each_cumulative, each_quantile
from shouwang.engine.effects.result import counted
from shouwang.engine.errors import Faults
from shouwang.engine.terms import FloatArray, IntArray

WARN, ACT = 0.95, 0.998
LEAST, MOST_YEARS = 12, 3
GAP = 2
OUTLYING, REWEIGHTED, ROUNDS = 2.58, 2, 12
MEDIAN_OF_SQUARE = 0.4549  # of a standard normal's square
RUN = 8
"""So many in a row on one side come by chance about once in 128 starts: told as a hint, never as an alarm."""


@dataclass(frozen=True, slots=True)
class Chart:
    """By period (periods,), NaN where too little came before: what was to be expected, and the limits that hold a count
    with 95 and 99.8 %. `state`: below, low, within, high, above, or "" without limits; `run` (periods,): how many in
    a row lie on the same side of what was expected, signed. `outside`: how many lie outside 99.8 %; `by_chance`: how
    many would, no change at all."""

    expected: FloatArray
    warn_low: FloatArray
    warn_high: FloatArray
    act_low: FloatArray
    act_high: FloatArray
    state: tuple[str, ...]
    run: IntArray
    outside: int
    by_chance: float


def control(counts: ArrayLike, first: int = 0, season: float | None = None) -> Chart:
    """Limits for each period from `first` on, from earlier periods alone.

    The baseline of a period are up to three years before it, without the last two periods (a rise under way must not
    excuse itself). It is fitted by log E[y] = a, from two seasons on also a trend and two harmonics of the season
    (season: periods per year); variance φ μ, φ at least 1; periods that stood out themselves weigh less (Farrington et
    al., J. Royal Statistical Society A 159, 1996; Noufaily et al., Statistics in Medicine 32, 2013). Limits are
    quantiles of the negative binomial law whose variance is φ μ plus that of the fitted mean. Raises `BadInput`.
    """
    faults = Faults()
    y = counted(faults, "counts", counts)
    if season is not None and season < 3:
        faults.add("season", "not a number of periods per year", season, "Give 12 for months, 52.18 for weeks.")
    faults.raise_if_any()
    n = len(y)
    ends = np.full((5, n), np.nan)
    chance = 0.0
    longest = int(np.ceil(MOST_YEARS * season)) if season else 10 * LEAST
    at = np.arange(-longest - GAP, -GAP)
    wanted = np.arange(max(first, LEAST + GAP), n)
    # One row of earlier counts for each period; what lies before the first of all weighs nothing.
    place = wanted[:, None] + at
    known = (place >= 0).astype(float)
    past = np.where(place >= 0, y[np.maximum(place, 0)], 0).astype(float) * known
    some = past.sum(axis=1) > 0
    long = np.zeros(len(wanted), bool) if season is None else known.sum(axis=1) >= 2 * season
    for chosen, design, point in ((some & ~long, *_level(at)), (some & long, *_seasons(at, season))):
        if not chosen.any():
            continue
        mean, alpha = _foretold(past[chosen], known[chosen], design, point)
        tails = (0.5 + sign * share / 2 for share in (WARN, ACT) for sign in (-1, 1))
        found = np.array([mean, *(each_quantile(mean, alpha, p) for p in tails)])
        ends[:, wanted[chosen]] = found
        below, above = (each_cumulative(k, mean, alpha) for k in (found[3] - 1, found[4]))
        chance += float((below + 1 - above).sum())
    expected, warn_low, warn_high, act_low, act_high = ends
    rules = [np.isnan(expected), y < act_low, y > act_high, y < warn_low, y > warn_high]
    state = tuple(str(name) for name in np.select(rules, ["", "below", "above", "low", "high"], "within"))
    outside = sum(name in ("below", "above") for name in state)
    return Chart(expected, warn_low, warn_high, act_low, act_high, state, _runs(y - expected), outside, chance)


def _level(at: IntArray) -> tuple[FloatArray, FloatArray]:
    """A level alone: its column (periods before, 1), and its value in the period at 0."""
    return np.ones((len(at), 1)), np.ones(1)


def _seasons(at: IntArray, season: float | None) -> tuple[FloatArray, FloatArray]:
    """Level, trend and harmonics: columns (periods before, terms), and their values in the period at 0."""
    if season is None:
        return _level(at)
    columns, now = [np.ones(len(at)), at / season], [1.0, 0.0]
    for k in range(1, min(2, int((season - 1) // 2)) + 1):
        turn = 2 * np.pi * k * at / season
        columns += [np.sin(turn), np.cos(turn)]
        now += [0.0, 1.0]
    return np.column_stack(columns), np.array(now)


def _foretold(
    y: FloatArray, known: FloatArray, design: FloatArray, point: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and α (Var = μ + α μ²) of the period at 0 of each row: y, known (rows, periods before)."""
    count = known.sum(axis=1, keepdims=True)
    weight = known
    beta = np.zeros((len(y), design.shape[1]))
    beta[:, 0] = np.log(y.sum(axis=1) / count[:, 0])
    for _ in range(1 + REWEIGHTED):
        beta, mean, bread = _fitted(y, design, weight, beta)
        square = (y - mean) ** 2 / mean
        df = np.maximum(1.0, count - design.shape[1])
        phi = np.maximum(1.0, (weight * square).sum(axis=1, keepdims=True) / df)
        middle = np.nanmedian(np.where(known > 0, square, np.nan), axis=1, keepdims=True)
        usual = np.maximum(1.0, np.minimum(phi, middle / MEDIAN_OF_SQUARE))  # what stands out must not hide itself
        stands = np.abs(1.5 * (y ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * np.sqrt(usual)))
        weight = known * np.where(stands > OUTLYING, (OUTLYING / np.maximum(stands, OUTLYING)) ** 2, 1.0)
        weight *= count / weight.sum(axis=1, keepdims=True)
    told = np.exp(np.clip(beta @ point, -30, 30))
    error = np.einsum("i,tij,j->t", point, bread, point)
    return told, (phi[:, 0] - 1) / told + phi[:, 0] * error


def _fitted(
    y: FloatArray, design: FloatArray, weight: FloatArray, beta: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Poisson's regression of each row by weighted least squares: coefficients, means, (XᵀWX)⁻¹."""
    terms = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), terms * terms)
    for _ in range(ROUNDS):
        mean = np.exp(np.clip(beta @ design.T, -30, 30))
        bread = _inverse(((weight * mean) @ products).reshape(-1, terms, terms))
        step = np.einsum("tij,tj->ti", bread, (weight * (y - mean)) @ design)
        beta = beta + np.clip(step, -2, 2)
        if float(np.abs(step).max()) < 1e-6:
            break
    return beta, np.maximum(np.exp(np.clip(beta @ design.T, -30, 30)), 1e-9), bread


def _inverse(matrices: FloatArray) -> FloatArray:
    """Inverses; generalised ones where the counts do not tell all terms apart."""
    try:
        found: FloatArray = np.linalg.inv(matrices).astype(float)
    except np.linalg.LinAlgError:
        found = np.linalg.pinv(matrices, hermitian=True).astype(float)
    return found


def _runs(off: FloatArray) -> IntArray:
    run = np.zeros(len(off), np.int64)
    for i, side in enumerate(np.sign(np.nan_to_num(off)).astype(int).tolist()):
        before = int(run[i - 1]) if i else 0
        run[i] = side + (before if side * before > 0 else 0) if side else 0
    return run
