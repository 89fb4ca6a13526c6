"""What goes when: applicants half a year after the decision, records of members some years after they left."""

from __future__ import annotations

from datetime import datetime, timedelta

from shouwang.desk.log.retention import held
from shouwang.desk.log.seal import keys
from shouwang.desk.workflow.settings import get as setting

from ..models import Applicant, Case, Correction, Member, Objection

APPLICANTS_KEPT = timedelta(days=183)  # mission, E: deleted 6 months after the decision


def delete_due(now: datetime) -> int:
    """Deletes what is due with the keys of its sealed words; what is held stays."""
    kept = held("member", now)
    if "*" in kept:
        return 0
    applicants = Applicant.objects.filter(decided_at__lt=now - APPLICANTS_KEPT)
    objections = Objection.objects.filter(notice__posted_at__lt=now - APPLICANTS_KEPT)
    gone = Member.objects.filter(left_at__lt=now - timedelta(days=setting("member_days"))).exclude(id__in=kept)
    said = (Case.objects.filter(member__in=gone), Correction.objects.filter(member__in=gone))
    sealed = [str(i) for rows in (applicants, objections, *said) for i in rows.values_list("id", flat=True)]
    count = sum(rows.delete()[0] for rows in (objections, applicants, gone))
    keys().destroy(sealed)
    return count
