"""Comparisons over HTTP. `start` is local, as the wall clock shows it; the moments of a comparison are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from shouwang.desk.log.errors import Refused
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted
from shouwang.desk.workflow.asked_http import AskedRow, Page, page_of

from . import actions, facts
from .facts import ROOM
from .models import Study
from .terms import MOST_CLOSURES, Closure, Edit, Question, Scenario

router = Router(tags=["whatif"])
MOST_UNITS, MOST_EDITS, MOST_CORNERS = 200, 40, 60


class EditIn(Posted):
    kind: Literal["add", "move", "drop"]
    unit: str = Field("", max_length=36, description="Which unit is moved or dropped")
    service: Literal["police", "guard"] = Field("police", description="Of an added unit")
    lon: float = Field(0.0, ge=-180, le=180)
    lat: float = Field(0.0, ge=-90, le=90)


class Corner(Posted):
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class ClosureIn(Posted):
    """Streets of a name, all that an area touches, or a closure of the desk; each day from one hour up to another."""

    street: str = Field("", max_length=120)
    ring: list[Corner] = Field(default_factory=list, max_length=MOST_CORNERS)
    from_h: int = Field(0, ge=0, le=23)
    until_h: int = Field(24, ge=1, le=24)
    closure: UUID | None = Field(None, description="A closure entered at the desk, in force or planned")


class ScenarioIn(Posted):
    plan: UUID | None = Field(None, description="Whose posts are taken; null: today's")
    police: int | None = Field(None, ge=1, le=MOST_UNITS, description="How many units; null: as many as there are")
    guard: int | None = Field(None, ge=0, le=MOST_UNITS)
    edits: list[EditIn] = Field(default_factory=list, max_length=MOST_EDITS)
    closures: list[ClosureIn] = Field(default_factory=list, max_length=MOST_CLOSURES)
    dispatch: Literal["nearest", "return", "own_area", "cover"] = "nearest"
    move_up: bool = False
    first: bool = Field(True, description="Guards take first response and hand over to the police")


class StudyIn(Posted):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry and gives the same row")
    title: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")
    calls: Literal["forecast", "past"] = "forecast"
    start: datetime = Field(description="Local, a whole hour")
    hours: int = Field(8, ge=1, le=168)
    replications: int = Field(20, ge=2, le=200)
    seed: int = Field(1, ge=0, le=2**31 - 1)
    on_scene_min: float | None = Field(
        None, ge=1, le=240,
        description="Mean stay with a call, minutes; null: as measured by type and shift, 20 while nothing is",
    )  # fmt: skip
    a: ScenarioIn
    b: ScenarioIn

    def question(self) -> Question:
        start = self.start.replace(tzinfo=None)
        if start != start.replace(minute=0, second=0, microsecond=0):
            raise Refused(_("Choose a whole hour."), field="start", code="hour")
        if not 1900 < start.year < 2200:
            raise Refused(_("Choose a day of this century."), field="start", code="outside")
        return Question(
            self.title, self.calls, start.isoformat(), self.hours, self.replications, self.seed, self.on_scene_min,
            _scenario(self.a, "a"), _scenario(self.b, "b"),
        )  # fmt: skip


def _scenario(given: ScenarioIn, side: str) -> Scenario:
    return Scenario(
        str(given.plan or ""), given.police, given.guard,
        tuple(Edit(e.kind, e.unit, e.service, e.lon, e.lat) for e in given.edits),
        tuple(_closure(c, f"{side}.closures.{n}") for n, c in enumerate(given.closures)),
        given.dispatch, given.move_up, given.first,
    )  # fmt: skip


def _closure(given: ClosureIn, field: str) -> Closure:
    street = given.street.strip()
    if bool(street) + bool(given.ring) + (given.closure is not None) != 1:
        raise Refused(_("Name a street, or draw an area."), field=field, code="needs")
    if given.ring and len(given.ring) < 3:
        raise Refused(_("An area needs three corners."), field=field, code="ring")
    if given.from_h == given.until_h % 24 and given.until_h != 24:
        raise Refused(_("The closure has no length."), field=field, code="hours")
    ring = tuple((c.lon, c.lat) for c in given.ring)
    return Closure(street, ring, given.from_h, given.until_h, str(given.closure or ""))


class StudyRow(AskedRow):
    title: str


class StudyOut(StudyRow):
    given: dict[str, Any]
    figures: dict[str, Any] = Field(
        description="Estimates are [value, low, high], 95 %; null where nothing can be said"
    )


class StudiesOut(Schema):
    total: int
    page: int
    rows: list[StudyRow]


class Wanted(Page):
    q: str = Field("", max_length=80, pattern=r"^[^\x00-\x1f]*$", description="A part of the title")


@router.get("/whatif", response=StudiesOut)
@opens(*ROOM.see)
def studies(request: HttpRequest, wanted: Query[Wanted]) -> dict[str, Any]:
    """Comparisons in the caller's areas, newest first."""
    return page_of(facts.studies(actor(request), wanted.q.strip()), wanted.page)


@router.post("/whatif", response=StudyOut)
@opens(ROOM.run)
def compare(request: HttpRequest, body: StudyIn) -> Study:
    """Ask for a comparison. The worker plays it; its state tells how far it has come."""
    return actions.compare(actor=actor(request), now=timezone.now(), id=body.id, question=body.question())


@router.get("/whatif/{uuid:study_id}", response=StudyOut)
@opens(*ROOM.see)
def study(request: HttpRequest, study_id: UUID) -> Study:
    """One comparison with its inputs and figures."""
    return ROOM.find(actor(request), study_id)


@router.post("/whatif/{uuid:study_id}/again", response=StudyRow)
@opens(ROOM.run)
def again(request: HttpRequest, study_id: UUID) -> Study:
    """Play it once more: the same inputs and seed give the same figures."""
    return ROOM.again(actor=actor(request), now=timezone.now(), id=study_id)


@router.post("/whatif/{uuid:study_id}/cancel", response=StudyRow)
@opens(ROOM.run)
def cancel(request: HttpRequest, study_id: UUID) -> Study:
    """End a run at its next step."""
    return ROOM.cancel(actor=actor(request), now=timezone.now(), id=study_id)


@router.delete("/whatif/{uuid:study_id}", response={204: None})
@opens(ROOM.run)
def delete(request: HttpRequest, study_id: UUID) -> Status[None]:
    """Delete a comparison."""
    ROOM.delete(actor=actor(request), now=timezone.now(), id=study_id)
    return Status(204, None)
