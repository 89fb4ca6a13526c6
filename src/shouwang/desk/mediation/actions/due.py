"""What the centre does by itself: tells whose time is over, deletes on schedule."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shouwang.desk.log.actor import system
from shouwang.desk.log.retention import held
from shouwang.desk.log.seal import keys
from shouwang.desk.log.writing import writing
from shouwang.desk.workflow.records import BATCH, change, late, sealed_over, still_late
from shouwang.desk.workflow.settings import get as setting

from ..models import OVER, Agreement, DisputeWords, Mediation, Party, Session, Visit
from ..terms import REGISTER, WAITING
from .common import append

CENTRE = system("mediation")


def watch(now: datetime) -> bool:
    """Once for each step whose time is over: the entry "late". True while there is more."""
    found = late(Mediation, WAITING, now)
    for one in found:
        with writing(actor=CENTRE, now=now) as log:
            row = still_late(Mediation, one, WAITING, now)
            if row is None:
                continue
            change(row, late_at=now)
            append(log, "mediation.late", row, state=row.state)
    return len(found) == BATCH


def sealed_due(now: datetime) -> int:
    """Destroys the keys of cases over for more than `mediation_days`: who quarrelled and what was said is then
    unreadable everywhere, in every backup too. Kind, body, steps and times stay for the figures."""
    kept = held("mediation", now)
    if "*" in kept:
        return 0
    batches = list(sealed_over(Mediation, OVER, deleted="sealed_deleted_at", days=setting("mediation_days"), kept=kept,
                               now=now))
    for batch in batches:
        _delete(batch, now)
    return sum(map(len, batches))


def _delete(batch: list[tuple[UUID, str]], now: datetime) -> None:
    ids = [case for case, _area in batch]
    keys().destroy(str(case) for case in ids)  # first: a crash in between only does it again
    with writing(actor=system("retention"), now=now) as log:
        Party.objects.filter(mediation__in=ids).delete()
        DisputeWords.objects.filter(mediation__in=ids).delete()
        Session.objects.filter(mediation__in=ids).update(minutes=b"")
        Agreement.objects.filter(mediation__in=ids).update(terms=b"")
        Visit.objects.filter(mediation__in=ids).update(text=b"")
        Mediation.objects.filter(id__in=ids).update(sealed_deleted_at=now, follow=None)
        for case, area in batch:
            log.append("mediation.words_deleted", subject=("mediation", case), area=area, may=REGISTER)
