"""Units as plain values."""
from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max, Q

from shouwang.desk.log.gate import in_areas
from shouwang.desk.workflow.settings import get_many
from shouwang.tables.live import Position, Rules, last_positions, tracks_of

from .models import Duty, StandBy, Unit
from .tasks import Task, tasks_of

TRACK_STEP = timedelta(seconds=10)  # between two points of a track as it is told, at least
ON_SCENE = ("on_scene", "transporting")
OFF = ("off_duty", "out_of_service")
FREE = ("available", "at_post", "on_break")  # a unit in one of these can be assigned


@dataclass(frozen=True)
class UnitFact:
    id: UUID
    code: str
    zh: str
    en: str
    kind: str
    letter: str
    service: str
    capabilities: tuple[str, ...]
    area: str
    lon: float  # where it stands when nothing newer is known
    lat: float
    state: str
    turnout_s: int

    @property
    def free(self) -> bool:
        return self.state in FREE


@dataclass(frozen=True)
class Standing:
    """Where a unit is: its newest position with its age, else its post (no age). `jump`: it cannot have come there."""

    lon: float
    lat: float
    age_s: float | None
    jump: bool = False


def last_seen(unit_ids: Collection[str] | None = None) -> dict[str, Position]:
    """unit id → where it is, of several sources the one that the settings put first, for those on duty that told it."""
    chosen = get_many("position_terminal_first", "position_fresh_s", "position_jump_kmh")
    return last_positions(settings.CONFIG, unit_ids, Rules(*chosen.values()))


def standing(units: Sequence[UnitFact], now: datetime) -> list[Standing]:
    """Where these units are."""
    seen = last_seen([str(u.id) for u in units])
    at = [seen.get(str(u.id)) for u in units]
    return [Standing(p.lon, p.lat, max(0.0, (now - p.at).total_seconds()), p.jump) if p else
            Standing(u.lon, u.lat, None) for u, p in zip(units, at, strict=True)]


def unit_of_user(user_id: str) -> str:
    """The unit a person is clocked on with now, "" for none."""
    found = Duty.objects.filter(user=user_id, off_at__isnull=True).values_list("unit_id", flat=True).first()
    return str(found) if found else ""


def crew_of(unit_id: UUID) -> list[str]:
    """Ids of the users clocked on with the unit now."""
    open_duties = Duty.objects.filter(unit=unit_id, off_at__isnull=True).order_by("on_at")
    return [str(user) for user in open_duties.values_list("user", flat=True)]


