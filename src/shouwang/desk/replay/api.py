"""Past hours over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from shouwang.desk.log.errors import Refused
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted

from . import actions, facts
from .terms import Viewing

router = Router(tags=["past hours"])


class PastIn(Posted):
    """An hour of an area. A time without a zone is the district's."""

    area: str = Field(max_length=200)
    start: datetime
    minutes: int = 60
    reason: str = Field(max_length=500, description="Kept, and shown to the auditor")
    key: UUID | None = None


class ViewingOut(Schema):
    id: UUID
    area: str
    start: datetime
    until: datetime


class UnitOut(Schema):
    id: UUID
    code: str
    zh: str
    en: str
    letter: str
    service: str
    lon: float = Field(description="Where it stands when no position is known")
    lat: float
    steps: list[tuple[float, str, str | None]] = Field(description="[seconds after the start, shown, call]")
    track: list[tuple[float, float, float, bool]] = Field(
        description="[seconds after the start, lon, lat, whether nobody can have got there in that time]")


class CallOut(Schema):
    id: UUID
    number: str
    type_zh: str
    type_en: str
    place: str
    lon: float
    lat: float
    drill: bool
    steps: list[tuple[float, str]] = Field(description="[seconds after the start, state]")
    levels: list[tuple[float, int]] = Field(description="[seconds after the start, severity]")


class EventOut(Schema):
    at: float
    kind: str
    about: str
    text: str
    call: str | None = None
    unit: str | None = None


class PastOut(ViewingOut):
    units: list[UnitOut]
    calls: list[CallOut]
    events: list[EventOut]


@router.post("/past-hours", response=ViewingOut)
@opens(facts.MAY)
def ask(request: HttpRequest, body: PastIn) -> Viewing:
    """Ask to see a past hour of an area, and say why. The asking is logged; the answer's id opens it for this shift."""
    values = body.dict() | {"start": _moment(body.start)}
    return actions.ask(actor=actor(request), now=timezone.now(), **values)


@router.get("/past-hours/{uuid:viewing_id}", response=PastOut)
@opens(facts.MAY)
def hour(request: HttpRequest, viewing_id: UUID) -> dict[str, Any]:
    """Units with their states and positions, calls and events of an hour that one asked for."""
    who = actor(request)
    viewing = actions.opened(actor=who, now=timezone.now(), viewing_id=viewing_id)
    return vars(viewing) | vars(facts.past(viewing, actor=who))


def _moment(given: datetime) -> datetime:
    """In UTC. A year far off is refused before any clock has to be turned."""
    if not 1970 < given.year < 2200:
        raise Refused("1970—2200", field="start", code="span")
    return given if timezone.is_aware(given) else timezone.make_aware(given)
