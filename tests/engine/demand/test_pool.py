import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shouwang.engine.demand.pool import pool_weights


def test_the_true_mixture_is_found() -> None:
    rng = np.random.default_rng(5)
    members = rng.dirichlet(np.ones(50), 3)
    calls = rng.choice(50, 20_000, p=np.array([0.6, 0.3, 0.1]) @ members)
    assert np.allclose(pool_weights(members[:, calls].T), [0.6, 0.3, 0.1], atol=0.03)


@given(hnp.arrays(float, (40, 3), elements=st.floats(1e-6, 1.0)))
def test_weights_are_shares_and_the_pool_beats_the_even_one(likelihood: np.ndarray) -> None:
    weights = pool_weights(likelihood, caution=1e-9)
    assert np.isclose(weights.sum(), 1) and (weights >= 0).all()
    assert np.log(likelihood @ weights).sum() >= np.log(likelihood.mean(axis=1)).sum() - 1e-9


def test_without_evidence_all_members_count_alike() -> None:
    assert np.allclose(pool_weights(np.zeros((0, 4))), 0.25)


def test_calls_that_no_member_foresaw_change_nothing() -> None:
    likelihood = np.random.default_rng(2).random((30, 2))
    assert np.allclose(pool_weights(np.vstack([likelihood, np.zeros((9, 2))])), pool_weights(likelihood))


def test_a_short_record_rules_out_nobody() -> None:
    weights = pool_weights(np.tile([1.0, 0.0], (10, 1)))
    assert 0.1 < weights[1] < weights[0]
