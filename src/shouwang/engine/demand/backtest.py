"""Honest scores: forecasts from rolling origins, each made from earlier calls alone, held against what came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from shouwang.engine.demand.calendar import PLAIN, Calendar
from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.fit import Fit
from shouwang.engine.demand.ground import Ground
from shouwang.engine.demand.models import Model, simple_fit
from shouwang.engine.demand.past import DAY_H, HOUR_S, Past
from shouwang.engine.demand.spread import COVERAGE, cumulative
from shouwang.engine.demand.where import shares
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.cells import OUTSIDE
from shouwang.engine.terms import FloatArray, IntArray

TOP_SHARES = (0.01, 0.02, 0.05)


@dataclass(frozen=True, slots=True)
class Scores:
    """Per origin, so that two models can be compared day by day (`paired_gain`).

    `calls` (origins,): calls that came, on the ground or not; `missed`: those off the ground; `hits`
    (origins, shares): calls in the cells that were ranked highest; `best`: calls in as many cells had they been known;
    `bits_place`, `bits_place_hour` (origins,): sums over calls on the ground; `area_pit` (origins, areas) and
    `cell_pit_counts` (origins, 100 bins): probability transforms. `not_scored`: origins (hours since 1970) that are not
    among them, since days they foretold were not observed, and `silent_d` how many days those were.
    """

    top_shares: tuple[float, ...]
    calls: IntArray
    missed: IntArray
    hits: IntArray
    best: IntArray
    bits_place: FloatArray
    bits_place_hour: FloatArray
    area_pit: FloatArray
    cell_pit_counts: IntArray
    not_scored: tuple[int, ...] = ()
    silent_d: int = 0

    def hit_share(self) -> FloatArray:
        """Share of all calls that came in the highest-ranked 1, 2, 5 % of the cells. Divided by those shares
        it is the predictive accuracy index PAI (Chainey, Tompson, Uhlig 2008)."""
        share: FloatArray = self.hits.sum(axis=0) / max(1, int(self.calls.sum()))
        return share

    def pai(self) -> FloatArray:
        """Predictive accuracy index: (hits / calls) / (cells chosen / cells)."""
        index: FloatArray = self.hit_share() / np.array(self.top_shares)
        return index

    def pei(self) -> FloatArray:
        """PEI* of the NIJ challenge: hits over the most hits that so many cells could have had, day by day."""
        index: FloatArray = self.hits.sum(axis=0) / np.maximum(1, self.best.sum(axis=0))
        return index

    def taken(self, days: IntArray) -> Scores:
        """The scores of these origins, some of them perhaps more than once."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        arrays: dict[str, Any] = {name: part[days] for name, part in parts.items() if isinstance(part, np.ndarray)}
        return replace(self, **arrays)

    def bits(self) -> tuple[float, float]:
        """Bits per call over a forecast that is even in place; and over one that is even in place and hour."""
        on = max(1, int((self.calls - self.missed).sum()))
        return float(self.bits_place.sum()) / on, float(self.bits_place_hour.sum()) / on

    def coverage(self, nominal: float = COVERAGE) -> tuple[float, float]:
        """Randomised coverage of the intervals of area-days, and its standard error with days as clusters.

        Counts are whole numbers, so an interval holds more than its nominal share by rounding alone; with the
        randomised transform (Brockwell 2007) a calibrated forecast meets it exactly.
        """
        if not self.area_pit.size:
            return float("nan"), float("nan")
        inside = np.abs(self.area_pit - 0.5) <= nominal / 2
        days = len(inside)
        error = inside.mean(axis=1).std(ddof=1) / np.sqrt(days) if days > 1 else np.nan
        return float(inside.mean()), float(error)

    def cell_pit_distance(self) -> float:
        """Greatest distance between the distribution of cell-days' transforms and the uniform one."""
        counts = self.cell_pit_counts.sum(axis=0)
        reached = np.cumsum(counts) / counts.sum()
        return float(np.abs(reached - np.arange(1, 101) / 100).max())


