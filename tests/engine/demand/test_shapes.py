from dataclasses import replace
from typing import Any

import h3
import numpy as np
import pytest
import shapely
from scipy.stats import chisquare

from shouwang.engine.demand.forecast import forecast
from shouwang.engine.demand.ground import Ground
from shouwang.engine.demand.models import MODELS
from shouwang.engine.demand.past import Past
from shouwang.engine.demand.shapes import Given, Hexagons
from shouwang.engine.errors import BadInput
from shouwang.engine.geo.cells import OUTSIDE
from shouwang.engine.geo.distance import haversine_m

RNG = np.random.default_rng(3)
LON, LAT = 104.0 + RNG.uniform(0, 0.03, 300), 30.6 + RNG.uniform(0, 0.03, 300)
QUARTERS = [shapely.box(x, y, x + 0.015, y + 0.015) for y in (30.6, 30.615) for x in (104.0, 104.015)]
STREETS = [shapely.LineString([(104.0, y), (104.03, y)]) for y in (30.6, 30.601, 30.602)]
GROUNDS = {"hexagons": Hexagons.around(LON, LAT, 9), "areas": Given.of(QUARTERS), "streets": Given.of(STREETS)}
EACH = pytest.mark.parametrize("ground", GROUNDS.values(), ids=list(GROUNDS))


@EACH
def test_smoothing_loses_no_call_and_zones_gather_what_is_near(ground: Any) -> None:
    counts = RNG.poisson(2.0, ground.size).astype(float)
    for bandwidth_m in (50.0, 400.0, 2000.0):
        assert ground.smooth(counts, bandwidth_m).sum() == pytest.approx(counts.sum())
    one = np.eye(ground.size)[0]
    wide = ground.smooth(one, 2000.0)
    assert (wide > 0).sum() > 1 and wide.argmax() == 0
    zone = ground.zones(1000.0)
    lon, lat = ground.centres()
    assert zone.min() == 0 and len(np.unique(zone)) == zone.max() + 1
    for number in range(zone.max() + 1):
        mine = zone == number
        across = haversine_m(lon[mine].min(), lat[mine].min(), lon[mine].max(), lat[mine].max())
        assert across <= 1000 * np.sqrt(2) + 1


def test_points_lie_in_the_hexagons_that_h3_says_and_a_block_around_is_known() -> None:
    ground = GROUNDS["hexagons"]
    for at in range(0, 300, 30):
        told = h3.str_to_int(h3.latlng_to_cell(LAT[at], LON[at], 9))
        assert ground.ids[ground.index(LON[at : at + 1], LAT[at : at + 1])[0]] == told
    assert (ground.index(LON + 0.002, LAT) != OUTSIDE).all() and ground.index([105.0], [30.6])[0] == OUTSIDE
    assert (np.diff(ground.ids) > 0).all()


def test_areas_and_streets_take_the_points_that_are_theirs() -> None:
    assert GROUNDS["areas"].index([104.001, 104.02, 104.001, 103.9], [30.601, 30.601, 30.62, 30.6]).tolist() == [
        0, 1, 2, OUTSIDE,
    ]  # fmt: skip
    assert GROUNDS["areas"].index([104.015], [30.61]).tolist() == [0]  # a shared border goes to the first
    assert GROUNDS["streets"].index([104.01] * 4, [30.6001, 30.6009, 30.6022, 30.6035]).tolist() == [0, 1, 2, OUTSIDE]


def test_calls_on_a_corner_are_shared_by_the_streets_that_meet_there_whatever_their_order(uneven_city: Any) -> None:
    arms = [(104.0, 30.6), (104.01, 30.61), (104.02, 30.6), (104.01, 30.59)]
    streets = Given.of([shapely.LineString([arm, (104.01, 30.6)]) for arm in arms])
    corner, on_one = (104.010004, 30.600003), (104.005, 30.6001)  # half a metre from where they meet; on the first
    calls = replace(uneven_city.calls, lon=np.where(np.arange(len(uneven_city.calls)) % 3, corner[0], on_one[0]),
                    lat=np.where(np.arange(len(uneven_city.calls)) % 3, corner[1], on_one[1]))  # fmt: skip
    end_h = int(calls.time_s.max()) // 3600 + 1
    past = Past.of(calls, streets, end_h)
    shared = np.bincount(past.cell, minlength=4) - [len(calls) - len(calls) * 2 // 3, 0, 0, 0]
    assert shared.sum() == len(calls) * 2 // 3 == streets.at_corners(calls.lon, calls.lat)
    assert chisquare(shared).pvalue > 0.01
    again = Past.of(calls.take(RNG.permutation(len(calls))), streets, end_h)
    assert (again.cell == past.cell).all() and (again.hour == past.hour).all()
    told = [str(one) for one in forecast(calls, end_h * 3600, 200.0, ground=streets).findings if one.code == "corners"]
    assert told == [f"{shared.sum()} calls lie where streets meet: each counts on one of these streets, drawn evenly."]
    assert streets.index(*corner).tolist() == [0] and streets.at_corners(*on_one) == 0


@EACH
def test_every_model_forecasts_on_them(ground: Ground, uneven_city: Any) -> None:
    calls = uneven_city.calls
    end_h = int(calls.time_s.max()) // 86400 * 24 + 24
    for model in MODELS.values():
        fit = model.fit(Past.of(calls, ground, end_h))
        expected = fit.expected(end_h + np.arange(24))
        assert (expected > 0).all() and expected.shape == (24, ground.size)
        assert expected.sum() == pytest.approx(fit.level.day_total(np.array([end_h]))[0])


@pytest.mark.parametrize(("resolution", "said"), [(16, "resolution"), (-1, "resolution"), (15, "cells")])
def test_what_cannot_be_held_is_refused(resolution: int, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Hexagons.around(LON, LAT, resolution)
