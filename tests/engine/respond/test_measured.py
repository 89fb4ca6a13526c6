"""Busy shares and stays from written down spans and calls, held to a world whose truth is known."""
import numpy as np
import pytest

from shouwang.engine.errors import BadInput
from shouwang.engine.respond.busy import PRIOR_H, WEEK_H, Spans, busy_by_hour, busy_hours
from shouwang.engine.respond.stays import LONGEST_S, PRIOR_CASES, stays_of

H = 3600.0


def spans(*rows):
    unit, start, end = zip(*rows, strict=True) if rows else ((), (), ())
    return Spans(np.array(unit, np.int64), np.array(start, float) * H, np.array(end, float) * H)


@pytest.mark.parametrize(("duty", "work", "out", "on", "busy"), [
    ([(0, 0, 3)], [(0, 1, 1.5)], [], [1, 1, 1, 0], [0, 0.5, 0, 0]),
    ([(0, 0, 2), (0, 1, 3)], [], [], [1, 1, 1, 0], [0, 0, 0, 0]),  # two of one crew are one unit
    ([], [(0, 1, 3)], [], [0, 1, 1, 0], [0, 1, 1, 0]),  # at work is on duty
    ([(0, 0, 4)], [(0, 0, 1)], [(0, 2, 4)], [1, 1, 0, 0], [1, 0, 0, 0]),  # a replay counts as neither
    ([(0, -5, 9), (1, 1, 2)], [(1, 1, 9)], [], [1, 2, 2, 2], [0, 1, 1, 1]),
])  # fmt: skip
def test_unit_hours(duty, work, out, on, busy):
    found = busy_hours(2, 4, spans(*duty), spans(*work), spans(*out))
    assert [f.tolist() for f in found] == [on, busy]


def test_bad_spans_are_refused():
    for bad in (spans((0, 2, 1)), spans((2, 0, 1))):
        with pytest.raises(BadInput):
            busy_hours(2, 4, bad, spans(), spans())


def test_the_share_of_an_hour_is_found_and_falls_back_on_all_hours_and_on_what_was_assumed():
    rng = np.random.default_rng(8)
    truth = 0.3 + 0.2 * np.sin(np.arange(WEEK_H) * 2 * np.pi / 24)
    errors = {}
    for weeks in (2, 200):
        on = np.full(weeks * WEEK_H, 10.0)
        busy = rng.binomial(40, np.tile(truth, weeks)) / 40 * on
        told = busy_by_hour(on, busy, 0.6)
        errors[weeks] = np.sqrt(((told.value - truth) ** 2).mean())
    assert errors[200] < 0.01
    assert errors[2] < 0.07
    few = busy_by_hour(np.array([PRIOR_H]), np.array([0.0]), 0.4)
    assert few.value == pytest.approx(0.2)
    assert busy_by_hour(np.zeros(5), np.zeros(5), 0.4).value == pytest.approx(0.4)


def test_stays_by_kind_and_shift():
    rng = np.random.default_rng(9)
    kind_s, shift = np.array([600.0, 1800.0, 5400.0]), np.array([1.0, 0.8, 1.3])
    kind, which = rng.integers(0, 3, 30_000), rng.integers(0, 3, 30_000)
    told = stays_of(kind_s[kind] * shift[which] * rng.lognormal(-0.125, 0.5, kind.size), kind, which, 4, 3, 1200.0)
    assert told.mean_s[:3] == pytest.approx(np.outer(kind_s, shift), rel=0.05)
    assert told.cases.sum() == 30_000
    assert told.cases[3].sum() == 0
    assert told.kind.value[3] == pytest.approx(told.kind.middle)


def test_few_cases_stay_near_what_was_assumed_and_forgotten_ones_are_cut():
    one = stays_of(np.array([9e9]), np.zeros(1, np.int64), np.zeros(1, np.int64), 1, 1, 1200.0)
    assert one.mean_s[0, 0] == pytest.approx((LONGEST_S + PRIOR_CASES * 1200) / (1 + PRIOR_CASES))
