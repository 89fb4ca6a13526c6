"""Units over HTTP."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from shouwang.desk.log.gate import actor, opens

from . import actions, facts
from .tasks import tasks_of

router = Router(tags=["units"])


class UnitOut(Schema):
    id: UUID
    code: str
    zh: str
    en: str
    service: str
    letter: str
    kind: str
    state: str
    shown: str
    since: str
    area: str
    panic: bool
    call: UUID | None = None
    lon: float
    lat: float
    example: bool


class StateIn(Schema):
    transition: str = Field(max_length=24)
    key: UUID | None = None


class KeyIn(Schema):
    key: UUID | None = None


@router.get("/units", response=list[UnitOut])
@opens(actions.MAY_SEE)
def list_units(request: HttpRequest) -> list[dict[str, Any]]:
    """Units of the caller's areas, with their state."""
    return facts.cards(areas=actor(request).areas(actions.MAY_SEE))


@router.post("/units/{uuid:unit_id}/state", response=UnitOut)
@opens("dispatch.status", "dispatch.assign")
def set_state(request: HttpRequest, unit_id: UUID, body: StateIn) -> dict[str, Any]:
    """Move a unit by a transition of its life cycle (u_post, u_move, u_break, u_out, u_on, u_off)."""
    actions.set_state(
        actor=actor(request), now=timezone.now(), unit_id=unit_id, transition=body.transition, key=body.key
    )
    return _card(request, unit_id)


@router.post("/units/{uuid:unit_id}/panic/clear", response=UnitOut)
@opens("dispatch.status")
def clear_panic(request: HttpRequest, unit_id: UUID, body: KeyIn) -> dict[str, Any]:
    """Take a unit's panic flag down once it is safe."""
    actions.clear_panic(actor=actor(request), now=timezone.now(), unit_id=unit_id, key=body.key)
    return _card(request, unit_id)


def _card(request: HttpRequest, unit_id: UUID) -> dict[str, Any]:
    unit = actions.visible(actor(request), unit_id)
    return facts.card(unit, tasks_of([unit.id]).get(unit.id))
