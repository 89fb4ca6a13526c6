"""How many calls a day, the whole ground together: a decayed mean, and what each weekday makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.demand.past import DAY_H, Past
from shouwang.engine.terms import FloatArray, IntArray

HALF_LIVES_D = (7.0, 14.0, 28.0, 60.0, 180.0, 730.0)
WEEKDAY_WORTH = 30.0  # calls' worth of an even week in the weekdays' factors
JUDGED_D = 112


@dataclass(frozen=True, slots=True)
class Level:
    """`by_day`: calls a mean day, as known at the start of each day since the first and, last, at the origin;
    `weekday`: factors (7,) from Monday, about 1; `half_life_d`: of the decayed mean."""

    by_day: FloatArray
    weekday: FloatArray
    half_life_d: float
    first_h: int

    @property
    def now(self) -> float:
        return float(self.by_day[-1])

    def day_total(self, hour: IntArray) -> FloatArray:
        """Calls expected on the day of each hour, as known at the origin."""
        total: FloatArray = self.now * self.weekday[_weekday(hour)]
        return total

    def day_total_then(self, hour: IntArray) -> FloatArray:
        """Calls expected on the day of each past hour, as known when that day began."""
        then = self.by_day[(hour - self.first_h) // DAY_H]
        total: FloatArray = then * self.weekday[_weekday(hour)]
        return total


def level_of(past: Past, city: FloatArray, half_life_d: float | None = None) -> Level:
    """The level at the origin and on each day before. `city`: shares (7, 24) of a day by hour, for a day cut
    short.

    level = Σ 2^(−age/h) · calls / Σ 2^(−age/h) · weekday factor · share of the day that has passed. Without a
    given half-life h, the one with the best Poisson log score of next-day totals over the last 112 days.
    """
    days = max(1, -(-past.span_h // DAY_H))
    hour = past.first_h + DAY_H * np.arange(days)
    calls = np.bincount((past.hour - past.first_h) // DAY_H, minlength=days).astype(float)
    weekday = _weekday(hour)
    passed = np.ones(days)
    passed[-1] = city[weekday[-1], : (past.origin_h - 1) % DAY_H + 1].sum() if past.span_h else 1.0
    factor = _weekday_factors(calls, weekday, passed)
    half_lives = HALF_LIVES_D if half_life_d is None else (half_life_d,)
    levels = _decayed_means(calls, factor[weekday] * passed, np.array(half_lives))
    best = int(np.argmax(_log_scores(calls, levels[:-1] * (factor[weekday] * passed)[:, None])))
    return Level(levels[:, best], factor, half_lives[best], past.first_h)


def _weekday(hour: IntArray) -> IntArray:
    return (hour // DAY_H + 3) % 7


def _weekday_factors(calls: FloatArray, weekday: IntArray, passed: FloatArray) -> FloatArray:
    even = np.bincount(weekday, passed, 7) * calls.sum() / passed.sum()
    factors: FloatArray = (np.bincount(weekday, calls, 7) + WEEKDAY_WORTH) / (even + WEEKDAY_WORTH)
    return factors


def _decayed_means(calls: FloatArray, exposure: FloatArray, half_lives_d: FloatArray) -> FloatArray:
    """Means (days + 1, half-lives) known at the start of each day; the first day borrows its own."""
    keep = np.exp2(-1.0 / half_lives_d)
    seen, watched = np.zeros(len(keep)), np.zeros(len(keep))
    means = np.empty((len(calls) + 1, len(keep)))
    for day, (count, part) in enumerate(zip(calls, exposure, strict=True)):
        seen, watched = seen * keep + count, watched * keep + part
        means[day + 1] = seen / watched
    means[0] = means[1]
    return means


def _log_scores(calls: FloatArray, expected: FloatArray) -> FloatArray:
    expected = np.maximum(expected[-JUDGED_D:], 1e-9)
    score: FloatArray = (calls[-JUDGED_D:, None] * np.log(expected) - expected).sum(axis=0)
    return score
