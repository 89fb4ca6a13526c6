"""What a planner may do to a plan, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """One change to a plan. `kind`: move (unit to lon, lat), back (unit to today's place), take (unit's move, or not);
    of the unit's tour: take_tour (or not), draw (another one), and of its place `number`: drop, earlier, later."""

    kind: str
    unit: str
    lon: float = 0.0
    lat: float = 0.0
    taken: bool = True
    number: int = -1
