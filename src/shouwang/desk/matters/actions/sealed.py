"""Opening what lies sealed, each time with an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.writing import already_written, writing

from .. import photos, words
from ..facts import SEE
from ..models import Matter, MatterPhoto, MatterWords
from .common import append, require_text, visible

READ_AGAIN = timedelta(hours=8)  # a reader is written down once per shift and matter, not at every refresh


@dataclass(frozen=True)
class Said:
    event: UUID
    kind: str
    at: datetime
    by: str
    text: str


def read_words(*, actor: Actor, now: datetime, matter_id: UUID | str) -> list[Said]:
    """What was said about a matter, oldest first: never how a resident can be told. That this person has read it is
    written down once per shift."""
    with writing(actor=actor, now=now) as log:
        matter = visible(actor, matter_id)
        rows = list(MatterWords.objects.filter(matter=matter).order_by("at", "id"))
        others = [r for r in rows if r.by != actor.id]
        if others and not actor.everything and not _seen(actor, now, matter):
            log.append("access.words_read", subject=("matter", matter.id), area=matter.area)
    return [Said(r.id, r.kind, r.at, r.by, words.text_of(r)) for r in rows]


def _seen(actor: Actor, now: datetime, matter: Matter) -> bool:
    return any(e.kind == "access.words_read" and e.actor == actor.id and now - e.at < READ_AGAIN
               for e in events_of("matter", matter.id))


def reveal_contact(*, actor: Actor, now: datetime, matter_id: UUID | str, reason: str, key: UUID | None = None) -> str:
    """How the resident who reported can be told, for a stated reason that is kept and written down."""
    text = require_text(reason, "reason", _("Say why you need the number."))
    with writing(actor=actor, now=now) as log:
        matter = visible(actor, matter_id)
        actor.require("matter.accept", matter.area)
        if not already_written(key):
            append(log, "matter.revealed", matter, id=key, reason=text)
    return words.contact_of(matter)


def photo(*, actor: Actor, photo_id: UUID | str) -> bytes:
    """A photo's JPEG, for those who see its matter. Raises Missing for others, as for none at all."""
    row = MatterPhoto.objects.select_related("matter").filter(id=photo_id).first()
    seen = row is not None and (actor.may(SEE, row.matter.area) or row.matter.reported_by == actor.id)
    content = photos.read(row) if row is not None and seen else None
    if content is None:
        raise Missing(_("There is no such photo."), code="photo")
    return content
