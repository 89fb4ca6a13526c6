"""How a call ends, joins another, comes back, or grows more urgent."""
from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.units import actions as units
from shouwang.desk.units.retries import once

from .. import cards
from ..models import CALL_OPEN, Assignment, Call
from ..plans import plans
from ..terms import DISPOSITIONS, TARGETS
from .common import append, change, move, permitted, release, require_text, said, settle, tell_crews, visible


@once
def close_call(*, actor: Actor, now: datetime, call_id: UUID | str, disposition: str, note: str = "",
               key: UUID | None = None) -> Call:
    """Closes a call with its result. Units still on it are done with it."""
    if disposition not in DISPOSITIONS:
        raise Refused(_("Choose a result."), field="disposition", code="needs")
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        permitted(actor, call, "c_close")
        old = call.state
        release(log, call)
        move(call, "c_close", given=["disposition"], disposition=disposition, closed_at=now, waiting_since=None)
        said(log, "call.closed", call, "close", note, id=key, old=old, new=call.state, result=disposition)
        cards.show(log, call)
    return call


@once
def cancel_call(*, actor: Actor, now: datetime, call_id: UUID | str, reason: str, key: UUID | None = None) -> Call:
    """Cancels a call: it should not have been one."""
    text = require_text(reason, "reason", _("Say why it is cancelled."))
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        permitted(actor, call, "c_cancel")
        old = call.state
        release(log, call)
        move(call, "c_cancel", given=["reason"], closed_at=now, waiting_since=None)
        append(log, "call.cancelled", call, id=key, reason=text, old=old, new=call.state)
        cards.show(log, call)
    return call


@once
def transfer_call(*, actor: Actor, now: datetime, call_id: UUID | str, target: str, receiver: str,
                  key: UUID | None = None) -> Call:
    """Passes a call that needs no unit to grid matters or mediation."""
    if target not in TARGETS:
        raise Refused(_("Choose grid matter or mediation."), field="target", code="needs")
    office = require_text(receiver, "receiver", _("Say which office takes it over."))[:80]
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        permitted(actor, call, "c_transfer")
        old = call.state
        release(log, call)
        move(call, "c_transfer", given=["target", "receiver"], target=target, receiver=office, closed_at=now,
             waiting_since=None)
        append(log, "call.transferred", call, id=key, old=old, new=call.state, target=target)
        cards.show(log, call)
    return call


@once
def reopen_call(*, actor: Actor, now: datetime, call_id: UUID | str, reason: str, key: UUID | None = None) -> Call:
    """Brings a closed, cancelled or transferred call back: it waits for a unit again."""
    text = require_text(reason, "reason", _("Say why it is opened again."))
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        permitted(actor, call, "c_reopen")
        if call.words_deleted_at:
            raise Conflict(
                _("What was said about %(call)s is deleted. Take a new call.") % {"call": call}, code="deleted"
            )
        old = call.state
        move(call, "c_reopen", given=["reason"], closed_at=None, disposition="", target="", receiver="",
             waiting_since=now)
        append(log, "call.reopened", call, id=key, reason=text, old=old, new=call.state)
        cards.show(log, call)
    return call


@once
def merge_call(
    *, actor: Actor, now: datetime, call_id: UUID | str, main_id: UUID | str, key: UUID | None = None
) -> Call:
    """Two calls about one thing become one: units of `call_id` go over to the main call. Returns the merged call."""
    if str(call_id) == str(main_id):
        raise Refused(_("A call cannot be merged into itself."), field="main", code="invalid")
    with writing(actor=actor, now=now) as log:
        both = {str(i): visible(actor, i) for i in sorted((str(call_id), str(main_id)))}  # locked in one order
        call, main = both[str(call_id)], both[str(main_id)]
        if already_written(key):
            return call
        permitted(actor, call, "c_merge")
        permitted(actor, main, "c_merge")
        merge_into(log, call, main, key=key)
    return call


def merge_into(log: Log, call: Call, main: Call, *, key: UUID | None = None) -> None:
    """The call becomes part of the main one, which has to be under way; its units go over."""
    if main.state not in CALL_OPEN:
        raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": main}, code="state")
    old = call.state
    move(call, "c_merge", given=["main_call"], main=main, waiting_since=None, closed_at=log.now)
    _hand_over(log, call, main, back=False)
    append(log, "call.merged", call, id=key, old=old, new=call.state, main=str(main.id))
    append(log, "call.gained", main, merged=str(call.id))
    cards.show(log, call)
    cards.show(log, main)


@once
def unmerge_call(*, actor: Actor, now: datetime, call_id: UUID | str, key: UUID | None = None) -> Call:
    """Takes a merge back: the call waits again, and its units come back to it."""
    with writing(actor=actor, now=now) as log:
        known = Call.objects.filter(id=call_id).values_list("main_id", flat=True).first()
        both = {str(i): visible(actor, i) for i in sorted(str(i) for i in (call_id, known) if i)}
        call = both.get(str(call_id)) or visible(actor, call_id)
        if already_written(key):
            return call
        permitted(actor, call, "c_unmerge")
        main = both[str(call.main_id)] if call.main_id else None
        move(call, "c_unmerge", main=None, waiting_since=now, closed_at=None)
        assert main is not None  # only a merged call passes the life cycle above
        _hand_over(log, call, main, back=True)
        append(log, "call.unmerged", call, id=key, old="merged", new=call.state, main=str(main.id))
        append(log, "call.lost", main, merged=str(call.id))
        cards.show(log, call)
        cards.show(log, main)
    return call


def _hand_over(log: Log, call: Call, main: Call, *, back: bool) -> None:
    """Open assignments follow the merge, and come back with its undoing."""
    mine = Assignment.objects.filter(ended_at__isnull=True)
    moved = mine.filter(call=main, from_call=call.id) if back else mine.filter(call=call)
    ids, units_moved = list(moved.values_list("id", flat=True)), list(moved.values_list("unit", flat=True))
    Assignment.objects.filter(id__in=ids).update(call=call if back else main, from_call=None if back else call.id)
    if main.state in CALL_OPEN:
        settle(log, main)
    if back:
        settle(log, call)
    units.show_all(log, units_moved)


@once
def raise_alarm(*, actor: Actor, now: datetime, call_id: UUID | str, level: int, reason: str = "",
                key: UUID | None = None) -> Call:
    """Sets a call's alarm level: the response plan of that level says what it asks for from now on."""
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        actor.require("dispatch.upgrade", call.area)
        if level not in plans(call.type_id).levels(call.type_id):
            raise Refused(_("The plans of this type know no such alarm level: %(level)s.") % {"level": level},
                          field="level", code="invalid")
        if call.state not in CALL_OPEN:
            raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
        if call.alarm_level != level:
            old = call.alarm_level
            change(call, alarm_level=level)
            append(log, "call.alarmed", call, id=key, reason=reason.strip(), old=old, new=level)
            cards.show(log, call)
    return call


@once
def upgrade(*, actor: Actor, now: datetime, call_id: UUID | str, severity: int, reason: str = "",
            key: UUID | None = None) -> Call:
    """Changes a call's severity (1 is most urgent)."""
    if severity not in (1, 2, 3, 4):
        raise Refused(_("Choose a level from 1 to 4."), field="severity", code="invalid")
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        actor.require("dispatch.upgrade", call.area)
        if call.state not in CALL_OPEN:
            raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
        if call.severity != severity:
            old = call.severity
            change(call, severity=severity)
            append(log, "call.upgraded", call, id=key, reason=reason.strip(), old=old, new=severity)
            cards.show(log, call)
            tell_crews(log, call)
    return call
