"""A roster and what is asked of it. A roster is an array people × days: the number of the duty, or `OFF`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from shouwang.engine.roster.law import Law
from shouwang.engine.terms import BoolArray, IntArray

OFF = -1
NO_LIMIT = 10**6
DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Duty:
    """A kind of duty: when it starts (minutes after midnight, local) and how long it lasts. It may end next day."""

    name: str
    start_min: int
    length_min: int

    @property
    def end_min(self) -> int:
        """Minutes after the midnight before it; beyond 1440 it ends on the next day."""
        return self.start_min + self.length_min


@dataclass(frozen=True, slots=True)
class Person:
    """One person and the pattern their duties keep within the days that are planned; the defaults ask nothing.

    most_each: per duty how often at most (empty: as often as you like); *_min: minutes in all; *_row: duties on days
    in a row; least_off: days off in a row. A row that touches the first or last day may be shorter than the least.
    A weekend counts if Saturday or Sunday has a duty. overtime: whether they may be asked for any.
    """

    name: str
    most_each: tuple[int, ...] = ()
    least_min: int = 0
    most_min: int = NO_LIMIT
    least_row: int = 1
    most_row: int = NO_LIMIT
    least_off: int = 1
    most_weekends: int = NO_LIMIT
    overtime: bool = True


@dataclass(frozen=True, slots=True)
class Need:
    """On this day so many of `people` (their numbers) are on one of `duties`, or still on one of `earlier`, duties of
    the day before that last into the time in question.

    under: cost of each one missing, None where none may be missing; over: cost of each one more than asked for.
    name, at: what the need is for and at what time, as its owner calls it.
    """

    day: int
    duties: tuple[int, ...]
    people: tuple[int, ...]
    least: int
    under: int | None = None
    over: int = 0
    name: str = ""
    earlier: tuple[int, ...] = ()
    at: str = ""

    @property
    def cells(self) -> tuple[tuple[int, int], ...]:
        """Days and duties on which somebody counts. Nobody is on two of them, for the second would follow too soon."""
        return (*((self.day - 1, k) for k in self.earlier), *((self.day, k) for k in self.duties))

    def there(self, roster: IntArray, people: Sequence[int] | None = None) -> int:
        """How many a roster has, of all `people` or of some."""
        who = list(self.people if people is None else people)
        count = np.isin(roster[who, self.day], self.duties).sum()
        if self.earlier:
            count += np.isin(roster[who, self.day - 1], self.earlier).sum()
        return int(count)


@dataclass(frozen=True, slots=True)
class Bar:
    """Cells people × days × duties that may not be used, and the code of the rule that says so."""

    code: str
    cells: BoolArray


@dataclass(frozen=True, slots=True)
class Balance:
    """Duties that are to be shared fairly: each person's count costs weight · count².

    cells: days × duties that count (all of one day count once, as a person has one duty a day); carried: per person
    what they bring from the months before.
    """

    name: str
    cells: BoolArray
    weight: int
    carried: IntArray


@dataclass(frozen=True, slots=True)
class Problem:
    """All that a roster has to keep and what it costs.

    first: the first day; days: how many, `past` of them at the front already worked (`known`, people × past: their
    duties are fixed and count for rest, weeks and rows); clash: duty × duty, the second may not follow the first on
    the next day; cost: people × days × duties, of having the duty; constant: added to every cost; overtime_min: per
    person overtime of the first day's month before the first day; exempt: days on which overtime is not counted.
    """

    first: date
    days: int
    duties: tuple[Duty, ...]
    people: tuple[Person, ...]
    needs: tuple[Need, ...]
    clash: BoolArray
    cost: IntArray
    constant: int = 0
    bars: tuple[Bar, ...] = ()
    balance: tuple[Balance, ...] = ()
    law: Law | None = None
    past: int = 0
    known: IntArray = field(default_factory=lambda: np.zeros((0, 0), np.int64))
    overtime_min: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    exempt: tuple[int, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.people), self.days, len(self.duties)

    @property
    def allowed(self) -> BoolArray:
        """People × days × duties that no bar forbids."""
        free = np.ones(self.shape, bool)
        for bar in self.bars:
            free &= ~bar.cells
        return free

    @property
    def too_long(self) -> BoolArray:
        """Days × duties that the law does not allow because of their length."""
        found = np.zeros((self.days, len(self.duties)), bool)
        if self.law is not None:
            found[:, [duty.length_min > self.law.longest_duty_min for duty in self.duties]] = True
            found[list(self.exempt)] = False
        return found

    def date(self, day: int) -> date:
        return self.first + timedelta(days=day)

    def month(self, day: int) -> tuple[int, int]:
        """Year and month."""
        return self.date(day).year, self.date(day).month

    def weekday(self, day: int) -> int:
        """0 Monday … 6 Sunday."""
        return self.date(day).weekday()

    def weekends(self) -> list[list[int]]:
        """The days of each weekend."""
        found: dict[int, list[int]] = {}
        for day in range(self.past, self.days):
            if self.weekday(day) >= 5:
                found.setdefault((self.first.weekday() + day) // 7, []).append(day)
        return list(found.values())

    def weeks(self) -> list[list[int]]:
        """The days of each week from Monday to Sunday; the first and last may be cut short."""
        found: dict[int, list[int]] = {}
        for day in range(self.days):
            found.setdefault((self.first.weekday() + day) // 7, []).append(day)
        return list(found.values())

    def part(self, people: IntArray, roster: IntArray) -> Problem:
        """The same for some people, all others keeping `roster`: needs are lowered by what the others cover."""
        place = {int(p): i for i, p in enumerate(people)}
        needs = []
        for need in self.needs:
            inside = tuple(place[p] for p in need.people if p in place)
            if inside:
                others = [p for p in need.people if p not in place]
                covered = need.there(roster, others) if others else 0
                needs.append(replace(need, people=inside, least=need.least - covered))
        return replace(
            self, people=tuple(self.people[p] for p in people), needs=tuple(needs), cost=self.cost[people], constant=0,
            bars=tuple(Bar(bar.code, bar.cells[people]) for bar in self.bars),
            balance=tuple(replace(b, carried=b.carried[people]) for b in self.balance),
            known=self.known[people] if self.past else self.known,
            overtime_min=self.overtime_min[people] if len(self.overtime_min) else self.overtime_min,
        )  # fmt: skip


def total(problem: Problem, roster: IntArray) -> int:
    """What a roster costs, by the problem's own figures."""
    on = np.flatnonzero(roster.ravel() >= 0)
    people, days = np.divmod(on, problem.days)
    planned = days >= problem.past
    people, days = people[planned], days[planned]
    cost = problem.constant + int(problem.cost[people, days, roster[people, days]].sum())
    for need in problem.needs:
        missing = need.least - need.there(roster)
        cost += (need.under or 0) * max(0, missing) + need.over * max(0, -missing)
    for balance in problem.balance:
        count = np.zeros(len(problem.people), np.int64)
        np.add.at(count, people, balance.cells[days, roster[people, days]])
        cost += balance.weight * int(((balance.carried + count) ** 2).sum())
    return cost
