"""What was found wrong with records, and how many records each step of each area left. Nobody stands in either."""
from __future__ import annotations

from django.db import models
from django.db.models import Q

from shouwang.desk.log.ids import new_id

from .terms import KINDS, STATES, WHYS


class Finding(models.Model):
    """One rule that one record does not hold. `week`: Monday of the week the record came in; `made_at`: when the step
    that left it so was done. Why somebody accepted it lies sealed beside the event."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10)
    record = models.UUIDField()
    number = models.CharField(max_length=12)
    rule = models.CharField(max_length=8)
    step = models.CharField(max_length=10)
    area = models.CharField(max_length=200)
    week = models.DateField()
    made_at = models.DateTimeField()
    found_at = models.DateTimeField()
    state = models.CharField(max_length=8, default="open")
    why = models.CharField(max_length=5, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["week", "state"], name="quality_finding_week"),
                   models.Index(fields=["state", "made_at"], name="quality_finding_state")]
        constraints = [
            models.UniqueConstraint(fields=["record", "rule"], name="quality_finding_once"),
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="quality_finding_kind"),
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="quality_finding_states"),
            models.CheckConstraint(condition=Q(state="accepted", why__in=list(WHYS))
                                   | (~Q(state="accepted") & Q(why="")), name="quality_finding_accepted"),
            models.CheckConstraint(condition=Q(state="open", ended_at__isnull=True)
                                   | (~Q(state="open") & Q(ended_at__isnull=False)), name="quality_finding_ended"),
        ]


class Tally(models.Model):
    """Records of a week that came to a step in an area, and how many of them were ever found wrong there (what was
    accepted is not wrong)."""

    week = models.DateField()
    area = models.CharField(max_length=200)
    kind = models.CharField(max_length=10)
    step = models.CharField(max_length=10)
    records = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["week", "area", "kind", "step"], name="quality_tally_once"),
            models.CheckConstraint(condition=Q(wrong__lte=models.F("records")), name="quality_tally_part"),
        ]


class Look(models.Model):
    """The last look at all records: one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField()  # how far the log had come
    at = models.DateTimeField()
    records = models.PositiveIntegerField()
