"""What the worker does by itself: alarms for what is late, and what is deleted on schedule."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from shouwang.desk.log.actor import system
from shouwang.desk.log.retention import held
from shouwang.desk.log.seal import keys
from shouwang.desk.log.writing import writing
from shouwang.desk.workflow.settings import get as setting

from .. import facts
from ..facts import MAY_SEE
from ..models import Command, Item, Major
from .common import SUBJECT, tell
from .work import named

CENTRE = system("events")


def late_due(now: datetime) -> int:
    """Raises the alarm for tasks past their time and for command that nobody took, each once. Returns how many."""
    found = 0
    late = Item.objects.filter(state__in=("open", "doing"), due_at__lt=now, late_at__isnull=True, event__state="active")
    for item in late.select_related("event"):
        with writing(actor=CENTRE, now=now) as log:
            mine = Item.objects.filter(id=item.id, version=item.version, late_at__isnull=True)
            if mine.update(late_at=now, version=F("version") + 1):
                tell(log, item.event, "event.item_late", named(item))
                found += 1
    for command in facts.waiting_commands(now):
        with writing(actor=CENTRE, now=now) as log:
            if Command.objects.filter(id=command.id, state=command.state, late_at__isnull=True).update(late_at=now):
                tell(log, command.event, "event.command_late", plan_role=command.role)
                found += 1
    return found


def words_due(now: datetime) -> int:
    """Destroys the keys of what was said about events that ended longer ago than words are kept. Times, counts and
    signatures stay."""
    if "*" in (kept := held(SUBJECT, now)):
        return 0
    before = now - timedelta(days=int(setting("sealed_days")))
    due = list(Major.objects.filter(ended_at__lt=before, words_deleted_at__isnull=True).exclude(id__in=kept))
    keys().destroy(str(event.id) for event in due)  # first: a crash in between only does it again
    for event in due:
        with writing(actor=system("retention"), now=now) as log:
            Major.objects.filter(id=event.id).update(words_deleted_at=now)
            log.append("event.words_deleted", subject=(SUBJECT, event.id), area=event.area, may=MAY_SEE)
    return len(due)
