"""Before against after without comparison areas, and what a published percentage alone can mean."""

from __future__ import annotations

import numpy as np
from scipy import special

from shouwang.engine.effects.intervals import ratio_interval
from shouwang.engine.effects.result import Check, Effect, Refusal, check_level, counted, p_of, t_of, z_of
from shouwang.engine.effects.scatter import scatter
from shouwang.engine.effects.wdd import Counts
from shouwang.engine.errors import Faults, NoAnswer

MOST_CASES = 20_000


def poisson(area: Counts, exposure_before: float = 1.0, exposure_after: float = 1.0, level: float = 0.95) -> Effect:
    """After over before as a ratio of rates; exposures in any one unit (days, households) stand for the whole times.

    Under Poisson's law p is the E-test's (Krishnamoorthy & Thomson, J. Stat. Planning and Inference 119, 2004) and
    the interval Wilson's for the share of cases that came after (Graham, Mietlowski et al., Statistics in Medicine 22,
    2003). Where parts of the times scatter more, the law is negative binomial: log ratio with variance Σ (1/T + α/n)
    and Student's quantiles. Raises `BadInput`; `NoAnswer` without any case, or with none on one side under the
    wider law.
    """
    faults = Faults()
    check_level(faults, level)
    before, after = (counted(faults, name, getattr(area, name)) for name in ("before", "after"))
    for name, exposure in (("exposure_before", exposure_before), ("exposure_after", exposure_after)):
        if not (np.isfinite(exposure) and exposure > 0):
            faults.add(name, "not an exposure", exposure, "Give a number above 0.")
    faults.raise_if_any()
    first, second = int(before.sum()), int(after.sum())
    if not first + second:
        raise Refusal("no_cases")
    spread = exposure_before / exposure_after
    wide = scatter([before, after])
    if wide.wide:
        if not (first and second):
            raise Refusal("one_side")
        ratio = second / first * spread
        parts = ((first, len(before)), (second, len(after)))
        error = float(np.sqrt(sum(1 / total + wide.alpha / n for total, n in parts)))
        low, high = ratio * np.exp(np.array([-1.0, 1.0]) * t_of(level, wide.df) * error)
        p, law = p_of(np.log(ratio) / error, wide.df), "negative binomial"
    else:
        ratio = second / first * spread if first else np.inf
        low, high = (end * spread for end in ratio_interval(second, first, level))
        p, law = _e_test(first, exposure_before, second, exposure_after), "Poisson"
    checks = [wide.check(float(special.ndtri(p / 2) / z_of(level)) ** 2), Check("no_comparison")]
    details = {"before": first, "after": second, "alpha": wide.alpha if wide.wide else 0.0}
    return Effect(
        "poisson", "ratio", float(ratio), float(low), float(high), p, 1.0, law, level,
        checks=tuple(checks), details=details,
    )  # fmt: skip


def reported(change: float, decimals: int = 1, level: float = 0.95) -> Effect:
    """What a published change in percent (-32.46, with `decimals` digits behind the point) can mean without its counts.

    The figures are those of the smallest counts that round to these digits, the most doubtful case; details:
    `least_before`, `least_after` (those counts), `told_apart_from` (fewest cases before from which on such a change is
    told from chance under Poisson's law; with a variance of f times the mean it takes f times as many).
    """
    faults = Faults()
    check_level(faults, level)
    if not (np.isfinite(change) and -100 <= change < 1000) or change == 0:
        faults.add("change", "not a change in percent", change, "Give a number from -100 to 1000, not 0.")
    if decimals not in range(5):
        faults.add("decimals", "not a number of digits", decimals, "Give 0 to 4.")
    faults.raise_if_any()
    before = np.arange(1, MOST_CASES)
    after = np.round(before * (1 + change / 100)).astype(np.int64)
    fits = np.flatnonzero(np.abs((after / before - 1) * 100 - change) <= 0.5 * 10.0**-decimals + 1e-9)
    if not fits.size:
        raise NoAnswer(f"No counts up to {MOST_CASES:,} give a change of {change:.{decimals}f} %: check its digits.")
    least = int(fits[0])
    found = poisson(Counts(before[least : least + 1], after[least : least + 1]), level=level)
    checks = (Check("counts_missing"), *found.checks)
    told = _told_apart_from(1 + change / 100, level)
    details = {"least_before": int(before[least]), "least_after": int(after[least]), "told_apart_from": told}
    return Effect(
        "poisson", "ratio", found.estimate, found.low, found.high, found.p, 1.0, found.law, level,
        checks=checks, details=details,
    )  # fmt: skip


def _told_apart_from(ratio: float, level: float) -> int:
    """The fewest cases before from which on the E-test tells the ratio from 1, rounding of the count after left out."""
    # Wald's figure is within a few cases of the exact one: search around it, and take it where counts are large.
    near = (z_of(level) / np.log(ratio)) ** 2 * (1 + 1 / ratio) if ratio > 0 else 0.0
    if near > 2_000:
        return int(np.ceil(near))
    number = max(1, int(near * 0.6))
    while _e_test(number, 1.0, round(number * ratio), 1.0) > 1 - level:
        number += 1
    return number


def _e_test(first: int, exposure_first: float, second: int, exposure_second: float) -> float:
    from scipy.stats import poisson_means_test  # takes half a second to import: only those who ask pay

    return min(1.0, float(poisson_means_test(first, exposure_first, second, exposure_second).pvalue))
