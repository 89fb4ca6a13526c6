"""Mediations over HTTP. Nothing of people is in any answer but that of /open, which asks for a reason. Moments without
a zone are those of the district's wall clock."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted
from shouwang.desk.places import facts as places

from . import actions, advice, facts, paper
from .models import Agreement, Mediation, Screened, Session
from .terms import (
    CONDUCT,
    FIGURES,
    MOST_AMOUNT,
    MOST_PARTIES,
    MOST_PEOPLE,
    MOST_WORDS,
    REGISTER,
    SEE,
    UNSEAL,
    VISIT,
    Given,
    NewDispute,
    NewParty,
    NewSession,
)

router = Router(tags=["mediation"])
CLEAN = r"^[^\x00]*$"  # a nought is text to no database
VERSION = Field(None, ge=1, le=2**31 - 1, description="The one you looked at: 409 when it has moved on")
KEY = Field(None, description="Made by the client: a retry with it does nothing twice")


class KindOut(Schema):
    code: str
    zh: str
    en: str
    level: str
    body: str = Field(description="That usually mediates it")
    also: list[str] = Field(description="Other bodies that may")
    days: int
    extend_days: int
    sensitive: bool = Field(description="Sessions behind closed doors")


class BodyOut(Schema):
    code: str
    zh: str
    en: str
    way: str = Field(description="people, administrative or judicial")
    tier: str
    agency: str


class RulesOut(Schema):
    kinds: list[KindOut]
    bodies: list[BodyOut]


class MediationOut(Schema):
    id: UUID
    number: str
    kind: str = Field(alias="kind_id")
    level: str
    people: int | None = Field(description="How many it concerns: a count alone; null where nobody has said")
    amount: int | None = Field(description="Of money in dispute, in whole units")
    state: str
    body: str | None = Field(alias="body_id")
    area: str
    source: str
    call: UUID | None
    matter: UUID | None
    mediator: str = Field(description="The account of who has declared to have no interest, or nobody")
    registered_at: datetime
    due_at: datetime | None
    late_at: datetime | None
    settle_due_at: datetime | None
    agreed_at: datetime | None
    confirmed_at: datetime | None
    reference: str = Field(description="The court's number")
    performed: str
    target: str
    closed_at: datetime | None
    example: bool
    version: int


class ListOut(Schema):
    count: int
    mediations: list[MediationOut]


class Wanted(Schema):
    show: Literal["open", "mine", "take", "late", "all"] = "open"
    step: str = Field("", max_length=12, pattern=CLEAN)
    kind: str = Field("", max_length=6, pattern=CLEAN)
    way: str = Field("", max_length=14, pattern=CLEAN)
    area: str = Field("", max_length=200, pattern=CLEAN)
    q: str = Field("", max_length=80, pattern=CLEAN, description="Number, kind or body: never a name")
    page: int = Field(1, ge=1, le=100_000)
    size: int = Field(50, ge=1, le=200)


class PartyIn(Posted):
    id: UUID | None = Field(None, description="Made by the client: the same again is a retry")
    side: str = Field(max_length=1, description="a or b")
    kind: str = Field("person", max_length=12, description="person or organisation")
    name: str = Field(max_length=60)
    phone: str = Field("", max_length=30)
    address: str = Field("", max_length=120)

    def given(self) -> NewParty:
        return NewParty(self.side, self.kind, self.name, self.phone, self.address, self.id)


class AddPartyIn(PartyIn):
    key: UUID | None = KEY


class RegisterIn(Posted):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry and gives the same row")
    kind: str = Field(max_length=6, pattern=CLEAN)
    area: str = Field(max_length=200, pattern=CLEAN)
    account: str = Field("", max_length=MOST_WORDS)
    people: int | None = Field(None, ge=1, le=MOST_PEOPLE, description="How many it concerns: a count, never who")
    amount: int | None = Field(None, ge=0, le=MOST_AMOUNT, description="Of money in dispute, in whole units")
    parties: list[PartyIn] = Field(default_factory=list, max_length=MOST_PARTIES)
    source: Literal["asked", "found"] = "asked"


class MoveIn(Posted):
    """A step of the life cycle `mediation`; what it needs is said by /settings/cycles/mediation/."""

    transition: str = Field(max_length=24)
    reason: str = Field("", max_length=500)
    kind: str = Field("", max_length=6, pattern=CLEAN)
    level: str = Field("", max_length=10)
    body: str = Field("", max_length=6, pattern=CLEAN)
    both_consents: bool = False
    ways_explained: bool = False
    target: str = Field("", max_length=12)
    reference: str = Field("", max_length=40, pattern=CLEAN)
    how: str = Field("", max_length=8)
    performed: str = Field("", max_length=4)
    note: str = Field("", max_length=MOST_WORDS)
    next_on: date | None = None
    people: int | None = Field(None, ge=1, le=MOST_PEOPLE, description="With d_judge: null leaves it as it is")
    amount: int | None = Field(None, ge=0, le=MOST_AMOUNT)
    version: int | None = VERSION
    key: UUID | None = KEY

    def given(self) -> Given:
        return Given(**{name: getattr(self, name) for name in Given.__dataclass_fields__})


class ReasonIn(Posted):
    reason: str = Field(max_length=500)
    version: int | None = VERSION
    key: UUID | None = KEY


class OpenIn(Posted):
    reason: str = Field(max_length=500, description="Kept, and read by the auditor")
    key: UUID | None = KEY


class HandOverIn(ReasonIn):
    body: str = Field(max_length=6, pattern=CLEAN)


class DeclareIn(Posted):
    interest: bool = Field(description="Kin, friends, work or money: whoever has any cannot take the case")
    version: int | None = VERSION
    key: UUID | None = KEY


class SessionIn(Posted):
    id: UUID
    held_at: datetime
    lasted_min: int = Field(ge=1, le=720)
    where: str = Field(max_length=8)
    all_present: bool
    minutes: str = Field(max_length=MOST_WORDS)
    key: UUID | None = KEY


class AgreementIn(Posted):
    terms: str = Field(max_length=MOST_WORDS)
    perform_by: date
    version: int = Field(0, ge=0, le=32_000, description="0 for the first; else the one that was read")
    key: UUID | None = KEY


class PaperIn(Posted):
    reason: str = Field(max_length=500)
    kind: Literal["docx", "pdf"] = "pdf"
    key: UUID | None = KEY


class VisitIn(Posted):
    how: str = Field(max_length=8)
    performed: str = Field(max_length=4)
    note: str = Field("", max_length=MOST_WORDS)
    next_on: date | None = None
    version: int | None = VERSION
    key: UUID | None = KEY


class TextIn(Posted):
    text: str = Field(max_length=MOST_WORDS)
    key: UUID | None = KEY


class OpenPartyOut(Schema):
    id: UUID
    side: str
    kind: str
    name: str
    phone: str
    address: str


class WordsOut(Schema):
    id: UUID
    kind: str = Field(description="account, result, remark, minutes or visit")
    at: datetime
    by: str
    text: str


class OpenedOut(Schema):
    parties: list[OpenPartyOut]
    words: list[WordsOut]
    terms: str
    perform_by: date | None


class SessionOut(Schema):
    id: UUID
    held_at: datetime
    lasted_min: int
    where: str
    all_present: bool


class AgreementOut(Schema):
    perform_by: date
    at: datetime
    version: int


class ScreenedIn(Posted):
    id: UUID
    kind: str = Field(max_length=6, pattern=CLEAN)
    area: str = Field(max_length=200, pattern=CLEAN)
    place: str = Field(max_length=60, pattern=CLEAN, description="A building or a street, no name")
    next_on: date
    key: UUID | None = KEY


class LookIn(Posted):
    what: Literal["still", "settled", "case"]
    next_on: date | None = None
    version: int | None = VERSION
    key: UUID | None = KEY


class ScreenedOut(Schema):
    id: UUID
    kind: str = Field(alias="kind_id")
    area: str
    place: str
    state: str
    found_on: date
    next_on: date | None
    looks: int
    looked_on: date | None
    mediation: UUID | None
    example: bool
    version: int


class ScreenedList(Schema):
    count: int
    screened: list[ScreenedOut]


class ScreenedWanted(Schema):
    show: Literal["open", "due", "all"] = "open"
    area: str = Field("", max_length=200, pattern=CLEAN)
    page: int = Field(1, ge=1, le=100_000)


class Year(Schema):
    year: int = Field(ge=2000, le=2199)


class FiguresLine(Schema):
    code: str = Field(description='A kind, a body ("": none yet) or a way, which is the sum of the bodies below it')
    count: int | None = Field(description="null: hidden")
    days: float | None = Field(description="Half of its settled cases were settled within")
    sum: bool


class FiguresOut(Schema):
    all: int | None
    outcomes: dict[str, int | None]
    kinds: list[FiguresLine]
    bodies: list[FiguresLine]
    people: list[FiguresLine] = Field(description="Classes by how many people it concerns; \"\": not said")
    amounts: list[FiguresLine] = Field(description="Classes by money in dispute; \"\": not said")
    in_time: int | None
    confirmed: int | None
    performed: dict[str, int | None]
    days: float | None


@router.get("/mediations/rules", response=RulesOut)
@opens(*SEE)
def rules(request: HttpRequest) -> dict[str, Any]:
    """Kinds of disputes with their days, and bodies."""
    return {"kinds": facts.kinds(), "bodies": facts.bodies()}


@router.get("/mediations", response=ListOut)
@opens(*SEE)
def mediations(request: HttpRequest, wanted: Query[Wanted]) -> dict[str, Any]:
    """Cases in the caller's areas, those first whose time ends first."""
    asked = facts.Wanted(wanted.show, wanted.step, wanted.kind, wanted.way, wanted.area,
                         wanted.q.replace("\x00", ""))
    rows = facts.mediations(actor(request), asked, timezone.now())
    first = (wanted.page - 1) * wanted.size
    return {"count": rows.count(), "mediations": list(rows[first : first + wanted.size])}


