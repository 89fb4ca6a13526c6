"""Factors learned from drives through a town whose factors are known."""
import numpy as np
import pytest

from shouwang.engine.geo.drives import Drive, driven, learn
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel

SIDE, STEP_M, SPEED = 15, 200.0, 10.0


@pytest.fixture(scope="module")
def streets():
    """A grid of wide streets west to east and narrow ones south to north."""
    number = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    across = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1)
    along = np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1)
    pairs = np.concatenate([across, along])
    both = np.concatenate([pairs, pairs[:, ::-1]])
    kind = (["wide"] * len(across) + ["narrow"] * len(along)) * 2
    y, x = np.divmod(np.arange(SIDE * SIDE), SIDE)
    lon, lat = 10 + x * STEP_M / 110_000, y * STEP_M / 111_195  # at the equator
    return Streets.build(node_id=np.arange(SIDE * SIDE), lon=lon, lat=lat, u=both[:, 0], v=both[:, 1],
                         length_m=[STEP_M] * len(both), time_s=[STEP_M / SPEED] * len(both), kind=kind)  # fmt: skip


def drives(streets, truth, count, rng):
    """Drives between crossings by the fastest way, a position every ten seconds, as slow as `truth` by class says."""
    travel, found = Travel(streets), []
    slow = np.array([truth[kind] for kind in streets.kind])
    for n in range(count):
        a, b = rng.choice(SIDE * SIDE, 2, replace=False)
        way = travel.route(Spots.at_nodes([a]), Spots.at_nodes([b]))
        took = np.concatenate([[0.0], np.cumsum(streets.time_s[way.edges] * slow[way.edges])]) * rng.normal(1, 0.05)
        lon, lat = streets.coordinates(way.nodes)
        at = np.append(np.arange(0.0, took[-1], 10.0), took[-1])
        found.append(Drive(np.interp(at, took, lon), np.interp(at, took, lat), at, n % 168))
    return found


def test_the_factors_of_classes_are_found_and_foretell_drives_kept_aside(streets):
    truth = {"wide": 1.3, "narrow": 2.6}
    told = learn(streets, driven(Travel(streets), drives(streets, truth, 300, np.random.default_rng(1))))
    mean = dict(zip(told.pace.kind, told.pace.factor.mean(axis=1), strict=True))
    assert mean["wide"] == pytest.approx(1.3, rel=0.2)
    assert mean["narrow"] == pytest.approx(2.6, rel=0.2)
    assert mean["*"] > 1.0, "a class never driven falls back on the others"
    assert told.error < 0.5 * told.own_error
    assert told.held == pytest.approx(told.drives / 5, abs=1)
    assert told.km > 200


def test_few_drives_hardly_move_the_streets_own_times(streets):
    told = learn(streets, driven(Travel(streets), drives(streets, {"wide": 3.0, "narrow": 3.0}, 2,
                                                         np.random.default_rng(2))))  # fmt: skip
    assert 1.0 < told.pace.factor.max() < 1.6
    assert (told.held, np.isnan(told.error)) == (0, True)


@pytest.mark.parametrize(("name", "change"), [
    ("standing", lambda d: Drive(d.lon * 0 + d.lon[0], d.lat * 0 + d.lat[0], d.at_s, 0)),
    ("off the roads", lambda d: Drive(d.lon, d.lat + 0.1, d.at_s, 0)),
    ("silent", lambda d: Drive(d.lon[[0, -1]], d.lat[[0, -1]], d.at_s[[0, -1]] + np.array([0.0, 500.0]), 0)),
    ("jumping", lambda d: Drive(d.lon[[0, -1]], d.lat[[0, -1]], np.array([0.0, 46.0]), 0)),
    ("alone", lambda d: Drive(d.lon[:1], d.lat[:1], d.at_s[:1], 0)),
    ("empty", lambda d: Drive(d.lon[:0], d.lat[:0], d.at_s[:0], 0)),
])  # fmt: skip
def test_what_tells_nothing_is_passed_over(streets, name, change):
    far = [d for d in drives(streets, {"wide": 1.0, "narrow": 1.0}, 30, np.random.default_rng(3)) if d.at_s[-1] > 300]
    found = driven(Travel(streets), [change(far[0])])
    assert found.edge.size == 0, name
    assert learn(streets, found).pace.factor == pytest.approx(1.0)
