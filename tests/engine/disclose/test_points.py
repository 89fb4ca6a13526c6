import numpy as np
import pytest

from shouwang.engine.disclose.points import to_map_points, to_midpoints
from shouwang.engine.errors import BadInput, NoAnswer
from shouwang.engine.geo.distance import haversine_m
from shouwang.tables.streets import read_streets


def test_every_shared_point_used_stands_for_eight_addresses_or_none():
    rng = np.random.default_rng(1)
    points = rng.uniform((118.4, 31.6), (118.6, 31.8), (300, 2))
    addresses = rng.normal((118.5, 31.7), 0.02, (1200, 2))
    cases = np.concatenate([rng.normal((118.5, 31.7), 0.03, (400, 2)), points[:20]])
    moved = to_map_points(*cases.T, *points.T, *addresses.T)
    assert moved.places < 300
    shown = np.column_stack([moved.lon, moved.lat])
    assert {tuple(row) for row in shown} <= {tuple(row) for row in points}
    # Whatever points are left: each used one has at least eight addresses that no other used one is nearer to, or none.
    kept = np.unique(moved.place)
    apart = haversine_m(addresses[:, :1], addresses[:, 1:], points[kept, 0], points[kept, 1])
    nearest = np.bincount(apart.argmin(axis=1), minlength=len(kept))
    assert ((nearest >= 8) | (nearest == 0)).all() and (nearest == 0).any() and (nearest >= 8).any()
    assert moved.moved_m == pytest.approx(haversine_m(*cases.T, moved.lon, moved.lat), rel=0.01, abs=0.1)


def test_a_lonely_farm_goes_to_the_next_village():
    farm, village = (118.40, 31.60), (118.45, 31.60)
    addresses = np.array([farm] + [village] * 9)
    moved = to_map_points(*farm, [farm[0], village[0]], [farm[1], village[1]], *addresses.T)
    assert (moved.lon[0], moved.lat[0]) == village
    with pytest.raises(NoAnswer, match="8 addresses"):
        to_map_points(*farm, [farm[0]], [farm[1]], [farm[0]], [farm[1]])


def test_cases_go_to_the_middle_of_their_street(stlouis):
    streets = read_streets(stlouis)
    edge = np.flatnonzero((streets.length_m > 80) & (streets.length_m < 200))[:40]
    lines = streets.lines(edge)
    near_start = [line.interpolate(0.3, normalized=True) for line in lines]
    moved = to_midpoints(streets, [p.x for p in near_start], [p.y for p in near_start])
    same = (moved.place == edge) | (moved.place == streets.opposite[edge])
    assert same.all()
    middle = [line.interpolate(0.5, normalized=True) for line in lines]
    assert haversine_m(moved.lon, moved.lat, [p.x for p in middle], [p.y for p in middle]).max() < 1
    assert (moved.moved_m < 60).all() and (moved.moved_m > 5).all()
    both = to_midpoints(streets, [near_start[0].x] * 2, [near_start[0].y, near_start[0].y + 1e-6])
    assert both.places == 1


def test_what_is_wrong_is_named():
    with pytest.raises(BadInput) as caught:
        to_map_points([np.nan], [1], [], [], [1], [1], least=0)
    assert [fault.where for fault in caught.value.faults] == ["cases[0]", "map points", "least"]
