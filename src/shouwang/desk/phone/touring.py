"""The tour of a unit as its phone shows it. Reads only."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shouwang.desk.patrol import facts as patrol

from .day import Day


@dataclass(frozen=True)
class Stop:
    """A place of the tour. `state`: "", arrived, left or skipped, as the crew told it. `leave_at`: when to set out for
    it by the plan."""

    number: int
    place: Mapping[str, str]
    start: datetime
    end: datetime
    leave_at: datetime
    leg_m: float
    via: Sequence[str]
    lon: float
    lat: float
    post: bool
    state: str
    at: datetime | None


@dataclass(frozen=True)
class TourView:
    tour: str
    stops: Sequence[Stop]

    @property
    def next(self) -> Stop | None:
        """The first stop that is neither left nor passed over."""
        return next((s for s in self.stops if not s.post and s.state in ("", "arrived")), None)

    @property
    def count(self) -> int:
        return sum(not s.post for s in self.stops)

    @property
    def behind(self) -> int:
        return sum(not s.post and s.state in ("left", "skipped") for s in self.stops)


def tour_of(day: Day) -> TourView | None:
    """The tour of the unit's day; None where there is none."""
    if day.plan is None or day.plan.tour is None or not day.plan.stops:
        return None
    found, starts = day.plan.tour, day.plan.starts
    told = patrol.steps_of(found.id)
    return TourView(found.id, [_stop(n, v, found.visits[n - 1] if n else v, starts, told.get(n))
                               for n, v in enumerate(found.visits)])


def _stop(number: int, visit: Mapping[str, Any], before: Mapping[str, Any], starts: datetime,
          told: tuple[str, datetime] | None) -> Stop:
    start, end, leave_at = (starts + timedelta(seconds=s) for s in (visit["from_s"], visit["to_s"], before["to_s"]))
    state, at = told or ("", None)
    return Stop(number, {"zh": visit["zh"], "en": visit["en"]}, start, end, leave_at, visit["leg_m"], visit["via"],
                visit["lon"], visit["lat"], visit["post"], state, at)
