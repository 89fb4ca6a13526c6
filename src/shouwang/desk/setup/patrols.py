"""Invented patrol time of an example district: the last sixteen weeks, hour by hour, as if patrols kept to where people
live. All marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from shouwang.desk.norms import facts as norms
from shouwang.desk.patrol.models import PatrolHour
from shouwang.desk.places.models import Area

from .example import Example

WEEKS = 16
UNITS = (30, 18)  # out by day, and from 22:00 to 06:00
PART_MIN = 12  # spent in one community before the next
FREE = 0.75  # of the time, without a call
DRIFT = 0.15  # how far a community's share moves in a week


def invent(example: Example, areas: Sequence[Area], now: datetime) -> int:
    """Patrol time up to the hour under way. Returns of how many hours."""
    rng = np.random.default_rng([example.seed, 9])
    top = f"{example.code}/"
    paths = [a.path for a in areas if a.kind == "community"]
    people = norms.residents(top, now.date())
    share = np.array([float(people.get(path, 1)) for path in paths])
    last = now.replace(minute=0, second=0, microsecond=0)
    zone, rows = ZoneInfo(example.time_zone), []
    for n in reversed(range(WEEKS * 7 * 24)):
        if n % (7 * 24) == 0:
            share = share * rng.lognormal(0.0, DRIFT, share.size)
        start = last - timedelta(hours=n + 1)
        quiet = start.astimezone(zone).hour in (22, 23, 0, 1, 2, 3, 4, 5)
        parts = rng.multinomial(int(UNITS[quiet] * 60 * FREE / PART_MIN), share / share.sum())
        spent = {path: int(part) * PART_MIN for path, part in zip(paths, parts, strict=True) if part}
        rows.append(PatrolHour(area=top, start=start, minutes=spent, example=True))
    PatrolHour.objects.bulk_create(rows, batch_size=500)
    return len(rows)
