"""Calls as plain values, for this room and for others."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from shouwang.desk.log.gate import in_areas
from shouwang.desk.units.facts import iso
from shouwang.desk.units.facts import units as unit_facts
from shouwang.desk.units.tasks import Task
from shouwang.desk.workflow.settings import get as setting

from .cards import MAY_SEE, card, cards
from .models import CALL_OPEN, Assignment, Call, CallType

__all__ = [
    "MAY_SEE",
    "CallsForDemand",
    "call_detail",
    "calls_for_demand",
    "calls_of",
    "find",
    "open_calls",
    "tasks_of_unit",
    "tasks_of_units",
    "types",
]


def _in(areas: tuple[str, ...]) -> QuerySet[Call]:
    return Call.objects.filter(in_areas("area", areas)).select_related("type")


def open_calls(areas: tuple[str, ...]) -> list[dict[str, Any]]:
    """Cards of the calls under way in these areas, the most urgent first, then the oldest."""
    return cards(list(_in(areas).filter(state__in=CALL_OPEN).order_by("severity", "received_at")))


def calls_of(areas: tuple[str, ...], *, states: Iterable[str] = (), since: datetime | None = None,
             before: datetime | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """Cards of calls, newest first."""
    rows = _in(areas)
    if states := tuple(states):
        rows = rows.filter(state__in=states)
    if since:
        rows = rows.filter(received_at__gte=since)
    if before:
        rows = rows.filter(received_at__lt=before)
    return cards(list(rows.order_by("-received_at", "-id")[:limit]))


@dataclass(frozen=True)
class Taken:
    """How many calls came since a moment, and how many of them are replayed ones."""

    calls: int
    replayed: int


def taken_since(areas: tuple[str, ...], since: datetime) -> Taken:
    """Calls received since a moment; those merged into another count with it."""
    rows = _in(areas).filter(received_at__gte=since).exclude(state="merged")
    return Taken(rows.count(), rows.filter(drill=True).count())


def find(areas: tuple[str, ...], call_id: UUID | str) -> Call | None:
    return _in(areas).filter(id=call_id).first()


def still_open(calls: Iterable[UUID]) -> list[UUID]:
    """Those of these calls that are under way."""
    return list(Call.objects.filter(id__in=list(calls), state__in=CALL_OPEN).values_list("id", flat=True))


def by_number(areas: tuple[str, ...], ending: str, *, limit: int = 9) -> list[Call]:
    """Calls whose number ends so, the newest first: open ones before those that are over."""
    rows = list(_in(areas).filter(number__endswith=ending).order_by("-day", "-serial")[:50])
    return sorted(rows, key=lambda c: c.state not in CALL_OPEN)[:limit]


def call_detail(areas: tuple[str, ...], call_id: UUID | str) -> dict[str, Any] | None:
    """One call with its times, assignments and the calls merged into it; None outside these areas. Nothing sealed."""
    call = find(areas, call_id)
    return None if call is None else detail(call)


def detail(call: Call) -> dict[str, Any]:
    assignments = list(Assignment.objects.filter(call=call).order_by("assigned_at", "id"))
    units = {u.id: u for u in unit_facts(ids={a.unit for a in assignments})}
    merged = Call.objects.filter(main=call).order_by("received_at").values_list("id", "number")
    return card(call, assignments, units) | {
        "detail": call.detail, "source": call.source, "submitted": iso(call.submitted_at),
        "first_assigned": iso(call.first_assigned_at), "target": call.target or None, "receiver": call.receiver or None,
        "main_number": Call.objects.values_list("number", flat=True).get(id=call.main_id) if call.main_id else None,
        "merged": [{"id": str(i), "number": n} for i, n in merged],
        "assignments": [assignment(a) for a in assignments], "words_deleted": call.words_deleted_at is not None,
    }


def assignment(a: Assignment) -> dict[str, Any]:
    return {"id": str(a.id), "unit": str(a.unit), "state": a.state, "overridden": a.overridden, "eta_s": a.eta_s,
            "stand": _stand(a), "result": a.result or None, "from_call": str(a.from_call) if a.from_call else None,
            "assigned": iso(a.assigned_at), "acknowledged": iso(a.acknowledged_at), "enroute": iso(a.enroute_at),
            "staged": iso(a.staged_at), "on_scene": iso(a.on_scene_at), "transporting": iso(a.transporting_at),
            "ended": iso(a.ended_at)}


def _stand(a: Assignment) -> dict[str, Any] | None:
    """Where the unit stands in a cordon, None for one that goes to the call."""
    if a.stand_lon is None:
        return None
    return {"lon": a.stand_lon, "lat": a.stand_lat, "zh": a.stand_zh, "en": a.stand_en, "before": iso(a.stand_before)}


def tasks_of_unit(unit_id: UUID | str) -> list[dict[str, Any]]:
    """The open tasks of a unit, each with its call: `assignment` (id, state, times) and `call` (its detail)."""
    rows = (
        Assignment.objects.filter(unit=unit_id, ended_at__isnull=True)
        .select_related("call__type")
        .order_by("assigned_at")
    )
    return [{"assignment": assignment(a), "call": detail(a.call)} for a in rows]


def tasks_of_units(units: Iterable[UUID]) -> dict[UUID, Task]:
    """The open task of each of these units that has one."""
    rows = Assignment.objects.filter(unit__in=list(units), ended_at__isnull=True).values_list("unit", "call", "state")
    return {unit: Task(str(call), state) for unit, call, state in rows}


def types() -> list[CallType]:
    """Active types with their classes, in order of code."""
    return list(CallType.objects.filter(active=True).order_by("code"))


@dataclass(frozen=True)
class CallsForDemand:
    """Calls as arrays of one length. time: local and naive (the district's zone), to the second; degrees (WGS 84)."""

    time: NDArray[np.datetime64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    category: NDArray[np.str_]  # code of the call's type
    source: NDArray[np.str_]  # resident, alarm or patrol


def calls_for_demand(before: datetime, since: datetime | None = None) -> CallsForDemand:
    """What residents, alarms and patrols asked for before a moment: every call once. Replayed calls, merged ones (their
    main call counts) and cancelled ones are left out."""
    rows = Call.objects.filter(received_at__lt=before, drill=False).exclude(state__in=("merged", "cancelled"))
    if since:
        rows = rows.filter(received_at__gte=since)
    found = list(rows.order_by("received_at", "id").values_list("received_at", "lon", "lat", "type", "source"))
    zone = ZoneInfo(setting("time_zone"))
    times = [np.datetime64(at.astimezone(zone).replace(tzinfo=None), "s") for at, *_rest in found]
    return CallsForDemand(
        np.array(times, "datetime64[s]"),
        np.array([r[1] for r in found], float),
        np.array([r[2] for r in found], float),
        np.array([r[3] for r in found], "U8"),
        np.array([r[4] for r in found], "U12"),
    )


def near_in_time_and_place(
    areas: tuple[str, ...], *, lon: float, lat: float, since: datetime, degrees: float
) -> list[Call]:
    """Calls since a moment inside a square around a point (half a side in degrees of latitude), newest first."""
    wide = degrees / max(0.2, float(np.cos(np.radians(lat))))
    box = Q(lat__range=(lat - degrees, lat + degrees), lon__range=(lon - wide, lon + wide))
    return list(_in(areas).filter(box, received_at__gte=since).exclude(state__in=("merged", "cancelled"))
                .order_by("-received_at")[:50])
