"""What the centre does by itself: deletes the words of notices that are over, and everything else on schedule."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from shouwang.desk.log.retention import held
from shouwang.desk.log.seal import keys
from shouwang.desk.log.writing import writing
from shouwang.desk.workflow.settings import get as setting

from .. import channels
from ..models import Answer, Association, Claim, ClaimWords, Message, Notice, Volunteer
from ..terms import CLAIM, CLAIM_OVER
from .common import CENTRE
from .notices import delete_words

APPLICANTS = timedelta(days=183)  # those not taken, or never decided on: 6 months
BATCH = 200


def words_due(now: datetime) -> bool:
    """Ends what is over and deletes its words and picture: run every few seconds. True while there is more."""
    rows = list(Notice.objects.filter(until_at__lte=now, words_deleted_at=None).order_by("until_at")[:BATCH])
    Notice.objects.filter(id__in=[n.id for n in rows], ended_at=None).update(ended_at=now)
    delete_words(rows, now)
    return len(rows) == BATCH


def due(now: datetime) -> int:
    """The schedule: applicants after six months, answers and deliveries after `notice_answer_days`, the words of claims
    after `claim_days`. Returns how many records went."""
    while words_due(now):
        pass
    kept = held("claim", now)
    gone = channels.drop_old(now) + _applicants(now) + _answers(now)
    return gone + (0 if "*" in kept else _claims(now, kept))


def _applicants(now: datetime) -> int:
    before = now - APPLICANTS
    old = Q(state="refused", decided_at__lt=before) | Q(state="applied", consent_at__lt=before)
    n = 0
    for kind in (Volunteer, Association):
        ids = [str(i) for i in kind._default_manager.filter(old, example=False).values_list("id", flat=True)]
        keys().destroy(ids)
        n += kind._default_manager.filter(id__in=ids).delete()[1].get(kind._meta.label, 0)
    return n


def _answers(now: datetime) -> int:
    before = now - timedelta(days=int(setting("notice_answer_days")))
    ids = [str(i) for i in Answer.objects.filter(notice__ended_at__lt=before).values_list("id", flat=True)]
    keys().destroy(ids)
    Message.objects.filter(Q(notice__ended_at__lt=before) | Q(notice=None, next_at__lt=before)).delete()
    return Answer.objects.filter(id__in=ids).delete()[0]


def _claims(now: datetime, kept: set[str]) -> int:
    before = now - timedelta(days=int(setting("claim_days")))
    rows = list(Claim.objects.filter(state__in=CLAIM_OVER, closed_at__lt=before, words_deleted_at=None)
                .exclude(id__in=kept).values_list("id", "area"))
    keys().destroy([str(id) for id, _area in rows])
    if rows:
        with writing(actor=CENTRE, now=now) as log:
            ClaimWords.objects.filter(claim__in=[id for id, _area in rows]).delete()
            Claim.objects.filter(id__in=[id for id, _area in rows]).update(words_deleted_at=now, contact=b"")
            for id, area in rows:
                log.append("claim.words_deleted", subject=("claim", id), area=area, may=CLAIM)
    return len(rows)
