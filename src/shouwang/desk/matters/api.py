"""Grid matters over HTTP. Moments without a zone are those of the district's wall clock."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from shapely.geometry import mapping

from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted
from shouwang.desk.places import actions as areas
from shouwang.desk.places import facts as places

from . import actions, facts, photos, shown
from . import cells as grid
from .models import JointTask, Matter
from .terms import MOST_CONTACT, MOST_PHOTOS, MOST_PIECES, MOST_WORDS, Given, NewMatter, Piece

router = Router(tags=["matters"])
STEPS = ("matter.accept", "matter.assign", "matter.handle", "matter.extend", "matter.check", "matter.report")
PHOTO = "A JPEG, PNG or WebP file in Base64; it is made smaller and anew, without what the camera wrote into it"
CLEAN = r"^[^\x00]*$"  # a nought is text to no database
VERSION = Field(None, ge=1, le=2**31 - 1, description="The one you looked at: 409 when it has moved on")
KEY = Field(None, description="Made by the client: a retry with it does nothing twice")


class TypeOut(Schema):
    code: str
    parent: str
    zh: str
    en: str
    level: str
    continuous: bool = Field(description="Its hours run day and night; else hours of work")
    accept_h: float
    assign_h: float
    handle_h: float
    check_h: float
    agency: str
    referral: bool = Field(description="For people in need: a number at the agency, and nothing else")


class MatterOut(Schema):
    id: UUID
    number: str
    type: str = Field(alias="type_id")
    level: str
    state: str
    place: str
    lon: float
    lat: float
    area: str
    source: str
    call: UUID | None
    main: UUID | None = Field(alias="main_id", description="The matter it repeats")
    whole: UUID | None = Field(alias="whole_id", description="The split matter it is a part of")
    handler: str
    reference: str
    reported_at: datetime
    due_at: datetime | None
    late_at: datetime | None
    told: str = Field(description="The level whose centre was told that it is late")
    handle_due_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    rating: int | None
    example: bool
    version: int


class ListOut(Schema):
    count: int
    matters: list[MatterOut]


class Wanted(Schema):
    show: Literal["open", "due", "late", "new", "all"] = "open"
    step: str = Field("", max_length=16, pattern=CLEAN, description="A step (reported … rated) or a side way")
    type: str = Field("", max_length=6, pattern=CLEAN, description="A kind, or a class of three characters")
    level: str = Field("", max_length=10, pattern=CLEAN)
    source: str = Field("", max_length=8, pattern=CLEAN)
    area: str = Field("", max_length=200, pattern=CLEAN)
    q: str = Field("", max_length=80, description="Number, place or kind")
    page: int = Field(1, ge=1, le=100_000)
    size: int = Field(50, ge=1, le=200)


class WhereIn(Schema):
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    type: str = Field("", max_length=6, pattern=CLEAN)


class NearOut(Schema):
    id: UUID
    number: str
    zh: str
    en: str
    place: str
    state: str
    label: str = Field(description="The state in the reader's language")
    away_m: int
    same: bool = Field(description="Of the same kind, not only of its class")


class WhereOut(Schema):
    zh: str
    en: str
    area: str
    outside: bool
    near: list[NearOut]


class Searched(Schema):
    q: str = Field("", max_length=80)


class PlaceOut(Schema):
    kind: str
    zh: str
    en: str
    lon: float
    lat: float


class ReportIn(Posted):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry and gives the same row")
    type: str = Field(max_length=6, pattern=CLEAN)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    place: str = Field("", max_length=120, pattern=CLEAN)
    words: str = Field("", max_length=MOST_WORDS)
    photos: list[str] = Field(default_factory=list, max_length=MOST_PHOTOS, description=PHOTO)
    source: Literal["grid", "office"] = "office"

    def given(self) -> NewMatter:
        return NewMatter(id=self.id, type=self.type, lon=self.lon, lat=self.lat, place=self.place, words=self.words,
                         photos=tuple(photos.decoded(p) for p in self.photos))


class MoveIn(Posted):
    """A step of the life cycle `matter`; what it needs is said by /settings/cycles/matter/."""

    transition: str = Field(max_length=24)
    reason: str = Field("", max_length=MOST_WORDS)
    handler: str = Field("", max_length=24)
    due_at: datetime | None = Field(None, description="Assign: its end; extend: the new end; suspend: the day to look")
    result: str = Field("", max_length=MOST_WORDS)
    reference: str = Field("", max_length=40, pattern=CLEAN)
    photos: list[str] = Field(default_factory=list, max_length=MOST_PHOTOS, description=PHOTO)
    check: str = Field("", max_length=8)
    rating: int | None = Field(None, ge=1, le=5)
    type: str = Field("", max_length=6, pattern=CLEAN)
    main: UUID | None = None
    version: int | None = VERSION
    key: UUID | None = KEY

    def given(self) -> Given:
        return Given(reason=self.reason, handler=self.handler, due_at=moment(self.due_at, "due_at"), result=self.result,
                     reference=self.reference, photos=tuple(photos.decoded(p) for p in self.photos), check=self.check,
                     rating=self.rating, type=self.type, main=self.main)


class ReasonIn(Posted):
    reason: str = Field(max_length=MOST_WORDS)
    version: int | None = VERSION
    key: UUID | None = KEY


class TextIn(Posted):
    text: str = Field(max_length=MOST_WORDS)
    key: UUID | None = KEY


class ContactOut(Schema):
    contact: str = Field(max_length=MOST_CONTACT)


class JointIn(Posted):
    id: UUID
    joint: str = Field(max_length=12)
    agency: str = Field(max_length=24)
    due_at: datetime | None = None


class JointMoveIn(Posted):
    transition: str = Field(max_length=24)
    result: str = Field("", max_length=MOST_WORDS)
    reason: str = Field("", max_length=MOST_WORDS)
    key: UUID | None = KEY


class JointOut(Schema):
    id: UUID
    joint: str
    agency: str
    state: str
    due_at: datetime


@router.get("/matters/types", response=list[TypeOut])
@opens(facts.SEE, facts.REPORT)
def types(request: HttpRequest) -> list[Any]:
    """Kinds of matters with their hours."""
    return facts.types()


@router.get("/matters/where", response=WhereOut)
@opens(facts.REPORT)
def where(request: HttpRequest, asked: Query[WhereIn]) -> dict[str, Any]:
    """What a point is called, and what is reported near it already."""
    return shown.told_of(asked.lon, asked.lat, asked.type, actor(request).areas(facts.SEE, facts.REPORT),
                         timezone.now())


@router.get("/matters/places", response=list[PlaceOut])
@opens(facts.REPORT)
def search(request: HttpRequest, asked: Query[Searched]) -> list[Any]:
    """Streets, crossings, posts and communities that fit what was typed."""
    return places.search_place(asked.q)


@router.get("/matters", response=ListOut)
@opens(facts.SEE)
def matters(request: HttpRequest, wanted: Query[Wanted]) -> dict[str, Any]:
    """Matters in the caller's areas, those first whose time ends first."""
    asked = facts.Wanted(show=wanted.show, step=wanted.step, kind=wanted.type, level=wanted.level, source=wanted.source,
                         area=wanted.area, text=plain(wanted.q))
    rows = facts.matters(actor(request).areas(facts.SEE), asked, timezone.now())
    first = (wanted.page - 1) * wanted.size
    return {"count": rows.count(), "matters": list(rows[first : first + wanted.size])}


