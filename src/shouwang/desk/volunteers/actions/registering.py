"""What volunteers and associations do themselves, without an account: register, look, correct, withdraw by their code.

That a machine does not register is held off before: by the proof of work and the counting of a resident's report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from shouwang.desk.log.codes import code_digest, code_of
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.seal import digest, keys
from shouwang.desk.log.writing import writing
from shouwang.desk.places import facts as places

from .. import facts
from ..models import Association, Volunteer
from ..terms import consent, trades
from .common import PUBLIC, change, checked_contact, contact_of, contact_sealed, tell


@dataclass(frozen=True)
class NewVolunteer:
    """What somebody says who registers. `id`: handed out with the puzzle. `consent`: the version of the text shown."""

    id: UUID
    name: str
    how: str
    area: str
    consent: str
    trade: str = ""
    association: UUID | None = None
    group: str = ""


@dataclass(frozen=True)
class NewAssociation:
    """What the office of a trade association says. `name`: the association's; `office`, `how`: whom to ask for."""

    id: UUID
    name: str
    trade: str
    office: str
    how: str
    consent: str


@dataclass(frozen=True)
class Own:
    """What a volunteer sees of themselves by their code, or an association's office of it."""

    row: Volunteer | Association
    name: str
    how: str


def register(*, now: datetime, new: NewVolunteer) -> Volunteer:
    """Registers a volunteer, who waits for the office. The same id again is a retry. Raises Refused at the field."""
    if (kept := Volunteer.objects.filter(id=new.id).first()) is not None:
        return kept
    name, how, channel = checked_contact(new.name, new.how)
    _agreed(new.consent)
    spot = places.area_names().get(new.area)
    if spot is None or spot.kind not in ("community", "village"):
        raise Refused(_("Choose the community where you can help."), field="area", code="needs")
    if new.trade and new.trade not in trades():
        raise Refused(_("There is no such trade."), field="trade", code="invalid")
    group = facts.group_of_code(new.group) if new.group else None
    if new.group and (group is None or not group.area.startswith(new.area)):
        raise Refused(_("No neighbours' group of this community has this code."), field="group", code="group")
    association = _association(new)
    row = Volunteer(id=new.id, area=new.area, trade=new.trade, association=association, group=group, channel=channel,
                    contact=contact_sealed(new.id, name, how), follow=code_digest(code_of(new.id)),
                    consent=new.consent, consent_at=now)
    try:
        with writing(actor=PUBLIC, now=now) as log:
            row.save(force_insert=True)
            tell(log, "volunteer.registered", row, consent=new.consent, digest=digest(row.id, f"{name}\n{how}"))
    except IntegrityError:  # two requests with one id at the same moment
        return Volunteer.objects.get(id=new.id)
    return row


def _association(new: NewVolunteer) -> Association | None:
    if new.association is None:
        return None
    row = Association.objects.filter(id=new.association, state="confirmed").first()
    if row is None or row.trade != new.trade:
        raise Refused(_("This association is not one of the trade."), field="association", code="invalid")
    return row


def _agreed(version: str) -> None:
    if not version:
        raise Refused(_("Without your consent nothing is kept."), field="consent", code="needs")
    if version != consent().version:
        raise Refused(_("The text of the consent has changed. Load the page again and read it."), field="consent",
                      code="version")


def register_association(*, now: datetime, new: NewAssociation) -> Association:
    """Registers a trade association, which waits for the coordinator. The same id again is a retry."""
    if (kept := Association.objects.filter(id=new.id).first()) is not None:
        return kept
    title = new.name.strip()
    if not 0 < len(title) <= 80:
        raise Refused(_("Give the name of the association, up to 80 characters."), field="title", code="needs")
    if new.trade not in trades():
        raise Refused(_("Choose the trade."), field="trade", code="needs")
    name, how, _channel = checked_contact(new.office, new.how)
    _agreed(new.consent)
    top = places.district()
    row = Association(id=new.id, name=title, trade=new.trade, area=top.area if top else "",
                      contact=contact_sealed(new.id, name, how), follow=code_digest(code_of(new.id)),
                      consent=new.consent, consent_at=now)
    with writing(actor=PUBLIC, now=now) as log:
        row.save(force_insert=True)
        tell(log, "association.registered", row, trade=row.trade, consent=new.consent)
    return row


def by_code(*, now: datetime, code: str) -> Own:
    """Somebody's own registration. The opening is written down, without who. Raises Missing for no such code."""
    row = _by_code(code)
    with writing(actor=PUBLIC, now=now) as log:
        tell(log, "access.volunteer_self", row)
    return Own(row, *contact_of(row.id, row.contact))


def amend(*, now: datetime, code: str, name: str, how: str) -> Own:
    """Corrects what one is called and how one is reached."""
    row = _by_code(code)
    if row.state == "refused":
        raise Refused(_("This registration was not taken; nothing of it is kept."), code="state")
    name, how, channel = checked_contact(name, how)
    reached: dict[str, Any] = {"channel": channel} if isinstance(row, Volunteer) else {}
    with writing(actor=PUBLIC, now=now) as log:
        change(row, contact=contact_sealed(row.id, name, how), **reached)
        tell(log, "volunteer.amended", row, digest=digest(row.id, f"{name}\n{how}"))
    return Own(row, name, how)


def withdraw(*, now: datetime, code: str) -> None:
    """Deletes the registration: the key first, then the row. Hours stay as figures of their area, nobody's."""
    row = _by_code(code)
    erase(row)
    with writing(actor=PUBLIC, now=now) as log:
        tell(log, "volunteer.withdrew", row)
        row.delete()


def erase(row: Volunteer | Association) -> None:
    """Before its row goes: a crash in between leaves a row that says nothing, and withdrawing again ends it."""
    keys().destroy([str(row.id)])


def _by_code(code: str) -> Volunteer | Association:
    follow = code_digest(code) if len(code) <= 20 else ""
    row = (Volunteer.objects.select_related("group", "association").filter(follow=follow).first()
           or Association.objects.filter(follow=follow).first())
    if row is None or not follow:
        raise Missing(_("No registration has this code. Look at it once more."), field="code", code="code")
    return row
