"""Staffing norms, communities and villages over HTTP."""
from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.names import home
from shouwang.desk.log.posted import Posted
from shouwang.desk.workflow.zone import day_of

from . import actions, advice, facts, villages
from .models import Norm
from .terms import APPROVE, EDIT, KEEP, SEE

router = Router(tags=["norms"])
BIG = 2**31 - 1
CLEAN = r"^[^\x00-\x1f]*$"
WORDS = r"^[^\x00]*$"
Households = Annotated[int, Field(ge=0, le=200_000)]
People = Annotated[int, Field(ge=0, le=100)]


class Keyed(Posted):
    key: UUID | None = Field(None, description="Made by the client: a retry with it does nothing twice")


class Versioned(Keyed):
    version: int = Field(ge=0, le=BIG, description="As it was read; 409 when somebody else has changed it since")


class GapOut(Schema):
    id: UUID = Field(description="Of the community or village")
    code: str
    zh: str
    en: str
    kind: str
    grade: str = Field(description="Class of place: plain, busy, complex")
    area: str
    households: int | None
    norm: str = Field(description="Code of the norm that asks")
    need: int | None = Field(description="null: what it depends on was not counted")
    have: int | None = Field(description="null: nobody knows")
    short: int | None
    state: str = Field(description="short, met, over, unknown, or other: the duty of somebody else")


class WholeOut(Schema):
    norm: str
    need: int | None = Field(description="null: what it depends on is not known")
    have: int | None = Field(description="null: nobody knows")
    short: int | None
    state: str = Field(description="short, met, over, unknown, not_asked, or other: the duty of somebody else")
    reckoned: str
    source: str = Field(description="From what `have` is known, or why it is not")


class TallyIn(Keyed):
    day: date
    count: int = Field(ge=0, le=100_000)
    source: str = Field(max_length=120, pattern=CLEAN)


class TallyOut(Schema):
    code: str
    day: date
    count: int
    source: str


class RuleOut(Schema):
    kind: str
    management: str
    count: float
    per: str
    additions: list[tuple[int, int]] = Field(description="Over so many households, so many more")
    reading: str = Field(description="total: the highest step passed holds; on_top: steps add up")
    extra: int
    by_class: dict[str, int] = Field({}, description="More where a place is of that class: plain, busy, complex")
    exact: bool
    duty_of: str


class NormOut(Schema):
    id: UUID
    code: str
    zh: str
    en: str
    state: str
    from_day: date
    source: str
    rule: RuleOut
    guard_year_cost: int | None
    town_percent: int | None
    version: int


class DraftIn(Keyed):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry")
    code: str = Field(max_length=40, pattern=CLEAN)
    from_day: date
    reason: str = Field(max_length=500, pattern=WORDS)
    count: float = Field(ge=0, le=1000)
    additions: list[tuple[Households, People]] | None = Field(None, max_length=5)
    reading: Literal["total", "on_top"] | None = None
    extra: int | None = Field(None, ge=0, le=100)
    by_class: dict[Literal["plain", "busy", "complex"], People] | None = None
    guard_year_cost: int | None = Field(None, ge=0, le=10_000_000, description="What one guard costs a year")
    town_percent: int | None = Field(None, ge=0, le=100, description="The town's share in villages")


class ShareOut(Schema):
    payer: str
    amount: int | None = Field(description="null: the share is open")


class CostOut(Schema):
    line: str
    people: int
    amount: int
    shares: list[ShareOut]


class ChangeOut(Schema):
    id: UUID
    code: str
    before: int | None
    after: int | None
    have: int | None
    short: int | None


class EffectOut(Schema):
    before: int
    after: int
    short_before: int
    short_after: int
    uncounted: int
    amount: int
    costs: list[CostOut]
    changes: list[ChangeOut] = Field(description="Those in the caller's areas; sums are of the whole district")


class DeclineIn(Versioned):
    reason: str = Field(max_length=500, pattern=WORDS)


class LocalityIn(Keyed):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry")
    code: str = Field(max_length=24, pattern=CLEAN)
    zh: str = Field(max_length=80, pattern=CLEAN)
    en: str = Field(max_length=80, pattern=CLEAN)
    kind: Literal["community", "village"]
    area: str = Field(max_length=200, pattern=CLEAN)
    grade: Literal["plain", "busy", "complex"] = Field("plain", description="How complicated the place is")
    version: int | None = Field(None, ge=1, le=BIG, description="Given to change one that stands")


class CountIn(Keyed):
    day: date
    households: int = Field(ge=0, le=BIG)
    source: str = Field(max_length=120, pattern=CLEAN)
    management: Literal["", "none", "partial", "full"] = ""
    residents: int | None = Field(None, ge=0, le=BIG)
    groups: int | None = Field(None, ge=0, le=BIG)
    guards: int | None = Field(None, ge=0, le=BIG)
    contacts: int | None = Field(None, ge=0, le=BIG)
    officers: int | None = Field(None, ge=0, le=BIG)


