from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shouwang.engine.demand.past import Past, date_only, hour_of_week, origin_hour
from shouwang.engine.errors import BadInput


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("2024-01-01T00", 0), ("2024-01-01T23", 23), ("2024-01-07T23", 167), ("1970-01-01T00", 72), ("1969-12-31T23", 71)],
)
def test_weeks_begin_on_monday(moment: str, expected: int) -> None:
    assert hour_of_week(np.datetime64(moment, "h").astype(np.int64)) == expected


def test_an_origin_is_a_whole_hour() -> None:
    assert origin_hour(7200) == 2
    with pytest.raises(BadInput, match="1970-01-01T02:00:01"):
        origin_hour(7201)


def test_only_heard_calls_before_the_origin_on_the_ground_are_kept(uneven_city: Any) -> None:
    calls, ground = uneven_city.calls, uneven_city.ground
    origin_h = int(np.median(calls.time_s)) // 3600
    source, lon = calls.source.copy(), calls.lon.copy()
    source[::10], lon[::7] = 2, 0.0
    past = Past.of(replace(calls, source=source, lon=lon), ground, origin_h)
    kept = (calls.time_s < origin_h * 3600) & (source != 2) & (lon != 0.0)
    assert len(past) == kept.sum()
    assert (past.hour == np.sort(calls.time_s[kept] // 3600)).all()
    assert past.first_h % 24 == 0 and past.first_h <= past.hour[0] < past.first_h + 24


def test_the_order_of_rows_leaves_no_trace(uneven_city: Any) -> None:
    calls, ground = uneven_city.calls, uneven_city.ground
    origin_h = int(calls.time_s.max()) // 3600 + 1
    straight = Past.of(calls, ground, origin_h)
    shuffled = Past.of(calls.take(np.random.default_rng(1).permutation(len(calls))), ground, origin_h)
    for name in ("hour", "cell", "kind"):
        assert (getattr(straight, name) == getattr(shuffled, name)).all()


def test_before_is_the_past_of_an_earlier_origin(uneven_city: Any) -> None:
    calls, ground = uneven_city.calls, uneven_city.ground
    last_h = int(calls.time_s.max()) // 3600 + 1
    whole, part = Past.of(calls, ground, last_h), Past.of(calls, ground, last_h - 500)
    again = whole.before(last_h - 500)
    assert (again.hour == part.hour).all() and (again.cell == part.cell).all()
    assert again.span_h == part.span_h


@pytest.mark.parametrize(
    ("time_s", "told"), [([], False), ([0, 86400], True), ([0, 86400, 60], False), ([0] * 99 + [5], True)]
)
def test_dates_without_times_are_noticed(time_s: list[int], told: bool) -> None:
    assert date_only(np.array(time_s, np.int64)) is told
