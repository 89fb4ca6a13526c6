"""Forecasts from records with days that nobody recorded."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from shouwang.engine.demand.backtest import Scores, backtest
from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.forecast import Forecast, forecast
from shouwang.engine.demand.models import MODELS, Model, RecentMean
from shouwang.engine.demand.summary import by_area
from shouwang.engine.errors import NoAnswer

DAY_S = 86_400
FIRST = int(np.datetime64("2024-01-01").astype(int))
ALL = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))


def without(calls: Calls, start: int, end: int) -> Calls:
    """Without those of the days from `start` to, without, `end` after the first."""
    day = calls.time_s // DAY_S - FIRST
    return calls.take((day < start) | (day >= end))


def made_at(calls: Calls, day: int, model: Model | None = None) -> Forecast:
    return forecast(calls, (FIRST + day) * DAY_S, 200.0, model or RecentMean())


def of_day(made: Forecast, day: int) -> tuple[float, float, float]:
    """Expected calls of the whole ground on a day, and the ends of the interval."""
    told = by_area(made.fit, np.zeros(made.ground.size, np.int64), (FIRST + day) * 24, 24, 24)
    return float(told.expected[0, 0]), float(told.low[0, 0]), float(told.high[0, 0])


def codes(made: Forecast) -> list[str]:
    return [one.code for one in made.findings if one.code in ("gap", "gaps", "stale")]


@pytest.fixture(scope="module")
def town(make_city: Callable[..., Any]) -> Any:
    """50 calls a day, give or take a tenth that all cells share, for 300 days."""
    return make_city(np.ones((5, 5)), 50.0, 300, frailty_sd=0.1, seed=3)


@ALL
@pytest.mark.parametrize("after", [0, 1, 5])
def test_a_hole_leaves_the_level_where_it_was(model: Model, after: int, town: Any) -> None:
    made = made_at(without(town.calls, 240, 253), 253 + after, model)
    expected, low, high = of_day(made, 253 + after)
    assert low < 50 < high and expected == pytest.approx(50, rel=0.12)
    assert codes(made) == (["gap"] if after else ["stale"])


def test_a_hole_is_told_with_its_days(town: Any) -> None:
    made = made_at(without(town.calls, 240, 253), 260)
    values = {"from": "2024-08-28", "to": "2024-09-09", "days": 13}
    assert [one.values for one in made.findings if one.code == "gap"] == [values]


def test_many_holes_are_summed_up(town: Any) -> None:
    calls = town.calls
    for start in (100, 120, 140, 160, 180):
        calls = without(calls, start, start + 3)
    made = made_at(calls, 300)
    assert codes(made) == ["gap", "gap", "gap", "gaps"] and of_day(made, 300)[0] == pytest.approx(50, rel=0.12)
    assert next(one for one in made.findings if one.code == "gaps").values == {"gaps": 2, "days": 6}


@pytest.fixture(scope="module")
def moving(make_city: Callable[..., Any]) -> Any:
    """300 days whose level walks by 4 % a day, from 40 to 120 calls."""
    city, rng = make_city(np.ones((5, 5)), 120.0, 300, seed=4), np.random.default_rng(8)
    level = np.clip(np.exp(np.cumsum(rng.normal(0, 0.04, 300))) * 0.6, 1 / 3, 1)
    kept = rng.random(len(city.calls)) < level[city.calls.time_s // DAY_S - FIRST]
    return city.calls.take(kept)


@ALL
def test_a_record_that_ended_is_carried_on_and_grows_wider(model: Model, moving: Calls) -> None:
    next_day, later, last = (made_at(moving, day, model) for day in (300, 330, 400))
    told = [of_day(made, day) for made, day in ((next_day, 300), (later, 330), (last, 400))]
    assert all(one[0] == pytest.approx(told[0][0], rel=0.1) for one in told)
    widths = [high - low for _, low, high in told]
    assert 1.2 * widths[0] < widths[1] <= widths[2]
    assert [codes(made) for made in (next_day, later, last)] == [[], ["stale"], ["stale"]]
    assert next(one for one in later.findings if one.code == "stale").values == {"days": 30}
    sums = [made.total((FIRST + day) * 24, 24 * 28) for made, day in ((next_day, 300), (later, 330))]
    assert sums[0].expected.sum() == pytest.approx(sums[1].expected.sum(), rel=0.1)


@pytest.mark.parametrize("late_d", [[329], [325], [310, 329], [329, 329, 329]])
def test_late_calls_end_no_silence(late_d: list[int], town: Any) -> None:
    calls = town.calls
    late = calls.take(np.arange(len(late_d)))
    late = late.at_times((FIRST + np.array(late_d)) * DAY_S + 40_000)
    both = Calls(
        *(np.concatenate([getattr(calls, f), getattr(late, f)]) for f in ("time_s", "lon", "lat", "kind")),
        calls.kinds, np.concatenate([calls.source, late.source]),
    )  # fmt: skip
    made = made_at(both, 330)
    assert "stale" in codes(made)
    assert of_day(made, 330)[0] == pytest.approx(of_day(made_at(calls, 300), 300)[0], rel=0.08)


def test_a_sparse_kind_is_not_touched(make_city: Callable[..., Any]) -> None:
    sparse = make_city(np.ones((2, 2)), 0.1, 1000, seed=5).calls
    for day in (1000, 1030):
        made = made_at(sparse, day)
        assert "gap" not in codes(made) and made.fit.level.observed.all()
    assert made.fit.level.now < 0.2


def test_no_score_rests_on_days_that_nobody_recorded(town: Any) -> None:
    holed = without(town.calls, 280, 285)

    def scored(calls: Calls, origins: int, day: int = 270) -> Scores:
        rng = np.random.default_rng(1)
        return backtest(calls, RecentMean(), town.ground, (FIRST + day) * 24, origins, rng=rng)

    found, whole = scored(holed, 30), scored(town.calls, 30)
    assert found.not_scored == tuple((FIRST + day) * 24 for day in range(280, 285)) and found.silent_d == 5
    assert (found.calls == np.delete(whole.calls, range(10, 15))).all() and whole.not_scored == ()
    assert found.taken(np.array([1, 1])).not_scored == found.not_scored
    assert abs(found.coverage()[0] - 0.8) < 0.1
    with pytest.raises(NoAnswer):
        scored(town.calls, 5, 310)


def test_a_forecast_knows_of_a_gap_only_what_was_known(town: Any) -> None:
    """On the second day of a silence nobody can tell whether calls come again; the days before are what they were."""
    holed = without(town.calls, 200, 213)
    for day in (200, 206, 213, 220):
        known, all_of_it = made_at(holed.before((FIRST + day) * DAY_S), day), made_at(holed, day)
        assert of_day(known, day) == of_day(all_of_it, day) and codes(known) == codes(all_of_it)
