"""p-center, set cover and expected cover: held to every choice on small problems, to known optima on large ones."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shouwang.engine.deploy.posts import expected_cover, max_cover, p_center, p_median, set_cover
from shouwang.engine.errors import BadInput, NoAnswer
from shouwang.engine.solve.stop import TimeLimit
from shouwang.tables.costs import read_npz, read_orlib

# Daskin, Network and Discrete Location (1995); Elloumi, Labbé and Pochet, INFORMS Journal on Computing 16 (2004).
CENTERS = {1: 127, 2: 98, 3: 93, 4: 74, 5: 48, 6: 84, 7: 64, 8: 55, 9: 37, 10: 20, 15: 18, 20: 13}


@st.composite
def instances(draw):
    """Small problems with ties, free demand, missing roads, fixed and forbidden posts."""
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    demands, places = draw(st.integers(1, 12)), draw(st.integers(1, 8))
    cost = rng.integers(0, 30, (demands, places)).astype(float)
    cost[rng.random(cost.shape) < draw(st.sampled_from([0.0, 0.2]))] = np.inf
    weight = rng.integers(0, 6, demands).astype(float)
    order = rng.permutation(places)
    fixed = order[: draw(st.integers(0, min(2, places)))].tolist()
    forbidden = order[len(fixed) :][: draw(st.integers(0, 2))].tolist()
    assume(len(forbidden) < places)
    count = draw(st.integers(max(1, len(fixed)), places - len(forbidden)))
    return cost, weight, count, fixed, forbidden


def choices(cost, count, fixed, forbidden):
    others = [j for j in range(cost.shape[1]) if j not in (*fixed, *forbidden)]
    return [list(pick) + fixed for pick in combinations(others, count - len(fixed))]


def longest(cost, weight, posts):
    return float(cost[weight > 0][:, posts].min(axis=1, initial=np.inf).max(initial=0.0))


def expected(cost, weight, posts, within, busy):
    """Σ_u w_u (1-q) Σ_k q^(k-1), one term per post within reach."""
    times = (cost[:, posts] <= within).sum(axis=1)
    return float(sum(w * sum((1 - busy) * busy**k for k in range(n)) for w, n in zip(weight, times, strict=True)))


def sound(found, count, fixed, forbidden):
    assert len(set(found.posts)) == len(found.posts) == count
    assert set(fixed) <= set(found.posts)
    assert not set(forbidden) & set(found.posts)


@settings(deadline=None, max_examples=150)
@given(instances())
def test_p_center_is_the_best_of_all_choices_and_says_so(instance):
    cost, weight, count, fixed, forbidden = instance
    best = min(longest(cost, weight, pick) for pick in choices(cost, count, fixed, forbidden))
    if np.isinf(best):
        with pytest.raises(NoAnswer):
            p_center(cost, weight, count, fixed=fixed, forbidden=forbidden)
        return
    found = p_center(cost, weight, count, fixed=fixed, forbidden=forbidden)
    assert found.certificate.objective == best == longest(cost, weight, list(found.posts))
    assert (found.certificate.bound, found.certificate.status) == (best, "optimal")
    sound(found, count, fixed, forbidden)


@settings(deadline=None, max_examples=150)
@given(instances(), st.integers(0, 29))
def test_set_cover_is_the_least_of_all_choices_and_says_so(instance, within):
    cost, weight, _, fixed, forbidden = instance
    sizes = range(len(fixed), cost.shape[1] - len(forbidden) + 1)
    fits = (n for n in sizes for p in choices(cost, n, fixed, forbidden) if longest(cost, weight, p) <= within)
    least = next(fits, None) if (weight > 0).any() else len(fixed)
    if least is None:
        with pytest.raises(NoAnswer):
            set_cover(cost, weight, within, fixed=fixed, forbidden=forbidden)
        return
    found = set_cover(cost, weight, within, fixed=fixed, forbidden=forbidden)
    assert (found.certificate.objective, found.certificate.bound) == (least, least)
    assert longest(cost, weight, list(found.posts)) <= within if found.posts else least == 0
    sound(found, least, fixed, forbidden)


@settings(deadline=None, max_examples=150)
@given(instances(), st.integers(0, 29), st.sampled_from([0.0, 0.3, 0.5, 0.95]))
def test_expected_cover_is_the_best_of_all_choices_and_says_so(instance, within, busy):
    cost, weight, count, fixed, forbidden = instance
    found = expected_cover(cost, weight, count, within, busy, fixed=fixed, forbidden=forbidden)
    best = max(expected(cost, weight, p, within, busy) for p in choices(cost, count, fixed, forbidden))
    assert found.certificate.objective == pytest.approx(best, rel=1e-6)
    assert expected(cost, weight, list(found.posts), within, busy) == pytest.approx(found.certificate.objective)
    assert found.certificate.bound >= best - 1e-9
    assert found.certificate.status == "optimal"
    sound(found, count, fixed, forbidden)


@settings(deadline=None, max_examples=40)
@given(instances())
def test_forbidden_candidates_are_no_posts_by_the_older_objectives_either(instance):
    cost, weight, count, fixed, forbidden = instance
    cost = np.where(np.isfinite(cost), cost, 50.0)
    picks = choices(cost, count, fixed, forbidden)
    median = p_median(cost, weight, count, fixed=fixed, forbidden=forbidden)
    assert median.certificate.objective == min((weight * cost[:, p].min(axis=1)).sum() for p in picks)
    cover = max_cover(cost, weight, count, 9, fixed=fixed, forbidden=forbidden)
    assert cover.certificate.objective == pytest.approx(max(expected(cost, weight, p, 9, 0.0) for p in picks))
    for found in (median, cover):
        sound(found, count, fixed, forbidden)


@settings(deadline=None, max_examples=60)
@given(instances(), st.integers(0, 29))
def test_out_of_time_bounds_still_hold(instance, within):
    cost, weight, count, fixed, forbidden = instance
    cost = np.where(np.isfinite(cost), cost, 50.0)
    picks = choices(cost, count, fixed, forbidden)
    options = {"fixed": fixed, "forbidden": forbidden, "stop": TimeLimit(0)}
    center = p_center(cost, weight, count, **options)
    assert center.certificate.bound <= min(longest(cost, weight, p) for p in picks)
    assert center.certificate.objective == longest(cost, weight, list(center.posts))
    cover = expected_cover(cost, weight, count, within, 0.4, **options)
    assert cover.certificate.bound >= max(expected(cost, weight, p, within, 0.4) for p in picks) - 1e-9
    assert cover.certificate.objective == pytest.approx(expected(cost, weight, list(cover.posts), within, 0.4))
    fewest = set_cover(cost, weight, 50.0, **options)
    assert fewest.certificate.bound <= max(len(fixed), int((weight > 0).any()))


class NoTimeForProofs:
    """Lets the search go on, but leaves an integer program no time."""

    def __call__(self):
        return False

    def remaining_s(self):
        return 0.0


def test_a_question_that_stays_open_excludes_nothing():
    left_open = 0
    for seed in range(6):
        at = np.random.default_rng(seed).random((70, 2))
        cost = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
        proven, hurried = p_center(cost, None, 8), p_center(cost, None, 8, stop=NoTimeForProofs())
        assert hurried.certificate.bound <= proven.certificate.objective <= hurried.certificate.objective
        left_open += hurried.certificate.status == "feasible"
    assert left_open


@pytest.mark.parametrize("number", [1, 2, 4, 6, 10, 15, 20])
def test_known_centers_of_the_library_are_found_and_proven(reference, number):
    table = read_orlib(reference / "instances" / "pmed" / f"pmed{number}.txt")
    found = p_center(table.cost, None, table.count)
    assert (found.certificate.objective, found.certificate.status) == (CENTERS[number], "optimal")
    assert longest(table.cost, table.weight, list(found.posts)) == CENTERS[number]
    assert len(found.posts) == table.count
    enough = set_cover(table.cost, None, CENTERS[number])
    too_short = set_cover(table.cost, None, CENTERS[number] - 1)
    assert enough.certificate.objective <= table.count < too_short.certificate.objective


def test_expected_cover_of_a_city_is_proven(reference):
    table = read_npz(reference / "instances" / "city_poa" / "city_poa_5000x500.npz")
    demand = slice(0, 1500)
    found = expected_cover(table.cost[demand], table.weight[demand], 10, 240.0, 0.4)
    assert found.certificate.status == "optimal"
    value = expected(table.cost[demand], table.weight[demand], list(found.posts), 240.0, 0.4)
    assert found.certificate.objective == pytest.approx(value)


def test_a_place_listed_twice_may_hold_two_units():
    cost = np.array([[0.0, 0.0, 9.0], [9.0, 9.0, 0.0]])
    assert expected_cover(cost, [9.0, 1.0], 2, 5.0, 0.5).posts == (0, 1)


def test_all_faults_are_named_at_once():
    with pytest.raises(BadInput) as caught:
        expected_cover([[1.0, 2.0]], None, 2, 5.0, 1.0, fixed=[0], forbidden=[0, 4])
    assert [fault.where for fault in caught.value.faults] == ["busy", "count", "forbidden", "forbidden"]
    with pytest.raises(BadInput, match="no candidate is left"):
        set_cover([[1.0]], None, 5.0, forbidden=[0])
