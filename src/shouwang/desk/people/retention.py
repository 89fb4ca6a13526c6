"""Sessions and counted sign-in failures go as soon as they have served."""
from __future__ import annotations

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session

ATTEMPTS_KEPT = timedelta(hours=24)


def delete_sessions(now: datetime) -> int:
    gone: int = Session.objects.filter(expire_date__lt=now).delete()[0]
    attempts: int = AccessAttempt.objects.filter(attempt_time__lt=now - ATTEMPTS_KEPT).delete()[0]
    return gone + attempts
