"""Cordons over HTTP: what to close and with whom. Units are sent by /calls/{id}/assign with `stands`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.errors import Refused
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted

from . import advice, facts
from .forms import MOST_CHECKPOINTS
from .terms import LONGEST_AGO_S, RADII_M, SPEEDS, Blockade, Checkpoints, Question, Ring

router = Router(tags=["cordon"])
MAY = "cordon.start"
SEE_EXITS = (MAY, "patrol.view", "patrol.plan", "config.edit")
Lon, Lat = Field(ge=-180, le=180), Field(ge=-90, le=90)


class PlaceOut(Schema):
    lon: float
    lat: float
    zh: str
    en: str


class CrewOut(Schema):
    """A free unit that drives."""

    id: UUID
    code: str
    zh: str
    en: str
    letter: str
    service: str
    lon: float
    lat: float
    age_s: float | None = Field(description="Age of its position; null: at its post")
    able: bool = Field(description="Trained to close a road")
    used: bool = Field(description="Was asked to go")


class PostOut(Schema):
    """Where a unit stands, when it is there, and before when it is needed."""

    unit: UUID
    place: PlaceOut
    arrive_at: datetime
    before: datetime | None
    way: list[list[float]]


class EscapeOut(Schema):
    way: list[list[float]]
    streets: list[str]
    place: PlaceOut
    at: datetime


class NeededOut(Schema):
    earlier_s: int | None = Field(description="If all units started so much earlier")
    place: PlaceOut | None = Field(description="Or if one more unit stood here")
    before: datetime | None


class ReachableOut(Schema):
    """Junctions with the seconds at which the vehicle comes there, and the ways between them [from, to, seconds]."""

    lon: list[float]
    lat: list[float]
    at_s: list[float]
    ways: list[tuple[int, int, float]]


class RingOut(Schema):
    goal: str
    contained: bool
    proven: bool
    bound: int | None = Field(description="No ring has fewer units (or junctions inside); null: no ring is possible")
    inside: int
    seen_at: datetime
    starts_at: datetime
    posts: list[PostOut]
    escape: EscapeOut | None
    needed: NeededOut | None
    reachable: ReachableOut
    crews: list[CrewOut]
    exits: list[PlaceOut]
    closures: int = Field(description="In force; they hold for units and vehicle alike, save where it was seen")
    seconds: float


class BlockadeOut(Schema):
    starts_at: datetime
    posts: list[PostOut]
    latest_at: datetime | None
    latest_s: float | None
    total_s: float | None
    crews: list[CrewOut]
    exits: list[PlaceOut]
    closures: int
    problem: str
    seconds: float


class CheckpointOut(Schema):
    place: PlaceOut
    trips: float


class CheckpointsOut(Schema):
    places: list[CheckpointOut]
    objective: float
    bound: float
    gap: float
    status: str
    all_trips: float
    exits: list[PlaceOut]


class ContainIn(Posted):
    lon: float = Lon
    lat: float = Lat
    ago_s: float = Field(0.0, ge=0, le=LONGEST_AGO_S, description="Seconds since it was last seen there")
    speed: float = Field(1.0, ge=SPEEDS[0], le=SPEEDS[1], description="Its speed over that of the streets")
    out: Literal["exits", "radius"] = "exits"
    radius_m: float = Field(3000.0, ge=RADII_M[0], le=RADII_M[1])
    goal: Literal["fewest-units", "tightest-area"] = "fewest-units"
    units: list[UUID] | None = Field(None, max_length=500, description="Who may go; null: police and traffic crews")
    limit_s: float = Field(1.2, ge=0.1, le=15)


class BlockadeIn(Posted):
    units: list[UUID] | None = Field(None, max_length=500)


class HowMany(Schema):
    count: int = Field(5, ge=1, le=MOST_CHECKPOINTS)


@router.post("/cordon/contain", response=RingOut)
@opens(MAY)
def contain(request: HttpRequest, body: ContainIn) -> Ring:
    """Shut in a vehicle that was last seen at a point: who stands where before it can pass. Nothing is kept."""
    now = timezone.now()
    given = body.dict(exclude={"ago_s", "units"})
    asked = Question(**given, seen_at=now - timedelta(seconds=body.ago_s), units=_chosen(body.units))
    return advice.contain(asked, areas=actor(request).areas(MAY), now=now)


@router.post("/cordon/blockade", response=BlockadeOut)
@opens(MAY)
def blockade(request: HttpRequest, body: BlockadeIn) -> Blockade:
    """Close every named exit, each by a unit of its own."""
    return advice.blockade(units=_chosen(body.units), areas=actor(request).areas(MAY), now=timezone.now())


@router.get("/checkpoints", response=CheckpointsOut)
@opens("patrol.plan")
def checkpoints(request: HttpRequest, asked: Query[HowMany]) -> Checkpoints:
    """Places for permanent checkpoints that meet the most through trips."""
    return advice.checkpoints(asked.count, areas=actor(request).areas("patrol.plan"), limit_s=advice.LIMIT_S)


@router.get("/exits", response=list[PlaceOut])
@opens(*SEE_EXITS)
def exits(request: HttpRequest) -> list[Any]:
    """The named exits of one's district."""
    return list(facts.exits(actor(request).areas(*SEE_EXITS)))


def _chosen(units: list[UUID] | None) -> frozenset[UUID] | None:
    if units is not None and not units:
        raise Refused(_("Tick at least one unit."), field="units", code="needs")
    return None if units is None else frozenset(units)
