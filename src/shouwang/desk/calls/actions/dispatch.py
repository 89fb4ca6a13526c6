"""Sending units and moving their assignments."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units import actions as units
from shouwang.desk.units.facts import iso
from shouwang.desk.units.models import Unit
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.moves import cycle

from .. import advice, cards
from ..facts import MAY_SEE
from ..models import ASSIGNMENT_ENDED, PULLED_FROM, Assignment, Call
from ..terms import DISPOSITIONS, Stand
from .common import STAMPS, append, change, end, open_assignment, require_text, said, settle, stamp, visible

UNDO_S = 10  # the offer stands for 8 s on screen; the way there and back needs a moment
ASSIGNABLE = ("waiting", "responding", "under_control")


@once
def assign_units(*, actor: Actor, now: datetime, call_id: UUID | str, unit_ids: Sequence[UUID | str],
                 reason: str | None = None, stands: Mapping[UUID, Stand] | None = None, key: UUID | None = None,
                 ) -> list[Assignment]:
    """Sends units to a call. All go or none: Conflict names a unit that is no longer free. A unit that was not
    recommended needs `dispatch.override` and a reason; one that is to stand somewhere in a cordon (`stands`) needs
    `cordon.start`. Returns the open assignments of these units."""
    stands = stands or {}
    wanted = sorted({UUID(str(u)) for u in unit_ids})  # one order for all, so that two who assign never wait in a ring
    if not wanted:
        raise Refused(_("Choose a unit."), field="units", code="needs")
    if not set(stands) <= set(wanted):
        raise Refused(_("A place to stand is given for a unit that is not sent."), field="stands", code="stands")
    promised = advice.promised(call_id, wanted, now=now, stands=stands)
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return list(Assignment.objects.filter(call=call, unit__in=wanted, ended_at__isnull=True))
        actor.require("dispatch.assign", call.area)
        if stands:
            actor.require("cordon.start", call.area)
        if call.state not in ASSIGNABLE:
            raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
        crews = [_sendable(actor, unit) for unit in wanted]  # before anybody is asked for a reason in vain
        overridden = _overridden(actor, call, wanted, promised, reason)
        made = [_send(log, actor, call, unit, promised.eta_s.get(unit.id) if promised else None, unit.id in overridden,
                      reason or "", stand=stands.get(unit.id), id=key if n == 0 else None)
                for n, unit in enumerate(crews)]
        settle(log, call)
        cards.show(log, call)
        units.show_all(log, wanted)
    return made


def _overridden(actor: Actor, call: Call, wanted: Sequence[UUID], promised: advice.Promised | None,
                reason: str | None) -> set[UUID]:
    """The units among `wanted` that the advice did not name. Without advice (no streets) none is overridden."""
    if promised is None or actor.kind == "drill":
        return set()
    others = {u for u in wanted if u not in promised.recommended}
    if others:
        names = ", ".join(str(u) for u in Unit.objects.filter(id__in=others))
        actor.require("dispatch.override", call.area)
        require_text(reason, "reason", _("%(units)s: not among the recommended. Say why.") % {"units": names})
    return others


def _sendable(actor: Actor, unit_id: UUID) -> Unit:
    unit = units.visible(actor, unit_id)
    actor.require("dispatch.assign", unit.area)
    _no_second(actor, unit)
    return unit


def _send(log: Log, actor: Actor, call: Call, unit: Unit, eta_s: float | None, overridden: bool, reason: str, *,
          id: UUID | None, stand: Stand | None = None) -> Assignment:
    units.set_busy(log, unit, True)
    made = Assignment.objects.create(
        id=new_id(), call=call, unit=unit.id, by=actor.id, assigned_at=log.now, eta_s=eta_s, overridden=overridden,
        **_standing(stand),
    )
    payload: dict[str, Any] = {"unit": str(unit.id), "assignment": str(made.id), "eta_s": eta_s, "override": overridden}
    if stand:
        payload |= {"stand": {"zh": made.stand_zh, "en": made.stand_en}, "before": iso(stand.before)}
    append(log, "call.assigned", call, id=id, reason=reason if overridden else "", **payload)
    return made


def _no_second(actor: Actor, unit: Unit) -> None:
    """A unit that is on a call is not sent to a second one in passing: who tries is told what it would leave."""
    task = Assignment.objects.filter(unit=unit.id, ended_at__isnull=True).select_related("call").first()
    if task:
        left = task.call if actor.may(MAY_SEE, task.call.area) else _("another call")
        told = _("%(unit)s is on %(call)s and takes no second call. Stand it down there first, or take it for a call "
                 "of level 1.")
        raise Conflict(told % {"unit": unit, "call": left}, code="unit_state")


def _standing(stand: Stand | None) -> dict[str, Any]:
    """The columns of where a unit stands. The place is named by its crossing, or by its degrees."""
    if stand is None:
        return {}
    zh, en = places.nearest_crossing(stand.lon, stand.lat)
    bare = f"{stand.lat:.5f}, {stand.lon:.5f}"
    return {"stand_lon": stand.lon, "stand_lat": stand.lat, "stand_zh": (zh or bare)[:160],
            "stand_en": (en or bare)[:160], "stand_before": stand.before}


@once
def pull_unit(*, actor: Actor, now: datetime, call_id: UUID | str, unit_id: UUID | str, key: UUID | None = None,
              ) -> Assignment:
    """Takes a unit from a less urgent call, before it is there, and sends it to this one of level 1. Both calls say so;
    the other waits again when nobody else is on it."""
    unit = UUID(str(unit_id))
    promised = advice.promised(call_id, [unit], now=now)
    with writing(actor=actor, now=now) as log:
        if already_written(key):
            return Assignment.objects.filter(call=visible(actor, call_id), unit=unit).latest("assigned_at")
        task = Assignment.objects.filter(unit=unit, ended_at__isnull=True).first()
        if task is None:
            visible(actor, call_id)  # a stranger to the call is told nothing of the unit
            raise Conflict(_("This unit is on no call."), code="unit_state")
        # One order of locks for all, so that two who pull never wait in a ring.
        seen = {i: visible(actor, i) for i in sorted({str(call_id), str(task.call_id)})}
        call, other = seen[str(call_id)], seen[str(task.call_id)]
        task.refresh_from_db()
        for one in (call, other):
            actor.require("dispatch.assign", one.area)
        _check_pull(call, other, task)
        _step(log, task, other, "stood_down", key=None, pulled=str(call.id))
        made = _send(log, actor, call, _sendable(actor, unit), promised.eta_s.get(unit) if promised else None, False,
                     "", id=key)
        settle(log, call)
        cards.show(log, call)
        units.show_all(log, [unit])
    return made


def _check_pull(call: Call, other: Call, task: Assignment) -> None:
    if call.state not in ASSIGNABLE:
        raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
    if call.severity != 1 or other.severity == 1:
        raise Conflict(_("Only a call of level 1 takes a unit from a less urgent one."), code="severity")
    if task.state not in PULLED_FROM:
        raise Conflict(_("The unit is at the scene already."), code="unit_state")


@once
def move_assignment(*, actor: Actor, now: datetime, assignment_id: UUID | str, transition: str, key: UUID | None = None,
                    at_device: datetime | None = None, result: str = "", note: str = "") -> Assignment:
    """Moves one unit's task by a transition of the life cycle `assignment`: by its crew, or by the desk. `result` and
    `note` (sealed) are the crew's report; `at_device` is the phone's own time of an entry made without a network."""
    if result and result not in DISPOSITIONS:
        raise Refused(_("Choose a result."), field="result", code="invalid")
    with writing(actor=actor, now=now) as log:
        task, call, unit = _task(actor, assignment_id)
        if already_written(key):
            return task
        step = cycle("assignment").transitions.get(transition)
        if step is None:
            raise Missing(_("There is no such move."), field="transition", code="transition")
        units.require(actor, step.may, unit)
        cycle("assignment").check(transition, state=task.state)
        _step(log, task, call, step.target, key=key, note=note, result=result, **stamp(at_device))
    return task


def _task(actor: Actor, assignment_id: UUID | str) -> tuple[Assignment, Call, Unit]:
    """The task with its call locked first, then read again: whoever holds the call's row decides."""
    call = visible(actor, open_assignment(assignment_id).call_id)
    task = open_assignment(assignment_id)
    return task, call, units.visible(actor, task.unit)


