import numpy as np
import pytest

from shouwang.engine.errors import BadInput
from shouwang.engine.geo.pace import HOURS, Pace, edge_times, learned
from shouwang.engine.geo.streets import Streets


@pytest.fixture
def streets():
    return Streets.build(
        node_id=[1, 2, 3], x_m=[0.0, 100, 200], y_m=[0.0, 0, 0], u=[1, 2, 2, 3], v=[2, 1, 3, 2],
        length_m=[100.0] * 4, time_s=[10.0, 10, 20, 20], kind=["primary_link", "primary_link", "lane", None],
    )  # fmt: skip


def flat(**factor):
    return Pace(tuple(factor), np.array([np.full(HOURS, value) for value in factor.values()]))


def by_input(streets, times):
    result = np.empty(4)
    result[streets.row] = times
    return result.tolist()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [10, 10, 20, 20]),
        ({"pace": flat(primary=2.0)}, [20, 20, 20, 20]),
        ({"pace": flat(**{"primary": 2.0, "*": 1.5})}, [20, 20, 30, 30]),
        ({"pace": flat(primary_link=3.0, primary=2.0)}, [30, 30, 20, 20]),
        ({"closed": [0]}, [np.inf, np.inf, 20, 20]),
        ({"slowed": [0], "slowed_by": 2.0}, [20, 20, 20, 20]),
        ({"slowed": [0, 0], "slowed_by": [3.0, 2.0]}, [30, 30, 20, 20]),
        ({"slowed": [0, 1], "slowed_by": [3.0, 2.0]}, [30, 30, 20, 20]),  # the worst counts, not the product
        ({"pace": flat(lane=2.0), "slowed": [0, 2], "slowed_by": 1.5, "closed": [0]}, [np.inf, np.inf, 60, 30]),
    ],
)
def test_hour_closures_and_slow_downs_hold_at_once(streets, asked, expected):
    place = np.argsort(streets.row)  # edge of each input row
    asked = {key: place[value] if key in ("closed", "slowed") else value for key, value in asked.items()}
    assert by_input(streets, edge_times(streets, **asked)) == expected


def test_the_hour_chooses_the_factor(streets):
    pace = Pace(("*",), 1 + np.arange(HOURS)[None, :] / 10)
    assert by_input(streets, edge_times(streets, pace=pace, hour=10)) == [20, 20, 40, 40]
    for hour in (-1, HOURS):
        with pytest.raises(BadInput):
            edge_times(streets, pace=pace, hour=hour)


@pytest.mark.parametrize(
    "asked",
    [{"closed": [4]}, {"slowed": [-1]}, {"slowed": [0], "slowed_by": 0.5}, {"slowed": [0], "slowed_by": np.nan}],
)
def test_what_cannot_hold_is_refused(streets, asked):
    with pytest.raises(BadInput):
        edge_times(streets, **asked)


@pytest.mark.parametrize("factor", [np.zeros((1, HOURS)), np.full((1, HOURS), np.nan), np.ones((1, 24))])
def test_factors_are_checked(factor):
    with pytest.raises(BadInput):
        Pace(("*",), factor)


def drives(streets, rng, truth, count, hours=HOURS):
    edge, hour = rng.integers(0, 4, count), rng.integers(0, hours, count)
    noise = rng.lognormal(-0.125, 0.5, count)
    return edge, hour, streets.time_s[edge] * truth[hour] * noise


def test_many_drives_find_the_truth_and_few_stay_near_the_level(streets):
    rng = np.random.default_rng(5)
    truth = 1.5 + 0.5 * np.sin(np.arange(HOURS))
    start = flat(**{"*": 1.0})
    errors = {}
    for count in (500, 500_000):
        edge, hour, seconds = drives(streets, rng, truth, count)
        found = learned(streets, edge, hour, seconds, before=start).factor[0]
        free = streets.time_s[edge]
        weight = np.bincount(hour, free, minlength=HOURS)
        raw = np.where(weight > 0, np.bincount(hour, seconds, minlength=HOURS) / np.maximum(weight, 1e-9), 1.0)
        errors[count] = np.sqrt(((found - truth) ** 2).mean()), np.sqrt(((raw - truth) ** 2).mean())
    assert errors[500_000][0] < 0.02
    assert errors[500][0] < 0.9 * errors[500][1]  # believing each hour by itself is worse


def test_shrinkage_is_that_of_buehlmann_and_straub(streets):
    """Two hours, three drives each along one edge: by hand from the formulas with equal weights."""
    edge = int(np.flatnonzero(streets.time_s == 10)[0])
    seconds = np.array([10.0, 12, 14, 20, 24, 28])
    hour = np.array([0, 0, 0, 1, 1, 1])
    found = learned(streets, np.full(6, edge), hour, seconds, before=flat(**{"*": 1.0})).factor[0]
    x = seconds.reshape(2, 3) / 10
    within = 10 * ((x - x.mean(axis=1, keepdims=True)) ** 2).sum() / 4
    means = x.mean(axis=1)
    between = (30 * ((means - means.mean()) ** 2).sum() - within) / (60 - (30**2 + 30**2) / 60)
    believed = 30 / (30 + within / between)
    np.testing.assert_allclose(found[:2], believed * means + (1 - believed) * means.mean())
    np.testing.assert_allclose(found[2:], means.mean())


def test_classes_that_were_not_driven_keep_their_factors(streets):
    before = flat(primary=1.2, lane=1.7)
    lane = int(np.flatnonzero(streets.kind == "lane")[0])
    found = learned(streets, [lane], [3], [40.0], before=before)
    np.testing.assert_allclose(found.factor[0], 1.2)
    np.testing.assert_allclose(found.factor[1], 2.0)  # one drive tells the level, nothing of hours


def test_drives_that_cannot_be_are_all_named(streets):
    with pytest.raises(BadInput) as caught:
        learned(streets, [9, 0, 0], [0, 168, 0], [1.0, 1.0, -1.0], before=flat(**{"*": 1.0}))
    assert [fault.where for fault in caught.value.faults] == ["drive 1, edge", "drive 2, hour", "drive 3, seconds"]
