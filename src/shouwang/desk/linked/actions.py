"""Asking linked agencies, and their answers. Each is one transaction that ends with its event, which is the call's: its
story tells of them too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.log import facts as events
from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.seal import digest, seal
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.agencies import agencies
from shouwang.desk.workflow.models import Agency
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.settings import get as setting

from . import facts
from .facts import MAY_ANSWER, MAY_SEE, MAY_SEND, TIMERS
from .models import Said, Task
from .terms import ENDED

CENTRE = system("linked")
ASKABLE = ("received", "waiting", "responding", "under_control")
READ, READ_AGAIN = "access.words_read", timedelta(hours=8)  # as for the words of the call itself
STAMPS = {"acknowledged": "acknowledged_at", "done": "done_at"}


@once
def send(*, actor: Actor, now: datetime, call_id: UUID | str, codes: Sequence[str], text: str = "",
         key: UUID | None = None) -> list[Task]:
    """Asks agencies for their part in a call. Those that are asked already are left as they are; Conflict if all are.
    `text` tells them more; it is sealed. Returns the open tasks of these agencies."""
    wanted = [_known(code) for code in dict.fromkeys(codes)]
    if not wanted:
        raise Refused(_("Choose an agency."), field="agencies", code="needs")
    with writing(actor=actor, now=now) as log:
        call = calls.find(actor.areas(MAY_SEE), call_id)
        if call is None:
            raise Missing(_("There is no such call in your areas."), code="call")
        actor.require(MAY_SEND, call.area)
        open_ones = {t.agency: t for t in facts.tasks_of(call.id) if t.ended_at is None}
        new = [a for a in wanted if a.code not in open_ones]
        if not already_written(key):
            if call.state not in ASKABLE:
                raise Conflict(_("%(call)s is over. Reopen it first.") % {"call": call}, code="state")
            if not new:
                raise Conflict(_("They are asked already."), code="asked")
            for n, agency in enumerate(new):
                task = Task(call=call.id, agency=agency.code, area=call.area, severity=call.severity,
                            sent_by=actor.id, **_times(agency, call.severity, now))
                task.save(force_insert=True)
                _tell(log, "linked.sent", task, key=key if n == 0 else None, text=text, old="", new=task.state)
                open_ones[agency.code] = task
    return [open_ones[a.code] for a in wanted if a.code in open_ones]


def _known(code: str) -> Agency:
    if (found := agencies(in_use=True).get(code)) is None:
        raise Refused(_("There is no agency “%(code)s”.") % {"code": code}, field="agencies", code="invalid")
    return found


def _times(agency: Agency, severity: int, now: datetime) -> dict[str, Any]:
    """When it was asked, until when it has to answer, and until when its link opens."""
    limit = agency.ack_in(severity)
    return {"sent_at": now, "ack_due": now + limit if limit else None,
            "link_until": now + timedelta(hours=int(setting("linked_link_h")))}


@once
def move(*, actor: Actor, now: datetime, task_id: UUID | str, transition: str, text: str = "", agency: str = "",
         key: UUID | None = None) -> Task:
    """Moves a task by a transition of the life cycle `linked_task`. The agency's own moves may be made by the desk too,
    when it says so by telephone: the log tells which. `text`: the reason or result that the move needs, sealed;
    `agency`: whom it is sent to again."""
    with writing(actor=actor, now=now) as log:
        task = _visible(actor, task_id)
        if already_written(key):
            return task
        states = cycle("linked_task")
        step = states.transitions.get(transition)
        if step is None:
            raise Missing(_("There is no such move."), field="transition", code="transition")
        by_phone = step.may == MAY_ANSWER and not actor.may(MAY_ANSWER, task.area)
        actor.require(MAY_SEND if by_phone else step.may, task.area)
        words = text.strip()
        again = agency or task.agency
        given = {n for n, v in {"reason": words, "result": words, "agency": again}.items() if v}
        try:
            states.check(transition, state=task.state, given=given)
        except Refused as fault:
            if fault.field in ("reason", "result"):
                raise Refused(_("Say why not.") if fault.field == "reason" else _("Say what came of it."),
                              field="text", code="needs") from fault
            raise
        old, values = task.state, _values(task, step.target, _known(again), now)
        _change(task, state=step.target, **values)
        _tell(log, "linked.moved", task, key=key, text=words, old=old, new=step.target, by_phone=by_phone)
    return task


def _values(task: Task, target: str, agency: Agency, now: datetime) -> dict[str, Any]:
    """What else changes when a task comes into a state."""
    values: dict[str, Any] = {STAMPS[target]: now} if target in STAMPS else {}
    if target == "acknowledged" and agency.report_in:
        values["report_due"] = now + agency.report_in
    if target == "sent":  # to this agency or another, from the beginning and by a new link
        values = _times(agency, task.severity, now) | {
            "agency": agency.code, "acknowledged_at": None, "report_due": None, "late": "", "escalated_at": None,
            "link": task.link + 1}
    if target in ENDED:
        values["ended_at"] = now
    if target in ("acknowledged", "done", *ENDED):
        values |= {"late": "", "escalated_at": None}
    return values


@once
def escalate(*, actor: Actor, now: datetime, task_id: UUID | str, reason: str, key: UUID | None = None) -> Task:
    """Passes a task up to the duty commander before its time is over."""
    if not reason.strip():
        raise Refused(_("Say why."), field="reason", code="needs")
    with writing(actor=actor, now=now) as log:
        task = _visible(actor, task_id)
        if already_written(key):
            return task
        actor.require(MAY_SEND, task.area)
        if task.ended_at is not None or task.state == "done":
            raise Conflict(_("This task is over."), code="state")
        _change(task, escalated_at=now)
        _tell(log, "linked.escalated", task, key=key, text=reason.strip())
    return task


@once
def new_link(*, actor: Actor, now: datetime, task_id: UUID | str, key: UUID | None = None) -> Task:
    """Makes another link; the one before opens nothing from now on."""
    with writing(actor=actor, now=now) as log:
        task = _visible(actor, task_id)
        if already_written(key):
            return task
        actor.require(MAY_SEND, task.area)
        if task.ended_at is not None:
            raise Conflict(_("This task is over."), code="state")
        _change(task, link=task.link + 1, link_until=now + timedelta(hours=int(setting("linked_link_h"))))
        _tell(log, "linked.link_made", task, key=key)
    return task


def note_read(*, actor: Actor, now: datetime, tasks: Sequence[Task]) -> None:
    """Writes down that this person reads what was said about these tasks: once per shift and call."""
    said = set(Said.objects.filter(task__in=[t.id for t in tasks]).values_list("task__call", "task__area"))
    told = events.between(now - READ_AGAIN, None, subject_kinds=("call",), areas=actor.areas(MAY_SEE), kinds=(READ,))
    seen = {e.subject for e in told if e.actor == actor.id}
    if new := [(call, area) for call, area in sorted(said) if str(call) not in seen]:
        with writing(actor=actor, now=now) as log:
            for call, area in new:
                log.append(READ, subject=("call", call), area=area)


def pass_up_late(now: datetime) -> int:
    """Passes up what nobody acknowledged or reported in time, each deadline once. Returns how many."""
    found = 0
    for task in Task.objects.filter(ended_at__isnull=True).exclude(state__in=("refused", "done")):
        running = facts.due(task)
        if running is None or running[1] > now or task.late == running[0]:
            continue
        with writing(actor=CENTRE, now=now) as log:
            mine = Task.objects.filter(id=task.id, version=task.version)
            if mine.update(late=running[0], escalated_at=now, version=F("version") + 1):
                task.refresh_from_db()
                _tell(log, "linked.late", task, timer=TIMERS[running[0]])
                found += 1
    return found


def _visible(actor: Actor, task_id: UUID | str) -> Task:
    """The task, locked until the transaction ends. Raises Missing outside the actor's areas."""
    areas = actor.areas(MAY_SEE, MAY_ANSWER)
    task = Task.objects.select_for_update().filter(id=task_id).first()
    if task is None or not any(task.area.startswith(path) for path in areas) or not _theirs(actor, task):
        raise Missing(_("There is no such task in your areas."), code="task")
    if not (actor.may(MAY_SEND, task.area) or actor.may(MAY_ANSWER, task.area)):
        raise Denied(MAY_SEND, task.area)
    return task


