"""What the centre watches by itself: time standards of calls that are missed go up the chain, and crews at a scene are
asked whether they are well. Each is told once."""
from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units import actions as units
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.moves import chain, limit_s

from .. import cards
from ..models import Assignment, Call, Late, Welfare
from .common import append, open_assignment, stamp, visible

CENTRE = system("calls")
Chain = Callable[[str], list[tuple[str, float]]]
WATCHED = ("waiting", "responding", "under_control")


def watch(now: datetime) -> int:
    """Passes up what is late and asks after crews. Returns how many times something was said."""
    return pass_up(now) + ask_crews(now)


def pass_up(now: datetime) -> int:
    """Each time a standard is missed once more by its whole length, the next in the chain is told."""
    calls = list(Call.objects.filter(state__in=WATCHED, drill=False).select_related("type"))
    own: dict[UUID, list[Assignment]] = {c.id: [] for c in calls}
    for task in Assignment.objects.filter(call__in=calls).order_by("assigned_at", "id"):
        own[task.call_id].append(task)
    told = {(x.call_id, str(x.assignment_id) if x.assignment_id else None, x.timer, x.since, x.step)
            for x in Late.objects.filter(call__in=calls)}
    steps = functools.cache(chain)  # the same for all calls of this look
    return sum(_pass_up(call, own[call.id], told, now, steps) for call in calls)


def _pass_up(call: Call, tasks: list[Assignment], told: set[tuple[Any, ...]], now: datetime, steps: Chain) -> int:
    """What is late of a call and of each of its units."""
    return sum(_tell(call, running, step, to, now)
               for running in cards.timers(call, tasks) if running["limit_s"]
               for step, (to, times) in enumerate(steps(running["code"]), 1)
               if cards.since(running) + timedelta(seconds=running["limit_s"] * times) <= now
               and (call.id, running["assignment"], running["code"], cards.since(running), step) not in told)


def _tell(call: Call, running: dict[str, Any], step: int, to: str, now: datetime) -> int:
    try:
        with writing(actor=CENTRE, now=now) as log:
            row = Call.objects.select_for_update(of=("self",)).select_related("type").get(id=call.id)
            fresh = cards.timers(row, list(Assignment.objects.filter(call=row).order_by("assigned_at", "id")))
            if running not in fresh:
                return 0  # it was done while we looked
            Late.objects.create(call=row, assignment_id=running["assignment"], timer=running["code"],
                                since=cards.since(running), step=step, to=to, at=now)
            append(log, "call.late", row, timer=running["code"], to=to, step=step, since=running["from"],
                   **({"unit": running["unit"]} if running["unit"] else {}))
            cards.show(log, row)
    except IntegrityError:
        return 0  # another worker was first
    return 1


def ask_crews(now: datetime) -> int:
    """Asks crews that were not heard of for too long; no answer in time is an alarm for the desk."""
    said = 0
    for task in Assignment.objects.filter(ended_at=None, on_scene_at__isnull=False).select_related("call", "welfare"):
        limit = limit_s("t_welfare", severity=task.call.severity)
        known = getattr(task, "welfare", None)
        heard = max(filter(None, (task.on_scene_at, task.transporting_at, known.heard_at if known else None)))
        if limit is None or task.call.drill:
            continue
        if known and known.asked_at:
            if known.overdue_at is None and known.asked_at + timedelta(seconds=limit_s("t_welfare_answer") or 0) <= now:
                said += _welfare(task, now, "call.welfare_overdue", overdue_at=now)
        elif heard + timedelta(seconds=limit) <= now:
            said += _welfare(task, now, "call.welfare_asked", heard_at=heard, asked_at=now)
    return said


def _welfare(task: Assignment, now: datetime, kind: str, **values: Any) -> int:
    with writing(actor=CENTRE, now=now) as log:
        call = Call.objects.select_for_update(of=("self",)).select_related("type").get(id=task.call_id)
        row = Welfare.objects.select_for_update().filter(assignment=task).first()
        done = row and (row.overdue_at if kind.endswith("overdue") else row.asked_at)
        if done or not Assignment.objects.filter(id=task.id, ended_at=None).exists():
            return 0
        Welfare.objects.update_or_create(assignment=task, defaults=values)
        append(log, kind, call, unit=str(task.unit), assignment=str(task.id))
        cards.show(log, call)
        units.show_all(log, [task.unit])
    return 1


@once
def crew_is_well(*, actor: Actor, now: datetime, assignment_id: UUID | str, at_device: datetime | None = None,
                 key: UUID | None = None) -> Assignment:
    """The crew says so itself, or the desk has spoken to it. The time until the next question begins anew."""
    with writing(actor=actor, now=now) as log:
        task = open_assignment(assignment_id)
        call = visible(actor, task.call_id)
        if already_written(key):
            return task
        unit = units.visible(actor, task.unit)
        units.require(actor, "dispatch.status", unit)
        task.refresh_from_db()
        if task.ended_at is not None or task.on_scene_at is None:
            raise Conflict(_("This unit is at no scene."), code="state")
        Welfare.objects.update_or_create(
            assignment=task, defaults={"heard_at": now, "asked_at": None, "overdue_at": None})
        append(log, "call.crew_well", call, id=key, unit=str(task.unit), assignment=str(task.id), **stamp(at_device))
        cards.show(log, call)
        units.show_all(log, [task.unit])
    return task


def ask_crew(*, actor: Actor, now: datetime, assignment_id: UUID | str) -> Assignment:
    """The desk asks a crew at once."""
    with transaction.atomic():
        task = open_assignment(assignment_id)
        call = visible(actor, task.call_id)
        actor.require("dispatch.assign", call.area)
        if task.ended_at is not None or task.on_scene_at is None:
            raise Conflict(_("This unit is at no scene."), code="state")
        with writing(actor=actor, now=now) as log:
            if _asked(task, now):
                append(log, "call.welfare_asked", call, unit=str(task.unit), assignment=str(task.id))
                cards.show(log, call)
                units.show_all(log, [task.unit])
    return task


@once
def roll_call(*, actor: Actor, now: datetime, call_id: UUID | str, key: UUID | None = None) -> Call:
    """The desk asks every crew at the scene of a call at once whether all of it is there and well."""
    with writing(actor=actor, now=now) as log:
        call = visible(actor, call_id)
        if already_written(key):
            return call
        actor.require("dispatch.assign", call.area)
        there = Assignment.objects.filter(call=call, state="on_scene", ended_at=None)
        tasks = list(there.order_by("on_scene_at", "id"))
        if not tasks:
            raise Conflict(_("No unit is at the scene of %(call)s.") % {"call": call}, code="state")
        asked = [str(task.unit) for task in tasks if _asked(task, now)]
        append(log, "call.roll_called", call, id=key, units=asked, count=len(tasks))
        cards.show(log, call)
        units.show_all(log, [task.unit for task in tasks])
    return call


def _asked(task: Assignment, now: datetime) -> bool:
    """Asks a crew whether it is well, unless its answer is waited for already. Whether it was asked."""
    known = Welfare.objects.select_for_update().filter(assignment=task).first()
    if known and known.asked_at:
        return False
    Welfare.objects.update_or_create(assignment=task, defaults={
        "heard_at": known.heard_at if known else task.on_scene_at or now, "asked_at": now, "overdue_at": None})
    return True
