"""A complex matter cut into parts, each a matter of its own with its body and its end. The whole shows them, cannot be
answered before them, and is closed with the last of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.records import change, numbered

from .. import facts
from ..models import Matter, MatterDay, MatterType
from ..terms import MOST_PIECES, Piece
from .common import append, ends, require_text, said, visible
from .moving import OUT, ahead

BEFORE = ("accepted", "returned")


@once
def split(*, actor: Actor, now: datetime, matter_id: UUID | str, pieces: Sequence[Piece], version: int | None = None,
          key: UUID | None = None) -> Matter:
    """Cuts a matter into two parts or more, dispatched at once; to one that is split already a single one may be added.
    The body of the first part leads the whole, whose time ends with the last part."""
    with writing(actor=actor, now=now) as log:
        matter = visible(actor, matter_id)
        if already_written(key):
            return matter
        actor.require("matter.assign", facts.seat(matter.area, matter.level))
        there = matter.pieces.count()
        if matter.state not in (*BEFORE, *OUT) or matter.type.referral or matter.whole_id:
            raise Conflict(_("Only an accepted matter that is no referral and no part itself is split."), code="state")
        if not (1 if there else 2) <= len(pieces) <= MOST_PIECES - there:
            raise Refused(_("Give 2 to %(n)s parts.") % {"n": MOST_PIECES}, field="pieces", code="pieces")
        made = [_piece(log, matter, one) for one in pieces]
        end = max([m.due_at for m in [*made, *matter.pieces.all()] if m.due_at] + [matter.handle_due_at or now])
        old = matter.state
        change(matter, version=version, state="handling", since=now, late_at=None, left_h=None,
               assigned_at=matter.assigned_at or now, handler=matter.handler or made[0].handler, handle_due_at=end,
               due_at=end, warn_at=now + (end - now) * 0.8)
        append(log, "matter.split", matter, id=key, old=old, new="handling", until=end.isoformat(),
               pieces=[str(m.id) for m in made])
    return matter


def _piece(log: Log, whole: Matter, one: Piece) -> Matter:
    now, kind = log.now, whole.type
    if one.type and one.type != kind.code:
        found = MatterType.objects.filter(code=one.type, active=True, referral=False).exclude(parent="").first()
        if found is None:
            raise Refused(_("Choose what it is."), field="type", code="type")
        kind = found
    if one.handler not in facts.agencies():
        raise Refused(_("Choose the office that handles it."), field="handler", code="needs")
    words = require_text(one.words, "words", _("Write what this part is."))
    due = ends(kind, now, kind.handle_h)
    if one.due_at is not None:
        ahead(one.due_at, now, "due_at")
        due = {"due_at": one.due_at, "warn_at": now + (one.due_at - now) * 0.8}
    piece = Matter(
        id=one.id, **numbered(MatterDay, "M", now), type=kind, level=whole.level, state="assigned", place=whole.place,
        lon=whole.lon, lat=whole.lat, area=whole.area, source="office", reported_by=log.actor.id, whole=whole,
        handler=one.handler, has_words=True, reported_at=now, since=now, accepted_at=now, assigned_at=now,
        handle_due_at=due["due_at"], **due,
    )  # fmt: skip
    piece.save(force_insert=True)
    said(log, "matter.reported", piece, "report", words, matter_type=kind.code, matter_source="office", new="assigned",
         handler=one.handler, until=due["due_at"].isoformat(), whole=str(whole.id))
    return piece
