import numpy as np
import pytest

from shouwang.engine.effects.series import its, trend
from shouwang.engine.errors import BadInput, NoAnswer

MONTHS = np.arange(48)
SEASON = 1 + 0.4 * np.sin(2 * np.pi * MONTHS / 12)


def draw(rng, mean, r=None):
    return rng.poisson(mean) if r is None else rng.negative_binomial(r, r / (r + mean))


def test_a_break_is_found_beside_trend_and_season():
    rng = np.random.default_rng(1)
    mean = 80 * 1.01**MONTHS * SEASON * np.where(MONTHS >= 30, 0.7, 1.0)
    held = [its(draw(rng, mean), 30, season=12) for _ in range(40)]
    assert sum(found.low <= 0.7 <= found.high for found in held) >= 34
    assert np.median([found.estimate for found in held]) == pytest.approx(0.7, abs=0.03)
    assert held[0].details["after"] < held[0].details["after_without"]


def test_a_trend_alone_is_no_break():
    rng = np.random.default_rng(2)
    mean = 60 * 0.98**MONTHS
    assert sum(its(draw(rng, mean), 24).verdict != "chance" for _ in range(60)) <= 9


def test_a_bend_is_its_mean_over_the_time_after():
    rng = np.random.default_rng(3)
    since = np.maximum(MONTHS - 24.0, 0)
    mean = 400 * np.where(MONTHS >= 24, 0.9 * 0.97**since, 1.0)
    found = its(draw(rng, mean), 24, slope=True)
    assert found.estimate == pytest.approx(0.9 * 0.97**11.5, rel=0.08)


def test_wide_scatter_and_neighbours_alike_are_told_and_errors_grow():
    rng = np.random.default_rng(40)
    calm, wide = its(draw(rng, np.full(48, 80.0)), 24), its(draw(rng, np.full(48, 80.0), r=5), 24)
    assert not calm.switched and "scatter_quasi" in [check.code for check in wide.switched]
    assert wide.high / wide.low > 1.5 * calm.high / calm.low
    walk = np.exp(4 + np.convolve(rng.normal(0, 0.25, 60), np.ones(6) / 2, "valid")[:48])
    assert "autocorrelated" in [check.code for check in its(draw(rng, walk), 24).switched]


def test_a_trend_is_the_factor_over_the_whole_time():
    rng = np.random.default_rng(5)
    found = [trend(draw(rng, 100 * 0.99**MONTHS * SEASON), season=12) for _ in range(40)]
    assert sum(one.low <= 0.99**47 <= one.high for one in found) >= 34
    one = found[0]
    assert one.estimate == pytest.approx(one.details["per_period"] ** 47)
    assert one.low == pytest.approx(one.details["per_period_low"] ** 47)
    assert trend(draw(rng, np.full(48, 5.0))).measure == "ratio"


def test_seasons_are_taken_out_or_that_is_told():
    rng = np.random.default_rng(6)
    y = draw(rng, 90 * SEASON)
    with_season, without = trend(y, season=12), trend(y)
    assert [found.checks[-1].code for found in (with_season, without)] == ["season_taken", "season_unknown"]
    assert with_season.high / with_season.low < without.high / without.low
    assert "season_unknown" in [check.code for check in trend(y[:20], season=12).checks]


def test_what_allows_no_answer_is_refused():
    for counts, began in (([5] * 9, 3), ([5] * 9, 8), ([0] * 10 + [3] * 10, 10), ([3] * 10 + [0] * 10, 10)):
        with pytest.raises(NoAnswer):
            its(counts, began)
    with pytest.raises(NoAnswer):
        trend([1, 2, 3])
    with pytest.raises(BadInput) as caught:
        trend([1.5, -1] * 6, season=1, level=1.0)
    assert len(caught.value.faults) == 14
