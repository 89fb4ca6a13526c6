"""Places that were to be seen, and were: check points, and the stops of tours. Places, never people. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Q

from shouwang.desk.log.seal import Destroyed, unseal
from shouwang.desk.patrol import told
from shouwang.desk.patrol.models import SeenHour
from shouwang.desk.people.access import in_areas

from .models import CheckPoint, DutyNote, Visit

DAYS = 7
NOTES_SHOWN = 100
POINTS_ON_PHONE = 300


@dataclass(frozen=True)
class PointRow:
    """A check point with how often it was to be seen in the days shown, and was."""

    it: CheckPoint
    wanted: int
    seen: int
    last: datetime | None

    @property
    def share(self) -> float:
        return min(1.0, self.seen / self.wanted)


@dataclass(frozen=True)
class NoteRow:
    at: datetime
    unit: UUID | None  # None: written at a post
    text: str  # "" once it is deleted


def points(areas: Sequence[str], now: datetime, *, days: int = DAYS) -> list[PointRow]:
    """The check points of these areas, the least seen first."""
    since = now - timedelta(days=days)
    counted = CheckPoint.objects.filter(in_areas("area", tuple(areas)), active=True).annotate(
        seen=Count("visits", filter=Q(visits__at__gt=since)), last=Max("visits__at"))
    rows = []
    for row in counted:
        stood = min(float(days), (now - row.made_at).total_seconds() / 86400)  # a new one was not wanted before
        rows.append(PointRow(row, max(1, round(stood * row.per_day)), row.seen, row.last))
    return sorted(rows, key=lambda r: (r.share, r.it.code))


def stops(areas: Sequence[str], now: datetime, *, days: int = DAYS) -> list[told.PlaceSeen]:
    """The stops of approved tours that were due in these days, the least seen first."""
    return told.places_seen(areas, now - timedelta(days=days), now)


def hours(areas: Sequence[str], now: datetime, *, days: int = DAYS) -> tuple[float | None, float | None]:
    """The mean share of streets seen an hour (见警率), as the plans expected it and as it was, over hours with both."""
    found = SeenHour.objects.filter(start__gte=now - timedelta(days=days), expected__isnull=False)
    rows = [(r.expected, r.achieved) for r in found
            if r.expected is not None and any(r.area.startswith(a) or a.startswith(r.area) for a in areas)]
    if not rows:
        return None, None
    return sum(e for e, _a in rows) / len(rows), sum(a for _e, a in rows) / len(rows)


def notes(areas: Sequence[str], now: datetime, *, days: int = 3) -> list[NoteRow]:
    """What members wrote down lately, the newest first. By unit: who wrote it stands in the log."""
    found = DutyNote.objects.filter(in_areas("area", tuple(areas)), at__gt=now - timedelta(days=days))
    return [NoteRow(n.at, n.unit, _words(n)) for n in found.order_by("-at")[:NOTES_SHOWN]]


def own_notes(user: str, now: datetime) -> list[NoteRow]:
    found = DutyNote.objects.filter(by=user, at__gt=now - timedelta(hours=24)).order_by("-at")
    return [NoteRow(n.at, n.unit, _words(n)) for n in found]


def on_beat(areas: Sequence[str], now: datetime) -> list[PointRow]:
    """The check points that a member may see, with how often they were seen today."""
    return points(areas, now, days=1)[:POINTS_ON_PHONE]


def point(code: str) -> CheckPoint | None:
    return CheckPoint.objects.filter(code=code).first()


def point_names(ids: Iterable[str]) -> dict[str, str]:
    return {str(p.id): str(p) for p in CheckPoint.objects.filter(id__in=list(ids))}


def points_in(paths: Sequence[str]) -> dict[str, int]:
    """How many check points lie in exactly each of these areas."""
    rows = CheckPoint.objects.filter(area__in=list(paths), active=True).values_list("area").order_by()
    return dict(rows.annotate(n=Count("id")))


def visits_of(point_id: UUID, since: datetime) -> list[datetime]:
    return list(Visit.objects.filter(point=point_id, at__gt=since).order_by("-at").values_list("at", flat=True))


def _words(row: DutyNote) -> str:
    try:
        return unseal(row.id, "text", bytes(row.text)) if row.text else ""
    except Destroyed:
        return ""
