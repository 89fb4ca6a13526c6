import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.demand.gaps import gaps, observed_days
from shouwang.engine.terms import FloatArray


def found(calls: FloatArray, worth: FloatArray | None = None) -> list[tuple[int, int]]:
    days = len(calls)
    return gaps(observed_days(calls.astype(float), np.ones(days) if worth is None else worth, np.arange(days) % 7))


def poisson(mean: float | FloatArray, days: int = 1000, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).poisson(mean, days).astype(float)


def emptied(calls: FloatArray, *runs: tuple[int, int]) -> FloatArray:
    calls = calls.copy()
    for start, end in runs:
        calls[start:end] = 0
    return calls


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), mean=st.sampled_from([0.03, 0.1, 0.5, 1.0, 2.0, 5.0]))
def test_steady_counts_hold_no_gap(seed: int, mean: float) -> None:
    assert found(poisson(mean, seed=seed)) == []


@pytest.mark.parametrize("seed", range(5))
def test_calls_that_come_in_bursts_hold_no_gap(seed: int) -> None:
    rng = np.random.default_rng(seed)
    factor = rng.gamma(0.3, 1 / 0.3, 150).repeat(7)  # a week has its own level
    assert found(poisson(3 * factor, 1050, seed)) == []


@pytest.mark.parametrize(("mean", "days"), [(5.0, 9), (20.0, 3), (60.0, 1), (120.0, 13), (120.0, 400)])
def test_days_too_empty_to_be_true_are_found(mean: float, days: int) -> None:
    calls = poisson(mean)
    assert found(emptied(calls, (500, 500 + days))) == [(500, 500 + days)]
    assert found(emptied(calls, (1000 - days, 1000))) == [(1000 - days, 1000)]


def test_every_other_month_may_be_missing() -> None:
    runs = [(start, start + 30) for start in range(30, 990, 60)]
    assert found(emptied(poisson(40.0, 990), *runs)) == runs


def test_a_short_record_that_ended_is_found() -> None:
    assert found(np.append(poisson(40.0, 28), np.zeros(30))) == [(28, 58)]
    assert found(np.append(poisson(40.0, 5), np.zeros(30))) == []  # less than a week tells no level


def test_what_follows_a_gap_belongs_to_it_only_if_next_to_nothing_and_short() -> None:
    calls = emptied(poisson(50.0, 400), (300, 400))
    for late, end in ((1, 331), (4, 331), (20, 330)):
        calls[330] = late
        assert found(calls[:331]) == [(300, end)]
    calls[330:] = 2  # what is taken now, whatever it was before
    assert found(calls) == [(300, 330)]


def test_weekdays_and_seasons_without_calls_are_no_gaps() -> None:
    weekday = np.tile([50.0, 50, 50, 50, 50, 0, 0], 100)
    assert found(poisson(weekday, 700)) == []
    assert found(emptied(poisson(weekday, 700), (301, 315))) == [(299, 315)]  # from the weekend before
    fireworks = np.zeros(4 * 365)
    for year in range(4):
        fireworks[year * 365 + 20 : year * 365 + 50] = 30.0
    assert found(poisson(fireworks, len(fireworks))) == []


def test_a_festival_is_no_evidence() -> None:
    calls, worth = emptied(poisson(20.0, 300), (200, 207)), np.ones(300)
    worth[200:207] = 0.0
    assert found(calls) == [(200, 207)] and found(calls, worth) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_kind_that_fades_away_is_not_held_up(seed: int) -> None:
    fading = 40 * np.exp2(-np.arange(900) / 30)
    assert found(poisson(fading, 900, seed)) == []
