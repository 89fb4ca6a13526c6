"""The split of a forecast by service: a truth that differs by place and hour is found, and little stays near all."""
import numpy as np
import pytest

from shouwang.engine.demand.shares import DAY_H, PRIOR_CALLS, Share, share_of


def test_a_truth_by_place_and_hour_is_found():
    rng = np.random.default_rng(2)
    odds = np.array([0.1, 0.5, 3.0])[:, None] * np.where(np.arange(DAY_H) < 12, 0.5, 2.0)[None, :]
    truth = odds / (1 + odds)
    place, hour = rng.integers(0, 3, 200_000), rng.integers(0, DAY_H, 200_000)
    told = share_of(rng.random(place.size) < truth[place, hour], place, hour, 3)
    for h in (3, 20):
        assert told.at(np.arange(3), h) == pytest.approx(truth[:, h], abs=0.05)
    assert told.at(np.array([-1]), 3)[0] == pytest.approx(told.hour[3])


def test_while_nothing_is_known_every_call_needs_the_service_and_a_few_change_little():
    none = share_of(np.zeros(0, bool), np.zeros(0, np.int64), np.zeros(0, np.int64), 2)
    assert none.at(np.array([0, 1]), 5) == pytest.approx(1.0, abs=1e-5)
    few = share_of(np.zeros(50, bool), np.zeros(50, np.int64), np.zeros(50, np.int64), 2)
    assert few.mean == pytest.approx(PRIOR_CALLS / (50 + PRIOR_CALLS))
    assert ((few.at(np.array([0, 1]), 5) > 0) & (few.at(np.array([0, 1]), 5) < 1)).all()


def test_a_share_of_all_or_none_stays_within_bounds():
    for mean in (0.0, 1.0):
        share = Share(mean, np.array([mean, 0.5]), np.full(DAY_H, mean))
        found = share.at(np.array([0, 1, -1]), 0)
        assert ((found >= 0) & (found <= 1)).all()
        assert found[0] == pytest.approx(mean, abs=1e-5)
