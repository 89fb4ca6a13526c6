import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.cells import OUTSIDE, Grid, clipped, cover_faults_m2, owners
from shouwang.engine.geo.distance import Plane, haversine_m

LON, LAT = np.array([-90.32, -90.17]), np.array([38.53, 38.77])


@pytest.mark.parametrize(
    ("a", "b", "metres"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (1, 0), 111_195.08),  # a degree of the equator: 2πR / 360
        ((0, 0), (180, 0), 20_015_114.4),  # half way round: πR
        ((-90.2, 38.6), (-90.2, 39.6), 111_195.08),
    ],
)
def test_haversine_has_known_lengths(a, b, metres):
    assert haversine_m(*a, *b) == pytest.approx(metres, abs=0.1)


@given(st.floats(-180, 180), st.floats(-75, 75), st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))
def test_a_plane_goes_there_and_back_and_agrees_with_the_sphere(lon0, lat0, dlon, dlat):
    plane = Plane(lon0, lat0)
    x_m, y_m = plane.to_xy(lon0 + dlon, lat0 + dlat)
    assert plane.to_lonlat(x_m, y_m) == pytest.approx((lon0 + dlon, lat0 + dlat), abs=1e-9)
    straight_m = haversine_m(lon0, lat0, lon0 + dlon, lat0 + dlat)
    assert np.hypot(x_m, y_m) == pytest.approx(straight_m, rel=5e-3, abs=1e-3)


@pytest.mark.parametrize("cell_m", [75, 200, 1000])
def test_cells_are_exactly_so_many_metres_wide(cell_m):
    grid = Grid.covering(LON, LAT, cell_m)
    lon, lat = grid.centres([0, 1, grid.columns])
    x_m, y_m = grid.plane.to_xy(lon, lat)
    assert x_m[1] - x_m[0] == pytest.approx(cell_m, abs=1e-6)
    assert y_m[2] - y_m[0] == pytest.approx(cell_m, abs=1e-6)


@given(st.lists(st.tuples(st.floats(-90.4, -90.1), st.floats(38.5, 38.8)), min_size=1, max_size=40))
def test_every_point_lies_in_the_square_of_its_cell(points):
    lon, lat = np.array(points).T
    grid = Grid.covering(lon, lat, 200)
    cells = grid.index(lon, lat)
    assert (cells >= 0).all()
    assert (cells < grid.size).all()
    for square, x, y in zip(grid.squares(cells), lon, lat, strict=True):
        assert square.buffer(1e-9).contains(shapely.Point(x, y))


def test_each_centre_finds_its_own_cell_and_far_points_none():
    grid = Grid.covering(LON, LAT, 500)
    assert (grid.index(*grid.centres()) == np.arange(grid.size)).all()
    assert grid.index([-91.0, 0.0], [38.6, 0.0]).tolist() == [OUTSIDE, OUTSIDE]


def test_clipped_cells_cover_an_area_without_gap_or_overlap():
    area = shapely.Polygon([(-90.3, 38.55), (-90.18, 38.6), (-90.2, 38.75), (-90.25, 38.62)])
    cells, shapes = clipped(Grid.over(area, 500), area)
    gap, overlap = cover_faults_m2(shapes, area)
    assert len(set(cells.tolist())) == len(cells)
    assert (gap, overlap) == pytest.approx((0, 0), abs=1e-3)
    missing, _ = cover_faults_m2(shapes[1:], area)
    _, doubled = cover_faults_m2([*shapes, shapes[0]], area)
    assert missing > 1
    assert doubled > 1


def test_the_centre_decides_whose_cell_it_is():
    west = shapely.box(-90.3, 38.6, -90.25, 38.65)
    east = shapely.box(-90.25, 38.6, -90.2, 38.65)
    grid = Grid.over(west.union(east), 700)
    owner = owners(grid, [west, east])
    lon, lat = grid.centres()
    in_west, in_east = (shapely.intersects_xy(area, lon, lat) for area in (west, east))
    assert (owner[in_west] == 0).all()
    assert (owner[in_east & ~in_west] == 1).all()
    touching = shapely.area(shapely.intersection(west.union(east), grid.squares())) > 0
    assert (owner[touching] != OUTSIDE).all()


@pytest.mark.parametrize(("lon", "lat", "cell_m"), [([], [], 200), ([np.nan], [1], 200), ([0], [0], 0), ([0], [0], -5)])
def test_a_grid_without_points_or_width_is_refused(lon, lat, cell_m):
    with pytest.raises(BadInput):
        Grid.covering(lon, lat, cell_m)
