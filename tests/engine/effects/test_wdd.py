import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.engine.effects.wdd import Counts, wdd
from shouwang.engine.errors import BadInput, NoAnswer


def area(before, after):
    return Counts(np.atleast_1d(before), np.atleast_1d(after))


def months(rng, mean, parts=12, r=None):
    """Counts of both times from one law: nothing happened."""
    draw = rng.poisson(mean, 2 * parts) if r is None else rng.negative_binomial(r, r / (r + mean), 2 * parts)
    return Counts(draw[:parts], draw[parts:])


@pytest.mark.parametrize(
    ("near", "estimate", "error"),
    [({}, -10, 8.367), ({"near_treated": area(30, 20), "near_control": area(30, 30)}, -20, 13.416)],
)
def test_the_figures_of_its_authors(near, estimate, error):
    """Wheeler & Ratcliffe 2018, C(20, 20) T(20, 10) and Cd(30, 30) Td(30, 20)."""
    found = wdd(area(20, 10), area(20, 20), **near)
    assert found.estimate == estimate and found.details["error"] == pytest.approx(error, abs=5e-4)
    assert (found.low + found.high) / 2 == pytest.approx(estimate)
    assert found.high - found.estimate == pytest.approx(1.959964 * error, abs=2e-3)
    assert found.verdict == "chance" and "No effect beyond chance" in found.sentence()
    narrower = wdd(area(20, 10), area(20, 20), **near, level=0.9)
    assert narrower.high - narrower.estimate == pytest.approx(1.644854 * error, abs=2e-3)


def test_what_moved_next_door_is_told_apart():
    found = wdd(area(100, 50), area(100, 100), near_treated=area(40, 70), near_control=area(40, 40))
    assert (found.estimate, found.details["direct"], found.details["near_by"]) == (-20, -50, 30)
    assert found.details["near_by_error"] == pytest.approx(np.sqrt(190))


counts = st.integers(0, 400)


@given(st.lists(counts, min_size=8, max_size=8), st.integers(2, 6))
def test_parts_of_a_steady_time_give_what_their_sums_give(values, parts):
    whole = [area(*values[i : i + 2]) for i in (0, 2, 4, 6)]
    if not sum(values):
        with pytest.raises(NoAnswer):
            wdd(*whole)
        return
    even = [Counts(np.full(parts, one.before[0]), np.full(parts, one.after[0])) for one in whole]
    plain, split = wdd(*whole), None
    try:
        split = wdd(*even)
    except NoAnswer:
        return  # the groups differ before: never, all parts being equal
    assert split.estimate == parts * plain.estimate
    assert split.details["error"] == pytest.approx(np.sqrt(parts) * plain.details["error"])
    # The other way round is the same with another sign.
    turned = wdd(whole[1], whole[0], whole[3], whole[2])
    assert (turned.estimate, turned.p) == (-plain.estimate, plain.p)


def test_wide_scatter_switches_the_law_and_is_told():
    rng = np.random.default_rng(4)
    found = wdd(months(rng, 100, r=20), months(rng, 100, r=20))
    assert found.law == "negative binomial" and [check.code for check in found.switched] == ["scatter_wide"]
    assert found.details["alpha"] == pytest.approx(1 / 20, rel=0.6)
    total = sum(abs(value) for value in found.details["changes"].values())
    assert found.details["error"] > 1.7 * np.sqrt(4 * 1200) and total > 0
    calm = wdd(months(rng, 100), months(rng, 100))
    assert calm.law == "Poisson" and not calm.switched and calm.details["alpha"] == 0


def test_single_counts_tell_how_much_scatter_the_result_bears():
    found = wdd(area(100, 40), area(100, 100))
    assert found.verdict == "less"
    (told,) = [check for check in found.checks if check.code == "scatter_bears"]
    assert told.held is None and told.values["index_needed"] == pytest.approx(60**2 / 340 / 1.959964**2, rel=1e-5)


def test_groups_that_moved_apart_before_are_refused_and_others_told():
    down, steady = np.array([60, 60, 20, 20]), np.array([40, 40, 40, 40])
    with pytest.raises(NoAnswer, match=r"do not fit.*p = 0\.000"):
        wdd(Counts(down, down[::-1]), Counts(steady, steady))
    codes = [check.code for check in wdd(Counts(steady, steady - 10), Counts(steady, steady)).checks]
    assert "comparable" in codes
    doubtful = wdd(Counts(np.array([52, 52, 32, 32]), steady), Counts(steady, steady))
    assert "comparable_doubtful" in [check.code for check in doubtful.checks]


def test_small_counts_and_unlike_areas_are_told():
    codes = [check.code for check in wdd(area(3, 1), area(300, 290)).checks]
    assert {"small_counts", "unlike_size"} <= set(codes)


@pytest.mark.parametrize(
    ("given_areas", "named"),
    [
        ((area([-1, 2], [1.5, 2]), area([1, 2], [1, 2])), ["treated.before[0]", "treated.after[0]"]),
        ((area([1, 2], [1]), area(1, 1)), ["parts"]),
        ((area(1, 1), area(1, 1), area(1, 1)), ["near_control"]),
        ((area([], [1]), area(1, 1)), ["treated.before", "parts"]),
    ],
)
def test_all_that_is_wrong_is_named(given_areas, named):
    with pytest.raises(BadInput) as caught:
        wdd(*given_areas)
    assert [fault.where for fault in caught.value.faults] == named
