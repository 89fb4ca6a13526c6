"""Matters as plain values, for this room and for others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Avg, Count, Q, QuerySet

from shouwang.desk.linked import facts as linked
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.gate import in_areas
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.agencies import agencies as agencies_by_code
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.zone import local
from shouwang.engine.effects.intervals import share_margin
from shouwang.engine.geo.distance import haversine_m

from .checked import checked as checked
from .models import JointTask, Matter, MatterPhoto, MatterType, MatterWords, OfficeItem, ReportingPoint
from .terms import COMMON, JOINT, LEVEL_KIND, SET_DOWN, STEPS, WAITING
from .words import text_of

SEE = "matter.view"
REPORT = "matter.report"
FRESH = timedelta(days=7)  # how long a closed matter may still be what somebody reports again
METRES_LAT = 111_195.0


@dataclass(frozen=True)
class Wanted:
    """What a list shows. show: open, due, late, new, mine, all; step: a state or a side way; kind: a code or class."""

    show: str = "open"
    step: str = ""
    kind: str = ""
    level: str = ""
    source: str = ""
    area: str = ""
    text: str = ""
    reporter: str = ""
    sort: str = "due"

    @property
    def more(self) -> bool:
        return bool(self.step or self.kind or self.level or self.source or self.area or self.text)


def matters(areas: tuple[str, ...], wanted: Wanted, now: datetime) -> QuerySet[Matter]:
    """Matters in these areas that fit, the one whose time ends first before others."""
    rows = Matter.objects.filter(in_areas("area", areas)).select_related("type", "point")
    if wanted.reporter:
        rows = Matter.objects.filter(reported_by=wanted.reporter).select_related("type", "point")
    rows = rows.filter(_shown(wanted.show, now))
    if wanted.step:
        rows = rows.filter(state__in=dict(STEPS).get(wanted.step, (wanted.step,)))
    if wanted.kind:
        rows = rows.filter(Q(type=wanted.kind) | Q(type__parent=wanted.kind))
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    if wanted.source:
        rows = rows.filter(source=wanted.source)
    if wanted.area:
        rows = rows.filter(area__startswith=wanted.area)
    for word in wanted.text.split():
        rows = rows.filter(Q(number__iendswith=word) | Q(place__icontains=word) | Q(type__zh__icontains=word)
                           | Q(type__en__icontains=word))
    if wanted.sort == "new":
        return rows.order_by("-reported_at", "-id")
    return rows.order_by("due_at", "id") if wanted.show != "all" else rows.order_by("-reported_at", "-id")


def _shown(show: str, now: datetime) -> Q:
    day = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    if show == "late":
        return Q(state__in=WAITING, due_at__lt=now)
    if show == "due":
        return Q(state__in=WAITING, due_at__gte=now, due_at__lt=day + timedelta(days=1))
    if show == "new":
        return Q(reported_at__gte=day)
    return Q() if show == "all" else Q(state__in=WAITING)


WAITS = ("reported", "returned", "answered")  # for a step of the office itself


def set_down(areas: tuple[str, ...]) -> list[tuple[str, list[OfficeItem]]]:
    """What the offices of these areas themselves have set down, by kind: systems, rooms, equipment, tasks."""
    rows = list(OfficeItem.objects.filter(area__in=areas, active=True).order_by("area", "en"))
    found = [(str(label), [r for r in rows if r.kind == kind]) for kind, label in SET_DOWN.items()]
    return [(label, mine) for label, mine in found if mine]


def left_open(areas: tuple[str, ...], now: datetime) -> list[dict[str, Any]]:
    """Late, due today, or waiting for a step of the office: number, kind and state of each, the first to end first."""
    of = Q(state__in=WAITS) | _shown("late", now) | _shown("due", now)
    rows = Matter.objects.filter(of, in_areas("area", areas)).select_related("type").order_by("due_at", "id")
    return [{"id": str(m.id), "number": m.number, "zh": m.type.zh, "en": m.type.en, "state": m.state,
             "since": m.since.isoformat(), "late": bool(m.due_at and m.due_at < now)} for m in rows[:MOST_LEFT]]


MOST_LEFT = 200


def counts(areas: tuple[str, ...], now: datetime) -> dict[str, int]:
    """How many there are by state, and how many are late, due today and new today."""
    rows = Matter.objects.filter(in_areas("area", areas))
    unfiled = rows.filter(state__in=(*WAITING, "closed", "void"))  # most are filed, and need no count
    by_state = dict(unfiled.values_list("state").annotate(n=Count("id")).order_by())
    waiting = rows.filter(state__in=WAITING)
    told = waiting.aggregate(**{name: Count("id", filter=_shown(name, now)) for name in ("late", "due")})
    new = rows.filter(_shown("new", now)).count()
    return {**by_state, **told, "new": new, "open": sum(by_state.get(s, 0) for s in WAITING)}


def find(areas: tuple[str, ...], matter_id: UUID | str, *, reporter: str = "") -> Matter | None:
    """One that lies in these areas, or that `reporter` has reported."""
    seen = in_areas("area", areas) | (Q(reported_by=reporter) if reporter else Q(pk__in=[]))
    return Matter.objects.filter(seen, id=matter_id).select_related("type", "point", "main", "whole").first()


def pieces(whole: Matter) -> list[Matter]:
    """The parts of a split matter, in the order in which they were cut."""
    return list(Matter.objects.filter(whole=whole).select_related("type", "point").order_by("reported_at", "serial"))


def untouched(ids: Iterable[UUID]) -> list[UUID]:
    """Those of these matters that nobody has begun with."""
    return list(Matter.objects.filter(id__in=list(ids), state="reported").values_list("id", flat=True))


def numbers(ids: list[str]) -> dict[str, str]:
    return {str(i): n for i, n in Matter.objects.filter(id__in=ids).values_list("id", "number")}


@dataclass(frozen=True)
class Link:
    """A matter as another room shows it."""

    id: str
    number: str
    state: str


def of_call(call: UUID | str) -> Link | None:
    """The matter that a call became."""
    row = Matter.objects.filter(call=call).values_list("id", "number", "state").first()
    return Link(str(row[0]), row[1], row[2]) if row else None


@dataclass(frozen=True)
class Mediated:
    """A part of a matter that is mediated jointly, as the room that mediates needs it. `words`: the report."""

    task: str
    area: str
    place: str
    words: str


def mediated(matter: UUID | str, agency: str) -> Mediated | None:
    """The open part, with what the first report said. For a reaction alone, which makes of it a record that is sealed
    as the matter is."""
    task = JointTask.objects.select_related("matter").filter(
        matter_id=matter, joint="mediation", agency=agency, state__in=("set", "accepted")).first()
    if task is None:
        return None
    first = MatterWords.objects.filter(matter_id=matter, kind="report").order_by("at", "id").first()
    said = text_of(first) if first else ""
    return Mediated(str(task.id), task.matter.area, task.matter.place, said)


# ---- kinds and offices


def types() -> list[MatterType]:
    """Active kinds with their classes, in order of code."""
    return list(MatterType.objects.filter(active=True).order_by("code"))


def common(limit: int = 6) -> list[MatterType]:
    """The kinds reported most; until there are any, those that usually are."""
    most = (Matter.objects.filter(example=False, main=None).values_list("type").annotate(n=Count("id"))
            .order_by("-n", "type")[:limit])
    codes = list(dict.fromkeys([*(code for code, _n in most), *COMMON]))[:limit]
    found = MatterType.objects.filter(active=True, referral=False).exclude(parent="").in_bulk(codes)
    return [found[c] for c in codes if c in found]


def agencies() -> dict[str, str]:
    """Offices that can handle a matter, by code."""
    return {code: str(agency) for code, agency in agencies_by_code().items()}


LOCAL = "local"  # kind of the bodies of a place itself: street office, community, property company


def acts_for(who: Actor, agency: str, level: str = "") -> bool:
    """Whether somebody acts for this body: see `acting`."""
    return acting(who)(agency, level)


def acting(who: Actor) -> Callable[[str, str], bool]:
    """For which bodies somebody acts. An account of an agency acts for the one it has a seat at, and without a seat for
    none. Whoever belongs to no agency (grid workers, offices of communities and villages) acts for the bodies of the
    place, and settles what is settled in the community itself."""
    if who.everything:
        return lambda agency, level: True
    if own := linked.agency_of(who.id):
        return lambda agency, level: agency == own
    if who.may(linked.MAY_ANSWER):
        return lambda agency, level: False
    local = {code for code, agency in agencies_by_code().items() if agency.kind == LOCAL}
    return lambda agency, level: level == "community" or agency in local


@dataclass(frozen=True)
class PartFact:
    """A body's part of a matter, for lists of its own or of those it was told to. No words."""

    task: str
    matter: str
    number: str
    zh: str
    en: str
    joint: str
    agency: str
    state: str
    ends_at: datetime
    late: bool
    told: str


