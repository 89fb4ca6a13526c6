"""Which unit to shift where, held to measuring anew; and proposals that hold still."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.respond.move_up import Move, Patience, move_ups, settle
from shouwang.engine.respond.outlook import Demand, Outlook, Rules

PATIENCE = Patience(hold_s=60, keep=0.7, better=1.5)


@given(st.integers(0, 10_000), st.integers(1, 8))
def test_a_gain_is_the_difference_of_two_outlooks(seed, units):
    rng = np.random.default_rng(seed)
    demand = Demand(np.arange(9), rng.random(9))
    times, site_s = rng.random((units, 9)) * 900, rng.random((3, 9)) * 900
    free = rng.random(units) < 0.8
    drive_s = rng.random((units, 3)) * 300
    outlook = Outlook.measure(times, free, demand, Rules(beyond_s=800))
    movable = np.flatnonzero(free)
    found = move_ups(outlook, movable=movable, site_s=site_s, drive_s=drive_s, least_gain_s=1e-6)
    gains = {(m.unit, m.site): m.gain_s for m in found}
    for u in movable:
        for s in range(3):
            moved = times.copy()
            moved[u] = site_s[s]
            gain = outlook.mean_s - Outlook.measure(moved, free, demand, Rules(beyond_s=800)).mean_s
            assert gains.get((u, s), 0.0) == pytest.approx(gain if gain >= 1e-6 else 0.0, abs=1e-6)
    assert [m.worth for m in found] == sorted((m.worth for m in found), reverse=True)


def test_nothing_is_proposed_below_the_threshold_or_too_far_away():
    demand = Demand(np.arange(2), np.ones(2))
    outlook = Outlook.measure(np.array([[0.0, 600.0], [0.0, 600.0]]), np.ones(2, bool), demand, Rules(busy_share=0.0))
    asked = {"movable": [0, 1], "site_s": np.array([[600.0, 0.0]]), "drive_s": np.array([[500.0], [2000.0]])}
    [move] = move_ups(outlook, **asked, least_gain_s=10.0)
    assert (move.unit, move.gain_s, move.worth) == (0, pytest.approx(300.0), pytest.approx(0.6))
    assert move_ups(outlook, **asked, least_gain_s=301.0) == []
    assert move_ups(outlook, **(asked | {"movable": []}), least_gain_s=1.0) == []
    with pytest.raises(BadInput) as caught:
        move_ups(outlook, movable=[0], site_s=-np.ones((1, 2)), drive_s=np.zeros((1, 1)), least_gain_s=0.0)
    assert [f.where for f in caught.value.faults] == ["drive_s", "site_s", "least_gain_s"]


def test_a_proposal_waits_holds_and_gives_way_only_to_a_much_better_one():
    first, other = Move(1, 2, 5.0, 100.0), Move(3, 4, 6.0, 100.0)
    new = settle(None, [first], 0.0, 4.0, PATIENCE)
    assert not new.shown(59.0, PATIENCE)
    assert new.shown(60.0, PATIENCE)
    held = settle(new, [other, first], 30.0, 4.0, PATIENCE)
    assert (held.move, held.since_s) == (first, 0.0)
    fading = settle(held, [Move(1, 2, 3.0, 100.0)], 90.0, 4.0, PATIENCE)
    assert fading.since_s == 0.0, "above 0.7 of the least gain it stays"
    assert settle(fading, [], 120.0, 4.0, PATIENCE) is None
    much = settle(held, [Move(3, 4, 9.0, 100.0), first], 30.0, 4.0, PATIENCE)
    assert (much.move.unit, much.since_s) == (3, 30.0)
    assert settle(None, [Move(1, 2, 3.0, 100.0)], 0.0, 4.0, PATIENCE) is None


@given(st.lists(st.floats(0.9, 1.1), min_size=1, max_size=30))
def test_small_changes_never_flip_a_proposal(noise):
    proposal = settle(None, [Move(0, 0, 5.0, 100.0), Move(1, 1, 4.9, 100.0)], 0.0, 4.0, PATIENCE)
    for n, by in enumerate(noise):
        moves = sorted([Move(0, 0, 5.0, 100.0), Move(1, 1, 5.0 * by, 100.0)], key=lambda m: -m.worth)
        proposal = settle(proposal, moves, n + 1.0, 4.0, PATIENCE)
        assert (proposal.move.unit, proposal.since_s) == (0, 0.0)
