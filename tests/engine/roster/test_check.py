"""What the law says, case by case."""
from datetime import date

import numpy as np
import pytest

from shouwang.engine.roster.check import check
from shouwang.engine.roster.law import Law
from shouwang.engine.roster.terms import OFF, Bar, Duty, Person

from .cases import LONG, NIGHT, need, problem

EVENING = Duty("evening", 960, 480)
DUTIES = (Duty("day", 480, 480), NIGHT, LONG, EVENING)
LETTERS = {"D": 0, "N": 1, "L": 2, "E": 3, ".": OFF}


def broken(row, law=None, person=None, **more):
    """Codes broken by one person's days, written as letters; the first is a Monday."""
    law = law or Law()
    question = problem([person or Person("p")], days=len(row), duties=DUTIES, law=law, **more)
    return sorted({one.code for one in check(question, np.array([[LETTERS[c] for c in row]]))})


@pytest.mark.parametrize(("row", "codes"), [
    ("DDDDD..DDDDD..", []),
    ("DDDDDD.DDDDD..", []),  # 8 h of overtime
    ("DDDDDDD", ["days_in_row", "rest_day"]),
    (".DDDDDDDDDDDD.", ["days_in_row"]),
    ("ND............", ["rest_between"]),  # 2 h of rest
    ("ED............", ["rest_between"]),  # 8 h
    ("LD............", []),  # 13 h
    ("NNNNN..", []),
    ("NNNNNN.", ["rest_day"]),  # the last night reaches into the day off
    ("LLLLLL.LLLLLL.LLLLLL.", ["overtime_month"]),  # each week 6 × 3 h + 8 h
])  # fmt: skip
def test_standard_hours(row, codes):
    assert broken(row) == codes


@pytest.mark.parametrize(("row", "law", "codes"), [
    ("LLLL...LLLL...", Law(overtime_month_min=24 * 60), []),
    ("LLLL...LLLL...", Law(overtime_month_min=24 * 60 - 1), ["overtime_month"]),
    ("DDDDD..", Law(week_min=39 * 60, overtime_month_min=0), ["overtime_month"]),
    ("DDDDDD.", Law(week_min=44 * 60, overtime_month_min=4 * 60), []),
    ("LLLLLL.LLL....", Law(hours="comprehensive"), ["hours_total"]),  # 99 h of 80 + 16.8
    ("LLLLL..LLL....", Law(hours="comprehensive"), []),
    ("L......", Law(hours="comprehensive", longest_min=600), ["day_length"]),
    ("L......", Law(overtime_day_min=120), ["day_length"]),
    ("DDDDD..", Law(rest_days=2), []),
    ("NNNNN..", Law(rest_days=2), ["rest_day"]),
    ("DDDDD.D", Law(rest_days=2), ["rest_day"]),
])  # fmt: skip
def test_settings(row, law, codes):
    assert broken(row, law) == codes


def test_people_without_overtime_and_days_that_are_exempt():
    nobody = Person("p", overtime=False)
    assert broken("L......", person=nobody) == ["overtime_month"]
    assert broken("L......", person=nobody, exempt=(0,)) == []
    assert broken("L......", Law(overtime_day_min=0), exempt=(0,)) == []


def test_overtime_counts_to_the_month_in_which_the_week_ends():
    """Monday 30 November 2026 … Sunday 6 December: what was worked in November does not count against it."""
    for first, codes in ((date(2026, 11, 30), []), (date(2026, 11, 23), ["overtime_month"])):
        more = {"first": first, "days": 14, "duties": DUTIES, "law": Law(), "overtime_min": np.array([2100])}
        question = problem(1, **more)
        roster = np.full((1, 14), OFF)
        roster[0, 7] = LETTERS["L"]
        if first.day == 23:
            roster = np.roll(roster, -7)
        else:
            roster = np.roll(roster, -7)
            question = problem(1, **more | {"overtime_min": np.array([0])})
        assert [one.code for one in check(question, roster)] == codes


def test_what_was_worked_before_counts_but_is_not_judged():
    known = np.array([[0] * 6])
    question = problem(1, days=9, duties=DUTIES, law=Law(), past=6, known=known)
    assert check(question, np.array([[*known[0], OFF, 0, 0]])) == []
    assert {one.code for one in check(question, np.array([[*known[0], 0, OFF, OFF]]))} == {"days_in_row", "rest_day"}


@pytest.mark.parametrize(("row", "person", "codes"), [
    ("D.DD.........", Person("p", least_row=2), []),  # a row at the edge may be short
    (".D.DD........", Person("p", least_row=2), ["few_days_in_row"]),
    (".DD.DD.......", Person("p", least_off=2), ["days_off_in_row"]),
    ("DDD..........", Person("p", most_row=2), ["days_in_row"]),
    ("DD...........", Person("p", most_min=900), ["most_hours"]),
    ("DD...........", Person("p", least_min=1000), ["least_hours"]),
    ("D.D..........", Person("p", most_each=(1, 9, 9, 9)), ["most_of_a_duty"]),
    (".....DD.....D", Person("p", most_weekends=1), ["weekends"]),
    (".....DD......", Person("p", most_weekends=1), []),
])  # fmt: skip
def test_patterns(row, person, codes):
    assert broken(row, Law(week_min=10000, rest_days=0), person) == codes


def test_needs_and_bars():
    away = np.zeros((2, 7, 4), bool)
    away[1, 3] = True
    question = problem(2, [need(3, [0, 1], 2, [0, 1])], days=7, duties=DUTIES, law=Law(), bars=(Bar("absent", away),))
    roster = np.full((2, 7), OFF)
    roster[0, 3] = 0
    one, = check(question, roster)
    assert (one.code, one.day, one.found, one.limit, one.need) == ("need", 3, 1, 2, 0)
    roster[1, 3] = 1
    one, = check(question, roster)
    assert (one.code, one.person, one.day) == ("absent", 1, 3)


@pytest.mark.parametrize(
    ("start_h", "length_h", "touches", "mostly"),
    [(23, 8, True, True), (15, 8, True, False), (7, 8, False, False), (19, 12, True, True), (18, 8, True, True),
     (17, 8, True, False), (0, 6, True, True), (5, 8, True, False), (6, 16, False, False), (2, 8, True, True)],
)  # fmt: skip
def test_nights_are_touched_or_mostly_worked(start_h, length_h, touches, mostly):
    law = Law()
    assert (law.is_night(start_h * 60, length_h * 60), law.is_mostly_night(start_h * 60, length_h * 60)) == (
        touches, mostly)  # fmt: skip