def crews_of(unit_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The same of many units; one that nobody is clocked on with is left out."""
    found: dict[UUID, list[str]] = {}
    rows = Duty.objects.filter(unit__in=list(unit_ids), off_at__isnull=True).order_by("on_at")
    for unit, user in rows.values_list("unit_id", "user"):
        found.setdefault(unit, []).append(str(user))
    return found


def crew_sizes(unit_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many are in the crew of each unit, by its kind."""
    return dict(Unit.objects.filter(id__in=list(unit_ids)).values_list("id", "kind__crew_default"))


def usual_services(user_ids: Iterable[str]) -> dict[str, str]:
    """The service of the unit that each was last clocked on with; who never was is left out."""
    rows = Duty.objects.filter(user__in=list(user_ids))
    last = dict(rows.values_list("user").annotate(last=Max("on_at")))
    told = rows.filter(on_at__in=set(last.values())).values_list("user", "on_at", "unit__kind__service")
    return {str(user): service for user, at, service in told if last[user] == at}


def on_duty_spans(
    user_ids: Iterable[str], since: datetime, until: datetime
) -> dict[str, list[tuple[datetime, datetime | None]]]:
    """By user, the spans that touch since … until in which they were clocked on, in order; None: they still are."""
    found: dict[str, list[tuple[datetime, datetime | None]]] = {}
    rows = Duty.objects.filter(user__in=list(user_ids), on_at__lt=until).exclude(off_at__lt=since).order_by("on_at")
    for user, on_at, off_at in rows.values_list("user", "on_at", "off_at"):
        found.setdefault(str(user), []).append((on_at, off_at))
    return found


@dataclass(frozen=True)
class DutyTrack:
    """One turn in the duty ledger, and where its unit was meanwhile: (when, longitude, latitude)."""

    id: UUID
    unit: str
    on_at: datetime
    off_at: datetime | None
    points: list[tuple[datetime, float, float]]


def track_of(user: str, since: datetime, now: datetime, duty: UUID | None = None) -> list[DutyTrack]:
    """A member's turns since a moment, or one of them, the newest first, with the track of each. What their units did
    while they were off duty is not theirs, and not told."""
    rows = Duty.objects.filter(user=user, on_at__lt=now).exclude(off_at__lt=since).select_related("unit")
    found = []
    for row in (rows if duty is None else rows.filter(id=duty)).order_by("-on_at"):
        points: list[tuple[datetime, float, float]] = []
        for p in tracks_of(settings.CONFIG, str(row.unit_id), max(since, row.on_at), row.off_at or now):
            if not points or p.at - points[-1][0] >= TRACK_STEP:
                points.append((p.at, round(p.lon, 5), round(p.lat, 5)))
        found.append(DutyTrack(row.id, str(row.unit), row.on_at, row.off_at, points))
    return found


def on_duty_since(unit_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Of these units that have somebody clocked on, when the first of them did."""
    open_duties = Duty.objects.filter(unit__in=list(unit_ids), off_at__isnull=True)
    return dict(open_duties.order_by("-on_at").values_list("unit_id", "on_at"))


def duty_between(unit_ids: Iterable[UUID], start: datetime, until: datetime,
                 ) -> dict[UUID, list[tuple[datetime, datetime | None]]]:
    """When somebody was clocked on with each of these units, for spans that touch a time: from and until. Not who."""
    rows = Duty.objects.filter(Q(off_at__isnull=True) | Q(off_at__gt=start), unit__in=list(unit_ids), on_at__lt=until)
    found: dict[UUID, list[tuple[datetime, datetime | None]]] = {}
    for unit, on_at, off_at in rows.order_by("on_at").values_list("unit_id", "on_at", "off_at"):
        found.setdefault(unit, []).append((on_at, off_at))
    return found


@dataclass(frozen=True)
class StandByFact:
    """Where a unit is asked to wait. `seen`: its crew has said so."""

    id: UUID
    zh: str
    en: str
    lon: float
    lat: float
    asked_at: datetime
    seen: bool


def stand_bys(unit_ids: Iterable[UUID]) -> dict[UUID, StandByFact]:
    """The open stand-by of each of these units that has one."""
    rows = StandBy.objects.filter(unit__in=list(unit_ids), ended_at__isnull=True)
    return {r.unit_id: StandByFact(r.id, r.zh, r.en, r.lon, r.lat, r.asked_at, r.seen_at is not None) for r in rows}


def dismissed_since(since: datetime) -> set[UUID]:
    """Units that the desk was advised to move and would not, since a moment."""
    return set(StandBy.objects.filter(dismissed=True, asked_at__gt=since).values_list("unit_id", flat=True))


def units(*, areas: tuple[str, ...] = ("",), ids: Iterable[UUID] | None = None) -> list[UnitFact]:
    """Active units of these areas, by code."""
    rows = Unit.objects.filter(in_areas("area", areas), active=True).order_by("code")
    if ids is not None:
        rows = rows.filter(id__in=list(ids))
    return [_fact(*values) for values in rows.values_list(*_COLUMNS)]


def _fact(*values: Any) -> UnitFact:
    return UnitFact(**dict(zip(_FIELDS, values, strict=True)) | {"capabilities": tuple(values[7])})


# As plain tuples: a recommendation reads every unit, and rows as objects would cost it half its time.
_COLUMNS = ("id", "code", "zh", "en", "kind_id", "kind__letter", "kind__service", "capabilities", "area", "lon", "lat",
            "state", "kind__turnout_s")
_FIELDS = tuple(f.name for f in fields(UnitFact))


def shown(state: str, stage: str = "") -> str:
    """How screens draw a unit: free, post, route, scene, busy or off."""
    if state in OFF:
        return "off"
    if state == "busy" and stage:
        return "scene" if stage in ON_SCENE else "route"
    return {"available": "free", "at_post": "post"}.get(state, "busy")


def card(unit: Unit, task: Task | None = None, waits: StandByFact | None = None) -> dict[str, Any]:
    """What live screens show of a unit. `waits`: where it is asked to stand by."""
    return {
        "id": str(unit.id), "code": unit.code, "zh": unit.zh, "en": unit.en, "service": unit.kind.service,
        "letter": unit.kind.letter, "kind": unit.kind_id, "kind_zh": unit.kind.zh, "kind_en": unit.kind.en,
        "state": unit.state, "shown": shown(unit.state, task.stage if task else ""), "since": iso(unit.state_since),
        "area": unit.area, "panic": unit.panic_since is not None, "call": task.call if task else None,
        "lon": unit.lon, "lat": unit.lat, "example": unit.example,
        "stand_by": {"zh": waits.zh, "en": waits.en, "lon": waits.lon, "lat": waits.lat, "seen": waits.seen}
        if waits else None,
    }


def cards(*, areas: tuple[str, ...]) -> list[dict[str, Any]]:
    """Every active unit of these areas as its card."""
    rows = list(Unit.objects.filter(in_areas("area", areas), active=True).select_related("kind").order_by("code"))
    ids = [u.id for u in rows]
    tasks, waits = tasks_of(ids), stand_bys(ids)
    return [card(u, tasks.get(u.id), waits.get(u.id)) for u in rows]


def card_of(unit: Unit) -> dict[str, Any]:
    """The card of one unit as it stands now."""
    return card(unit, tasks_of([unit.id]).get(unit.id), stand_bys([unit.id]).get(unit.id))


def iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
