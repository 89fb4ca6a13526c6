"""A list with its sum keeps the promise of whole tables, and hides no more than they do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.disclose.lists import shown_of
from shouwang.engine.disclose.suppress import suppress
from shouwang.engine.disclose.tables import Table


@pytest.mark.parametrize(("counts", "shown"), [
    ([20, 30, 0], [20, 30, 0]), ([3, 30, 40], [40]), ([3, 4, 5, 40], [40]), ([3, 3, 5, 0, 40], [0]),
    ([3, 12, 40], [40]), ([3], []), ([0, 0], [0, 0])])  # fmt: skip
def test_which_are_shown(counts: list[int], shown: list[int]) -> None:
    assert np.array(counts)[shown_of(counts)].tolist() == shown


@given(st.lists(st.integers(0, 60), min_size=2, max_size=12))
def test_no_small_count_can_be_told_from_the_sum(counts: list[int]) -> None:
    value = np.array(counts)
    shown = shown_of(value)
    hidden = value[~shown]
    assert not np.any(shown & (value >= 1) & (value <= 10))
    if len(hidden) and shown[value > 0].any():
        most = hidden.sum() - (len(hidden) - 1)  # one takes all but one of each other
        assert len(hidden) >= 2 and most >= 10


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_the_way_for_tables(seed: int) -> None:
    value = np.random.default_rng(seed).poisson(14, 8) + (np.arange(8) == 0) * 40
    table = Table(tuple("abcdefgh"), ("n",), value[:, None], ("",) * 8)
    told = dict(suppress(table))
    whole = [told[name, "n"] is not None for name in "abcdefgh"]
    if told["*", "n"] is not None:  # it may hide the sum instead
        assert shown_of(value).sum() >= sum(whole)
