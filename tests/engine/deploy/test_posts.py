from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.deploy.posts import max_cover, p_median
from shouwang.engine.errors import BadInput, NoAnswer
from shouwang.engine.solve.stop import TimeLimit
from shouwang.tables.costs import read_npz, read_orlib


@st.composite
def instances(draw, whole=None):
    """Costs and weights of small problems, with ties, free demand and, sometimes, places without a road."""
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    demands, places = draw(st.integers(1, 12)), draw(st.integers(1, 8))
    cost = rng.integers(0, 30, (demands, places)).astype(float)
    if draw(st.booleans()) if whole is None else not whole:
        cost += rng.random((demands, places))
    weight = rng.integers(0, 6, demands).astype(float)
    count = draw(st.integers(1, places))
    fixed = rng.choice(places, draw(st.integers(0, min(2, count))), replace=False).tolist()
    return cost, weight, count, fixed


def choices(cost, count, fixed):
    others = [j for j in range(cost.shape[1]) if j not in fixed]
    return [list(pick) + fixed for pick in combinations(others, count - len(fixed))]


def travel(cost, weight, posts):
    return float((weight * cost[:, posts].min(axis=1)).sum())


def reached(cost, weight, posts, within):
    return float(weight[(cost[:, posts] <= within).any(axis=1)].sum())


@settings(max_examples=150)
@given(instances())
def test_p_median_is_the_best_of_all_choices_and_says_so(instance):
    cost, weight, count, fixed = instance
    found = p_median(cost, weight, count, fixed=fixed)
    best = min(travel(cost, weight, pick) for pick in choices(cost, count, fixed))
    assert found.certificate.objective == pytest.approx(best)
    assert travel(cost, weight, list(found.posts)) == pytest.approx(best)
    assert found.certificate.bound <= best + 1e-9
    assert found.certificate.status == "optimal"
    assert len(set(found.posts)) == count
    assert set(fixed) <= set(found.posts)


@settings(max_examples=100)
@given(instances(), st.integers(0, 25))
def test_maximal_cover_is_the_best_of_all_choices_and_says_so(instance, within):
    cost, weight, count, fixed = instance
    found = max_cover(cost, weight, count, within, fixed=fixed)
    best = max(reached(cost, weight, pick, within) for pick in choices(cost, count, fixed))
    assert found.certificate.objective == pytest.approx(best)
    assert reached(cost, weight, list(found.posts), within) == pytest.approx(best)
    assert found.certificate.bound >= best - 1e-9
    assert found.certificate.status == "optimal"
    assert len(set(found.posts)) == count
    assert set(fixed) <= set(found.posts)


@given(instances(whole=True), st.integers(0, 25))
def test_out_of_time_the_answer_is_sound_and_the_bound_still_holds(instance, within):
    cost, weight, count, fixed = instance
    median = p_median(cost, weight, count, fixed=fixed, stop=TimeLimit(0))
    cover = max_cover(cost, weight, count, within, fixed=fixed, stop=TimeLimit(0))
    best = min(travel(cost, weight, pick) for pick in choices(cost, count, fixed))
    most = max(reached(cost, weight, pick, within) for pick in choices(cost, count, fixed))
    assert median.certificate.bound <= best + 1e-9
    assert cover.certificate.bound >= most - 1e-9
    assert median.certificate.objective == pytest.approx(travel(cost, weight, list(median.posts)))
    for found, value in ((median, best), (cover, most)):
        if found.certificate.status == "optimal":
            assert found.certificate.objective == pytest.approx(value)


def test_a_search_cut_short_on_a_real_problem_is_feasible_not_optimal(reference):
    table = read_orlib(reference / "instances" / "pmed" / "pmed36.txt")
    found = p_median(table.cost, None, table.count, stop=TimeLimit(0.05))
    assert found.certificate.status == "feasible"
    assert found.certificate.bound <= 9934 <= found.certificate.objective


