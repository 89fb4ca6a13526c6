"""The cover that free units give."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shouwang.desk.units.facts import units as unit_facts
from shouwang.engine.errors import NoAnswer

from .roads import counting, fleet, roads

COVER_TOLD = ("police", "fire")  # whose promise to be there in time the board watches


@dataclass(frozen=True)
class Covered:
    """Share (0 … 1) of the calls expected in this hour that a service's free units reach in time, and the mean seconds
    until one of them is there, busy ones counted in."""

    service: str
    share: float
    mean_s: float | None


def cover_now(*, areas: tuple[str, ...], now: datetime) -> tuple[list[Covered], float]:
    """The cover that each emergency service with units gives now, and the seconds allowed. Empty without streets."""
    how, units = counting(now), unit_facts(areas=areas)
    try:
        on = roads(now)
    except NoAnswer:
        return [], how.within_s
    crew = fleet(on, [u for u in units if u.free], now)
    found = []
    for service in (s for s in COVER_TOLD if any(u.service == s for u in units)):
        outlook = on.outlook(crew, service, how)
        found.append(Covered(service, outlook.share, outlook.mean_s) if outlook else Covered(service, 0.0, None))
    return found, how.within_s
