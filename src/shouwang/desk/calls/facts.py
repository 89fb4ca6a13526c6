"""Calls as plain values, for this room and for others."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from shouwang.desk.log import facts as log
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import in_areas
from shouwang.desk.units.facts import iso
from shouwang.desk.units.facts import units as unit_facts
from shouwang.desk.units.tasks import Task
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.settings import get_many
from shouwang.engine.geo.distance import haversine_m

from . import needs, words
from .cards import MAY_SEE, card, cards
from .checked import checked as checked
from .models import (
    CALL_OPEN,
    SERVICES,
    Assignment,
    Call,
    CallLink,
    CallType,
    CallWords,
    Measure,
    SavedView,
    ScenePhoto,
)
from .plans import Case, plans
from .timeline import Message, sentences, thread

__all__ = [
    "ALL_TYPES",
    "MAY_SEE",
    "AlarmResults",
    "Busy",
    "BusyShares",
    "CallsForDemand",
    "Earlier",
    "Message",
    "Stay",
    "alarm_results",
    "bound",
    "busy_shares",
    "call_detail",
    "calls_for_demand",
    "calls_of",
    "changed_since",
    "checked",
    "counted",
    "earlier_at",
    "find",
    "measured_at",
    "open_at_site",
    "open_calls",
    "passed_on",
    "scene",
    "sentences",
    "services_of",
    "tasks_of_unit",
    "tasks_of_units",
    "thread",
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


def call_of_task(assignment: UUID | str) -> UUID:
    """The call of a unit's task."""
    found = Assignment.objects.filter(id=assignment).values_list("call_id", flat=True).first()
    if found is None:
        raise Missing(_("There is no such task."), code="assignment")
    return found


def views_of(user: str) -> list[SavedView]:
    """An account's saved views of the board, by name."""
    return list(SavedView.objects.filter(user=user))


def entered_lately(areas: tuple[str, ...], since: datetime) -> list[Call]:
    """Calls that were entered from paper since then, the last first, each with its `paper`."""
    return list(_in(areas).filter(paper__entered_at__gte=since).select_related("paper").order_by("-paper__entered_at"))


def photos_of(call: Call) -> list[ScenePhoto]:
    return list(call.photos.order_by("at"))


@dataclass(frozen=True)
class Taken:
    """How many calls came since a moment, and how many of them are replayed ones."""

    calls: int
    replayed: int


def taken_since(areas: tuple[str, ...], since: datetime) -> Taken:
    """Calls received since a moment; those merged into another count with it."""
    rows = _in(areas).filter(received_at__gte=since).exclude(state="merged")
    return Taken(rows.count(), rows.filter(drill=True).count())


def taken_by_hour(areas: tuple[str, ...], first: datetime, hours: int) -> list[int]:
    """How many calls came in each of these hours; those merged into another count with it."""
    counts = [0] * hours
    rows = _in(areas).filter(received_at__gte=first, received_at__lt=first + timedelta(hours=hours))
    for at in rows.exclude(state="merged").values_list("received_at", flat=True):
        counts[int((at - first) // timedelta(hours=1))] += 1
    return counts


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
        "merged": [{"id": str(i), "number": n} for i, n in merged], "links": links(call),
        "assignments": [assignment(a) for a in assignments], "words_deleted": call.words_deleted_at is not None,
    }


def links(call: Call) -> list[dict[str, Any]]:
    """Calls that have to do with this one and stand for themselves. `kind`: related, split_off (a part of this one) or
    split_from (of which this one is a part)."""
    rows = CallLink.objects.filter(Q(one=call) | Q(other=call), ended_at__isnull=True).select_related("one", "other")
    out = []
    for row in rows.order_by("at", "id"):
        here, there = ("split_off", row.other) if row.one_id == call.id else ("split_from", row.one)
        out.append({"id": str(there.id), "number": there.number, "type": there.type_id, "state": there.state,
                    "kind": here if row.kind == "split" else "related"})
    return out


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


@dataclass(frozen=True)
class TaskSpan:
    """A unit's task: from when until when (None: not yet over), and when the unit was at the scene."""

    unit: UUID
    call: UUID
    assigned_at: datetime
    on_scene_at: datetime | None
    ended_at: datetime | None


def tasks_between(units: Iterable[UUID], start: datetime, until: datetime) -> list[TaskSpan]:
    """Tasks of these units that touch a span, in order of time."""
    rows = Assignment.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=start), unit__in=list(units),
                                     assigned_at__lt=until)
    columns = ("unit", "call", "assigned_at", "on_scene_at", "ended_at")
    return [TaskSpan(*row) for row in rows.order_by("assigned_at").values_list(*columns)]


