"""Whether a roster keeps the rules, told from the rules and not from any model: duties as stretches of time.

It reads one person's duties from first to last, as somebody with a calendar would. Tests hold the models to it; swaps
and changes by hand are judged by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shouwang.engine.roster.law import Law
from shouwang.engine.roster.terms import DAY_MIN, OFF, Person, Problem
from shouwang.engine.terms import IntArray


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule that a roster breaks.

    code: the rule; person, day: their numbers, None where it is not about one; found, limit: what is and what may
    be (minutes, days or people, as the code says); need: the number of the need that is not met.
    """

    code: str
    person: int | None = None
    day: int | None = None
    found: int | None = None
    limit: int | None = None
    need: int | None = None


def check(problem: Problem, roster: IntArray) -> list[Broken]:
    """Every rule that a roster breaks on the days that are planned; what was worked before is not judged."""
    broken: list[Broken] = []
    for p in range(len(problem.people)):
        broken += check_person(problem, p, [int(k) for k in roster[p]])
    for n, need in enumerate(problem.needs):
        there = sum(1 for p in need.people if int(roster[p, need.day]) in need.duties
                    or (need.earlier and int(roster[p, need.day - 1]) in need.earlier))
        if need.under is None and there < need.least:
            broken.append(Broken("need", day=need.day, found=there, limit=need.least, need=n))
    return broken


def check_person(problem: Problem, p: int, row: list[int]) -> Iterator[Broken]:
    """The rules that one person's duties break; row: per day."""
    yield from _barred(problem, p, row)
    yield from _follow(problem, p, row)
    yield from _pattern(problem, p, problem.people[p], row[problem.past:])
    if problem.law is not None:
        yield from _law(problem, problem.law, p, problem.people[p], row)


def _barred(problem: Problem, p: int, row: list[int]) -> Iterator[Broken]:
    for day in range(problem.past, problem.days):
        for bar in problem.bars:
            if row[day] != OFF and bar.cells[p, day, row[day]]:
                yield Broken(bar.code, p, day)


def _follow(problem: Problem, p: int, row: list[int]) -> Iterator[Broken]:
    law = problem.law
    for day in range(max(1, problem.past), problem.days):
        before, after = row[day - 1], row[day]
        if OFF in (before, after):
            continue
        if law is None:
            if problem.clash[before, after]:
                yield Broken("rest_between", p, day)
            continue
        rest = problem.duties[after].start_min + DAY_MIN - problem.duties[before].end_min
        if rest < law.rest_min:
            yield Broken("rest_between", p, day, rest, law.rest_min)


def _pattern(problem: Problem, p: int, person: Person, row: list[int]) -> Iterator[Broken]:
    minutes = sum(problem.duties[k].length_min for k in row if k != OFF)
    if minutes < person.least_min:
        yield Broken("least_hours", p, None, minutes, person.least_min)
    if minutes > person.most_min:
        yield Broken("most_hours", p, None, minutes, person.most_min)
    for k, most in enumerate(person.most_each):
        if row.count(k) > most:
            yield Broken("most_of_a_duty", p, None, row.count(k), most)
    start = 0
    for day in range(1, len(row) + 1):
        if day < len(row) and (row[day] == OFF) == (row[start] == OFF):
            continue
        length, inside = day - start, start > 0 and day < len(row)
        if row[start] == OFF:
            if inside and length < person.least_off:
                yield Broken("days_off_in_row", p, problem.past + start, length, person.least_off)
        else:
            if length > person.most_row:
                yield Broken("days_in_row", p, problem.past + start, length, person.most_row)
            if inside and length < person.least_row:
                yield Broken("few_days_in_row", p, problem.past + start, length, person.least_row)
        start = day
    weekends = {(problem.first.toordinal() + problem.past + d - 1) // 7 for d, k in enumerate(row)
                if k != OFF and problem.weekday(problem.past + d) >= 5}
    if len(weekends) > person.most_weekends:
        yield Broken("weekends", p, None, len(weekends), person.most_weekends)


def _law(problem: Problem, law: Law, p: int, person: Person, row: list[int]) -> Iterator[Broken]:
    longest = law.day_min + law.overtime_day_min if law.hours == "standard" else law.longest_min
    run = 0
    for day in range(problem.days):
        length = problem.duties[row[day]].length_min if row[day] != OFF else 0
        if length > longest and day >= problem.past and day not in problem.exempt:
            yield Broken("day_length", p, day, length, longest)
        run = run + 1 if row[day] != OFF else 0
        if run > law.most_row and day >= problem.past:
            yield Broken("days_in_row", p, day, run, law.most_row)
    stretches = [(day * DAY_MIN + problem.duties[k].start_min, day * DAY_MIN + problem.duties[k].end_min)
                 for day, k in enumerate(row) if k != OFF]
    for week in problem.weeks():
        if len(week) < 7 or week[-1] < problem.past:
            continue
        rests = sum(1 for day in week if not any(start < (day + 1) * DAY_MIN and end > day * DAY_MIN
                                                 for start, end in stretches))
        if rests < law.rest_days:
            yield Broken("rest_day", p, week[0], rests, law.rest_days)
    if law.hours == "standard":
        yield from _overtime(problem, law, p, person, row)
        return
    days = problem.days - problem.past
    minutes = sum(problem.duties[k].length_min for k in row[problem.past:] if k != OFF)
    most = law.week_min * days // 7 + (law.overtime_month_min * days // 30 if person.overtime else 0)
    if minutes > most:
        yield Broken("hours_total", p, None, minutes, most)


def _overtime(problem: Problem, law: Law, p: int, person: Person, row: list[int]) -> Iterator[Broken]:
    months: dict[tuple[int, int], int] = {}
    last_day: dict[tuple[int, int], int] = {}
    for week in problem.weeks():
        if week[-1] < problem.past:
            continue
        normal = over = 0
        for day in week:
            if row[day] != OFF:
                length = problem.duties[row[day]].length_min
                normal += min(length, law.day_min)
                if day not in problem.exempt:
                    over += max(0, length - law.day_min)
        month = problem.month(week[-1])
        months[month] = months.get(month, 0) + over + max(0, normal - law.week_min)
        last_day[month] = week[-1]
    for month, minutes in months.items():
        known = int(problem.overtime_min[p]) if len(problem.overtime_min) and month == problem.month(0) else 0
        limit = max(0, law.overtime_month_min - known) if person.overtime else 0
        if minutes > limit:
            yield Broken("overtime_month", p, last_day[month], minutes, limit)
