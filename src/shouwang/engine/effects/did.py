"""Difference in differences over many areas: by what factor treated areas changed beyond the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.effects.result import Check, Effect, Refusal, check_level, p_of, t_of
from shouwang.engine.effects.wdd import DOUBT_P, REFUSE_P, SMALL
from shouwang.engine.errors import BadInput, Fault, Faults, NoAnswer
from shouwang.engine.terms import BoolArray, FloatArray

ENOUGH_UNITS = 10


@dataclass(frozen=True, slots=True)
class Panel:
    """counts (areas, periods); treated (areas,); after (periods,). Every area is counted in every period."""

    counts: FloatArray
    treated: BoolArray
    after: BoolArray


def did(panel: Panel, level: float = 0.95) -> Effect:
    """e^δ of log E[y] = area + period + δ · treated · after, errors clustered by area.

    With every area counted in every period and one common start, the maximum-likelihood δ is
    log (T₁ C₀ / T₀ C₁) of the groups' sums, whatever the effects of areas and periods, and its variance clustered by
    area is Σ (y₁/T₁ − y₀/T₀)² over the treated plus the same over the others, each times n/(n − 1); Student's quantiles
    with Welch's degrees of freedom. Consistent whatever the law of counts (Wooldridge, J. Econometrics 90,
    1999). Raises `BadInput` for a panel that does not fit; `NoAnswer` for a group of one area, a sum of 0, or
    groups that moved apart before (p < 0.01 by the same figure for the two halves of the time before).
    """
    _check(panel, level)
    estimate, error, df = _difference(panel)
    units = int(min(panel.treated.sum(), (~panel.treated).sum()))
    low, high = np.exp(estimate + np.array([-1.0, 1.0]) * t_of(level, df) * error)
    enough = Check("units_enough", {"units": units}) if units >= ENOUGH_UNITS else None
    sums = {
        f"{group}_{time}": float(panel.counts[np.ix_(rows, columns)].sum())
        for group, rows in (("treated", panel.treated), ("control", ~panel.treated))
        for time, columns in (("before", ~panel.after), ("after", panel.after))
    }
    checks = [enough or Check("few_units", {"units": units, "df": df}), _comparable(panel)]
    if min(sums.values()) < SMALL:
        checks.append(Check("small_counts", {"least": SMALL}))
    return Effect(
        "did", "ratio", float(np.exp(estimate)), float(low), float(high), p_of(estimate / error, df), 1.0,
        "quasi-Poisson, clustered by area", level, checks=tuple(checks),
        details=sums | {"log_error": error, "df": df, "areas": len(panel.treated)},
    )  # fmt: skip


def _check(panel: Panel, level: float) -> None:
    faults = Faults()
    check_level(faults, level)
    shape = (len(panel.treated), len(panel.after))
    if panel.counts.shape != shape:
        faults.add("counts", "not areas by periods", str(panel.counts.shape), f"Give an array of {shape}.")
    elif not (np.isfinite(panel.counts).all() and (panel.counts >= 0).all()):
        faults.add("counts", "some counts are missing or below 0", None, "Write 0 where nothing happened.")
    if panel.after.all() or not panel.after.any():
        faults.add("after", "all periods lie on one side", None, "Give periods before and after.")
    faults.raise_if_any()
    for name, units in (("treated", panel.treated.sum()), ("comparison", (~panel.treated).sum())):
        if units < 2:
            raise Refusal("one_area", units=int(units), name=name)


def _difference(panel: Panel) -> tuple[float, float, float]:
    """δ, its clustered error, and Welch's degrees of freedom."""
    variances, sizes, delta = [], [], 0.0
    for sign, rows in ((1.0, panel.treated), (-1.0, ~panel.treated)):
        before = panel.counts[rows][:, ~panel.after].sum(axis=1)
        after = panel.counts[rows][:, panel.after].sum(axis=1)
        if not (before.sum() and after.sum()):
            raise Refusal("no_factor")
        delta += sign * float(np.log(after.sum() / before.sum()))
        n = len(before)
        variances.append(float(((after / after.sum() - before / before.sum()) ** 2).sum()) * n / (n - 1))
        sizes.append(n)
    total = sum(variances)
    if not total:
        raise BadInput([Fault("counts", "all areas changed by exactly one factor", None, "Check the counts.")])
    df = total**2 / sum(v**2 / (n - 1) for v, n in zip(variances, sizes, strict=True))
    return delta, float(np.sqrt(total)), float(df)


def _comparable(panel: Panel) -> Check:
    before = np.flatnonzero(~panel.after)
    if len(before) < 2:
        return Check("comparable_untested", {"needed": 2})
    late = np.arange(len(before)) >= (len(before) + 1) // 2
    try:
        delta, error, df = _difference(Panel(panel.counts[:, before], panel.treated, late))
    except (NoAnswer, BadInput):
        return Check("comparable_untested", {"needed": 2})
    p = p_of(delta / error, df)
    if p < REFUSE_P:
        raise Refusal("apart_factor", factor=float(np.exp(delta)), p=p)
    return Check("comparable" if p >= DOUBT_P else "comparable_doubtful", {"p": p})
