"""Changing a row of the settings: checked against what was shown, written with its reason, undone from the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.models import Event
from shouwang.desk.log.names import home
from shouwang.desk.log.writing import Log, writing

from . import moves
from .sheet import Sheet, may_edit, plain, seen

CHANGED, ADDED = "settings.changed", "settings.added"


def save(
    *,
    actor: Actor,
    now: datetime,
    sheet: Sheet,
    row: models.Model,
    fields: Sequence[str],
    reason: str,
    shown: str = "",
    key: UUID | None = None,
) -> UUID | None:
    """Stores `row`, whose `fields` hold the new values. `shown`: the mark the form was given; empty for a new row.
    Returns the id of the event that can be undone (`key` where a client gives it: a retry is done once), None when
    nothing was changed."""
    _require(actor, sheet, row)
    if not reason.strip():
        raise Refused(_("Give the reason."), field="reason")
    try:
        return _save(actor, now, sheet, row, fields, reason, shown, key)
    except (Conflict, IntegrityError) as error:
        if key and written(actor=actor, sheet=sheet, key=key) is not None:
            return key
        if isinstance(error, IntegrityError):
            raise Conflict(_("Somebody else was first. Look again."), code="raced") from error
        raise


def written(*, actor: Actor, sheet: Sheet, key: UUID) -> Any | None:
    """The row that the actor's request with this key has written already."""
    event = Event.objects.filter(id=key, kind__in=(ADDED, CHANGED), subject_kind=sheet.key, actor=actor.id).first()
    return sheet.one(event.subject) if event else None


def _save(
    actor: Actor,
    now: datetime,
    sheet: Sheet,
    row: models.Model,
    fields: Sequence[str],
    reason: str,
    shown: str,
    key: UUID | None,
) -> UUID | None:
    with writing(actor=actor, now=now) as log:
        old = sheet.one(str(row.pk)) if shown else None
        if old is None:
            row.save(force_insert=sheet.find is None)
            return _write(log, sheet, row, ADDED, {"row": plain(row, fields)}, reason, key)
        _require(actor, sheet, old)
        if seen(old, fields) != shown:
            raise Conflict(_("Somebody else has changed this meanwhile. Look at it again."), code="changed")
        before, after = plain(old, fields), plain(row, fields)
        changes = {name: [before[name], after[name]] for name in fields if before[name] != after[name]}
        if not changes:
            return None
        row.save()
        return _write(log, sheet, row, CHANGED, {"changes": changes}, reason, key)


def undo(*, actor: Actor, now: datetime, sheet: Sheet, event_id: UUID) -> models.Model:
    """Sets back what an event changed, as long as nobody has changed it further. Returns the row."""
    event = Event.objects.filter(id=event_id, kind=CHANGED, subject_kind=sheet.key, actor=actor.id).first()
    row = sheet.one(event.subject) if event else None
    if event is None or row is None or not event.payload:
        raise Missing(_("There is nothing to undo."))
    changes: dict[str, list[Any]] = event.payload["changes"]
    _require(actor, sheet, row)
    if any(plain(row, [name])[name] != new for name, (_old, new) in changes.items()):
        raise Conflict(_("It has been changed further; undo is no longer possible."), code="changed")
    with writing(actor=actor, now=now) as log:
        for name, (old, _new) in changes.items():
            setattr(row, row._meta.get_field(name).attname, old)
        _require(actor, sheet, row)
        row.save()
        back = {name: [new, old] for name, (old, new) in changes.items()}
        _write(log, sheet, row, CHANGED, {"changes": back, "undoes": str(event_id)}, "")
    return cast(models.Model, row)


def _write(
    log: Log, sheet: Sheet, row: models.Model, kind: str, payload: dict[str, Any], reason: str, key: UUID | None = None
) -> UUID:
    event = log.append(
        kind, subject=(sheet.key, row.pk), area=sheet.area_of(row), payload=payload, reason=reason.strip(), id=key
    )
    if sheet.rules:
        log.append("rules.changed", subject=(sheet.key, row.pk))
        transaction.on_commit(moves.forget)
    sheet.after(log, row)
    return event


def _require(actor: Actor, sheet: Sheet, row: models.Model) -> None:
    if not may_edit(actor, sheet, row):
        raise Denied(sheet.keeps[-1], sheet.area_of(row) or home())
