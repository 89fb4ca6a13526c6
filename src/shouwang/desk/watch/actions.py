"""Giving the desk, or the office, to the next watch, and taking it: two people, two signatures, each an event."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.retention import held
from shouwang.desk.log.seal import keys, seal
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.settings import get as setting

from . import facts
from .facts import MAY_OF
from .models import Handover

READ_AGAIN = timedelta(hours=8)
LONGEST = 2000


@once
def give(*, actor: Actor, now: datetime, id: UUID, area: str, kind: str = "desk", note: str = "",
         key: UUID | None = None) -> Handover:
    """Signs the desk or the office of an area over, with what is open at this moment and a note. The same id again is a
    retry. Conflict while another one waits to be taken."""
    if kind not in MAY_OF:
        raise Refused(_("A desk or an office is handed over."), field="kind", code="kind")
    actor.require(MAY_OF[kind], area)
    if area not in places.area_names():
        raise Missing(_("There is no such area here."), field="area", code="area")
    if (row := Handover.objects.filter(id=id, given_by=actor.id).first()) is not None:
        return row
    with writing(actor=actor, now=now) as log:
        if facts.pending(kind, area):
            raise Conflict(_("It is handed over already and waits to be taken."), code="pending")
        row = Handover.objects.create(id=id, kind=kind, area=area, items=facts.ITEMS[kind](area, now),
                                      given_by=actor.id, given_at=now,
                                      given_note=seal(id, "given_note", note.strip()[:LONGEST]))
        _tell(log, row, "watch.given", key, items=len(row.items))
    return row


@once
def take(*, actor: Actor, now: datetime, handover_id: UUID | str, note: str = "", key: UUID | None = None) -> Handover:
    """Signs for the desk: somebody else than who gave it."""
    with writing(actor=actor, now=now) as log:
        row = _row(actor, handover_id)
        if already_written(key):
            return row
        if row.given_by == actor.id:
            raise Refused(_("Somebody else signs for it: you handed it over."), code="two")
        said = seal(row.id, "taken_note", note.strip()[:LONGEST])
        _change(row, state="taken", taken_by=actor.id, taken_at=now, taken_note=said)
        _tell(log, row, "watch.taken", key)
    return row


@once
def withdraw(*, actor: Actor, now: datetime, handover_id: UUID | str, key: UUID | None = None) -> Handover:
    """Takes back what nobody has signed for yet: whoever gave it."""
    with writing(actor=actor, now=now) as log:
        row = _row(actor, handover_id)
        if already_written(key):
            return row
        if row.given_by != actor.id:
            raise Refused(_("Only who handed it over takes it back."), code="two")
        _change(row, state="withdrawn")
        _tell(log, row, "watch.withdrawn", key)
    return row


def read(*, actor: Actor, now: datetime, handover_id: UUID | str) -> tuple[Handover, str, str]:
    """A handover with what both said. That this person has read it is written down once per shift."""
    with writing(actor=actor, now=now) as log:
        row = _row(actor, handover_id)
        seen = actor.id in (row.given_by, row.taken_by) or any(
            e.kind == "access.watch_read" and e.actor == actor.id and now - e.at < READ_AGAIN
            for e in events_of("watch", row.id))
        if not seen and (row.given_note or row.taken_note):
            log.append("access.watch_read", subject=("watch", row.id), area=row.area)
    return (row, *facts.notes(row))


def notes_due(now: datetime) -> int:
    """Destroys the keys of notes older than callers' words are kept."""
    if "*" in (kept := held("watch", now)):
        return 0
    before = now - timedelta(days=int(setting("sealed_days")))
    due = Handover.objects.filter(given_at__lt=before, notes_deleted_at__isnull=True).exclude(id__in=kept)
    ids = list(due.values_list("id", flat=True))
    keys().destroy(str(i) for i in ids)
    return Handover.objects.filter(id__in=ids).update(notes_deleted_at=now)


def _row(actor: Actor, handover_id: UUID | str) -> Handover:
    row = facts.find(actor, handover_id)
    if row is None:
        raise Missing(_("There is no such handover in your areas."), code="watch")
    return row


def _change(row: Handover, **values: object) -> None:
    """Compare and set: only what still waits can be taken or withdrawn."""
    if not Handover.objects.filter(id=row.id, state="given").update(**values):
        raise Conflict(_("It is signed for, or taken back, already."), code="state")
    row.refresh_from_db()


def _tell(log: Log, row: Handover, kind: str, key: UUID | None, **payload: object) -> None:
    log.append(kind, subject=("watch", row.id), area=row.area, may=MAY_OF[row.kind], payload=payload, id=key)