@router.post("/matters", response=MatterOut)
@opens(facts.REPORT)
def report(request: HttpRequest, body: ReportIn) -> Matter:
    """Write down a matter."""
    return actions.report(actor=actor(request), now=timezone.now(), new=body.given(), source=body.source)


@router.get("/matters/{uuid:matter_id}", response=MatterOut)
@opens(facts.SEE, facts.REPORT)
def matter(request: HttpRequest, matter_id: UUID) -> Matter:
    who = actor(request)
    found = facts.find(who.areas(facts.SEE), matter_id, reporter=who.id)
    if found is None:
        raise Missing(_("There is no such matter in your areas."), code="matter")
    return found


@router.post("/matters/{uuid:matter_id}/move", response=MatterOut)
@opens(*STEPS)
def move(request: HttpRequest, matter_id: UUID, body: MoveIn) -> Matter:
    """Take a step. 422 names what it needs, 409 says that somebody else was first."""
    return actions.move(actor=actor(request), now=timezone.now(), matter_id=matter_id, transition=body.transition,
                        given=body.given(), version=body.version, key=body.key)


@router.post("/matters/{uuid:matter_id}/escalate", response=MatterOut)
@opens("matter.accept", "matter.assign")
def escalate(request: HttpRequest, matter_id: UUID, body: ReasonIn) -> Matter:
    """Hand it up one level: community, street, district."""
    return actions.escalate(actor=actor(request), now=timezone.now(), matter_id=matter_id, reason=body.reason,
                            version=body.version, key=body.key)


