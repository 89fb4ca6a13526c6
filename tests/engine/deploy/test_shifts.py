from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shouwang.engine.deploy.shifts import posts_of_shifts
from shouwang.engine.errors import BadInput
from shouwang.engine.solve.stop import TimeLimit


def drawn(seed, shifts=3, units=2, places=3, demand=8):
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 30, (places, demand)).astype(float)  # with ties
    allowed = rng.random((units, places)) < 0.7
    now = rng.integers(0, places, units)
    allowed[np.arange(units), now] = True
    always = rng.integers(10, 40, demand).astype(float)
    return cost, rng.random((shifts, demand)), always, allowed, now, float(rng.uniform(0, 6))


def total(question, place):
    cost, weight, always, _, now, price = question
    driven = sum(np.minimum(cost[p].min(axis=0), always) @ w for w, p in zip(weight, place, strict=True))
    return driven + price * (np.diff(np.vstack([now, place]), axis=0) != 0).sum()


@settings(max_examples=40)
@given(st.integers(0, 10_000))
@example(601)  # HiGHS 1.14.0 called worse answers to these optimal
@example(987)
@example(2829)
def test_the_answer_is_the_best_of_all_and_says_what_it_costs(seed):
    question = drawn(seed)
    found = posts_of_shifts(*question)
    allowed, now = question[3], question[4]
    rows = list(product(*(np.flatnonzero(row) for row in allowed)))
    best = min(total(question, np.array(places)) for places in product(rows, repeat=3))
    assert found.certificate.objective == pytest.approx(total(question, found.place))
    assert found.certificate.objective == pytest.approx(best)
    assert found.certificate.status == "optimal"
    assert allowed[np.arange(len(now)), found.place].all()
    assert found.certificate.objective == pytest.approx(found.cost.sum() + question[5] * found.moves)


def test_a_dear_move_is_not_made_and_a_free_one_gives_each_shift_its_own_best():
    cost, weight, always, allowed, now, _ = drawn(3, demand=30)
    assert posts_of_shifts(cost, weight, always, allowed, now, 1e9).moves == 0
    free = posts_of_shifts(cost, weight, always, allowed, now, 0.0)
    alone = [posts_of_shifts(cost, w[None], always, allowed, now, 0.0).cost[0] for w in weight]
    assert free.cost == pytest.approx(alone)


def test_a_search_without_time_answers_with_a_bound():
    question = drawn(5, shifts=3, units=8, places=20, demand=200)
    found = posts_of_shifts(*question, stop=TimeLimit(0.0))
    staying = total(question, np.tile(question[4], (3, 1)))
    assert found.certificate.bound <= found.certificate.objective <= staying + 1e-9


def test_bad_input_is_named():
    cost, weight, always, allowed, now, _ = drawn(1)
    allowed[0, now[0]] = False
    with pytest.raises(BadInput) as bad:
        posts_of_shifts(cost, -weight, always + np.inf, allowed, now, -1.0)
    assert {f.where for f in bad.value.faults} == {"weight", "always", "price", "now, unit 0"}