class CountOut(Schema):
    day: date
    households: int
    source: str
    management: str
    residents: int | None
    groups: int | None
    guards: int | None
    contacts: int | None
    officers: int | None


class LocalityOut(Schema):
    id: UUID
    code: str
    zh: str
    en: str
    kind: str
    area: str
    office_place: str
    grade: str
    version: int
    count: CountOut | None = None


class OfficeIn(Versioned):
    place: str = Field("", max_length=120, pattern=CLEAN)
    name: str = Field("", max_length=60, description="Office, and whom to ask for; sealed. Both empty: as it stands")
    phone: str = Field("", max_length=30)


class PaymentIn(Posted):
    due: date
    amount: int = Field(ge=1, le=100_000_000)


class ContractIn(Keyed):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry")
    kind: Literal["security", "adviser"]
    number: str = Field(max_length=40, pattern=CLEAN)
    body: str = Field(max_length=80, pattern=CLEAN, description="The office or firm, never a person")
    terms: str = Field(max_length=500, pattern=WORDS)
    from_day: date
    until: date
    payments: list[PaymentIn] = Field([], max_length=60)
    name: str = Field("", max_length=60)
    phone: str = Field("", max_length=30)


class PaymentOut(Schema):
    id: UUID
    due: date
    amount: int
    paid_on: date | None
    version: int


class ContractOut(Schema):
    id: UUID
    locality_id: UUID
    kind: str
    number: str
    body: str
    terms: str
    from_day: date
    until: date
    ended_on: date | None
    state: str = Field(description="coming, running, ending, over, ended")
    late: int = Field(description="Money due and not paid")
    version: int
    payments: list[PaymentOut]


class DueOut(Schema):
    what: str = Field(description="late or payment (money), ending or lapsed (a contract)")
    day: date
    contract: str
    locality_id: UUID
    amount: int | None


class EndIn(Versioned):
    on: date
    reason: str = Field(max_length=500, pattern=WORDS)


class PaidIn(Versioned):
    on: date | None = Field(description="null takes a mistake back; never left out, so that a slip is no taking back")


class TickIn(Versioned):
    item: str = Field(max_length=24, pattern=CLEAN)
    done: bool


class ReasonIn(Keyed):
    reason: str = Field(max_length=500, pattern=WORDS)
    contract_id: UUID | None = Field(None, description="null: the safety office's own")


class ContactOut(Schema):
    name: str
    phone: str


class NormsAsked(Schema):
    day: date | None = Field(None, description="null: today")
    code: str = Field("", max_length=40, pattern=CLEAN)


class Asked(Schema):
    q: str = Field("", max_length=80, pattern=CLEAN)
    kind: Literal["", "community", "village"] = ""
    area: str = Field("", max_length=200, pattern=CLEAN)
    grade: Literal["", "plain", "busy", "complex"] = Field("", description="Class of place")


@router.get("/norms/gaps", response=list[GapOut])
@opens(SEE)
def gaps(request: HttpRequest, asked: Query[Asked], norm: str = "") -> list[dict[str, Any]]:
    """What the norms in force today ask of each community and village, what is there, and what is missing."""
    day = day_of(timezone.now())
    found = facts.localities(actor(request).areas(SEE), text=asked.q, kind=asked.kind, within=asked.area,
                             grade=asked.grade)
    norms = [n for n in facts.in_force(day) if norm in ("", n.code)]
    return [{"id": line.at.row.id, "code": line.at.row.code, "zh": line.at.row.zh, "en": line.at.row.en,
             "kind": line.at.row.kind, "grade": line.at.row.grade, "area": line.at.row.area,
             "norm": line.norm.code, "need": line.need,
             "households": line.at.count.households if line.at.count else None, "have": line.have, "short": line.short,
             "state": line.state} for line in advice.lines(facts.known(found, day), norms) if line.at]


@router.get("/norms/district", response=list[WholeOut])
@opens(SEE)
def district(request: HttpRequest) -> list[dict[str, Any]]:
    """What the norms ask of the district as a whole, what is there by which register or count, and what is missing;
    for those who see the whole district."""
    now = timezone.now()
    return [{"norm": line.norm.code, "need": line.need, "have": line.have, "short": line.short, "state": line.state,
             "reckoned": line.why, "source": line.counted}
            for line in (advice.district_lines(facts.in_force(day_of(now)), home(), now)
                         if actor(request).may(SEE, home()) else ())]


