"""Calls that have to do with one another: linked, split in two, a caller attached by mistake. Each can be undone."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.units.retries import once

from .. import cards, questions, words
from ..models import CALL_OPEN, Call, CallLink, CallWords
from ..terms import NewCall
from .closing import merge_into
from .common import append, change, permitted, visible
from .intake import open_call, refuse_faults

MAY = "call.merge"
DETACH = timedelta(minutes=10)  # so long a caller may be taken back; later they are split off instead
LOWERED = ("severity", "alarm_level", "services")  # what a caller's answers had raised


@once
def link_calls(*, actor: Actor, now: datetime, call_id: UUID | str, other_id: UUID | str,
               key: UUID | None = None) -> Call:
    """Says that two calls have to do with one another. They stay two: each is answered and closed for itself."""
    if str(call_id) == str(other_id):
        raise Refused(_("A call cannot be linked with itself."), field="other", code="invalid")
    with writing(actor=actor, now=now) as log:
        call, other = _both(actor, call_id, other_id)
        if already_written(key) or _link(call, other):
            return call
        one, two = sorted((call, other), key=lambda c: str(c.id))
        CallLink.objects.create(one=one, other=two, kind="related", at=now, by=actor.id)
        _told(log, "call.linked", call, other, key)
    return call


@once
def unlink_calls(*, actor: Actor, now: datetime, call_id: UUID | str, other_id: UUID | str,
                 key: UUID | None = None) -> Call:
    """Takes a link back."""
    with writing(actor=actor, now=now) as log:
        call, other = _both(actor, call_id, other_id)
        if already_written(key):
            return call
        found = _link(call, other)
        if found is None:
            raise Missing(_("These two calls are not linked."), code="link")
        if found.kind == "split":
            raise Conflict(_("One was split off the other. Take the split back instead."), code="split")
        _end(found, now)
        _told(log, "call.unlinked", call, other, key)
    return call


@once
def split_call(*, actor: Actor, now: datetime, call_id: UUID | str, part: NewCall, callers: Sequence[UUID] = (),
               key: UUID | None = None) -> Call:
    """Makes a second call of one that turned out to be two matters. `part` is the new call (without a caller);
    `callers` of the first, by id, go over to it with their words. Returns the new call."""
    refuse_faults(part)
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        done = Call.objects.select_related("type").filter(id=part.id).first()
        if done is not None:
            if not CallLink.objects.filter(one=call, other=done, kind="split").exists():
                raise Conflict(_("This number of a call is already used."), code="id_used")
            return done
        actor.require(MAY, call.area)
        if call.state not in CALL_OPEN:
            raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
        new = open_call(log, actor, part)
        _hand_words(call, new, callers)
        CallLink.objects.create(one=call, other=new, kind="split", at=now, by=actor.id)
        append(log, "call.split", call, id=key, other=str(new.id), callers=len(set(callers)))
        append(log, "call.split_from", new, other=str(call.id))
    return new


@once
def unsplit_call(*, actor: Actor, now: datetime, call_id: UUID | str, key: UUID | None = None) -> Call:
    """Takes a split back: the part goes back into the call it came from, with its callers and units."""
    with writing(actor=actor, now=now) as log:
        link = CallLink.objects.filter(other__id=call_id, kind="split", ended_at__isnull=True).first()
        if link is None and not already_written(key):
            visible(actor, call_id)
            raise Missing(_("This call was not split off another."), code="link")
        part, call = _both(actor, call_id, link.one_id if link else call_id)
        if already_written(key) or link is None:
            return part
        permitted(actor, part, "c_merge")
        _hand_words(part, call, [row.id for row in CallWords.objects.filter(call=part)], whole=True)
        _end(link, now)
        merge_into(log, part, call, key=key)
    return part


@once
def detach_caller(*, actor: Actor, now: datetime, call_id: UUID | str, caller_id: UUID | str,
                  key: UUID | None = None) -> Call:
    """Takes a caller back who was just attached to the wrong call, and what their answers had raised. What they said
    goes back to whoever typed it; here it is gone."""
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        row = CallWords.objects.filter(call=call, id=caller_id).first()
        first = CallWords.objects.filter(call=call).order_by("at", "id").first()
        if row is None or first is None or row.id == first.id:
            raise Missing(_("This caller is not one that was added to the call."), code="caller")
        actor.require("call.take" if row.taken_by == actor.id else MAY, call.area)
        if call.state not in CALL_OPEN or now - row.at > DETACH:
            raise Conflict(_("It is too late to take the caller back. Split them off instead."), code="late")
        row.delete()
        change(call, **_lowered(call, caller_id))
        append(log, "call.detached", call, id=key, callers=CallWords.objects.filter(call=call).count())
        cards.show(log, call)
    return call


def _lowered(call: Call, row_id: UUID | str) -> dict[str, Any]:
    """What this caller's answers had raised goes back to what it was, where nobody has changed it since."""
    event = next((e for e in events_of("call", call.id) if e.id == str(row_id) and e.kind == "call.attached"), None)
    values: dict[str, Any] = {}
    for name in LOWERED:
        before, after = (event.payload if event else {}).get(name, (None, None))
        if after is not None and getattr(call, name) == after:
            values[name] = before
    rest = [words.answers(row) for row in CallWords.objects.filter(call=call).order_by("at", "id")]
    return values | {"asked": questions.asked(call.severity, *rest).kept}


def _both(actor: Actor, call_id: UUID | str, other_id: UUID | str) -> tuple[Call, Call]:
    """Two calls, locked in one order, where the actor may merge and link both."""
    found = {i: visible(actor, i) for i in sorted({str(call_id), str(other_id)})}
    for call in found.values():
        actor.require(MAY, call.area)
    return found[str(call_id)], found[str(other_id)]


def _link(call: Call, other: Call) -> CallLink | None:
    pair = Q(one=call, other=other) | Q(one=other, other=call)
    return CallLink.objects.filter(pair, ended_at__isnull=True).first()


def _end(link: CallLink, now: datetime) -> None:
    CallLink.objects.filter(id=link.id).update(ended_at=now)


def _told(log: Log, kind: str, call: Call, other: Call, key: UUID | None) -> None:
    append(log, kind, call, id=key, other=str(other.id))
    append(log, kind, other, other=str(call.id))


def _hand_words(source: Call, target: Call, callers: Sequence[UUID], *, whole: bool = False) -> None:
    """These callers of one call become callers of another, sealed under its key. Unless `whole`, one stays behind."""
    rows = {row.id: row for row in CallWords.objects.filter(call=source)}
    wanted = list(dict.fromkeys(callers))
    if unknown := [i for i in wanted if i not in rows]:
        raise Missing(_("There is no such caller of this call: %(id)s.") % {"id": unknown[0]}, code="caller")
    if wanted and not whole and len(wanted) == len(rows):
        raise Refused(_("One caller stays with the first call."), field="callers", code="invalid")
    for row_id in wanted:
        words.moved(rows[row_id], target.id).save(force_insert=True)
        rows[row_id].delete()

