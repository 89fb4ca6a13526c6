from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from shouwang.engine.demand.past import Past
from shouwang.engine.demand.when import Pooled, Tallies, city_week, flat


def tallied(city: Any) -> Tallies:
    past = Past.of(city.calls, city.ground, int(city.calls.time_s.max()) // 3600 + 1)
    tallies = Tallies(past)
    tallies.advance(past.origin_h)
    return tallies


@pytest.fixture(scope="module")
def tallies(uneven_city: Any) -> Tallies:
    return tallied(uneven_city)


def test_every_day_of_every_cell_is_shared_out_in_full(tallies: Tallies) -> None:
    patterns = tallies.patterns()
    pooled = Pooled(tuple(patterns.values()), np.full(len(patterns), 1 / len(patterns)))
    for pattern in [*patterns.values(), pooled, flat(tallies.past.ground.size)]:
        for weekday in range(7):
            day = pattern.day(weekday)
            assert (day > 0).all() and np.allclose(day.sum(axis=0), 1)


def test_single_hours_agree_with_whole_days(tallies: Tallies) -> None:
    cell = np.arange(tallies.past.ground.size).repeat(168)
    how = np.tile(np.arange(168), tallies.past.ground.size)
    patterns = tallies.patterns()
    for pattern in [*patterns.values(), Pooled(tuple(patterns.values()), np.array([0.4, 0.3, 0.1, 0.1, 0.1]))]:
        whole = np.array([pattern.day(weekday) for weekday in range(7)]).reshape(168, -1)
        assert np.allclose(pattern.at(cell, how), whole[how, cell])


def test_the_citys_day_is_found(tallies: Tallies, uneven_city: Any) -> None:
    true = np.r_[np.full(8, 1.0), np.full(8, 2.0), np.full(8, 4.0)] / 56
    calls = len(uneven_city.calls)
    error = 4 * np.sqrt(true / (calls / 7))  # four standard errors of a share among a weekday's calls
    assert (np.abs(tallies.city() - true) < error).all()


def test_places_with_hours_of_their_own_are_told_apart(make_city: Callable[..., Any]) -> None:
    morning = make_city(np.ones((4, 4)), 60.0, 120, day=np.r_[np.full(12, 3.0), np.full(12, 1.0)])
    evening = make_city(np.ones((4, 4)), 60.0, 120, day=np.r_[np.full(12, 1.0), np.full(12, 3.0)], seed=2)
    both = make_city(np.ones((4, 40)), 1.0, 1)
    lon_step = both.ground.centres()[0][30] - both.ground.centres()[0][0]
    joined = type(morning.calls)(
        *(np.concatenate([getattr(morning.calls, f), getattr(evening.calls, f)]) for f in ("time_s",)),
        np.concatenate([morning.calls.lon, evening.calls.lon + lon_step]),
        *(np.concatenate([getattr(morning.calls, f), getattr(evening.calls, f)]) for f in ("lat", "kind")),
        morning.calls.kinds,
        np.concatenate([morning.calls.source, evening.calls.source]),
    )
    day = tallied(type(both)(joined, both.ground, both.rate)).patterns()["1000 m"].day(0)
    west, east = day[:12, 0].sum(), day[:12, 30].sum()
    assert west > 0.68 and east < 0.32  # the truth is .75 and .25, shrunk to the city's .5


def test_no_calls_make_no_hour_impossible() -> None:
    assert np.allclose(city_week(np.zeros(168)), 1 / 24)
