"""What the office does: confirm, train, write down hours and thanks, open a contact for a reason, take off the list."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.zone import day_of

from ..models import Association, Message, Service, Volunteer
from ..terms import MANAGE, SERVICES, THANKS, WHY_NOT
from .common import change, contact_of, mine, needed, room, tell
from .registering import erase


@once
def confirm(*, actor: Actor, now: datetime, volunteer_id: UUID | str, version: int | None = None,
            key: UUID | None = None) -> Volunteer:
    """Takes somebody who registered as a volunteer, and lets them know. Those of a neighbours' group get its link."""
    with writing(actor=actor, now=now) as log:
        row = mine(actor, volunteer_id)
        if already_written(key) or row.state == "confirmed":
            return row
        if row.state != "applied":
            raise Conflict(_("This registration is over."), code="state")
        if row.group is not None:
            room(row.group)
        change(row, version, state="confirmed", decided_at=now)
        if row.channel:
            Message.objects.create(purpose="confirmed", volunteer=row, channel=row.channel, next_at=now)
        tell(log, "volunteer.confirmed", row, key=key)
    return row


@once
def refuse(*, actor: Actor, now: datetime, volunteer_id: UUID | str, why: str, version: int | None = None,
           key: UUID | None = None) -> Volunteer:
    """Does not take somebody: what they are called and how they are reached is deleted at once; the code tells why."""
    if why not in WHY_NOT:
        raise Refused(_("Choose why."), field="why", code="needs")
    with writing(actor=actor, now=now) as log:
        row = mine(actor, volunteer_id)
        if already_written(key) or row.state == "refused":
            return row
        if row.state != "applied":
            raise Conflict(_("This registration is over."), code="state")
        change(row, version, state="refused", why=why, decided_at=now, contact=b"", channel="", group=None,
               association=None)
        tell(log, "volunteer.refused", row, key=key, why_not=why)
    erase(row)
    return row


@once
def train(*, actor: Actor, now: datetime, volunteer_id: UUID | str, day: date, version: int | None = None,
          key: UUID | None = None) -> Volunteer:
    """Notes when somebody was last trained."""
    with writing(actor=actor, now=now) as log:
        row = _confirmed(actor, volunteer_id)
        if already_written(key):
            return row
        _past(day, now)
        change(row, version, trained_on=day)
        tell(log, "volunteer.trained", row, key=key, day=day.isoformat())
    return row


@once
def serve(*, actor: Actor, now: datetime, volunteer_id: UUID | str, kind: str, day: date, hours: float = 0,
          key: UUID | None = None) -> Service:
    """Writes down hours served (a tenth of an hour at least, 24 at most), or thanks received (no hours)."""
    if kind not in SERVICES and kind not in THANKS:
        raise Refused(_("Choose what it was."), field="kind", code="needs")
    least, most = (0.0, 0.0) if kind in THANKS else (0.1, 24.0)
    if not least <= hours <= most:
        text = _("Thanks have no hours.") if kind in THANKS else _("Give the hours, 0.1 to 24.")
        raise Refused(text, field="hours", code="invalid")
    _past(day, now)
    id = key or new_id()
    with writing(actor=actor, now=now) as log:
        row = _confirmed(actor, volunteer_id)
        if (kept := Service.objects.filter(id=id).first()) is not None:
            return kept
        made = Service.objects.create(id=id, volunteer=row, area=row.area, trade=row.trade, day=day, kind=kind,
                                      hours=round(hours, 1), by=actor.id)
        tell(log, "volunteer.served", row, key=id, service=kind, day=day.isoformat(), hours=round(hours, 1))
    return made


@once
def reveal(*, actor: Actor, now: datetime, volunteer_id: UUID | str, reason: str, key: UUID | None = None,
           ) -> tuple[str, str]:
    """What a volunteer is called and how they are reached, for a stated reason that is kept and written down."""
    why = needed(reason, "reason", _("Say why you need it."))
    with writing(actor=actor, now=now) as log:
        row = mine(actor, volunteer_id)
        if not already_written(key):
            tell(log, "volunteer.revealed", row, key=key, reason=why)
    return contact_of(row.id, row.contact)


@once
def end(*, actor: Actor, now: datetime, volunteer_id: UUID | str, reason: str, key: UUID | None = None) -> None:
    """Takes somebody off the list and deletes them, as withdrawing does."""
    why = needed(reason, "reason", _("Say why."))
    if already_written(key):
        return
    row = mine(actor, volunteer_id)
    erase(row)
    with writing(actor=actor, now=now) as log:
        tell(log, "volunteer.ended", row, key=key, reason=why)
        Volunteer.objects.filter(id=row.id).delete()


@once
def confirm_association(*, actor: Actor, now: datetime, association_id: UUID | str, version: int | None = None,
                        key: UUID | None = None) -> Association:
    """Lets an association be named by its members."""
    return _decide(actor, now, association_id, version, key, "association.confirmed", state="confirmed")


@once
def refuse_association(*, actor: Actor, now: datetime, association_id: UUID | str, why: str,
                       version: int | None = None, key: UUID | None = None) -> Association:
    """Does not take it: its contact is deleted at once."""
    if why not in WHY_NOT:
        raise Refused(_("Choose why."), field="why", code="needs")
    row = _decide(actor, now, association_id, version, key, "association.refused", state="refused", why=why,
                  contact=b"")
    erase(row)
    return row


@once
def reveal_association(*, actor: Actor, now: datetime, association_id: UUID | str, reason: str,
                       key: UUID | None = None) -> tuple[str, str]:
    """The association's office and its telephone, for a stated reason."""
    why = needed(reason, "reason", _("Say why you need it."))
    with writing(actor=actor, now=now) as log:
        row = _association(actor, association_id)
        if not already_written(key):
            tell(log, "volunteer.revealed", row, key=key, reason=why)
    return contact_of(row.id, row.contact)


def _decide(actor: Actor, now: datetime, association_id: UUID | str, version: int | None, key: UUID | None, kind: str,
            **values: Any) -> Association:
    with writing(actor=actor, now=now) as log:
        row = _association(actor, association_id)
        if already_written(key) or row.state == values["state"]:
            return row
        if row.state != "applied":
            raise Conflict(_("This registration is over."), code="state")
        change(row, version, decided_at=now, **values)
        tell(log, kind, row, key=key, trade=row.trade)
    return row


def _association(actor: Actor, association_id: UUID | str) -> Association:
    row = Association.objects.filter(id=association_id).first()
    if row is None or not actor.may(MANAGE, row.area):
        raise Missing(_("There is no such association in your areas."), code="association")
    return row


def _confirmed(actor: Actor, volunteer_id: UUID | str) -> Volunteer:
    row = mine(actor, volunteer_id)
    if row.state != "confirmed":
        raise Conflict(_("Confirm them first."), code="state")
    return row


def _past(day: date, now: datetime) -> None:
    if day > day_of(now):
        raise Refused(_("This day has not come yet."), field="day", code="invalid")
