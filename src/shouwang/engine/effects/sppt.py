"""Andresen's spatial point pattern test: whether two sets of points lie on the areas in like shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shouwang.engine.effects.result import Check, Effect, Refusal, check_level, counted, z_of
from shouwang.engine.effects.scatter import SWITCH_P
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

DRAWS, PART = 200, 0.85
CUT = 5
"""Of 200 draws the five smallest and the five largest are cut off: the 6th and the 195th bound 95 %."""
CHANCE_DRAWS = 199
HALF = 0.5  # of the areas, in which the test has to see something


def sppt(base: ArrayLike, test: ArrayLike, *, rng: np.random.Generator, level: float = 0.95) -> Effect:
    """Share of areas whose share of the base points fits that of the test points. base, test (areas,): points per area.

    200 draws of 85 % of the test points without replacement; per area the 6th and the 195th smallest share bound an
    interval, and it is like the base if the base's share lies inside (Andresen, Applied Geography 29, 2009).
    `estimate` is the robust S, over areas with a point in either set; `details.s` counts all. Draws without
    replacement vary less than points do, so even two sets from one pattern score far below 1: `low`, `high`, `p` and
    `none` come from pairs of sets drawn from the pooled shares.

    `details.generalised`: share of areas not told apart by the test of two proportions with the false discovery rate
    held at 1 − level (Wheeler, Steenbeek & Andresen, Transactions in GIS 22, 2018; Benjamini & Hochberg 1995): it
    treats both sets alike and serves sets of any size.

    Either set may come in parts (areas, parts), as months: where its areas differ from part to part by more than
    chance, pairs are drawn and errors taken as much wider. Raises `BadInput`, and `NoAnswer` for an empty set or where
    so few points say nothing.
    """
    faults = Faults()
    check_level(faults, level)
    parts = [_parts(faults, name, values) for name, values in (("base", base), ("test", test))]
    if len(parts[0]) != len(parts[1]):
        told = f"{len(parts[0])} and {len(parts[1])}"
        faults.add("test", "base and test have other numbers of areas", told, "Give the same areas.")
    faults.raise_if_any()
    first, second = (part.sum(axis=1) for part in parts)
    if not (first.sum() and second.sum()):
        raise NoAnswer("One of the sets has no point: there is no pattern to compare.")
    used = (first + second) > 0
    alike = similar(first, second, rng)
    robust = float(alike[used].mean())
    index, gathers = _gathering(parts)
    chance = _by_chance(first, second, index, rng)
    low, high = np.quantile(chance, (0.5 - level / 2, 0.5 + level / 2))
    if low <= 0:
        raise Refusal("blind", points=int(min(first.sum(), second.sum())), areas=int(used.sum()))
    tail = min(np.sum(chance <= robust), np.sum(chance >= robust)) + 1
    gap, p_values = _proportions(first, second, index)
    apart = discovered(p_values[used], 1 - level)
    checks = [Check("narrow_by_design", {"chance": float(chance.mean())}), gathers]
    checks += [_resolution(first, second, index, level), _one_sided(first, second, level)]
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
            "index": index,
            "areas": len(first),
            "areas_used": int(used.sum()),
            "alike": alike.tolist(),
            "difference": gap.tolist(),
            "p_by_area": p_values.tolist(),
        },
    )  # fmt: skip


def _parts(faults: Faults, name: str, values: ArrayLike) -> IntArray:
    """Counts as (areas, parts)."""
    table = np.asarray(values, float)
    if table.ndim != 2:
        return counted(faults, name, table)[:, None]
    return np.stack([counted(faults, f"{name}[:, {n}]", part) for n, part in enumerate(table.T)], axis=1)


def _gathering(parts: Sequence[IntArray]) -> tuple[float, Check]:
    """How many times as wide as chance counts of areas vary from part to part, both sets together (X² of homogeneity
    over its degrees of freedom), 1 where they do not; and what is told of it."""
    squares, df = 0.0, 0
    for part in parts:
        told = part[part.sum(axis=1) > 0][:, part.sum(axis=0) > 0].astype(float)
        expected = told.sum(axis=1, keepdims=True) * told.sum(axis=0) / max(1.0, told.sum())
        squares += float(((told - expected) ** 2 / expected).sum())
        df += (told.shape[0] - 1) * (told.shape[1] - 1)
    if df <= 0:
        return 1.0, Check("gathering_untested")
    index, p = squares / df, float(special.chdtrc(df, squares))
    if p >= SWITCH_P:
        return 1.0, Check("not_gathering", {"index": index, "p": p})
    return max(1.0, index), Check("gathering", {"index": index, "p": p})


def _resolution(base: IntArray, test: IntArray, index: float, level: float) -> Check:
    """In how many areas twice the base's share would be told by the test of two proportions."""
    n, m = base.sum(), test.sum()
    share = ((base + test) / (n + m))[(base + test) > 0]
    error = np.sqrt(index * 1.5 * share * (1 - np.minimum(1.5 * share, 1)) * (1 / n + 1 / m))
    told = float((share >= z_of(level) * error).mean())
    return Check("resolved" if told >= HALF else "coarse", {"share": told})


def _one_sided(base: IntArray, test: IntArray, level: float) -> Check:
    """Areas whose emptiness in one set the other makes next to impossible, all areas being looked at."""
    pooled = (base + test) / (base + test).sum()
    none = np.where(base == 0, (1 - pooled) ** base.sum(), np.where(test == 0, (1 - pooled) ** test.sum(), 1.0))
    areas = int((none < (1 - level) / len(base) / 10).sum())
    return Check("areas_one_sided", {"areas": areas}) if areas else Check("areas_match")


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


def _by_chance(base: IntArray, test: IntArray, index: float, rng: np.random.Generator) -> FloatArray:
    """Robust S of pairs of sets from one pattern, the pooled one, counts varying `index` times as widely as points that
    fall independently."""
    pooled = (base + test) / (base + test).sum()
    found = []
    for _ in range(CHANCE_DRAWS):
        one, other = (_set(int(points.sum()), pooled, index, rng) for points in (base, test))
        used = (one + other) > 0
        found.append(similar(one, other, rng)[used].mean())
    return np.array(found, float)


def _set(points: int, shares: FloatArray, index: float, rng: np.random.Generator) -> IntArray:
    """Points on areas; with an index above 1 by a Dirichlet-multinomial law of so much more variance (Mosimann,
    Biometrika 49, 1962)."""
    if index <= 1 or points <= index:
        return rng.multinomial(points, shares)
    some = np.flatnonzero(shares)
    drawn = np.zeros(len(shares))
    drawn[some] = rng.dirichlet(shares[some] * (points - index) / (index - 1))
    return rng.multinomial(points, drawn)


def _proportions(base: IntArray, test: IntArray, index: float) -> tuple[FloatArray, FloatArray]:
    """Difference of shares (test − base) and both-sided p of each area, by the score test of two proportions."""
    n, m = base.sum(), test.sum()
    gap = test / m - base / n
    pooled = (base + test) / (n + m)
    error = np.sqrt(index * pooled * (1 - pooled) * (1 / n + 1 / m))
    z = np.divide(gap, error, out=np.zeros(len(gap)), where=error > 0)
    return gap, 2 * special.ndtr(-np.abs(z))
