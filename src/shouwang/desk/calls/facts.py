"""Calls as plain values, for this room and for others."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from shouwang.desk.log import facts as log
from shouwang.desk.log.gate import in_areas
from shouwang.desk.units.facts import iso
from shouwang.desk.units.facts import units as unit_facts
from shouwang.desk.units.tasks import Task
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.settings import get_many

from . import needs, words
from .cards import MAY_SEE, card, cards
from .models import CALL_OPEN, SERVICES, Assignment, Call, CallType, CallWords, Measure

__all__ = [
    "ALL_TYPES",
    "MAY_SEE",
    "Busy",
    "BusyShares",
    "CallsForDemand",
    "Stay",
    "bound",
    "busy_shares",
    "call_detail",
    "calls_for_demand",
    "calls_of",
    "find",
    "measured_at",
    "open_calls",
    "passed_on",
    "scene",
    "services_of",
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


@dataclass(frozen=True)
class Passed:
    """A call that was passed on, as the room that takes it over needs it: never who called."""

    target: str
    type: str
    place: str
    lon: float
    lat: float
    words: str


def passed_on(call_id: UUID | str) -> Passed | None:
    """The call, with what the first caller said, while it is passed on. For a reaction alone, which makes of it a
    record that is sealed as the call is."""
    call = Call.objects.filter(id=call_id, state="transferred", drill=False).first()  # a replayed one stays a replay
    if call is None:
        return None
    first = CallWords.objects.filter(call=call).order_by("at", "id").first()
    said = words.opened(first, "words")["words"] if first else ""
    place = " ".join(part for part in (call.place, call.detail) if part)
    return Passed(call.target, call.type_id, place, call.lon, call.lat, said)


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
    needs: tuple[tuple[str, ...], ...]  # services each call was for


def calls_for_demand(before: datetime, since: datetime | None = None) -> CallsForDemand:
    """What residents, alarms and patrols asked for before a moment: every call once. Replayed calls, merged ones (their
    main call counts) and cancelled ones are left out."""
    rows = Call.objects.filter(received_at__lt=before, drill=False).exclude(state__in=("merged", "cancelled"))
    if since:
        rows = rows.filter(received_at__gte=since)
    columns = ("received_at", "lon", "lat", "type", "source", "services")
    found = list(rows.order_by("received_at", "id").values_list(*columns))
    zone = ZoneInfo(setting("time_zone"))
    times = [np.datetime64(at.astimezone(zone).replace(tzinfo=None), "s") for at, *_rest in found]
    return CallsForDemand(
        np.array(times, "datetime64[s]"),
        np.array([r[1] for r in found], float),
        np.array([r[2] for r in found], float),
        np.array([r[3] for r in found], "U8"),
        np.array([r[4] for r in found], "U12"),
        tuple(tuple(r[5]) for r in found),
    )


def services_of(categories: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The services that calls of these categories need, for those that are the code of a type or the name of a
    service; of the others nothing is known."""
    service = dict(CallType.objects.filter(code__in=list(categories)).values_list("code", "service"))
    told = {code: needs.services(name, needs.counts(code, 1, (), {})) for code, name in service.items()}
    return told | {name: (name,) for name in categories if name in SERVICES}


def near_in_time_and_place(
    areas: tuple[str, ...], *, lon: float, lat: float, since: datetime, degrees: float
) -> list[Call]:
    """Calls since a moment inside a square around a point (half a side in degrees of latitude), newest first."""
    wide = degrees / max(0.2, float(np.cos(np.radians(lat))))
    box = Q(lat__range=(lat - degrees, lat + degrees), lon__range=(lon - wide, lon + wide))
    return list(_in(areas).filter(box, received_at__gte=since).exclude(state__in=("merged", "cancelled"))
                .order_by("-received_at")[:50])


# ---- what was measured from calls that are over

BUSY = ("busy_percent", "busy_measured", "time_zone")  # settings that say how busy units are taken to be
MOST_BUSY = 0.9
ALL_TYPES = "*"


@dataclass(frozen=True)
class Busy:
    """How likely a unit of a service is busy. `hours`: unit-hours on duty that it was measured from, 0 where it is the
    setting's."""

    share: float
    hours: float

    @property
    def measured(self) -> bool:
        return self.hours > 0


@dataclass(frozen=True)
class BusyShares:
    """By service, shares of each hour of the week with the unit-hours behind them; `setting` stands for the others."""

    setting: float
    zone: ZoneInfo
    services: Mapping[str, tuple[tuple[float, ...], float]] = field(default_factory=dict)

    def at(self, service: str, moment: datetime) -> Busy:
        """The share in the hour of the week that a moment lies in."""
        found = self.services.get(service)
        if found is None:
            return Busy(self.setting, 0.0)
        local = moment.astimezone(self.zone)
        return Busy(found[0][local.weekday() * 24 + local.hour], found[1])

    def over(self, service: str, start: datetime, end: datetime) -> Busy:
        """The mean share of the hours between two moments."""
        hours = [start + n * timedelta(hours=1) for n in range(max(1, round((end - start) / timedelta(hours=1))))]
        told = [self.at(service, hour) for hour in hours]
        return Busy(sum(one.share for one in told) / len(told), told[0].hours)


def busy_shares(chosen: Mapping[str, Any] | None = None) -> BusyShares:
    """How busy units are taken to be: as measured, unless the centre holds to its setting. `chosen`: the settings named
    in BUSY, read already."""
    chosen = chosen or get_many(*BUSY)
    assumed, zone = chosen["busy_percent"] / 100, ZoneInfo(chosen["time_zone"])
    if not chosen["busy_measured"]:
        return BusyShares(assumed, zone)
    rows = Measure.objects.filter(what="busy").values_list("key", "figures", "weight")
    return BusyShares(assumed, zone, {
        key: (tuple(min(MOST_BUSY, share) for share in figures), weight) for key, figures, weight in rows})


@dataclass(frozen=True)
class Stay:
    """How long calls of a kind keep a unit: mean seconds and cases by the time of day at which a shift begins."""

    mean_s: float
    cases: int
    shifts: Mapping[str, tuple[float, int]]

    def at(self, clock: str) -> tuple[float, int]:
        """Mean seconds in the shift that a time of day (07:30) lies in, and the cases behind it."""
        starts = sorted(self.shifts)
        return self.shifts[starts[sum(start <= clock for start in starts) - 1]]


def scene() -> dict[str, Stay]:
    """Seconds at the scene by type of call; ALL_TYPES stands for those without a row. Empty while nothing is known."""
    return _stays("scene")


def bound() -> dict[str, Stay]:
    """Seconds from assigned to free by service of the unit."""
    return {key: stay for key, stay in _stays("bound").items() if key != ALL_TYPES}


def _stays(what: str) -> dict[str, Stay]:
    rows = Measure.objects.filter(what=what).values_list("key", "value", "weight", "figures")
    return {key: Stay(value, int(weight), {start: (mean, cases) for start, (mean, cases) in figures.items()})
            for key, value, weight, figures in rows}


def measured_at() -> datetime | None:
    """When the log was measured last; None for never."""
    return log.last_at("measures.made")
