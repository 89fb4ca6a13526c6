"""Counts, once an hour is over, 见警率 (how much of the streets was really seen) and patrol time (how long patrols, and
those who man a post without a unit, were in which community). A worker does it.

Tracks are read for the sums alone: what is kept names streets and communities, no unit and nobody of its crew. Tracks
go on schedule.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Q

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.actor import system
from shouwang.desk.log.writing import writing
from shouwang.desk.places import facts as places
from shouwang.desk.roster import facts as rosters
from shouwang.desk.units.models import Duty
from shouwang.tables.live import Position, tracks_of

from . import facts, shifts
from .actions import VIEW
from .advice import seeing
from .models import Forecast, PatrolHour, Plan, SeenHour

LATE = timedelta(hours=1)
"""Positions may come in so late: an hour is counted when no more can."""
BACK = timedelta(hours=48)
FEWEST = 3
"""Of fewer units and posts at once it is not kept where they were: it would follow single crews."""
CENTRE = system("patrol")


def run_one(now: datetime) -> bool:
    """Counts the oldest hour of the last two days that is not counted yet. False when there was nothing to count."""
    return any(
        _oldest(district.area, model, count, now)
        for district in places.areas("district")
        for model, count in ((SeenHour, _count), (PatrolHour, _time))
    )


def _oldest(
    area: str, model: type[SeenHour] | type[PatrolHour], count: Callable[[str, datetime, datetime], bool], now: datetime
) -> bool:
    last = (now - LATE).replace(minute=0, second=0, microsecond=0) - facts.HOUR
    known = set(model.objects.filter(area=area, start__gt=now - BACK).values_list("start", flat=True))
    hours = int(BACK / facts.HOUR) - 1
    return any(
        start not in known and count(area, start, now)
        for start in (last - n * facts.HOUR for n in reversed(range(hours)))
    )


def _count(area: str, start: datetime, now: datetime) -> bool:
    """Counts one hour and stores it. False where no forecast tells what the streets weigh, or nobody was on duty."""
    found = _weighed(area, start)
    tracks = list(_tracks(area, start).values()) if found else []
    if found is None or not tracks:
        return False
    forecast, (begins, ends), expected = found
    seen = seeing.seen_in(forecast, (begins, ends), start, tracks)
    network = places.network()
    try:
        with writing(actor=CENTRE, now=now) as log:
            row = SeenHour.objects.create(
                area=area, start=start, expected=expected, achieved=seen.share, streets=seen.streets,
                network=network.id if network else None, forecast=forecast.id,
            )  # fmt: skip
            log.append(
                "seen.counted",
                subject=("area", area),
                area=area,
                may=VIEW,
                payload={"hour": start.isoformat(), "achieved": round(row.achieved, 4), "expected": expected},
            )
    except IntegrityError:  # another worker was faster
        return False
    return True


def _weighed(area: str, start: datetime) -> tuple[Forecast, tuple[datetime, datetime], float | None] | None:
    """The forecast whose calls weigh the streets, the shift it is asked for, and the share by the approved plan."""
    plan = Plan.objects.filter(area=area, state="approved", shift_start__lte=start, shift_end__gt=start).first()
    if plan is not None:
        told = (plan.figures.get("tours") or {}).get("seen", [])
        hour = int((start - plan.shift_start) / facts.HOUR)
        return plan.forecast, (plan.shift_start, plan.shift_end), told[hour] if hour < len(told) else None
    forecast = Forecast.objects.filter(area=area, origin__lte=start).order_by("-made_at").first()
    if forecast is None or start >= forecast.origin + forecast.hours * facts.HOUR:
        return None
    shift = shifts.coming(start)[0]
    return forecast, (shift.start, shift.end), None


def _time(area: str, start: datetime, now: datetime) -> bool:
    """Counts the patrol time of one hour and stores it. False where nobody was on duty."""
    tracks, posts = _tracks(area, start, seeing.MARGIN), rosters.manned(area, start, start + facts.HOUR)
    if not (tracks or posts):
        return False
    busy: dict[str, list[tuple[datetime, datetime]]] = {}
    for task in calls.tasks_between(map(UUID, tracks), start, start + facts.HOUR):
        busy.setdefault(str(task.unit), []).append((task.assigned_at, task.ended_at or now))
    placed = len(tracks) + len(posts) >= FEWEST
    on_tour = seeing.minutes_in(start, tracks, busy, placed=placed)
    at_posts = seeing.minutes_at([(p.lon, p.lat, p.spans) for p in posts], start, now, placed=placed)
    minutes = {path: round(on_tour.get(path, 0.0) + at_posts.get(path, 0.0), 2) for path in on_tour | at_posts}
    try:
        with writing(actor=CENTRE, now=now) as log:
            PatrolHour.objects.create(area=area, start=start, minutes=minutes, at_posts=at_posts)
            log.append(
                "patrol.timed",
                subject=("area", area),
                area=area,
                may=VIEW,
                payload={"hour": start.isoformat(), "minutes": round(sum(minutes.values()), 1)},
            )
    except IntegrityError:  # another worker was faster
        return False
    return True


def _tracks(area: str, start: datetime, margin: timedelta = timedelta()) -> dict[str, list[Position]]:
    """By unit, where the patrols of a district were in an hour and `margin` around it, as far as they were on duty and
    had positions in the hour itself."""
    end = start + facts.HOUR
    on_duty = Duty.objects.filter(Q(off_at__isnull=True) | Q(off_at__gt=start), on_at__lt=end)
    units = {u.id for u in facts.units_of(area)} & {str(u) for u in on_duty.values_list("unit", flat=True)}
    found = {}
    for unit in sorted(units):
        track = [p for p in tracks_of(settings.CONFIG, unit, start - margin, end + margin) if not p.jump]
        if any(start <= p.at < end for p in track):
            found[unit] = track
    return found
