"""A position, who told it, and which of a unit's newest positions is the one to show."""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

TERMINAL, PHONE = "terminal", "phone"  # sources; "": a gateway or a replay, which counts like a phone


class Position(NamedTuple):
    """Where a unit was. `at_ms`: the device's time, ms since 1970; WGS 84; course clockwise from north. `jump`: no
    vehicle gets there in the time since its source's position before."""

    unit: str
    at_ms: int
    lon: float
    lat: float
    speed_m_s: float | None = None
    course_deg: float | None = None
    source: str = ""
    jump: bool = False

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of a centre about positions, by their names there without `position_`."""

    terminal_first: bool = True
    fresh_s: int = 30
    jump_kmh: int = 250


def believed(newest: Collection[Position], rules: Rules) -> Position:
    """Of a unit's newest positions, one of each source: those not much older than the newest compete. One that can be
    true is shown before a jump, the vehicle terminal's before a phone's if the centre wants it so, then the newest."""
    if len(newest) == 1:
        return next(iter(newest))
    fresh_ms = max(p.at_ms for p in newest) - rules.fresh_s * 1000
    return max((p for p in newest if p.at_ms >= fresh_ms),
               key=lambda p: (not p.jump, rules.terminal_first and p.source == TERMINAL, p.at_ms))
