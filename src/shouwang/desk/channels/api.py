"""The inbox, the telephone and callers asked afterwards, over HTTP."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted

from . import actions, facts
from .models import Item, Reply, Ring, Visit
from .terms import FEEDBACK, REVEAL, SEE, TAKE

router = Router(tags=["inbox"])


class KeyIn(Posted):
    """`key`: an id made by the client; the same one again is a retry."""

    key: UUID | None = None


class AttachIn(KeyIn):
    call_id: UUID


class CloseIn(KeyIn):
    why: str = Field(max_length=12, description="answered, not_for_us, twice, spam, empty or test")


class ReasonIn(KeyIn):
    reason: str = Field(max_length=500, description="Kept, and readable by the auditor")


class ReplyIn(KeyIn):
    id: UUID
    text: str = Field(max_length=500, description="Sealed")


class ResultIn(KeyIn):
    result: str = Field(max_length=12)


class SeatIn(KeyIn):
    seat: str = Field("", max_length=40, description="The telephone as the exchange names it; empty to leave it")


class RateIn(KeyIn):
    rating: int
    why: str = Field(max_length=10)


class ItemOut(Schema):
    id: UUID
    channel: str
    type: str
    severity: int
    place: str
    lon: float | None = None
    lat: float | None = None
    received_at: datetime
    state: str
    claimed_by: str
    claim_until: datetime | None = None
    call: UUID | None = Field(None, description="What it became or belongs to; in hand, the id the call will have")
    why: str


class ReplyOut(Schema):
    id: UUID
    at: datetime
    state: str
    tries: int
    fault: str
    text: str


class ItemWordsOut(ItemOut):
    words: str
    replies: list[ReplyOut]


class OpenedOut(Schema):
    """Save the call under this id (POST /api/calls): then what it was opened with is settled."""

    call: UUID
    url: str


class SenderOut(Schema):
    sender: str


class RingOut(Schema):
    id: UUID
    line: str
    state: str
    joined_at: datetime
    ended_at: datetime | None = None
    back: str
    back_by: str
    back_tries: int


class ClaimedOut(Schema):
    ring: RingOut
    number: str


class HourOut(Schema):
    at: datetime | None = None
    rang: int
    answered: int
    missed: int
    unknown: int
    within: list[int] = Field(description="Answered within 10, 15 and 20 seconds")


class AnsweringOut(Schema):
    hours: list[HourOut]
    all: HourOut
    median_s: float | None = None
    lost_s: float = Field(description="Seconds in which the exchange was not heard")


class Span(Schema):
    hours: int = Field(24, ge=1, le=24 * 92)


class VisitOut(Schema):
    id: UUID
    call: UUID
    type: str
    day: Any
    due_at: datetime
    state: str
    claimed_by: str
    tries: int


class NumberOut(Schema):
    number: str


# ---- messages


@router.get("/inbox", response=list[ItemOut])
@opens(TAKE)
def inbox(request: HttpRequest) -> list[Item]:
    """What waits or is in hand, the most urgent first; then what was settled lately. Without words."""
    return facts.items(actor(request).areas(TAKE), timezone.now())


@router.get("/inbox/{uuid:item_id}", response=ItemWordsOut)
@opens(TAKE)
def one(request: HttpRequest, item_id: UUID) -> Any:
    """One message with its words; the reading is written down."""
    item, words, replies = actions.read(actor=actor(request), now=timezone.now(), item_id=item_id)
    told = {name: getattr(item, name) for name in ItemOut.model_fields}
    return told | {"words": words, "replies": [_reply(row, text) for row, text in replies]}


def _reply(row: Reply, text: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "at", "state", "tries", "fault")} | {"text": text}


@router.post("/inbox/{uuid:item_id}/claim", response=ItemOut)
@opens(TAKE)
def claim(request: HttpRequest, item_id: UUID, body: KeyIn) -> Item:
    """Take it in hand; 409 names who has it."""
    return actions.claim(actor=actor(request), now=timezone.now(), item_id=item_id, key=body.key)


@router.post("/inbox/{uuid:item_id}/back", response=ItemOut)
@opens(TAKE)
def back(request: HttpRequest, item_id: UUID, body: KeyIn) -> Item:
    """Put it back for others."""
    return actions.give_back(actor=actor(request), now=timezone.now(), item_id=item_id, key=body.key)


@router.post("/inbox/{uuid:item_id}/open", response=OpenedOut)
@opens(TAKE)
def begin(request: HttpRequest, item_id: UUID, body: KeyIn) -> Any:
    """Take it in hand and put it into one's intake form."""
    return _opened(actions.begin(actor=actor(request), now=timezone.now(), item_id=item_id, key=body.key))


@router.post("/inbox/{uuid:item_id}/attach", response=ItemOut)
@opens(TAKE)
def attach(request: HttpRequest, item_id: UUID, body: AttachIn) -> Item:
    """Add it to an open call as a further caller."""
    return actions.attach(actor=actor(request), now=timezone.now(), item_id=item_id, **body.dict())


@router.post("/inbox/{uuid:item_id}/close", response=ItemOut)
@opens(TAKE)
def close(request: HttpRequest, item_id: UUID, body: CloseIn) -> Item:
    """Settle it without a call."""
    return actions.close(actor=actor(request), now=timezone.now(), item_id=item_id, **body.dict())


