"""Ends what a person has open: sessions here, and by the event the live streams in the other process."""
from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from shouwang.desk.log.writing import Log


def end_access(log: Log, user_id: object, why: str, *, sessions: bool = True) -> None:
    """In the transaction under way. `sessions=False`: pages stay open, streams come back with the new rights."""
    if sessions:
        Session.objects.filter(session_key__in=_sessions_of(str(user_id))).delete()
    log.append("access.ended", subject=("user", user_id), payload={"why": why})


def _sessions_of(user_id: str) -> list[str]:
    open_now = Session.objects.filter(expire_date__gte=timezone.now())
    return [s.session_key for s in open_now.iterator() if s.get_decoded().get(SESSION_KEY) == user_id]
