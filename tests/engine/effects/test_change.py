import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.effects.change import poisson, reported
from shouwang.engine.effects.wdd import Counts
from shouwang.engine.errors import BadInput, NoAnswer


def area(before, after):
    return Counts(np.atleast_1d(before), np.atleast_1d(after))


@pytest.mark.parametrize(("before", "after", "p"), [(20, 10, 0.0688), (6, 2, 0.1749)])
def test_p_is_the_e_tests(before, after, p):
    found = poisson(area(before, after))
    assert found.p == pytest.approx(p, abs=5e-5) and found.estimate == after / before
    assert found.low < found.estimate < found.high


def test_the_interval_is_wilsons():
    """9 of 27 cases after: Wilson's interval of 1/3 at n = 27 is (.1860, .5217), of odds (.2285, 1.0909)."""
    found = poisson(area(18, 9))
    z, n, share = 1.959964, 27, 1 / 3
    middle, half = (share + z**2 / 2 / n), z * np.sqrt(share * (1 - share) / n + z**2 / 4 / n**2)
    low, high = ((middle + sign * half) / (1 + z**2 / n) for sign in (-1, 1))
    assert (found.low, found.high) == pytest.approx((low / (1 - low), high / (1 - high)), rel=1e-5)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.2, 5))
def test_interval_p_and_exposure_hang_together(before, after, exposure):
    if not before + after:
        return
    found = poisson(area(before, after), exposure, exposure)
    assert found.low <= found.estimate <= found.high and 0 <= found.p <= 1
    if found.p < 0.02:
        assert not found.low <= 1 <= found.high
    if found.p > 0.12:
        assert found.low <= 1 <= found.high
    more = poisson(area(before, after), exposure, 2 * exposure)
    assert more.estimate == pytest.approx(found.estimate / 2)


def test_from_none_to_some_is_no_percentage():
    found = poisson(area(0, 9))
    assert found.estimate == np.inf and found.low > 1 and "no percentage" in found.sentence()


def test_wide_scatter_switches_to_the_negative_binomial_law():
    before, after = np.array([5, 30, 8, 41, 3, 33]), np.array([20, 2, 28, 1, 17, 4])
    found = poisson(Counts(before, after))
    assert found.law == "negative binomial" and found.p > 0.05
    assert poisson(area(before.sum(), after.sum())).p < 0.01  # the plain law would have called it an effect
    with pytest.raises(NoAnswer, match="scatter"):
        poisson(Counts(before, np.zeros(6)))


def test_a_published_percentage_is_judged_by_the_smallest_counts_behind_it():
    """The example report: night cases -35.6 %, street robbery -32.46 %, neither with its counts."""
    night, robbery = reported(-35.6), reported(-32.46, decimals=2)
    assert (night.details["least_before"], night.details["least_after"]) == (45, 29)
    assert round((29 / 45 - 1) * 100, 1) == -35.6
    assert (robbery.details["least_before"], robbery.details["least_after"]) == (114, 77)
    assert round((77 / 114 - 1) * 100, 2) == -32.46
    for counts in range(1, 114):
        assert round((round(counts * 0.6754) / counts - 1) * 100, 2) != -32.46
    assert night.verdict == "chance" and robbery.verdict == "less"
    assert 45 < night.details["told_apart_from"] <= 55 < robbery.details["told_apart_from"] < 70
    assert {check.code for check in night.checks} >= {"counts_missing", "no_comparison", "scatter_untested"}


@pytest.mark.parametrize("change", [-35.6, -25.0, 40.0, -100.0])
def test_from_the_number_told_on_the_change_is_told_from_chance(change):
    number = reported(change).details["told_apart_from"]
    told, fewer = (poisson(area(n, round(n * (1 + change / 100)))).p for n in (number, number - 1))
    assert told <= 0.05 < fewer


def test_what_is_wrong_is_named():
    with pytest.raises(NoAnswer):
        poisson(area(0, 0))
    with pytest.raises(NoAnswer):
        reported(-0.001, decimals=3)
    with pytest.raises(BadInput) as caught:
        poisson(area(-1, 2), 0.0, np.inf, level=2)
    assert [fault.where for fault in caught.value.faults] == [
        "level", "before[0]", "exposure_before", "exposure_after",
    ]  # fmt: skip
    with pytest.raises(BadInput):
        reported(-130, decimals=9)
