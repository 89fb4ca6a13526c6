"""What a planner may do to a plan, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """One change to a plan. `kind`: move (unit to lon, lat), back (unit to today's place), take (unit's move, or not),
    line (a new line for the unit), take_line (the unit's line, or not)."""

    kind: str
    unit: str
    lon: float = 0.0
    lat: float = 0.0
    taken: bool = True
