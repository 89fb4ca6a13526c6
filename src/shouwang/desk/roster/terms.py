"""What a planner asks, as plain values, and what the rules are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Entry

KINDS = Entry.KINDS
WISHES = ("wish_off", "wish_on")  # of these, what members enter for themselves
MOST_WISHES = 12  # to come, each for so many days at most
MOST_WISHED_DAYS = 14
OFF = -1  # in the rows of a roster: no shift that day
DESK = "desk"  # what members of a desk watch count for, who go out with no unit
DESK_WATCH = 2  # people at each desk around the clock (2人值班)
PAIRS = (("police", "guard"), ("police", "guard|volunteer"), ("guard", "volunteer"))
MOST_DAYS = 42
YEARS = range(2000, 2200)
MOST_PEOPLE = 400
MOST_NEEDED = 500
MOST_BETWEEN = 4
HOURS = (2, 16)  # of a duty between the shifts
DAY_H = 24
FAULTS_TOLD = 5  # of those for which a roster is not signed
RULES: Mapping[str, str | Promise] = {
    "absent": _("members are away on the days that were entered"),
    "no_nights": _("some members have no night duty"),
    "rest_between": _("hours of rest between two shifts"),
    "rest_day": _("a day of rest each week"),
    "days_in_row": _("not too many days of duty in a row"),
    "overtime_month": _("the limit of overtime a month"),
    "hours_total": _("the hours of all weeks together"),
    "pattern": _("the limits of single members"),
    "day_length": _("the longest shift of a day"),
    "need": _("members that a shift needs"),
    "turn": _("the turns are no longer as they were"),
    "twice": _("one turn a day"),
}


@dataclass(frozen=True)
class Chosen:
    """A member who is planned for, and the service they count for."""

    id: str
    service: str


@dataclass(frozen=True)
class Needed:
    """How many of a service are on in a shift (as 07:00), from Monday to Friday and at weekends."""

    service: str
    shift: str
    weekdays: int
    weekends: int


@dataclass(frozen=True)
class Together:
    """What else a shift has, whoever they count for: so many of each of `kinds` (services; "guard|volunteer": of
    either), as pairs of police and guards, so many of one `team` (its code), or so many who hold a `skill` that day."""

    shift: str
    weekdays: int
    weekends: int
    kinds: tuple[str, ...] = ()
    team: str = ""
    skill: str = ""


@dataclass(frozen=True)
class Crew:
    """A unit that the approved plan of a shift places, and how many of a service go out with it."""

    unit: str
    service: str
    shift: str
    people: int


@dataclass(frozen=True)
class ByHour:
    """How many of a service are on in each of the 24 hours of a day, whatever duties they came with."""

    service: str
    weekdays: tuple[int, ...]
    weekends: tuple[int, ...]


@dataclass(frozen=True)
class Between:
    """A duty that begins between the shifts and overlaps them, as 11:00 for 8 hours."""

    start: str
    hours: float


@dataclass(frozen=True)
class Question:
    """`gaps`: whether needs may be met in part where people are too few; if not, they are met or there is no roster.
    Each service is asked for by shift (`needs`) or by hour (`hours`). `crews`: the units of the approved plans, as the
    centre fills them in: who is on goes out with them."""

    area: str
    first: date
    days: int
    people: tuple[Chosen, ...]
    needs: tuple[Needed, ...]
    gaps: bool = False
    together: tuple[Together, ...] = ()
    hours: tuple[ByHour, ...] = ()
    between: tuple[Between, ...] = ()
    crews: tuple[Crew, ...] = ()

    def kept(self) -> dict[str, Any]:
        return asdict(self) | {"first": self.first.isoformat()}

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Question:
        return cls(
            kept["area"], date.fromisoformat(kept["first"]), kept["days"],
            tuple(Chosen(**one) for one in kept["people"]), tuple(Needed(**one) for one in kept["needs"]),
            kept["gaps"],
            tuple(Together(**{**one, "kinds": tuple(one["kinds"])}) for one in kept.get("together", ())),
            tuple(ByHour(one["service"], tuple(one["weekdays"]), tuple(one["weekends"]))
                  for one in kept.get("hours", ())),
            tuple(Between(**one) for one in kept.get("between", ())),
            tuple(Crew(**one) for one in kept.get("crews", ())),
        )  # fmt: skip
