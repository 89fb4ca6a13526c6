"""Handing the desk or a community office over, by HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted

from . import actions, facts
from .models import Handover

router = Router(tags=["handover"])


class GiveIn(Posted):
    """`id` is made by whoever gives; the same id again is a retry."""

    id: UUID
    area: str = Field(max_length=200)
    kind: str = Field("desk", max_length=8, description="desk, or office for a community office")
    note: str = Field("", max_length=actions.LONGEST, description="Sealed")
    key: UUID | None = None


class TakeIn(Posted):
    note: str = Field("", max_length=actions.LONGEST, description="Sealed")
    key: UUID | None = None


class HandoverKeyIn(Posted):
    key: UUID | None = None


class HandoverOut(Schema):
    id: UUID
    kind: str
    area: str
    state: str
    given_at: datetime
    taken_at: datetime | None = None
    items: list[dict[str, Any]]


@router.get("/handovers", response=list[HandoverOut])
@opens(facts.MAY, facts.OFFICE)
def handovers(request: HttpRequest) -> list[Handover]:
    """What waits to be taken in one's areas, then the last ones. Without notes."""
    who = actor(request)
    held = [(kind, facts.areas_of(who, kind)) for kind in facts.MAY_OF]
    waiting = [row for kind, areas in held for area in areas if (row := facts.pending(kind, area))]
    return waiting + [row for kind, areas in held if areas for row in facts.recent(kind, areas)]


@router.post("/handovers", response=HandoverOut)
@opens(facts.MAY, facts.OFFICE)
def give(request: HttpRequest, body: GiveIn) -> Handover:
    """Sign the desk, or the office, of an area over."""
    return actions.give(actor=actor(request), now=timezone.now(), **body.dict())


@router.post("/handovers/{uuid:handover_id}/take", response=HandoverOut)
@opens(facts.MAY, facts.OFFICE)
def take(request: HttpRequest, handover_id: UUID, body: TakeIn) -> Handover:
    """Sign for it."""
    return actions.take(actor=actor(request), now=timezone.now(), handover_id=handover_id, **body.dict())


@router.post("/handovers/{uuid:handover_id}/withdraw", response=HandoverOut)
@opens(facts.MAY, facts.OFFICE)
def withdraw(request: HttpRequest, handover_id: UUID, body: HandoverKeyIn) -> Handover:
    """Take back what nobody has signed for."""
    return actions.withdraw(actor=actor(request), now=timezone.now(), handover_id=handover_id, key=body.key)
