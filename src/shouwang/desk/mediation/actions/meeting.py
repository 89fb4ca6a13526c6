"""What a mediator writes down: sessions with their minutes, the agreement, visits afterwards."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.log.seal import digest
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.records import change
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.zone import day_of

from .. import sealed
from ..models import Agreement, Mediation, Session, Visit
from ..terms import HOW, PERFORMED, WHERE, Given, NewSession
from .common import append, conducts, one_of, require_text, visible, visits, within

LONGEST = timedelta(days=3 * 366)
BEFORE = timedelta(days=30)  # what was settled on the spot may be registered afterwards


@once
def record_session(*, actor: Actor, now: datetime, mediation_id: UUID | str, new: NewSession, key: UUID | None = None,
                   ) -> Session:
    """Keeps a session with its minutes. The same id again is a retry."""
    text = require_text(new.minutes, "minutes", _("Write the minutes."))
    one_of(new.where, WHERE, "where", _("Choose where it was."))
    if not 1 <= new.lasted_min <= 720:
        raise Refused(_("From 1 to 720 minutes."), field="lasted_min", code="span")
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        kept = Session.objects.filter(id=new.id, mediation=row).first()
        if kept is not None:
            return kept
        conducts(actor, row)
        if row.state != "session":
            raise Conflict(_("Sessions are written down while the mediation is in session."), code="state")
        if not row.registered_at - BEFORE <= new.held_at <= now:
            raise Refused(_("A session was held before now, and at most 30 days before the case was registered."),
                          field="held_at", code="span")
        made = Session.objects.create(
            id=new.id, mediation=row, held_at=new.held_at, lasted_min=new.lasted_min, where=new.where,
            all_present=new.all_present, by=actor.id, minutes=sealed.keep(row.id, f"minutes:{new.id}", text))
        append(log, "mediation.session_held", row, id=key, session_where=new.where, lasted_min=new.lasted_min,
               digest=digest(row.id, text))
    return made


@once
def write_agreement(*, actor: Actor, now: datetime, mediation_id: UUID | str, terms: str, perform_by: date,
                    version: int = 0, key: UUID | None = None) -> Agreement:
    """Writes what is agreed, or with the `version` that was read writes it anew, until it is signed."""
    text = require_text(terms, "terms", _("Write what is agreed."))
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        made = Agreement.objects.filter(mediation=row).first()
        if already_written(key) and made is not None:
            return made
        conducts(actor, row)
        if row.state != "session":
            raise Conflict(_("The agreement is written while the mediation is in session."), code="state")
        _ahead(perform_by, now, "perform_by")
        if version != (made.version if made else 0):
            raise Conflict(_("Somebody else has changed this meanwhile. Look at it again."), code="version")
        values: dict[str, Any] = {"terms": sealed.keep(row.id, "terms", text), "perform_by": perform_by, "at": now,
                                  "by": actor.id}
        if made is None:
            made = Agreement.objects.create(mediation=row, **values)
        else:
            Agreement.objects.filter(mediation=row).update(version=F("version") + 1, **values)
            made.refresh_from_db()
        append(log, "mediation.written", row, id=key, digest=digest(row.id, text))
    return made


@once
def add_visit(*, actor: Actor, now: datetime, mediation_id: UUID | str, given: Given, version: int | None = None,
              key: UUID | None = None) -> Mediation:
    """One more visit after the first."""
    with writing(actor=actor, now=now) as log:
        row = visible(actor, mediation_id)
        if already_written(key):
            return row
        visits(actor, row)
        if row.state != "visited":
            raise Conflict(_("Further visits follow the first one."), code="state")
        due = next_look(row, given, now)
        change(row, version=version, visited_at=now, performed=given.performed, late_at=None, **due)
        event = append(log, "mediation.visited_again", row, id=key, performed=given.performed)
        keep_visit(row, event, now=now, by=actor.id, how=given.how, performed=given.performed, text=given.note)
    return row


def next_look(row: Mediation, given: Given, now: datetime) -> dict[str, Any]:
    """Checks what a visit found, and says when the next one is due."""
    one_of(given.how, HOW, "how", _("Choose how it was seen."))
    one_of(given.performed, PERFORMED, "performed", _("Choose whether it is performed."))
    within(given.note, "note")
    if given.next_on is None:
        return {"due_at": None, "warn_at": None}
    _ahead(given.next_on, now, "next_on")
    end = datetime.combine(given.next_on + timedelta(days=1), time(), ZoneInfo(setting("time_zone")))
    return {"due_at": end, "warn_at": now + (end - now) * 0.8}


def keep_visit(row: Mediation, id: UUID, *, now: datetime, by: str, how: str, performed: str, text: str) -> None:
    Visit.objects.create(id=id, mediation=row, at=now, how=how, performed=performed, by=by,
                         text=sealed.keep(row.id, f"visit:{id}", text.strip()))


def _ahead(day: date, now: datetime, field: str) -> None:
    if not day_of(now) <= day <= day_of(now) + LONGEST:
        raise Refused(_("The day has to lie ahead, within three years."), field=field, code="span")
