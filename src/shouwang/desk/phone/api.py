"""Check points and one's own track over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from shouwang.desk.log.gate import SIGNED_IN, actor, opens

from . import actions, rounds
from .terms import KEEP, MOST_PER_DAY, SEE, PointGiven

router = Router(tags=["beat"])


class PointIn(Schema):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry and gives the same row")
    zh: str = Field(min_length=1, max_length=80)
    en: str = Field("", max_length=80)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    per_day: int = Field(1, ge=1, le=MOST_PER_DAY, description="How often a day it is to be seen")


class PointOut(Schema):
    id: UUID
    code: str = Field(description="Stands in the address of its mark: /m/at/CODE/")
    zh: str
    en: str
    area: str
    lon: float
    lat: float
    per_day: int
    active: bool
    version: int
    made_at: datetime


class PointRow(PointOut):
    seen: int = Field(description="Times it was seen in the last 7 days")
    wanted: int = Field(description="Times it was to be seen in these days")
    last: datetime | None


class EndIn(Schema):
    version: int = Field(ge=1, description="Of the check point that was looked at")


class PositionOut(Schema):
    at: datetime
    lon: float
    lat: float


class DutyOut(Schema):
    id: UUID
    unit: str
    on_at: datetime
    off_at: datetime | None
    points: list[PositionOut]


@router.get("/beat/points", response=list[PointRow])
@opens(*SEE)
def listed(request: HttpRequest) -> list[dict[str, Any]]:
    """Check points of the caller's areas, the least seen first."""
    found = rounds.points(actor(request).areas(*SEE), timezone.now())
    return [{name: getattr(r.it, name) for name in PointOut.model_fields}
            | {"seen": r.seen, "wanted": r.wanted, "last": r.last} for r in found]


@router.post("/beat/points", response={201: PointOut})
@opens(*KEEP)
def make(request: HttpRequest, body: PointIn) -> Status[Any]:
    given = PointGiven(**{name: value for name, value in body.dict().items() if name != "id"})
    return Status(201, actions.make_point(actor=actor(request), now=timezone.now(), id=body.id, given=given))


@router.post("/beat/points/{uuid:point_id}/end", response=PointOut)
@opens(*KEEP)
def end(request: HttpRequest, point_id: UUID, body: EndIn) -> Any:
    """Takes it off the beat. What was seen of it stays."""
    return actions.end_point(actor=actor(request), now=timezone.now(), point_id=point_id, version=body.version)


@router.get("/me/track", response=list[DutyOut])
@opens(SIGNED_IN)
def track(request: HttpRequest) -> list[dict[str, Any]]:
    """Where the caller's units were while the caller was on duty with them, as far back as tracks are kept. Each look
    is in the log."""
    return [{"id": d.id, "unit": d.unit, "on_at": d.on_at, "off_at": d.off_at,
             "points": [{"at": at, "lon": lon, "lat": lat} for at, lon, lat in d.points]}
            for d in actions.own_track(actor=actor(request), now=timezone.now())]
