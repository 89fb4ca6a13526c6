from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shouwang.engine.demand.models import RecentMean
from shouwang.engine.demand.past import Past
from shouwang.engine.demand.spread import Record, cumulative, each_cumulative, each_quantile, interval, quantile

MEANS = np.array([0.0, 1e-6, 0.02, 0.11, 0.5, 1.0, 3.7, 12.0, 29.9, 30.1, 200.0])


@pytest.mark.parametrize("dispersion", [0.0, 0.05, 0.7, 20.0])
@pytest.mark.parametrize("p", [0.025, 0.1, 0.5, 0.9, 0.975])
def test_quantiles_are_those_of_the_law(dispersion: float, p: float) -> None:
    law = stats.nbinom(1 / dispersion, 1 / (1 + dispersion * MEANS[1:])) if dispersion else stats.poisson(MEANS[1:])
    assert quantile(MEANS, dispersion, p).tolist() == [0.0, *law.ppf(p)]
    each = np.full(len(MEANS) - 1, dispersion)
    assert each_quantile(MEANS[1:], each, p).tolist() == law.ppf(p).tolist()
    assert each_cumulative(np.arange(10.0), MEANS[1:], each) == pytest.approx(law.cdf(np.arange(10)), abs=1e-9)


@given(st.lists(st.floats(0, 500), min_size=1, max_size=20), st.floats(0, 30))
def test_an_interval_holds_the_expected_value_and_its_chance(means: list[float], dispersion: float) -> None:
    expected = np.array(means)
    low, high = interval(expected, dispersion)
    assert (low >= 0).all() and (low <= expected).all() and (expected <= high).all()
    held = cumulative(np.floor(high), expected, dispersion) - cumulative(np.ceil(low) - 1, expected, dispersion)
    assert (held >= 0.8 - 1e-9).all()


def drawn(rng: np.random.Generator, alpha: float, days: int = 3000) -> tuple[Record, np.ndarray]:
    """Three areas of two cells each; all cells of an area share a gamma factor a day with variance α."""
    share = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    owner = np.array([0, 0, 1, 1, 2, 2])
    factor = rng.gamma(1 / alpha, alpha, (days, 3)) if alpha else np.ones((days, 3))
    counts = rng.poisson(30.0 * share * factor[:, owner])
    day, cell = (index.repeat(counts[counts > 0]) for index in np.nonzero(counts))
    hours = days * 24
    record = Record(0, share[None], np.full(hours, 30.0 / 24), np.zeros(hours, np.int64), day * 24 + 5, cell)
    return record, owner


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5])
def test_the_scatter_of_areas_is_found(alpha: float) -> None:
    record, owner = drawn(np.random.default_rng(11), alpha)
    assert np.isclose(record.dispersion(owner), alpha, atol=0.015 + 0.1 * alpha)


def test_what_lies_in_no_area_does_not_count() -> None:
    record, owner = drawn(np.random.default_rng(11), 0.3)
    outside = np.where(owner == 2, -1, owner)
    assert np.isclose(record.dispersion(outside), 0.3, atol=0.05)
    assert record.dispersion(np.full(6, -1)) == 0.0


def test_without_a_record_counts_scatter_as_poissons() -> None:
    empty = Record(
        0, np.zeros((0, 4)), np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    )
    assert empty.dispersion(np.zeros(4, np.int64)) == 0.0


def test_a_days_factor_shared_by_all_cells_shows_in_the_citys_total(make_city: Callable[..., Any]) -> None:
    steady, moody = (make_city(np.ones((6, 6)), 80.0, 182, frailty_sd=sd, seed=4) for sd in (0.0, 0.4))
    dispersion = {}
    for name, city in (("steady", steady), ("moody", moody)):
        fit = RecentMean().fit(Past.of(city.calls, city.ground, int(city.calls.time_s.max()) // 86400 * 24 + 24))
        dispersion[name] = fit.record.dispersion(np.zeros(36, np.int64))
    assert dispersion["steady"] < 0.02
    assert 0.08 < dispersion["moody"] < 0.3  # the truth is 0.16, and errors of the level come on top
