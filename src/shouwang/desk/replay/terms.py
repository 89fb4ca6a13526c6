"""What a look back is made of: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

LENGTHS = (15, 30, 60)  # minutes
LEAST_UNITS = 3  # an area with fewer would show the ways of single crews


@dataclass(frozen=True)
class Viewing:
    """An hour that somebody asked to see. `id`: the event that says so, which alone opens it, for them alone."""

    id: UUID
    area: str
    start: datetime
    until: datetime


@dataclass(frozen=True)
class Past:
    """What is shown of it. Times are seconds after `start`, negative for what was true before.

    units: who they are, `steps` ([time, shown, call or None]) and `track` ([time, lon, lat]);
    calls: `steps` ([time, state]) and `levels` ([time, severity]);
    events: time, kind, text, call or None, unit or None, in order.
    """

    units: list[dict[str, Any]]
    calls: list[dict[str, Any]]
    events: list[dict[str, Any]]
