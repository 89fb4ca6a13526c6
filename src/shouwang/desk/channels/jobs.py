"""What the worker does for this room."""
from __future__ import annotations

from datetime import datetime

from .actions import draw, fetch_mail, items, rings, send_due, take_in, visits, watch_line
from .outside import carriers


def hear(now: datetime) -> bool:
    """The exchange: what it told, and whether it is heard."""
    return take_in(now) > 0 or watch_line(now)


def look(now: datetime) -> bool:
    """Claims that lapsed, replies that wait."""
    items.lapse(now)
    rings.lapse(now)
    visits.lapse(now)
    send_due(now, carriers())
    return False


def mail(now: datetime) -> bool:
    return fetch_mail(now) > 0


def lots(now: datetime) -> bool:
    draw(now)
    return False
