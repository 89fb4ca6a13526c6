"""What the log says of the time calls take: how busy units are, and how long a call keeps one. Means and counts alone
come out of here, of services and types of calls; no unit and nobody of its crew.

Replayed calls, and units invented for an example, measure nothing.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Q

from shouwang.desk.units.models import Duty, Unit
from shouwang.desk.workflow.settings import get_many
from shouwang.engine.respond.busy import Spans, busy_by_hour, busy_hours
from shouwang.engine.respond.stays import stays_of

from ..models import Assignment, Measure

WEEKS = 26
"""So far back is looked: longer ago, streets, crews and calls were others."""
SCENE_MIN = 20.0
"""Minutes at a scene while nothing is measured."""
ALL = "*"
Span = tuple[UUID, datetime, datetime | None]


def measures(now: datetime) -> list[Measure]:
    """Everything measured, not saved."""
    chosen = get_many("time_zone", "busy_percent", "busy_min", "shift_starts")
    zone, shifts = ZoneInfo(chosen["time_zone"]), sorted(chosen["shift_starts"])
    since = _monday(now, zone) - timedelta(weeks=WEEKS)
    return [*_busy(since, now, zone, chosen["busy_percent"] / 100),
            *_stays(since, now, zone, shifts, chosen["busy_min"] * 60.0)]


def _monday(now: datetime, zone: ZoneInfo) -> datetime:
    """The last midnight on which a week began, by the wall clock."""
    local = now.astimezone(zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday())


def _busy(since: datetime, now: datetime, zone: ZoneInfo, assumed: float) -> list[Measure]:
    service = dict(Unit.objects.filter(example=False).values_list("id", "kind__service"))
    duty = _grouped(Duty.objects.filter(Q(off_at__isnull=True) | Q(off_at__gt=since), on_at__lt=now)
                    .values_list("unit", "on_at", "off_at"), service)
    sent = Assignment.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=since), assigned_at__lt=now)
    spans = {drill: _grouped(sent.filter(call__drill=drill).values_list("unit", "assigned_at", "ended_at"), service)
             for drill in (False, True)}
    hours, found = int((now - since) / timedelta(hours=1)) + 2, []  # one more where a clock was put on
    for name in sorted({service[unit] for unit in service}):
        mine = [unit for unit, one in service.items() if one == name]
        number = {unit: n for n, unit in enumerate(mine)}
        on_h, busy_h = busy_hours(len(mine), hours, *(
            _spans(group.get(name, ()), number, since, now, zone) for group in (duty, spans[False], spans[True])))
        if on_h.sum() > 0:
            told = busy_by_hour(on_h, busy_h, assumed)
            found.append(Measure(what="busy", key=name, at=now, weight=float(on_h.sum()), value=told.middle,
                                 figures=[round(float(v), 4) for v in told.value]))
    return found


def _grouped(rows: Iterable[Span], service: dict[UUID, str]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for row in rows:
        if row[0] in service:
            found.setdefault(service[row[0]], []).append(row)
    return found


def _spans(rows: Sequence[Span], number: dict[UUID, int], since: datetime, now: datetime, zone: ZoneInfo) -> Spans:
    """By the wall clock: where the clock is put back, an hour counts twice, and where it is put on, none is missed."""
    def seconds(at: datetime) -> float:
        return (at.astimezone(zone).replace(tzinfo=None) - since.replace(tzinfo=None)).total_seconds()

    start = np.array([seconds(on) for _unit, on, _off in rows], float)
    end = np.array([seconds(min(off or now, now)) for _unit, _on, off in rows], float)
    return Spans(np.array([number[unit] for unit, *_rest in rows], np.int64), start, np.maximum(start, end))


def _stays(since: datetime, now: datetime, zone: ZoneInfo, shifts: Sequence[str], bound_s: float) -> list[Measure]:
    """From assignments that were cleared: those stood down before say nothing of how long a call takes."""
    service = dict(Unit.objects.filter(example=False).values_list("id", "kind__service"))
    rows = Assignment.objects.filter(state="cleared", call__drill=False, assigned_at__gte=since, ended_at__lte=now,
                                     stand_lon__isnull=True)
    there, bound = [], []
    for unit, type, assigned, at, end in rows.values_list("unit", "call__type", "assigned_at", "on_scene_at",
                                                          "ended_at"):
        if unit in service and end is not None:
            bound.append((service[unit], _shift(assigned, zone, shifts), (end - assigned).total_seconds()))
            if at is not None:
                there.append((type, _shift(at, zone, shifts), (end - at).total_seconds()))
    return [*_means("scene", there, shifts, SCENE_MIN * 60, now), *_means("bound", bound, shifts, bound_s, now)]


def _shift(at: datetime, zone: ZoneInfo, shifts: Sequence[str]) -> int:
    """The shift a moment lies in; before the first of the day, the last of the day before."""
    clock = f"{at.astimezone(zone):%H:%M}"
    return (sum(start <= clock for start in shifts) - 1) % len(shifts)


def _means(what: str, cases: Sequence[tuple[str, int, float]], shifts: Sequence[str], assumed_s: float,
           now: datetime) -> list[Measure]:
    if not cases:
        return []
    keys = [*sorted({key for key, _shift, _s in cases}), ALL]
    told = stays_of(np.array([s for *_rest, s in cases], float),
                    np.array([keys.index(key) for key, *_rest in cases], np.int64),
                    np.array([shift for _key, shift, _s in cases], np.int64), len(keys), len(shifts), assumed_s)
    mean_s, count = told.mean_s, told.cases
    count[-1] = count.sum(axis=0)
    return [Measure(what=what, key=key, at=now, weight=float(count[n].sum()), value=float(told.kind.value[n]),
                    figures={start: [round(float(mean_s[n, i]), 1), int(count[n, i])]
                             for i, start in enumerate(shifts)}) for n, key in enumerate(keys)]
