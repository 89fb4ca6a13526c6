"""What the time of year does to the level, and where it is heading: believed only as far as the past bears it out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shouwang.engine.terms import FloatArray, IntArray

YEAR_D = 365.25
WAVES = 2
LEAST_D = 730  # below two years a season cannot be told from a change
AHEAD_D = (28, 90)
MEMORY_D = 60.0
STEEPEST = np.log(1.5)  # a year's growth that is carried on, at most
SHARES = tuple((season, trend) for trend in (0.0, 0.5) for season in (0.0, 0.5, 1.0))
BEFOREHAND = np.array([0.5, 0.25, 0.25] * 2) / 2  # as likely a season as none, a trend as none
TRY_EACH_D = 30


@dataclass(frozen=True, slots=True)
class Season:
    """Factor of a day: (1 + Σ waves)^`season` · exp(`trend` · `growth` · days since the origin).

    `waves` (2 · WAVES,): cosines and sines of the year and its half; `growth`: of the logarithm, a day; `season`,
    `trend`: how far each is believed, 0 to 1; `origin`: day since 1970.
    """

    waves: FloatArray
    growth: float
    season: float
    trend: float
    origin: int

    def factors(self, day: IntArray) -> FloatArray:
        """The factor of each day (since 1970); about 1 over the year that ends at the origin."""
        wave = np.maximum(0.2, 1.0 + _basis(day) @ self.waves)
        # Growth is carried on for a year at most.
        ahead = np.minimum(np.asarray(day) - self.origin, YEAR_D)
        factors: FloatArray = wave**self.season * np.exp(self.trend * self.growth * ahead)
        return factors

    def told(self) -> dict[str, float]:
        """For people."""
        year = np.maximum(0.2, 1.0 + _basis(np.arange(365)) @ self.waves) ** self.season
        return {
            "season_believed": round(self.season, 2), "trend_believed": round(self.trend, 2),
            "least_of_year": round(float(year.min()), 3), "most_of_year": round(float(year.max()), 3),
            "growth_a_year": round(float(np.expm1(self.trend * self.growth * YEAR_D)), 4),
        }  # fmt: skip


def no_season(origin: int) -> Season:
    """Every time of year alike, no trend."""
    return Season(np.zeros(2 * WAVES), 0.0, 0.0, 0.0, origin)


def learn_season(day: IntArray, calls: FloatArray, usual: FloatArray) -> Season:
    """From consecutive days, their calls, and what each counts for (weekday; 0: not at all).

    Of each of `SHARES` it is tried out how it would have foretold the totals of 28 and 90 days, from origins a month
    apart in the last year, each knowing earlier days alone. How far season and trend are believed is the mean of the
    shares, each weighted by what was thought of it beforehand times exp(−n D / 2φ): D its mean Poisson deviance of a
    total, φ what the best of them leaves (quasi-likelihood: McCullagh, Nelder 1989, § 9.2; such weights: Buckland,
    Burnham, Augustin 1997), n the number of origins whose 90 days do not overlap. One year is thin evidence: a mean
    loses little where a choice would have been the wrong one.
    """
    origin = int(day[-1]) + 1 if len(day) else 0
    plain = no_season(origin)
    if len(day) < LEAST_D or not (calls > 0).any() or np.count_nonzero(usual) < LEAST_D / 2:
        return plain
    tries = [at for at in range(max(366, len(day) - 365), len(day) - AHEAD_D[0] + 1, TRY_EACH_D)
             if usual[at : at + AHEAD_D[0]].any()]  # fmt: skip
    if not tries:
        return plain
    deviance = np.array([_deviances(day, calls, usual, at) for at in tries]).mean(axis=0) / len(AHEAD_D)
    apart = max(1.0, len(tries) * TRY_EACH_D / max(AHEAD_D))
    weight = BEFOREHAND * np.exp(-apart * (deviance - deviance.min()) / (2 * max(1.0, float(deviance.min()))))
    season, trend = (weight / weight.sum()) @ np.array(SHARES)
    return Season(*_fitted(day, calls, usual), float(season), float(trend), origin)


def _deviances(day: IntArray, calls: FloatArray, usual: FloatArray, at: int) -> list[float]:
    """Of each of `SHARES`, from an origin `at` days after the first, over totals of so many days ahead."""
    waves, growth = _fitted(day[:at], calls[:at], usual[:at])
    memory = np.exp2((np.arange(at) - at) / MEMORY_D)
    found = []
    for season, trend in SHARES:
        shape = usual * Season(waves, growth, season, trend, int(day[at])).factors(day)
        level = (memory @ calls[:at]) / max(1e-9, float(memory @ shape[:at]))
        lost = 0.0
        for ahead in AHEAD_D:
            came, said = calls[at : at + ahead].sum(), max(1e-9, level * float(shape[at : at + ahead].sum()))
            lost += 2 * (came * np.log(came / said) if came > 0 else 0.0) - 2 * (came - said)
        found.append(float(lost))
    return found


def _fitted(day: IntArray, calls: FloatArray, usual: FloatArray) -> tuple[FloatArray, float]:
    """Waves by least squares on ratios of days to the year around them; growth from the last year to the one before."""
    whole = 365
    seen, watched = (np.append(0.0, np.cumsum(values)) for values in (calls, usual))
    start = np.clip(np.arange(len(day)) - whole // 2, 0, max(0, len(day) - whole))
    end = np.minimum(start + whole, len(day))
    around = (seen[end] - seen[start]) / np.maximum(1e-9, watched[end] - watched[start])
    expected = usual * around
    weight = np.sqrt(expected)
    left = _basis(day) * weight[:, None]
    ratio = np.divide(calls, expected, out=np.ones(len(day)), where=expected > 0)
    waves = np.linalg.lstsq(left, (ratio - 1.0) * weight, rcond=None)[0]
    growth = 0.0
    if len(day) >= 2 * whole:
        rates = [(seen[b] - seen[a]) / max(1e-9, watched[b] - watched[a])
                 for a, b in ((-1 - 2 * whole, -1 - whole), (-1 - whole, -1))]  # fmt: skip
        known = [watched[-1 - whole] - watched[-1 - 2 * whole], watched[-1] - watched[-1 - whole]]
        if min(rates) > 0 and min(known) > whole / 2:
            growth = float(np.clip(np.log(rates[1] / rates[0]), -STEEPEST, STEEPEST)) / whole
    return waves, growth


def _basis(day: IntArray) -> FloatArray:
    turn = 2 * np.pi * np.asarray(day, float)[:, None] / YEAR_D * np.arange(1, WAVES + 1)
    return np.hstack([np.cos(turn), np.sin(turn)])