@router.post("/mediations", response=MediationOut)
@opens(REGISTER)
def register(request: HttpRequest, body: RegisterIn) -> Mediation:
    """Write down a dispute. Names, addresses and words are sealed."""
    new = NewDispute(body.id, body.kind, body.area, body.account, tuple(p.given() for p in body.parties),
                     body.people, body.amount)
    return actions.register(actor=actor(request), now=timezone.now(), new=new, source=body.source)


@router.get("/mediations/figures", response=FiguresOut | None)
@opens(*FIGURES)
def figures(request: HttpRequest, asked: Query[Year]) -> advice.Figures | None:
    """A year's cases by kind and body, small counts hidden; null where there are none."""
    cases = facts.counted(actor(request).areas(*FIGURES), asked.year)
    return advice.figures(cases, facts.ways())


@router.get("/mediations/{uuid:mediation_id}", response=MediationOut)
@opens(*SEE)
def mediation(request: HttpRequest, mediation_id: UUID) -> Mediation:
    found = facts.find(actor(request), mediation_id)
    if found is None:
        raise Missing(_("There is no such mediation in your areas."), code="mediation")
    return found


@router.post("/mediations/{uuid:mediation_id}/open", response=OpenedOut)
@opens(*SEE)
def open_case(request: HttpRequest, mediation_id: UUID, body: OpenIn) -> actions.opening.Opened:
    """Who quarrels and what was said, for a reason that is kept; each opening is written down."""
    return actions.open_case(**_who(request), mediation_id=mediation_id, reason=body.reason, key=body.key)


