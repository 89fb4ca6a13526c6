"""The desk, or a community office, handed over from one watch to the next: what was open, what was said, and both
signatures."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shouwang.desk.log.ids import new_id


class Handover(models.Model):
    """`items`: what was open when it was given, as facts.open_items tells it. Notes are sealed under its own id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, default="desk")  # desk, office
    area = models.CharField(max_length=200, db_index=True)
    state = models.CharField(max_length=10, default="given")  # given, taken, withdrawn
    items = models.JSONField(default=list)
    given_by = models.CharField(max_length=64)
    given_at = models.DateTimeField(db_index=True)
    given_note = models.BinaryField(default=b"")
    taken_by = models.CharField(max_length=64, blank=True)
    taken_at = models.DateTimeField(null=True)
    taken_note = models.BinaryField(default=b"")
    notes_deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=("desk", "office")), name="watch_handover_kind"),
            models.CheckConstraint(condition=Q(state__in=("given", "taken", "withdrawn")), name="watch_handover_state"),
            models.CheckConstraint(condition=Q(state="taken", taken_at__isnull=False)
                                   | (~Q(state="taken") & Q(taken_at__isnull=True)), name="watch_handover_taken"),
            models.CheckConstraint(condition=~Q(given_by=F("taken_by")), name="watch_handover_two"),
            models.UniqueConstraint(fields=["kind", "area"], condition=Q(state="given"),
                                    name="watch_handover_one_open"),
        ]
