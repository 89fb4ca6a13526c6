"""How long tracks and access events are kept: the periods are settings of the centre."""
from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings as desk

from shouwang.desk.log import retention
from shouwang.desk.log.seal import keys
from shouwang.tables.live import delete_tracks_before

from .settings import get

TRACK_COPY = "tracks/"  # copies of tracks in backups are sealed under a key per day, with this name


def delete_tracks(now: datetime) -> int:
    """Raw tracks after `track_days`, in backups too: there their day's key goes."""
    before = now - timedelta(days=get("track_days"))
    if retention.held("tracks", now):
        return 0
    gone = delete_tracks_before(desk.CONFIG, before)
    keys().destroy(keys().older(TRACK_COPY, TRACK_COPY + before.date().isoformat()))
    return gone


def prune_access(now: datetime) -> int:
    return retention.prune_access(now, days=get("access_days"))


def load() -> None:
    retention.register("tracks", delete_tracks)
    retention.register("access events", prune_access)
