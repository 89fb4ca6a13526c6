from typing import Any

import numpy as np
import pytest
import shapely

from shouwang.engine.demand.backtest import Hindsight
from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.models import RecentMean
from shouwang.engine.demand.nij import FOOT_M, MILE2_M2, judge
from shouwang.engine.errors import BadInput, NoAnswer
from shouwang.engine.geo.distance import Plane

PLANE = Plane(104.0, 30.6)
SIDE_M = 8000.0
DISTRICT = shapely.box(*np.array(PLANE.to_lonlat(np.array([0, SIDE_M]), np.array([0, SIDE_M]))).T.ravel())
DAY = 86400
ORIGIN_D = 400


def events(at: list[tuple[float, float]], before: int, after: int) -> Calls:
    """At each place (metres) so many before and after the origin, evenly through time."""
    day = np.r_[np.linspace(1, ORIGIN_D - 1, before).astype(int), ORIGIN_D + np.linspace(0, 89, after).astype(int)]
    x_m, y_m = (np.repeat([p[axis] for p in at], len(day)) for axis in (0, 1))
    lon, lat = PLANE.to_lonlat(x_m, y_m)
    n = len(x_m)
    return Calls(np.tile(day, len(at)) * DAY, lon, lat, np.zeros(n, int), ("theft",), np.zeros(n, int))


def test_places_that_go_on_are_all_hit_and_the_index_is_what_the_rules_say() -> None:
    calls = events([(1000, 1000), (5000, 3000), (7000, 7000)], 40, 20)
    found = judge(calls, DISTRICT, RecentMean(), ORIGIN_D * 24, 92 * 24)
    assert found.cells == 20 and found.hits.shape == (16, 60) and found.hits.all()
    assert found.share == pytest.approx(20 * (600 * FOOT_M) ** 2 / SIDE_M**2, rel=1e-3)
    assert found.pai() == pytest.approx(1 / found.share) and found.pei() == pytest.approx(1.0)
    assert found.district_mile2 == pytest.approx(SIDE_M**2 / MILE2_M2, rel=1e-3)
    assert found.redrawn(np.random.default_rng(1)) == pytest.approx((1 / found.share,) * 2)


def test_without_any_pattern_the_index_is_that_of_chance_and_hindsight_bounds_it() -> None:
    rng = np.random.default_rng(6)
    n = 6000
    lon, lat = PLANE.to_lonlat(rng.uniform(0, SIDE_M, n), rng.uniform(0, SIDE_M, n))
    calls = Calls(rng.integers(0, ORIGIN_D + 90, n) * DAY, lon, lat, np.zeros(n, int), ("theft",), np.zeros(n, int))
    found = judge(calls, DISTRICT, RecentMean(), ORIGIN_D * 24, 90 * 24, offsets=2)
    ceiling = judge(calls, DISTRICT, Hindsight(calls), ORIGIN_D * 24, 90 * 24, offsets=2)
    low, high = found.redrawn(np.random.default_rng(1))
    assert low < 1 < high
    assert len(np.unique(found.hits, axis=0)) == 4  # each grid is another one
    assert found.pai().mean() < ceiling.pai().mean() <= found.highest_pai().mean()


@pytest.mark.parametrize(
    ("changed", "said"), [({"cell_ft": 200}, "square feet"), ({"area_mile2": 1.0}, "square miles")]
)
def test_what_the_rules_forbid_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        judge(events([(1000, 1000)], 40, 20), DISTRICT, RecentMean(), ORIGIN_D * 24, 240, **changed)


def test_a_horizon_without_events_has_no_answer() -> None:
    with pytest.raises(NoAnswer, match="No event"):
        judge(events([(1000, 1000)], 40, 2), DISTRICT, RecentMean(), (ORIGIN_D + 200) * 24, 240)
