"""What is asked of a cordon and what is answered, as plain values. Times are moments, places degrees (WGS 84)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Goal = Literal["fewest-units", "tightest-area"]
Out = Literal["exits", "radius"]
Way = list[list[float]]  # points as [lon, lat]

GOALS: Mapping[Goal, str | Promise] = {"fewest-units": _("Fewest units"), "tightest-area": _("Tightest area")}
LONGEST_AGO_S = 3600  # later than that, a vehicle may be anywhere
SPEEDS = (0.5, 3.0)
RADII_M = (300.0, 30_000.0)


@dataclass(frozen=True)
class Question:
    """A vehicle last seen at a place and time, driving at `speed` times the streets' own. It is away at the named exits
    or beyond a radius. `units`: those that may go; None: all free police and traffic crews."""

    lon: float
    lat: float
    seen_at: datetime
    speed: float = 1.0
    out: Out = "exits"
    radius_m: float = 3000.0
    goal: Goal = "fewest-units"
    units: frozenset[UUID] | None = None
    limit_s: float = 1.2


@dataclass(frozen=True)
class Place:
    lon: float
    lat: float
    zh: str
    en: str


@dataclass(frozen=True)
class Crew:
    """A free unit that drives. `able`: trained to close a road; `used`: it was asked to go."""

    id: UUID
    code: str
    zh: str
    en: str
    letter: str
    service: str
    lon: float
    lat: float
    age_s: float | None
    able: bool
    used: bool


@dataclass(frozen=True)
class Post:
    """A unit's place in a cordon: when it is there if it starts in time, and before when it is needed."""

    unit: UUID
    place: Place
    arrive_at: datetime
    before: datetime | None
    way: Way


@dataclass(frozen=True)
class Escape:
    """A way out that beats the units: its course, its streets, where and when it leads out."""

    way: Way
    streets: Sequence[str]
    place: Place
    at: datetime


@dataclass(frozen=True)
class Needed:
    """What would do. earlier_s: all units start so much earlier; place: one more unit stands there before `before`."""

    earlier_s: int | None = None
    place: Place | None = None
    before: datetime | None = None


@dataclass(frozen=True)
class Reachable:
    """Where the vehicle can be while the posts hold: junctions with the seconds since it was last seen, and the ways
    between them [from, to, seconds]. Screens draw it growing with their own clock."""

    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)
    ways: list[tuple[int, int, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Ring:
    """The answer. `closures`: how many street closures are in force; they hold for units and vehicle alike, save those
    the vehicle was seen inside of. `starts_at`: when the units set off at the latest; later, every arrival is so much
    later. `bound`: no ring has fewer units (fewest-units) or fewer junctions inside (tightest-area); None: no ring is
    possible at all."""

    goal: Goal
    contained: bool
    proven: bool
    bound: int | None
    inside: int
    seen_at: datetime
    starts_at: datetime
    posts: Sequence[Post]
    escape: Escape | None
    needed: Needed | None
    reachable: Reachable
    crews: Sequence[Crew]
    exits: Sequence[Place]
    closures: int
    seconds: float


@dataclass(frozen=True)
class Blockade:
    """All named exits closed, each by a unit of its own. With a `problem` nobody is proposed."""

    starts_at: datetime
    posts: Sequence[Post]
    latest_at: datetime | None
    latest_s: float | None
    total_s: float | None
    crews: Sequence[Crew]
    exits: Sequence[Place]
    closures: int
    problem: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Checkpoint:
    place: Place
    trips: float  # through trips that pass it


@dataclass(frozen=True)
class Checkpoints:
    """Places that meet the most through trips, and how good that is: `objective` of `all_trips` are met, and no choice
    of as many places meets more than `bound`."""

    places: Sequence[Checkpoint]
    objective: float
    bound: float
    gap: float
    status: str
    all_trips: float
    exits: Sequence[Place]


@dataclass(frozen=True)
class Suggested:
    """A place that looks like an exit: a through street leaves the district there, or ends near its border."""

    node: int
    place: Place
    street: str
