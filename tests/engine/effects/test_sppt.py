import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from shouwang.engine.effects.result import Refusal
from shouwang.engine.effects.sppt import discovered, similar, sppt
from shouwang.engine.errors import BadInput, NoAnswer


def test_an_area_is_alike_between_the_6th_and_the_195th_draw():
    """The interval by drawing single points, as its author wrote it down, against the draws of counts."""
    rng = np.random.default_rng(3)
    test = np.array([40, 25, 20, 10, 5, 0])
    points = np.repeat(np.arange(6), test)
    draws = np.array([np.bincount(rng.choice(points, 85, replace=False), minlength=6) / 85 for _ in range(200)])
    ordered = np.sort(draws, axis=0)
    low, high = ordered[5], ordered[194]
    for share in np.linspace(0, 0.6, 25):
        base = np.full(6, round(share * 1000))
        base[0] += 1000 * 6 - base.sum() if base.sum() < 6000 else 0
        of_base = base / base.sum()
        clear = (of_base < low - 0.02) | (of_base > high + 0.02) | ((of_base > low + 0.02) & (of_base < high - 0.02))
        inside = (low <= of_base) & (of_base <= high)
        assert (similar(base, test, rng)[clear] == inside[clear]).all()


def test_equal_patterns_are_alike_and_areas_empty_in_both_do_not_count():
    counts = np.r_[np.full(10, 50), np.full(10, 20), 0, 0]
    found = sppt(counts, counts, rng=np.random.default_rng(1))
    assert found.estimate == found.details["s"] == found.details["generalised"] == 1.0
    assert found.details["areas_used"] == 20 and "empty_areas" in [check.code for check in found.switched]
    east, west = np.r_[np.full(10, 50), np.zeros(20)], np.r_[np.zeros(10), np.full(10, 50), np.zeros(10)]
    half = sppt(east, west, rng=np.random.default_rng(1))
    assert (round(half.details["s"], 3), half.estimate) == (0.333, 0.0)
    assert next(c.values["areas"] for c in half.checks if c.code == "areas_one_sided") == 20


def codes(found):
    return {check.code for check in found.checks}


def test_too_few_points_or_areas_for_any_answer_are_refused_and_a_coarse_one_is_told():
    rng = np.random.default_rng(6)
    with pytest.raises(Refusal, match="nothing in common"):
        sppt([9, 8, 7], [1, 8, 20], rng=rng)
    many = np.full(60, 1 / 60)
    assert "coarse" in codes(sppt(*rng.multinomial(120, many, size=2), rng=rng))
    fine = sppt(*rng.multinomial(6000, many, size=2), rng=rng)
    assert {"resolved", "areas_match", "gathering_untested"} <= codes(fine)


def bursts(rng, shares, parts, number):
    """Points of areas and parts that come about four at a time."""
    first = rng.multinomial(number // 4, np.repeat(shares, parts) / parts).reshape(-1, parts)
    return first + rng.negative_binomial(np.maximum(first, 1e-9), 0.25)


def test_points_that_gather_raise_no_alarm_once_their_parts_are_known():
    rng = np.random.default_rng(7)
    shares = rng.dirichlet(np.full(30, 2.0))
    alarms, blind, widened, runs = 0, 0, 0, 20
    for _ in range(runs):
        one, other = (bursts(rng, shares, 12, 800) for _ in range(2))
        found = sppt(one, other, rng=rng)
        alarms += found.verdict != "chance"
        widened += "gathering" in {c.code for c in found.switched}
        blind += sppt(one.sum(axis=1), other.sum(axis=1), rng=rng).verdict != "chance"
    assert widened == runs and alarms <= 4 and blind > runs / 2, (alarms, blind, widened)


def test_points_that_do_not_gather_keep_their_law():
    rng = np.random.default_rng(8)
    shares = rng.dirichlet(np.full(30, 2.0))
    found = [sppt(*(rng.poisson(np.outer(shares, np.full(12, 70))) for _ in range(2)), rng=rng) for _ in range(10)]
    assert sum("not_gathering" in codes(one) for one in found) >= 6
    moved = sppt(*(rng.poisson(np.outer(s, np.full(12, 70))) for s in (shares, shares[::-1])), rng=rng)
    assert moved.verdict == "less"


def test_a_pattern_that_moved_is_told_and_one_that_did_not_is_not():
    rng = np.random.default_rng(2)
    shares = rng.dirichlet(np.full(40, 1.0))
    moved = sppt(rng.multinomial(900, shares), rng.multinomial(700, shares[::-1]), rng=rng)
    assert moved.verdict == "less" and moved.details["generalised"] < 0.8
    alarms = [
        sppt(rng.multinomial(900, shares), rng.multinomial(700, shares), rng=rng).verdict != "chance" for _ in range(4)
    ]
    assert sum(alarms) <= 1


def test_s_alone_would_call_one_pattern_two():
    """Draws without replacement vary less than points: S of one and the same pattern stays far below 1."""
    rng = np.random.default_rng(4)
    found = sppt(*rng.multinomial(800, np.full(50, 0.02), size=2), rng=rng)
    assert found.none < 0.7 and found.estimate < 0.8 and found.verdict == "chance"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.01, 0.3))
def test_the_false_discovery_rate_is_benjamini_and_hochbergs(p, rate):
    adjusted = stats.false_discovery_control(p)
    assume(np.abs(adjusted - rate).min() > 1e-9)  # rounding decides what lies on the border
    assert (discovered(np.array(p), rate) == (adjusted <= rate)).all()


def test_what_is_wrong_is_named():
    rng = np.random.default_rng(1)
    with pytest.raises(NoAnswer):
        sppt([0, 0], [1, 2], rng=rng)
    with pytest.raises(BadInput) as caught:
        sppt([1, -2, 3], [1, 0.5], rng=rng)
    assert [fault.where for fault in caught.value.faults] == ["base[1]", "test[1]", "test"]
