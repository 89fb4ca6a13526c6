"""What this room does by itself: once a day, in the small hours, it measures how busy units are and how long calls
take, and learns from the drives to calls how slow streets are."""
from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from shouwang.desk.log.actor import system
from shouwang.desk.workflow.settings import get as setting

from . import actions, facts

MEASURED_AT = 3  # o'clock, local: before the night's forecast and plans
CENTRE = system("calls")


def run_one(now: datetime) -> bool:
    """Measures if this day's measuring is due. Always False: there is nothing more to do at once."""
    local = now.astimezone(ZoneInfo(setting("time_zone")))
    due = local.replace(hour=MEASURED_AT, minute=0, second=0, microsecond=0)
    last = facts.measured_at()
    if local >= due and (last is None or last < due):
        actions.measure(actor=CENTRE, now=now)
        actions.learn_pace(actor=CENTRE, now=now)
    return False
