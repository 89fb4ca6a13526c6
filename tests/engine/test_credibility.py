"""What is believed of small groups: theory where it is known, and the ends (much measured, nothing measured)."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.credibility import Prior, believed
from shouwang.engine.errors import BadInput


def test_the_estimate_is_closer_than_each_groups_own_mean_and_than_the_mean_of_all():
    rng = np.random.default_rng(3)
    errors = np.zeros(3)
    for _ in range(60):
        truth = rng.normal(5.0, 1.0, 30)
        group = rng.integers(0, 30, 240)
        value = truth[group] + rng.normal(0.0, 3.0, 240)
        told = believed(value, np.ones(240), group, 30)
        count = np.bincount(group, minlength=30)
        own = np.divide(np.bincount(group, value, 30), count, out=np.full(30, value.mean()), where=count > 0)
        errors += [((e - truth) ** 2).mean() for e in (told.value, own, np.full(30, value.mean()))]
    assert errors[0] < 0.9 * errors[1:].min()


def test_trust_is_what_the_formula_says_of_known_variances():
    """Variance within 9, between 4, 50 observations a group: Z = 50 / (50 + 9/4)."""
    rng = np.random.default_rng(4)
    truth = rng.normal(0.0, 2.0, 2000)
    group = np.repeat(np.arange(2000), 50)
    told = believed(truth[group] + rng.normal(0.0, 3.0, group.size), np.ones(group.size), group, 2000)
    assert told.trust == pytest.approx(50 / (50 + 9 / 4), abs=0.01)


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(0.1, 50), st.integers(0, 4)), max_size=40),
       st.floats(-10, 10))
def test_every_figure_lies_between_what_was_measured_and_assumed(rows, assumed):
    value, weight = (np.array([r[i] for r in rows], float) for i in (0, 1))
    group = np.array([r[2] for r in rows], np.int64)
    told = believed(value, weight, group, 5, prior=Prior(assumed, 10.0))
    low, high = min([assumed, *value]), max([assumed, *value])
    assert ((told.value >= low - 1e-9) & (told.value <= high + 1e-9)).all()
    assert ((told.trust >= 0) & (told.trust <= 1)).all()
    assert (told.value[told.weight == 0] == pytest.approx(told.middle)) if (told.weight == 0).any() else True


def test_nothing_measured_is_what_was_assumed_and_little_is_near_it():
    none, one = np.zeros(0), np.zeros(0, np.int64)
    assert believed(none, none, one, 3, prior=Prior(0.3, 10)).value.tolist() == [0.3] * 3
    told = believed(np.array([1.0]), np.array([10.0]), np.array([1]), 3, prior=Prior(0.3, 10))
    assert told.value == pytest.approx(0.65)
    for bad in ((none, none, one, 3), (np.array([np.nan]), np.ones(1), np.zeros(1, np.int64), 1),
                (np.ones(1), np.zeros(1), np.zeros(1, np.int64), 1), (np.ones(1), np.ones(1), np.ones(1, np.int64), 1)):
        with pytest.raises(BadInput):
            believed(*bad)
