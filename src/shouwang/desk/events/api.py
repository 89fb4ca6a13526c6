"""Major events and warnings over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, File, Router, Schema
from ninja.files import UploadedFile

from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted
from shouwang.engine.errors import BadInput
from shouwang.tables import cap

from . import actions, facts
from . import report as reports
from .facts import MAY_COMMAND, MAY_SEE, MAY_START, WORK
from .models import Command, Item, Sector, Tick, Warning
from .story import story
from .terms import NewWarning

router = Router(tags=["major events"])
SHOWN = (MAY_SEE, *WORK)
Degrees = tuple[float, float]
CLEAN = r"^[^\x00-\x1f]*$"


class EventOut(Schema):
    id: UUID
    number: str
    zh: str
    en: str
    level: str
    state: str
    lon: float
    lat: float
    drill: bool
    started: str
    late: int = Field(description="Tasks past their time and not over")
    counts: dict[str, int]
    version: int


class StartIn(Posted):
    """From a call, or at a place. `id` is made by whoever starts; the same id again is a retry."""

    id: UUID
    plan: str = Field(max_length=40, pattern=CLEAN)
    level: str = Field("", max_length=8, description="Empty: the plan's lowest")
    call: UUID | None = None
    lon: float | None = None
    lat: float | None = None
    place: str = Field("", max_length=120)
    key: UUID | None = None


class LevelIn(Posted):
    level: str = Field(max_length=8)
    reason: str = Field(max_length=500, description="Sealed")
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    key: UUID | None = None


class EventWhyIn(Posted):
    reason: str = Field("", max_length=500, description="Sealed")
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    key: UUID | None = None


class GiveCommandIn(Posted):
    note: str = Field("", max_length=1000, description="What the next has to know; sealed")
    key: UUID | None = None


class CommandOut(Schema):
    id: UUID
    role: str
    level: str
    state: str
    by_plan: bool
    opened_at: datetime
    due_at: datetime
    given_at: datetime | None = None
    taken_at: datetime | None = None


class JoinIn(Posted):
    call: UUID
    key: UUID | None = None


class ItemIn(Posted):
    id: UUID
    kind: Literal["task", "objective"]
    text: str = Field(max_length=200, description="Sealed")
    owner: str = Field("", max_length=40, description="A role, or agency:CODE")
    within_min: int | None = None
    key: UUID | None = None


class ItemChangeIn(Posted):
    state: str | None = Field(None, max_length=8)
    owner: str | None = Field(None, max_length=40)
    within_min: int | None = None
    sector: UUID | Literal[""] | None = Field(None, description="Empty text: in no sector")
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    key: UUID | None = None


class ItemOut(Schema):
    id: UUID
    kind: str
    code: str
    owner: str
    state: str
    due_at: datetime | None = None
    late_at: datetime | None = None
    ended_at: datetime | None = None
    version: int


class TickIn(Posted):
    of: Literal["check", "notify"]
    code: str = Field(max_length=60, pattern=CLEAN)
    done: bool = True
    key: UUID | None = None


class TickOut(Schema):
    of: str
    code: str
    done_at: datetime | None = None


class SectorIn(Posted):
    """The same id again draws the sector anew."""

    id: UUID
    name: str = Field(max_length=40)
    ring: list[Degrees] = Field(description="Corners as longitude, latitude", max_length=60)
    key: UUID | None = None


class SectorOut(Schema):
    id: UUID
    name: str
    ring: list[Degrees]
    version: int


class ForceIn(Posted):
    kind: Literal["unit", "agency"]
    ref: UUID = Field(description="The unit, or the agency's task")
    sector: UUID | None = None
    key: UUID | None = None


class CountIn(Posted):
    counts: dict[str, int] = Field(description="evacuated, sheltered, missing, returned: numbers, nobody's name")
    version: int | None = Field(None, ge=1, le=2**31 - 1)
    key: UUID | None = None


class RemarkIn(Posted):
    text: str = Field(max_length=1000, description="Sealed")
    key: UUID | None = None


class EventKeyIn(Posted):
    key: UUID | None = None


class LineOut(Schema):
    at: datetime
    kind: str
    text: str
    who: str
    words: str


class BoardOut(EventOut):
    items: list[dict[str, Any]]
    lists: list[dict[str, Any]]
    sectors: list[SectorOut]
    forces: list[dict[str, Any]]
    commands: list[CommandOut]
    log: list[LineOut]


@router.get("/events", response=list[EventOut])
@opens(*SHOWN)
def events(request: HttpRequest, over: bool = False) -> list[dict[str, Any]]:
    """Events under way in one's areas, the gravest first; or the last ones that are over."""
    areas = actor(request).areas(*SHOWN)
    return [facts.card(e) for e in (facts.over(areas) if over else facts.active(areas))]


