"""What this room deletes on schedule: sealed words of calls closed long ago, drafts, cards that left the board."""
from __future__ import annotations

from datetime import datetime, timedelta

from shouwang.desk.log.actor import system
from shouwang.desk.log.models import Card
from shouwang.desk.log.retention import held
from shouwang.desk.log.seal import keys
from shouwang.desk.log.writing import writing
from shouwang.desk.workflow import pictures
from shouwang.desk.workflow.settings import get as setting

from .actions import drafts_due as _drafts_due
from .cards import MAY_SEE
from .models import CALL_OPEN, Call, ScenePhoto

BATCH = 200


def sealed_due(now: datetime) -> int:
    """Destroys the keys of calls closed more than `sealed_days` ago, and empties their building and door. What callers
    and staff said is then unreadable everywhere, in every backup too; the log keeps digests and still verifies."""
    before = now - timedelta(days=setting("sealed_days"))
    kept = held("call", now)
    if "*" in kept:
        return 0
    due = list(Call.objects.filter(closed_at__lt=before, words_deleted_at__isnull=True).exclude(state__in=CALL_OPEN)
               .exclude(id__in=kept).values_list("id", "area"))
    for start in range(0, len(due), BATCH):
        batch = due[start:start + BATCH]
        keys().destroy(str(call) for call, _area in batch)  # first: a crash in between only does it again
        with writing(actor=system("retention"), now=now) as log:
            shots = ScenePhoto.objects.filter(call__in=[call for call, _area in batch])
            pictures.drop(shots.values_list("id", flat=True))
            shots.delete()
            Call.objects.filter(id__in=[call for call, _area in batch]).update(words_deleted_at=now, detail="")
            for call, area in batch:
                log.append("call.words_deleted", subject=("call", call), area=area, may=MAY_SEE)
    return len(due)


def drafts_due(now: datetime) -> int:
    return _drafts_due(now=now)


def drop_closed_cards(now: datetime) -> int:
    """Closed calls leave the screens after `closed_shown_min`. Open pages drop them by themselves, from the card's own
    `closed_at`: nothing needs to be told."""
    before = now - timedelta(minutes=setting("closed_shown_min"))
    over = Call.objects.filter(closed_at__lt=before).exclude(state__in=CALL_OPEN)
    shown = Card.objects.filter(kind="call", body__isnull=False)
    subjects = set(shown.values_list("subject", flat=True))
    gone = [str(i) for i in over.filter(id__in=subjects).values_list("id", flat=True)]
    return Card.objects.filter(kind="call", subject__in=gone).update(body=None)
