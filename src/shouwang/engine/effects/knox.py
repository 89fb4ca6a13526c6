"""Repeats and near repeats: whether cases close in place are also close in time, beyond chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from shouwang.engine.effects.result import Check, Effect, check_level
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

DAY_S = 86_400
SAME_PLACE_M = 1.0
LEAST_CASES, MOST_PAIRS = 20, 3_000_000
MOVED_P = 0.05
EACH = 15  # cases in each zone and period, on average, for them to be kept apart
GRIDS = ((4, 6), (3, 6), (3, 4), (2, 4), (2, 2))  # zones a side, and periods; the finest that the cases allow
WIDER = 3.0  # times as wide as the first band zones and periods have to be, so that repeats stay within them
STEADY_DRAWS = 199
FEW_PAIRS = 5.0


def knox(
    x_m: ArrayLike,
    y_m: ArrayLike,
    time_s: ArrayLike,
    *,
    rng: np.random.Generator,
    within_m: Sequence[float] = (200.0, 400.0),
    within_d: Sequence[float] = (14.0, 28.0),
    draws: int = 999,
    level: float = 0.95,
) -> Effect:
    """Pairs of cases within the first distance and time, over the pairs that chance gives (Knox, Applied Statistics 13,
    1964).

    x_m, y_m, time_s (cases,): metres in a plane, seconds. Chance: times dealt out anew over the places (Johnson et al.,
    J. Quantitative Criminology 23, 2007), which keeps both patterns. `within_m`, `within_d`: ends of rising bands; the
    same place (up to 1 m) is a band of its own in front. The effect is that of all pairs within the first
    distance and first time; `details.bands` has every band with its ratio and p. `low`, `high`: what chance
    gives. Cases with the time and place of another are counted once.

    Risk that rises here while it falls there passes for repeats (Kulldorff & Hjalmars, Biometrics 55, 1999): whether
    counts of zones changed alike over periods is tested by the same drawn orders, and where they did not, times are
    dealt out within each zone and period alone. Raises `BadInput`; `NoAnswer` for fewer than 20 cases, no near pair to
    expect, or more than 3 million pairs within the widest distance.
    """
    faults = Faults()
    check_level(faults, level)
    for name, ends in (("within_m", within_m), ("within_d", within_d)):
        if not len(ends) or not np.all(np.isfinite(ends)) or np.any(np.diff([0.0, *ends]) <= 0):
            faults.add(name, "not rising ends above 0", str(list(ends)), "Give for example 200, 400.")
    if draws < 99:
        faults.add("draws", "too few draws", draws, "Give at least 99.")
    cases = np.column_stack([np.asarray(value, float) for value in (x_m, y_m, time_s)])
    if not np.isfinite(cases).all():
        faults.add("cases", "a place or time is not finite", None, "Leave such cases out.")
    faults.raise_if_any()
    kept = np.unique(cases, axis=0)
    if len(kept) < LEAST_CASES:
        raise NoAnswer(f"{len(kept)} cases are too few to look for repeats: it takes {LEAST_CASES}.")
    first, second, space_band = _pairs(kept[:, :2], within_m)
    observed = _table(kept[:, 2], first, second, space_band, within_m, within_d)
    blocks = _blocks(kept, within_m[0], within_d[0] * DAY_S)
    steady, law = _steady(blocks, rng), f"times dealt out {draws} times"
    apart = steady.code == "risk_moved"
    block = blocks[0] * (int(blocks[1].max()) + 1) + blocks[1] if apart else np.zeros(len(kept), np.int64)
    drawn = np.array(
        [_table(_dealt(kept[:, 2], block, rng), first, second, space_band, within_m, within_d) for _ in range(draws)]
    )
    near = (slice(None), slice(0, 2), slice(0, 1))  # the same place and the first distance, in the first time
    mean, count = float(drawn[near].sum(axis=(1, 2)).mean()), float(observed[:2, :1].sum())
    if not mean:
        raise NoAnswer("Chance would give no pair so near: take a wider distance or a longer time.")
    chance = drawn[near].sum(axis=(1, 2))
    low, high = np.quantile(chance, (0.5 - level / 2, 0.5 + level / 2)) / mean
    return Effect(
        "knox", "ratio", count / mean, float(low), float(high), _p(chance, count), 1.0,
        f"{law} within zones and periods" if apart else law, level, of_chance=True,
        checks=(steady, _enough(mean), *_checks(cases, kept)),
        details={
            "cases": len(kept), "near_pairs": count, "near_pairs_by_chance": mean,
            "bands": _bands(observed, drawn, within_m, within_d),
        },
    )  # fmt: skip


def _blocks(kept: FloatArray, within_m: float, within_s: float) -> tuple[IntArray, IntArray]:
    """The zone and the period of each case: stripes of equally many cases cut again across, and equally many in time;
    one of each where finer ones would hold too few or be hardly wider than a band."""
    for side, periods in GRIDS:
        if len(kept) < EACH * side * side * periods:
            continue
        stripe = _cut(kept[:, 0], side)
        zone = np.zeros(len(kept), np.int64)
        for n in range(side):
            zone[stripe == n] = n * side + _cut(kept[stripe == n, 1], side)
        period = _cut(kept[:, 2], periods)
        wide = min(float(np.median([np.ptp(kept[zone == n, axis]) for n in range(side * side)])) for axis in (0, 1))
        long = float(np.median([np.ptp(kept[period == n, 2]) for n in range(periods)]))
        if wide >= WIDER * within_m and long >= WIDER * within_s:
            return zone, period
    return np.zeros(len(kept), np.int64), np.zeros(len(kept), np.int64)


def _cut(values: FloatArray, parts: int) -> IntArray:
    """Numbers 0 … parts − 1 of parts that hold equally many of the values, equal ones in one part."""
    ends = np.quantile(values, np.arange(1, parts) / parts)
    return np.searchsorted(ends, values, side="right").astype(np.int64)


def _steady(blocks: tuple[IntArray, IntArray], rng: np.random.Generator) -> Check:
    """Whether zones and periods are independent: X² of their table against that of periods dealt out anew."""
    zone, period = blocks
    zones, periods = len(np.unique(zone)), len(np.unique(period))
    if zones == 1 or periods == 1:
        side, least = GRIDS[-1]
        return Check("risk_untested", {"needed": EACH * side * side * least})
    observed = _square(zone, period)
    chance = np.array([_square(zone, rng.permutation(period)) for _ in range(STEADY_DRAWS)])
    p = float((np.sum(chance >= observed) + 1) / (STEADY_DRAWS + 1))
    return Check("risk_moved" if p < MOVED_P else "risk_steady", {"zones": zones, "periods": periods, "p": p})


def _square(zone: IntArray, period: IntArray) -> float:
    table = np.zeros((zone.max() + 1, period.max() + 1))
    np.add.at(table, (zone, period), 1.0)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(((table - expected) ** 2 / np.maximum(expected, 1e-9)).sum())


def _dealt(time_s: FloatArray, block: IntArray, rng: np.random.Generator) -> FloatArray:
    """The times in an order of chance within each block."""
    order = np.argsort(block, kind="stable")
    drawn = np.lexsort((rng.random(len(block)), block))
    dealt = np.empty_like(time_s)
    dealt[order] = time_s[drawn]
    return dealt


def _enough(pairs: float) -> Check:
    return Check("few_pairs" if pairs < FEW_PAIRS else "pairs_enough", {"pairs": pairs})


def _pairs(xy: FloatArray, within_m: Sequence[float]) -> tuple[IntArray, IntArray, IntArray]:
    """Pairs up to the widest distance, and the band of each: 0 for the same place, from 1 on those of `within_m`."""
    tree = cKDTree(xy)
    number = (int(tree.count_neighbors(tree, within_m[-1])) - len(xy)) // 2
    if number > MOST_PAIRS:
        raise NoAnswer(f"{number:,} pairs of cases lie within {within_m[-1]:g} m: take a shorter distance or time.")
    pairs = tree.query_pairs(within_m[-1], output_type="ndarray")
    first, second = pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)
    apart = np.hypot(*(xy[first] - xy[second]).T)
    return first, second, np.searchsorted([SAME_PLACE_M, *within_m], apart).astype(np.int64)


def _table(
    time_s: FloatArray,
    first: IntArray,
    second: IntArray,
    space_band: IntArray,
    within_m: Sequence[float],
    within_d: Sequence[float],
) -> IntArray:
    """Pairs by band of place (rows) and of time."""
    days = np.abs(time_s[first] - time_s[second]) / DAY_S
    time_band = np.searchsorted(within_d, days)
    shape = (len(within_m) + 1, len(within_d) + 1)
    table = np.bincount(space_band * shape[1] + time_band, minlength=shape[0] * shape[1]).reshape(shape)
    return table[:, :-1].astype(np.int64)


def _p(chance: AnyArray, count: float) -> float:
    """Both-sided p of a permutation test, the observed order being one of the orders."""
    tail = min(int((chance >= count).sum()), int((chance <= count).sum())) + 1
    return min(1.0, 2 * tail / (len(chance) + 1))


def _bands(
    observed: IntArray, drawn: IntArray, within_m: Sequence[float], within_d: Sequence[float]
) -> list[dict[str, float]]:
    rows = []
    for i, (from_m, to_m) in enumerate(zip([0.0, SAME_PLACE_M, *within_m], [SAME_PLACE_M, *within_m], strict=False)):
        for j, (from_d, to_d) in enumerate(zip([0.0, *within_d], within_d, strict=False)):
            mean, count = float(drawn[:, i, j].mean()), int(observed[i, j])
            rows.append(
                {
                    "from_m": from_m, "to_m": to_m, "from_d": from_d, "to_d": to_d, "pairs": count,
                    "by_chance": mean, "ratio": count / mean if mean else float("nan"), "p": _p(drawn[:, i, j], count),
                }
            )  # fmt: skip
    return rows


def _checks(cases: FloatArray, kept: FloatArray) -> tuple[Check, ...]:
    checks = []
    if len(kept) < len(cases):
        checks.append(Check("repeated_rows", {"cases": len(cases) - len(kept)}))
    points = len(np.unique(kept[:, :2], axis=0))
    if points < 0.8 * len(kept):
        checks.append(Check("same_points", {"share": 1 - points / len(kept)}))
    if np.mean(kept[:, 2] % DAY_S == 0) > 0.95:
        checks.append(Check("date_only"))
    return tuple(checks)
