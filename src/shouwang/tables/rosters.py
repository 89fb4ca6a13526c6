"""What a roster is asked for: a JSON file into the engine's terms. `docs/methods/roster.md` describes the fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from shouwang.engine.errors import BadInput, Fault, Faults
from shouwang.engine.roster.law import Law
from shouwang.engine.roster.swaps import keeping
from shouwang.engine.roster.terms import DAY_MIN, OFF, Balance, Bar, Duty, Need, Person, Problem
from shouwang.engine.terms import BoolArray, IntArray

_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = ("day_h", "week_h", "overtime_day_h", "overtime_month_h", "longest_h", "rest_h", "night_from_h", "night_to_h")
_FAIR = ("turns", "nights", "weekends", "holidays")
_MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class RosterFile:
    """problem, and the roster that was to be changed as little as possible (None if it is a new one)."""

    problem: Problem
    previous: IntArray | None


def read_roster(path: Path | str) -> RosterFile:
    """Read a roster's question. Raises `BadInput` with every fault: field, value, remedy."""
    path = Path(path)
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput([Fault(str(path), "the file is not readable JSON", str(error), "Check the file.")]) from error
    if not isinstance(given, dict):
        raise BadInput([Fault(str(path), "the file has to hold one object", type(given).__name__, "Write {…}.")])
    return roster_of(path.name, given)


def roster_of(name: str, given: dict[str, Any]) -> RosterFile:
    """The same from what such a file holds; `name`: what faults call it."""
    return _Reader(name, given).read()


