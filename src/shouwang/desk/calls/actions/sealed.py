"""Opening what lies sealed, each time with an event, and adding words."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once

from .. import words
from ..models import CALL_OPEN, Call, CallWords, Note
from .common import append, is_crew, require_text, said, stamp, tell_crews, visible

MESSAGE_CHARS = 500
READ_AGAIN = timedelta(hours=8)  # a reader is written down once per shift and call, not at every refresh


@dataclass(frozen=True)
class Said:
    """What one caller said. `id` names them where they are split off or taken back."""

    id: UUID
    at: datetime
    words: str
    ticks: tuple[str, ...]
    answers: dict[str, str]
    has_number: bool
    has_name: bool


@dataclass(frozen=True)
class Remark:
    """Words of staff beside an event."""

    event: UUID
    kind: str
    at: datetime
    by: str
    text: str


@dataclass(frozen=True)
class Words:
    callers: tuple[Said, ...]
    remarks: tuple[Remark, ...]
    deleted: bool


@dataclass(frozen=True)
class Revealed:
    """A caller's name and number."""

    at: datetime
    name: str
    number: str


def read_words(*, actor: Actor, now: datetime, call_id: UUID | str) -> Words:
    """What callers and staff said, for those who handle the call: never a caller's name or number. That this person has
    read it is written down once per shift."""
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        rows = list(CallWords.objects.filter(call=call).order_by("at", "id"))
        notes = list(Note.objects.filter(call=call).order_by("at", "id"))
        seen = any(e.kind == "access.words_read" and e.actor == actor.id and now - e.at < READ_AGAIN
                   for e in events_of("call", call.id))
        if (rows or notes) and not seen and not actor.everything:
            log.append("access.words_read", subject=("call", call.id), area=call.area)
    return Words(tuple(_said(row) for row in rows),
                 tuple(Remark(n.id, n.kind, n.at, n.by, words.note_text(n)) for n in notes),
                 call.words_deleted_at is not None)


def _said(row: CallWords) -> Said:
    text = words.opened(row, "words", "ticks")
    return Said(row.id, row.at, text["words"], tuple(text["ticks"].split()), words.answers(row), bool(row.number),
                bool(row.name))


@once
def reveal_caller(*, actor: Actor, now: datetime, call_id: UUID | str, reason: str, key: UUID | None = None,
                  ) -> tuple[Revealed, ...]:
    """Callers' names and numbers, for a stated reason that is kept and written down."""
    text = require_text(reason, "reason", _("Say why you need the number."))
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        actor.require("call.reveal", call.area)
        rows = list(CallWords.objects.filter(call=call).order_by("at", "id"))
        if not already_written(key):
            append(log, "call.revealed", call, id=key, reason=text)
    return tuple(Revealed(row.at, **words.opened(row, "name", "number")) for row in rows)


@once
def add_note(*, actor: Actor, now: datetime, call_id: UUID | str, text: str, key: UUID | None = None) -> Call:
    """Adds a remark to a call, open or closed."""
    remark = require_text(text, "text", _("Write something."))
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if not already_written(key):
            actor.require("call.edit", None if is_crew(actor, call) else call.area)
            if call.words_deleted_at:
                raise Conflict(_("What was said about %(call)s is deleted. Take a new call.") % {"call": call},
                               code="deleted")
            said(log, "call.noted", call, "remark", remark, id=key)
    return call



@once
def send_message(*, actor: Actor, now: datetime, call_id: UUID | str, text: str, at_device: datetime | None = None,
                 key: UUID | None = None) -> Call:
    """A line of the thread between the desk and the crews of an open call; each side reads the other's at once."""
    line = require_text(text, "text", _("Write something."))[:MESSAGE_CHARS]
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if not already_written(key):
            crew = is_crew(actor, call)
            actor.require("dispatch.status" if crew else "dispatch.assign", None if crew else call.area)
            if call.state not in CALL_OPEN:
                raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
            said(log, "call.messaged", call, "message", line, id=key, by_crew=crew, **stamp(at_device),
                 **({"unit": str(actor.unit)} if crew else {}))
            tell_crews(log, call)
    return call
