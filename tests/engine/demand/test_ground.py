import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shouwang.engine.demand.ground import Squares
from shouwang.engine.errors import BadInput
from shouwang.engine.geo.cells import OUTSIDE, Grid
from shouwang.engine.geo.distance import Plane

RNG = np.random.default_rng(3)
LON, LAT = 104.0 + RNG.uniform(0, 0.05, 200), 30.6 + RNG.uniform(0, 0.05, 200)


@pytest.mark.parametrize("cell_m", [50.0, 200.0, 1000.0])
def test_every_point_lies_in_the_square_it_is_given(cell_m: float) -> None:
    ground = Squares.around(LON, LAT, cell_m)
    cell = ground.index(LON, LAT)
    lon, lat = ground.centres()
    x_m, y_m = ground.grid.plane.to_xy(LON, LAT)
    centre_x_m, centre_y_m = ground.grid.plane.to_xy(lon[cell], lat[cell])
    assert (cell != OUTSIDE).all()
    assert np.abs(x_m - centre_x_m).max() <= cell_m / 2 + 1e-3
    assert np.abs(y_m - centre_y_m).max() <= cell_m / 2 + 1e-3


def test_squares_are_as_wide_as_asked() -> None:
    ground = Squares.around(LON, LAT, 200.0)
    x_m, _ = ground.grid.plane.to_xy(*ground.centres())
    steps = np.diff(np.unique(np.round(x_m, 6)))
    assert np.allclose(steps[steps > 1], np.round(steps[steps > 1] / 200.0) * 200.0)
    assert np.isclose(steps[steps > 1].min(), 200.0)


def test_the_ground_reaches_a_little_beyond_the_calls_and_no_further() -> None:
    ground = Squares.around([104.0], [30.6], 100.0, margin_m=300.0)
    lon, lat = ground.centres()
    x_m, y_m = Plane(104.0, 30.6).to_xy(lon, lat)
    away_m = np.hypot(x_m, y_m)
    assert 250.0 < away_m.max() < 450.0


def test_new_calls_inside_do_not_move_the_cells() -> None:
    before = Squares.around(LON, LAT, 200.0)
    after = Squares.around(np.append(LON, LON.mean()), np.append(LAT, LAT.mean() + 0.0001), 200.0)
    assert before.grid == after.grid


def test_over_areas_every_touching_square_is_chosen() -> None:
    area = shapely.box(104.0, 30.6, 104.01, 30.61)
    ground = Squares.over([area], 200.0)
    assert ground.owners([area]).tolist() == [0] * ground.size
    assert shapely.area(area.difference(shapely.union_all(ground.grid.squares(ground.chosen)))) < 1e-12


def test_a_point_elsewhere_is_outside() -> None:
    ground = Squares.around(LON, LAT, 200.0)
    assert ground.index([100.0], [30.0]).tolist() == [OUTSIDE]


@given(
    hnp.arrays(float, 60, elements=st.floats(0, 1e6)),
    st.sets(st.integers(0, 59), min_size=1),
    st.floats(10.0, 2000.0),
)
def test_smoothing_keeps_the_sum_and_makes_nothing_negative(
    counts: np.ndarray, chosen: set[int], bandwidth_m: float
) -> None:
    grid = Grid(Plane(0.0, 0.0), 100.0, 0.0, 0.0, 10, 6)
    ground = Squares(grid, np.array(sorted(chosen)))
    smooth = ground.smooth(counts[ground.chosen], bandwidth_m)
    assert (smooth >= 0).all()
    assert np.isclose(smooth.sum(), counts[ground.chosen].sum())


def test_smoothing_spreads_to_neighbours_evenly() -> None:
    ground = Squares(Grid(Plane(0.0, 0.0), 100.0, 0.0, 0.0, 21, 21), np.arange(441))
    one = np.zeros(441)
    one[220] = 1.0
    smooth = ground.smooth(one, 200.0).reshape(21, 21)
    assert smooth[10, 10] == smooth.max() < 0.1
    assert np.allclose(smooth, smooth.T) and np.allclose(smooth, smooth[::-1])
    # The Gaussian's density at its centre, 1 / (2π σ²), in cells of side 1 with σ = 2.
    assert np.isclose(smooth[10, 10], 1 / (2 * np.pi * 4), rtol=0.03)


def test_zones_are_blocks_of_the_width_asked() -> None:
    ground = Squares(Grid(Plane(0.0, 0.0), 100.0, 0.0, 0.0, 20, 10), np.arange(200))
    zone = ground.zones(500.0)
    assert np.bincount(zone).tolist() == [25] * 8
    assert len(np.unique(ground.zones(10.0))) == 200


def test_too_many_cells_and_no_width_are_refused_in_words() -> None:
    with pytest.raises(BadInput, match="cells"):
        Squares.around([0.0, 90.0], [0.0, 45.0], 10.0)
    with pytest.raises(BadInput, match="width"):
        Squares.around(LON, LAT, 0.0)
