"""What patrols found: counted as it is it runs away, corrected it does not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.demand.calls import SOURCES, Calls
from shouwang.engine.demand.found import accepted, chances, drawn, echo, play, with_found
from shouwang.engine.errors import BadInput

RATE, TRUTH = [0.3, 0.2], 0.6


def test_belief_runs_away_when_found_records_count_as_they_are() -> None:
    told = play(RATE, 10_000, np.random.default_rng(25), correct=False, runs=25)[:, 0]
    assert abs(told.mean() - TRUTH) > 0.1
    assert told.std() > 0.05, "and it is chance where to"


def test_belief_stays_with_the_truth_when_they_are_corrected() -> None:
    told = play(RATE, 10_000, np.random.default_rng(25), correct=True, runs=25)[:, 0]
    assert abs(told.mean() - TRUTH) < 0.03
    assert np.abs(told - TRUTH).max() < 0.06


def test_more_areas_are_believed_as_they_are() -> None:
    rate = np.array([0.5, 0.3, 0.1, 0.1])
    told = play(rate, 20_000, np.random.default_rng(4), correct=True, runs=25).mean(axis=0)
    assert told == pytest.approx(rate / rate.sum(), abs=0.03)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.floats(0, 1), st.floats(0, 1))
def test_chances_keep_floor_and_sum(share: list[float], part: float, floor_part: float) -> None:
    areas = len(share)
    floor = floor_part / areas
    visits = floor * areas + part * (areas - floor * areas)
    told = chances(share, visits, floor)
    assert told.sum() == pytest.approx(visits, rel=1e-6, abs=1e-9)
    assert (told >= floor - 1e-9).all() and (told <= 1 + 1e-9).all()
    order = np.argsort(share)
    assert (np.diff(told[order]) >= -1e-9).all(), "who needs more is not visited less"


@pytest.mark.parametrize(("share", "visits"), [([1.0, -1.0], 1), ([1.0, np.nan], 1), ([], 1), ([1.0, 1.0], 3),
                                               ([1.0] * 30, 1)])
def test_chances_that_cannot_be_are_refused(share: list[float], visits: float) -> None:
    with pytest.raises(BadInput):
        chances(share, visits, 0.05)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.data())
def test_as_many_areas_are_drawn_as_there_are_visits(share: list[float], data: st.DataObject) -> None:
    visits = data.draw(st.integers(1, len(share)))
    told = drawn(chances(share, visits, min(0.05, visits / len(share))), np.random.default_rng(visits))
    assert told.sum() == visits


def test_each_area_is_drawn_with_its_chance() -> None:
    rng, chance = np.random.default_rng(6), np.array([0.05, 0.05, 0.9, 0.4, 0.6])
    often = np.mean([drawn(chance, rng) for _ in range(8000)], axis=0)
    assert often == pytest.approx(chance, abs=4 * 0.5 / np.sqrt(8000))


def test_accepted_records_had_one_chance_to_be_found() -> None:
    rng = np.random.default_rng(1)
    chance = np.repeat([0.8, 0.2], 20_000)
    found = rng.random(chance.size) < chance
    kept = accepted(chance[found], 0.2, rng)
    counts = [int(kept[chance[found] == c].sum()) for c in (0.8, 0.2)]
    assert counts[0] == pytest.approx(counts[1], rel=0.06)


def calls(sources: list[str]) -> Calls:
    n = len(sources)
    return Calls(np.arange(n), np.zeros(n), np.zeros(n), np.zeros(n, np.int64), ("x",),
                 np.array([SOURCES.index(s) for s in sources]))


def test_what_is_accepted_counts_and_the_rest_feeds_nothing() -> None:
    told = with_found(calls(["patrol"] * 3 + ["resident", "patrol"]), [0.25, 1.0, 0.25, np.nan, 1e-9], 4,
                      np.random.default_rng(3))
    heard = told.heard().tolist()
    assert heard[0] and heard[2] and heard[3], "the least visited count always"
    assert not heard[4], "not yet known, and no measure for the others"
    assert len(told) == 5


def test_a_record_without_its_chance_is_named() -> None:
    with pytest.raises(BadInput, match="record 2, chance"):
        with_found(calls(["resident", "patrol"]), [np.nan, np.nan], 9, np.random.default_rng(3))


def test_an_echo_is_heard_and_none_is_imagined() -> None:
    rng = np.random.default_rng(8)
    patrol = rng.dirichlet(np.full(40, 5.0), 12)
    after = np.vstack([patrol[:1], patrol[:-1]])  # calls come where patrols were a block before
    told, low, high = echo(patrol, after, rng)
    assert told == pytest.approx(1.0) and 0 < low <= high
    silent = [echo(rng.dirichlet(np.full(40, 5.0), 12), rng.dirichlet(np.full(40, 5.0), 12), rng)
              for _ in range(40)]
    assert sum(low > 0 or high < 0 for _r, low, high in silent) <= 8
    assert np.isnan(echo(patrol[:2], after[:2], rng)).all()
    assert np.isnan(echo(patrol[:, :4], after[:, :4], rng)).all()
    assert np.isnan(echo(np.full((9, 8), 0.125), after[:9, :8], rng)).all()
