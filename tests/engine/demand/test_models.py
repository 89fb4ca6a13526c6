from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.forecast import forecast
from shouwang.engine.demand.models import MODELS, Decayed, Learnt, Model, RecentMean
from shouwang.engine.demand.past import Past
from shouwang.engine.errors import NoAnswer

ALL = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
NEXT_DAY = np.arange(24)


def end_h(calls: Calls) -> int:
    return int(calls.time_s.max()) // 86400 * 24 + 24


def few(times: list[str], at: list[tuple[float, float]], kinds: list[int] | None = None) -> Calls:
    n = len(times)
    time_s = np.array(times, "datetime64[s]").astype(np.int64)
    kind = np.array(kinds or [0] * n, np.int64)
    lon, lat = (np.array([p[axis] for p in at], float) for axis in (0, 1))
    return Calls(time_s, lon, lat, kind, ("a", "b"), np.zeros(n, np.int64))


@ALL
def test_expected_calls_are_finite_and_not_negative(model: Model, uneven_city: Any) -> None:
    fit = model.fit(Past.of(uneven_city.calls, uneven_city.ground, end_h(uneven_city.calls)))
    expected = fit.expected(fit.origin_h + np.arange(24 * 8))
    assert expected.shape == (192, uneven_city.ground.size)
    assert np.isfinite(expected).all() and (expected > 0).all()
    assert np.isclose(fit.place.sum(), 1)


@ALL
def test_the_true_rates_are_nearly_found(model: Model, uneven_city: Any) -> None:
    """In bits per call, beside the truth itself: what is lost is the price of having seen 7,300 calls only."""
    fit = model.fit(Past.of(uneven_city.calls, uneven_city.ground, end_h(uneven_city.calls)))
    monday_h = int(np.datetime64("2024-07-01T00", "h").astype(np.int64))
    assert fit.origin_h == monday_h
    expected, rate = fit.expected(monday_h + np.arange(168)), uneven_city.rate
    said, true = expected / expected.sum(), rate / rate.sum()
    lost = float((true * np.log2(true / said)).sum())
    gained = float((true * np.log2(true * true.size)).sum())
    assert gained > 1.4
    assert lost < 0.04 * gained


def test_learning_beats_every_single_setting_on_a_city_that_changes(uneven_city: Any) -> None:
    """Busy places moved a month ago: whoever remembers a year is wrong, whoever remembers a month is not."""
    calls, ground = uneven_city.calls, uneven_city.ground
    late = calls.time_s > calls.time_s.max() - 30 * 86400
    lon, lat = ground.centres()
    cell = ground.index(calls.lon, calls.lat)
    moved = replace(
        calls, lon=np.where(late, lon[::-1][cell], calls.lon), lat=np.where(late, lat[::-1][cell], calls.lat)
    )
    past = Past.of(moved, ground, end_h(calls))
    true = uneven_city.rate.sum(axis=0)[::-1] / uneven_city.rate.sum()
    lost = {
        m.name: float((true * np.log2(true / m.fit(past).place)).sum()) for m in (Learnt(), Decayed(), RecentMean())
    }
    assert lost["learnt"] < 0.75 * lost["decayed"] < lost["mean"]


