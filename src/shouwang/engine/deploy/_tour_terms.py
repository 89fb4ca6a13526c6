"""The words of tours: rules, floor, visits."""

from __future__ import annotations

from dataclasses import dataclass

from shouwang.engine.terms import FloatArray


@dataclass(frozen=True, slots=True)
class Rules:
    """dwell_s: least and most seconds at a stop; revisit_s: from leaving a stop to the next arrival there;
    detour: how many times the fastest way a way between stops may take; windows_s: (start, end) of each
    stretch of touring, between which units stand at their posts."""

    windows_s: tuple[tuple[float, float], ...]
    dwell_s: tuple[float, float] = (600.0, 960.0)
    revisit_s: float = 7200.0
    detour: float = 1.4


@dataclass(frozen=True, slots=True)
class Floor:
    """Least share of demand weight that some unit has to reach within `within_s` at every moment.

    reach_s: seconds from each post, then each stop (rows) to each place of demand; weight: per place.
    """

    reach_s: FloatArray
    weight: FloatArray
    within_s: float
    share: float


@dataclass(frozen=True, slots=True)
class Visit:
    """stop: its number, -1 for the post; from arrive_s to leave_s."""

    stop: int
    arrive_s: float
    leave_s: float
