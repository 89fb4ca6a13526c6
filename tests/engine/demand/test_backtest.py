from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shouwang.engine.demand.backtest import Hindsight, Scores, backtest, paired_gain, redrawn
from shouwang.engine.demand.ground import Squares
from shouwang.engine.demand.models import Decayed, Learnt, Model, RecentMean
from shouwang.engine.errors import NoAnswer
from shouwang.tables.history import arrays, read_calls

PATROL_FOUND = ("drugs", "loitering_begging", "weapons", "stolen_property", "liquor", "dwi", "gambling")


def scored(city: Any, model: Model, origins: int = 40, **options: Any) -> Scores:
    first_h = int(city.calls.time_s.max()) // 86400 * 24 + 24 - origins * 24
    return backtest(city.calls, model, city.ground, first_h, origins, rng=np.random.default_rng(1), **options)


def test_bits_and_hits_are_those_of_the_truth(make_city: Callable[..., Any]) -> None:
    """Two cells in a hundred get half of all calls. Whoever knows gains ½·log₂25 + ½·log₂(½/0.98) bits."""
    place = np.full((10, 10), 0.5 / 98)
    place[3, 3] = place[8, 1] = 0.25
    scores = scored(make_city(place, 60.0, 180), Decayed())
    calls = scores.calls.sum()
    assert abs(calls - 60 * 40) < 4 * np.sqrt(60 * 40)
    assert scores.hit_share()[1] == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(calls))
    assert scores.bits()[0] == pytest.approx(0.5 * np.log2(25) + 0.5 * np.log2(0.5 / 0.98), abs=0.12)


def test_where_nothing_is_to_be_known_nothing_is_gained(make_city: Callable[..., Any]) -> None:
    place, place_hour = scored(make_city(np.ones((6, 6)), 80.0, 180), Learnt()).bits()
    assert -0.03 < place <= 0.0 and -0.04 < place_hour <= 0.0


@pytest.mark.parametrize("frailty_sd", [0.0, 0.35])
def test_intervals_hold_what_they_promise(make_city: Callable[..., Any], frailty_sd: float) -> None:
    city = make_city(np.random.default_rng(2).gamma(0.5, 1.0, (12, 12)) + 0.05, 90.0, 260, frailty_sd=frailty_sd)
    scores = scored(city, Learnt(), origins=70, owner=city.ground.zones(800.0))
    for nominal in (0.80, 0.95):
        share, error = scores.coverage(nominal)
        assert abs(share - nominal) < 3 * error + 0.01
    assert scores.cell_pit_distance() < 0.02


def test_the_future_changes_no_score_of_the_past(uneven_city: Any) -> None:
    first_h = int(uneven_city.calls.time_s.max()) // 86400 * 24 - 40 * 24
    calls, after = uneven_city.calls, uneven_city.calls.time_s >= (first_h + 10 * 24) * 3600
    poisoned = replace(
        calls, lon=np.where(after, calls.lon[0], calls.lon), lat=np.where(after, calls.lat[0], calls.lat)
    )
    honest, tempted = (
        backtest(c, Learnt(), uneven_city.ground, first_h, 10, rng=np.random.default_rng(4)) for c in (calls, poisoned)
    )
    assert after.sum() > 500
    for name in Scores.__slots__:
        assert np.array_equal(getattr(honest, name), getattr(tempted, name))


def test_calls_off_the_ground_are_missed_and_counted(uneven_city: Any) -> None:
    west = replace(uneven_city.ground, chosen=uneven_city.ground.chosen[uneven_city.ground.chosen % 15 < 8])
    scores = scored(replace(uneven_city, ground=west), RecentMean(), origins=10)
    whole = scored(uneven_city, RecentMean(), origins=10)
    assert (scores.calls == whole.calls).all() and 0 < scores.missed.sum() < scores.calls.sum()


def test_what_patrols_found_is_not_scored_either(uneven_city: Any) -> None:
    source = uneven_city.calls.source.copy()
    source[::2] = 2
    half = scored(replace(uneven_city, calls=replace(uneven_city.calls, source=source)), RecentMean(), origins=10)
    assert abs(half.calls.sum() / scored(uneven_city, RecentMean(), origins=10).calls.sum() - 0.5) < 0.15


def test_nothing_to_score_is_said(uneven_city: Any) -> None:
    last_h = int(uneven_city.calls.time_s.max()) // 3600 + 1
    with pytest.raises(NoAnswer):
        backtest(uneven_city.calls, RecentMean(), uneven_city.ground, last_h, 2, rng=np.random.default_rng(1))


def test_gains_are_told_from_chance() -> None:
    rng = np.random.default_rng(8)
    calls, noise = np.full(60, 100), rng.normal(0, 3, 60)
    better, low, high = paired_gain(noise + 5, noise, calls, rng)
    assert better == pytest.approx(0.05) and low == pytest.approx(0.05) and high == pytest.approx(0.05)
    _, low, high = paired_gain(rng.normal(0, 3, 60), rng.normal(0, 3, 60), calls, rng)
    assert low < 0 < high


def test_pai_and_pei_are_hits_over_shares_and_over_the_best(make_city: Callable[..., Any]) -> None:
    place = np.full((10, 10), 0.5 / 98)
    place[3, 3] = place[8, 1] = 0.25
    scores = scored(make_city(place, 60.0, 180), Decayed())
    assert scores.pai() == pytest.approx(scores.hit_share() / [0.01, 0.02, 0.05])
    assert (scores.best >= scores.hits).all() and (scores.best <= scores.calls[:, None]).all()
    assert 0.9 < scores.pei()[1] <= 1.0 and scores.pei()[2] < scores.pei()[1]


def test_knowing_the_future_is_a_ceiling(uneven_city: Any) -> None:
    ceiling = scored(uneven_city, Hindsight(uneven_city.calls), origins=20)
    learnt = scored(uneven_city, Learnt(), origins=20)
    assert ceiling.bits()[0] > learnt.bits()[0] + 0.02
    assert ceiling.bits()[0] < learnt.bits()[0] + 0.6


def test_intervals_from_drawing_days_again_are_those_of_the_mean(uneven_city: Any) -> None:
    scores = scored(uneven_city, RecentMean(), origins=40)
    low, high = redrawn(scores, Scores.hit_share, np.random.default_rng(1), draws=400)
    share = scores.hit_share()
    by_day = scores.hits[:, 2] / scores.calls
    error = by_day.std(ddof=1) / np.sqrt(40)
    assert (low < share).all() and (share < high).all()
    assert high[2] - low[2] == pytest.approx(2 * 1.96 * error, rel=0.25)
    assert (scores.taken(np.arange(40)).area_pit == scores.area_pit).all()


def test_on_a_real_city_the_learnt_pool_beats_the_plain_means(stlouis: Path) -> None:
    calls = arrays(read_calls(stlouis / "calls.parquet")).without(PATROL_FOUND)
    first_h = int(np.datetime64("2019-05-06T00", "h").astype(np.int64))
    known = calls.before(first_h * 3600)
    ground = Squares.around(known.lon, known.lat, 200.0)
    learnt, decayed, year = (
        backtest(calls, model, ground, first_h, 14, rng=np.random.default_rng(1))
        for model in (Learnt(), Decayed(), RecentMean(365))
    )
    for plain, least in ((decayed, 0.005), (year, 0.03)):
        gain, low, _ = paired_gain(learnt.bits_place_hour, plain.bits_place_hour, plain.calls, np.random.default_rng(2))
        assert gain > least and low > 0
    share, error = learnt.coverage()
    assert abs(share - 0.80) < 3 * error + 0.01
