import numpy as np

from shouwang.engine.demand.season import learn_season, no_season

DAY = np.datetime64("2020-01-01").astype(int) + np.arange(4 * 365)


def drawn(rate: np.ndarray) -> np.ndarray:
    return np.random.default_rng(5).poisson(rate).astype(float)


def test_a_season_is_found_and_none_is_imagined() -> None:
    true = 1 + 0.3 * np.cos(2 * np.pi * (DAY - DAY[0]) / 365.25)
    found = learn_season(DAY, drawn(60 * true), np.ones(len(DAY)))
    assert found.season == 1.0 and np.abs(found.factors(DAY[-365:]) - true[-365:]).max() < 0.08
    ahead = found.origin + np.arange(90)
    assert np.abs(found.factors(ahead) / (1 + 0.3 * np.cos(2 * np.pi * (ahead - DAY[0]) / 365.25)) - 1).max() < 0.08
    even = learn_season(DAY, drawn(np.full(len(DAY), 60.0)), np.ones(len(DAY)))
    assert np.abs(even.factors(DAY) - 1).max() < 0.04
    short = learn_season(DAY[:700], drawn(60 * true)[:700], np.ones(700))
    assert (short.factors(DAY) == 1).all() and short.told() == no_season(short.origin).told()


def test_a_steady_growth_is_carried_on_by_half() -> None:
    true = np.exp(0.3 * (DAY - DAY[-1]) / 365)
    found = learn_season(DAY, drawn(200 * true), np.ones(len(DAY)))
    assert found.trend == 0.5 and 0.25 < found.growth * 365 < 0.35
    steps = found.factors(found.origin + np.array([0, 90, 366, 2000]))
    assert steps[0] < steps[1] < steps[2] == steps[3]  # at most a year