def parts(areas: tuple[str, ...], now: datetime, *, agency: str = "", told: str = "") -> list[PartFact]:
    """Open parts of one body, or those that are late and were told to the centre of a level, the first to end first."""
    rows = JointTask.objects.filter(in_areas("matter__area", areas), state__in=("set", "accepted"))
    rows = rows.filter(agency=agency) if agency else rows.filter(told=told)
    rows = rows.select_related("matter__type").order_by("ends_at", "id")[:MOST_LEFT]
    offices = agencies()
    return [PartFact(str(t.id), str(t.matter_id), t.matter.number, t.matter.type.zh, t.matter.type.en,
                     str(JOINT[t.joint]), offices.get(t.agency, t.agency),
                     cycle("joint_task").state_label(t.state), t.ends_at, t.ends_at < now, t.told) for t in rows]


def seat(area: str, level: str) -> str:
    """Path of the area whose centre settles matters of a level there: what a person must hold a permission in."""
    if level not in LEVEL_KIND:
        return area
    return next((a.area for a in places.above(area) if a.kind == LEVEL_KIND[level]), area)


def step_of(state: str, *, accepted: bool = True) -> int:
    """Which of the seven steps a matter waits for, 1–7; 8 when all are done."""
    if state == "rated":
        return 8
    return next((n for n, (_step, states) in enumerate(STEPS, 1) if state in states), 2 if accepted else 1)


