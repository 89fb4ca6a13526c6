import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.isochrone import isochrone
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel

from .networks import network, networks


def grid(**more):
    """One block of 1 km, driven at 10 m/s in both directions."""
    x, y = [0.0, 1000, 1000, 0], [0.0, 0, 1000, 1000]
    u, v = [0, 1, 2, 3, 1, 2, 3, 0], [1, 2, 3, 0, 0, 1, 2, 3]
    return Streets.build(node_id=range(4), x_m=x, y_m=y, u=u, v=v, length_m=[1000] * 8, time_s=[100] * 8, **more)


@pytest.mark.parametrize(
    ("limit_s", "reached_m"),
    [(20, [(300, 0), (700, 0)]), (60, [(0, 100), (0, 0), (1000, 0), (1000, 100)])],
)
def test_streets_are_reached_in_part(limit_s, reached_m):
    block = grid()
    area = isochrone(Travel(block), block.snap(500, 0), limit_s, width_m=20)
    expected = shapely.LineString(reached_m).buffer(20)
    assert area.symmetric_difference(expected).area < 0.02 * expected.area


def test_holes_are_kept():
    block = grid()
    area = isochrone(Travel(block), block.snap(500, 0), 1000, width_m=50)
    assert len(area.interiors) == 1
    assert shapely.Polygon(area.interiors[0]).area == pytest.approx(900**2, rel=0.01)


def test_a_closed_street_is_not_reached_and_a_one_way_street_only_along_it():
    block = grid()
    right = int(np.flatnonzero((block.x_m[block.tail] == 1000) & (block.x_m[block.head] == 1000))[0])
    area = isochrone(Travel(block).under(block.closing([right])), block.snap(500, 0), 60, width_m=20)
    assert not area.covers(shapely.Point(1000, 60))
    assert area.covers(shapely.Point(0, 60))
    oneway = network([0, 1], [1, 0], np.array([100.0, 900.0]), 2, x_m=[0, 1000])
    area = isochrone(Travel(oneway), Spots(np.array([-1]), np.array([0]), np.array([0.5]), np.zeros(1)), 30, width_m=20)
    ahead = area.bounds[2] - 500 if oneway.x_m[oneway.head[0]] == 1000 else 500 - area.bounds[0]
    assert ahead == pytest.approx(300 + 20, abs=2)


def test_bends_are_followed():
    bent = Streets.build(
        node_id=[1, 2], lon=[0.0, 0.02], lat=[0.0, 0.0], u=[1, 2], v=[2, 1], length_m=[3000.0] * 2, time_s=[300.0] * 2,
        shape=[np.array([(0, 0), (0.01, 0.01), (0.02, 0)]), np.array([(0.02, 0), (0.01, 0.01), (0, 0)])],
    )  # fmt: skip
    area = isochrone(Travel(bent), bent.snap(0.01, 0.01), 75, width_m=50)
    assert area.covers(shapely.Point(0.006, 0.006))
    assert not area.covers(shapely.Point(0.01, 0.0))
    assert not area.covers(shapely.Point(0.004, 0.004))


@settings(max_examples=40)
@given(networks(), st.data())
def test_areas_grow_with_time_and_hold_what_is_reached(streets, data):
    travel = Travel(streets)
    node = data.draw(st.integers(0, streets.node_count - 1))
    origin, limit_s = Spots.at_nodes(node), data.draw(st.floats(1, 200))
    small, large = (isochrone(travel, origin, s, width_m=10) for s in (limit_s, 1.5 * limit_s))
    assert small.is_valid and large.is_valid
    assert large.buffer(1).covers(small)
    for there in np.flatnonzero(travel.from_one(origin) <= limit_s):
        assert small.covers(shapely.Point(streets.x_m[there], streets.y_m[there]))


def test_limits_that_are_none_are_refused():
    block = grid()
    with pytest.raises(BadInput) as caught:
        isochrone(Travel(block), block.snap([0, 1], [0, 1]), 0, width_m=np.nan)
    assert len(caught.value.faults) == 3
