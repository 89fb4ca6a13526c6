"""What the advice is made of."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

BREAK_S = 60.0  # what calling a crew back from its break is worth, in seconds of arrival
STALE_S = 30.0  # what a position that is old, or cannot be true, is worth: the unit may be elsewhere
FIRST_S = 45.0  # what it is worth that a unit of the service itself comes, and not another with the skill
OVERTIME_S = 120.0  # what it is worth that a crew's shift does not end on this call
WORTH_SAYING_S = 1.0  # of a price


@dataclass(frozen=True)
class Candidate:
    """A free unit that can go. `eta_s`: turn-out and road; `price_s`: by how much the next call waits longer on average
    while it is away; `cover_lost`: the share of the expected calls that nobody else of its service would reach in time;
    `position_age_s` None: it stands at its post; `shift_ends`: before it would be done."""

    unit: UUID
    eta_s: float
    distance_m: float
    own: bool = True  # of the service itself; else it can give a first response
    elsewhere: bool = False  # of another control area than the call's
    on_break: bool = False
    stale: bool = False
    jump: bool = False
    position_age_s: float | None = None
    shift_ends: datetime | None = None
    price_s: float = 0.0
    cover_lost: float = 0.0
    cost_s: float = 0.0
    nearest: bool = False
    recommended: bool = False
    brings: tuple[str, ...] = ()  # skills it is chosen for, beside those of its service
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Weights:
    """What counts beside arrival: `price` per second that the next calls wait longer, all together; `elsewhere_s` for a
    unit of another area. At level 1 neither does: a life in danger is not weighed against calls that may come."""

    price: float
    elsewhere_s: float
    busy_s: float

    @classmethod
    def of(cls, chosen: Mapping[str, Any], severity: int) -> Weights:
        urgent = severity == 1
        return cls(0.0 if urgent else chosen["price_percent"] / 100, 0.0 if urgent else float(chosen["other_area_s"]),
                   chosen["busy_min"] * 60.0)


@dataclass(frozen=True)
class Short:
    """What cannot be met: how many units are missing for a service (or, of those sent, for a skill), why, and what
    would help: units by state that could do it if they were free."""

    service: str
    skill: str
    missing: int
    why: str  # nobody, cut_off, taken
    states: Mapping[str, int] = field(default_factory=dict)
