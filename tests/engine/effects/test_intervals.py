"""Intervals of plain figures against tables and against exact coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from shouwang.engine.effects.intervals import (
    count_interval,
    quantile_interval,
    ratio_interval,
    share_interval,
    share_margin,
)


def test_garwoods_table() -> None:
    low, high = count_interval([0, 1, 10, 100])
    assert low == pytest.approx([0, 0.0253, 4.795, 81.36], abs=0.005)  # Garwood 1936, and any table since
    assert high == pytest.approx([3.689, 5.572, 18.39, 121.63], abs=0.005)
    wide_low, wide_high = count_interval([100], scatter=4.0)
    assert wide_high - wide_low == pytest.approx((high[3] - low[3]) * 2, rel=0.05)


def test_wilsons_interval() -> None:
    low, high = share_interval([0, 1, 15, 10, 0], [10, 10, 148, 10, 0])
    assert low == pytest.approx([0, 0.0179, 0.0624, 0.7225, 0], abs=5e-4)  # Newcombe 1998, method 3: 15/148
    assert high == pytest.approx([0.2775, 0.4042, 0.1605, 1, 1], abs=5e-4)
    assert share_margin(15, 148) == pytest.approx((0.1605 - 0.0624) / 2, abs=5e-5) and share_margin(0, 0) == 0
    assert share_interval([10], [10])[1] == 1 and share_interval([0], [10])[0] == 0  # to the last bit
    many = np.arange(1, 60)
    assert (share_interval(many, many)[1] == 1).all()


def test_a_ratio_turns_over_with_its_counts() -> None:
    low, high = ratio_interval([30, 5], [20, 0])
    back = ratio_interval([20], [30])
    assert low[0] == pytest.approx(1 / back[1][0]) and high[0] == pytest.approx(1 / back[0][0])
    assert low[0] < 1.5 < high[0]
    assert np.isinf(high[1])
    assert ratio_interval([30], [20], scatter=3.0)[0][0] < low[0]


@pytest.mark.parametrize(("n", "p"), [(40, 0.5), (200, 0.9), (59, 0.95)])
def test_order_statistics_enclose_the_quantile_as_often_as_promised(n: int, p: float) -> None:
    value, low, high = quantile_interval(np.arange(1, n + 1), p)
    assert low < value < high or np.isinf(high)
    upper = n if np.isinf(high) else high - 1
    # P(the quantile lies between x(low) and x(high)) = P(low ≤ number below it < high): the exact coverage
    assert special.bdtr(upper, n, p) - special.bdtr(low - 1, n, p) >= 0.95
    assert special.bdtr(upper - 1, n, p) - special.bdtr(low, n, p) < 0.97, "and not much wider"


def test_few_values_have_no_quantile() -> None:
    assert np.isnan(quantile_interval([1, 2, 3, 4], 0.5)).all()
    assert quantile_interval([1, 2, 3, 4, 5], 0.9)[2] == np.inf
