from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from shouwang.engine.demand.level import level_of
from shouwang.engine.demand.past import Past

EVEN = np.full((7, 24), 1 / 24)


def past_of(city: Any, cut_h: int = 0) -> Past:
    whole = Past.of(city.calls, city.ground, int(city.calls.time_s.max()) // 86400 * 24 + 24)
    return whole.before(whole.origin_h - cut_h)


@pytest.mark.parametrize("cut_h", [0, 6, 13])
def test_a_steady_city_is_taken_for_what_it_is(make_city: Callable[..., Any], cut_h: int) -> None:
    level = level_of(past_of(make_city(np.ones((5, 5)), 100.0, 200), cut_h), EVEN)
    watched_d = min(level.half_life_d / np.log(2), 200)
    assert abs(level.now - 100.0) < 4 * np.sqrt(100.0 / watched_d)


def test_weekdays_are_found(make_city: Callable[..., Any]) -> None:
    true = np.array([0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.5])
    level = level_of(past_of(make_city(np.ones((5, 5)), 200.0, 210, weekday=true)), EVEN)
    assert np.abs(level.weekday - true).max() < 4 * np.sqrt(1.5 / (200 * 30))
    monday_h = int(np.datetime64("2025-01-06T00", "h").astype(np.int64))
    days = level.day_total(monday_h + 24 * np.arange(7))
    assert np.isclose(days.sum() / 7, level.now, rtol=0.01) and days.argmax() == 6


def test_a_step_in_demand_is_followed_by_a_short_memory(make_city: Callable[..., Any]) -> None:
    slow, fast = make_city(np.ones((3, 3)), 50.0, 140).calls, make_city(np.ones((3, 3)), 200.0, 28, seed=2)
    later = fast.calls
    joined = type(slow)(
        np.concatenate([slow.time_s, later.time_s + 140 * 86400]),
        *(np.concatenate([getattr(slow, f), getattr(later, f)]) for f in ("lon", "lat", "kind")),
        slow.kinds,
        np.concatenate([slow.source, later.source]),
    )
    level = level_of(past_of(type(fast)(joined, fast.ground, fast.rate)), EVEN)
    assert level.half_life_d <= 14 and level.now > 170


def test_each_day_knows_only_the_days_before(uneven_city: Any) -> None:
    past = past_of(uneven_city)
    whole = level_of(past, EVEN, half_life_d=28.0)
    part = level_of(past.before(past.origin_h - 24 * 50), EVEN, half_life_d=28.0)
    # Weekday factors are of the whole past, means are not; the factors move the means by little.
    assert np.allclose(whole.by_day[1 : len(part.by_day)], part.by_day[1:], rtol=0.05)
    assert len(whole.by_day) == len(part.by_day) + 50


def test_a_day_cut_short_counts_for_what_has_passed_of_it(make_city: Callable[..., Any]) -> None:
    level = level_of(past_of(make_city(np.ones((3, 3)), 4000.0, 20), 18), EVEN, half_life_d=0.5)
    assert level.now == pytest.approx(4000.0, rel=0.06)
