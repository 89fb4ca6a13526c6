"""Whether a measure worked, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted

from . import actions, exports, facts
from .advice import small
from .models import Review
from .terms import LEAST_WEEKS, MOST_WEEKS, Question, frozen

router = Router(tags=["effects"])
PER_PAGE = 20
PLAIN = r"^[^\x00-\x1f]+$"
AreaPath = Annotated[str, Field(min_length=2, max_length=200, pattern=PLAIN)]
Kind = Annotated[str, Field(min_length=1, max_length=80, pattern=PLAIN)]


class Asked(Posted):
    area: AreaPath = Field(description="Path in which all areas lie")
    unit: Literal["community", "control_area"] = "community"
    treated: list[AreaPath] = Field(min_length=1, max_length=2000, description="Areas of the measure")
    began: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="First local day of the measure")
    weeks: int = Field(26, ge=LEAST_WEEKS, le=MOST_WEEKS, description="Weeks before, and as many after")
    kinds: list[Kind] = Field([], max_length=500, description="Kinds of calls; none: all")
    hours: Literal["all", "day", "night"] = Field("all", description="Night is from 22 to 6")


class QuestionIn(Asked):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry and gives the same row")
    title: str = Field(min_length=1, max_length=80, pattern=PLAIN, description="The measure")
    control: list[AreaPath] = Field([], max_length=2000, description="Comparison areas; none: before and after alone")
    near: list[AreaPath] = Field([], max_length=2000, description="Areas next door, looked at by themselves")

    def question(self) -> Question:
        return Question(**frozen(self.dict(exclude={"id"})))


class Proposed(Schema):
    control: list[str]
    near: list[str]
    before: dict[str, int | None] = Field(
        description="Calls of each area in the weeks before; None: 1 to 10, for who may not see calls"
    )


class ReviewRow(Schema):
    id: UUID
    area: str
    title: str
    made_by: str
    made_at: datetime
    done_at: datetime
    runs: int
    same: bool | None = Field(description="Whether the last run gave the figures of the one before")


class ReviewOut(ReviewRow):
    given: dict[str, Any]
    figures: dict[str, Any] = Field(
        description="main: the answer (None: refused says why); others: by other methods; near: next door; counts per "
        "area and part of the time; for who may not see calls before and after alone, None where they are few"
    )


class ReviewsOut(Schema):
    total: int
    page: int
    rows: list[ReviewRow]


class Page(Schema):
    page: int = Field(1, ge=1, le=10_000)


@router.get("/effects", response=ReviewsOut)
@opens("analysis.view")
def reviews(request: HttpRequest, wanted: Query[Page]) -> dict[str, Any]:
    """Questions in the caller's areas, newest first."""
    found = facts.reviews(actor(request).areas(facts.VIEW))
    first = (wanted.page - 1) * PER_PAGE
    return {"total": found.count(), "page": wanted.page, "rows": list(found[first : first + PER_PAGE])}


@router.post("/effects", response=ReviewOut)
@opens("analysis.view")
def ask(request: HttpRequest, body: QuestionIn) -> Review:
    """Ask whether a measure worked: answered at once, and kept."""
    who = actor(request)
    return small.for_reader(actions.ask(actor=who, now=timezone.now(), id=body.id, question=body.question()), who)


@router.post("/effects/proposal", response=Proposed)
@opens("analysis.view")
def propose(request: HttpRequest, body: Asked) -> dict[str, Any]:
    """Comparison areas for a measure, by their number of calls before. Nothing is kept."""
    return actions.propose(actor=actor(request), now=timezone.now(), **frozen(body.dict()))


@router.get("/effects/{uuid:review_id}", response=ReviewOut)
@opens("analysis.view")
def review(request: HttpRequest, review_id: UUID) -> Review:
    """One question with its inputs and figures."""
    who = actor(request)
    found = facts.find(who.areas(facts.VIEW), review_id)
    if found is None:
        raise Missing(_("No such question in your areas."), code="missing")
    return small.for_reader(found, who)


@router.get("/effects/{uuid:review_id}/file")
@opens("analysis.view")
def file(request: HttpRequest, review_id: UUID, kind: Literal["docx", "pdf", "xlsx", "csv"] = "pdf") -> HttpResponse:
    """The answer as a file: a report (docx, pdf) or a workbook with the chart, or the areas alone (csv)."""
    return exports.answer(review(request, review_id), kind)


@router.post("/effects/{uuid:review_id}/again", response=ReviewOut)
@opens("analysis.view")
def again(request: HttpRequest, review_id: UUID) -> Review:
    """Count and answer once more: the same calls give the same figures."""
    who = actor(request)
    return small.for_reader(actions.again(actor=who, now=timezone.now(), review_id=review_id), who)


@router.delete("/effects/{uuid:review_id}", response={204: None})
@opens("analysis.view")
def delete(request: HttpRequest, review_id: UUID) -> Status[None]:
    """Delete a question with its answer."""
    actions.delete(actor=actor(request), now=timezone.now(), review_id=review_id)
    return Status(204, None)
