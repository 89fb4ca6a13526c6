"""Proposals of beats over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, opens

from . import actions, exports, facts
from .models import Proposal
from .terms import Question

router = Router(tags=["beats"])
PER_PAGE = 20


class ProposalIn(Schema):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry and gives the same row")
    area: str = Field(min_length=2, max_length=200, pattern=r"^[^\x00-\x1f]+$",
                      description="Path of a district or control area")  # fmt: skip
    each: Literal["whole", "control_area"] = Field("whole", description="As one, or each control area by itself")
    count: int = Field(ge=1, le=200, description="How many beats, in each of those")
    tolerance: float = Field(0.1, ge=0, le=1, description="Share by which calls may differ from the mean")
    worth_min: float = Field(0.0, ge=0, le=10_000,
                             description="Minutes of driving a day that a cell has to save to leave its beat of today")
    seed: int = Field(1, ge=0, le=2**31 - 1)

    def question(self) -> Question:
        return Question(self.area, self.each, self.count, self.tolerance, self.worth_min, self.seed)


class ProposalRow(Schema):
    id: UUID
    area: str
    state: str
    progress: float
    step: str
    error: str
    made_by: str
    made_at: datetime
    done_at: datetime | None
    runs: int
    same: bool | None = Field(description="Whether the last run gave the figures of the one before")


class ProposalOut(ProposalRow):
    given: dict[str, Any]
    figures: dict[str, Any] = Field(
        description="Drives in seconds, objective and bound in minutes of driving a day; estimates: [value, low, high]"
    )


class ProposalsOut(Schema):
    total: int
    page: int
    rows: list[ProposalRow]


class Page(Schema):
    page: int = Field(1, ge=1, le=10_000)


@router.get("/beats", response=ProposalsOut)
@opens(*facts.SEE)
def proposals(request: HttpRequest, wanted: Query[Page]) -> dict[str, Any]:
    """Proposals in the caller's areas, newest first."""
    found = facts.proposals(actor(request).areas(*facts.SEE))
    first = (wanted.page - 1) * PER_PAGE
    return {"total": found.count(), "page": wanted.page, "rows": list(found[first : first + PER_PAGE])}


@router.post("/beats", response=ProposalOut)
@opens("patrol.plan")
def ask(request: HttpRequest, body: ProposalIn) -> Proposal:
    """Ask for a proposal. The worker makes it; its state tells how far it has come."""
    return actions.ask(actor=actor(request), now=timezone.now(), id=body.id, question=body.question())


@router.get("/beats/{uuid:proposal_id}", response=ProposalOut)
@opens(*facts.SEE)
def proposal(request: HttpRequest, proposal_id: UUID) -> Proposal:
    """One proposal with its inputs and figures."""
    return _found(request, proposal_id)


@router.get("/beats/{uuid:proposal_id}/geojson", response=dict[str, Any])
@opens(*facts.SEE)
def geojson(request: HttpRequest, proposal_id: UUID) -> dict[str, Any]:
    """The proposed beats as the import of areas takes them."""
    return exports.collection(_found(request, proposal_id))


@router.post("/beats/{uuid:proposal_id}/again", response=ProposalRow)
@opens("patrol.plan")
def again(request: HttpRequest, proposal_id: UUID) -> Proposal:
    """Make it once more: the same inputs and seed give the same figures."""
    return actions.again(actor=actor(request), now=timezone.now(), proposal_id=proposal_id)


@router.post("/beats/{uuid:proposal_id}/cancel", response=ProposalRow)
@opens("patrol.plan")
def cancel(request: HttpRequest, proposal_id: UUID) -> Proposal:
    """End a run at its next step."""
    return actions.cancel(actor=actor(request), now=timezone.now(), proposal_id=proposal_id)


@router.delete("/beats/{uuid:proposal_id}", response={204: None})
@opens("patrol.plan")
def delete(request: HttpRequest, proposal_id: UUID) -> Status[None]:
    """Delete a proposal."""
    actions.delete(actor=actor(request), now=timezone.now(), proposal_id=proposal_id)
    return Status(204, None)


def _found(request: HttpRequest, proposal_id: UUID) -> Proposal:
    found = facts.find(actor(request).areas(*facts.SEE), proposal_id)
    if found is None:
        raise Missing(_("No such proposal in your areas."), code="missing")
    return found
