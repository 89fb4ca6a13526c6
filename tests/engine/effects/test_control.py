"""The control chart against what is known: false alarms at their nominal rate, real rises seen, no look ahead."""

from __future__ import annotations

import numpy as np
import pytest

from shouwang.engine.effects.control import LEAST, control
from shouwang.engine.errors import BadInput

YEAR = 52.18


def weeks(rng: np.random.Generator, n: int, mean: float, r: float | None, swing: float = 0.0) -> np.ndarray:
    expected = mean * np.exp(swing * np.sin(2 * np.pi * np.arange(n) / YEAR))
    return rng.poisson(expected if r is None else rng.gamma(r, expected / r))


@pytest.mark.parametrize(("r", "swing", "most_95", "most_998"), [(None, 0.0, 0.06, 0.006), (None, 0.4, 0.06, 0.006),
                                                                 (20.0, 0.4, 0.07, 0.01)])  # fmt: skip
def test_false_alarms_stay_near_what_is_promised(r: float | None, swing: float, most_95: float,
                                                 most_998: float) -> None:
    rng = np.random.default_rng(7)
    charts = [control(weeks(rng, 190, 20, r, swing), 160, YEAR) for _ in range(60)]
    states = np.array([chart.state[160:] for chart in charts])
    assert 0.01 < (states != "within").mean() < most_95
    assert np.isin(states, ("above", "below")).mean() < most_998
    assert sum(c.outside for c in charts) == np.isin(states, ("above", "below")).sum()
    assert 0 < sum(c.by_chance for c in charts) / states.size <= 0.002


def test_a_rise_is_seen_and_not_taken_for_the_season() -> None:
    rng = np.random.default_rng(3)
    seen = []
    for _ in range(20):
        y = weeks(rng, 170, 20, None, 0.4)
        y[165:] = rng.poisson(2.2 * 20 * np.exp(0.4 * np.sin(2 * np.pi * np.arange(165, 170) / YEAR)))
        chart = control(y, 150, YEAR)
        seen += [state == "above" for state in chart.state[165:]]
        assert chart.run[-1] >= 4
    assert np.mean(seen) > 0.9


def test_limits_know_nothing_of_their_own_period_or_later() -> None:
    y = weeks(np.random.default_rng(5), 150, 30, None, 0.3)
    later = y.copy()
    later[138:] *= 9
    one, other = control(y, 100, YEAR), control(later, 100, YEAR)
    assert one.act_high[:141].tolist() == pytest.approx(other.act_high[:141].tolist(), nan_ok=True)
    assert one.act_high[141] != other.act_high[141]


def test_a_trend_is_followed_from_two_seasons_on() -> None:
    y = np.round(20 * 1.3 ** (np.arange(48) / 12)).astype(int)
    chart = control(y, 40, 12)
    assert set(chart.state[40:]) == {"within"}
    assert chart.expected[47] == pytest.approx(y[47], rel=0.05)
    assert control(y[:20], 14, 12).expected[14:].max() < y[:20].max(), "before two seasons, a level alone"


def test_what_outlying_weeks_do_to_the_limits_is_bounded() -> None:
    y = weeks(np.random.default_rng(11), 120, 20, None)
    for odd in (200, 0):  # a fair, a gap in the record
        marked = y.copy()
        marked[60:63] = odd
        chart = control(marked, 110, YEAR)
        assert np.all(chart.act_high[110:] < 55) and np.all(chart.act_low[110:] > 2)


def test_too_little_before_gives_no_limits() -> None:
    chart = control([5] * 20)
    assert [s == "" for s in chart.state].count(True) == LEAST + 2
    assert control([0] * 30).state == ("",) * 30
    with pytest.raises(BadInput, match="not a count"):
        control([3, -1, 2])
    with pytest.raises(BadInput, match="periods per year"):
        control([3] * 30, season=2)