@router.get("/events/plans", response=list[dict[str, Any]])
@opens(*SHOWN)
def event_plans(request: HttpRequest) -> list[dict[str, Any]]:
    """The plans in use, with their levels, tasks and resources."""
    return [{"code": p.code, "call_types": p.call_types, **facts.plain_plan(p)} for p in facts.plans()]


@router.post("/events", response=EventOut)
@opens(MAY_START)
def start(request: HttpRequest, body: StartIn) -> dict[str, Any]:
    """Start an event by a plan, in one action."""
    given = body.dict()
    return facts.card(actions.start(actor=actor(request), now=timezone.now(), call_id=given.pop("call"), **given))


@router.get("/events/{uuid:event_id}", response=BoardOut)
@opens(*SHOWN)
def board(request: HttpRequest, event_id: UUID) -> dict[str, Any]:
    """The whole command board with the log. That its words are read is written down once per shift."""
    now = timezone.now()
    event = actions.read(actor=actor(request), now=now, event_id=event_id)
    lists = [{"of": of, "code": t.code, "text": text, "done_at": t.done_at}
             for of in ("notify", "check") for t, text in facts.ticks(event, of)]
    items = [{**ItemOut.from_orm(i.row).dict(), "text": i.text, "sector": i.row.sector_id, "late": i.late}
             for i in facts.items(event, now)]
    forces = [{"kind": h.kind, "ref": h.ref, "name": h.name, "state": h.label, "call": h.call, "sector": h.sector,
               "over": h.over} for h in facts.forces(event)]
    return {**facts.card(event), "items": items, "lists": lists, "sectors": facts.sectors(event), "forces": forces,
            "commands": facts.commands_of(event), "log": story(event)}


@router.post("/events/{uuid:event_id}/level", response=EventOut)
@opens(*WORK)
def set_level(request: HttpRequest, event_id: UUID, body: LevelIn) -> dict[str, Any]:
    """Raise or lower the level."""
    return facts.card(actions.set_level(actor=actor(request), now=timezone.now(), event_id=event_id, **body.dict()))


@router.post("/events/{uuid:event_id}/command/give", response=CommandOut)
@opens(MAY_COMMAND)
def give_command(request: HttpRequest, event_id: UUID, body: GiveCommandIn) -> Command:
    """Sign command over: who has it."""
    return actions.give(actor=actor(request), now=timezone.now(), event_id=event_id, **body.dict())


@router.post("/events/{uuid:event_id}/command/take", response=CommandOut)
@opens(MAY_COMMAND)
def take_command(request: HttpRequest, event_id: UUID, body: EventWhyIn) -> Command:
    """Sign for the command: somebody else."""
    return actions.take(actor=actor(request), now=timezone.now(), event_id=event_id, reason=body.reason, key=body.key)


@router.post("/events/{uuid:event_id}/command/assume", response=CommandOut)
@opens(MAY_COMMAND)
def assume_command(request: HttpRequest, event_id: UUID, body: EventWhyIn) -> Command:
    """Take a command whose holder cannot sign it over, with the reason."""
    return actions.assume(actor=actor(request), now=timezone.now(), event_id=event_id, reason=body.reason, key=body.key)


@router.post("/events/{uuid:event_id}/calls", response=EventOut)
@opens(*WORK)
def join_call(request: HttpRequest, event_id: UUID, body: JoinIn) -> dict[str, Any]:
    """Add another call."""
    return facts.card(actions.join(actor=actor(request), now=timezone.now(), event_id=event_id, call_id=body.call,
                                   key=body.key))


@router.post("/events/{uuid:event_id}/items", response=ItemOut)
@opens(*WORK)
def add_item(request: HttpRequest, event_id: UUID, body: ItemIn) -> Item:
    """Add a task or an objective."""
    return actions.add_item(actor=actor(request), now=timezone.now(), event_id=event_id, **body.dict())


