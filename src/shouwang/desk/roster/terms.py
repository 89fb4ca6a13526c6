"""What a planner asks, as plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from .models import Entry

KINDS = Entry.KINDS
MOST_DAYS = 42
YEARS = range(2000, 2200)
MOST_PEOPLE = 400
MOST_NEEDED = 500


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
class Question:
    """`gaps`: whether needs may be met in part where people are too few; if not, they are met or there is no roster."""

    area: str
    first: date
    days: int
    people: tuple[Chosen, ...]
    needs: tuple[Needed, ...]
    gaps: bool = False

    def kept(self) -> dict[str, Any]:
        return asdict(self) | {"first": self.first.isoformat()}

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Question:
        return cls(
            kept["area"], date.fromisoformat(kept["first"]), kept["days"],
            tuple(Chosen(**one) for one in kept["people"]), tuple(Needed(**one) for one in kept["needs"]),
            kept["gaps"],
        )  # fmt: skip
