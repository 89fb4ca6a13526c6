"""Volunteers, notices and claims over HTTP. Nothing sealed is in a list; what is opened asks for a reason."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted
from shouwang.desk.workflow import pictures
from shouwang.desk.workflow.zone import day_of

from . import actions, facts
from .actions.claims import NewClaim
from .actions.notices import NewNotice
from .models import Claim, Notice, Volunteer
from .terms import ANSWERS, CLAIM, MANAGE, ORDER, SEND, SETTLE

router = Router(tags=["volunteers"])
BIG = 2**31 - 1
CLEAN = r"^[^\x00-\x1f]*$"
WORDS = r"^[^\x00]*$"


class Keyed(Posted):
    key: UUID | None = Field(None, description="Made by the client: a retry with it does nothing twice")


class Versioned(Keyed):
    version: int | None = Field(None, ge=1, le=BIG, description="As it was read; 409 when it has changed since")


class ReasonIn(Keyed):
    reason: str = Field(min_length=1, max_length=500, pattern=WORDS)


class VolunteerOut(Schema):
    id: UUID
    number: str
    area: str
    trade: str
    group: UUID | None
    state: str
    consent: str = Field(description="Version of the text agreed to")
    registered_at: datetime
    trained_on: date | None
    version: int


class VolunteersAsked(Schema):
    state: str = Field("", max_length=10, pattern=CLEAN)
    trade: str = Field("", max_length=24, pattern=CLEAN)
    area: str = Field("", max_length=200, pattern=CLEAN)
    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0, le=BIG)


class DecideIn(Versioned):
    do: str = Field(max_length=10, description="confirm, refuse, train, group")
    why: str = Field("", max_length=10, pattern=CLEAN, description="Of a refusal: area, contact, twice, age, other")
    day: date | None = Field(None, description="Of a training; today if left out")
    group: UUID | None = Field(None, description="Of group: which; null for none")


class ServeIn(Keyed):
    kind: str = Field(max_length=12, pattern=CLEAN, description="patrol, escort, event, search, training; letter, …")
    day: date
    hours: float = Field(0, ge=0, le=24, description="0 for thanks")


class ContactOut(Schema):
    name: str
    how: str


class GroupOut(Schema):
    id: UUID
    code: str
    name: str
    area: str
    n: int = Field(description="Households")
    short: int = Field(description="How many it lacks to be a group of 10 to 15")
    version: int


class GroupIn(Keyed):
    id: UUID
    name: str = Field(max_length=60, pattern=CLEAN)
    area: str = Field(max_length=200, pattern=CLEAN)


class CallIn(Keyed):
    about: str = Field(max_length=10, pattern=CLEAN, description="fire, gas, hurt, lost, water, door, help")


class NoticeOut(Schema):
    id: UUID
    kind: str
    about: str
    area: str
    trades: list[str]
    group: UUID | None
    call: UUID | None
    at: datetime
    until_at: datetime
    ended_at: datetime | None
    told: int
    queued: int
    sent: int
    failed: int
    read: int
    answers: int
    new: int = Field(description="Answers the desk has not dealt with")
    version: int


class NoticeIn(Keyed):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry")
    kind: str = Field(max_length=8, pattern=CLEAN, description="lookout, hazard, traffic")
    about: str = Field("", max_length=10, pattern=CLEAN, description="Of a look-out: child, elder, dependent")
    text: str = Field(max_length=500, pattern=WORDS, description="Sealed; deleted at the end")
    area: str = Field(max_length=200, pattern=CLEAN)
    trades: list[str] = Field([], max_length=40)
    minutes: int = Field(ge=1, le=10080, description="A look-out: 1440 at most")
    picture: str = Field("", max_length=9_000_000, description="Of a look-out: JPEG, PNG or WebP in Base64")
    call: UUID | None = None
    reason: str = Field("", max_length=500, pattern=WORDS, description="Of a look-out: needed; sealed")


class AnswerOut(Schema):
    id: UUID
    at: datetime
    what: str
    text: str
    who: str = Field(description="The volunteer's number")
    lon: float | None
    lat: float | None
    handled_at: datetime | None


class CountOut(Schema):
    count: int


class ClaimOut(Schema):
    id: UUID
    number: str
    area: str
    helper: str
    day: date
    state: str
    papers: dict[str, int]
    asked: Decimal
    paid: Decimal | None
    settled: Decimal | None
    at: datetime
    version: int


class ClaimIn(Keyed):
    id: UUID
    area: str = Field(max_length=200, pattern=CLEAN)
    helper: str = Field(max_length=10, pattern=CLEAN, description="volunteer, member, bystander")
    day: date
    name: str = Field(max_length=40, pattern=CLEAN, description="Sealed")
    how: str = Field(max_length=60, pattern=CLEAN, description="Telephone or e-mail, sealed")
    words: str = Field(max_length=2000, pattern=WORDS, description="What happened, sealed")
    papers: dict[str, int] = Field({}, description="bill, report, proof, other: how many")
    asked: Decimal = Field(Decimal(0), ge=0, le=99_999_999, decimal_places=2, description="Yuan")


class ClaimMoveIn(Versioned):
    transition: str = Field(max_length=24, description="h_check, h_support, h_settle, h_refuse, h_object, h_close")
    amount: Decimal | None = Field(None, ge=0, le=99_999_999, decimal_places=2, description="Yuan")
    reason: str = Field("", max_length=2000, pattern=WORDS, description="Of a refusal or objection; sealed")


class OpenedOut(Schema):
    name: str
    how: str
    words: list[str]


def _volunteer(row: Volunteer) -> dict[str, Any]:
    return {"id": row.id, "number": row.number, "area": row.area, "trade": row.trade, "group": row.group_id,
            "state": row.state, "consent": row.consent, "registered_at": row.consent_at, "trained_on": row.trained_on,
            "version": row.version}


def _notice(row: Notice) -> dict[str, Any]:
    return facts.card(row, facts.deliveries([row.id])[row.id])


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": actor(request), "now": timezone.now()}


# ---- volunteers and groups


@router.get("/volunteers", response=list[VolunteerOut])
@opens(MANAGE)
def volunteers(request: HttpRequest, asked: Query[VolunteersAsked]) -> list[dict[str, Any]]:
    """Volunteers of one's areas, in the order in which they registered. No names."""
    rows = facts.volunteers(actor(request).areas(MANAGE), state=asked.state, trade=asked.trade, area=asked.area)
    return [_volunteer(v) for v in rows[asked.offset : asked.offset + asked.limit]]


