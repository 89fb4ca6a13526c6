import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.deploy.staffing import EXACT_UNITS, Promise, manning_order, posts_needed, units_needed
from shouwang.engine.errors import BadInput, NoAnswer
from shouwang.engine.solve.queues import share_waiting_longer


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.floats(0.01, 400.0) | st.just(0.0), min_size=1, max_size=5),
    st.floats(60, 5000), st.floats(0, 900), st.floats(0.5, 0.999),
)  # fmt: skip
def test_erlang_staff_is_the_least_that_keeps_the_promise(calls, service_s, wait_s, share):
    hours = units_needed(calls, service_s, Promise(wait_s + 120, share), travel_s=120)
    for rate, hour in zip(calls, hours, strict=True):
        if rate == 0:
            assert (hour.units, hour.kept) == (0, 1.0)
            continue
        rate_s = rate / 3600
        assert hour.kept == pytest.approx(1 - share_waiting_longer(rate_s, service_s, hour.units, wait_s))
        assert hour.kept >= share
        if hour.units > 1:
            assert 1 - share_waiting_longer(rate_s, service_s, hour.units - 1, wait_s) < share
        assert hour.busy == pytest.approx(rate_s * service_s / hour.units)


def played(rate, travel, service_s, within_s, calls, rng):
    """Share of calls answered in time, by playing them: the nearest free unit goes, else the first to get free."""
    areas = rng.choice(rate.size, calls, p=rate / rate.sum())
    at = np.cumsum(rng.exponential(1 / rate.sum(), calls))
    service = rng.exponential(service_s, calls)
    free, until, waiting, kept = set(range(travel.shape[1])), [], [], 0

    def send(i, unit, now):
        heapq.heappush(until, (now + service[i], unit))
        return now - at[i] + travel[areas[i], unit] <= within_s

    for i in range(calls):
        while until and until[0][0] <= at[i]:
            now, unit = heapq.heappop(until)
            if waiting:
                kept += send(waiting.pop(0), unit, now)
            else:
                free.add(unit)
        if free:
            unit = min(free, key=lambda u: (travel[areas[i], u], u))
            free.remove(unit)
            kept += send(i, unit, at[i])
        else:
            waiting.append(i)
    return kept / (calls - len(waiting))


@pytest.mark.parametrize("posts", [5, EXACT_UNITS + 6])
def test_the_promise_is_what_a_played_shift_keeps(posts):
    """Exact for few posts, approximate for many: both within the noise and error that are stated."""
    rng = np.random.default_rng(posts)
    at, homes = rng.random((30, 2)), rng.random((posts, 2))
    travel = 600 * np.hypot(*(at[:, None] - homes[None]).transpose(2, 0, 1))
    rate = rng.random(30)
    rate *= 0.6 * posts / rate.sum() / 1200 * 3600
    share = 0.55
    hour = posts_needed([rate], travel, 1200.0, Promise(300.0, share))[0]
    seen = played(rate / 3600, travel[:, : hour.units], 1200.0, 300.0, 40_000, rng)
    assert hour.kept == pytest.approx(seen, abs=0.025)
    assert hour.kept >= share


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 1000))
def test_each_hour_has_the_fewest_posts_in_the_order_given(seed):
    rng = np.random.default_rng(seed)
    travel, calls = rng.uniform(30, 900, (6, 7)), rng.random((3, 6)) * 2
    hours = posts_needed(calls, travel, 900.0, Promise(1200.0, 0.8))
    for rate, hour in zip(calls, hours, strict=True):
        assert 0.8 <= hour.kept <= 1
        if hour.units > 1:
            with pytest.raises(NoAnswer):
                posts_needed([rate], travel[:, : hour.units - 1], 900.0, Promise(1200.0, 0.8))


def test_more_calls_need_more_units():
    units = [hour.units for hour in units_needed([0, 2, 10, 50, 200], 1800, Promise(120, 0.9))]
    assert units == sorted(units)
    assert units[0] == 0 < units[1]


def test_posts_are_manned_where_they_add_most():
    travel = np.array([[10.0, 10, 99, 10], [10, 99, 99, 99], [99, 99, 10, 99]])
    assert manning_order(travel, [3.0, 2.0, 2.1], 20.0).tolist() == [0, 2, 1, 3]


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: units_needed([-1, np.nan], 0, Promise(-1, 1)),
         ["calls_per_h, hour 0", "calls_per_h, hour 1", "service_s", "within_s", "share"]),
        (lambda: units_needed([], 60, Promise(60, 0.9), travel_s=-1), ["calls_per_h", "travel_s"]),
        (lambda: units_needed([1e9], 6e6, Promise(60, 0.9)), ["service_s"]),
        (lambda: posts_needed([[1.0]], [[1.0], [2.0]], 60, Promise(60, 0.9)), ["travel_s"]),
        (lambda: posts_needed([[-1.0]], [[-1.0]], 60, Promise(60, 0.9)), ["calls_per_h, hour 0, area 0", "travel_s"]),
    ],
)  # fmt: skip
def test_all_faults_are_named_at_once(call, named):
    with pytest.raises(BadInput) as caught:
        call()
    assert [fault.where for fault in caught.value.faults] == named


def test_a_promise_that_nothing_keeps_has_no_answer():
    with pytest.raises(NoAnswer, match="drive"):
        units_needed([1.0], 600, Promise(60, 0.9), travel_s=61)
    with pytest.raises(NoAnswer, match="Hour 1: all 2 posts"):
        posts_needed([[0.0], [1.0]], [[500.0, np.inf]], 600, Promise(60, 0.9))
    with pytest.raises(NoAnswer, match="no steady share"):
        posts_needed([[100.0]], [[5.0, 5.0]], 600, Promise(60, 0.9))
