"""What the actions of this room share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.seal import digest, seal
from shouwang.desk.log.writing import Log, writing

from .. import facts
from ..facts import MAY_COMMAND, MAY_SEE, WORK
from ..models import Item, Major, Said

SUBJECT = "event"
READ, READ_AGAIN = "access.event_read", timedelta(hours=8)  # as for the words of a call
LONGEST = 1000


def visible(actor: Actor, event_id: UUID | str, *needs: str) -> Major:
    """The event, locked until the transaction ends, where the actor holds one of `needs` (default: any that works the
    board). Raises Missing outside the actor's areas, Denied where the permission lacks."""
    needs = needs or WORK
    event = Major.objects.select_for_update().filter(id=event_id).first()
    if event is None or not any(event.area.startswith(path) for path in actor.areas(MAY_SEE, *needs)):
        raise Missing(_("There is no such event in your areas."), code="event")
    if not any(actor.may(p, event.area) for p in needs):
        raise Denied(needs[0], event.area)
    return event


def running(event: Major) -> Major:
    if event.state != "active":
        raise Conflict(_("%(event)s is over.") % {"event": event}, code="state")
    return event


def change(event: Major, *, version: int | None = None, **values: Any) -> None:
    """Compare and set, by the version the client saw if it says so."""
    mine = Major.objects.filter(id=event.id, version=version or event.version)
    if not mine.update(version=F("version") + 1, **values):
        raise Conflict(_("Somebody else has changed this event. Look again."), code="raced")
    event.refresh_from_db()


def tell(log: Log, event: Major, kind: str, also: Mapping[str, Any] | None = None, *, key: UUID | None = None,
         reason: str = "", **payload: Any) -> UUID:
    """The event of the log, with the newest picture for live screens."""
    told = {**payload, **(also or {})}
    done = log.append(kind, subject=(SUBJECT, event.id), area=event.area, may=MAY_SEE, payload=told, id=key,
                      reason=reason.strip()[:500])
    log.card((SUBJECT, event.id), area=event.area, may=MAY_SEE,
             body=facts.card(event) if event.state == "active" else None)
    return done


def wordy(text: str, field: str, *, needed: bool = True, longest: int = LONGEST) -> str:
    """What somebody typed, without what a database cannot hold. Raises Refused where it may not be empty."""
    words = text.replace("\x00", "").strip()[:longest]
    if needed and not words:
        raise Refused(_("Write something."), field=field, code="needs")
    return words


def sealed(event: Major, field: str, text: str) -> bytes:
    """Sealed under the event's key. Conflict once its words are deleted: they would stay for ever."""
    if event.words_deleted_at is not None:
        raise Conflict(_("What was said about this event is deleted. Write no more about it."), code="deleted")
    return seal(event.id, field, text)


def say(event: Major, event_id: UUID, text: str) -> str:
    """Keeps a remark beside the log's event of this id. Returns its digest."""
    Said.objects.create(id=event_id, event=event, text=sealed(event, f"said:{event_id}", text))
    return digest(event.id, text)


def read(*, actor: Actor, now: datetime, event_id: UUID | str) -> Major:
    """The event, for somebody who is about to read what is said about it: written down once per shift."""
    with writing(actor=actor, now=now) as log:
        event = visible(actor, event_id, MAY_SEE, *WORK)
        words = Said.objects.filter(event=event).exists() or Item.objects.filter(event=event, code="").exists()
        seen = actor.everything or any(e.kind == READ and e.actor == actor.id and now - e.at < READ_AGAIN
                                       for e in events_of(SUBJECT, event.id))
        if words and not seen:
            log.append(READ, subject=(SUBJECT, event.id), area=event.area)
    return event


def may_command(actor: Actor, event: Major) -> None:
    actor.require(MAY_COMMAND, event.area)
