"""Sealing and opening what was said about a call. Everything lies under the call's own key.

Why staff did something lies with the event, in log/reasons.py: it is kept as long as the event's own time.
"""
from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from shouwang.desk.log.ids import new_id
from shouwang.desk.log.seal import Destroyed, digest, seal, unseal

from .models import CallWords, Note
from .terms import Caller

FIELDS = ("name", "number", "words")


def sealed(*, id: UUID, call_id: UUID, caller: Caller, at: datetime, taken_by: str) -> CallWords:
    """An unsaved row of one caller. Each field is bound to the row, so that it cannot be moved to another."""
    return CallWords(
        id=id, call_id=call_id, at=at, taken_by=taken_by,
        ticks=seal(call_id, f"{id}:ticks", " ".join(caller.ticks)),
        answers=seal(call_id, f"{id}:answers", json.dumps(caller.answers)) if caller.answers else b"",
        **{field: seal(call_id, f"{id}:{field}", getattr(caller, field)) for field in FIELDS})


def opened(row: CallWords, *fields: str) -> dict[str, str]:
    """The named fields in the clear; "" for those deleted on schedule."""
    out = {}
    for field in fields:
        try:
            out[field] = unseal(row.call_id, f"{row.id}:{field}", getattr(row, field))
        except Destroyed:
            out[field] = ""
    return out


def answers(row: CallWords) -> dict[str, str]:
    """The answers in the clear; none where none were given or they are deleted."""
    return json.loads(opened(row, "answers")["answers"] or "{}") if row.answers else {}


def moved(row: CallWords, call_id: UUID) -> CallWords:
    """What this caller said, sealed anew under another call's key, unsaved. Fields that are deleted stay empty."""
    text = opened(row, *FIELDS, "ticks")
    caller = Caller(text["name"], text["number"], text["words"], tuple(text["ticks"].split()), answers(row))
    return sealed(id=new_id(), call_id=call_id, caller=caller, at=row.at, taken_by=row.taken_by)


def reseal(row: CallWords, **texts: str) -> None:
    for field, text in texts.items():
        setattr(row, field, seal(row.call_id, f"{row.id}:{field}", text))
    row.save(update_fields=list(texts))


def note(*, event: UUID, call_id: UUID, kind: str, at: datetime, by: str, text: str) -> None:
    """Keeps staff's words about a call, sealed, beside the event they belong to. No words, no row."""
    if text:
        Note.objects.create(
            id=event, call_id=call_id, kind=kind, at=at, by=by, text=seal(call_id, f"note:{event}", text)
        )


def note_text(row: Note) -> str:
    """The note in the clear, "" once its key is destroyed."""
    try:
        return unseal(row.call_id, f"note:{row.id}", bytes(row.text))
    except Destroyed:
        return ""


def fingerprint(call_id: object, text: str) -> str:
    """The digest of words that stands in the log in their place."""
    return digest(call_id, text)