# ---- repeats


@dataclass(frozen=True)
class Near:
    """A matter near a place that may be the same. same: of the same kind, not only of its class."""

    id: str
    number: str
    zh: str
    en: str
    place: str
    state: str
    reported_at: datetime
    away_m: int
    same: bool


def near(lon: float, lat: float, kind: str, now: datetime, *, areas: tuple[str, ...] = ("",), leave_out: str = "",
         limit: int = 6) -> list[Near]:
    """Matters of the kind or its class within `matter_near_m`, open or closed within a week: the same kind first, then
    the nearest."""
    within = float(setting("matter_near_m"))
    d_lat = within / METRES_LAT
    d_lon = d_lat / max(0.05, float(np.cos(np.radians(lat))))
    parent = kind[:3]
    rows = (Matter.objects.filter(in_areas("area", areas), type__parent=parent, main=None,
                                  lat__range=(lat - d_lat, lat + d_lat), lon__range=(lon - d_lon, lon + d_lon))
            .filter(Q(state__in=WAITING) | Q(state__in=("closed", "rated"), closed_at__gte=now - FRESH))
            .select_related("type"))
    found = []
    for row in rows.exclude(id=leave_out) if leave_out else rows:
        away = float(haversine_m(lon, lat, row.lon, row.lat))
        if away <= within:
            found.append(Near(str(row.id), row.number, row.type.zh, row.type.en, row.place, row.state, row.reported_at,
                              round(away), row.type_id == kind))
    return sorted(found, key=lambda n: (not n.same, n.away_m))[:limit]


# ---- one matter, and a month of them


def photos(matter: Matter) -> list[MatterPhoto]:
    return list(MatterPhoto.objects.filter(matter=matter).order_by("at", "id"))


def joint_tasks(matter: Matter) -> list[JointTask]:
    return list(JointTask.objects.filter(matter=matter).exclude(state="dropped").order_by("due_at", "id"))


@dataclass(frozen=True)
class Month:
    """The last 30 days. `off`: half the width of the 95 % interval of `in_time`, in points (Wilson 1927)."""

    filed: int
    answered: int
    in_time: float | None
    off: float
    hours: float | None  # half were answered within
    redone: int
    rated: int
    rating: float | None


def month(areas: tuple[str, ...], now: datetime) -> Month:
    rows = Matter.objects.filter(in_areas("area", areas), whole=None)  # a part is counted with its whole
    since = now - timedelta(days=30)
    done = rows.filter(answered_at__gte=since)
    told = done.aggregate(n=Count("id"), good=Count("id", filter=Q(in_time=True)),
                          redone=Count("id", filter=Q(redone__gt=0)))
    rated = rows.filter(closed_at__gte=since).aggregate(n=Count("rating"), mean=Avg("rating"))
    times = done.values_list("reported_at", "answered_at")
    spans = [(end - start).total_seconds() / 3600 for start, end in times if end]
    n, share = told["n"], told["good"] / told["n"] if told["n"] else None
    off = 100 * share_margin(told["good"], n)
    return Month(rows.filter(accepted_at__gte=since).count(), n, share, off, median(spans) if spans else None,
                 told["redone"], rated["n"], rated["mean"])


def points(areas: tuple[str, ...] = ("",)) -> list[ReportingPoint]:
    return list(ReportingPoint.objects.filter(in_areas("area", areas), active=True).order_by("code"))


def point(code: str) -> ReportingPoint | None:
    return ReportingPoint.objects.filter(code=code, active=True).first() if code else None