@router.post("/volunteers/{uuid:volunteer_id}", response=VolunteerOut)
@opens(MANAGE)
def decide(request: HttpRequest, volunteer_id: UUID, body: DecideIn) -> dict[str, Any]:
    """Confirm, refuse, note a training, put into a neighbours' group."""
    asked: dict[str, Any] = {**_who(request), "volunteer_id": volunteer_id, "key": body.key}
    held: dict[str, Any] = {**asked, "version": body.version}
    if body.do == "confirm":
        return _volunteer(actions.confirm(**held))
    if body.do == "refuse":
        return _volunteer(actions.refuse(**held, why=body.why))
    if body.do == "train":
        return _volunteer(actions.train(**held, day=body.day or day_of(timezone.now())))
    if body.do == "group":
        return _volunteer(actions.set_group(**asked, group_id=body.group))
    raise Missing(_("There is no such move."), field="do", code="do")


@router.post("/volunteers/{uuid:volunteer_id}/served", response=CountOut)
@opens(MANAGE)
def serve(request: HttpRequest, volunteer_id: UUID, body: ServeIn) -> dict[str, int]:
    """Write down hours served, or thanks received."""
    actions.serve(**_who(request), volunteer_id=volunteer_id, kind=body.kind, day=body.day, hours=body.hours,
                  key=body.key)
    return {"count": 1}


@router.post("/volunteers/{uuid:volunteer_id}/reveal", response=ContactOut)
@opens(MANAGE)
def reveal(request: HttpRequest, volunteer_id: UUID, body: ReasonIn) -> dict[str, str]:
    """What a volunteer is called and how they are reached, for a stated reason. The showing is logged."""
    name, how = actions.reveal(**_who(request), volunteer_id=volunteer_id, reason=body.reason, key=body.key)
    return {"name": name, "how": how}


@router.post("/volunteers/{uuid:volunteer_id}/end", response=CountOut)
@opens(MANAGE)
def end(request: HttpRequest, volunteer_id: UUID, body: ReasonIn) -> dict[str, int]:
    """Take somebody off the list and delete them."""
    actions.end(**_who(request), volunteer_id=volunteer_id, reason=body.reason, key=body.key)
    return {"count": 1}


@router.get("/groups", response=list[GroupOut])
@opens(MANAGE, SEND)
def groups(request: HttpRequest) -> list[facts.GroupFact]:
    """Neighbours' groups of one's areas."""
    return facts.groups(actor(request).areas(MANAGE, SEND))


