"""Areas beside one another: funnel limits, and areas without a case."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shouwang.engine.effects.empty import empty_areas
from shouwang.engine.effects.funnel import funnel
from shouwang.engine.errors import BadInput, NoAnswer


def test_limits_are_the_laws_quantiles():
    found = funnel([10, 20, 30, 40, 50, 0], [10, 20, 30, 40, 50, 0.5])
    for row in found.details["areas"]:
        for share in ("95", "998"):
            tail = {"95": 0.025, "998": 0.001}[share]
            assert row[f"low_{share}"] == min(row["expected"], stats.poisson.ppf(tail, row["expected"]))
            assert row[f"high_{share}"] == max(row["expected"], stats.poisson.ppf(1 - tail, row["expected"]))


def test_chance_is_neither_praised_nor_punished():
    rng = np.random.default_rng(1)
    size = rng.uniform(1, 80, 126)
    stand_out = [funnel(rng.poisson(size), size).estimate for _ in range(60)]
    assert sum(stand_out) <= 30  # of 7,560 areas at most 0.2 % are expected
    # Areas that commonly differ: limits widen, and still nobody is named.
    uneven = [funnel(rng.negative_binomial(4, 4 / (4 + size)), size) for _ in range(60)]
    assert all(found.law == "negative binomial" for found in uneven) and sum(f.estimate for f in uneven) <= 60
    assert np.median([found.details["alpha"] for found in uneven]) == pytest.approx(0.25, rel=0.4)


def test_an_area_that_differs_is_named_and_does_not_excuse_itself():
    rng = np.random.default_rng(2)
    size = np.full(40, 50.0)
    counts = rng.poisson(size)
    counts[[3, 7]] = 110, 12
    found = funnel(counts, size)
    states = [row["state"] for row in found.details["areas"]]
    assert (states[3], states[7]) == ("above", "below") and found.law == "Poisson" and found.verdict == "more"
    assert set(states) <= {"below", "low", "within", "high", "above"}


def test_communities_without_a_case_are_those_of_chance():
    """89 of 126: 44 cases at random leave as many without one, so that the figure alone shows rarity, not success."""
    found = empty_areas(89, 126)
    assert found.details["cases_behind"] == pytest.approx(43.6, abs=0.05) and np.isnan(found.p)
    assert found.none == pytest.approx(88.7, abs=0.1) and (round(found.low), round(found.high)) == (85, 93)
    assert found.verdict == "untold" and found.checks[0].code == "cases_missing"
    assert empty_areas(89, 126, cases=44).verdict == "chance"
    assert empty_areas(89, 126, cases=126).verdict == "more"  # 46 by chance: cases cluster
    assert empty_areas(89, 126, cases=37).verdict == "less"  # all in different ones: more even than chance


@given(st.lists(st.floats(0.2, 5), min_size=2, max_size=4), st.integers(1, 6))
def test_empties_by_chance_are_those_of_every_way_to_fall(weights, cases):
    areas, share = len(weights), np.array(weights) / sum(weights)
    ways = np.array(list(itertools.product(range(areas), repeat=cases)))
    chance = share[ways].prod(axis=1)
    empties = areas - np.array([len(set(way)) for way in ways.tolist()])
    mean = (chance * empties).sum()
    found = empty_areas(max(0, areas - cases), areas, cases, weights)
    assert found.none == pytest.approx(mean)
    assert found.details["error_of_chance"] ** 2 == pytest.approx((chance * (empties - mean) ** 2).sum(), abs=1e-9)


def test_what_is_wrong_is_named():
    with pytest.raises(BadInput) as caught:
        funnel([1, 2, -3], [1, 0, np.nan])
    assert [fault.where for fault in caught.value.faults] == ["counts[2]", "exposure[1]", "exposure[2]"]
    with pytest.raises(BadInput):
        funnel([1, 2, 3], [1, 2])
    for counts in ([0] * 9, [5] * 4):
        with pytest.raises(NoAnswer):
            funnel(counts, [1] * len(counts))
    with pytest.raises(BadInput) as caught:
        empty_areas(9, 8, cases=-2, weights=[1, 2])
    assert [fault.where for fault in caught.value.faults] == ["empty", "cases", "weights"]
    with pytest.raises(NoAnswer):
        empty_areas(8, 8)
