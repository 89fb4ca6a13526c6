"""Units over HTTP."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted

from . import actions, facts, standing_by
from .terms import Place

router = Router(tags=["units"])


class StandByOut(Schema):
    """Where a unit is asked to wait; `seen` once its crew has said so."""

    zh: str
    en: str
    lon: float
    lat: float
    seen: bool


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
    stand_by: StandByOut | None = None


class PlaceIn(Posted):
    zh: str = Field(min_length=1, max_length=80)
    en: str = Field(min_length=1, max_length=80)
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    key: UUID | None = None

    def term(self) -> Place:
        return Place(self.zh, self.en, self.lon, self.lat)


class StateIn(Posted):
    transition: str = Field(max_length=24)
    key: UUID | None = None


class KeyIn(Posted):
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


@router.post("/units/{uuid:unit_id}/stand-by", response=UnitOut)
@opens("dispatch.assign")
def ask_stand_by(request: HttpRequest, unit_id: UUID, body: PlaceIn) -> dict[str, Any]:
    """Ask a free unit to wait at a place."""
    standing_by.ask_stand_by(
        actor=actor(request), now=timezone.now(), unit_id=unit_id, place=body.term(), key=body.key
    )
    return _card(request, unit_id)


@router.post("/units/{uuid:unit_id}/stand-by/seen", response=UnitOut)
@opens("dispatch.status")
def see_stand_by(request: HttpRequest, unit_id: UUID, body: KeyIn) -> dict[str, Any]:
    """The crew has seen where it is to wait."""
    standing_by.see_stand_by(actor=actor(request), now=timezone.now(), unit_id=unit_id, key=body.key)
    return _card(request, unit_id)


@router.post("/units/{uuid:unit_id}/stand-by/end", response=UnitOut)
@opens("dispatch.assign")
def end_stand_by(request: HttpRequest, unit_id: UUID, body: KeyIn) -> dict[str, Any]:
    """Take it back: the unit stays where it is."""
    standing_by.end_stand_by(actor=actor(request), now=timezone.now(), unit_id=unit_id, key=body.key)
    return _card(request, unit_id)


@router.post("/units/{uuid:unit_id}/stand-by/dismiss", response=UnitOut)
@opens("dispatch.assign")
def dismiss_stand_by(request: HttpRequest, unit_id: UUID, body: PlaceIn) -> dict[str, Any]:
    """Do not ask what was advised; the advice is silent about this unit for a while."""
    standing_by.dismiss_stand_by(
        actor=actor(request), now=timezone.now(), unit_id=unit_id, place=body.term(), key=body.key
    )
    return _card(request, unit_id)


def _card(request: HttpRequest, unit_id: UUID) -> dict[str, Any]:
    return facts.card_of(actions.visible(actor(request), unit_id))