@router.post("/matters/{uuid:matter_id}/remarks", response=MatterOut)
@opens(facts.SEE, facts.REPORT)
def remark(request: HttpRequest, matter_id: UUID, body: TextIn) -> Matter:
    """Add words. They are sealed."""
    return actions.remark(actor=actor(request), now=timezone.now(), matter_id=matter_id, text=body.text, key=body.key)


@router.post("/matters/{uuid:matter_id}/reveal", response=ContactOut)
@opens("matter.accept")
def reveal(request: HttpRequest, matter_id: UUID, body: ReasonIn) -> dict[str, str]:
    """How the resident can be told. The reason is kept, and the showing written down."""
    told = actions.reveal_contact(actor=actor(request), now=timezone.now(), matter_id=matter_id, reason=body.reason,
                                  key=body.key)
    return {"contact": told}


@router.post("/matters/{uuid:matter_id}/joint", response=JointOut)
@opens("matter.assign")
def joint(request: HttpRequest, matter_id: UUID, body: JointIn) -> JointTask:
    """Give another body a part of it."""
    return actions.set_task(actor=actor(request), now=timezone.now(), matter_id=matter_id, id=body.id, key=body.id,
                            joint=body.joint, agency=body.agency, due_at=moment(body.due_at, "due_at"))


class PartOut(Schema):
    task: UUID
    matter: UUID
    number: str
    zh: str
    en: str
    joint: str
    agency: str
    state: str
    ends_at: datetime = Field(description="When the step that waits has to be done")
    late: bool
    told: str = Field(description="Who was told last that it is late: agency (its body), street, district; or nobody")


@router.get("/matters/joint", response=list[PartOut])
@opens("task.answer", "office.work")
def parts(request: HttpRequest) -> list[facts.PartFact]:
    """Open parts of the caller's own body, or late ones that were told to the caller's centre."""
    return shown.parts_for(actor(request), timezone.now())


@router.post("/matters/joint/{uuid:task_id}/move", response=JointOut)
@opens("task.answer", "meeting.manage")
def move_joint(request: HttpRequest, task_id: UUID, body: JointMoveIn) -> JointTask:
    """Take a step of a part."""
    return actions.move_task(actor=actor(request), now=timezone.now(), task_id=task_id, transition=body.transition,
                             result=body.result, reason=body.reason, key=body.key)


class PieceIn(Posted):
    id: UUID
    handler: str = Field(max_length=24, description="Agency that handles this part")
    due_at: datetime | None = Field(None, description="Its end; without one by its kind")
    words: str = Field(min_length=1, max_length=MOST_WORDS, pattern=CLEAN, description="What has to be done")
    type: str = Field("", max_length=6, description="Its kind, if not that of the whole")


class SplitIn(Posted):
    pieces: list[PieceIn] = Field(min_length=1, max_length=MOST_PIECES)
    version: int | None = VERSION
    key: UUID | None = KEY


