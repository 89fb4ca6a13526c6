import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.solve.queues import erlang_b, erlang_c, hypercube, mean_wait_s, share_waiting_longer


# Values of published Erlang tables.
@pytest.mark.parametrize(
    ("load", "servers", "lost"),
    [(0.0, 3, 0.0), (1.0, 1, 0.5), (2.0, 2, 0.4), (12.03, 20, 0.01), (4.46, 10, 0.01), (84.06, 100, 0.01)],
)
def test_erlang_b_is_the_table(load, servers, lost):
    assert erlang_b(load, servers) == pytest.approx(lost, abs=2e-5)


@given(st.floats(0, 30), st.integers(1, 40))
def test_erlang_b_is_its_defining_sum(load, servers):
    terms = [load**k / math.factorial(k) for k in range(servers + 1)]
    assert erlang_b(load, servers) == pytest.approx(terms[-1] / sum(terms), abs=1e-12)


def test_one_server_waits_as_m_m_1_does():
    assert erlang_c(0.8, 1) == pytest.approx(0.8)
    assert mean_wait_s(0.8, 1.0, 1) == pytest.approx(0.8 / 0.2)
    assert share_waiting_longer(0.8, 1.0, 1, 5.0) == pytest.approx(0.8 * math.exp(-1.0))


def test_overload_waits_for_ever():
    assert erlang_c(3.0, 3) == 1.0
    assert mean_wait_s(3.0, 1.0, 3) == math.inf
    assert share_waiting_longer(3.0, 1.0, 3, 1e9) == 1.0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 4), st.booleans())
def test_with_equal_units_the_hypercube_is_erlangs(seed, units, areas, queue):
    rng = np.random.default_rng(seed)
    rate = rng.random(areas) + 0.01
    rate *= 0.8 * units / 600 / rate.sum()
    order = np.array([rng.permutation(units) for _ in range(areas)])
    found = hypercube(rate, order, np.full(units, 600.0), queue=queue)
    load = 0.8 * units
    assert found.answered.sum() == pytest.approx(1 - found.lost)
    if queue:
        assert found.waiting == pytest.approx(erlang_c(load, units))
        assert found.wait_s == pytest.approx(mean_wait_s(load / 600, 600, units))
        assert found.busy.sum() == pytest.approx(load)
    else:
        assert found.lost == pytest.approx(erlang_b(load, units))
        assert found.busy.sum() == pytest.approx(load * (1 - found.lost))
    assert (found.answered.sum(axis=1) == pytest.approx(rate / rate.sum() * (1 - found.lost)))


def test_two_units_solved_by_hand():
    # One area each, both at rate 1, services of mean 1: states 0, A, B, AB with 2p0 = pA + pB, pA = pB = p0, pAB = p0.
    found = hypercube([1.0, 1.0], [[0, 1], [1, 0]], [1.0, 1.0], queue=False)
    assert found.lost == pytest.approx(0.4)
    assert found.busy == pytest.approx([0.6, 0.6])
    assert found.answered == pytest.approx(np.array([[0.2, 0.1], [0.1, 0.2]]), abs=1e-12)


def test_the_unit_that_always_goes_first_is_m_m_1_without_waiting():
    found = hypercube([0.01], [[1, 0]], [60.0, 200.0], queue=False)
    assert found.busy[1] == pytest.approx(2 / 3)  # two calls come per service of its own


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"calls_per_s": [-1.0]}, "calls_per_s"), ({"calls_per_s": [0.0]}, "calls_per_s"),
        ({"preference": [[0, 0]]}, "preference"), ({"service_s": [1.0, 0.0]}, "service_s"),
        ({"service_s": [1.0] * 11, "preference": [list(range(11))]}, "service_s"),
        ({"calls_per_s": [3.0]}, "calls_per_s"),
    ],
)  # fmt: skip
def test_what_cannot_be_solved_is_named(change, where):
    given_ = {"calls_per_s": [1.0], "preference": [[0, 1]], "service_s": [1.0, 1.0]} | change
    with np.errstate(divide="ignore"), pytest.raises(BadInput) as error:
        hypercube(**given_, queue=True)
    assert where in {fault.where for fault in error.value.faults}


@pytest.mark.parametrize(("load", "servers"), [(-1.0, 2), (math.nan, 2), (1.0, 0)])
def test_erlang_refuses_what_is_no_load(load, servers):
    with pytest.raises(BadInput):
        erlang_b(load, servers)