@router.post("/events/items/{uuid:part_id}", response=ItemOut)
@opens(*WORK)
def change_item(request: HttpRequest, part_id: UUID, body: ItemChangeIn) -> Item:
    """Move a task on, or give it another owner, time or sector."""
    given = body.dict(exclude_none=True)
    if "sector" in given:
        given["sector"] = given["sector"] or None
    return actions.change_item(actor=actor(request), now=timezone.now(), item_id=part_id, **given)


@router.post("/events/{uuid:event_id}/ticks", response=TickOut)
@opens(*WORK)
def tick(request: HttpRequest, event_id: UUID, body: TickIn) -> Tick:
    """Tick a line of a list, or take the tick back."""
    return actions.tick(actor=actor(request), now=timezone.now(), event_id=event_id, **body.dict())


@router.post("/events/{uuid:event_id}/sectors", response=SectorOut)
@opens(*WORK)
def save_sector(request: HttpRequest, event_id: UUID, body: SectorIn) -> Sector:
    """Draw a sector."""
    return actions.save_sector(actor=actor(request), now=timezone.now(), event_id=event_id, **body.dict())


@router.post("/events/{uuid:event_id}/sectors/{uuid:sector_id}/remove", response=EventOut)
@opens(*WORK)
def remove_sector(request: HttpRequest, event_id: UUID, sector_id: UUID, body: EventKeyIn) -> dict[str, Any]:
    """Take a sector off the board."""
    who, now = actor(request), timezone.now()
    actions.remove_sector(actor=who, now=now, event_id=event_id, sector_id=sector_id, key=body.key)
    return _card(request, event_id)


@router.post("/events/{uuid:event_id}/place", response=EventOut)
@opens(*WORK)
def place(request: HttpRequest, event_id: UUID, body: ForceIn) -> dict[str, Any]:
    """Put a unit or an agency into a sector."""
    actions.place(actor=actor(request), now=timezone.now(), event_id=event_id, **body.dict())
    return _card(request, event_id)


def _card(request: HttpRequest, event_id: UUID) -> dict[str, Any]:
    event = facts.find(actor(request).areas(*SHOWN), event_id)
    if event is None:
        raise Missing(_("There is no such event in your areas."), code="event")
    return facts.card(event)


@router.post("/events/{uuid:event_id}/counts", response=EventOut)
@opens(*WORK)
def count(request: HttpRequest, event_id: UUID, body: CountIn) -> dict[str, Any]:
    """Set how many people are evacuated, in shelters, not accounted for, back home."""
    return facts.card(actions.count(actor=actor(request), now=timezone.now(), event_id=event_id, **body.dict()))


@router.post("/events/{uuid:event_id}/remarks", response=EventOut)
@opens(*WORK)
def remark(request: HttpRequest, event_id: UUID, body: RemarkIn) -> dict[str, Any]:
    """Write a remark into the log."""
    actions.remark(actor=actor(request), now=timezone.now(), event_id=event_id, **body.dict())
    return _card(request, event_id)


@router.post("/events/{uuid:event_id}/stand-down", response=EventOut)
@opens(*WORK)
def stand_down(request: HttpRequest, event_id: UUID, body: EventWhyIn) -> dict[str, Any]:
    """End the event."""
    return facts.card(actions.stand_down(actor=actor(request), now=timezone.now(), event_id=event_id, **body.dict()))


class ReportSectionOut(Schema):
    """A heading with sentences and a table, its first row the heading; `blank`: lines that people fill in."""

    title: str
    lines: list[str]
    table: list[list[str]]
    blank: int


class EventReportOut(Schema):
    title: str
    notice: str
    sections: list[ReportSectionOut]


@router.get("/events/{uuid:event_id}/report", response=EventReportOut)
@opens(*WORK)
def report(request: HttpRequest, event_id: UUID) -> reports.Report:
    """The draft of the report after an event, from the log: times against the plan, what was late."""
    now = timezone.now()
    return reports.draft(actions.read(actor=actor(request), now=now, event_id=event_id), now)


