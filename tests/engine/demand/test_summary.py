from typing import Any

import numpy as np
import pytest

from shouwang.engine.demand.fit import Fit
from shouwang.engine.demand.models import Learnt
from shouwang.engine.demand.past import Past
from shouwang.engine.demand.summary import by_area, heat


@pytest.fixture(scope="module")
def fit(uneven_city: Any) -> Fit:
    end_h = int(uneven_city.calls.time_s.max()) // 86400 * 24 + 24
    return Learnt().fit(Past.of(uneven_city.calls, uneven_city.ground, end_h))


@pytest.mark.parametrize("block_h", [1, 24])
def test_areas_hold_the_sum_of_their_cells(fit: Fit, block_h: int) -> None:
    owner = np.arange(len(fit.place)) % 4 - 1
    told = by_area(fit, owner, fit.origin_h, 48, block_h)
    cells = fit.expected(fit.origin_h + np.arange(48)).reshape(48 // block_h, block_h, -1).sum(axis=1)
    assert told.expected.shape == (48 // block_h, 3)
    for area in range(3):
        assert np.allclose(told.expected[:, area], cells[:, owner == area].sum(axis=1))
    assert (told.low <= told.expected).all() and (told.expected <= told.high).all()
    assert told.start_h.tolist() == list(range(fit.origin_h, fit.origin_h + 48, block_h))


def test_an_interval_of_the_whole_is_narrower_than_the_sum_of_its_parts(fit: Fit) -> None:
    whole = by_area(fit, np.zeros(len(fit.place), np.int64), fit.origin_h, 24, 24)
    parts = by_area(fit, np.arange(len(fit.place)), fit.origin_h, 24, 24)
    assert np.isclose(whole.expected.sum(), parts.expected.sum())
    assert (whole.high - whole.low).sum() < (parts.high - parts.low).sum()


def test_the_heat_map_is_the_mean_week(fit: Fit) -> None:
    week = heat(fit)
    monday_h = int(np.datetime64("2024-07-01T00", "h").astype(np.int64))
    assert np.allclose(week, fit.expected(monday_h + np.arange(168)).sum(axis=1).reshape(7, 24))
    assert week[5].sum() > week[0].sum()
    assert week[:, 20].mean() > 2.5 * week[:, 3].mean()
