"""What a village or community keeps: its safety office, contracts with terms and payments, safe-village items."""
from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.names import home
from shouwang.desk.log.seal import Destroyed, digest, keys, seal, unseal
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.zone import day_of

from . import facts
from .actions import change, locality, tell
from .models import Contract, Locality, Payment, Tick
from .terms import CONTRACTS, DAYS, KEEP, SEE, items

LONGEST = timedelta(days=5 * 366)
CONTACT_KEPT = timedelta(days=366)  # after the end of the contract
CONTACT_MAX = {"name": 60, "phone": 30}
MOST_AMOUNT = 100_000_000


@dataclass(frozen=True)
class Contact:
    """Whom to ask for at which office telephone."""

    name: str
    phone: str


@dataclass(frozen=True)
class ContractGiven:
    """kind: security or adviser. body: the office or firm. terms: the work agreed. payments: due day and sum."""

    kind: str
    number: str
    body: str
    terms: str
    from_day: date
    until: date
    payments: tuple[tuple[date, int], ...] = ()


@once
def set_office(*, actor: Actor, now: datetime, locality_id: UUID | str, place: str, contact: Contact | None,
               version: int,
               key: UUID | None = None) -> Locality:
    """Where the safety office is, and (None: as it stands) who answers for it, sealed."""
    row = locality(actor, locality_id)
    actor.require(KEEP, row.area)
    if len(place.strip()) > 120:
        raise Refused(_("Give up to %(n)s characters.") % {"n": 120}, field="place", code="needs")
    values: dict[str, Any] = {"office_place": place.strip()}
    told: dict[str, Any] = {}
    if contact is not None:
        words = _sealed_words(contact)
        values["contact"], told = seal(row.id, "contact", words), {"digest": digest(row.id, words)}
    with writing(actor=actor, now=now) as log:
        if already_written(key):
            return row
        change(row, version, **values)
        tell(log, "village.office_set", row, key, **told)
    return row


@once
def sign_contract(*, actor: Actor, now: datetime, id: UUID, locality_id: UUID | str, given: ContractGiven,
                  contact: Contact | None = None, key: UUID | None = None) -> Contract:
    """Enters a contract with its payments; the same id again is a retry. Raises Refused at the field."""
    at = locality(actor, locality_id)
    actor.require(KEEP, at.area)
    _check_contract(given)
    with writing(actor=actor, now=now) as log:
        if already_written(key) or Contract.objects.filter(id=id).exists():
            return _contract(actor, id)
        if Contract.objects.filter(number=given.number.strip()).exists():
            raise Conflict(_("Another contract has this number."), field="number", code="number")
        row = Contract(id=id, locality=at, kind=given.kind, number=given.number.strip(), body=given.body.strip(),
                       terms=given.terms.strip(), from_day=given.from_day, until=given.until)
        if contact is not None:
            row.contact = seal(row.id, "contact", _sealed_words(contact))
        row.save(force_insert=True)
        Payment.objects.bulk_create(Payment(contract=row, due=due, amount=amount) for due, amount in given.payments)
        tell(log, "contract.signed", at, key, contract=str(row.id), until=given.until.isoformat(),
             amount=sum(amount for _due, amount in given.payments))
    return row


def _check_contract(given: ContractGiven) -> None:
    if given.kind not in CONTRACTS:
        raise Refused(_("There is no such kind."), field="kind", code="kind")
    for name, most in (("number", 40), ("body", 80), ("terms", 500)):
        if not 0 < len(getattr(given, name).strip()) <= most:
            raise Refused(_("Give up to %(n)s characters.") % {"n": most}, field=name, code="needs")
    days = given.from_day, given.until  # the bounds first: beyond them days cannot be added to
    if not (DAYS[0] <= min(days) and max(days) <= DAYS[1] and days[0] <= days[1] <= days[0] + LONGEST):
        raise Refused(_("A contract ends after it begins, within 5 years."), field="until", code="day")
    for due, amount in given.payments:
        if not (0 < amount <= MOST_AMOUNT and given.from_day <= due <= given.until + timedelta(days=366)):
            raise Refused(_("Give payments with a sum above 0 and a day from the beginning to a year after the end."),
                          field="payments", code="payment")


@once
def end_contract(*, actor: Actor, now: datetime, contract_id: UUID | str, on: date, reason: str, version: int,
                 key: UUID | None = None) -> Contract:
    """Ends a contract before its last day, for a stated reason. Payments stay as they are."""
    row = _contract(actor, contract_id, KEEP)
    if already_written(key):
        return row
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="needs")
    if row.ended_on is not None:
        raise Conflict(_("This contract has ended."), code="state")
    if not max(row.from_day, day_of(now)) <= on < row.until:
        raise Refused(_("Give a day from today on, before its last day."), field="on", code="day")
    with writing(actor=actor, now=now) as log:
        change(row, version, ended_on=on)
        log.append("contract.ended", subject=("locality", row.locality_id), area=row.locality.area, may=SEE, id=key,
                   reason=reason.strip()[:500], payload={"contract": str(row.id), "until": on.isoformat()})
    return row