@router.post("/matters/{uuid:matter_id}/split", response=MatterOut)
@opens("matter.assign")
def split(request: HttpRequest, matter_id: UUID, body: SplitIn) -> Any:
    """Cut a complex matter into parts with bodies and ends of their own. It is closed with the last of them."""
    pieces = [Piece(p.id, p.handler, moment(p.due_at, "due_at"), p.words, p.type) for p in body.pieces]
    return actions.split(actor=actor(request), now=timezone.now(), matter_id=matter_id, pieces=pieces,
                         version=body.version, key=body.key)


# ---- the grid


class CellOut(Schema):
    path: str = Field(alias="it.area")
    zh: str = Field(alias="it.zh")
    en: str = Field(alias="it.en")
    example: bool = Field(alias="it.example")
    sites: int
    hazards: int
    points: int = Field(description="Reporting points")
    posts: int
    open: int = Field(description="Open matters")
    late: int
    month: int = Field(description="Matters reported in 30 days")
    residents: int | None = Field(description="One total, never whom; nothing where nobody counted")
    day: date | None = Field(description="When they were counted")
    source: str
    things: dict[str, int] = Field(description="What else is counted there: panels (alarm panels), checkpoints")


class CellsOut(Schema):
    count: int
    cells: list[CellOut]


class CellsWanted(Schema):
    area: str = Field("", max_length=200, pattern=CLEAN)
    q: str = Field("", max_length=80, pattern=CLEAN, description="Cell or community")
    page: int = Field(1, ge=1, le=100_000)
    size: int = Field(50, ge=1, le=200)


class FlawOut(Schema):
    id: str
    kind: str = Field(description="gap, overlap, or beyond the communities")
    m2: float
    among: list[str] = Field(description="Paths of the cells that overlap, border the gap, or reach beyond")
    to: str = Field(description="The cell that gets or keeps the ground when it is mended; nothing where none does")
    geometry: dict[str, Any] = Field(description="GeoJSON")


class MendIn(Posted):
    flaws: list[str] = Field(min_length=1, max_length=200, description="Ids of faults, as they were looked at")
    key: UUID | None = KEY


class MendedOut(Schema):
    cells: int = Field(description="Cells that changed")


@router.get("/cells", response=CellsOut)
@opens(*grid.MAY)
def cells(request: HttpRequest, wanted: Query[CellsWanted]) -> dict[str, Any]:
    """Grid cells with what lies in each, in order of their paths."""
    found = grid.cells(actor(request), area=wanted.area, text=wanted.q)
    start = (wanted.page - 1) * wanted.size
    return {"count": len(found), "cells": grid.told(found[start : start + wanted.size], timezone.now())}


@router.get("/cells/faults", response=list[FlawOut])
@opens(*grid.MAY)
def cell_faults(request: HttpRequest) -> list[dict[str, Any]]:
    """Where cells leave a gap, overlap or reach beyond, and the repair proposed for each."""
    held = actor(request).areas(*grid.MAY)
    return [{"id": f.id, "kind": f.kind, "m2": round(f.m2, 1), "among": list(f.among), "to": f.to,
             "geometry": mapping(f.shape)}
            for f in places.covering() if any(p.startswith(a) for p in (*f.among, f.to) for a in held)]


@router.post("/cells/mend", response=MendedOut)
@opens(areas.MAY_MEND)
def mend_cells(request: HttpRequest, body: MendIn) -> dict[str, int]:
    """Mend faults as proposed: all of them or none. 409 when one is no longer there."""
    return {"cells": areas.mend_cells(actor=actor(request), now=timezone.now(), flaws=body.flaws, key=body.key)}


def plain(text: str) -> str:
    """Without the noughts that a database refuses."""
    return text.replace("\x00", "").strip()


def moment(given: datetime | None, field: str) -> datetime | None:
    """In UTC. A year far off is refused before any clock has to be turned."""
    if given is None:
        return None
    if not 1970 < given.year < 2200:
        raise Refused(_("Choose a day of this century."), field=field, code="span")
    return given if timezone.is_aware(given) else timezone.make_aware(given)
