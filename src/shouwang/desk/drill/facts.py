"""The replay as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shouwang.desk.workflow.settings import get as setting

from .clock import Clock
from .models import Replay

DRILL = "drill:replay"


@dataclass(frozen=True)
class Shown:
    """What screens show of the replay: its own time, in the district's zone."""

    state: str
    at: datetime
    pace: float

    @property
    def running(self) -> bool:
        return self.state == "running"


def current() -> Replay | None:
    """The replay that runs or is paused."""
    return Replay.objects.exclude(state="ended").order_by("-id").first()


def clock_of(replay: Replay) -> Clock:
    return Clock(replay.clock_at, replay.set_at, replay.pace, replay.state == "running")


def shown(now: datetime) -> Shown | None:
    replay = current()
    if replay is None:
        return None
    return Shown(replay.state, clock_of(replay).read(now).astimezone(ZoneInfo(setting("time_zone"))), replay.pace)
