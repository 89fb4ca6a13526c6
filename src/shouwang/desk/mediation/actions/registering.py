"""How a mediation begins: asked for, found, taken from the screening list, a call or a matter; and who quarrels."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.seal import digest
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.records import numbered

from .. import facts, sealed
from ..models import DisputeKind, Mediation, MediationDay, Party
from ..terms import MOST_OF_PARTY, MOST_PARTIES, REGISTER, SIDES, SOURCES, WHO, NewDispute, NewParty
from .common import append, clock, require_text, said, scale, visible, within

OTHER = "K16"
BEFORE_AGREED = ("registered", "judged", "routed", "consent", "session", "paused")


@once
def register(*, actor: Actor, now: datetime, new: NewDispute, source: str = "asked", screened: UUID | None = None,
             ) -> Mediation:
    """Writes down a dispute. The same id again is a retry and gives the same row. Raises Refused at the field, Denied
    outside the actor's areas."""
    kept = Mediation.objects.select_related("kind", "body").filter(id=new.id).first()
    if kept is not None:
        if kept.registered_by != actor.id:
            raise Conflict(_("This number of a mediation is already used."), field="id", code="id_used")
        return kept
    kind = checked(new)
    actor.require(REGISTER, new.area)
    if source not in ("asked", "found", "screening"):
        raise Refused(_("There is no such source: %(source)s.") % {"source": source}, field="source", code="invalid")
    with writing(actor=actor, now=now) as log:
        return open_new(log, new, kind, source=source, screened=screened)


def checked(new: NewDispute) -> DisputeKind:
    """The kind of a dispute that can be written down as it is. Raises Refused at the field."""
    kind = DisputeKind.objects.filter(code=new.kind, active=True).first()
    if kind is None:
        raise Refused(_("Choose the kind of dispute."), field="kind", code="kind")
    known = places.area_names().get(new.area)
    if known is None or known.kind not in ("community", "cell"):
        raise Refused(_("Choose the community."), field="area", code="area")
    within(new.account, "account")
    scale(new.people, new.amount)
    if len(new.parties) > MOST_PARTIES:
        raise Refused(_("At most %(n)s parties.") % {"n": MOST_PARTIES}, field="parties", code="many")
    for one in new.parties:
        _checked(one)
    return kind


def from_call(*, actor: Actor, now: datetime, call: UUID, id: UUID, kind: str, area: str, account: str) -> Mediation:
    """What a call that was passed on becomes: once, whoever asks. One that was taken back or given back stands for it
    no more."""
    Mediation.objects.filter(call=call, state__in=("withdrawn", "referred")).exclude(id=id).update(call=None)
    return _made(actor, now, NewDispute(id, kind or OTHER, area, account), "call", call=call)


def from_matter(*, actor: Actor, now: datetime, matter: UUID, task: UUID, id: UUID, area: str, account: str,
                ) -> Mediation:
    """What a part of a matter that is mediated jointly becomes: once."""
    return _made(actor, now, NewDispute(id, OTHER, area, account), "matter", matter=matter, task=task)


def _made(actor: Actor, now: datetime, new: NewDispute, source: str, **link: UUID) -> Mediation:
    once_by = {"task": link["task"]} if "task" in link else {"call": link["call"]}
    kept = Mediation.objects.filter(**once_by).first()
    if kept is not None:
        return kept
    kind = DisputeKind.objects.filter(code=new.kind).first() or DisputeKind.objects.get(code=OTHER)
    try:
        with writing(actor=actor, now=now) as log:
            row = open_new(log, new, kind, source=source, link=link)
            if "call" in link:
                log.append("call.became_mediation", subject=("call", link["call"]), area=row.area, may="call.view",
                           payload={"mediation": str(row.id), "number": row.number})
            return row
    except IntegrityError:  # two workers at the same moment: the second finds the first one's row
        return Mediation.objects.get(**once_by)


def open_new(log: Log, new: NewDispute, kind: DisputeKind, *, source: str, link: dict[str, Any] | None = None,
             screened: UUID | None = None) -> Mediation:
    """Writes the case and who quarrels, sealed. `link`: the columns that say where it comes from."""
    state = cycle("mediation").initial
    row = Mediation(id=new.id, **numbered(MediationDay, "D", log.now), kind=kind,
                    level=facts.level_of(kind, new.people, new.amount), people=new.people, amount=new.amount,
                    state=state, area=new.area, source=source, registered_by=log.actor.id, registered_at=log.now,
                    since=log.now, **(link or {}))
    for name, value in clock(row, state, log.now).items():
        setattr(row, name, value)
    row.save(force_insert=True)
    assert source in SOURCES
    for one in new.parties:
        _keep(row, one, one.id or new_id())
    links = {k: v for k, v in (link or {}).items() if k != "follow"} | ({"screened": screened} if screened else {})
    told: dict[str, Any] = {name: str(value) for name, value in links.items()}
    said(log, "mediation.registered", row, "account", new.account.strip(), dispute_kind=kind.code,
         dispute_source=source, new=state, parties=len(new.parties), **told)
    return row


# ---- who quarrels


@once
def add_party(*, actor: Actor, now: datetime, mediation_id: UUID | str, new: NewParty, key: UUID | None = None,
              ) -> Mediation:
    """Adds one to a side, sealed, until there is an agreement. `new.id`: the same again is a retry."""
    _checked(new)
    id = new.id or key or new_id()
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        if already_written(key) or Party.objects.filter(id=id, mediation=row).exists():
            return row
        _may_write(actor, row)
        if Party.objects.filter(mediation=row).count() >= MOST_PARTIES:
            raise Refused(_("At most %(n)s parties.") % {"n": MOST_PARTIES}, field="parties", code="many")
        _keep(row, new, id)
        append(log, "mediation.party_added", row, id=key, side=new.side, digest=digest(row.id, new.name.strip()))
    return row


@once
def drop_party(*, actor: Actor, now: datetime, mediation_id: UUID | str, party_id: UUID | str, reason: str,
               key: UUID | None = None) -> Mediation:
    """Takes one away that was written down in error."""
    text = require_text(reason, "reason", _("Say why."), 500)
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        if already_written(key):
            return row
        _may_write(actor, row)
        if not Party.objects.filter(id=party_id, mediation=row).delete()[0]:
            raise Missing(_("There is no such party to this case."), code="missing")
        append(log, "mediation.party_dropped", row, id=key, reason=text)
    return row


def _may_write(actor: Actor, row: Mediation) -> None:
    if row.state not in BEFORE_AGREED:
        raise Conflict(_("Nothing of who quarrels is changed after the agreement."), code="state")
    if not facts.may_open(actor, row):
        raise Denied(REGISTER, row.area)


def _checked(new: NewParty) -> None:
    if new.side not in SIDES:
        raise Refused(_("Choose the side."), field="side", code="needs")
    if new.kind not in WHO:
        raise Refused(_("Choose person or organisation."), field="kind", code="needs")
    require_text(new.name, "name", _("Write the name."), MOST_OF_PARTY["name"])
    for name in ("phone", "address"):
        within(getattr(new, name), name, MOST_OF_PARTY[name])


def _keep(row: Mediation, new: NewParty, id: UUID) -> None:
    Party.objects.create(id=id, mediation=row, side=new.side, kind=new.kind, details=sealed.details(row.id, id, new))
