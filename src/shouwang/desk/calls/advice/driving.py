"""What the drives of units to calls say of the streets: factors by class and hour of the week. Tracks are read for that
alone; what comes out names no unit and no drive."""
from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings

from shouwang.desk.places import facts as places
from shouwang.desk.units.models import Unit
from shouwang.desk.workflow.defaults import table
from shouwang.desk.workflow.settings import get_many
from shouwang.engine.geo.drives import Drive, Learned, driven, learn
from shouwang.engine.geo.travel import Travel
from shouwang.tables.live import tracks_of

from ..models import Assignment

DRIVES = ("car", "motorcycle")
LONGEST = timedelta(hours=1)  # a drive to a call that takes longer was interrupted


def learned(now: datetime) -> Learned:
    """Factors from the drives to calls whose tracks are still there: from setting out to being at the scene, of units
    that drive. Replayed calls and units of the example drive on paper and are left out. Raises NoAnswer without
    streets."""
    chosen = get_many("time_zone", "track_days")
    zone, streets = ZoneInfo(chosen["time_zone"]), places.streets()
    modes = {row["code"]: row["travel_mode"] for row in table("unit_kinds")}
    units = {unit for unit, kind in Unit.objects.filter(example=False).values_list("id", "kind")
             if modes.get(kind) in DRIVES}
    rows = Assignment.objects.filter(
        call__drill=False, enroute_at__gte=now - timedelta(days=chosen["track_days"]), on_scene_at__lte=now,
    ).order_by("enroute_at", "id").values_list("unit", "enroute_at", "on_scene_at")
    drives = []
    for unit, start, end in rows:
        if unit in units and start is not None and end is not None and start < end <= start + LONGEST:
            track = [p for p in tracks_of(settings.CONFIG, str(unit), start, end) if not p.jump]
            local = start.astimezone(zone)
            drives.append(Drive(
                np.array([p.lon for p in track], float), np.array([p.lat for p in track], float),
                np.array([p.at_ms / 1000 for p in track], float), local.weekday() * 24 + local.hour))
    return learn(streets, driven(Travel(streets), drives))
