import numpy as np
import pytest

from shouwang.engine.errors import BadInput
from shouwang.engine.simulate.draws import Drawn, Replayed, stays
from shouwang.engine.simulate.estimates import difference, ratio, responses
from shouwang.engine.simulate.model import Kind, Model, OnScene, Unit
from shouwang.engine.simulate.policies import OwnAreaFirst, Policy
from shouwang.engine.simulate.roads import Roads
from shouwang.engine.simulate.score import Window, score

HOUR_S = 3600.0
ANY = Kind("any", on_scene=OnScene(900.0))
APART = np.array([[0, 300, 60, 400], [300, 0, 400, 60], [60, 400, 0, 500], [400, 60, 500, 0]], float)
ROADS = Roads.given(APART[:2], APART[2:])


def played(*posts_of_plans, replications=30, window=None, source=None, seed=1, **more):
    models = [Model(ROADS, [ANY], [Unit(f"U{i}", h) for i, h in enumerate(posts)]) for posts in posts_of_plans]
    source = source or Drawn(np.full((24, 2), 1.5), np.arange(2), np.arange(2), [ANY])
    rng = np.random.default_rng(seed)
    window = window or Window(2 * HOUR_S, 24 * HOUR_S)
    return score(models, source, window, replications, rng=rng, within_s=120.0, **more)


def test_the_same_seed_gives_the_same_figures_and_another_gives_others():
    one, again, other = played([0, 1]), played([0, 1]), played([0, 1], seed=2)
    assert one[0][0].overall == again[0][0].overall
    assert one[0][0].busy == again[0][0].busy
    assert one[0][0].overall != other[0][0].overall


def test_a_plan_with_itself_differs_by_nothing():
    _, (change,) = played([0, 1], [0, 1])
    for name in ("mean_s", "within", "wait_s", "busy_mean"):
        estimate = getattr(change, name)
        assert (estimate.value, estimate.low, estimate.high) == (0, 0, 0)


def test_the_curve_rises_and_differences_by_area_and_hour_are_those_of_the_shares():
    (first, second), (change,) = played([0, 0], [0, 1])
    values = [one.value for one in first.curve]
    assert values == sorted(values)
    assert first.curve[1].value == pytest.approx(first.overall.within.value)  # 120 s
    for name in ("areas", "hours"):
        for number, one in getattr(change, name).items():
            apart = getattr(second, name)[number].within.value - getattr(first, name)[number].within.value
            assert one.value == pytest.approx(apart)
    assert change.areas[1].low > 0
    assert 0 < first.waited.value < 1


def test_pairing_narrows_the_difference():
    (first, second), (change,) = played([0, 1], [0, 1, 1])
    assert change.mean_s.value == pytest.approx(second.overall.mean_s.value - first.overall.mean_s.value)
    paired = change.mean_s.high - change.mean_s.low
    apart = np.hypot(*(one.overall.mean_s.high - one.overall.mean_s.low for one in (first, second)))
    assert paired < 0.9 * apart
    assert change.busy_mean.high < 0


def test_areas_and_hours_add_up_and_the_worst_is_named():
    (found,), _ = played([0, 0, 0])
    assert found.worst_area == 1  # nobody stands near it
    assert sum(group.calls for group in found.areas.values()) == pytest.approx(found.overall.calls)
    assert sum(group.calls for group in found.hours.values()) == pytest.approx(found.overall.calls)
    assert sum(group.calls for group in found.area_hours.values()) == pytest.approx(found.overall.calls)
    assert set(found.hours) == set(range(2, 24))  # the warm-up is not counted
    assert found.areas[0].mean_s.value < found.areas[1].mean_s.value
    assert found.replications == 30


def test_few_calls_name_no_worst_area():
    (found,), _ = played([0], replications=1, window=Window(0, HOUR_S))
    assert found.worst_area is None
    assert np.isnan(found.overall.mean_s.low)  # one replication says nothing about its own error


def test_no_call_at_all_gives_no_figures():
    (found,), _ = played([0], source=Drawn(np.zeros((24, 2)), np.arange(2), np.arange(2), [ANY]))
    assert found.overall.calls == 0
    assert np.isnan(found.overall.mean_s.value)
    assert found.areas == {}
    assert found.busy_mean.value == 0


def test_work_beyond_a_shift_is_overtime():
    kind = Kind("any", on_scene=OnScene(1000.0, "constant"))
    model = Model(ROADS, [kind], [Unit("U", 0, shifts=((0.0, 500.0),))])
    source = Replayed(np.array([0.0]), np.array([0]), np.array([0]), np.array([0]), [kind])
    (found,), _ = score([model], source, Window(0, 5000), 2, rng=np.random.default_rng(0), within_s=100)
    assert found.busy[0].value == 1.0  # 60 s of driving and the stay fill the shift
    assert found.overtime_s.tolist() == [560.0]