class _Reader:
    """One file; faults are gathered and raised together after each stage that later ones need."""

    def __init__(self, name: str, given: dict[str, Any]) -> None:
        self.name, self.given, self.faults = name, given, Faults(keep=200)

    def read(self) -> RosterFile:
        self._known(self.given, "", "first days law duties people needs pairs holidays exempt fair before previous "
                                    "keep")
        first = self._date(self.given.get("first"), "first")
        days = self._number(self.given.get("days"), "days", 1, _MOST_DAYS)
        self.law = self._law()
        self.duties = self._duties()
        people = self._list("people")
        self.place = self._unique(people, "people")
        self.faults.raise_if_any()
        before = self._list("before")
        starts = [self._date(row.get("day"), f"before[{i}].day") for i, row in enumerate(before)]
        self.faults.raise_if_any()
        self.past = max([(first - start).days for start in starts if start < first], default=0)
        if self.past > 31:
            self.faults.add(f"{self.name}: before", "days before the first are needed for a month at most", self.past,
                            "Leave older ones out.")
        self.first, self.days, self.people = first - timedelta(days=self.past), days + self.past, people
        self.faults.raise_if_any()
        problem = self._problem(self._rows(before, "before"))
        self.faults.raise_if_any()
        previous = self._rows(self._list("previous"), "previous") if "previous" in self.given else None
        self.faults.raise_if_any()
        if previous is not None:
            problem = keeping(problem, previous, self._number(self.given.get("keep", 10), "keep", 0, 10**6))
            self.faults.raise_if_any()
        return RosterFile(problem, previous)

    def _problem(self, known: IntArray) -> Problem:
        holidays, exempt = (self._days_of(self.given.get(field, []), field) for field in ("holidays", "exempt"))
        shape = (len(self.people), self.days, len(self.duties))
        night = np.array([self.law.is_night(duty.start_min, duty.length_min) for duty in self.duties])
        skill, absent, no_nights = (np.zeros(shape, bool) for _ in range(3))
        cost = np.zeros(shape, np.int64)
        self.holds = [self._skills(one.get("skills", []), f"people[{p}].skills") for p, one in enumerate(self.people)]
        wanted, people = 0, []
        for p, one in enumerate(self.people):
            at = f"people[{p}]"
            self._known(one, at, "id kind team skills off nights overtime overtime_h wishes carried most_weekends "
                                 "least_h most_h")
            for k, asked in enumerate(self.asks):
                skill[p, min((self.holds[p].get(s, 0) for s in asked), default=self.days):, k] = True
            absent[p, self._days_of(one.get("off", []), f"{at}.off")] = True
            if not one.get("nights", True):
                no_nights[p, :, night] = True
            wanted += self._wishes(cost[p], one.get("wishes", []), at)
            people.append(Person(
                str(one["id"]), overtime=bool(one.get("overtime", True)),
                most_weekends=self._number(one.get("most_weekends", 10**6), f"{at}.most_weekends", 0, 10**6),
                least_min=self._minutes(one.get("least_h", 0), f"{at}.least_h"),
                most_min=self._minutes(one.get("most_h", 10**4), f"{at}.most_h"),
            ))  # fmt: skip
        clash = np.array([[b.start_min + DAY_MIN - a.end_min < self.law.rest_min for b in self.duties]
                          for a in self.duties])
        bars = (Bar("skill", skill), Bar("absent", absent), Bar("no_nights", no_nights))
        overtime = [self._minutes(one.get("overtime_h", 0), f"people[{p}].overtime_h")
                    for p, one in enumerate(self.people)]
        made = Problem(
            self.first, self.days, self.duties, tuple(people), (), clash, cost, wanted, bars,
            self._balances(holidays), self.law, self.past, known[:, : self.past], np.array(overtime, np.int64),
            tuple(exempt),
        )  # fmt: skip
        needs = tuple(self._needs(made, holidays))
        return Problem(**{field: getattr(made, field) for field in made.__slots__} | {"needs": needs})

    def _law(self) -> Law:
        given = self.given.get("law", {})
        self._known(given, "law", " ".join((*_HOURS, "hours", "rest_days", "most_row")))
        values: dict[str, Any] = {f"{field[:-2]}_min": self._minutes(given[field], f"law.{field}")
                                  for field in _HOURS if field in given}
        for field, most in (("rest_days", 7), ("most_row", 400)):
            if field in given:
                values[field] = self._number(given[field], f"law.{field}", 0, most)
        if given.get("hours", "standard") not in ("standard", "comprehensive"):
            self._fault("law.hours", "hours are counted in one of two ways", given["hours"],
                        "Write standard or comprehensive.")
        elif "hours" in given:
            values["hours"] = given["hours"]
        return Law(**values)

    def _duties(self) -> tuple[Duty, ...]:
        rows = self._list("duties")
        self.duty = self._unique(rows, "duties")
        self.asks = [set(self._texts(row.get("skills", []), f"duties[{k}].skills")) for k, row in enumerate(rows)]
        made = []
        for k, row in enumerate(rows):
            self._known(row, f"duties[{k}]", "id start hours skills")
            length = self._minutes(row.get("hours"), f"duties[{k}].hours")
            start = self._clock(row.get("start"), f"duties[{k}].start")
            if not 0 < length <= 960:
                self._fault(f"duties[{k}].hours", "a duty lasts more than 0 and up to 16 hours", row.get("hours"),
                            "Cut it into several.")
            made.append(Duty(str(row.get("id")), start, length))
        if made and max(d.end_min for d in made) + self.law.rest_min > 2 * DAY_MIN + min(d.start_min for d in made):
            self._fault("duties", "a duty and the rest after it reach beyond the next day", None,
                        "Shorten the longest, or law.rest_h.")
        return tuple(made)

    def _wishes(self, cost: IntArray, given: Any, at: str) -> int:
        """Add a person's wishes to their costs; returns what is constant about them."""
        constant = 0
        for i, wish in enumerate(given):
            where = f"{at}.wishes[{i}]"
            self._known(wish, where, "day duty want weight")
            days = self._days_of([wish.get("day")], where)
            weight = self._number(wish.get("weight", 1), f"{where}.weight", 0, 10**6)
            every = "|".join(self.duty)
            chosen = list(self._duty_numbers(wish.get("duty") or every, where))
            for day in days:
                sign = -1 if wish.get("want", False) else 1
                cost[day, chosen] += sign * weight
                constant += weight if sign < 0 else 0
        return constant

    def _needs(self, problem: Problem, holidays: list[int]) -> Iterable[Need]:
        """Needs by duty, and pairs: of each kind of a pair so many."""
        rows: list[tuple[str, Any, list[Any]]] = []
        by_hour: dict[tuple[Any, ...], Need] = {}
        for i, row in enumerate(self._list("needs")):
            if "from" in row or "until" in row:
                self._by_hour(problem, row, f"needs[{i}]", holidays, by_hour)
            else:
                rows.append((f"needs[{i}]", row, [row.get("of", {})]))
        yield from by_hour.values()
        for i, row in enumerate(self._list("pairs")):
            rows.append((f"pairs[{i}]", row, [{"kind": kind} for kind in row.get("kinds", [])]))
        for at, row, groups in rows:
            self._known(row, at, "duty days count of kinds under over name")
            duties = self._duty_numbers(row.get("duty"), at)
            count, under, over = self._counts(row, at)
            for day in self._need_days(row.get("days", "all"), at, holidays):
                if problem.too_long[day, list(duties)].any():
                    self._fault(f"{at}.duty", "the duty is longer than the law allows on this day",
                                f"{row['duty']}, {problem.date(day)}", "Shorten it, or set law.hours or exempt.")
                    break
                for group in groups:
                    name = str(row.get("name", row["duty"]))
                    yield Need(day, duties, self._group(group, at, day), count, under, over, name)

    def _counts(self, row: Mapping[str, Any], at: str) -> tuple[int, int | None, int]:
        return (
            self._number(row.get("count"), f"{at}.count", 0, 10**4),
            None if row.get("under") is None else self._number(row["under"], f"{at}.under", 0, 10**6),
            self._number(row.get("over", 0), f"{at}.over", 0, 10**6),
        )

    def _by_hour(self, problem: Problem, row: dict[str, Any], at: str, holidays: list[int],
                 made: dict[tuple[Any, ...], Need]) -> None:  # fmt: skip
        """A need from a time of the day until another, cut where duties begin and end; each piece is covered by the
        duties that last through it. A piece belongs to the day on which the last of them begins, and to the roster
        that holds this day: the early hours after a roster's last day to it, those of its first day to the one before.
        Of pieces that the same duties cover the one that asks for most is kept."""
        self._known(row, at, "from until days count of under over name")
        count, under, over = self._counts(row, at)
        start, end = self._clock(row.get("from"), f"{at}.from"), self._clock(row.get("until"), f"{at}.until")
        stretches = [(start, end)] if start < end else [(start, DAY_MIN), (0, end)]
        cuts = {edge % DAY_MIN for duty in self.duties for edge in (duty.start_min, duty.end_min)} | {start, end}
        edges = sorted(cuts | {0, DAY_MIN})
        pieces = [(a, b) for a, b in pairwise(edges) if any(x <= a and b <= y for x, y in stretches)]
        days, barred = self._need_days(row.get("days", "all"), at, holidays, after=1), problem.too_long
        for a, b in pieces:
            for day in days:
                own, earlier = (self._lasting(barred, day - back, a + back * DAY_MIN, b + back * DAY_MIN)
                                for back in (0, 1))
                if not own and not earlier:
                    self._fault(at, "no duty lasts through this time", _hours(a, b),
                                "Add a duty, or change the hours.")
                    return
                on = day if own else day - 1
                if not self.past <= on < self.days:
                    continue
                if not own:
                    own, earlier = earlier, ()
                people = self._group(row.get("of", {}), at, on)
                key = (str(row.get("name", "")), on, own, earlier, people, under, over)
                known = made.get(key)
                if known is None or known.least < count:
                    made[key] = Need(on, own, people, count, under, over, key[0], earlier if on else (), _hours(a, b))
                elif known.least == count:
                    made[key] = replace(known, at=_joined(known.at, _hours(a, b)))

    def _lasting(self, barred: BoolArray, day: int, start: int, end: int) -> tuple[int, ...]:
        """The duties of a day that last from one minute after its midnight to another, without the barred ones."""
        known = 0 <= day < self.days
        return tuple(k for k, duty in enumerate(self.duties)
                     if duty.start_min <= start and duty.end_min >= end and not (known and barred[day, k]))

    def _skills(self, given: Any, at: str) -> dict[str, int]:
        """Each skill with the first day on which it is no longer held; one held until a day is written SKILL/LAST."""
        held = {}
        for text in self._texts(given, at):
            skill, _sep, last = text.partition("/")
            held[skill] = (self._date(last, at) - self.first).days + 1 if last else self.days
        return {skill: max(0, min(end, self.days)) for skill, end in held.items()}

    def _group(self, of: Mapping[str, Any], at: str, day: int) -> tuple[int, ...]:
        """People of a kind (or one of several: "guard|volunteer"), a team, or with a skill that is held on the day."""
        self._known(of, f"{at}.of", "kind team skill")
        kinds = set(str(of["kind"]).split("|")) if "kind" in of else None
        return tuple(
            p for p, one in enumerate(self.people)
            if (kinds is None or one.get("kind") in kinds) and ("team" not in of or one.get("team") == of["team"])
            and ("skill" not in of or day < self.holds[p].get(of["skill"], 0))
        )  # fmt: skip

    def _need_days(self, given: Any, at: str, holidays: list[int], after: int = 0) -> list[int]:
        """after: so many days beyond the last, too."""
        planned = range(self.past, self.days + after)
        if isinstance(given, list):
            dates = [one for one in given if one not in _DAY_NAMES]
            named = {_DAY_NAMES.index(one) for one in given if one in _DAY_NAMES}
            return sorted({d for d in planned if self._weekday(d) in named} | set(self._days_of(dates, f"{at}.days")))
        words = {
            "all": list(planned), "holidays": holidays,
            "weekdays": [d for d in planned if self._weekday(d) < 5],
            "weekends": [d for d in planned if self._weekday(d) >= 5],
        }  # fmt: skip
        if given not in words:
            self._fault(f"{at}.days", "these are no days", given,
                        "Write all, weekdays, weekends, holidays, or a list of dates and names of days.")
            return []
        return words[given]

    def _balances(self, holidays: list[int]) -> tuple[Balance, ...]:
        given = self.given.get("fair", {"nights": 1, "weekends": 1, "holidays": 1})
        self._known(given, "fair", " ".join(_FAIR))
        cells = {name: np.zeros((self.days, len(self.duties)), bool) for name in _FAIR}
        cells["turns"][:] = True
        cells["nights"][:, [self.law.is_mostly_night(d.start_min, d.length_min) for d in self.duties]] = True
        cells["weekends"][[d for d in range(self.days) if self._weekday(d) >= 5]] = True
        cells["holidays"][holidays] = True
        made = []
        for name in _FAIR:
            weight = self._number(given.get(name, 0), f"fair.{name}", 0, 10**4)
            if weight and cells[name][self.past:].any():
                carried = [self._number(one.get("carried", {}).get(name, 0), f"people[{p}].carried.{name}", 0, 10**4)
                           for p, one in enumerate(self.people)]
                made.append(Balance(name, cells[name], weight, np.array(carried, np.int64)))
        return tuple(made)

    def _rows(self, given: list[Any], field: str) -> IntArray:
        roster = np.full((len(self.people), self.days), OFF)
        for i, row in enumerate(given):
            at = f"{field}[{i}]"
            self._known(row, at, "person day duty")
            person = self.place.get(str(row.get("person")))
            if person is None:
                self._fault(f"{at}.person", "nobody has this id", row.get("person"), "Give an id of people.")
                continue
            for day in self._days_of([row.get("day")], f"{at}.day", planned=field == "previous"):
                for duty in self._duty_numbers(row.get("duty"), at)[:1]:
                    roster[person, day] = duty
        return roster

    def _fault(self, field: str, what: str, value: object, remedy: str) -> None:
        self.faults.add(f"{self.name}: {field}", what, value, remedy)

    def _known(self, given: Any, at: str, fields: str) -> None:
        if not isinstance(given, dict):
            self._fault(at, "this has to be an object", given, "Write {…}.")
            self.faults.raise_if_any()
        for field in given:
            if field not in fields.split():
                self._fault(f"{at}.{field}".strip("."), "there is no such field", None, f"Known are: {fields}.")

    def _list(self, field: str) -> list[Any]:
        given = self.given.get(field, [])
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            self._fault(field, "this has to be a list of objects", None, "Write [{…}, …].")
            return []
        return given

    def _unique(self, rows: list[Any], field: str) -> dict[str, int]:
        place: dict[str, int] = {}
        for i, row in enumerate(rows):
            name = str(row.get("id", ""))
            if not name or name in place:
                self._fault(f"{field}[{i}].id", "each needs an id of its own", name, "Give it one.")
            place[name] = i
        if not rows:
            self._fault(field, "there has to be one at least", 0, "Give some.")
        return place

    def _texts(self, given: Any, at: str) -> list[str]:
        if not isinstance(given, list):
            self._fault(at, "this has to be a list of words", given, "Write [\"…\"].")
            return []
        return [str(one) for one in given]

    def _date(self, given: Any, at: str) -> date:
        try:
            return date.fromisoformat(str(given))
        except ValueError:
            self._fault(at, "this is no date", given, "Write YYYY-MM-DD.")
            return date(2000, 1, 1)

    def _days_of(self, given: Any, at: str, *, planned: bool = False) -> list[int]:
        """Numbers of dates; a stretch is written FIRST/LAST. Days outside the roster are left out."""
        found: list[int] = []
        for one in given if isinstance(given, list) else [given]:
            ends = [self._date(part, at) for part in str(one).split("/")]
            start, stop = (ends[0] - self.first).days, (ends[-1] - self.first).days
            found += range(max(start, self.past if planned else 0), min(stop, self.days - 1) + 1)
        return found

    def _duty_numbers(self, given: Any, at: str) -> tuple[int, ...]:
        names = str(given).split("|")
        for name in names:
            if name not in self.duty:
                self._fault(f"{at}.duty", "there is no such duty", name, "Give an id of duties.")
        return tuple(self.duty[name] for name in names if name in self.duty)

    def _number(self, given: Any, at: str, least: int, most: int) -> int:
        if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
            self._fault(at, f"this has to be a whole number from {least} to {most}", given, "Correct it.")
            return least
        return given

    def _minutes(self, given: Any, at: str) -> int:
        if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given <= 10**4:
            self._fault(at, "this has to be a number of hours", given, "Correct it.")
            return 0
        return round(given * 60)

    def _clock(self, given: Any, at: str) -> int:
        try:
            hours, minutes = (int(part) for part in str(given).split(":"))
        except ValueError:
            hours = minutes = -1
        if not (0 <= hours < 24 and 0 <= minutes < 60):
            self._fault(at, "this is no time of day", given, "Write HH:MM.")
            return 0
        return hours * 60 + minutes

    def _weekday(self, day: int) -> int:
        return (self.first + timedelta(days=day)).weekday()


def _hours(start: int, end: int) -> str:
    return "—".join(f"{minute // 60 % 24:02}:{minute % 60:02}" for minute in (start, end))


def _joined(one: str, two: str) -> str:
    """Two stretches as one, where one follows the other."""
    for before, after in ((one, two), (two, one)):
        if before[-5:] == after[:5]:
            return before[:5] + after[5:]
    return one
