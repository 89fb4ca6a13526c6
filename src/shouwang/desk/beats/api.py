"""Proposals of beats over HTTP."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted
from shouwang.desk.workflow.asked_http import AskedRow, Page, page_of

from . import actions, exports, facts
from .facts import ROOM
from .models import Proposal
from .terms import Question

router = Router(tags=["beats"])


class ProposalIn(Posted):
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


class ProposalOut(AskedRow):
    given: dict[str, Any]
    figures: dict[str, Any] = Field(
        description="Drives in seconds, objective and bound in minutes of driving a day; estimates: [value, low, high]"
    )


class ProposalsOut(Schema):
    total: int
    page: int
    rows: list[AskedRow]


@router.get("/beats", response=ProposalsOut)
@opens(*ROOM.see)
def proposals(request: HttpRequest, wanted: Query[Page]) -> dict[str, Any]:
    """Proposals in the caller's areas, newest first."""
    return page_of(facts.proposals(actor(request)), wanted.page)


@router.post("/beats", response=ProposalOut)
@opens(ROOM.run)
def ask(request: HttpRequest, body: ProposalIn) -> Proposal:
    """Ask for a proposal. The worker makes it; its state tells how far it has come."""
    return actions.ask(actor=actor(request), now=timezone.now(), id=body.id, question=body.question())


@router.get("/beats/{uuid:proposal_id}", response=ProposalOut)
@opens(*ROOM.see)
def proposal(request: HttpRequest, proposal_id: UUID) -> Proposal:
    """One proposal with its inputs and figures."""
    return ROOM.find(actor(request), proposal_id)


@router.get("/beats/{uuid:proposal_id}/geojson", response=dict[str, Any])
@opens(*ROOM.see)
def geojson(request: HttpRequest, proposal_id: UUID) -> dict[str, Any]:
    """The proposed beats as the import of areas takes them."""
    return exports.collection(ROOM.find(actor(request), proposal_id))


@router.post("/beats/{uuid:proposal_id}/again", response=AskedRow)
@opens(ROOM.run)
def again(request: HttpRequest, proposal_id: UUID) -> Proposal:
    """Make it once more: the same inputs and seed give the same figures."""
    return ROOM.again(actor=actor(request), now=timezone.now(), id=proposal_id)


@router.post("/beats/{uuid:proposal_id}/cancel", response=AskedRow)
@opens(ROOM.run)
def cancel(request: HttpRequest, proposal_id: UUID) -> Proposal:
    """End a run at its next step."""
    return ROOM.cancel(actor=actor(request), now=timezone.now(), id=proposal_id)


@router.delete("/beats/{uuid:proposal_id}", response={204: None})
@opens(ROOM.run)
def delete(request: HttpRequest, proposal_id: UUID) -> Status[None]:
    """Delete a proposal."""
    ROOM.delete(actor=actor(request), now=timezone.now(), id=proposal_id)
    return Status(204, None)
