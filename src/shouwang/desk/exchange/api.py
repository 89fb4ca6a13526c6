"""Neighbouring centres over HTTP, for people and programs of this centre. Other centres come in by /exchange/in/."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted

from . import actions, facts, neighbours
from .terms import KEEP, MAY, MAY_SEE, MOST_COUNT, MOST_NEEDS, MOST_WORDS, Need

router = Router(tags=["neighbouring centres"])


class NeedIn(Posted):
    capability: str = Field(max_length=40, description="Code of the table of capabilities")
    count: int = Field(ge=1, le=MOST_COUNT)


class AskIn(Posted):
    id: UUID = Field(description="UUIDv7 made by the client: the same id is a retry")
    neighbour: UUID
    asked: list[NeedIn] = Field(min_length=1, max_length=MOST_NEEDS)
    within_min: int | None = Field(None, description="Needed within so many minutes")
    text: str = Field("", max_length=MOST_WORDS, description="What else it has to know; sent, and sealed here")


class HelpMoveIn(Posted):
    transition: str = Field(max_length=24, description="n_offer, n_refuse, n_done; of the side that asks n_withdraw")
    text: str = Field("", max_length=MOST_WORDS, description="The reason where one is needed; sent, and sealed here")
    offered: list[NeedIn] = Field([], max_length=MOST_NEEDS)
    within_min: int | None = None
    key: UUID | None = None


class OnceIn(Posted):
    key: UUID | None = None


class UnitSaidOut(Schema):
    name: str
    state: str


class HelpOut(Schema):
    id: UUID
    side: str
    neighbour: UUID
    zh: str
    en: str
    call: UUID | None
    state: str
    severity: int
    type: str
    type_text: str
    place: str
    lon: float
    lat: float
    asked: list[NeedIn]
    by: str | None
    offered: list[NeedIn]
    arrives: str | None
    number: str
    units: list[UnitSaidOut]
    made: str
    theirs_at: str | None
    ended: str | None
    version: int
    delivery: str
    tries: int
    fault: str
    next_try: str | None


class NeighbourIn(Posted):
    zh: str = Field(max_length=80)
    en: str = Field(max_length=80)
    address: str = Field(max_length=200, description="https://host[:port]")
    public_key: str = Field(max_length=60, description="Ed25519, 43 characters of base64url")
    sends: list[str] = Field([], description="What it may be sent beyond the least: detail, units")
    active: bool = True
    version: int | None = Field(None, description="The one it was read at, to change it; none to enter it")
    key: UUID | None = None


class NeighbourOut(Schema):
    id: UUID
    zh: str
    en: str
    address: str
    public_key: str
    thumbprint: str
    sends: list[str]
    active: bool
    confirmed: bool
    compared: int
    heard: str | None
    version: int


class CompareIn(Posted):
    digits: str = Field(max_length=20, description="The last 8 digits of the thumbprint, as they were read out")
    key: UUID | None = None


class OwnOut(Schema):
    public_key: str
    thumbprint: str


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": actor(request), "now": timezone.now()}


def _needs(given: list[NeedIn]) -> list[Need]:
    return [Need(n.capability, n.count) for n in given]


@router.get("/help", response=list[HelpOut])
@opens(MAY)
def open_requests(request: HttpRequest) -> list[dict[str, Any]]:
    """Requests of one's areas that are not over: those that wait for us first."""
    return [facts.card(h) for h in facts.listed(actor(request).areas(MAY))]


@router.get("/help/{uuid:help_id}", response=HelpOut)
@opens(MAY)
def one_request(request: HttpRequest, help_id: UUID) -> dict[str, Any]:
    help = facts.find(actor(request).areas(MAY), help_id)
    if help is None:
        raise Missing(_("There is no such request in your areas."), code="help")
    return facts.card(help)


@router.get("/calls/{uuid:call_id}/help", response=list[HelpOut])
@opens(MAY_SEE)
def of_call(request: HttpRequest, call_id: UUID) -> list[dict[str, Any]]:
    """Every request of a call."""
    if calls.find(actor(request).areas(MAY_SEE), call_id) is None:
        raise Missing(_("There is no such call in your areas."), code="call")
    return [facts.card(h) for h in facts.of_call(call_id)]


@router.post("/calls/{uuid:call_id}/help", response=HelpOut)
@opens(MAY)
def ask(request: HttpRequest, call_id: UUID, body: AskIn) -> dict[str, Any]:
    """Ask a neighbour for help with a call."""
    return facts.card(actions.ask(**_who(request), id=body.id, call_id=call_id, neighbour_id=body.neighbour,
                                  asked=_needs(body.asked), within_min=body.within_min, words=body.text))


@router.post("/help/{uuid:help_id}/take", response=HelpOut)
@opens(MAY)
def take(request: HttpRequest, help_id: UUID, body: OnceIn) -> dict[str, Any]:
    """Take up what a neighbour asks: it becomes a call here. 409 if somebody else was first."""
    return facts.card(actions.take(**_who(request), help_id=help_id, key=body.key))


@router.post("/help/{uuid:help_id}/move", response=HelpOut)
@opens(MAY)
def move(request: HttpRequest, help_id: UUID, body: HelpMoveIn) -> dict[str, Any]:
    """Offer, refuse, end, or withdraw; the other side is told."""
    return facts.card(actions.move(
        **_who(request), help_id=help_id, transition=body.transition, words=body.text, offered=_needs(body.offered),
        within_min=body.within_min, key=body.key))


@router.post("/help/{uuid:help_id}/send-again", response=HelpOut)
@opens(MAY)
def send_again(request: HttpRequest, help_id: UUID, body: OnceIn) -> dict[str, Any]:
    """Send at once what was not delivered, or given up."""
    return facts.card(actions.send_again(**_who(request), help_id=help_id, key=body.key))


@router.get("/neighbours", response=list[NeighbourOut])
@opens(MAY, KEEP)
def list_neighbours(request: HttpRequest) -> list[dict[str, Any]]:
    """The register of neighbouring centres."""
    return [facts.neighbour_fact(n) for n in facts.neighbours()]


@router.get("/neighbours/own", response=OwnOut)
@opens(MAY, KEEP)
def own(request: HttpRequest) -> Any:
    """This centre's own key, to be given to neighbours."""
    return neighbours.own()


@router.put("/neighbours/{uuid:neighbour_id}", response=NeighbourOut)
@opens(KEEP)
def save(request: HttpRequest, neighbour_id: UUID, body: NeighbourIn) -> dict[str, Any]:
    """Enter a neighbour, or with its version change it. Another key has to be compared anew."""
    given = neighbours.Given(body.zh, body.en, body.address, body.public_key, tuple(body.sends), body.active)
    return facts.neighbour_fact(neighbours.save_neighbour(
        **_who(request), id=neighbour_id, given=given, version=body.version, key=body.key))


@router.post("/neighbours/{uuid:neighbour_id}/compare", response=NeighbourOut)
@opens(MAY, KEEP)
def compare(request: HttpRequest, neighbour_id: UUID, body: CompareIn) -> dict[str, Any]:
    """Say that one has compared the thumbprint. Two different people have to."""
    return facts.neighbour_fact(neighbours.confirm(**_who(request), id=neighbour_id, digits=body.digits, key=body.key))
