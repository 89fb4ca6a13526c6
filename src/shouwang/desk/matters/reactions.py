"""Calls that were passed on become matters, once each; one that is opened again takes its matter back. A part that was
mediated is done when the mediation is over. What volunteers see of a hazard comes in as a matter."""

from __future__ import annotations

import logging
from uuid import UUID

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.actor import system
from shouwang.desk.log.facts import Fact
from shouwang.desk.mediation import facts as mediations
from shouwang.desk.volunteers import facts as volunteers
from shouwang.desk.workflow.defaults import table
from shouwang.engine.errors import ShouwangError

from .actions import from_call, from_volunteer, move, move_task
from .models import JointTask, Matter, MatterType
from .terms import Given

log = logging.getLogger("shouwang.matters")
CENTRE = system("matters")
OTHER = "M0508"  # other help: what the office sorts itself
SEEN = {"hazard": "M0401", "traffic": "M0204"}  # what a notice is about → the kind, which the office may put right
MEDIATED = ("mediation.agreed", "mediation.failed", "mediation.referred", "mediation.withdrawn")
KINDS = ("call.taken", "call.transferred", "call.reopened", *MEDIATED, "notice.answered")


def react(event: Fact) -> None:
    """A matter that cannot be made or taken back is told in the process's messages and holds up no other."""
    try:
        _react(event)
    except ShouwangError as error:
        log.error("matters, event %s: %s", event.id, error)


def _react(event: Fact) -> None:
    passed = event.payload.get("target") == "matter" if event.kind == "call.transferred" else (
        event.kind == "call.taken" and event.payload.get("state") == "transferred")
    if passed:
        _become(event)
    elif event.kind == "call.reopened":
        _take_back(event)
    elif event.kind in MEDIATED:
        _part_done(event)
    elif event.kind == "notice.answered":
        _seen(event)


def _become(event: Fact) -> None:
    call = calls.passed_on(event.subject)
    if call is None or call.target != "matter":
        return
    kind = next((r["matter_type"] for r in table("call_types") if r["code"] == call.type), "") or OTHER
    if not MatterType.objects.filter(code=kind, active=True).exists():
        kind = OTHER
    from_call(actor=CENTRE, now=event.at, call=UUID(event.subject), id=UUID(event.id), kind=kind, lon=call.lon,
              lat=call.lat, place=call.place, text=call.words)


def _take_back(event: Fact) -> None:
    row = Matter.objects.filter(call=event.subject).first()
    if row is None or row.state not in ("reported", "accepted"):
        return
    why = "警情重新打开 / the call was opened again"
    move(actor=CENTRE, now=event.at, matter_id=row.id, transition="m_void", given=Given(reason=why))


def _part_done(event: Fact) -> None:
    found = mediations.ended(event.subject)
    task = JointTask.objects.filter(id=found.task).first() if found and found.task else None
    if found is None or task is None:
        return
    if task.state == "set":
        move_task(actor=CENTRE, now=event.at, task_id=task.id, transition="j_accept")
        task.refresh_from_db()
    if task.state == "accepted":
        result = f"{found.number} {found.state}"
        move_task(actor=CENTRE, now=event.at, task_id=task.id, transition="j_done", result=result)


def _seen(event: Fact) -> None:
    """Of a look-out nothing is passed on: those answers are for the desk alone."""
    sight = volunteers.sight(event.id)
    if sight is not None and sight.about in SEEN:
        from_volunteer(actor=CENTRE, now=event.at, id=UUID(event.id), kind=SEEN[sight.about], lon=sight.lon,
                       lat=sight.lat, text=sight.words)
