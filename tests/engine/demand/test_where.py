from typing import Any

import numpy as np
import pytest

from shouwang.engine.demand.past import Past
from shouwang.engine.demand.where import MEMORIES, Counts, Memory, member_names, member_shares, shares


@pytest.fixture
def past(uneven_city: Any) -> Past:
    return Past.of(uneven_city.calls, uneven_city.ground, int(uneven_city.calls.time_s.max()) // 3600 + 1)


def test_counts_halve_with_each_half_life(past: Past) -> None:
    counts = Counts(past, [10.0, 100.0])
    counts.advance(past.origin_h)
    for half_life_d, found in counts.counts.items():
        weight = 0.5 ** ((past.origin_h - past.hour) / 24 / half_life_d)
        assert np.allclose(found, np.bincount(past.cell, weight, past.ground.size))


def test_many_small_steps_are_one_large_one(past: Past) -> None:
    once, stepwise = Counts(past, [30.0]), Counts(past, [30.0])
    once.advance(past.origin_h)
    for hour in range(past.first_h + 100, past.origin_h, 777):
        stepwise.advance(hour)
    stepwise.advance(past.origin_h)
    assert np.allclose(once.counts[30.0], stepwise.counts[30.0])


def test_members_are_shares_and_remember_differently(past: Past) -> None:
    counts = Counts(past, sorted({m.half_life_d for m in MEMORIES}))
    counts.advance(past.origin_h)
    rows = member_shares(counts, MEMORIES)
    assert rows.shape == (len(member_names(MEMORIES)), past.ground.size)
    assert np.allclose(rows.sum(axis=1), 1) and (rows >= 0).all()
    raw, smooth = member_shares(counts, [Memory(30)])[0], member_shares(counts, [Memory(30, 400)])[0]
    assert smooth.std() < raw.std()
    assert np.allclose(rows[-1], 1 / past.ground.size)


def test_no_counts_are_shared_evenly() -> None:
    assert shares(np.zeros(4)).tolist() == [0.25] * 4