@router.post("/inbox/{uuid:item_id}/reopen", response=ItemOut)
@opens(TAKE)
def reopen(request: HttpRequest, item_id: UUID, body: KeyIn) -> Item:
    """Take a closing back."""
    return actions.reopen(actor=actor(request), now=timezone.now(), item_id=item_id, key=body.key)


@router.post("/inbox/{uuid:item_id}/reply", response=ReplyOut)
@opens(TAKE)
def reply(request: HttpRequest, item_id: UUID, body: ReplyIn) -> Any:
    """Queue words to the sender, by the channel it came by."""
    return _reply(actions.reply(actor=actor(request), now=timezone.now(), item_id=item_id, **body.dict()), body.text)


@router.post("/inbox/{uuid:item_id}/reveal", response=SenderOut)
@opens(REVEAL)
def reveal(request: HttpRequest, item_id: UUID, body: ReasonIn) -> Any:
    """The sender, for a stated reason that is written down."""
    return {"sender": actions.reveal(actor=actor(request), now=timezone.now(), item_id=item_id, **body.dict())}


def _opened(call: UUID) -> dict[str, Any]:
    return {"call": call, "url": reverse("call.new")}


# ---- the telephone


@router.get("/rings", response=list[RingOut])
@opens(TAKE)
def rings(request: HttpRequest) -> list[Ring]:
    """Missed calls to be called back, the oldest first. Without numbers."""
    return facts.missed(actor(request).areas(TAKE))


@router.post("/rings/{uuid:ring_id}/claim", response=ClaimedOut)
@opens(TAKE)
def claim_back(request: HttpRequest, ring_id: UUID, body: KeyIn) -> Any:
    """Take a missed call in hand, with its number."""
    ring, number = actions.claim_back(actor=actor(request), now=timezone.now(), ring_id=ring_id, key=body.key)
    return {"ring": ring, "number": number}


@router.post("/rings/{uuid:ring_id}/result", response=RingOut)
@opens(TAKE)
def end_back(request: HttpRequest, ring_id: UUID, body: ResultIn) -> Ring:
    """What came of it: done, no_answer, or back (given back untried)."""
    return actions.end_back(actor=actor(request), now=timezone.now(), ring_id=ring_id, **body.dict())


@router.post("/rings/{uuid:ring_id}/open", response=OpenedOut)
@opens(TAKE)
def open_missed(request: HttpRequest, ring_id: UUID, body: KeyIn) -> Any:
    """Put a missed call that one has in hand into the intake form."""
    return _opened(actions.open_missed(actor=actor(request), now=timezone.now(), ring_id=ring_id, key=body.key))


@router.post("/rings/{uuid:ring_id}/answered", response=OpenedOut)
@opens(TAKE)
def open_answered(request: HttpRequest, ring_id: UUID, body: KeyIn) -> Any:
    """Put the call one has just answered into the intake form."""
    return _opened(actions.open_answered(actor=actor(request), now=timezone.now(), ring_id=ring_id, key=body.key))


@router.post("/seat", response=SeatIn)
@opens(TAKE)
def sit(request: HttpRequest, body: SeatIn) -> Any:
    """At which telephone one sits."""
    return {"seat": actions.sit(actor=actor(request), now=timezone.now(), **body.dict())}


@router.get("/answering", response=AnsweringOut)
@opens(SEE)
def answering(request: HttpRequest, span: Query[Span]) -> Any:
    """How fast calls were answered in the last hours."""
    now = timezone.now()
    return facts.answering(actor(request).areas(SEE), now - timedelta(hours=span.hours), now)


# ---- callers asked afterwards


@router.get("/visits", response=list[VisitOut])
@opens(FEEDBACK)
def visits(request: HttpRequest) -> list[Visit]:
    """Callers drawn and not yet asked."""
    return list(facts.visits(actor(request).areas(FEEDBACK))[:500])


@router.post("/visits/{uuid:visit_id}/claim", response=VisitOut)
@opens(FEEDBACK)
def claim_visit(request: HttpRequest, visit_id: UUID, body: KeyIn) -> Visit:
    """Take a caller in hand."""
    return actions.claim_visit(actor=actor(request), now=timezone.now(), visit_id=visit_id, key=body.key)


@router.post("/visits/{uuid:visit_id}/number", response=NumberOut)
@opens(FEEDBACK)
def number_of(request: HttpRequest, visit_id: UUID) -> Any:
    """The number of a caller in hand, for who may see numbers: written down at the call."""
    return {"number": actions.number_of(actor=actor(request), now=timezone.now(), visit_id=visit_id)}


@router.post("/visits/{uuid:visit_id}/rate", response=VisitOut)
@opens(FEEDBACK)
def rate(request: HttpRequest, visit_id: UUID, body: RateIn) -> Visit:
    """What the caller says, 1 to 5, and what it rests on."""
    return actions.rate(actor=actor(request), now=timezone.now(), visit_id=visit_id, **body.dict())


@router.post("/visits/{uuid:visit_id}/end", response=VisitOut)
@opens(FEEDBACK)
def no_rating(request: HttpRequest, visit_id: UUID, body: ResultIn) -> Visit:
    """No rating: declined, no_answer or back."""
    return actions.no_rating(actor=actor(request), now=timezone.now(), visit_id=visit_id, **body.dict())
