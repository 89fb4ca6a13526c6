"""What a member's phone does, and check points, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from shouwang.desk.calls.schemas import CryIn, CryOut, MessageOut, aware
from shouwang.desk.log.gate import SIGNED_IN, actor, opens
from shouwang.desk.log.posted import Posted
from shouwang.desk.patrol import following
from shouwang.desk.units import actions as units
from shouwang.desk.units.api import StandByOut, UnitOut
from shouwang.desk.units.facts import card_of

from . import actions, cries, rounds
from .day import duty_day
from .terms import BEAT, KEEP, LONGEST_NOTE, MOST_PER_DAY, SEE, PointGiven
from .touring import tour_of

router = Router(tags=["beat"])


class PointIn(Posted):
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


class BeatPointOut(Schema):
    code: str
    zh: str
    en: str
    lon: float
    lat: float
    per_day: int
    seen: int = Field(description="Times it was seen in the last 24 hours, by anybody")


class PressedIn(Posted):
    """When and where it was pressed, by the device: counts if it comes in within 12 hours."""

    at_device: datetime | None = None
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    key: UUID = Field(description="Made by the client (UUIDv7): a retry with it does nothing twice")

    def pressed(self) -> units.Pressed:
        return units.Pressed(aware(self.at_device), self.lon, self.lat)


class ClockOnIn(PressedIn):
    unit: UUID


class PointSeenIn(PressedIn):
    code: str = Field(max_length=12, description="Of the check point")
    how: Literal["mark", "place"] = Field(description="Its mark was scanned, or the device stands there (lon and lat)")


class PointSeenOut(Schema):
    id: UUID
    at: datetime


class OwnNoteIn(PressedIn):
    text: str = Field(min_length=1, max_length=LONGEST_NOTE, description="Sealed; about nobody by name")


class OwnNoteOut(Schema):
    at: datetime
    unit: UUID | None = Field(description="null: at a post")
    text: str = Field(description="Empty once it is deleted")


class HelpIn(CryIn):
    kind: Literal["panic", "pair"] = Field("panic", description="Help, or a second person")


class TourStepIn(Posted):
    number: int = Field(ge=0, le=10_000, description="Of the stop")
    step: Literal["arrived", "left", "skipped"]
    reason: str = Field("", max_length=24, description="Of a stop that is passed over")
    at_device: datetime | None = None
    key: UUID


class CrewMoveOut(Schema):
    id: str
    label: str


class CrewTaskOut(Schema):
    """A task as its crew sees it: never the caller's name or number."""

    assignment: UUID
    call: UUID
    number: str
    state: str
    since: datetime
    severity: int
    type: dict[str, str]
    place: str
    detail: str
    words: list[str]
    answers: list[tuple[str, str]]
    lon: float
    lat: float
    drill: bool
    moves: list[CrewMoveOut] = Field(description="For /assignments/ID/move, the next step first")
    may_refuse: bool
    asked_well: bool = Field(description="The desk asks whether the crew is well: /assignments/ID/well")
    messages: list[MessageOut]


class CrewStopOut(Schema):
    number: int
    place: dict[str, str]
    start: datetime
    end: datetime
    lon: float
    lat: float
    post: bool
    state: str = Field(description="Empty, arrived, left or skipped")


class CrewTourOut(Schema):
    tour: UUID
    stops: list[CrewStopOut]


class UnitNamed(Schema):
    id: UUID
    code: str
    zh: str
    en: str


class MyDutyOut(Schema):
    unit: UnitNamed | None = Field(description="The unit that the caller is clocked on with")
    post: str = Field(description="The post or desk instead, without a unit; empty for none")
    since: datetime | None
    state: str
    crew_size: int
    tasks: list[CrewTaskOut]
    tour: CrewTourOut | None
    stand_by: StandByOut | None
    units: list[UnitNamed] = Field(description="Off duty: what the caller may clock on with, all of their areas")


class EndIn(Posted):
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