def _step(log: Log, task: Assignment, call: Call, target: str, *, key: UUID | None, note: str = "", result: str = "",
          reason: str = "", **payload: Any) -> None:
    """Writes the new state with its event, and lets the unit and the call follow."""
    old = task.state
    if target in ASSIGNMENT_ENDED:
        end(log, task, target, result=result)
    elif not Assignment.objects.filter(id=task.id, state=old).update(state=target, **{STAMPS[target]: log.now}):
        raise Conflict(_("This task has moved on. Look again."), code="raced")
    task.refresh_from_db()
    if result:
        payload["result"] = result
    said(log, "call.unit_moved" if target != "stood_down" else "call.stood_down", call, "report", note, id=key,
         reason=reason, unit=str(task.unit), assignment=str(task.id), old=old, new=target, **payload)
    settle(log, call)
    cards.show(log, call)
    units.show_all(log, [task.unit])


@once
def stand_down(*, actor: Actor, now: datetime, assignment_id: UUID | str, reason: str = "", undo: bool = False,
               key: UUID | None = None) -> Assignment:
    """Calls a unit back. `undo`: the assignment was a slip of the desk, and is told apart so in the log."""
    with writing(actor=actor, now=now) as log:
        task, call, _unit = _task(actor, assignment_id)
        if already_written(key):
            return task
        step = cycle("assignment").check("a_stand_down", state=task.state)
        actor.require(step.may, call.area)
        _step(log, task, call, step.target, key=key, reason=reason.strip(), undo=undo)
    return task