def _theirs(actor: Actor, task: Task) -> bool:
    """Whoever may only answer (an agency's account, its link) meets no task but those of its own agency."""
    if actor.may(MAY_SEND, task.area) or actor.may(MAY_SEE, task.area):
        return True
    return (facts.agency_of(actor.id) or actor.id.removeprefix("agency:")) == task.agency


def _change(task: Task, **values: Any) -> None:
    """Compare and set by version."""
    if not Task.objects.filter(id=task.id, version=task.version).update(version=F("version") + 1, **values):
        raise Conflict(_("This task has moved on. Look again."), code="raced")
    task.refresh_from_db()


def _tell(log: Log, kind: str, task: Task, *, key: UUID | None = None, text: str = "", **payload: Any) -> None:
    """The event, with the words sealed beside it, and the task's newest picture."""
    event = key or new_id()
    if text:
        if (call := calls.find(("",), task.call)) is None or call.words_deleted_at:
            raise Conflict(_("What was said about this call is deleted. Write no more about it."), code="deleted")
        payload["digest"] = digest(task.call, text)
        Said.objects.create(id=event, task=task, at=log.now, by=log.actor.id,
                            text=seal(task.call, f"linked:{event}", text[:1000]))
    log.append(kind, subject=("call", task.call), area=task.area, may=MAY_SEE, id=event,
               payload={"task": str(task.id), "agency": task.agency, **payload})
    log.card(("linked", task.id), area=task.area, may=MAY_SEE, body=None if task.ended_at else facts.card(task))