@ALL
def test_the_future_is_unknown(model: Model, uneven_city: Any) -> None:
    calls, ground = uneven_city.calls, uneven_city.ground
    origin_h = int(np.quantile(calls.time_s, 0.7)) // 86400 * 24
    later = calls.time_s >= origin_h * 3600
    poisoned = replace(
        calls,
        lon=np.where(later, calls.lon[0], calls.lon),
        kind=np.where(later, len(calls.kinds), calls.kind),
        kinds=(*calls.kinds, "flood"),
        time_s=np.where(later, calls.time_s // 86400 * 86400, calls.time_s),
    )
    assert later.sum() > 1000
    honest, tempted = (model.fit(Past.of(c, ground, origin_h)).expected(origin_h + NEXT_DAY) for c in (calls, poisoned))
    assert (honest == tempted).all()


@ALL
def test_the_order_of_rows_changes_nothing(model: Model, uneven_city: Any) -> None:
    calls = uneven_city.calls
    shuffled = calls.take(np.random.default_rng(9).permutation(len(calls)))
    origin_s = end_h(calls) * 3600
    one, other = (forecast(c, origin_s, 200.0, model).hours(origin_s // 3600, 24) for c in (calls, shuffled))
    for name in ("expected", "low", "high"):
        assert (getattr(one, name) == getattr(other, name)).all()


@ALL
def test_wider_cells_expect_the_same_total(model: Model, uneven_city: Any) -> None:
    origin_s = end_h(uneven_city.calls) * 3600
    totals = [
        forecast(uneven_city.calls, origin_s, cell_m, model).hours(origin_s // 3600, 24).expected.sum()
        for cell_m in (150.0, 400.0, 1000.0)
    ]
    assert np.allclose(totals, totals[0])


def test_what_patrols_found_feeds_nothing(uneven_city: Any) -> None:
    calls = uneven_city.calls
    rng = np.random.default_rng(3)
    found = replace(
        calls.take(rng.integers(0, len(calls), 5000)),
        lon=np.full(5000, calls.lon[0]), lat=np.full(5000, calls.lat[0]), source=np.full(5000, 2),
    )  # fmt: skip
    both = Calls(
        *(np.concatenate([getattr(calls, f), getattr(found, f)]) for f in ("time_s", "lon", "lat", "kind")),
        calls.kinds,
        np.concatenate([calls.source, found.source]),
    )
    origin_s = end_h(calls) * 3600
    alone, beside = (forecast(c, origin_s, 200.0).hours(origin_s // 3600, 24).expected for c in (calls, both))
    assert (alone == beside).all()
    assert forecast(both, origin_s, 200.0).patrol_found == 5000


@ALL
def test_nothing_known_is_no_forecast(model: Model, uneven_city: Any) -> None:
    first_h = int(uneven_city.calls.time_s.min()) // 3600
    with pytest.raises(NoAnswer):
        model.fit(Past.of(uneven_city.calls, uneven_city.ground, first_h))
    with pytest.raises(NoAnswer):
        forecast(uneven_city.calls, first_h * 3600, 200.0, model)


@ALL
@settings(max_examples=15, deadline=None)
@given(
    calls=st.lists(
        st.tuples(st.integers(0, 60 * 24 * 40), st.floats(0, 0.02), st.floats(0, 0.02), st.integers(0, 1)),
        min_size=1,
        max_size=12,
    ),
    late_h=st.integers(0, 400),
    cell_m=st.sampled_from([100.0, 500.0]),
)
def test_a_handful_of_calls_is_enough(model: Model, calls: list[Any], late_h: int, cell_m: float) -> None:
    day = np.datetime64("2024-03-01T00:00", "m")
    table = few([str(day + minute) for minute, *_ in calls], [(104 + x, 30 + y) for _, x, y, _ in calls],
                [kind for *_, kind in calls])  # fmt: skip
    origin_h = int(table.time_s.max()) // 3600 + 1 + late_h
    made = forecast(table, origin_h * 3600, cell_m, model)
    told = made.hours(origin_h, 30)
    assert np.isfinite(told.expected).all() and (told.expected >= 0).all()
    assert (told.low <= told.expected).all() and (told.expected <= told.high).all()
    assert made.used + made.far_away == len(calls)


def test_dates_without_times_are_spread_over_the_day(uneven_city: Any) -> None:
    dated = replace(uneven_city.calls, time_s=uneven_city.calls.time_s // 86400 * 86400)
    origin_s = end_h(dated) * 3600
    made = forecast(dated, origin_s, 200.0)
    by_hour = made.hours(origin_s // 3600, 24).expected.sum(axis=1)
    assert np.allclose(by_hour, by_hour[0])
    assert [finding.code for finding in made.findings if finding.code == "date_only"] == ["date_only"]
    timed = forecast(uneven_city.calls, origin_s, 200.0).hours(origin_s // 3600, 24).expected.sum()
    assert np.isclose(by_hour.sum(), timed, rtol=1e-9)


def test_a_call_on_the_far_side_of_the_earth_is_left_out_and_told(uneven_city: Any) -> None:
    calls = uneven_city.calls
    lon, lat = calls.lon.copy(), calls.lat.copy()
    lon[10], lat[10] = 0.0, 0.0
    made = forecast(replace(calls, lon=lon, lat=lat), end_h(calls) * 3600, 200.0)
    assert made.far_away == 1 and made.used == len(calls) - 1
    assert "far_away" in [finding.code for finding in made.findings]
    assert made.ground.size < 2 * uneven_city.ground.size
