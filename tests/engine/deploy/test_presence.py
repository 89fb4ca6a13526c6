"""Patrol time from positions: nothing twice, nothing guessed, nothing of another hour."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.deploy.presence import MOST_S, held_s

moments = st.lists(st.floats(-7200, 10_800), max_size=60).map(lambda found: np.array(sorted(found), float))
spans = st.lists(st.tuples(st.floats(-7200, 10_800), st.floats(0, 5000)).map(lambda s: (s[0], s[0] + s[1])), max_size=5)


def test_a_gap_is_shared_by_both_its_ends_up_to_a_bound() -> None:
    assert held_s(np.array([0.0, 60.0, 180.0, 5000.0]), 0, 3600).tolist() == [30.0, 90.0, 60.0 + MOST_S / 2, 0.0]
    assert held_s(np.array([100.0]), 0, 3600).tolist() == [0.0]
    assert held_s(np.zeros(0), 0, 3600).size == 0


@given(moments, spans)
def test_what_counts_is_every_moment_near_two_positions_once(at_s: np.ndarray, away: list[tuple[float, float]]) -> None:
    """Beside a count second by second."""
    tick = np.arange(0.5, 3600)
    counts = np.zeros(3600, bool)
    for a, b in pairwise(at_s):
        reach = min(b - a, MOST_S) / 2
        counts |= ((tick > a) & (tick < a + reach)) | ((tick > b - reach) & (tick < b))
    for a, b in away:
        counts &= ~((tick > a) & (tick < b))
    held = held_s(at_s, 0, 3600, away)
    assert (held >= -1e-9).all()
    assert held.sum() == pytest.approx(counts.sum(), abs=1 + 2 * len(at_s) + 2 * len(away))


@given(moments, spans)
def test_hours_beside_one_another_add_up(at_s: np.ndarray, away: list[tuple[float, float]]) -> None:
    parts = held_s(at_s, 0, 3600, away) + held_s(at_s, 3600, 7200, away)
    assert parts == pytest.approx(held_s(at_s, 0, 7200, away), abs=1e-6)