@router.post("/mediations/{uuid:mediation_id}/declare", response=MediationOut)
@opens(CONDUCT)
def declare(request: HttpRequest, mediation_id: UUID, body: DeclareIn) -> Mediation:
    """The mediator's own declaration: without an interest the case is theirs."""
    return actions.declare(**_who(request), mediation_id=mediation_id, interest=body.interest, version=body.version,
                           key=body.key)


@router.post("/mediations/{uuid:mediation_id}/move", response=MediationOut)
@opens(REGISTER, CONDUCT, VISIT)
def move(request: HttpRequest, mediation_id: UUID, body: MoveIn) -> Mediation:
    """Take a step. 422 names what it needs, 409 says that somebody else was first."""
    return actions.move(**_who(request), mediation_id=mediation_id, transition=body.transition, given=body.given(),
                        version=body.version, key=body.key)


@router.post("/mediations/{uuid:mediation_id}/parties", response=MediationOut)
@opens(*SEE)
def add_party(request: HttpRequest, mediation_id: UUID, body: AddPartyIn) -> Mediation:
    """Write down one more who quarrels."""
    return actions.add_party(**_who(request), mediation_id=mediation_id, new=body.given(), key=body.key)


@router.post("/mediations/{uuid:mediation_id}/parties/{uuid:who_id}/drop", response=MediationOut)
@opens(*SEE)
def drop_party(request: HttpRequest, mediation_id: UUID, who_id: UUID, body: OpenIn) -> Mediation:
    """Take one away that was written down in error."""
    return actions.drop_party(**_who(request), mediation_id=mediation_id, party_id=who_id, reason=body.reason,
                              key=body.key)


