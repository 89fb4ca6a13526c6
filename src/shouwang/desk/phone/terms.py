"""Words and figures of check points and notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

SEE = ("patrol.view", "team.manage")  # places seen in one's areas
KEEP = ("patrol.plan", "team.manage")  # check points in one's areas
BEAT = "dispatch.status"
NEAR_M = 150  # so near a phone stands at a check point; phones between houses are off by some tens of metres
AGAIN = timedelta(minutes=5)  # a unit that scans a mark again so soon has seen it once
LONGEST_NOTE = 500
MOST_PER_DAY = 48


@dataclass(frozen=True)
class PointGiven:
    """A check point as its keeper gives it."""

    zh: str
    en: str
    lon: float
    lat: float
    per_day: int
