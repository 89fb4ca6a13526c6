from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.solve._lagrange import lower_bound
from shouwang.engine.solve.certificate import Certificate
from shouwang.engine.solve.location import Location, local_search, offers_of
from shouwang.engine.solve.stop import NoStop, TimeLimit


@st.composite
def problems(draw):
    places, demands = draw(st.integers(2, 8)), draw(st.integers(1, 9))
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 12, (places, demands)).astype(float)
    cap = rng.integers(1, 15, demands).astype(float)
    count = draw(st.integers(1, places))
    fixed = rng.choice(places, draw(st.integers(0, min(2, count))), replace=False)
    return Location(cost, cap, count, np.sort(fixed).astype(np.int64))


def best_total(problem):
    others = np.setdiff1d(np.arange(problem.cost.shape[0]), problem.fixed)
    rest = problem.count - len(problem.fixed)
    return min(problem.total(np.append(problem.fixed, pick).astype(int)) for pick in combinations(others, rest))


@given(problems(), st.integers(0, 5))
def test_no_price_bounds_above_the_optimum(problem, seed):
    free = np.ones(problem.cost.shape[0], bool)
    price = np.random.default_rng(seed).random(problem.cap.size) * 15
    offers, value = offers_of(problem), float(problem.cap.sum())
    start = np.minimum(price, problem.cap)
    bound, *_ = lower_bound(offers, problem.cap, free, problem.count, start, value, np.inf, 50, 1.0, 5)
    unfixed = Location(problem.cost, problem.cap, problem.count, np.zeros(0, np.int64))
    assert bound <= best_total(unfixed) + 1e-9


@given(problems())
def test_local_search_keeps_what_is_fixed_and_states_its_total(problem):
    found = local_search(problem, np.random.default_rng(0), NoStop())
    assert len(set(found.chosen.tolist())) == problem.count
    assert set(problem.fixed.tolist()) <= set(found.chosen.tolist())
    assert found.total == pytest.approx(problem.total(found.chosen))
    assert found.total >= best_total(problem) - 1e-9


@pytest.mark.parametrize(
    ("objective", "bound", "status"),
    [(100.0, 100.0, "optimal"), (100.0, 99.99995, "optimal"), (100.0, 99.9998, "feasible"), (0.0, 0.0, "optimal"),
     (50.0, 60.0, "feasible"), (0.0, 1.0, "feasible"), (5.0, float("-inf"), "feasible")],
)  # fmt: skip
def test_only_a_gap_of_at_most_a_millionth_is_optimal(objective, bound, status):
    assert Certificate(objective, bound).status == status


def test_a_time_limit_of_nothing_is_over_at_once_and_a_long_one_is_not():
    assert TimeLimit(0)()
    assert not TimeLimit(1000)()
    assert 0 < TimeLimit(1000).remaining_s() <= 1000
    assert not NoStop()()
