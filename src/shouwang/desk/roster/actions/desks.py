"""Desks that have fewer people on duty than their watch: told once when it lasts, and again when it is mended."""

from __future__ import annotations

from datetime import datetime, timedelta

from shouwang.desk.log.actor import system
from shouwang.desk.log.writing import Log, writing

from .. import facts
from ..models import DeskGap
from ..terms import DESK_WATCH

CLOCK = system("rosters")
LASTS = timedelta(minutes=5)  # while one watch takes over from another there may be one for a moment


def watch_desks(now: datetime) -> int:
    """Looks at every desk that has a watch. Returns how many were told or taken back."""
    there = facts.desks(now)
    known = {gap.area: gap for gap in DeskGap.objects.filter(until=None)}
    short = {area for area, n in there.items() if n < DESK_WATCH}
    DeskGap.objects.bulk_create((DeskGap(area=area, since=now) for area in short - known.keys()), ignore_conflicts=True)
    done = 0
    for area, gap in known.items():
        if area not in short:
            done += _over(gap, now, there.get(area, 0))
        elif gap.told_at is None and gap.since <= now - LASTS:
            with writing(actor=CLOCK, now=now) as log:
                if DeskGap.objects.filter(id=gap.id, told_at=None, until=None).update(told_at=now):
                    _tell(log, gap, "roster.desk_short", there[area])
                    done += 1
    return done


def _over(gap: DeskGap, now: datetime, here: int) -> int:
    """A gap that nobody was told of leaves nothing."""
    if DeskGap.objects.filter(id=gap.id, told_at=None).delete()[0]:
        return 0
    with writing(actor=CLOCK, now=now) as log:
        ended = DeskGap.objects.filter(id=gap.id, until=None).update(until=now)
        if ended:
            _tell(log, gap, "roster.desk_full", here)
    return ended


def _tell(log: Log, gap: DeskGap, kind: str, here: int) -> None:
    log.append(kind, subject=("areas", gap.area), area=gap.area, may=facts.EDIT,
               payload={"here": here, "needed": DESK_WATCH})
