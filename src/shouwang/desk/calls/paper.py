"""One call on paper: its times, units and what happened, as plain values for a sheet to print."""
from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from shouwang.desk.people.templatetags.desk import name
from shouwang.desk.places import facts as places
from shouwang.desk.units.facts import UnitFact, standing
from shouwang.desk.units.facts import units as unit_facts
from shouwang.tables.drawing import Drawing

from .models import Assignment, Call, PaperEntry
from .plans import alarm_names, plans
from .plot import Seen, plot
from .terms import DISPOSITIONS, SERVICES, SEVERITIES
from .timeline import Entry, timeline

STEPS = ("assigned_at", "acknowledged_at", "enroute_at", "on_scene_at", "ended_at")


@dataclass(frozen=True)
class Time:
    """A moment of the call, and how long after it was received."""

    label: str
    at: datetime
    after: timedelta


@dataclass(frozen=True)
class Sent:
    """A unit that was sent, with the moments of its task; None where there was none."""

    unit: Any
    times: tuple[datetime | None, ...]
    result: str


@dataclass(frozen=True)
class Paper:
    """`place` is in full (building, floor) only where the export is personal. `entered_at`: of a call that was worked
    on paper, whose times are the true ones."""

    call: Call
    severity: str
    alarm: str
    services: tuple[str, ...]
    area: str
    place: str
    result: str
    times: tuple[Time, ...]
    sent: tuple[Sent, ...]
    lines: tuple[Entry, ...]
    seen: tuple[Seen, ...]
    entered_at: datetime | None


def paper(call: Call, *, personal: bool, notes: dict[str, str], now: datetime) -> Paper:
    """Without what is personal: no words, reasons, names of staff, building or floor."""
    tasks = list(Assignment.objects.filter(call=call).order_by("assigned_at", "id"))
    names = {u.id: u for u in unit_facts(ids={t.unit for t in tasks})}
    lines = timeline(call.id, reasons=personal, notes=notes)
    if not personal:
        lines = [replace(e, who="") for e in lines]
    known = places.area_names()
    inside = (known.get(path) for path in accumulate(f"{code}/" for code in call.area.split("/") if code))
    area = " ".join(a.name for a in inside if a and a.kind in ("control_area", "community"))
    return Paper(
        call, str(SEVERITIES[call.severity]), _alarm(call),
        tuple(str(SERVICES[s]) for s in call.services if s in SERVICES), area,
        f"{call.place} {call.detail}".strip() if personal else call.place,
        str(DISPOSITIONS.get(call.disposition, "")), tuple(_times(call, tasks)),
        tuple(Sent(names.get(t.unit), tuple(getattr(t, step) for step in STEPS), str(DISPOSITIONS.get(t.result, "")))
              for t in tasks), tuple(lines),
        _seen([names[t.unit] for t in tasks if not t.ended_at and t.unit in names], now),
        PaperEntry.objects.filter(call=call).values_list("entered_at", flat=True).first())


def _alarm(call: Call) -> str:
    return alarm_names().get(call.alarm_level, "") if plans(call.type_id).levels(call.type_id) else ""


def _seen(units: list[UnitFact], now: datetime) -> tuple[Seen, ...]:
    """Where the units that are still at it were last seen; those that send no position are left out."""
    return tuple(Seen(name(unit), at.lon, at.lat) for unit, at in zip(units, standing(units, now), strict=True)
                 if at.age_s is not None)


def entered(at: datetime | None) -> str:
    """That a time is the true one, entered afterwards, and when; "" where it was entered as it happened."""
    return _("entered %(at)s") % {"at": f"{localtime(at):%m-%d %H:%M:%S}"} if at else ""


def map_of(made: Paper) -> Drawing | None:
    return plot(made.call.lon, made.call.lat, made.call.severity, made.seen)


def _times(call: Call, tasks: list[Assignment]) -> list[Time]:
    def first(step: str) -> datetime | None:
        return min((at for t in tasks if (at := getattr(t, step))), default=None)

    moments = (
        (_("Received"), call.received_at), (_("Handed to dispatch"), call.submitted_at),
        (_("First unit sent"), call.first_assigned_at), (_("First unit on the way"), first("enroute_at")),
        (_("First unit on scene"), first("on_scene_at")), (_("Call over"), call.closed_at),
    )
    return [Time(label, at, at - call.received_at) for label, at in moments if at]