@once
def set_paid(*, actor: Actor, now: datetime, payment_id: UUID | str, on: date | None, version: int,
             key: UUID | None = None) -> Payment:
    """A payment was made on a day; None takes a mistake back."""
    row = Payment.objects.filter(id=payment_id).first()
    if row is None:
        raise Missing(_("There is no such payment in your areas."), code="payment")
    contract = _contract(actor, row.contract_id, KEEP)
    if on is not None and not contract.from_day <= on <= day_of(now):
        raise Refused(_("Give the day it was paid, today at the latest."), field="on", code="day")
    with writing(actor=actor, now=now) as log:
        if already_written(key):
            return row
        change(row, version, paid_on=on)
        tell(log, "contract.paid" if on else "contract.unpaid", contract.locality, key, contract=str(contract.id),
             amount=row.amount)
    return row


@once
def tick(*, actor: Actor, now: datetime, locality_id: UUID | str, item: str, done: bool, version: int,
         key: UUID | None = None) -> Tick:
    """Writes down whether an item of safe-village building is done, as looked at today. `version`: 0 for an item
    that nobody has looked at."""
    at = locality(actor, locality_id)
    actor.require(KEEP, at.area)
    if item not in items() or items()[item].known_by:
        raise Refused(_("There is no such item to be ticked."), field="item", code="item")
    values = {"done": done, "day": day_of(now), "by": actor.id}
    with writing(actor=actor, now=now) as log:
        row = Tick.objects.filter(locality=at, item=item).first()
        if row is not None and already_written(key):
            return row
        if row is None:
            row = Tick.objects.create(locality=at, item=item, **values)
        else:
            change(row, version, **values)
        tell(log, "village.ticked", at, key, item=item, done=done)
    return row


@once
def show_contact(*, actor: Actor, now: datetime, locality_id: UUID | str, reason: str,
                 contract_id: UUID | str | None = None, key: UUID | None = None) -> Contact | None:
    """The office contact of a locality, or of a contract's body, for a stated reason that is written down."""
    at = locality(actor, locality_id)
    actor.require(KEEP, at.area)
    if not reason.strip():
        raise Refused(_("Say why you need it."), field="reason", code="needs")
    row: Locality | Contract = at
    if contract_id is not None:
        row = _contract(actor, contract_id, KEEP)
        if row.locality_id != at.id:
            raise Missing(_("There is no such contract in your areas."), code="contract")
    with writing(actor=actor, now=now) as log:
        if not already_written(key):
            log.append("village.contact_shown", subject=("locality", at.id), area=at.area, may=SEE, id=key,
                       reason=reason.strip()[:500], payload={"contract": str(contract_id)} if contract_id else {})
    try:
        said = unseal(row.id, "contact", bytes(row.contact)) if row.contact else ""
    except Destroyed:
        said = ""
    return Contact(**json.loads(said)) if said else None


def _sealed_words(contact: Contact) -> str:
    for name, most in CONTACT_MAX.items():
        if not 0 < len(getattr(contact, name).strip()) <= most:
            raise Refused(_("Give the office and its telephone."), field=name, code="needs")
    return json.dumps({name: text.strip() for name, text in asdict(contact).items()})


def _contract(actor: Actor, contract_id: UUID | str, may: str = "") -> Contract:
    row = facts.find_contract(actor.areas(SEE, KEEP), contract_id)
    if row is None:
        raise Missing(_("There is no such contract in your areas."), code="contract")
    if may:
        actor.require(may, row.locality.area)
    return row


def contacts_due(now: datetime) -> int:
    """Office contacts of contracts that ended a year ago are destroyed."""
    before = day_of(now) - CONTACT_KEPT
    rows = Contract.objects.filter(Q(until__lt=before) | Q(ended_on__lt=before)).exclude(contact=b"")
    ids = [str(row.id) for row in rows]
    if ids:
        with writing(actor=system("retention"), now=now) as log:
            Contract.objects.filter(id__in=ids).update(contact=b"", version=F("version") + 1)
            log.append("contract.contacts_deleted", subject=("contracts", "due"), area=home(), may=SEE,
                       payload={"count": len(ids)})
        keys().destroy(ids)  # after the commit: a crash in between leaves keys of nothing
    return len(ids)