@router.post("/norms/{slug:code}/counts", response=TallyOut)
@opens(KEEP)
def count_whole(request: HttpRequest, code: str, body: TallyIn) -> Any:
    """What was counted in the district on a day, for a norm that no register tells."""
    return actions.save_tally(**_who(request), code=code, **body.dict())


@router.get("/norms", response=list[NormOut])
@opens(SEE)
def norms(request: HttpRequest, asked: Query[NormsAsked]) -> list[Norm]:
    """The norms in force on a day (today); with `code` every wording of one norm, the latest first."""
    return facts.versions(asked.code) if asked.code else facts.in_force(asked.day or day_of(timezone.now()))


@router.post("/norms", response=NormOut)
@opens(EDIT)
def draft(request: HttpRequest, body: DraftIn) -> Norm:
    """Draft a change of the norm in force; what is left out of the rule stays as it is."""
    rule = {k: v for k in actions.CHANGEABLE if (v := getattr(body, k)) is not None}
    rule["count"] = int(body.count) if body.count == int(body.count) else body.count
    if "additions" in rule:
        rule["additions"] = [list(step) for step in rule["additions"]]
    given = actions.Draft(rule, body.from_day, body.reason, body.guard_year_cost, body.town_percent)
    return actions.draft_norm(**_who(request), id=body.id, code=body.code, given=given, key=body.key)


@router.get("/norms/{uuid:norm_id}/effect", response=EffectOut)
@opens(SEE)
def effect(request: HttpRequest, norm_id: UUID) -> dict[str, Any]:
    """What a wording changes beside the norms that hold on its day without it, and what that costs a year."""
    who, row = actor(request), facts.norm(norm_id)
    if row is None:
        raise Missing(_("There is no such norm."), code="norm")
    found = advice.effect(row, day_of(timezone.now()))
    return {"before": found.before, "after": found.after, "short_before": found.short_before,
            "short_after": found.short_after, "uncounted": found.uncounted, "amount": found.amount,
            "costs": [{"line": c.line, "people": c.people, "amount": c.amount,
                       "shares": [{"payer": p, "amount": part} for p, _name, part in c.shares]} for c in found.costs],
            "changes": [{"id": at.row.id, "code": at.row.code, "before": c.before, "after": c.after, "have": c.have,
                         "short": c.short} for at, c in found.changes if who.may(SEE, at.row.area)]}


@router.post("/norms/{uuid:norm_id}/approve", response=NormOut)
@opens(APPROVE)
def approve(request: HttpRequest, norm_id: UUID, body: Versioned) -> Norm:
    """It takes effect on its day. Not for whoever drafted it."""
    return actions.approve_norm(**_who(request), norm_id=norm_id, version=body.version, key=body.key)


@router.post("/norms/{uuid:norm_id}/decline", response=NormOut)
@opens(APPROVE)
def decline(request: HttpRequest, norm_id: UUID, body: DeclineIn) -> Norm:
    """Not approved; or, before its day, taken back."""
    return actions.decline_norm(**_who(request), norm_id=norm_id, version=body.version, reason=body.reason,
                                key=body.key)


@router.post("/norms/{uuid:norm_id}/withdraw", response=NormOut)
@opens(EDIT)
def withdraw(request: HttpRequest, norm_id: UUID, body: Versioned) -> Norm:
    return actions.withdraw_norm(**_who(request), norm_id=norm_id, version=body.version, key=body.key)


@router.get("/localities", response=list[LocalityOut])
@opens(SEE)
def localities(request: HttpRequest, asked: Query[Asked]) -> list[dict[str, Any]]:
    """Communities and villages in the caller's areas with what was last counted."""
    rows = facts.localities(actor(request).areas(SEE), text=asked.q, kind=asked.kind, within=asked.area)
    return [_locality(k) for k in facts.known(rows, day_of(timezone.now()))]


@router.post("/localities", response=LocalityOut)
@opens(KEEP)
def save_locality(request: HttpRequest, body: LocalityIn) -> dict[str, Any]:
    given = actions.LocalityGiven(body.code, body.zh, body.en, body.kind, body.area, body.grade)
    row = actions.save_locality(**_who(request), id=body.id, given=given, version=body.version, key=body.key)
    return _locality(facts.known([row], day_of(timezone.now()))[0])


@router.post("/localities/{uuid:locality_id}/close", response=LocalityOut)
@opens(KEEP)
def close_locality(request: HttpRequest, locality_id: UUID, body: Versioned) -> dict[str, Any]:
    """No longer in use; what was counted and agreed there stays on record."""
    row = actions.close_locality(**_who(request), locality_id=locality_id, version=body.version, key=body.key)
    return _locality(facts.known([row], day_of(timezone.now()))[0])


