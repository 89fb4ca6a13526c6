import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.solve.many_units import approximate_hypercube
from shouwang.engine.solve.queues import erlang_c, hypercube, mean_wait_s


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 6), st.floats(0.05, 0.9))
def test_it_is_close_to_the_exact_hypercube(seed, units, load):
    rng = np.random.default_rng(seed)
    rate = rng.random(8) + 0.1
    rate *= load * units / rate.sum() / 600.0
    order = np.array([rng.permutation(units) for _ in range(8)])
    exact = hypercube(rate, order, np.full(units, 600.0), queue=True)
    found = approximate_hypercube(rate, order, 600.0)
    assert found.busy == pytest.approx(exact.busy, abs=0.04)
    assert found.answered == pytest.approx(exact.answered, abs=0.02)
    assert (found.waiting, found.wait_s) == pytest.approx((exact.waiting, exact.wait_s))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 60), st.floats(0.05, 0.97))
def test_it_keeps_the_sums_of_the_queue(seed, units, load):
    rng = np.random.default_rng(seed)
    rate = rng.random(20)
    rate *= load * units / rate.sum() / 600.0
    order = np.array([rng.permutation(units) for _ in range(20)])
    found = approximate_hypercube(rate, order, 600.0)
    assert found.busy.mean() == pytest.approx(load)
    assert found.answered.sum(axis=1) == pytest.approx(rate / rate.sum())
    assert found.waiting == pytest.approx(erlang_c(load * units, units))
    assert found.wait_s == pytest.approx(mean_wait_s(rate.sum(), 600.0, units))
    assert (found.answered >= 0).all()


def test_units_that_all_prefer_alike_answer_as_in_a_row():
    """With one area the corrected chances are those of M/M/N: only the order tells units apart."""
    found = approximate_hypercube([2 / 600], [[0, 1, 2]], 600.0)
    exact = hypercube([2 / 600], [[0, 1, 2]], [600.0] * 3, queue=True)
    assert (np.diff(found.busy) < 0).all()
    assert found.busy == pytest.approx(exact.busy, abs=0.02)


def test_all_faults_are_named_at_once():
    with pytest.raises(BadInput) as caught:
        approximate_hypercube([-1.0], [[0, 0]], 0.0)
    assert [fault.where for fault in caught.value.faults] == ["service_s", "calls_per_s", "preference"]
    with pytest.raises(BadInput, match="more calls come"):
        approximate_hypercube([1.0], [[0, 1]], 2.0)
