"""The set of units for a call, held to trying every set."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwang.engine.errors import BadInput
from shouwang.engine.respond.choose import CUT_OFF, NOBODY, TAKEN, Requirement, Unmet, choose

YES, NO = 0.0, np.inf


def need(name, count, *cost, of=()):
    return Requirement(name, count, np.array(cost, float), of)


def test_units_are_chosen_together_and_not_one_after_the_other():
    """The first requirement's nearest is the only one for the second: greedily, the second would stay open."""
    choice = choose([need("police", 1, 10, 20), need("traffic", 1, 15, NO)])
    assert [(s.requirement, s.unit) for s in choice.sent] == [(0, 1), (1, 0)]
    assert (choice.cost_s, choice.unmet) == (35.0, ())


def test_one_of_two_patrols_has_first_aid():
    patrols = need("police", 2, 10, 20, 30, 40)
    choice = choose([patrols, need("first_aid", 1, NO, NO, YES, YES, of=(0,))])
    assert [(s.unit, s.also) for s in choice.sent] == [(0, ()), (2, (1,))]
    both = choose([patrols, need("first_aid", 1, NO, YES, YES, NO, of=(0,)), need("dog", 1, NO, NO, YES, NO, of=(0,))])
    assert [(s.unit, s.also) for s in both.sent] == [(0, ()), (2, (1, 2))]


def test_what_cannot_be_met_is_said_and_the_rest_is_sent():
    choice = choose(
        [need("police", 2, 10, NO, NO), need("fire", 1, NO, NO, NO), need("aid", 1, NO, YES, NO, of=(0,))],
        able=[3, 0, 1],
    )
    assert [(s.requirement, s.unit) for s in choice.sent] == [(0, 0)]
    missing = [(u.requirement, u.missing, u.why) for u in choice.unmet]
    assert missing == [(0, 1, CUT_OFF), (1, 1, NOBODY), (2, 1, NOBODY)]


def test_a_unit_that_is_needed_twice_is_missing_once():
    choice = choose([need("police", 1, 10, NO), need("traffic", 1, 5, NO)])
    assert [(u.missing, u.why) for u in choice.unmet] == [(1, TAKEN)]
    assert choice.cost_s == 5.0


def test_nobody_and_nothing_asked_are_answers():
    assert choose([]).sent == ()
    empty = choose([Requirement("police", 1, np.zeros(0))])
    assert [(u.missing, u.why) for u in empty.unmet] == [(1, NOBODY)]


def every_set(requirements):
    """(missing, cost) of the best of all ways to send units, each for one requirement."""
    own, units = [i for i, r in enumerate(requirements) if not r.of], requirements[0].cost_s.size
    best = None
    for jobs in product([None, *own], repeat=units):
        if any(j is not None and not np.isfinite(requirements[j].cost_s[u]) for u, j in enumerate(jobs)):
            continue
        if any(jobs.count(i) > requirements[i].count for i in own):
            continue
        met = sum(jobs.count(i) for i in own)
        for r in (r for r in requirements if r.of):
            met += min(r.count, sum(j in r.of and np.isfinite(r.cost_s[u]) for u, j in enumerate(jobs)))
        cost = sum(requirements[j].cost_s[u] for u, j in enumerate(jobs) if j is not None)
        best = min(best or (0, np.inf), (-met, cost))
    return best


@settings(max_examples=60)
@given(st.integers(0, 100_000))
def test_no_set_meets_more_or_costs_less(seed):
    rng = np.random.default_rng(seed)
    units = int(rng.integers(1, 6))

    def column(scale):
        return np.where(rng.random(units) < 0.6, rng.random(units) * scale, np.inf)

    requirements = [
        Requirement("a", int(rng.integers(1, 3)), column(100)), Requirement("b", 1, column(100)),
        Requirement("c", int(rng.integers(1, 3)), column(0), (0,)), Requirement("d", 1, column(0), (0, 1)),
    ]  # fmt: skip
    choice = choose(requirements)
    sent = [s.unit for s in choice.sent]
    assert len(set(sent)) == len(sent)
    assert all(np.isfinite(requirements[s.requirement].cost_s[s.unit]) for s in choice.sent)
    missing = sum(u.missing for u in choice.unmet)
    slots = sum(r.count for r in requirements)
    met, cost = every_set(requirements)
    # A shared requirement for more units than its own ones have can never be met whole.
    assert (missing, choice.cost_s) == (slots + met, pytest.approx(cost))


def test_bad_requirements_are_refused_with_all_faults():
    with pytest.raises(BadInput) as caught:
        choose([need("a", 1, -1, 2), need("b", -1, 1), need("c", 1, 1, 1, of=(2,)), need("d", 1, np.nan, 1)])
    assert [f.where for f in caught.value.faults] == ["a", "b", "b", "c", "d"]


def test_slots_that_are_alike_are_not_tried_one_by_one():
    """25 units of seven kinds, four of whom give first aid: thousands of ways by name, few by kind."""
    own = [need(name, count, *[float(u + 1) for u in range(30)]) for name, count in
           (("pump", 7), ("ladder", 3), ("rescue", 3), ("tanker", 2), ("police", 4), ("traffic", 4), ("evacuate", 2))]
    aid = [0.0 if u >= 26 else np.inf for u in range(30)]
    choice = choose([*own, need("aid", 4, *aid, of=tuple(range(7)))])
    assert len(choice.sent) == 25
    assert not choice.unmet
    assert sum(7 in s.also for s in choice.sent) == 4


def test_of_more_ways_than_are_tried_what_is_short_is_told_all_the_same():
    some = [0.0 if u < 3 else np.inf for u in range(40)]
    shared = [need(str(i), 6, *(some if i == 7 else [0.0] * 40), of=(0,)) for i in range(8)]
    choice = choose([need("a", 14, *range(40)), *shared])
    assert len(choice.sent) == 14
    assert choice.unmet == (Unmet(8, 3, NOBODY),)
