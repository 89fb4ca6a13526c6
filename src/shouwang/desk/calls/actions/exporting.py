"""Taking one call out of the centre: for a stated purpose, which is kept, and with an event, which alone opens it."""
from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from shouwang.desk.linked import facts as linked
from shouwang.desk.log import facts as log
from shouwang.desk.log import signing
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.facts import iso
from shouwang.desk.units.facts import units as unit_facts
from shouwang.desk.units.retries import once

from .. import cards, facts, words
from ..eido import Doc, eido
from ..models import Assignment, Call, CallWords, Note
from ..paper import paper
from ..printed import pdf
from ..terms import Caller, Export, Taken
from ..timeline import Entry
from .common import append, require_text, visible

MAY, KIND = "call.export", "call.exported"
OPEN_FOR = timedelta(hours=1)


@once
def export_call(*, actor: Actor, now: datetime, call_id: UUID | str, reason: str, personal: bool = False,
                key: UUID | None = None) -> Export:
    """Opens a call to be taken out, to the actor alone and for an hour. `personal`: with callers, their words and those
    of staff, which needs the permission to see them as well."""
    text = require_text(reason, "reason", _("Say what it is for."))
    with writing(actor=actor, now=now) as writer:
        call = visible(actor, call_id)
        actor.require(MAY, call.area)
        if personal:
            actor.require("call.reveal", call.area)
        made = Export(key or new_id(), call.id, personal, now)
        if not already_written(key):
            append(writer, KIND, call, id=made.id, reason=text, personal=personal)
    return made


def exported(*, actor: Actor, now: datetime, export_id: UUID) -> tuple[Export, Call]:
    """What the actor opened, as long as it is open and they may still see it. Raises Missing for anybody else's."""
    event = log.one(export_id)
    mine = event is not None and event.kind == KIND and event.actor == actor.id and now - event.at <= OPEN_FOR
    call = facts.find(actor.areas(cards.MAY_SEE), event.subject) if mine and event else None
    if event is None or call is None:
        raise Missing(_("This is not open to you. Ask for the export again, and say what it is for."), code="export")
    actor.require(MAY, call.area)
    personal = bool(event.payload.get("personal"))
    if personal:
        actor.require("call.reveal", call.area)
    return Export(export_id, call.id, personal, event.at), call


def said(export: Export) -> tuple[Taken, ...]:
    """The callers of a call that was opened with them; nobody else's, and none where their words are deleted."""
    if not export.personal:
        return ()
    rows = CallWords.objects.filter(call=export.call).order_by("at", "id")
    out = []
    for row in rows:
        text = words.opened(row, "name", "number", "words", "ticks")
        out.append(Taken(row.at, Caller(text["name"], text["number"], text["words"], tuple(text["ticks"].split()),
                                        words.answers(row))))
    return tuple(one for one in out if one.caller)


def remarks(export: Export) -> dict[str, str]:
    """Words of staff by the event they belong to."""
    if not export.personal:
        return {}
    own = {str(n.id): words.note_text(n) for n in Note.objects.filter(call=export.call)}
    return own | linked.words_of(linked.tasks_of(export.call))


def as_signed_eido(export: Export, call: Call) -> str:
    """The same as a compact JWS: the centre's key, which neighbours have, says that it is from here and unaltered."""
    body = json.dumps(as_eido(export, call), ensure_ascii=False, separators=(",", ":")).encode()
    return signing.sign(body, key=signing.own_key(), at=export.at)


def as_pdf(export: Export, call: Call, *, actor: Actor, now: datetime) -> bytes:
    """The call as a document, in the language of whoever takes it out."""
    return pdf(export, call, by=actor, said=said(export), remarks=remarks(export), now=now,
               language=get_language() or "")


def _entered(line: Entry) -> str:
    """When a line was entered whose time is the true one, for a reader in another zone."""
    return f"entered afterwards, {iso(line.entered_at)}" if line.entered_at else ""


def as_eido(export: Export, call: Call) -> Doc:
    """The call as EIDO. Its notes are what happened, in English, without names of staff; with words only where the
    export is personal."""
    with override("en"):
        made = paper(call, personal=export.personal, notes=remarks(export), now=export.at)
        lines = [(e.event, e.at, " — ".join(t for t in (e.text, e.reason, e.note, _entered(e)) if t))
                 for e in made.lines]
    tasks = list(Assignment.objects.filter(call=call).order_by("assigned_at", "id"))
    return eido(
        call, export=str(export.id), host=settings.CONFIG.host, at=export.at, tasks=tasks,
        units={u.id: u for u in unit_facts(ids={t.unit for t in tasks})},
        merged=list(Call.objects.filter(main=call).order_by("received_at")), lines=lines, place=made.place,
        callers=[(t.at, t.caller) for t in said(export)])