@router.post("/mediations/{uuid:mediation_id}/sessions", response=SessionOut)
@opens(CONDUCT)
def record_session(request: HttpRequest, mediation_id: UUID, body: SessionIn) -> Session:
    """Keep a session with its minutes. They are sealed."""
    held = body.held_at
    if not 1970 < held.year < 2200:
        raise Refused(_("Choose a day of this century."), field="held_at", code="span")
    new = NewSession(body.id, held if timezone.is_aware(held) else timezone.make_aware(held), body.lasted_min,
                     body.where, body.all_present, body.minutes)
    return actions.record_session(**_who(request), mediation_id=mediation_id, new=new, key=body.key)


@router.post("/mediations/{uuid:mediation_id}/agreement", response=AgreementOut)
@opens(CONDUCT)
def write_agreement(request: HttpRequest, mediation_id: UUID, body: AgreementIn) -> Agreement:
    """Write what is agreed. It is sealed."""
    return actions.write_agreement(**_who(request), mediation_id=mediation_id, terms=body.terms,
                                   perform_by=body.perform_by, version=body.version, key=body.key)


@router.post("/mediations/{uuid:mediation_id}/agreement/file")
@opens(*SEE)
def agreement_file(request: HttpRequest, mediation_id: UUID, body: PaperIn) -> HttpResponse:
    """The agreement as a document with blank fields for signatures, for a stated reason. Logged."""
    who = _who(request)
    row, opened = actions.paper(**who, mediation_id=mediation_id, reason=body.reason, key=body.key)
    make, type = paper.FILES[body.kind]
    made = paper.sheet(row, opened, area=places.in_words([row.area])[row.area], now=who["now"])
    return HttpResponse(make(made), content_type=type)


@router.post("/mediations/{uuid:mediation_id}/visits", response=MediationOut)
@opens(VISIT)
def add_visit(request: HttpRequest, mediation_id: UUID, body: VisitIn) -> Mediation:
    """One more visit after the first."""
    given = Given(how=body.how, performed=body.performed, note=body.note, next_on=body.next_on)
    return actions.add_visit(**_who(request), mediation_id=mediation_id, given=given, version=body.version,
                             key=body.key)


@router.post("/mediations/{uuid:mediation_id}/extend", response=MediationOut)
@opens(CONDUCT)
def extend(request: HttpRequest, mediation_id: UUID, body: ReasonIn) -> Mediation:
    """More days, once, by consent of both sides."""
    return actions.extend(**_who(request), mediation_id=mediation_id, **body.dict())


@router.post("/mediations/{uuid:mediation_id}/hand-over", response=MediationOut)
@opens(REGISTER)
def hand_over(request: HttpRequest, mediation_id: UUID, body: HandOverIn) -> Mediation:
    """To another body, of whichever way; its mediator declares anew."""
    return actions.hand_over(**_who(request), mediation_id=mediation_id, **body.dict())


@router.post("/mediations/{uuid:mediation_id}/give-up", response=MediationOut)
@opens(CONDUCT, UNSEAL)
def give_up(request: HttpRequest, mediation_id: UUID, body: ReasonIn) -> Mediation:
    """Give a case back, so that another mediator declares."""
    return actions.give_up(**_who(request), mediation_id=mediation_id, **body.dict())


@router.post("/mediations/{uuid:mediation_id}/remarks", response=MediationOut)
@opens(*SEE)
def remark(request: HttpRequest, mediation_id: UUID, body: TextIn) -> Mediation:
    """Add words. They are sealed."""
    return actions.remark(**_who(request), mediation_id=mediation_id, text=body.text, key=body.key)


@router.get("/screened", response=ScreenedList)
@opens(REGISTER)
def screened(request: HttpRequest, wanted: Query[ScreenedWanted]) -> dict[str, Any]:
    """Disputes found at places, the next to be looked at first; 50 to a page."""
    rows = facts.screened(actor(request), area=wanted.area, show=wanted.show, now=timezone.now())
    first = (wanted.page - 1) * 50
    return {"count": rows.count(), "screened": list(rows[first : first + 50])}


@router.post("/screened", response=ScreenedOut)
@opens(REGISTER)
def enter(request: HttpRequest, body: ScreenedIn) -> Screened:
    """Put a dispute on the screening list."""
    return actions.enter(**_who(request), **body.dict())


@router.post("/screened/{uuid:screened_id}/look", response=ScreenedOut)
@opens(REGISTER)
def look(request: HttpRequest, screened_id: UUID, body: LookIn) -> Screened:
    """Somebody has looked: still there, settled, or a case."""
    return actions.look(**_who(request), screened_id=screened_id, **body.dict())


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": actor(request), "now": timezone.now()}
