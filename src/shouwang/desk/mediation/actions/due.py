"""What the centre does by itself: tells whose time is over, deletes on schedule."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from shouwang.desk.log.actor import system
from shouwang.desk.log.retention import held
from shouwang.desk.log.seal import keys
from shouwang.desk.log.writing import writing
from shouwang.desk.workflow.settings import get as setting

from ..models import OVER, Agreement, DisputeWords, Mediation, Party, Session, Visit
from ..terms import REGISTER, WAITING
from .common import append, change

CENTRE = system("mediation")
BATCH = 200


def watch(now: datetime) -> bool:
    """Once for each step whose time is over: the entry "late". True while there is more."""
    late = list(Mediation.objects.filter(state__in=WAITING, due_at__lt=now, late_at=None).order_by("due_at")[:BATCH])
    for found in late:
        with writing(actor=CENTRE, now=now) as log:
            row = Mediation.objects.select_for_update(of=("self",)).get(id=found.id)
            if row.late_at or row.due_at is None or row.due_at >= now or row.state not in WAITING:
                continue
            change(row, late_at=now)
            append(log, "mediation.late", row, state=row.state)
    return len(late) == BATCH


def sealed_due(now: datetime) -> int:
    """Destroys the keys of cases over for more than `mediation_days`: who quarrelled and what was said is then
    unreadable everywhere, in every backup too. Kind, body, steps and times stay for the figures."""
    before = now - timedelta(days=setting("mediation_days"))
    kept = held("mediation", now)
    if "*" in kept:
        return 0
    due = list(Mediation.objects.filter(state__in=OVER, closed_at__lt=before, sealed_deleted_at=None, example=False)
               .exclude(id__in=kept).values_list("id", "area"))
    for start in range(0, len(due), BATCH):
        _delete(due[start : start + BATCH], now)
    return len(due)


def _delete(batch: list[tuple[UUID, str]], now: datetime) -> None:
    ids = [case for case, _area in batch]
    keys().destroy(str(case) for case in ids)  # first: a crash in between only does it again
    with writing(actor=system("retention"), now=now) as log:
        Party.objects.filter(mediation__in=ids).delete()
        DisputeWords.objects.filter(mediation__in=ids).delete()
        Session.objects.filter(mediation__in=ids).update(minutes=b"")
        Agreement.objects.filter(mediation__in=ids).update(terms=b"")
        Visit.objects.filter(mediation__in=ids).update(text=b"")
        Mediation.objects.filter(id__in=ids).update(sealed_deleted_at=now)
        for case, area in batch:
            log.append("mediation.words_deleted", subject=("mediation", case), area=area, may=REGISTER)
