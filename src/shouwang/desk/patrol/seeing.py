"""Counts 见警率 once an hour is over: how much of the streets was really seen. A worker does it.

Tracks are read for the sum alone: what is kept names streets, no unit and nobody of its crew. Tracks go on schedule.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Q

from shouwang.desk.log.actor import system
from shouwang.desk.log.writing import writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.models import Duty
from shouwang.tables.live import Position, tracks_of

from . import facts, shifts
from .actions import VIEW
from .advice import seeing
from .models import Forecast, Plan, SeenHour

LATE = timedelta(hours=1)
"""Positions may come in so late: an hour is counted when no more can."""
BACK = timedelta(hours=48)
CENTRE = system("patrol")


def run_one(now: datetime) -> bool:
    """Counts the oldest hour of the last two days that is not counted yet. False when there was nothing to count."""
    last = (now - LATE).replace(minute=0, second=0, microsecond=0) - facts.HOUR
    for district in places.areas("district"):
        known = set(SeenHour.objects.filter(area=district.area, start__gt=now - BACK).values_list("start", flat=True))
        hours = int(BACK / facts.HOUR) - 1
        for start in (last - n * facts.HOUR for n in reversed(range(hours))):
            if start not in known and _count(district.area, start, now):
                return True
    return False


def _count(area: str, start: datetime, now: datetime) -> bool:
    """Counts one hour and stores it. False where no forecast tells what the streets weigh, or nobody was on duty."""
    found = _weighed(area, start)
    tracks = _tracks(area, start) if found else []
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


def _tracks(area: str, start: datetime) -> list[list[Position]]:
    """Where the patrols of a district were in an hour, as far as they were on duty."""
    end = start + facts.HOUR
    on_duty = Duty.objects.filter(Q(off_at__isnull=True) | Q(off_at__gt=start), on_at__lt=end)
    units = {u.id for u in facts.units_of(area)} & {str(u) for u in on_duty.values_list("unit", flat=True)}
    tracks = ([p for p in tracks_of(settings.CONFIG, unit, start, end) if not p.jump] for unit in sorted(units))
    return [track for track in tracks if track]