@router.post("/groups", response=GroupOut)
@opens(MANAGE)
def make_group(request: HttpRequest, body: GroupIn) -> facts.GroupFact:
    """A new group with the code by which its households join it."""
    row = actions.make_group(**_who(request), id=body.id, name=body.name, area=body.area, key=body.key)
    return facts.groups(("",), row.id)[0]


@router.post("/groups/{uuid:group_id}/call", response=NoticeOut)
@opens(MANAGE, SEND)
def call_group(request: HttpRequest, group_id: UUID, body: CallIn) -> dict[str, Any]:
    """Notify every household of a group."""
    return _notice(actions.call_group(**_who(request), group_id=group_id, about=body.about, key=body.key))


# ---- notices


@router.get("/notices", response=list[NoticeOut])
@opens(SEND, ORDER, ANSWERS)
def notices(request: HttpRequest) -> list[dict[str, Any]]:
    """Notices of the last 30 days: the open ones first. Counts, no words."""
    found = facts.notices(actor(request).areas(SEND, ORDER, ANSWERS), timezone.now())
    told = facts.deliveries(n.id for n in found)
    return [facts.card(n, told[n.id]) for n in found]


@router.post("/notices", response=NoticeOut)
@opens(SEND, ORDER)
def order(request: HttpRequest, body: NoticeIn) -> dict[str, Any]:
    """Send a hazard or traffic notice, or order a look-out."""
    new = NewNotice(id=body.id, kind=body.kind, text=body.text, area=body.area, minutes=body.minutes, about=body.about,
                    trades=body.trades, picture=pictures.decoded(body.picture) if body.picture else b"", call=body.call,
                    reason=body.reason)
    return _notice(actions.order(**_who(request), new=new, key=body.key))


@router.post("/notices/{uuid:notice_id}/end", response=NoticeOut)
@opens(SEND, ORDER)
def end_notice(request: HttpRequest, notice_id: UUID, body: Keyed) -> dict[str, Any]:
    """End it early; its words and picture are deleted."""
    return _notice(actions.end_notice(**_who(request), notice_id=notice_id, key=body.key))


@router.post("/notices/{uuid:notice_id}/retry", response=CountOut)
@opens(SEND, ORDER)
def retry(request: HttpRequest, notice_id: UUID, body: Keyed) -> dict[str, int]:
    """Send again what failed."""
    return {"count": actions.retry(**_who(request), notice_id=notice_id, key=body.key)}


@router.get("/notices/{uuid:notice_id}/answers", response=list[AnswerOut])
@opens(ANSWERS)
def answers(request: HttpRequest, notice_id: UUID) -> list[dict[str, Any]]:
    """What volunteers said, for the desk alone. The reading is logged."""
    return [{"id": s.row.id, "at": s.row.at, "what": s.row.what, "text": s.text, "who": s.who, "lon": s.row.lon,
             "lat": s.row.lat, "handled_at": s.row.handled_at}
            for s in actions.read_answers(**_who(request), notice_id=notice_id)]


# ---- claims


@router.get("/hurt", response=list[ClaimOut])
@opens(CLAIM, SETTLE)
def claims(request: HttpRequest, over: bool = False) -> list[Claim]:
    """Claims of one's areas that are open, or those over."""
    return list(facts.claims(actor(request).areas(CLAIM, SETTLE), over=over)[:500])


@router.post("/hurt", response=ClaimOut)
@opens(CLAIM)
def enter_claim(request: HttpRequest, body: ClaimIn) -> Claim:
    """Write a claim down."""
    new = NewClaim(body.id, body.area, body.helper, body.day, body.name, body.how, body.words, body.papers, body.asked)
    return actions.enter_claim(**_who(request), new=new, key=body.key)


@router.post("/hurt/{uuid:claim_id}/move", response=ClaimOut)
@opens(CLAIM, SETTLE)
def move_claim(request: HttpRequest, claim_id: UUID, body: ClaimMoveIn) -> Claim:
    """Move a claim by a step of its life cycle."""
    return actions.move_claim(**_who(request), claim_id=claim_id, transition=body.transition, version=body.version,
                              amount=body.amount, reason=body.reason, key=body.key)


@router.post("/hurt/{uuid:claim_id}/open", response=OpenedOut)
@opens(CLAIM, SETTLE)
def read_claim(request: HttpRequest, claim_id: UUID, body: ReasonIn) -> dict[str, Any]:
    """What lies sealed, for a stated reason. The opening is logged."""
    found = actions.read_claim(**_who(request), claim_id=claim_id, reason=body.reason, key=body.key)
    return {"name": found.name, "how": found.how, "words": [text for _at, _by, text in found.words]}
