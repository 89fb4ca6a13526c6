"""Entering afterwards what was worked on paper while all was down. Rows hold the true times, so every figure counts
them; the log holds when it was entered, by whom and why, and the true time beside it."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError
from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import Log, writing
from shouwang.desk.units import actions as units
from shouwang.desk.units.facts import iso
from shouwang.desk.workflow.moves import cycle

from .. import cards
from ..models import Assignment, Call, PaperEntry
from ..terms import DISPOSITIONS, PAPER_STEPS, PaperCall, PaperUnit
from .common import append, require_text, visible
from .intake import _area, _open, _refuse, _same, _sealed, faults

OLDEST = timedelta(days=7)  # a sheet found later is history for the archive, not for the desk


def paper_faults(sheet: PaperCall, now: datetime) -> dict[str, str]:
    """What is wrong with a sheet, by field: times that lie ahead, or out of order."""
    found, start = faults(sheet.call), sheet.call.received_at
    if start is None:
        return found | {"received_at": _("Say when the call came in.")}
    if start < now - OLDEST:
        found["received_at"] = _("Sheets older than %(n)s days are no longer entered.") % {"n": OLDEST.days}
    if start > now:
        found["received_at"] = _in_future()
    last = start
    for n, one in enumerate(sheet.units):
        before = start
        for step in PAPER_STEPS:
            at = getattr(one, step)
            if at is None:
                continue
            if at > now:
                found[f"units.{n}.{step}"] = _in_future()
            elif at < before:
                found[f"units.{n}.{step}"] = _("%(time)s is before %(other)s, the step before it.") % {
                    "time": f"{localtime(at):%H:%M:%S}", "other": f"{localtime(before):%H:%M:%S}"}
            before = max(before, at)
        last = max(last, before)
    if len({u.unit for u in sheet.units}) < len(sheet.units):
        found["units"] = _("A unit stands on the sheet twice.")
    return found | _end_faults(sheet, last, now)


def _end_faults(sheet: PaperCall, last: datetime, now: datetime) -> dict[str, str]:
    if sheet.closed_at is None:
        return {"disposition": _("Say when it was closed.")} if sheet.disposition else {}
    if sheet.disposition not in DISPOSITIONS:
        return {"disposition": _("Choose a result.")}
    if sheet.closed_at > now:
        return {"closed_at": _in_future()}
    return {"closed_at": _("A call is closed after all that happened in it.")} if sheet.closed_at < last else {}


def _in_future() -> str:
    return _("This time lies ahead.")


def enter_paper(*, actor: Actor, now: datetime, sheet: PaperCall, reason: str) -> Call:
    """Enters a sheet. A retry with the same id gives the same call."""
    why = require_text(reason, "reason", _("Say why it is entered afterwards."))
    _refuse(paper_faults(sheet, now))
    new = sheet.call
    if done := Call.objects.select_related("type").filter(id=new.id).first():
        return _same(actor, done)
    area = _area(actor, new.lon, new.lat)
    for permission in ("call.take", *(("call.close",) if sheet.closed_at else ()),
                       *(("dispatch.assign",) if sheet.units else ())):
        actor.require(permission, area)
    said = _sealed(new.id, new.caller, now, actor)
    try:
        with writing(actor=actor, now=now) as log:
            call = _open(log, new, area, said)
            PaperEntry.objects.create(call=call, entered_at=now, by=actor.id)
            append(log, "call.entered", call, reason=why, true_at=iso(call.received_at))
            for one in sheet.units:
                _worked(log, actor, call, one)
            _end(call, sheet)
            if sheet.closed_at:
                append(log, "call.closed", call, old="waiting", new=call.state, result=sheet.disposition,
                       true_at=iso(sheet.closed_at))
            cards.show(log, call)
    except IntegrityError:
        return _same(actor, visible(actor, new.id))
    return call


def _worked(log: Log, actor: Actor, call: Call, one: PaperUnit) -> None:
    """What one unit did, as rows and events. Conflict when the record has it elsewhere at that time."""
    unit = units.visible(actor, one.unit)
    actor.require("dispatch.assign", unit.area)
    elsewhere = Assignment.objects.filter(Q(ended_at__gt=one.assigned) | Q(ended_at=None), unit=unit.id,
                                          assigned_at__lt=one.ended).select_related("call").first()
    if elsewhere:
        raise Conflict(_("%(unit)s was on %(call)s at that time.") % {"unit": unit, "call": elsewhere.call},
                       code="overlap")
    made = Assignment.objects.create(
        id=new_id(), call=call, unit=unit.id, by=actor.id, state="cleared", assigned_at=one.assigned,
        acknowledged_at=one.acknowledged, enroute_at=one.enroute, on_scene_at=one.on_scene, ended_at=one.ended)
    named: dict[str, Any] = {"unit": str(unit.id), "assignment": str(made.id)}
    append(log, "call.assigned", call, **named, eta_s=None, override=False,
           true_at=iso(one.assigned))
    old = "assigned"
    for step, at in (("acknowledged", one.acknowledged), ("enroute", one.enroute), ("on_scene", one.on_scene),
                     ("cleared", one.ended)):
        if at:
            append(log, "call.unit_moved", call, **named, old=old, new=step, true_at=iso(at))
            old = step


def _end(call: Call, sheet: PaperCall) -> None:
    """The call's own columns, at their true times."""
    first = min((u.assigned for u in sheet.units), default=None)
    values: dict[str, Any] = {"submitted_at": call.received_at, "first_assigned_at": first,
                              "waiting_since": call.received_at}
    if sheet.closed_at:
        values |= {"state": cycle("call").transitions["c_close"].target, "disposition": sheet.disposition,
                   "closed_at": sheet.closed_at, "waiting_since": None}
    for name, value in values.items():
        setattr(call, name, value)
    call.version += 1
    call.save(update_fields=[*values, "version"])
