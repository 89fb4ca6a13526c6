"""What live screens show of a call: one picture made from its row, its assignments and their units."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects

from shouwang.desk.log.writing import Log
from shouwang.desk.places.models import Area
from shouwang.desk.units.facts import UnitFact, iso
from shouwang.desk.units.facts import units as unit_facts
from shouwang.desk.workflow.moves import limit_s, warn_share

from .models import Assignment, Call

FURTHEST = ("assigned", "acknowledged", "staged", "enroute", "on_scene", "transporting")
MAY_SEE = "call.view"
_TIMERS = {  # what a call waits for next, by the furthest of its assignments: timer, and the time it runs from
    "assigned": ("t_call_ack", "assigned_at"), "acknowledged": ("t_turnout", "acknowledged_at"),
    "staged": ("t_arrive", "assigned_at"), "enroute": ("t_arrive", "assigned_at"),
    "on_scene": ("t_result", "on_scene_at"), "transporting": ("t_result", "on_scene_at"),
}


def furthest(assignments: Sequence[Assignment]) -> Assignment | None:
    """The open assignment that has come furthest, the earliest of equals."""
    open_ones = [a for a in assignments if a.ended_at is None]
    return max(open_ones, key=lambda a: (FURTHEST.index(a.state), -a.assigned_at.timestamp()), default=None)


def stage(assignments: Sequence[Assignment]) -> str:
    """The furthest state of a call's assignments: of the open ones, else "cleared" when a crew has been there."""
    first = furthest(assignments)
    if first:
        return first.state
    return "cleared" if any(a.state == "cleared" for a in assignments) else ""


def timers(call: Call, assignments: Sequence[Assignment]) -> list[dict[str, Any]]:
    """The time standards that run for the call now, the one that ends first ahead: code, since when, seconds allowed,
    and the assignment it is of (None while the call waits for a unit). Each unit on the call has its own."""
    if call.state == "waiting":
        waiting = _timer("t_call_assign", call, call.waiting_since)
        return [waiting] if waiting else []
    if call.state not in ("responding", "under_control"):
        return []
    first, setting = furthest(assignments), cache(lambda: _setting(call))
    found = [_of_unit(call, a, first, setting) for a in assignments if a.ended_at is None]
    return sorted(filter(None, found), key=_ends)


def _setting(call: Call) -> str:
    """Town, outskirts or country, where the call is: arrival is asked for by it."""
    return Area.objects.filter(path=call.area).values_list("setting", flat=True).first() or "town"


def _of_unit(call: Call, a: Assignment, first: Assignment | None, setting: Callable[[], str]) -> dict[str, Any] | None:
    """The first unit has to arrive as the standard says from when the call was answered; a later one has the time it
    promised, if that is longer."""
    code, since = _TIMERS[a.state]
    if code != "t_arrive":
        return _timer(code, call, getattr(a, since) or a.assigned_at, a)
    if a is first:
        return _timer(code, call, call.first_assigned_at, a, setting())
    return _timer(code, call, a.assigned_at, a, setting(), at_least=a.eta_s or 0.0)


def _timer(code: str, call: Call, since: datetime | None, of: Assignment | None = None, setting: str | None = None, *,
           at_least: float = 0.0) -> dict[str, Any] | None:
    limit = limit_s(code, severity=call.severity, area=setting)
    if limit is None:
        return None
    limit = max(limit, round(at_least))
    return {"code": code, "from": iso(since), "limit_s": limit, "warn_s": round(limit * warn_share(code), 1),
            "assignment": str(of.id) if of else None, "unit": str(of.unit) if of else None}


def _ends(running: dict[str, Any]) -> datetime:
    return since(running) + timedelta(seconds=running["limit_s"])


def since(running: dict[str, Any]) -> datetime:
    """From when a time standard runs."""
    return datetime.fromisoformat(running["from"].replace("Z", "+00:00"))


def passed_up(call: Call, running: dict[str, Any]) -> dict[str, Any] | None:
    """How far up the chain a time that runs now has been told: to whom, and when."""
    rows = [r for r in call.late.all() if r.timer == running["code"] and iso(r.since) == running["from"]
            and running["assignment"] == (str(r.assignment_id) if r.assignment_id else None)]
    last = max(rows, key=lambda r: r.step, default=None)
    return {"to": last.to, "step": last.step, "at": iso(last.at)} if last else None


def card(call: Call, assignments: Sequence[Assignment], units: dict[UUID, UnitFact]) -> dict[str, Any]:
    kind, running = call.type, timers(call, assignments)
    told = [t for t in (passed_up(call, r) for r in running) if t]
    by_task = {r["assignment"]: r for r in running}
    return {
        "id": str(call.id), "number": call.number, "type": kind.code, "type_zh": kind.zh, "type_en": kind.en,
        "class": kind.parent or kind.code, "severity": call.severity, "state": call.state, "stage": stage(assignments),
        "place": call.place, "lon": call.lon, "lat": call.lat, "area": call.area, "services": call.services,
        "received": iso(call.received_at), "waiting_since": iso(call.waiting_since),
        "flag_timer": running[0] if running else None,
        "passed_up": max(told, key=lambda t: t["step"], default=None),
        "units": [_unit(a, units[a.unit]) | {"timer": by_task.get(str(a.id))} for a in assignments if a.unit in units],
        "main": str(call.main_id) if call.main_id else None, "drill": call.drill, "closed_at": iso(call.closed_at),
        "result": call.disposition or None, "panic_unit": str(call.panic_unit) if call.panic_unit else None,
        "version": call.version, "alarms": call.alarms,
    }


def _unit(a: Assignment, unit: UnitFact) -> dict[str, Any]:
    times = [
        at
        for at in (
            a.assigned_at,
            a.acknowledged_at,
            a.enroute_at,
            a.staged_at,
            a.on_scene_at,
            a.transporting_at,
            a.ended_at,
        )
        if at
    ]
    return {
        "id": str(unit.id),
        "assignment": str(a.id),
        "code": unit.code,
        "zh": unit.zh,
        "en": unit.en,
        "letter": unit.letter,
        "service": unit.service,
        "state": a.state,
        "since": iso(max(times)),
        "eta_s": a.eta_s,
        "result": a.result or None,
        "welfare": _welfare(a),
    }


def _welfare(a: Assignment) -> dict[str, Any] | None:
    """Whether the crew was asked if it is well and has not answered."""
    row = getattr(a, "welfare", None)
    if a.ended_at is not None or row is None or row.asked_at is None:
        return None
    return {"asked": iso(row.asked_at), "overdue": row.overdue_at is not None}


def cards(calls: Sequence[Call]) -> list[dict[str, Any]]:
    """The pictures of many calls, read with two queries more."""
    prefetch_related_objects(calls, "late")
    by_call: dict[UUID, list[Assignment]] = {c.id: [] for c in calls}
    for a in Assignment.objects.filter(call__in=by_call).select_related("welfare").order_by("assigned_at", "id"):
        by_call[a.call_id].append(a)
    wanted = {a.unit for rows in by_call.values() for a in rows}
    units = {u.id: u for u in unit_facts(ids=wanted)} if wanted else {}
    return [card(c, by_call[c.id], units) for c in calls]


def show(log: Log, call: Call) -> None:
    """Puts the call's newest picture on live screens; a merged call leaves them."""
    body = None if call.state == "merged" else cards([call])[0]
    log.card(("call", call.id), area=call.area, may=MAY_SEE, body=body)
