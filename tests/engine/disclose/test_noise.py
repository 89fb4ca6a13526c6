import numpy as np
import pytest

from shouwang.engine.disclose.noise import half_width, noisy
from shouwang.engine.errors import BadInput


@pytest.mark.parametrize("epsilon", [0.3, 1.0])
def test_one_case_changes_no_outcome_by_more_than_promised(epsilon):
    rng = np.random.default_rng(1)
    with_case, without = (np.bincount(noisy(np.full(400_000, n), epsilon, rng) + 60, minlength=140) for n in (5, 4))
    often = (with_case > 3000) & (without > 3000)
    ratio = with_case[often] / without[often]
    assert often.sum() > 6 and abs(np.log(ratio)).max() < epsilon + 0.08
    assert abs(np.log(ratio)).mean() == pytest.approx(epsilon, abs=0.05), "no more noise than needed"


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 2.0, 8.0])
def test_the_width_told_holds(epsilon):
    noise = noisy(np.zeros(200_000, np.int64), epsilon, np.random.default_rng(2))
    width = half_width(epsilon)
    assert np.mean(np.abs(noise) <= width) >= 0.948 and np.mean(np.abs(noise) <= width - 1) < 0.952
    assert abs(noise.mean()) < 5 * noise.std() / 447 + 1e-9


@pytest.mark.parametrize("epsilon", [0.0, -1.0, np.nan, 100.0])
def test_a_loss_that_is_none_is_refused(epsilon):
    with pytest.raises(BadInput):
        noisy(np.array([1]), epsilon, np.random.default_rng(1))