def test_a_stop_ends_the_replications_early():
    class AtOnce:
        def __call__(self):
            return True

        def remaining_s(self):
            return 0.0

    (found,), _ = played([0, 1], replications=500, stop=AtOnce())
    assert 1 <= found.replications < 10


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"replications": 0}, "replications"),
        ({"window": Window(10, 10)}, "window"),
        ({"window": Window(0, np.inf)}, "window"),
    ],
)
def test_nonsense_is_refused(more, where):
    with pytest.raises(BadInput) as error:
        played([0], **more)
    assert where in {fault.where for fault in error.value.faults}


@pytest.mark.parametrize("law", ["lognormal", "exponential", "constant"])
def test_stays_have_the_mean_and_spread_of_their_law(law):
    kinds = [Kind("a", on_scene=OnScene(600, law, 0.5))]
    drawn = stays(np.zeros(200_000, int), kinds, np.random.default_rng(3))
    assert drawn.mean() == pytest.approx(600, rel=0.01)
    assert drawn.std() / 600 == pytest.approx({"lognormal": 0.5, "exponential": 1, "constant": 0}[law], abs=0.01)


def test_drawn_calls_follow_the_expected_numbers_by_hour_place_and_kind():
    expected = np.array([[0.0, 5.0], [20.0, 1.0]])
    kinds = [Kind("a", share=3), Kind("b", share=1)]
    source = Drawn(expected, np.array([7, 9]), np.array([1, 2]), kinds)
    drawn = [source.draw(rng) for rng in np.random.default_rng(4).spawn(2000)]
    hour = np.concatenate([calls.time_s // HOUR_S for calls in drawn]).astype(int)
    place = np.concatenate([calls.place for calls in drawn])
    counts = np.array([[((hour == h) & (place == p)).sum() for p in (7, 9)] for h in (0, 1)]) / 2000
    np.testing.assert_allclose(counts, expected, atol=0.3)
    assert np.concatenate([calls.kind for calls in drawn]).mean() == pytest.approx(0.25, abs=0.01)
    assert all((np.diff(calls.time_s) >= 0).all() for calls in drawn)
    assert all((calls.area == np.where(calls.place == 7, 1, 2)).all() for calls in drawn)


@pytest.mark.parametrize("expected", [[[-1.0]], [[np.nan]], [[np.inf]]])
def test_expected_calls_are_checked(expected):
    with pytest.raises(BadInput):
        Drawn(np.array(expected), np.array([0]), np.array([0]), [ANY])


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Replications with calls that hang together: a good replication is good for all its calls."""
    rng = np.random.default_rng(6)
    held = {"mean": 0, "p90": 0, "within": 0, "difference": 0}
    rounds, count = 400, 15
    for _ in range(rounds):
        n = rng.poisson(40, count)
        replication = np.repeat(np.arange(count), n)
        mood = rng.normal(0, 30, count)[replication]
        a = 300 + mood + rng.normal(0, 40, replication.size)
        b = a - 20 + rng.normal(0, 10, replication.size)
        found = responses(a, replication, count, 364.0776)  # the true 90 % point: 300 + 1.2816 · 50
        held["mean"] += found.mean_s.low <= 300 <= found.mean_s.high
        held["p90"] += found.p90_s.low <= 364.0776 <= found.p90_s.high
        held["within"] += found.within.low <= 0.9 <= found.within.high
        sums = [np.bincount(replication, values, minlength=count) for values in (a, b)]
        gap = difference(sums[0], n.astype(float), sums[1], n.astype(float))
        held["difference"] += gap.low <= -20 <= gap.high
    for name, times in held.items():
        assert 0.89 < times / rounds <= 0.99, name


def test_ratio_is_that_of_the_sums_and_says_when_it_can_say_nothing():
    assert ratio(np.array([1.0, 3.0]), np.array([2.0, 2.0])).value == 1.0
    assert np.isnan(ratio(np.zeros(3), np.zeros(3)).value)


def test_calls_that_nobody_reached_count_as_late_but_not_in_the_mean():
    found = responses(np.array([10.0, 20.0, np.inf, np.inf]), np.array([0, 0, 1, 1]), 2, 60.0)
    assert found.mean_s.value == 15
    assert found.p90_s.value == np.inf
    assert found.within.value == 0.5


def test_plans_may_divide_the_same_calls_into_areas_of_their_own():
    """Two units at one post, homes 0 and 1: whose call it is decides who goes, not how soon."""
    units = [Unit("A", 0, home=0), Unit("B", 0, home=1)]
    model = Model(ROADS, [ANY], units, Policy(OwnAreaFirst()))
    source = Drawn(np.full((24, 2), 0.5), np.arange(2), np.zeros(2, np.int64), [ANY])
    (first, second), (change,) = score(
        [model, model], source, Window(0, 24 * HOUR_S), 20, rng=np.random.default_rng(1), within_s=120.0,
        areas=[np.array([0, 0]), np.array([0, 1])],
    )  # fmt: skip
    assert first.busy[0].value > 2 * first.busy[1].value
    assert second.busy[1].value > 2 * first.busy[1].value
    assert set(change.areas) == {0}  # told by the areas of the source
    with pytest.raises(BadInput, match="areas"):
        played([0], areas=[np.array([0])])