@once
def end_cordon(*, actor: Actor, now: datetime, call_id: UUID | str, reason: str = "", key: UUID | None = None) -> Call:
    """The cordon of a call is over: every unit that stands in it, or is on its way there, stands down at once."""
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        step = cycle("assignment").transitions["a_stand_down"]
        actor.require(step.may, call.area)
        actor.require("cordon.start", call.area)
        standing = list(Assignment.objects.filter(call=call, ended_at__isnull=True, stand_lon__isnull=False)
                        .order_by("unit"))
        if not standing:
            raise Conflict(_("No unit stands in a cordon of %(call)s.") % {"call": call}, code="state")
        for n, task in enumerate(standing):
            cycle("assignment").check(step.id, state=task.state)
            _step(log, task, call, step.target, key=key if n == 0 else None, reason=reason.strip())
    return call


@once
def decline_task(*, actor: Actor, now: datetime, assignment_id: UUID | str, reason: str, key: UUID | None = None,
                 at_device: datetime | None = None) -> Assignment:
    """A crew that cannot go says why; the call waits again when nobody else is on it."""
    with writing(actor=actor, now=now) as log:
        task, call, unit = _task(actor, assignment_id)
        if already_written(key):
            return task
        units.require(actor, "dispatch.status", unit)
        text = require_text(reason, "reason", _("Say why you cannot go."))
        step = cycle("assignment").check("a_stand_down", state=task.state)
        _step(log, task, call, step.target, key=key, reason=text, declined=True, **stamp(at_device))
    return task


@once
def undo_move(*, actor: Actor, now: datetime, event_id: UUID | str, call_id: UUID | str, key: UUID | None = None,
              ) -> Assignment:
    """Takes back one's own last move of a unit within seconds of it, as a correction in the log. Not once the task is
    over: the unit may be sent elsewhere by then."""
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        event = next((e for e in events_of("call", call.id) if e.id == str(event_id)), None)
        if event is None or event.kind != "call.unit_moved" or event.actor != actor.id:
            raise Missing(_("There is nothing to take back."), code="undo")
        task, call, unit = _task(actor, event.payload["assignment"])
        if already_written(key):
            return task
        units.require(actor, "dispatch.status", unit)
        old, new = event.payload["old"], event.payload["new"]
        if now - event.at > timedelta(seconds=UNDO_S) or task.state != new or new in ASSIGNMENT_ENDED:
            raise Conflict(_("Too late to take it back."), code="undo")
        fields: dict[str, Any] = {STAMPS[new]: None}
        if not Assignment.objects.filter(id=task.id, state=new).update(state=old, **fields):
            raise Conflict(_("This task has moved on. Look again."), code="raced")
        task.refresh_from_db()
        append(log, "call.unit_moved", call, id=key, unit=str(task.unit), assignment=str(task.id), old=new, new=old,
               undo=event.id)
        change(call)
        cards.show(log, call)
        units.show_all(log, [task.unit])
    return task
