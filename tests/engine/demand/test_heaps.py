from dataclasses import replace
from typing import Any

import numpy as np

from shouwang.engine.demand.heaps import heaps, spread_heaps
from shouwang.engine.demand.past import Past


def test_what_is_heaped_at_noon_is_spread_as_the_other_calls_are(uneven_city: Any) -> None:
    calls = uneven_city.calls
    time_s = calls.time_s.copy()
    lost = np.arange(0, len(calls), 12)
    time_s[lost] = time_s[lost] // 86400 * 86400 + 43200
    heaped = replace(calls, time_s=time_s)
    assert heaps(calls.time_s) == [] and spread_heaps(calls) == (calls, 0)
    (heap,) = heaps(time_s)
    assert heap.minute == 720 and abs(heap.calls - heap.expected - len(lost)) < 0.05 * len(lost)
    spread, moved = spread_heaps(heaped)
    assert abs(moved - len(lost)) < 0.1 * len(lost)
    assert (spread.time_s // 86400 == time_s // 86400).all()

    def day(one: Any) -> Any:
        return np.bincount(one.time_s % 86400 // 3600, minlength=24) / len(one)

    assert np.abs(day(heaped) - day(calls)).max() > 0.05 > 0.012 > np.abs(day(spread) - day(calls)).max()
    # Neither the order of the rows nor what comes later decides which are moved.
    back = np.arange(len(heaped))[::-1]
    assert (spread_heaps(heaped.take(back))[0].time_s[back] == spread.time_s).all()
    origin_h = int(time_s[len(time_s) // 2]) // 3600 + 1
    past = Past.of(heaped, uneven_city.ground, origin_h)
    assert past.hour.max() < origin_h and len(past) == (time_s < origin_h * 3600).sum()


def test_dates_alone_are_left_as_they_are(uneven_city: Any) -> None:
    dates = replace(uneven_city.calls, time_s=uneven_city.calls.time_s // 86400 * 86400)
    assert spread_heaps(dates) == (dates, 0)
