"""Relative change: by what factor an area changed beyond its comparison, from the sums of both."""

from __future__ import annotations

import numpy as np

from shouwang.engine.effects.result import Check, Effect, Refusal, check_level, counted, p_of, t_of, z_of
from shouwang.engine.effects.scatter import Scatter, scatter
from shouwang.engine.effects.wdd import DOUBT_P, PARTS_FOR_PLACEBO, REFUSE_P, Counts, small
from shouwang.engine.errors import Faults


def rirr(treated: Counts, control: Counts, level: float = 0.95) -> Effect:
    """(T₁/T₀)/(C₁/C₀), the relative incident rate ratio (Wilson, Journal of Quantitative Criminology 38, 2022).

    Its logarithm has variance Σ (1/N + α/n) over the four sums N of n parts each, α = 0 under Poisson's law; where
    parts of the times show a wider scatter the law is negative binomial, with Student's quantiles. Times before and
    after may differ in length, but must be the same for both. Raises `BadInput`; `Refusal` where a sum is 0, or if both
    moved apart before it began (p < 0.01 by the same figure for the two halves of the time before).
    """
    faults = Faults()
    check_level(faults, level)
    areas = {}
    for role, area in (("treated", treated), ("control", control)):
        before, after = (counted(faults, f"{role}.{name}", getattr(area, name)) for name in ("before", "after"))
        areas[role] = Counts(before, after)
    faults.raise_if_any()
    treated, control = areas["treated"], areas["control"]
    if not all(part.sum() for area in areas.values() for part in (area.before, area.after)):
        raise Refusal("no_factor")
    wide = _scatter(treated, control)
    value, error = _log_ratio(treated, control, wide)
    df = wide.df if wide.wide else np.inf
    half = error * (t_of(level, df) if wide.wide else z_of(level))
    low, high = np.exp([value - half, value + half])
    checks = [wide.check((value / (error * z_of(level))) ** 2), _comparable(treated, control), *small(areas)]
    without = float(treated.before.sum() * control.after.sum() / control.before.sum())
    return Effect(
        "rirr", "ratio", float(np.exp(value)), float(low), float(high), p_of(value / error, df), 1.0,
        "negative binomial" if wide.wide else "Poisson", level, checks=tuple(checks),
        details={"log_error": error, "alpha": wide.alpha if wide.wide else 0.0, "after": int(treated.after.sum()),
                 "after_without": without},
    )  # fmt: skip


def _scatter(treated: Counts, control: Counts) -> Scatter:
    return scatter([treated.before, treated.after, control.before, control.after])


def _log_ratio(treated: Counts, control: Counts, wide: Scatter) -> tuple[float, float]:
    """The logarithm of the ratio and its error."""
    parts = [treated.after, treated.before, control.after, control.before]
    signs = (1.0, -1.0, -1.0, 1.0)
    value = sum(sign * np.log(part.sum()) for sign, part in zip(signs, parts, strict=True))
    variance = sum(wide.variance(part) / part.sum() ** 2 for part in parts)
    return float(value), float(np.sqrt(variance))


def _comparable(treated: Counts, control: Counts) -> Check:
    """The same figure for two halves of the time before, when nothing had begun yet."""
    halves = treated.halves_before(), control.halves_before()
    known = all(part.sum() for area in halves for part in (area.before, area.after))
    if len(treated.before) < PARTS_FOR_PLACEBO or not known:
        return Check("comparable_untested", {"needed": PARTS_FOR_PLACEBO})
    wide = _scatter(*halves)
    value, error = _log_ratio(*halves, wide)
    p = p_of(value / error, wide.df if wide.wide else np.inf)
    if p < REFUSE_P:
        raise Refusal("apart_factor", factor=float(np.exp(value)), p=p)
    return Check("comparable" if p >= DOUBT_P else "comparable_doubtful", {"p": p})
