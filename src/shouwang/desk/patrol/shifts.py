"""The shifts of a district: spans between the times of day at which shifts begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from shouwang.desk.workflow.settings import get_many
from shouwang.desk.workflow.zone import zone


@dataclass(frozen=True)
class Shift:
    """From `start` up to `end`, both UTC."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> float:
        return (self.end - self.start) / timedelta(hours=1)


def around(now: datetime, starts: Sequence[str], where: ZoneInfo, count: int) -> list[Shift]:
    """The shift that `now` lies in and the `count` − 1 after it. Where the clock is put forward or back, a shift is an
    hour shorter or longer."""
    clock = sorted(time.fromisoformat(s) for s in starts)
    day = now.astimezone(where).date()
    begins = sorted(
        {
            datetime.combine(day + timedelta(days=d), t, where).astimezone(UTC)
            for d in range(-1, count + 2)
            for t in clock
        }
    )
    shifts = [Shift(a, b) for a, b in pairwise(begins)]
    first = next(n for n, s in enumerate(shifts) if s.start <= now < s.end)
    return shifts[first : first + count]


def coming(now: datetime) -> list[Shift]:
    """The shift under way and the next three, as the settings of the centre say."""
    return around(now, get_many("shift_starts")["shift_starts"], zone(), 4)