def calls_between(areas: tuple[str, ...], start: datetime, until: datetime) -> list[Call]:
    """Calls of these areas that were under way in a span, in the order in which they came. Nothing sealed."""
    rows = _in(areas).filter(Q(closed_at__isnull=True) | Q(closed_at__gt=start), received_at__lt=until)
    return list(rows.order_by("received_at", "id"))


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
    main call counts), cancelled ones and those of other centres are left out."""
    rows = Call.objects.filter(received_at__lt=before, drill=False).exclude(
        state__in=("merged", "cancelled")).exclude(source="neighbour")
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


def first_received() -> datetime | None:
    """When the first call of this desk came."""
    return Call.objects.filter(drill=False).order_by("received_at").values_list("received_at", flat=True).first()


STEPS = ("registered", "assigned", "acknowledged", "turnout", "arrival", "response")
"""What a call waits for, in seconds: received to submitted; submitted to the first unit; the first unit told to its
word; its word to setting off; the first unit told to the first arrived; received to the first arrived."""


@dataclass(frozen=True, eq=False)
class Counted:
    """Calls as arrays of one length, to count. id: UUIDs; time: local and naive, to the second; degrees (WGS 84); path
    of the area each was taken in; code of its type; source; severity; result: what came of it (a disposition, target:…
    where it was passed on, "" while it is open); steps: by STEPS, seconds, NaN for what did not happen."""

    id: NDArray[np.object_]
    time: NDArray[np.datetime64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    area: NDArray[np.object_]
    type: NDArray[np.object_]
    source: NDArray[np.object_]
    severity: NDArray[np.int64]
    result: NDArray[np.object_]
    drill: NDArray[np.bool_]
    steps: NDArray[np.float64]


def changed_since(seq: int, look: bool = True) -> tuple[int, list[UUID]]:
    """How far the log has come, and, with `look`, the calls that events after `seq` were about."""
    newest = log.head()
    return newest, log.subjects_after("call", seq) if look and newest > seq else []


def counted(ids: Iterable[UUID] | None = None) -> Counted:
    """These calls (None: all), every incident once: merged and cancelled ones are left out, and those of other
    centres."""
    rows = Call.objects.exclude(state__in=("merged", "cancelled")).exclude(source="neighbour")
    units = Assignment.objects.order_by("assigned_at", "id")
    if ids is not None:
        chosen = list(ids)
        rows, units = rows.filter(id__in=chosen), units.filter(call__in=chosen)
    columns = ("id", "received_at", "lon", "lat", "area", "type_id", "source", "severity", "disposition", "target",
               "drill", "submitted_at", "first_assigned_at")  # fmt: skip
    found = list(rows.order_by("received_at", "id").values_list(*columns))
    first: dict[UUID, tuple[datetime, datetime | None, datetime | None]] = {}
    arrived: dict[UUID, datetime] = {}
    moments = ("call_id", "assigned_at", "acknowledged_at", "enroute_at", "on_scene_at")
    for call, assigned, acknowledged, enroute, on_scene in units.values_list(*moments).iterator():
        first.setdefault(call, (assigned, acknowledged, enroute))
        if on_scene is not None and on_scene < arrived.get(call, on_scene + timedelta(1)):
            arrived[call] = on_scene
    zone = ZoneInfo(setting("time_zone"))
    steps = np.full((len(found), len(STEPS)), np.nan)
    for row, (call, received, *_rest, submitted, first_assigned) in zip(steps, found, strict=True):
        told, said, went = first.get(call, (None, None, None))
        there = arrived.get(call)
        for n, (since, until) in enumerate((
            (received, submitted), (submitted, first_assigned), (told, said), (said, went), (first_assigned, there),
            (received, there),
        )):  # fmt: skip
            if since is not None and until is not None and until >= since:
                row[n] = (until - since).total_seconds()

    def column(n: int, kind: Any = object) -> NDArray[Any]:
        values = np.empty(len(found), kind)
        values[:] = [r[n] for r in found]
        return values

    times = [np.datetime64(r[1].astimezone(zone).replace(tzinfo=None), "s") for r in found]
    result = np.array([r[8] or (f"target:{r[9]}" if r[9] else "") for r in found], object)
    return Counted(
        column(0), np.array(times, "datetime64[s]"), column(2, float), column(3, float), column(4), column(5),
        column(6), column(7, np.int64), result, column(10, bool), steps,
    )  # fmt: skip


def services_of(categories: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The services that calls of these categories need, for those that are the code of a type or the name of a
    service; of the others nothing is known."""
    types, known = CallType.objects.filter(code__in=list(categories)), plans()
    told = {t.code: needs.services(t.service, known.counts(Case(t.code, t.severity), {})) for t in types}
    return told | {name: (name,) for name in categories if name in SERVICES}


