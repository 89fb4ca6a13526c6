"""What is asked of a measure, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any

from shouwang.desk.analysis.facts import CLOCK

UNITS = ("community", "control_area")
HOURS: dict[str, tuple[int, ...]] = {"all": tuple(range(24)), **CLOCK}
LEAST_WEEKS, MOST_WEEKS = 6, 104  # fewer parts of the time take chance for an effect too often: methods/effects.md
MOST_PARTS = 26
LEVEL = 0.95


@dataclass(frozen=True)
class Question:
    """Whether calls changed in `treated` areas once a measure `began` (a local day, ISO text) beyond those in `control`
    ones, in as many `weeks` after as before. `area`: path in which all of them lie; `unit`: their kind; `near`: areas
    next door, looked at by themselves. `kinds`: kinds of calls, () for all; `hours`: a key of `HOURS`."""

    title: str
    area: str
    unit: str
    treated: tuple[str, ...]
    control: tuple[str, ...]
    near: tuple[str, ...]
    began: str
    weeks: int
    kinds: tuple[str, ...] = ()
    hours: str = "all"

    @property
    def part_weeks(self) -> int:
        """Weeks of one part of the time: the fewest that make 26 parts at most."""
        return -(-self.weeks // MOST_PARTS)

    @property
    def span(self) -> timedelta:
        """The time before, and after: whole parts, which may be a week or two less than was asked for."""
        return timedelta(7 * (self.weeks - self.weeks % self.part_weeks))


def plain(question: Question) -> dict[str, Any]:
    return asdict(question)


def question(given: Mapping[str, Any]) -> Question:
    """The question of a stored row."""
    return Question(**frozen({f.name: given[f.name] for f in fields(Question)}))


def frozen(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of JSON as a question holds them."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in given.items()}
