"""Andresen's spatial point pattern test: whether two sets of points lie on the areas in like shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shouwang.engine.effects.result import Check, Effect, check_level, counted
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

DRAWS, PART = 200, 0.85
CUT = 5
"""Of 200 draws the five smallest and the five largest are cut off: the 6th and the 195th bound 95 %."""
CHANCE_DRAWS = 199


def sppt(base: ArrayLike, test: ArrayLike, *, rng: np.random.Generator, level: float = 0.95) -> Effect:
    """Share of areas whose share of the base points fits that of the test points. base, test (areas,): points per area.

    200 draws of 85 % of the test points without replacement; per area the 6th and the 195th smallest share bound an
    interval, and it is like the base if the base's share lies inside (Andresen, Applied Geography 29, 2009).
    `estimate` is the robust S, over areas with a point in either set; `details.s` counts all. Draws without
    replacement vary less than points do, so even two sets from one pattern score far below 1: `low`, `high`, `p` and
    `none` come from pairs of sets drawn from the pooled shares.

    `details.generalised`: share of areas not told apart by the test of two proportions with the false discovery rate
    held at 1 − level (Wheeler, Steenbeek & Andresen, Transactions in GIS 22, 2018; Benjamini & Hochberg 1995): it
    treats both sets alike and serves sets of any size. Raises `BadInput`, and `NoAnswer` for an empty set.
    """
    faults = Faults()
    check_level(faults, level)
    first, second = counted(faults, "base", base), counted(faults, "test", test)
    if len(first) != len(second):
        told = f"{len(first)} and {len(second)}"
        faults.add("test", "base and test have other numbers of areas", told, "Give the same areas.")
    faults.raise_if_any()
    if not (first.sum() and second.sum()):
        raise NoAnswer("One of the sets has no point: there is no pattern to compare.")
    used = (first + second) > 0
    alike = similar(first, second, rng)
    robust = float(alike[used].mean())
    chance = _by_chance(first, second, rng)
    low, high = np.quantile(chance, (0.5 - level / 2, 0.5 + level / 2))
    tail = min(np.sum(chance <= robust), np.sum(chance >= robust)) + 1
    gap, p_values = _proportions(first, second)
    apart = discovered(p_values[used], 1 - level)
    checks = [Check("narrow_by_design", {"chance": float(chance.mean())})]
    if not used.all():
        checks.append(Check("empty_areas", {"areas": int((~used).sum())}))
    if min(first.sum(), second.sum()) < used.sum():
        checks.append(Check("few_points"))
    return Effect(
        "sppt", "share", robust, float(low), float(high), min(1.0, 2 * tail / (len(chance) + 1)), float(chance.mean()),
        f"{DRAWS} draws of {PART:.0%}", level, of_chance=True, checks=tuple(checks),
        details={
            "s": float(alike.mean()),
            "s_robust": robust,
            "generalised": float(1 - apart.mean()),
            "areas": len(first),
            "areas_used": int(used.sum()),
            "alike": alike.tolist(),
            "difference": gap.tolist(),
            "p_by_area": p_values.tolist(),
        },
    )  # fmt: skip


def similar(base: IntArray, test: IntArray, rng: np.random.Generator) -> BoolArray:
    """For each area whether the base's share lies in the interval of the draws from the test points."""
    taken = int(np.floor(PART * test.sum() + 0.5))
    drawn = rng.multivariate_hypergeometric(test, taken, size=DRAWS, method="marginals") / max(1, taken)
    ordered = np.sort(drawn, axis=0)
    share = base / base.sum()
    inside: BoolArray = (ordered[CUT] <= share) & (share <= ordered[DRAWS - CUT - 1])
    return inside


def discovered(p: FloatArray, rate: float) -> BoolArray:
    """Benjamini & Hochberg (1995): which hypotheses fall while the false discovery rate stays below `rate`."""
    order = np.argsort(p)
    passed = np.flatnonzero(p[order] <= rate * np.arange(1, len(p) + 1) / len(p))
    found = np.zeros(len(p), bool)
    if passed.size:
        found[order[: passed[-1] + 1]] = True
    return found


def _by_chance(base: IntArray, test: IntArray, rng: np.random.Generator) -> FloatArray:
    """Robust S of pairs of sets from one pattern, the pooled one."""
    pooled = (base + test) / (base + test).sum()
    found = []
    for _ in range(CHANCE_DRAWS):
        one, other = (rng.multinomial(points.sum(), pooled) for points in (base, test))
        used = (one + other) > 0
        found.append(similar(one, other, rng)[used].mean())
    return np.array(found, float)


def _proportions(base: IntArray, test: IntArray) -> tuple[FloatArray, FloatArray]:
    """Difference of shares (test − base) and both-sided p of each area, by the score test of two proportions."""
    n, m = base.sum(), test.sum()
    gap = test / m - base / n
    pooled = (base + test) / (n + m)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    z = np.divide(gap, error, out=np.zeros(len(gap)), where=error > 0)
    return gap, 2 * special.ndtr(-np.abs(z))