def near_in_time_and_place(
    areas: tuple[str, ...], *, lon: float, lat: float, since: datetime, degrees: float
) -> list[Call]:
    """Calls since a moment inside a square around a point (half a side in degrees of latitude), newest first."""
    wide = degrees / max(0.2, float(np.cos(np.radians(lat))))
    box = Q(lat__range=(lat - degrees, lat + degrees), lon__range=(lon - wide, lon + wide))
    return list(_in(areas).filter(box, received_at__gte=since).exclude(state__in=("merged", "cancelled"))
                .order_by("-received_at")[:50])


EARLIER, EARLIER_M, EARLIER_SHOWN = timedelta(days=365), 50.0, 8


@dataclass(frozen=True)
class Earlier:
    """A call that came from a place before: its kind and time alone."""

    type: CallType
    at: datetime


def earlier_at(areas: tuple[str, ...], *, lon: float, lat: float, now: datetime,
               leave_out: UUID | None = None) -> list[Earlier]:
    """Calls of the last year at a place, the newest first: kind and time, nothing else. Replayed ones are none."""
    rows = near_in_time_and_place(areas, lon=lon, lat=lat, since=now - EARLIER, degrees=EARLIER_M / 111_195.0)
    rows = [c for c in rows if c.id != leave_out and not c.drill]
    if not rows:
        return []
    away = haversine_m([c.lon for c in rows], [c.lat for c in rows], lon, lat)
    return [Earlier(c.type, c.received_at) for c, m in zip(rows, away.tolist(), strict=True) if m <= EARLIER_M][
        :EARLIER_SHOWN]


@dataclass(frozen=True)
class AlarmResults:
    """What became of the calls that a site's alarm panels raised. `alarms`: how many alarms these calls stand for."""

    calls: int
    alarms: int
    closed: int
    false: int


def alarm_results(since: datetime) -> dict[UUID, AlarmResults]:
    """By site, of calls received since a moment: how many, how many closed with a result, how many as false alarms."""
    over, false = Q(state="closed"), Q(state="closed", disposition="false_alarm")
    rows = Call.objects.filter(site__isnull=False, received_at__gte=since, drill=False).exclude(state="merged")
    told = rows.values("site").annotate(n=Count("id"), all=Sum("alarms"), over=Count("id", over), no=Count("id", false))
    return {r["site"]: AlarmResults(r["n"], r["all"] or 0, r["over"], r["no"]) for r in told if r["site"]}


def open_at_site(site: UUID, service: str) -> list[UUID]:
    """Open calls that the panels of a site raised for a service, the newest first; of a merged one its main call."""
    rows = Call.objects.filter(Q(state__in=CALL_OPEN) | Q(state="merged", main__state__in=CALL_OPEN), site=site,
                               type__service=service)
    return [main or id for id, main in rows.order_by("-received_at").values_list("id", "main")]


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
