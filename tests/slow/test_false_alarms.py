"""Where nothing happened, a test at 5 % calls it an effect in 5 % of the cases: after the switch also where counts
scatter more than chance."""

import os
from collections.abc import Callable

import numpy as np
import pytest

from shouwang.engine.effects.change import poisson
from shouwang.engine.effects.did import Panel, did
from shouwang.engine.effects.knox import knox
from shouwang.engine.effects.result import Effect
from shouwang.engine.effects.rirr import rirr
from shouwang.engine.effects.sppt import sppt
from shouwang.engine.effects.wdd import Counts, wdd
from shouwang.engine.errors import NoAnswer

pytestmark = pytest.mark.slow
SHORT = bool(os.environ.get("SHOUWANG_SHORT"))
RUNS, SPARE = (500, 0.02) if SHORT else (6000, 0.0)
PARTS = 12
Draw = Callable[[int], np.ndarray]


def of_two(draw: Draw) -> Effect:
    return wdd(*(Counts(draw(PARTS), draw(PARTS)) for _ in range(2)))


def of_four(draw: Draw) -> Effect:
    return wdd(*(Counts(draw(PARTS), draw(PARTS)) for _ in range(4)))


def of_one(draw: Draw) -> Effect:
    return poisson(Counts(draw(PARTS), draw(PARTS)))


def of_ratio(draw: Draw) -> Effect:
    return rirr(*(Counts(draw(PARTS), draw(PARTS)) for _ in range(2)))


def of_many(draw: Draw) -> Effect:
    return did(Panel(draw(30 * PARTS).reshape(30, PARTS), np.arange(30) < 15, np.arange(PARTS) >= PARTS // 2))


@pytest.mark.parametrize("method", [of_two, of_four, of_ratio, of_one, of_many])
@pytest.mark.parametrize("mean", [20, 100])
@pytest.mark.parametrize("r", [None, 20])
def test_false_alarms_are_those_promised(method: Callable[[Draw], Effect], mean: int, r: int | None) -> None:
    rng = np.random.default_rng([RUNS, mean, r or 0])

    def draw(size: int) -> np.ndarray:
        return rng.poisson(mean, size) if r is None else rng.negative_binomial(r, r / (r + mean), size)

    alarms, answered, widened = 0, 0, 0
    for _ in range(RUNS):
        try:
            found = method(draw)
        except NoAnswer:  # groups that moved apart before, by chance
            continue
        answered += 1
        alarms += found.verdict != "chance"
        widened += found.law == "negative binomial"
    share = alarms / answered
    print(f"{method.__name__:8} mean {mean:3} r {r}: {share:.2%} of {answered}, widened {widened / answered:.0%}")
    assert answered > 0.98 * RUNS
    assert 0.04 - SPARE <= share <= 0.06 + SPARE


@pytest.mark.parametrize(("mean", "alarms"), [(20, 0.17), (100, 0.42)])
def test_without_the_switch_there_would_be_many(mean: int, alarms: float) -> None:
    """Single counts hide their scatter: the plain figure of facts, and why parts are asked for."""
    rng = np.random.default_rng(mean)
    drawn = rng.negative_binomial(20, 20 / (20 + mean), (4000, 4))
    found = [wdd(Counts(*row[:2].reshape(2, 1)), Counts(*row[2:].reshape(2, 1))).verdict != "chance" for row in drawn]
    assert np.mean(found) == pytest.approx(alarms, abs=0.02)


PATTERNS = 40 if SHORT else 400


@pytest.mark.parametrize("gather", [False, True])
def test_one_pattern_is_not_called_two(gather: bool) -> None:
    """800 points on 30 areas in 12 parts, each by itself or about four at a time."""
    rng = np.random.default_rng([9, gather])

    def points(shares: np.ndarray) -> np.ndarray:
        first = rng.multinomial(200 if gather else 800, np.repeat(shares, 12) / 12).reshape(-1, 12)
        return first + (rng.negative_binomial(np.maximum(first, 1e-9), 0.25) if gather else 0)

    alarms, blind = 0, 0
    for _ in range(PATTERNS):
        shares = rng.dirichlet(np.full(30, 2.0))
        one, other = points(shares), points(shares)
        alarms += sppt(one, other, rng=rng).verdict != "chance"
        blind += sppt(one.sum(axis=1), other.sum(axis=1), rng=rng).verdict != "chance"
    print(f"sppt gather {gather}: {alarms / PATTERNS:.1%} in parts, {blind / PATTERNS:.1%} of sums, of {PATTERNS}")
    assert alarms / PATTERNS <= 0.07 + 2 * SPARE
    assert not gather or blind / PATTERNS > 0.5


@pytest.mark.parametrize("moves", [False, True])
def test_independent_cases_bring_no_next_one(moves: bool) -> None:
    """600 cases of a year in 4 km, whose risk stays or moves from the west to the east."""
    rng, year_s = np.random.default_rng([10, moves]), 365 * 86_400
    alarms = 0
    for _ in range(PATTERNS):
        time = rng.integers(0, year_s, 600)
        east = rng.random(600) < (time / year_s if moves else 0.5)
        x_m, y_m = np.where(east, 2000, 0) + rng.uniform(0, 2000, 600), rng.uniform(0, 4000, 600)
        alarms += knox(x_m, y_m, time, rng=rng, draws=99).verdict != "chance"
    print(f"knox moves {moves}: {alarms / PATTERNS:.1%} of {PATTERNS}")
    assert alarms / PATTERNS <= 0.07 + 2 * SPARE