@router.get("/events/{uuid:event_id}/report/{kind}")
@opens(*WORK)
def report_file(request: HttpRequest, event_id: UUID, kind: Literal["docx", "pdf"]) -> HttpResponse:
    """The same as a Word file or PDF. That it was taken out is written down."""
    who, now = actor(request), timezone.now()
    actions.read(actor=who, now=now, event_id=event_id)
    event = actions.report_drafted(actor=who, now=now, event_id=event_id)
    make, type = reports.FILES[kind]
    return HttpResponse(make(reports.draft(event, now)), content_type=type)


# ---- warnings


class WarningIn(Posted):
    """Words as CAP 1.2 has them. `ring`: corners as longitude, latitude; `areas`: paths. One of both is needed."""

    id: UUID
    event: UUID | None = None
    status: str = "Actual"
    category: str
    urgency: str
    severity: str
    certainty: str
    response: str
    expires_at: datetime
    event_zh: str
    event_en: str
    headline_zh: str
    headline_en: str
    text_zh: str = ""
    text_en: str = ""
    instruction_zh: str = ""
    instruction_en: str = ""
    areas: list[str] = Field([], max_length=200)
    ring: list[Degrees] = Field([], max_length=60)
    key: UUID | None = None


class CancelWarningIn(Posted):
    id: UUID
    why_zh: str = Field(max_length=1000)
    why_en: str = Field(max_length=1000)
    key: UUID | None = None


class WarningOut(Schema):
    id: UUID
    identifier: str
    msg_type: str
    status: str
    state: str
    area: str
    sent_at: datetime
    expires_at: datetime
    replaces: UUID | None = None
    event: UUID | None = None
    given: dict[str, Any]


def _warning(row: Warning) -> dict[str, Any]:
    return {"id": row.id, "identifier": row.identifier, "msg_type": row.msg_type, "status": row.status,
            "state": facts.state_of(row, timezone.now()), "area": row.area, "sent_at": row.sent_at,
            "expires_at": row.expires_at, "replaces": row.replaces_id, "event": row.event_id, "given": row.given}


def _new(body: WarningIn) -> NewWarning:
    given = body.dict(exclude={"event", "key"})
    if given["expires_at"].tzinfo is None:
        raise Refused(_("Write the time with its zone."), field="expires_at", code="invalid")
    return NewWarning(**given | {"areas": tuple(given["areas"]), "ring": tuple(map(tuple, given["ring"]))})


@router.get("/warnings", response=list[WarningOut])
@opens(*SHOWN)
def warnings(request: HttpRequest) -> list[dict[str, Any]]:
    """Warnings of one's areas, the newest first."""
    return [_warning(w) for w in facts.warnings(actor(request).areas(*SHOWN))]


@router.post("/warnings", response=WarningOut)
@opens(MAY_COMMAND)
def issue(request: HttpRequest, body: WarningIn) -> dict[str, Any]:
    """Issue a warning: signed, on the residents' page, in the outbox."""
    return _warning(actions.issue(actor=actor(request), now=timezone.now(), new=_new(body), event_id=body.event,
                                  key=body.key))


@router.post("/warnings/{uuid:warning_id}/update", response=WarningOut)
@opens(MAY_COMMAND)
def update(request: HttpRequest, warning_id: UUID, body: WarningIn) -> dict[str, Any]:
    """Put another in the place of a warning in force."""
    return _warning(actions.update(actor=actor(request), now=timezone.now(), warning_id=warning_id, new=_new(body),
                                   key=body.key))


@router.post("/warnings/{uuid:warning_id}/cancel", response=WarningOut)
@opens(MAY_COMMAND)
def cancel(request: HttpRequest, warning_id: UUID, body: CancelWarningIn) -> dict[str, Any]:
    """Cancel a warning in force."""
    return _warning(actions.cancel(actor=actor(request), now=timezone.now(), warning_id=warning_id, **body.dict()))


class ReadOut(Schema):
    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str
    references: list[str]
    infos: list[dict[str, Any]]


@router.post("/warnings/read", response=ReadOut)
@opens(*SHOWN)
def read(request: HttpRequest, file: File[UploadedFile]) -> dict[str, Any]:
    """What a CAP file of another office says. Nothing of it is kept. A file that breaks the standard is told all its
    faults."""
    try:
        alert = cap.read(file.read(cap.MOST_BYTES + 1))
    except BadInput as faults:
        raise Refused(str(faults), field="file", code="cap") from faults
    return cap.plain(alert)
