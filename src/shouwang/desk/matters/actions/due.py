"""What the centre does by itself: tells whose time is over, files what nobody rated, deletes on schedule."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import DateTimeField, ExpressionWrapper, F

from shouwang.desk.log.actor import system
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.retention import held
from shouwang.desk.log.seal import keys
from shouwang.desk.log.writing import writing
from shouwang.desk.workflow.models import Timer
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.records import BATCH, change, late, sealed_over, still_late
from shouwang.desk.workflow.settings import get as setting

from .. import photos
from ..facts import SEE
from ..models import OVER, Matter, MatterPhoto
from ..terms import LEVELS, WAITING
from .common import append
from .moving import move

CENTRE = system("matters")
SEATS = {"centre_head_street": "street", "centre_head_district": "district"}


def watch(now: datetime) -> bool:
    """For each step whose time is over: the entry "late", and whom it is told to, as the timers say; once more, to the
    level above, when as much time has passed again. Files what the time for rating has passed over. True while there is
    more."""
    found = late(Matter, WAITING, now)
    seats = _told_to()
    for row in found:
        with writing(actor=CENTRE, now=now) as log:
            matter = still_late(Matter, row, WAITING, now)
            if matter is None:
                continue
            told = max(seats.get(matter.state, "street"), matter.told or "community", key=list(LEVELS).index)
            change(matter, late_at=now, told=told)
            append(log, "matter.late", matter, state=matter.state, level=told)
    again = _still_undone(now)
    for row in again:
        with writing(actor=CENTRE, now=now) as log:
            matter = Matter.objects.select_for_update(of=("self",)).select_related("type").get(id=row.id)
            if (matter.late_at, matter.told) != (row.late_at, row.told):
                continue
            told = list(LEVELS)[list(LEVELS).index(matter.told) + 1]
            change(matter, late_at=now, told=told)
            append(log, "matter.late", matter, state=matter.state, level=told)
    over = list(Matter.objects.filter(state="closed", due_at__lt=now).values_list("id", flat=True)[:BATCH])
    for matter_id in over:
        move(actor=CENTRE, now=now, matter_id=matter_id, transition="m_rate", key=new_id())
    return BATCH in (len(found), len(again), len(over))


def _still_undone(now: datetime) -> list[Matter]:
    """Late steps that were told to a level below the district, and not done in as much time again; at most BATCH."""
    once_more = ExpressionWrapper(F("late_at") + (F("due_at") - F("since")), output_field=DateTimeField())
    told = list(LEVELS)[:-1]
    return list(Matter.objects.alias(again_at=once_more).filter(state__in=WAITING, told__in=told, again_at__lte=now)
                .order_by("late_at")[:BATCH])  # fmt: skip


def _told_to() -> dict[str, str]:
    """State → the level whose centre hears when its time is over: from the timers of the life cycle."""
    rules = dict(Timer.objects.values_list("code", "rule"))
    found: dict[str, str] = {}
    for step in cycle("matter").transitions.values():
        level = SEATS.get(rules.get(step.timer, {}).get("escalate_to", ""))
        for state in step.sources if level and step.timer != "t_matter_review" else ():
            found.setdefault(state, level or "")
    return found | {"suspended": "district", "extended": found.get("handling", "district")}


def matters_due(now: datetime) -> int:
    """Destroys the keys of matters over for more than `sealed_days`, with their photos: what was said, seen and left
    as a number is then unreadable everywhere, in every backup too."""
    kept = held("matter", now)
    if "*" in kept:
        return 0
    batches = list(sealed_over(Matter, OVER, deleted="words_deleted_at", days=setting("sealed_days"), kept=kept,
                               now=now))
    for batch in batches:
        _delete(batch, now)
    return sum(map(len, batches))


def _delete(batch: list[tuple[UUID, str]], now: datetime) -> None:
    ids = [matter for matter, _area in batch]
    keys().destroy(str(matter) for matter in ids)  # first: a crash in between only does it again
    photos.drop(MatterPhoto.objects.filter(matter__in=ids).values_list("id", flat=True))
    with writing(actor=system("retention"), now=now) as log:
        MatterPhoto.objects.filter(matter__in=ids).delete()
        Matter.objects.filter(id__in=ids).update(words_deleted_at=now, contact=b"", has_words=False, follow=None)
        for matter, area in batch:
            log.append("matter.words_deleted", subject=("matter", matter), area=area, may=SEE)
