"""A matter that takes several bodies: each has its own part, which goes through the life cycle `joint_task`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import DateTimeField, ExpressionWrapper, F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.hours import hours
from shouwang.desk.workflow.models import Timer
from shouwang.desk.workflow.moves import cycle, working_h
from shouwang.desk.workflow.records import BATCH

from .. import facts
from ..models import JointTask
from ..terms import JOINT
from .common import append, in_charge, said, visible, within
from .due import SEATS
from .moving import OUT, ahead

ACCEPT = "t_joint_accept"
WAITING = ("set", "accepted")
CENTRE = system("matters")
BODY = "agency"  # who is told first: the body whose part it is


@once
def set_task(*, actor: Actor, now: datetime, matter_id: UUID | str, id: UUID, joint: str, agency: str,
             due_at: datetime | None = None, key: UUID | None = None) -> JointTask:
    """Gives another body a part of the matter. Without an end, it ends with the handling."""
    if joint not in JOINT:
        raise Refused(_("Choose what is done jointly."), field="joint", code="needs")
    if agency not in facts.agencies():
        raise Refused(_("Choose the office that handles it."), field="agency", code="needs")
    with writing(actor=actor, now=now) as log:
        matter = visible(actor, matter_id)
        if (kept := JointTask.objects.filter(id=id, matter=matter).first()) is not None:
            return kept
        actor.require("matter.assign", facts.seat(matter.area, matter.level))
        if matter.state not in OUT or matter.type.referral:
            raise Conflict(_("Only a dispatched matter that is no referral is shared out."), code="state")
        end = due_at or matter.handle_due_at
        if end is None or end <= now:
            end = hours().after(now, matter.type.handle_h)
        ahead(end, now, "due_at")
        task = JointTask.objects.create(id=id, matter=matter, joint=joint, agency=agency, due_at=end, since=now,
                                        ends_at=min(end, _accept_by(now)), set_by=actor.id,
                                        state=cycle("joint_task").initial)
        said(log, "matter.joined", matter, "remark", "", id=key, joint=joint, handler=agency, until=end.isoformat())
    return task


def _accept_by(now: datetime) -> datetime:
    """By when a part is to be accepted."""
    return hours().after(now, working_h(ACCEPT) or 0.0)


@once
def move_task(*, actor: Actor, now: datetime, task_id: UUID | str, transition: str, result: str = "", reason: str = "",
              key: UUID | None = None) -> JointTask:
    """Takes a step of a part: accept, done (with what was done), strike off, drop (with a reason)."""
    with writing(actor=actor, now=now) as log:
        task = JointTask.objects.select_for_update(of=("self",)).filter(id=task_id).first()
        if task is None:
            raise Missing(_("There is no such matter in your areas."), code="matter")
        matter = visible(actor, task.matter_id)
        if already_written(key):
            return task
        rules = cycle("joint_task")
        if transition not in rules.transitions:
            raise Refused(_("There is no such step: %(step)s.") % {"step": transition}, field="transition", code="step")
        step = rules.transitions[transition]
        actor.require(step.may, matter.area)
        if step.may == "task.answer":
            in_charge(actor, task.agency)
        found = [name for name, text in (("result", result), ("reason", reason)) if text.strip()]
        rules.check(transition, state=task.state, given=found)
        old = task.state
        if not JointTask.objects.filter(id=task.id, state=old).update(state=step.target, since=now, late_at=None,
                                                                      told="", ends_at=task.due_at):
            raise Conflict(_("%(matter)s was changed meanwhile. Look again.") % {"matter": matter}, code="version")
        task.state, task.since = step.target, now
        said(log, "matter.task_moved", matter, "result", within(result, "result"), id=key,
             reason=within(reason, "reason"), joint=task.joint, handler=task.agency, old=old, new=task.state)
    return task


def watch_parts(now: datetime) -> bool:
    """Parts whose step is over are told to their body, and to the centre that the timer names when as much time has
    passed again. True while there is more."""
    late = list(JointTask.objects.filter(state__in=WAITING, ends_at__lt=now, late_at=None).order_by("ends_at")[:BATCH])
    again = list(JointTask.objects.alias(
        again_at=ExpressionWrapper(F("ends_at") + (F("ends_at") - F("since")), output_field=DateTimeField())
    ).filter(state__in=WAITING, told=BODY, again_at__lt=now).order_by("ends_at")[:BATCH])  # fmt: skip
    rule = Timer.objects.values_list("rule", flat=True).get(code=ACCEPT)
    above = SEATS.get(rule.get("escalate_to", ""), "district")
    for row in [*late, *again]:
        with writing(actor=CENTRE, now=now) as log:
            told = above if row.told else BODY
            if JointTask.objects.filter(id=row.id, state=row.state, told=row.told).update(late_at=now, told=told):
                append(log, "matter.task_late", row.matter, joint=row.joint, handler=row.agency, state=row.state,
                       level=told)
    return BATCH in (len(late), len(again))
