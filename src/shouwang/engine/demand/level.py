"""How many calls a day, the whole ground together: a decayed mean, and what weekday, season and festival make of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.demand.calendar import ORDINARY, Special, learn_factors, learn_hours
from shouwang.engine.demand.past import DAY_H, LEAST_ORDINARY_D, Past
from shouwang.engine.demand.season import Season, learn_season, no_season
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

HALF_LIVES_D = (7.0, 14.0, 28.0, 60.0, 180.0, 730.0)
WEEKDAY_WORTH = 30.0  # calls' worth of an even week in the weekdays' factors
JUDGED_D = 112
DRIFT_D = 365
FORGOTTEN = 1e-250  # below, what is left of old days is lost in rounding: their mean is carried on


@dataclass(frozen=True, slots=True)
class Level:
    """`by_day`: calls a mean day, as known at the start of each day since the first and, last, at the origin
    or, if the last days were not observed, at the end of the last one that was;
    `weekday`: factors (7,) from Monday, about 1; `season`: of the year, and the trend; `special`: days that are not
    what their weekday says; `half_life_d`: of the decayed mean; `calls`: those that came on each whole day;
    `observed`: whether it was, else it says nothing (see `gaps`)."""

    by_day: FloatArray
    weekday: FloatArray
    season: Season
    special: Special
    half_life_d: float
    first_h: int
    calls: FloatArray
    observed: BoolArray

    @property
    def now(self) -> float:
        return float(self.by_day[-1])

    def day_total(self, hour: IntArray) -> FloatArray:
        """Calls expected on the day of each hour, as known at the origin."""
        return self.now * self._factors(hour)

    def day_total_then(self, hour: IntArray) -> FloatArray:
        """Calls expected on the day of each past hour, as known when that day began."""
        then: FloatArray = self.by_day[(hour - self.first_h) // DAY_H]
        return then * self._factors(hour)

    def drift(self, days: int, lead: int = 0) -> float:
        """α of Var = M + α M² for totals of so many days, foretold `lead` days before their start, by the method of
        moments; over the windows of the last year that was observed, at least 0. Of fewer days if no such window has
        passed."""
        whole = len(self.calls)
        days = max(1, min(days, whole // 2))
        first = int(np.flatnonzero(self.observed)[-DRIFT_D:][0]) if self.observed.any() else 0
        factors = self._factors(self.first_h + DAY_H * np.arange(whole)) * self.observed
        ends = np.arange(first + days + lead, whole + 1)
        factor, came = (np.append(0.0, np.cumsum(values)) for values in (factors, self.calls * self.observed))
        expected = self.by_day[ends - days - lead] * (factor[ends] - factor[ends - days])
        error = came[ends] - came[ends - days] - expected
        square = float((expected**2).sum())
        return max(0.0, float((error**2 - expected).sum()) / square) if square > 0 else 0.0

    def unseen(self, days: float) -> float:
        """α that comes on top when the last so many days were not observed: by how much totals of a day foretold so
        long before scattered more than those of the next day. Beyond half the record it grows with the days, as a
        random walk does. It is at least that of the walk for which a memory of this half-life is the best: its variance
        a day is K² / (1 − K) of what a day scatters, K = 1 − 2^(−1/h) (Muth 1960)."""
        if days <= 0:
            return 0.0
        lead = max(1, min(round(days), len(self.calls) // 2))
        next_day = self.drift(1)
        keep = float(np.exp2(-1 / self.half_life_d))
        walk = (1 - keep) ** 2 / keep * (1 / max(self.now, 1e-9) + next_day)
        return days * max(walk, (self.drift(1, lead) - next_day) / lead)

    def _factors(self, hour: IntArray) -> FloatArray:
        day = hour // DAY_H
        factors: FloatArray = self.weekday[_weekday(hour)] * self.season.factors(day) * self.special.factors(day)
        return factors


def level_of(past: Past, city: FloatArray, half_life_d: float | None = None, seasonal: bool = True) -> Level:
    """The level at the origin and on each day before. `city`: shares (7, 24) of a day by hour, for a day cut
    short.

    level = Σ 2^(−age/h) · calls / Σ 2^(−age/h) · weekday and season factor · share of the day that has passed, over
    ordinary days; special ones (see `calendar`) are held against the level then, and leave it alone; days that were not
    observed (see `gaps`) have no weight anywhere. Without a given half-life h, the one with the best Poisson log score
    of next-day totals over the last 112 observed days. Not `seasonal`: every time of year counts alike, to compare
    with.
    """
    past, observed = past.seen()
    days = max(1, -(-past.span_h // DAY_H))
    hour = past.first_h + DAY_H * np.arange(days)
    calls = np.bincount((past.hour - past.first_h) // DAY_H, minlength=days).astype(float)
    weekday, day = _weekday(hour), hour // DAY_H
    passed = np.ones(days)
    passed[-1] = city[weekday[-1], : (past.origin_h - 1) % DAY_H + 1].sum() if past.span_h else 1.0
    counts = ((past.calendar.at(day) == ORDINARY) & observed).astype(float)
    if counts.sum() < LEAST_ORDINARY_D:
        counts[:] = observed
    factor = _weekday_factors(calls * counts, weekday, passed * counts)
    half_lives = HALF_LIVES_D if half_life_d is None else (half_life_d,)
    whole_d = past.span_h // DAY_H
    season = no_season(int(day[-1]))
    if seasonal:
        season = learn_season(day[:whole_d], (calls * counts)[:whole_d], (factor[weekday] * counts)[:whole_d])
    usual = factor[weekday] * passed * season.factors(day)
    levels = _decayed_means(calls * counts, usual * counts, np.array(half_lives))
    said = levels[:-1] * usual[:, None]
    best = int(np.argmax(_log_scores(calls[observed], said[observed], counts[observed])))
    told = (counts == 0) & observed
    special = Special(
        past.calendar,
        learn_factors(past.calendar, day[told], calls[told], said[told, best]),
        learn_hours(past.calendar, city, past.hour),
    )
    return Level(
        levels[:, best], factor, season, special, half_lives[best], past.first_h, calls[:whole_d], observed[:whole_d]
    )


def _weekday(hour: IntArray) -> IntArray:
    return (hour // DAY_H + 3) % 7


def _weekday_factors(calls: FloatArray, weekday: IntArray, passed: FloatArray) -> FloatArray:
    even = np.bincount(weekday, passed, 7) * calls.sum() / passed.sum()
    factors: FloatArray = (np.bincount(weekday, calls, 7) + WEEKDAY_WORTH) / (even + WEEKDAY_WORTH)
    return factors


def _decayed_means(calls: FloatArray, exposure: FloatArray, half_lives_d: FloatArray) -> FloatArray:
    """Means (days + 1, half-lives) known at the start of each day; the first day borrows its own, and days before the
    first one that counts borrow that one's."""
    keep = np.exp2(-1.0 / half_lives_d)
    seen, watched = np.zeros(len(keep)), np.zeros(len(keep))
    means = np.empty((len(calls) + 1, len(keep)))
    for day, (count, part) in enumerate(zip(calls, exposure, strict=True)):
        seen, watched = seen * keep + count, watched * keep + part
        before = means[day] if day else np.full(len(keep), np.nan)
        means[day + 1] = np.divide(seen, watched, out=before.copy(), where=watched > FORGOTTEN)
    first = int(np.argmax(np.isfinite(means[1:, 0]))) + 1
    means[:first] = means[first]
    return means


def _log_scores(calls: FloatArray, expected: FloatArray, counts: FloatArray) -> FloatArray:
    expected = np.maximum(expected[-JUDGED_D:], 1e-9)
    score: FloatArray = counts[-JUDGED_D:] @ (calls[-JUDGED_D:, None] * np.log(expected) - expected)
    return score
