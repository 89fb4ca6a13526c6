"""One series of counts: its trend, and whether it broke where something began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shouwang.engine.effects.result import Check, Effect, check_level, counted, p_of, t_of
from shouwang.engine.effects.scatter import SWITCH_P
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.terms import FloatArray, IntArray

LEAST_BEFORE, LEAST_AFTER = 8, 4
AUTOCORRELATED_P = 0.05
MOST_PERIODS = 20_000


def its(
    counts: ArrayLike, began: int, season: int | None = None, slope: bool = False, level: float = 0.95
) -> Effect:
    """By what factor a series lies above or below its own line from period `began` on.

    log E[y] = a + b t + after · (c + d (t − began)) + season, d only with `slope`; the effect is e^(c + d · mean time
    since), the mean over the time after (Bernal, Cummins & Gasparrini, Int. J. Epidemiology 46, 2017). season: periods
    per year, taken out by two harmonics where there are two years. Raises `BadInput`; `NoAnswer` for fewer
    than 8 periods before or 4 after, and without cases on one side.
    """
    y = _checked(counts, season, level)
    before, after = began, len(y) - began
    if before < LEAST_BEFORE or after < LEAST_AFTER:
        raise NoAnswer(
            f"{max(0, before)} periods before and {max(0, after)} after are too few to draw a line through: it takes "
            f"{LEAST_BEFORE} and {LEAST_AFTER}. Take shorter periods, or compare sums (poisson, wdd)."
        )
    if not (y[:began].sum() and y[began:].sum()):
        raise NoAnswer("There is no case before, or none after: no factor exists. Compare sums instead (poisson).")
    since: FloatArray = np.arange(-began, after, dtype=float)
    columns = {"level": np.ones(len(y)), "trend": since, "break": (since >= 0).astype(float)}
    contrast = {"break": 1.0}
    if slope:
        columns["bend"] = np.maximum(since, 0.0)
        contrast["bend"] = float(columns["bend"][began:].mean())
    fit = _fit(y, columns, season)
    without = np.exp(fit.design @ fit.beta - (since >= 0) * (fit.design @ fit.beta_of(("break", "bend"))))
    expected = float(without[began:].sum())
    details = {
        "after": int(y[began:].sum()), "after_without": expected, "trend_per_period": fit.factor("trend"),
        "expected": np.exp(fit.design @ fit.beta).tolist(), "without": without.tolist(),
    }  # fmt: skip
    return fit.effect("its", contrast, level, details)


def trend(counts: ArrayLike, season: int | None = None, level: float = 0.95) -> Effect:
    """The factor by which counts change over the whole time, from log E[y] = a + b t + season: e^(b (n − 1)).

    `details.per_period` and its interval for one step. Raises `BadInput`; `NoAnswer` for fewer than 8
    periods or without cases.
    """
    y = _checked(counts, season, level)
    if len(y) < LEAST_BEFORE or not y.sum():
        raise NoAnswer(f"{len(y)} periods with {y.sum()} cases are too few for a trend: it takes {LEAST_BEFORE}.")
    steps = np.arange(len(y), dtype=float) - (len(y) - 1) / 2
    fit = _fit(y, {"level": np.ones(len(y)), "trend": steps}, season)
    one = fit.effect("trend", {"trend": 1.0}, level, {})
    details = {
        "per_period": one.estimate, "per_period_low": one.low, "per_period_high": one.high, "periods": len(y),
        "expected": np.exp(fit.design @ fit.beta).tolist(),
    }  # fmt: skip
    return fit.effect("trend", {"trend": len(y) - 1.0}, level, details)


@dataclass(frozen=True, slots=True)
class _Fit:
    names: list[str]
    design: FloatArray
    beta: FloatArray
    covariances: tuple[FloatArray, ...]
    df: float
    law: str
    checks: tuple[Check, ...]

    def beta_of(self, names: tuple[str, ...]) -> FloatArray:
        """The coefficients of these columns, 0 for the others."""
        return np.array([value if name in names else 0.0 for name, value in zip(self.names, self.beta, strict=True)])

    def factor(self, name: str) -> float:
        return float(np.exp(self.beta[self.names.index(name)]))

    def effect(self, method: str, contrast: dict[str, float], level: float, details: Mapping[str, Any]) -> Effect:
        weights = np.array([contrast.get(name, 0.0) for name in self.names])
        # Newey–West's errors come out too narrow in short series: never below the plain ones.
        error = max(float(np.sqrt(weights @ covariance @ weights)) for covariance in self.covariances)
        value = float(weights @ self.beta)
        low, high = np.exp(value + np.array([-1.0, 1.0]) * t_of(level, self.df) * error)
        return Effect(
            method, "ratio", float(np.exp(value)), float(low), float(high), p_of(value / error, self.df), 1.0,
            self.law, level, checks=self.checks, details=details,
        )  # fmt: skip


def _checked(counts: ArrayLike, season: int | None, level: float) -> IntArray:
    faults = Faults()
    check_level(faults, level)
    y = counted(faults, "counts", counts)
    if season is not None and season < 3:
        faults.add("season", "not a number of periods per year", season, "Give 12 for months, 52 for weeks.")
    if len(y) > MOST_PERIODS:
        faults.add("counts", f"more than {MOST_PERIODS:,} periods", len(y), "Take longer periods.")
    faults.raise_if_any()
    return y


def _fit(y: IntArray, columns: dict[str, FloatArray], season: int | None) -> _Fit:
    """Poisson's regression, its errors widened where counts scatter more, and Newey–West's where periods hang together.

    Newey & West (Econometrica 55, 1987) with ⌊4 (n/100)^(2/9)⌋ + 1 lags and the correction for small samples.
    """
    # A second to import: only those who ask pay.
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.stats.diagnostic import acorr_ljungbox

    columns = dict(columns)
    taken = season is not None and len(y) >= 2 * season
    if taken:
        assert season is not None
        for k in range(1, min(2, (season - 1) // 2) + 1):
            turn = 2 * np.pi * k * np.arange(len(y)) / season
            columns |= {f"sin{k}": np.sin(turn), f"cos{k}": np.cos(turn)}
    design = np.column_stack(list(columns.values()))
    plain = GLM(y, design, family=Poisson()).fit()
    df = float(plain.df_resid)
    index = float(plain.pearson_chi2 / df)
    p = float(special.chdtrc(df, plain.pearson_chi2))
    wide = p < SWITCH_P and index > 1
    checks = [Check("scatter_quasi" if wide else "scatter_poisson", {"index": index, "p": p})]
    alike = float(acorr_ljungbox(plain.resid_pearson, lags=[max(1, min(10, len(y) // 5))])["lb_pvalue"].iloc[0])
    lags = int(4 * (len(y) / 100) ** (2 / 9)) + 1
    covariances = [np.asarray(plain.cov_params()) * (index if wide else 1.0)]
    law = "quasi-Poisson regression" if wide else "Poisson regression"
    if alike < AUTOCORRELATED_P:
        options = {"maxlags": lags, "use_correction": True}
        covariances.append(GLM(y, design, family=Poisson()).fit(cov_type="HAC", cov_kwds=options).cov_params())
        law += ", Newey–West errors"
    checks.append(Check("autocorrelated" if alike < AUTOCORRELATED_P else "independent", {"p": alike}))
    checks.append(Check("season_taken", {"season": season}) if taken else Check("season_unknown"))
    return _Fit(list(columns), design, np.asarray(plain.params), tuple(covariances), df, law, tuple(checks))
