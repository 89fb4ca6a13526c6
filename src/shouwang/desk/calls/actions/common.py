"""Steps that several actions share."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import Log
from shouwang.desk.units import actions as units
from shouwang.desk.units.models import Unit
from shouwang.desk.workflow.moves import Transition, cycle

from .. import cards, words
from ..models import Assignment, Call

STAMPS = {"acknowledged": "acknowledged_at", "enroute": "enroute_at", "staged": "staged_at", "on_scene": "on_scene_at",
          "transporting": "transporting_at", "cleared": "ended_at", "stood_down": "ended_at"}


def visible(actor: Actor, call_id: UUID | str) -> Call:
    """The call, locked until the transaction ends, if the actor sees it: in their areas, or as a crew sent to it.
    Raises Missing otherwise, as for none at all."""
    call = Call.objects.select_for_update(of=("self",)).select_related("type").filter(id=call_id).first()
    if call is None or not (actor.may(cards.MAY_SEE, call.area) or is_crew(actor, call)):
        raise Missing(_("There is no such call in your areas."), code="call")
    return call


def is_crew(actor: Actor, call: Call) -> bool:
    """Whether the actor is of a unit that was sent to this call."""
    return bool(actor.unit) and Assignment.objects.filter(call=call, unit=actor.unit).exists()


def append(log: Log, kind: str, call: Call, *, id: UUID | None = None, reason: str = "", **payload: Any) -> UUID:
    return log.append(kind, subject=("call", call.id), area=call.area, may=cards.MAY_SEE, payload=payload, id=id,
                      reason=reason)


def said(log: Log, kind: str, call: Call, note: str, text: str, *, id: UUID | None = None, **payload: Any) -> UUID:
    """An event with words of staff about the call: they lie sealed with it, and the event holds their digest."""
    if text:
        payload["digest"] = words.fingerprint(call.id, text)
    event = append(log, kind, call, id=id, **payload)
    words.note(event=event, call_id=call.id, kind=note, at=log.now, by=log.actor.id, text=text)
    return event


def change(call: Call, **values: Any) -> None:
    """Writes columns of the call, raising its version. Raises Conflict when its state has moved on meanwhile."""
    if not Call.objects.filter(id=call.id, state=call.state).update(version=F("version") + 1, **values):
        raise Conflict(_("%(call)s has moved on. Look again.") % {"call": call}, code="raced")
    call.version += 1
    for name, value in values.items():
        setattr(call, name, value)


def move(call: Call, transition: str, *, given: Iterable[str] = (), **values: Any) -> Transition:
    """Takes a transition of the life cycle `call`, writing other columns with it."""
    step = cycle("call").check(transition, state=call.state, given=given)
    change(call, state=step.target, **values)
    return step


def permitted(actor: Actor, call: Call, transition: str) -> None:
    """Raises Denied unless the actor holds, where the call lies, what the transition asks for."""
    actor.require(cycle("call").transitions[transition].may, call.area)


def settle(log: Log, call: Call) -> None:
    """The call follows its assignments: answered from the first one, waiting again after the last one stood down."""
    states = list(Assignment.objects.filter(call=call).values_list("state", "ended_at"))
    under_way = any(ended is None for _state, ended in states)
    if call.state == "waiting" and under_way:
        move(call, "c_respond", waiting_since=None, first_assigned_at=call.first_assigned_at or log.now)
    elif call.state == "responding" and not under_way and not any(state == "cleared" for state, _ended in states):
        move(call, "c_back", waiting_since=log.now)
    else:
        change(call)


def end(log: Log, assignment: Assignment, state: str, *, result: str = "") -> None:
    """Ends an assignment and frees its unit. Raises Conflict when it has moved on meanwhile."""
    fields = {"result": result} if result else {}
    if not Assignment.objects.filter(id=assignment.id, state=assignment.state).update(
            state=state, ended_at=log.now, **fields):
        raise Conflict(_("This task has moved on. Look again."), code="raced")
    assignment.state, assignment.ended_at = state, log.now
    units.set_busy(log, Unit.objects.select_related("kind").get(id=assignment.unit), False)


def release(log: Log, call: Call) -> None:
    """Ends every open assignment of a call that is over: crews that had answered are done, others stand down."""
    done = cycle("assignment").transitions["a_clear"]
    freed = list(Assignment.objects.filter(call=call, ended_at__isnull=True).order_by("unit"))
    for a in freed:
        old, new = a.state, done.target if a.state in done.sources else "stood_down"
        end(log, a, new)
        append(log, "call.unit_moved", call, unit=str(a.unit), assignment=str(a.id), old=old, new=new)
    units.show_all(log, [a.unit for a in freed])


def tell_crews(log: Log, call: Call) -> None:
    """Crews that are on a call hear that something about it is new: they see no calls but by their unit."""
    units.show_all(log, Assignment.objects.filter(call=call, ended_at__isnull=True).values_list("unit", flat=True))


def open_assignment(assignment_id: UUID | str) -> Assignment:
    found = Assignment.objects.filter(id=assignment_id).first()
    if found is None:
        raise Missing(_("There is no such task."), code="assignment")
    return found


def stamp(at: datetime | None) -> dict[str, str]:
    """The device's own time, where a phone gives one."""
    return {"at_device": at.isoformat()} if at else {}


def require_text(text: str | None, field: str, message: str) -> str:
    text = (text or "").strip()
    if not text:
        raise Refused(message, field=field, code="needs")
    return text
