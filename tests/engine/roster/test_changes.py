"""Swaps, open duties, illness; and why there is no roster."""
from dataclasses import replace

import numpy as np
import pytest

from shouwang.engine.roster.check import check
from shouwang.engine.roster.conflict import conflict
from shouwang.engine.roster.law import Law
from shouwang.engine.roster.solve import solve
from shouwang.engine.roster.swaps import exchanges, keeping, repaired, swap, takers
from shouwang.engine.roster.terms import OFF, Balance, Bar, Person
from shouwang.engine.solve.stop import NoStop, TimeLimit

from .cases import DAY, NIGHT, need, problem


def week(count, asked, **more):
    """A week in which `asked` people are on day duty and one of all is on at night."""
    needs = [need(d, [0], asked, range(count)) for d in range(7)] + [need(d, [1], 1, range(count)) for d in range(7)]
    return problem(count, needs, days=7, law=Law(), **more)


def test_a_swap_tells_what_it_would_break_and_nothing_that_was_broken_before():
    question = problem(3, days=7, law=Law())
    roster = np.array([[0, 0, 0, 0, 0, OFF, OFF], [1, 1, OFF, OFF, OFF, OFF, OFF], [1, 0, OFF, OFF, OFF, OFF, OFF]])
    assert [one.code for one in check(question, roster)] == ["rest_between"]  # of the third, from the start
    bad = swap(question, roster, (0, 1), (1, 1))
    assert [(one.code, one.person, one.day) for one in bad.broken] == [("rest_between", 0, 2), ("rest_between", 1, 1)]
    good = swap(question, roster, (0, 4), (1, 4))
    assert good.legal
    assert good.roster[:2, 4].tolist() == [OFF, 0]
    both = swap(question, roster, (0, 0), (1, 4))
    assert both.roster[:2].tolist() == [[1, 0, 0, 0, OFF, OFF, OFF], [0, 1, OFF, OFF, 0, OFF, OFF]]
    assert [(one.code, one.person) for one in both.broken] == [("rest_between", 0)]


def test_an_open_duty_names_who_may_take_it_fairest_first():
    nights = np.zeros((7, 2), bool)
    nights[:, 1] = True
    question = problem(3, days=7, law=Law(), balance=(Balance("nights", nights, 1, np.array([5, 0, 1])),))
    roster = np.full((3, 7), OFF)
    roster[1, 3] = 0  # off on the second day, on the day before: free, but the day after is too close
    found = takers(question, roster, 2, 1)
    assert [(p, one.legal, one.cost) for p, one in found] == [(2, True, 3), (0, True, 11), (1, False, 1)]
    assert [one.code for one in found[-1][1].broken] == ["rest_between"]


def test_an_exchange_keeps_every_rule_and_a_gap_goes_to_who_bears_least():
    days = np.zeros((7, 2), bool)
    days[:, 0] = True
    question = problem(3, [need(2, [0], 1, range(3))], days=7, law=Law(),
                       balance=(Balance("days", days, 1, np.zeros(3, int)),))  # fmt: skip
    roster = np.full((3, 7), OFF)
    roster[0, 0], roster[1, 1], roster[2, 4] = 0, 1, 0
    assert exchanges(question, roster, 0, 0, [0, 1, 2]) == [(1, 1), (2, 4)]
    roster[0, 2] = 0  # rest before it would be too short after the other's night
    assert exchanges(question, roster, 0, 0, [1]) == []
    roster[0, 2], roster[2, 4] = OFF, OFF
    after = repaired(question, roster)
    assert check(question, after) == []
    assert np.argwhere(after != roster).tolist() == [[2, 2]]


def test_when_somebody_falls_ill_little_changes():
    question = week(6, 2)
    first = solve(question, TimeLimit(300), workers=1).roster
    ill = int(first[:, 3].argmax())
    found = solve(keeping(question, first, 10, absent={ill: range(2, 7)}), TimeLimit(300), workers=1)
    assert found.status == "optimal"
    assert (found.roster[ill, 2:] == OFF).all()
    assert check(question, found.roster) == []
    others = np.arange(6) != ill
    changed = int((found.roster != first)[others].sum()) + int((found.roster != first)[ill, :2].sum())
    assert found.certificate.objective == 10 * changed
    assert changed <= 2 * int((first[ill, 2:] != OFF).sum())


