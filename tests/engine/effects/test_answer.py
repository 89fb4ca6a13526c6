import numpy as np
import pytest

from shouwang.engine.effects.answer import CONTROL, NEAR, NEITHER, TREATED, answer, propose
from shouwang.engine.effects.result import Refusal
from shouwang.engine.effects.rirr import rirr
from shouwang.engine.effects.wdd import Counts
from shouwang.engine.errors import BadInput

PARTS = 12


def panel(rng, treated=12, control=12, near=0, mean=20.0, factor=1.0, near_factor=1.0, r=None):
    """Counts of areas over 12 + 12 parts: all fall by a fifth after, the treated by `factor` besides."""
    areas = treated + control + near
    role = np.r_[np.full(treated, TREATED), np.full(control, CONTROL), np.full(near, NEAR)]
    level = rng.gamma(4, mean / 4, (areas, 1)) * np.r_[np.ones(PARTS), np.full(PARTS, 0.8)]
    level[role == TREATED, PARTS:] *= factor
    level[role == NEAR, PARTS:] *= near_factor
    return rng.poisson(level) if r is None else rng.negative_binomial(r, r / (r + level)), role


@pytest.mark.parametrize(
    ("shape", "method", "step"),
    [
        ({}, "did", "many_areas"),
        ({"treated": 3, "control": 10}, "rirr", "few_areas"),
        ({"treated": 1, "control": 1}, "rirr", "few_areas"),
        ({"treated": 4, "control": 0}, "poisson", "no_comparison"),
    ],
)
def test_the_method_follows_from_the_areas_and_finds_what_happened(shape, method, step):
    counts, role = panel(np.random.default_rng(8), factor=0.6, mean=60.0, **shape)
    found = answer(counts, role, PARTS)
    assert found.main.method == method and [one.code for one in found.steps] == [step] and found.refused is None
    truth = 0.6 if method != "poisson" else 0.6 * 0.8
    assert found.main.verdict == "less" and found.main.low < truth < found.main.high
    assert found.main.method not in {one.method for one in found.others}
    ours, theirs = (counts[role == one, :PARTS].sum() for one in (TREATED, CONTROL))
    like = max(ours, theirs) <= 2 * min(ours, theirs)  # else their numbers are not expected to change equally
    assert {one.method for one in found.others} == {"poisson", *(["wdd"] if like else [])} - {method}


def test_a_sum_of_nought_is_compared_in_numbers():
    counts, role = panel(np.random.default_rng(2), treated=1, control=1)
    counts[0, PARTS:] = 0
    found = answer(counts, role, PARTS)
    assert found.main.method == "wdd" and [one.code for one in found.steps] == ["few_areas", "no_factor"]


def test_groups_that_moved_apart_before_are_refused_with_the_reason():
    counts, role = panel(np.random.default_rng(3), treated=2, control=2, mean=80.0)
    counts[role == TREATED, : PARTS // 2] //= 3
    found = answer(counts, role, PARTS)
    assert found.main is None and found.refused.code == "apart_factor" and "Choose other" in str(found.refused)
    assert found.others  # what else the counts say still stands beside it, and decides nothing
    nothing = answer(np.zeros((2, 4)), np.array([TREATED, CONTROL]), 2)
    assert nothing.main is None and nothing.refused.code == "no_cases"


def test_what_moved_next_door_is_told_by_itself():
    counts, role = panel(np.random.default_rng(4), treated=3, control=8, near=3, mean=80.0, factor=0.7, near_factor=1.4)
    found = answer(counts, role, PARTS)
    assert found.main.verdict == "less" and found.near.verdict == "more"
    assert answer(counts[role != NEAR], role[role != NEAR], PARTS).near is None


@pytest.mark.parametrize("r", [None, 20])
def test_where_nothing_happened_few_answers_say_it_did(r):
    """False alarms of the relative change at nominal 5 %, where Poisson's law alone would give several times them."""
    rng, alarms = np.random.default_rng(5), 0
    for _ in range(800):
        counts, role = panel(rng, treated=1, control=1, mean=60.0, r=r)
        found = answer(counts, role, PARTS)
        alarms += found.main is not None and found.main.verdict != "chance"
    assert 0.02 <= alarms / 800 <= 0.08


def test_the_relative_change_is_the_ratio_of_ratios():
    found = rirr(Counts([100], [60]), Counts([200], [180]))
    assert found.estimate == pytest.approx(0.6 / 0.9)
    error = np.sqrt(1 / 100 + 1 / 60 + 1 / 200 + 1 / 180)
    assert found.details["log_error"] == pytest.approx(error)
    assert np.log(found.high / found.low) == pytest.approx(2 * 1.959964 * error, rel=1e-5)
    assert found.details["after_without"] == 90
    with pytest.raises(Refusal, match="no factor exists"):
        rirr(Counts([10], [0]), Counts([10], [10]))


def test_areas_are_proposed_by_their_number_of_cases_and_by_nothing_else():
    before = np.array([50, 48, 52, 500, 1, 49, 0])
    treated = np.array([1, 0, 0, 0, 0, 0, 0], bool)
    usable = np.array([1, 1, 1, 1, 1, 0, 1], bool)
    assert propose(before, treated, usable).tolist() == [1, 2, 3, 4, 6]
    many = np.r_[50, np.arange(1, 100)]
    chosen = propose(many, np.arange(100) == 0, np.ones(100, bool))
    assert len(chosen) == 10 and 50 in many[chosen] and np.abs(np.log(many[chosen] / 50)).max() < 0.15


def test_what_does_not_fit_is_refused():
    for counts, role, began in ((np.ones((2, 4)), np.array([TREATED]), 2), (np.ones((1, 4)), np.array([NEITHER]), 2),
                                (np.ones((1, 4)), np.array([TREATED]), 4)):  # fmt: skip
        with pytest.raises(BadInput):
            answer(counts, role, began)
