from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shouwang.engine.demand.backtest import backtest
from shouwang.engine.demand.calendar import ORDINARY, PLAIN, WORKED, Calendar
from shouwang.engine.demand.forecast import forecast
from shouwang.engine.demand.models import RecentMean
from shouwang.engine.demand.past import Past
from shouwang.engine.demand.spread import cumulative

FIRST = int(np.datetime64("2024-01-01", "D").astype(np.int64))  # a Monday, as in `make_city`
DAYS = 400
FESTIVAL = FIRST + np.r_[40:47, 120:123, 200:203, 300:307, 410:413]
MADE_UP = FIRST + np.array([33, 48, 117, 208, 313, 405])  # weekend days, worked
CALENDAR = Calendar(
    np.sort(np.r_[FESTIVAL, MADE_UP]),
    np.isin(np.sort(np.r_[FESTIVAL, MADE_UP]), MADE_UP).astype(int),
    ("festival", WORKED),
)
DAY = np.r_[np.full(12, 1.0), np.full(12, 3.0)]


def festive(city: Any, share: float) -> Any:
    """The city with only that share of its calls on festival days, all of them from midnight to six."""
    rng = np.random.default_rng(4)
    calls = city.calls
    on = np.isin(calls.time_s // 86400, FESTIVAL)
    early = calls.time_s // 86400 * 86400 + rng.integers(0, 6 * 3600, len(calls))
    moved = replace(calls, time_s=np.where(on & (share < 1), early, calls.time_s))
    return moved.take(~on | (rng.random(len(calls)) < share))


@pytest.fixture(scope="module")
def plain_city(make_city: Any) -> Any:
    return make_city(np.ones((4, 4)), 120.0, DAYS, day=DAY)


def origin(days: int = DAYS) -> int:
    return (FIRST + days) * 24


@pytest.mark.parametrize(("share", "within"), [(0.5, 0.04), (1.0, 0.05)])
def test_what_festivals_do_is_learnt_and_nothing_where_they_do_nothing(
    plain_city: Any, share: float, within: float
) -> None:
    past = Past.of(festive(plain_city, share), plain_city.ground, origin(), CALENDAR)
    fit = RecentMean().fit(past)
    factor = dict(zip(CALENDAR.kinds, fit.level.special.factor.tolist(), strict=True))
    assert abs(factor["festival"] - share) < within and abs(factor[WORKED] - 1) < 0.1
    assert fit.level.now == pytest.approx(120, rel=0.06)
    days = fit.expected(origin(410) + np.arange(24 * 4)).sum(axis=1).reshape(4, 24).sum(axis=1)
    assert days[:3] == pytest.approx(120 * share, rel=0.1) and days[3] == pytest.approx(120, rel=0.1)


def test_festivals_borrow_the_hours_that_they_have(make_city: Any) -> None:
    """Sundays are early here and so are festivals: a festival on a Tuesday is told a Sunday's hours."""
    city = make_city(np.ones((3, 3)), 150.0, DAYS, day=DAY)
    day = city.calls.time_s // 86400
    sunday = ((day + 3) % 7 == 6) & ~np.isin(day, MADE_UP)
    early = city.calls.time_s // 86400 * 86400 + city.calls.time_s % (6 * 3600)
    calls = festive(replace(city, calls=replace(city.calls, time_s=np.where(sunday, early, city.calls.time_s))), 0.99)
    special = RecentMean().fit(Past.of(calls, city.ground, origin(), CALENDAR)).level.special
    assert special.own[0] < 0.1  # festivals
    assert special.own[1] < 0.5  # worked weekends keep the hours of a Wednesday rather than a Sunday's
    fit = RecentMean().fit(Past.of(calls, city.ground, origin(), CALENDAR))
    on, off = (fit.expected(origin(day) + np.arange(24)).sum(axis=1) for day in (410, 414))
    assert on[:6].sum() / on.sum() > 0.8 > 0.4 > off[:6].sum() / off.sum()


def test_a_backtest_that_knows_the_festivals_is_not_surprised_by_them(plain_city: Any) -> None:
    calls = festive(plain_city, 0.4)
    told = []
    for calendar in (CALENDAR, PLAIN):
        rng = np.random.default_rng(1)
        scores = backtest(calls, RecentMean(), plain_city.ground, origin(295), 20, calendar=calendar, rng=rng)
        told.append(scores.area_pit[5:12].mean())  # the days 300 to 306
    assert told[0] > 0.25 and told[1] < 0.1


def test_what_comes_after_the_origin_teaches_nothing(plain_city: Any) -> None:
    calls = festive(plain_city, 0.4)
    later = replace(calls, time_s=np.where(calls.time_s >= origin(300) * 3600, calls.time_s + 7, calls.time_s))
    fits = [RecentMean().fit(Past.of(c, plain_city.ground, origin(300), CALENDAR)) for c in (calls, later)]
    assert (fits[0].level.special.factor == fits[1].level.special.factor).all()


def test_a_past_of_special_days_alone_is_taken_as_any_other(plain_city: Any) -> None:
    all_of_it = Calendar(np.arange(FIRST, FIRST + DAYS), np.zeros(DAYS, int), ("festival",))
    fit = RecentMean().fit(Past.of(plain_city.calls, plain_city.ground, origin(), all_of_it))
    assert fit.level.now == pytest.approx(120, rel=0.1) and fit.level.special.factor.tolist() == [1.0]
    begins = Calendar(np.arange(FIRST, FIRST + 5), np.zeros(5, int), ("festival",))
    assert np.isfinite(
        RecentMean().fit(Past.of(plain_city.calls, plain_city.ground, origin(), begins)).level.by_day
    ).all()


def test_days_are_looked_up_in_the_calendar() -> None:
    assert CALENDAR.at(np.array([FIRST, FIRST + 33, FIRST + 40, FIRST + 9999])).tolist() == [ORDINARY, 1, 0, ORDINARY]
    assert PLAIN.at(np.array([1, 2])).tolist() == [ORDINARY, ORDINARY]


@pytest.mark.parametrize("days", [7, 14, 56])
def test_sums_over_weeks_and_months_are_inside_their_intervals(make_city: Any, days: int) -> None:
    """Levels that wander: of totals of cells and of the whole ground 80 % lie inside, or somewhat more; ends by the
    randomised transform."""
    rng = np.random.default_rng(2)
    pit, whole = [], []
    for seed in range(8):
        city = make_city(np.ones((4, 4)), 200.0, 540, seed=seed)
        drift = np.exp(np.cumsum(rng.normal(0, 0.01, 541)))
        kept = rng.random(len(city.calls)) < (drift / drift.max())[city.calls.time_s // 86400 - FIRST]
        calls, first_h = city.calls.take(kept), origin(540 - days)
        made = forecast(calls, first_h * 3600, 200.0, RecentMean(365), city.ground)
        total = made.total(first_h, days * 24)
        came = np.bincount(city.ground.index(*_late(calls, first_h)), minlength=city.ground.size)
        alpha = made.fit.total_dispersion(days * 24)
        low, high = (cumulative(came - step, total.expected[0], alpha) for step in (1.0, 0.0))
        pit.append(low + rng.random(len(came)) * (high - low))
        alpha = made.fit.dispersion(np.zeros(city.ground.size, int), days * 24)
        low, high = (cumulative(came.sum() - step, total.expected.sum(), alpha) for step in (1.0, 0.0))
        whole.append(low + rng.random() * (high - low))
    inside, of_all = (float(np.mean(np.abs(np.array(p) - 0.5) <= 0.4)) for p in (pit, whole))
    assert 0.76 <= inside <= 0.95 and of_all >= 0.7


def _late(calls: Any, first_h: int) -> tuple[Any, Any]:
    late = calls.time_s >= first_h * 3600
    return calls.lon[late], calls.lat[late]