@router.post("/localities/{uuid:locality_id}/counts", response=CountOut)
@opens(KEEP)
def save_count(request: HttpRequest, locality_id: UUID, body: CountIn) -> Any:
    """What was counted on a day, in place of what stood for that day."""
    given = actions.CountGiven(**body.dict(exclude={"key"}))
    return actions.save_count(**_who(request), locality_id=locality_id, given=given, key=body.key)


@router.put("/localities/{uuid:locality_id}/office", response=LocalityOut)
@opens(KEEP)
def set_office(request: HttpRequest, locality_id: UUID, body: OfficeIn) -> dict[str, Any]:
    """Where the safety office is; its contact is sealed."""
    row = villages.set_office(**_who(request), locality_id=locality_id, place=body.place, contact=_contact(body),
                              version=body.version, key=body.key)
    return _locality(facts.known([row], day_of(timezone.now()))[0])


@router.post("/localities/{uuid:locality_id}/contact/show", response=list[ContactOut])
@opens(KEEP)
def show_contact(request: HttpRequest, locality_id: UUID, body: ReasonIn) -> list[Any]:
    """The office contact, for a stated reason. The showing is logged."""
    found = villages.show_contact(**_who(request), locality_id=locality_id, reason=body.reason,
                                  contract_id=body.contract_id, key=body.key)
    return [found] if found else []


@router.post("/localities/{uuid:locality_id}/items", response=LocalityOut)
@opens(KEEP)
def tick(request: HttpRequest, locality_id: UUID, body: TickIn) -> dict[str, Any]:
    """An item of safe-village building, done or not. version 0: nobody has looked at it yet."""
    row = villages.tick(**_who(request), locality_id=locality_id, item=body.item, done=body.done, version=body.version,
                        key=body.key)
    return _locality(facts.known([row.locality], day_of(timezone.now()))[0])


@router.get("/contracts", response=list[ContractOut])
@opens(SEE)
def contracts(request: HttpRequest, locality_id: UUID | None = None, kind: Literal["", "security", "adviser"] = "",
              ) -> list[dict[str, Any]]:
    """Contracts in the caller's areas, the one that ends first on top."""
    day = day_of(timezone.now())
    return [_contract(c) for c in facts.contracts(actor(request).areas(SEE), day, locality=locality_id, kind=kind)]


@router.get("/contracts/due", response=list[DueOut])
@opens(SEE)
def due(request: HttpRequest) -> list[dict[str, Any]]:
    """Payments late or due soon, contracts that end soon or have lapsed."""
    day = day_of(timezone.now())
    return [{"what": d.what, "day": d.day, "contract": d.contract.number, "locality_id": d.contract.locality_id,
             "amount": d.amount} for d in facts.due(facts.contracts(actor(request).areas(SEE), day), day)]


@router.post("/localities/{uuid:locality_id}/contracts", response=ContractOut)
@opens(KEEP)
def sign_contract(request: HttpRequest, locality_id: UUID, body: ContractIn) -> dict[str, Any]:
    """Enter a contract with its payments."""
    given = villages.ContractGiven(body.kind, body.number, body.body, body.terms, body.from_day, body.until,
                                   tuple((p.due, p.amount) for p in body.payments))
    row = villages.sign_contract(**_who(request), id=body.id, locality_id=locality_id, given=given,
                                 contact=_contact(body),
                                 key=body.key)
    return _contract(facts.contract_fact(row, day_of(timezone.now())))


@router.post("/contracts/{uuid:contract_id}/end", response=ContractOut)
@opens(KEEP)
def end_contract(request: HttpRequest, contract_id: UUID, body: EndIn) -> dict[str, Any]:
    """End it before its last day, for a reason."""
    row = villages.end_contract(**_who(request), contract_id=contract_id, on=body.on, reason=body.reason,
                                version=body.version, key=body.key)
    return _contract(facts.contract_fact(row, day_of(timezone.now())))


@router.post("/payments/{uuid:payment_id}/paid", response=PaymentOut)
@opens(KEEP)
def set_paid(request: HttpRequest, payment_id: UUID, body: PaidIn) -> Any:
    return villages.set_paid(**_who(request), payment_id=payment_id, on=body.on, version=body.version, key=body.key)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"actor": actor(request), "now": timezone.now()}


def _contact(body: OfficeIn | ContractIn) -> villages.Contact | None:
    return villages.Contact(body.name, body.phone) if body.name or body.phone else None


def _locality(known: facts.Known) -> dict[str, Any]:
    names = ("id", "code", "zh", "en", "kind", "area", "office_place", "grade", "version")
    return {**{name: getattr(known.row, name) for name in names}, "count": known.count}


def _contract(found: facts.ContractFact) -> dict[str, Any]:
    names = ("id", "locality_id", "kind", "number", "body", "terms", "from_day", "until", "ended_on", "version")
    return {**{name: getattr(found.row, name) for name in names}, "state": found.state, "late": found.late,
            "payments": list(found.payments)}