@router.get("/me/duty", response=MyDutyOut)
@opens(BEAT)
def my_duty(request: HttpRequest) -> dict[str, Any]:
    """The caller's duty: unit or post, tasks with their steps and messages, the tour, where to wait. That words of a
    call are read is written down once per shift."""
    day = duty_day(actor(request), timezone.now())
    return {"unit": day.unit, "post": day.post.name if day.post else "", "since": day.since, "state": day.state,
            "crew_size": day.crew_size, "tasks": day.tasks, "tour": tour_of(day), "stand_by": day.stand_by,
            "units": day.units}


@router.post("/me/duty", response=UnitOut)
@opens(BEAT)
def clock_on(request: HttpRequest, body: ClockOnIn) -> dict[str, Any]:
    """Clock on with a unit. At a post or desk without one: /rosters/presence."""
    who = actor(request)
    return card_of(units.clock_on(actor=who, now=timezone.now(), unit_id=body.unit, user_id=who.id, key=body.key,
                                  pressed=body.pressed()))


@router.post("/me/duty/off", response=UnitOut | None)
@opens(BEAT)
def clock_off(request: HttpRequest, body: PressedIn) -> dict[str, Any] | None:
    """Clock off; null for who was not clocked on. The last of a crew may not while the unit is on a call."""
    who = actor(request)
    unit = units.clock_off(actor=who, now=timezone.now(), user_id=who.id, key=body.key, pressed=body.pressed())
    return None if unit is None else card_of(unit)


@router.post("/me/help", response=CryOut)
@opens(BEAT)
def call_for_help(request: HttpRequest, body: HelpIn) -> Any:
    """Call for help, or for a second person, with the unit or at the post that the caller is clocked on with. Pressed
    again while that call is open, it gives the same call."""
    return cries.cry(actor=actor(request), now=timezone.now(), **body.dict())


@router.post("/me/tours/{uuid:tour_id}/steps", response=CrewTourOut | None)
@opens(BEAT)
def tell_step(request: HttpRequest, tour_id: UUID, body: TourStepIn) -> Any:
    """Say that a stop of the unit's tour is reached, left, or passed over and why. Gives the tour."""
    who, now = actor(request), timezone.now()
    following.tell_step(actor=who, now=now, tour_id=tour_id,
                        **body.dict() | {"at_device": aware(body.at_device)})
    return tour_of(duty_day(who, now))


@router.get("/me/points", response=list[BeatPointOut])
@opens(BEAT)
def points(request: HttpRequest) -> list[dict[str, Any]]:
    """Check points that the caller may see on duty."""
    found = rounds.on_beat(actor(request).areas(BEAT), timezone.now())
    names = [name for name in BeatPointOut.model_fields if name != "seen"]
    return [{name: getattr(r.it, name) for name in names} | {"seen": r.seen} for r in found]


@router.post("/me/points", response=PointSeenOut)
@opens(BEAT)
def see_point(request: HttpRequest, body: PointSeenIn) -> Any:
    """A check point was seen on duty."""
    return actions.see_point(actor=actor(request), now=timezone.now(), code=body.code, how=body.how, key=body.key,
                             pressed=body.pressed())


@router.get("/me/notes", response=list[OwnNoteOut])
@opens(BEAT)
def own_notes(request: HttpRequest) -> list[rounds.NoteRow]:
    """The caller's own notes of the last 24 hours, the newest first."""
    return rounds.own_notes(actor(request).id, timezone.now())


@router.post("/me/notes", response=list[OwnNoteOut])
@opens(BEAT)
def note(request: HttpRequest, body: OwnNoteIn) -> list[rounds.NoteRow]:
    """Write down what was seen on duty, for those who lead the area."""
    who, now = actor(request), timezone.now()
    actions.note(actor=who, now=now, text=body.text, key=body.key, pressed=body.pressed())
    return rounds.own_notes(who.id, now)


@router.get("/me/track", response=list[DutyOut])
@opens(SIGNED_IN)
def track(request: HttpRequest) -> list[dict[str, Any]]:
    """Where the caller's units were while the caller was on duty with them, as far back as tracks are kept. Each look
    is in the log."""
    return [{"id": d.id, "unit": d.unit, "on_at": d.on_at, "off_at": d.off_at,
             "points": [{"at": at, "lon": lon, "lat": lat} for at, lon, lat in d.points]}
            for d in actions.own_track(actor=actor(request), now=timezone.now())]
