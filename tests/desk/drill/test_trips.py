"""The replay's clock, and how long its units drive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shouwang.desk.drill.advice import trip
from shouwang.desk.drill.clock import Clock
from shouwang.engine.geo.distance import haversine_m

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


def test_the_clock_reads_back_and_forth() -> None:
    past_day, real = datetime(2019, 8, 26, 18, tzinfo=UTC), NOW
    clock = Clock(past_day, real, 20.0, running=True)
    assert clock.read(real + timedelta(minutes=3)) == past_day + timedelta(hours=1)
    assert clock.real(past_day + timedelta(hours=1), latest=real + timedelta(hours=1)) == real + timedelta(minutes=3)
    assert clock.real(past_day + timedelta(hours=1), latest=real) == real  # never in the future
    assert Clock(past_day, real, 20.0, running=False).read(real + timedelta(hours=5)) == past_day


def test_a_trip_takes_the_time_of_its_way(town: Any) -> None:
    way = trip((-90.262, 38.632), (-90.218, 38.626), "patrol_car")
    direct = haversine_m(-90.262, 38.632, -90.218, 38.626)
    driven = haversine_m(way.lon[:-1], way.lat[:-1], way.lon[1:], way.lat[1:]).sum()
    assert direct < driven < 2 * direct
    assert 3 < driven / way.seconds < 25  # metres a second
    assert way.place(0)[:2] == pytest.approx((-90.262, 38.632))
    assert way.place(way.seconds + 99)[:2] == pytest.approx((-90.218, 38.626))
    on_foot = trip((-90.262, 38.632), (-90.218, 38.626), "community_patrol")
    assert on_foot.seconds > 3 * way.seconds