def backtest(
    calls: Calls,
    model: Model,
    ground: Ground,
    first_origin_h: int,
    origins: int,
    horizon_h: int = DAY_H,
    *,
    owner: IntArray | None = None,
    calendar: Calendar = PLAIN,
    rng: np.random.Generator,
) -> Scores:
    """Forecast `horizon_h` hours from each of `origins` origins, `horizon_h` apart, and score what came.

    The ground must be known beforehand: `Squares.around` the calls before the first origin, or given areas.
    `owner` (cells,) makes the areas of `Scores.coverage` (default: zones of 2 km); `calendar`: days known beforehand
    to be special; `rng` draws the randomised transforms. What falls on days that were not observed (`gaps`), as is
    known at the end of the last forecast, is not scored: no calls are no truth there. The models know of gaps only what
    was known at each origin. Raises `NoAnswer` without a call to score.
    """
    owner = ground.zones(2000.0) if owner is None else owner
    heard = calls.take(calls.heard())
    starts = first_origin_h + horizon_h * np.arange(origins)
    silent = _silent_days(Past.of(heard, ground, first_origin_h + horizon_h * origins, calendar))
    foretold = [np.arange(start // DAY_H, (start + horizon_h - 1) // DAY_H + 1) for start in starts.tolist()]
    unseen = np.array([np.isin(days, silent).any() for days in foretold], bool)
    days = [
        _score(model, heard, ground, start, horizon_h, owner, calendar, rng) for start in starts[~unseen].tolist()
    ]
    if not sum(day.calls for day in days):
        raise NoAnswer("No call came after the first origin: there is nothing to score.")
    return Scores(
        TOP_SHARES,
        calls=np.array([day.calls for day in days]),
        missed=np.array([day.missed for day in days]),
        hits=np.array([day.hits for day in days]),
        best=np.array([day.best for day in days]),
        bits_place=np.array([day.bits_place for day in days]),
        bits_place_hour=np.array([day.bits_place_hour for day in days]),
        area_pit=np.array([day.area_pit for day in days]),
        cell_pit_counts=np.array([day.cell_pit_counts for day in days]),
        not_scored=tuple(starts[unseen].tolist()),
        silent_d=int(np.isin(np.unique(np.concatenate(foretold)), silent).sum()),
    )


def _silent_days(past: Past) -> IntArray:
    """Days (since 1970) that were not observed."""
    silent: IntArray = past.first_h // DAY_H + np.flatnonzero(~past.observed())
    return silent


@dataclass(frozen=True)
class Hindsight:
    """No model but a ceiling: counts of `window_d` days before and after the origin, the scored ones among them, plus
    15 days' worth of their smooth. What it gains over a model is what knowing the future gains."""

    calls: Calls
    window_d: int = 120
    name: str = "ceiling"

    def fit(self, past: Past) -> Fit:
        window_h = self.window_d * DAY_H
        whole = Past.of(self.calls, past.ground, past.origin_h + window_h)

        def place(known: Past) -> FloatArray:
            seen = whole.between(known.origin_h - window_h, known.origin_h + window_h)
            counts = np.bincount(whole.cell[seen], minlength=past.ground.size).astype(float)
            smooth = past.ground.smooth(counts, 200.0)
            return shares(counts + 15 / (2 * self.window_d) * smooth + 1e-6 * max(1.0, counts.mean()))

        return simple_fit(self.name, past, place, 2000.0, {"window_d": self.window_d})


def redrawn(
    scores: Scores, statistic: Callable[[Scores], Any], rng: np.random.Generator, draws: int = 1000, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Ends of the interval of a statistic from drawing whole origins again (Efron 1979): what one day shares stays
    together."""
    origins = len(scores.calls)
    found = np.array([statistic(scores.taken(rng.integers(0, origins, origins))) for _ in range(draws)], float)
    low, high = np.quantile(found, (0.5 - level / 2, 0.5 + level / 2), axis=0)
    return low, high


def paired_gain(
    a: FloatArray, b: FloatArray, calls: IntArray, rng: np.random.Generator, draws: int = 2000
) -> tuple[float, float, float]:
    """Gain per call of sums `a` over sums `b` (origins,), with a 95 % interval from drawing whole days again."""
    day = rng.integers(0, len(calls), (draws, len(calls)))
    gain = (a - b)[day].sum(axis=1) / np.maximum(1, calls[day].sum(axis=1))
    low, high = np.quantile(gain, (0.025, 0.975))
    return float((a - b).sum() / max(1, int(calls.sum()))), float(low), float(high)


@dataclass(frozen=True, slots=True)
class _Day:
    calls: int
    missed: int
    hits: list[int]
    best: list[int]
    bits_place: float
    bits_place_hour: float
    area_pit: FloatArray
    cell_pit_counts: IntArray


def _score(
    model: Model,
    heard: Calls,
    ground: Ground,
    origin_h: int,
    horizon_h: int,
    owner: IntArray,
    calendar: Calendar,
    rng: np.random.Generator,
) -> _Day:
    fit = model.fit(Past.of(heard, ground, origin_h, calendar))
    expected = fit.expected(origin_h + np.arange(horizon_h))
    came = heard.take((heard.time_s // HOUR_S >= origin_h) & (heard.time_s // HOUR_S < origin_h + horizon_h))
    cell = ground.index(came.lon, came.lat)
    on = cell != OUTSIDE
    cell, hour = cell[on], came.time_s[on] // HOUR_S - origin_h
    place = expected.sum(axis=0)
    even = place.sum() / ground.size
    observed = np.bincount(cell, minlength=ground.size)
    cell_pit = _pit(fit, place, observed, np.arange(ground.size), horizon_h, rng)
    return _Day(
        calls=len(came),
        missed=int((~on).sum()),
        hits=_hits(place, observed, TOP_SHARES),
        best=_hits(observed.astype(float), observed, TOP_SHARES),
        bits_place=float(np.log2(place[cell] / even).sum()),
        bits_place_hour=float(np.log2(expected[hour, cell] / even * horizon_h).sum()),
        area_pit=_pit(fit, place, observed, owner, horizon_h, rng),
        cell_pit_counts=np.bincount(np.minimum((cell_pit * 100).astype(int), 99), minlength=100),
    )


def _hits(place: FloatArray, observed: IntArray, top_shares: Sequence[float]) -> list[int]:
    ranked = np.argsort(-place, kind="stable")
    return [int(observed[ranked[: int(np.ceil(len(place) * share))]].sum()) for share in top_shares]


def _pit(
    fit: Fit, place: FloatArray, observed: IntArray, owner: IntArray, horizon_h: int, rng: np.random.Generator
) -> FloatArray:
    """Randomised probability transforms F(y − 1) + U · P(y) of the sums per area."""
    owned = owner != OUTSIDE
    expected = np.bincount(owner[owned], place[owned]).astype(float)
    came = np.bincount(owner[owned], observed[owned]).astype(float)
    dispersion = fit.dispersion(owner, horizon_h)
    below, reached = (cumulative(came - step, expected, dispersion) for step in (1.0, 0.0))
    pit: FloatArray = below + rng.random(len(expected)) * (reached - below)
    return pit
