"""Small questions to rosters, drawn or made by hand."""
from datetime import date

import numpy as np
from hypothesis import strategies as st

from shouwang.engine.roster.law import Law
from shouwang.engine.roster.terms import DAY_MIN, Balance, Bar, Duty, Need, Person, Problem

DAY, LATE, NIGHT, LONG = Duty("day", 480, 480), Duty("late", 960, 480), Duty("night", 1320, 480), Duty("long", 480, 660)


def problem(
    people, needs=(), *, days=14, duties=(DAY, NIGHT), law=None, first=date(2026, 11, 2), clash=None, cost=None, **more
):  # fmt: skip
    """People: a number, or Persons. 2 November 2026 is a Monday."""
    if isinstance(people, int):
        people = tuple(Person(f"p{i}") for i in range(people))
    if clash is None:
        rest = law.rest_min if law else 0
        clash = np.array([[b.start_min + DAY_MIN - a.end_min < rest for b in duties] for a in duties])
    if cost is None:
        cost = np.zeros((len(people), days, len(duties)), np.int64)
    return Problem(first, days, duties, tuple(people), tuple(needs), clash, cost, law=law, **more)


def need(day, duties, count, people, under=None, over=0, earlier=()):
    return Need(day, tuple(duties), tuple(people), count, under, over, earlier=tuple(earlier))


@st.composite
def laws(draw):
    return Law(
        hours=draw(st.sampled_from(["standard", "comprehensive"])), week_min=draw(st.sampled_from([1440, 2400, 2640])),
        overtime_month_min=draw(st.sampled_from([0, 480, 2160])), rest_days=draw(st.integers(0, 2)),
        rest_min=draw(st.sampled_from([0, 480, 660, 960])), most_row=draw(st.integers(2, 6)),
    )  # fmt: skip


@st.composite
def law_questions(draw):
    """A few people under some law: a past, absences, some without overtime, soft needs of which some count those still
    on from the day before, something to share."""
    days, past = draw(st.integers(8, 16)), draw(st.integers(0, 3))
    count = draw(st.integers(1, 3))
    duties = (DAY, Duty("night", 1320, 660), LONG)  # the night lasts into the hours of the other two
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    people = tuple(Person(f"p{i}", overtime=bool(rng.random() < 0.7)) for i in range(count))
    asked = [(d, k) for d in range(past, days) for k in range(3) if rng.random() < 0.8]
    needs = [need(d, [k], int(rng.integers(0, count + 1)), range(count), int(rng.integers(1, 9)),
                  int(rng.integers(0, 3)), [1] if d and k != 1 and rng.random() < 0.5 else [])
             for d, k in asked]
    nights = np.zeros((days, 3), bool)
    nights[:, 1] = True
    known = rng.integers(-1, 3, (count, past))
    away = np.zeros((count, days, 3), bool)
    away[rng.random((count, days)) < 0.1] = True
    return problem(
        people, needs, days=days, duties=duties, law=draw(laws()), first=date(2026, 11, 2 + draw(st.integers(0, 6))),
        cost=rng.integers(-3, 4, (count, days, 3)), bars=(Bar("absent", away),), past=past, known=known,
        balance=(Balance("nights", nights, int(rng.integers(1, 4)), rng.integers(0, 4, count)),),
        overtime_min=rng.integers(0, 600, count), exempt=tuple(int(d) for d in rng.integers(0, days, 1)),
    )  # fmt: skip


@st.composite
def pattern_questions(draw):
    """A few people with patterns like those of the published instances."""
    days, count = draw(st.integers(7, 12)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    duties = (DAY, LATE, Duty("double", 1320, 960))
    people = []
    for i in range(count):
        least = 480 * int(rng.integers(0, 3))
        people.append(Person(
            f"p{i}", tuple(int(n) for n in rng.integers(0, days, 3)), least, least + 480 * int(rng.integers(1, 7)),
            int(rng.integers(1, 3)), int(rng.integers(2, 5)), int(rng.integers(1, 3)), int(rng.integers(0, 3)),
        ))  # fmt: skip
    needs = [need(d, [k], int(rng.integers(0, count + 1)), range(count), int(rng.integers(1, 20)), 1)
             for d in range(days) for k in range(3)]
    away = np.zeros((count, days, 3), bool)
    away[rng.random((count, days)) < 0.1] = True
    return problem(
        people, needs, days=days, duties=duties, clash=rng.random((3, 3)) < 0.3,
        cost=rng.integers(-3, 4, (count, days, 3)), bars=(Bar("off", away),),
    )  # fmt: skip
