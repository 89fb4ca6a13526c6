import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

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
    counts = np.array([50, 30, 20, 0, 0])
    found = sppt(counts, counts, rng=np.random.default_rng(1))
    assert found.estimate == found.details["s"] == found.details["generalised"] == 1.0
    assert found.details["areas_used"] == 3 and "empty_areas" in [check.code for check in found.switched]
    half = sppt(np.array([50, 50, 0, 0]), np.array([100, 0, 0, 0]), rng=np.random.default_rng(1))
    assert (half.details["s"], half.estimate) == (0.5, 0.0)


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
    assert (discovered(np.array(p), rate) == (stats.false_discovery_control(p) <= rate * (1 + 1e-12))).all()


def test_what_is_wrong_is_named():
    rng = np.random.default_rng(1)
    with pytest.raises(NoAnswer):
        sppt([0, 0], [1, 2], rng=rng)
    with pytest.raises(BadInput) as caught:
        sppt([1, -2, 3], [1, 0.5], rng=rng)
    assert [fault.where for fault in caught.value.faults] == ["base[1]", "test[1]", "test"]
