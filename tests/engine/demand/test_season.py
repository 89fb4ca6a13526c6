import numpy as np
import pytest

from shouwang.engine.demand.season import BEFOREHAND, SHARES, learn_season, no_season

DAY = np.datetime64("2020-01-01").astype(int) + np.arange(4 * 365)
EVEN = np.ones(len(DAY))


def year(size: float, day: np.ndarray = DAY) -> np.ndarray:
    return 1 + size * np.cos(2 * np.pi * (day - DAY[0]) / 365.25)


def drawn(rate: np.ndarray) -> np.ndarray:
    return np.random.default_rng(5).poisson(rate).astype(float)


def test_a_season_is_found_and_none_is_imagined() -> None:
    found = learn_season(DAY, drawn(60 * year(0.3)), EVEN)
    assert found.season == pytest.approx(1.0, abs=0.02)
    assert np.abs(found.factors(DAY[-365:]) - year(0.3)[-365:]).max() < 0.08
    ahead = found.origin + np.arange(90)
    assert np.abs(found.factors(ahead) / year(0.3, ahead) - 1).max() < 0.08
    even = learn_season(DAY, drawn(60 * EVEN), EVEN)
    assert np.abs(even.factors(DAY) - 1).max() < 0.04
    short = learn_season(DAY[:700], drawn(60 * year(0.3))[:700], EVEN[:700])
    assert (short.factors(DAY) == 1).all() and short.told() == no_season(short.origin).told()


def test_a_season_is_believed_as_far_as_the_last_year_followed_it() -> None:
    """Three years of one season; in the fourth it came again, stayed away, or turned round."""
    last = DAY[-365] <= DAY
    again, away, round_ = (
        learn_season(DAY, drawn(30 * np.where(last, year(size), year(0.3))), EVEN).season for size in (0.3, 0.0, -0.3)
    )
    unknown = float(BEFOREHAND @ np.array(SHARES)[:, 0])
    assert again > 0.95 > unknown > 0.05 > max(away, round_)


def test_a_steady_growth_is_carried_on_by_half() -> None:
    true = np.exp(0.3 * (DAY - DAY[-1]) / 365)
    found = learn_season(DAY, drawn(200 * true), EVEN)
    assert found.trend == pytest.approx(0.5, abs=0.05) and 0.25 < found.growth * 365 < 0.35
    steps = found.factors(found.origin + np.array([0, 90, 366, 366 + 4 * 1461]))
    assert steps[0] < steps[1] < steps[2] == pytest.approx(steps[3])  # at most a year
