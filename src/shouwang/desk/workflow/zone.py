"""The district's clock. A page shows it anyway; rules ask here, for a worker's clock and an API client's are others."""
from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from .settings import get


def zone() -> ZoneInfo:
    return ZoneInfo(get("time_zone"))


def local(at: datetime) -> datetime:
    """The same moment as the district's clocks show it."""
    return at.astimezone(zone())


def day_of(at: datetime) -> date:
    """The district's day of a moment."""
    return local(at).date()
