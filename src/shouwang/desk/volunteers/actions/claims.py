"""Support for helpers hurt in service: claimed, checked, support paid ahead, settled; or refused with a reason,
objected to, looked at again. Amounts in yuan. What is said lies sealed, each reading with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.seal import Destroyed, digest, seal, unseal
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.zone import day_of

from ..models import Claim, ClaimWords
from ..terms import CLAIM, CLAIM_AMOUNTS, CLAIM_OVER, DOCUMENTS, HELPERS, SETTLE
from .common import change, checked_contact, contact_of, contact_sealed, needed

MOST = Decimal("99999999.99")


@dataclass(frozen=True)
class NewClaim:
    """A claim as written down. `papers`: kind → how many there are; `asked`: yuan."""

    id: UUID
    area: str
    helper: str
    day: date
    name: str
    how: str
    words: str
    papers: Mapping[str, int] = field(default_factory=dict)
    asked: Decimal = Decimal(0)


@dataclass(frozen=True)
class Opened:
    """What lies sealed with a claim."""

    name: str
    how: str
    words: list[tuple[datetime, str, str]]  # when, by whom, what; the oldest first


@once
def enter_claim(*, actor: Actor, now: datetime, new: NewClaim, key: UUID | None = None) -> Claim:
    """Writes a claim down. The same id again is a retry. Raises Refused at the field."""
    if new.helper not in HELPERS:
        raise Refused(_("Choose who was hurt."), field="helper", code="needs")
    if new.area not in places.area_names():
        raise Refused(_("Choose the area."), field="area", code="needs")
    if new.day > day_of(now):
        raise Refused(_("This day has not come yet."), field="day", code="invalid")
    name, how, _channel = checked_contact(new.name, new.how)
    words = needed(new.words, "words", _("Say what happened."), 2000)
    papers, asked = _papers(new.papers), _amount(new.asked, "asked")
    actor.require(CLAIM, new.area)
    with writing(actor=actor, now=now) as log:
        if (kept := Claim.objects.filter(id=new.id).first()) is not None:
            return kept
        row = Claim(id=new.id, area=new.area, helper=new.helper, day=new.day, papers=papers, asked=asked, by=actor.id,
                    at=now, since=now, contact=contact_sealed(new.id, name, how), state=cycle("hurt_claim").initial)
        row.save(force_insert=True)
        _tell(log, "claim.entered", row, key=key, words=words, papers=sum(papers.values()), amount=str(asked))
    return row


@once
def set_papers(*, actor: Actor, now: datetime, claim_id: UUID | str, papers: Mapping[str, int], version: int,
               key: UUID | None = None) -> Claim:
    """Counts the papers anew: some were handed in later."""
    found = _papers(papers)
    with writing(actor=actor, now=now) as log:
        row = _visible(actor, claim_id)
        if already_written(key):
            return row
        if row.state in CLAIM_OVER:
            raise Refused(_("This claim is over."), code="state")
        change(row, version, papers=found)
        _tell(log, "claim.papers", row, key=key, papers=sum(found.values()))
    return row


@once
def move_claim(*, actor: Actor, now: datetime, claim_id: UUID | str, transition: str, version: int | None = None,
               amount: Decimal | None = None, reason: str = "", key: UUID | None = None) -> Claim:
    """Moves a claim by a transition of `hurt_claim`. `amount`: what is paid ahead, or settled in all, in yuan;
    `reason`: of a refusal, or the objection to it, sealed."""
    with writing(actor=actor, now=now) as log:
        row = _visible(actor, claim_id)
        if already_written(key):
            return row
        states = cycle("hurt_claim")
        step = states.transitions.get(transition)
        if step is None:
            raise Missing(_("There is no such move."), field="transition", code="transition")
        if not actor.may(step.may, row.area):
            raise Denied(step.may, row.area)
        given = {n for n, v in {"papers": sum(row.papers.values()), "amount": amount is not None,
                                "reason": reason.strip()}.items() if v}
        states.check(transition, state=row.state, given=given)
        values: dict[str, Any] = {"state": step.target, "since": now}
        if name := CLAIM_AMOUNTS.get(transition):
            values[name] = _amount(amount or Decimal(0), "amount")
            if transition == "h_settle" and row.paid and values[name] < row.paid:
                raise Refused(_("%(paid)s yuan are paid already: the whole is no less.") % {"paid": row.paid},
                              field="amount", code="less")
        if step.target in CLAIM_OVER:
            values["closed_at"] = now
        old = row.state
        change(row, version, **values)
        told = {"amount": str(values[name])} if name else {}
        _tell(log, "claim.moved", row, key=key, words=reason.strip()[:2000], old=old, new=step.target, **told)
    return row


@once
def read_claim(*, actor: Actor, now: datetime, claim_id: UUID | str, reason: str, key: UUID | None = None) -> Opened:
    """Who it is and what was said, for a stated reason that is kept and written down."""
    why = needed(reason, "reason", _("Say why you need it."))
    with writing(actor=actor, now=now) as log:
        row = _visible(actor, claim_id)
        if not already_written(key):
            log.append("claim.opened", subject=("claim", row.id), area=row.area, may=SETTLE, id=key, reason=why)
    rows = ClaimWords.objects.filter(claim=row).order_by("at", "id")
    name, how = contact_of(row.id, row.contact)
    return Opened(name, how, [(r.at, r.by, _words(r)) for r in rows])


def _words(row: ClaimWords) -> str:
    try:
        return unseal(row.claim_id, f"words:{row.id}", bytes(row.text))
    except Destroyed:
        return ""


def _papers(papers: Mapping[str, int]) -> dict[str, int]:
    if bad := [n for kind, n in papers.items() if kind not in DOCUMENTS or not 0 <= n <= 99]:
        raise Refused(_("Count the papers, 0 to 99 of a kind, not %(n)s.") % {"n": bad[0]}, field="papers",
                      code="invalid")
    return {kind: n for kind, n in papers.items() if n}


def _amount(amount: Decimal, name: str) -> Decimal:
    if not amount.is_finite() or not 0 <= amount <= MOST:
        raise Refused(_("Give an amount in yuan, not below 0."), field=name, code="invalid")
    return amount.quantize(Decimal("0.01"))


def _visible(actor: Actor, claim_id: UUID | str) -> Claim:
    row = Claim.objects.select_for_update().filter(id=claim_id).first()
    if row is None or not (actor.may(CLAIM, row.area) or actor.may(SETTLE, row.area)):
        raise Missing(_("There is no such claim in your areas."), code="claim")
    return row


def _tell(log: Log, kind: str, row: Claim, *, key: UUID | None = None, words: str = "", **payload: Any) -> None:
    """The event, and the words sealed beside it."""
    event = key or new_id()
    if words:
        payload["digest"] = digest(row.id, words)
        ClaimWords.objects.create(id=event, claim=row, at=log.now, by=log.actor.id,
                                  text=seal(row.id, f"words:{event}", words))
    log.append(kind, subject=("claim", row.id), area=row.area, may=CLAIM, id=event, payload=payload)