def barred(code, count, days, cells):
    away = np.zeros((count, days, 2), bool)
    for index in cells:
        away[index] = True
    return Bar(code, away)


@pytest.mark.parametrize(("question", "rules", "lifted"), [
    (problem(2, [need(3, [0], 3, [0, 1])], days=7, law=Law()), [("need", 0)], []),
    (problem(2, [need(3, [0], 2, [0, 1])], days=7, law=Law(), bars=(barred("absent", 2, 7, [(1, 3)]),)),
     [("need", 0), ("absent", None)], ["absent"]),
    (problem(1, [need(0, [1], 1, [0]), need(1, [0], 1, [0])], days=7, law=Law()),
     [("need", 0), ("need", 1), ("rest_between", None)], ["rest_between"]),
    (problem(1, [need(d, [0], 1, [0]) for d in range(6)], days=7, law=Law(overtime_month_min=0)),
     [*(("need", d) for d in range(6)), ("overtime_month", None)], ["overtime_month"]),
    (problem([Person("p", most_weekends=0)], [need(5, [0], 1, [0]), need(1, [0], 1, [0])], days=7, law=Law()),
     [("need", 0), ("pattern", None)], ["pattern"]),
    (problem(1, [need(1, [1], 1, [0])], days=7, law=Law(), bars=(barred("no_nights", 1, 7, [(0, slice(None), 1)]),)),
     [("need", 0), ("no_nights", None)], ["no_nights"]),
], ids=["too-few", "absent", "rest", "overtime", "pattern", "no-nights"])  # fmt: skip
def test_a_conflict_names_rules_of_which_none_can_be_left_out(question, rules, lifted):
    assert solve(question, TimeLimit(300), workers=1).status == "impossible"
    found = conflict(question, NoStop(), workers=1)
    assert [(rule.code, rule.need) for rule in found.rules] == rules
    assert found.minimal
    assert [one.rule for one in found.remedies if one.code == "without"] == lifted
    missing, = (one for one in found.remedies if one.code == "missing")
    fewer = list(question.needs)
    for number, short in missing.needs:
        fewer[number] = replace(fewer[number], least=fewer[number].least - short)
    assert solve(replace(question, needs=tuple(fewer)), TimeLimit(300), workers=1).roster is not None


def test_no_conflict_where_there_is_a_roster():
    assert conflict(week(6, 2), NoStop(), workers=1) is None


def test_duties_are_shared_over_months():
    """Whoever had nights before has none now, as long as others can take them."""
    nights = np.zeros((7, 2), bool)
    nights[:, 1] = True
    question = problem(4, [need(d, [1], 1, range(4)) for d in range(0, 6, 2)], days=7, duties=(DAY, NIGHT), law=Law(),
                       balance=(Balance("nights", nights, 1, np.array([3, 0, 0, 0])),))
    found = solve(question, TimeLimit(300), workers=1)
    assert (found.roster == 1).sum(axis=1).tolist() == [0, 1, 1, 1]
    assert found.status == "optimal"


def test_better_rosters_are_told_as_they_come_and_a_stop_ends_it():
    told = []

    class AfterTwo:
        def __call__(self):
            return len(told) >= 2

        def remaining_s(self):
            return 60.0

    nights = np.zeros((28, 2), bool)
    nights[:, 1] = True
    needs = [need(d, [k], 2, range(12)) for d in range(28) for k in range(2)]
    cost = np.random.default_rng(0).integers(0, 5, (12, 28, 2))
    question = problem(12, needs, days=28, law=Law(), cost=cost,
                       balance=(Balance("nights", nights, 1, np.zeros(12, np.int64)),))
    found = solve(question, AfterTwo(), on_better=lambda roster, proof: told.append((roster, proof)))
    costs = [proof.objective for _, proof in told]
    assert costs == sorted(set(costs), reverse=True)
    assert all(check(question, roster) == [] and proof.bound <= proof.objective for roster, proof in told)
    assert (found.status, found.certificate.objective) == ("feasible", costs[-1])