def test_even_an_answer_out_of_time_comes_with_a_bound_that_says_something(reference):
    table = read_npz(reference / "instances" / "city_poa" / "city_poa_5000x500.npz")
    for found in (p_median(table.cost, table.weight, 20, stop=TimeLimit(0)),
                  max_cover(table.cost, table.weight, 20, 180.0, stop=TimeLimit(0))):  # fmt: skip
        assert found.certificate.status == "feasible"
        assert found.certificate.gap < 0.05


class NoTimeForTheProgram:
    """Lets the search go on, but leaves the integer program no time."""

    def __call__(self):
        return False

    def remaining_s(self):
        return 0.0


def test_a_cover_whose_program_ran_out_of_time_keeps_the_bound_it_has():
    rng = np.random.default_rng(0)
    demand, candidates = rng.random((500, 2)), rng.random((60, 2))
    cost = np.hypot(*(demand[:, None] - candidates[None]).transpose(2, 0, 1))
    weight = rng.random(500)
    proven = max_cover(cost, weight, 8, 0.13)
    hurried = max_cover(cost, weight, 8, 0.13, stop=NoTimeForTheProgram())
    assert proven.certificate.status == "optimal"
    assert hurried.certificate.status == "feasible"
    assert hurried.certificate.objective <= proven.certificate.objective
    assert hurried.certificate.bound >= proven.certificate.bound


@pytest.mark.parametrize("number", [1, 2, 6, 9, 15, 20, 22, 30, 34])
def test_known_optima_of_the_library_are_found_and_proven(reference, number):
    folder = reference / "instances" / "pmed"
    optima = dict(line.split()[:2] for line in (folder / "pmedopt.txt").read_text().splitlines() if line.strip())
    table = read_orlib(folder / f"pmed{number}.txt")
    found = p_median(table.cost, None, table.count)
    assert found.certificate.status == "optimal"
    assert found.certificate.objective == float(optima[f"pmed{number}"])
    assert travel(table.cost, table.weight, list(found.posts)) == found.certificate.objective


def test_a_city_p_median_is_proven(reference):
    table = read_npz(reference / "instances" / "city_poa" / "city_poa_5000x500.npz")
    found = p_median(table.cost, table.weight, 20)
    assert found.certificate.status == "optimal"
    assert found.certificate.objective <= 1_825_128
    assert travel(table.cost, table.weight, list(found.posts)) == pytest.approx(found.certificate.objective)


@pytest.mark.slow
def test_a_city_cover_is_proven(reference):
    table = read_npz(reference / "instances" / "city_poa" / "city_poa_5000x500.npz")
    found = max_cover(table.cost, table.weight, 20, 180.0)
    assert found.certificate.status == "optimal"
    assert found.certificate.objective == pytest.approx(13166.3, abs=0.01)
    assert reached(table.cost, table.weight, list(found.posts), 180.0) == pytest.approx(13166.3, abs=0.01)


def test_demand_that_no_candidate_reaches_has_no_answer():
    cost = np.array([[1.0, 2.0], [np.inf, np.inf]])
    with pytest.raises(NoAnswer):
        p_median(cost, None, 1)
    assert p_median(cost, [1.0, 0.0], 1).posts == (0,)
    assert max_cover(cost, None, 1, 5.0).certificate.objective == 1.0


def test_posts_that_leave_some_demand_without_a_road_are_never_chosen_if_others_serve_all():
    cost = np.array([[0.0, 0.0, 50.0], [np.inf, np.inf, 60.0]])
    assert p_median(cost, None, 1).posts == (2,)
    with pytest.raises(NoAnswer):
        p_median(np.array([[0.0, np.inf], [np.inf, 0.0]]), None, 1)


def test_all_faults_of_a_question_are_named_at_once():
    with pytest.raises(BadInput) as caught:
        p_median([[1.0, -2.0], [np.nan, 4.0]], [1.0, -1.0], 3, fixed=[7])
    where = [fault.where for fault in caught.value.faults]
    assert where == ["cost, demand 0, candidate 1", "cost, demand 1, candidate 0", "weight, demand 1", "count", "fixed"]
