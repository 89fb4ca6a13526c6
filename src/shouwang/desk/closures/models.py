"""Streets that are shut or slow for a while. Nothing about persons or vehicles."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shouwang.desk.log.ids import new_id

from .terms import REASONS


class Closure(models.Model):
    """Stretches of street that are shut (`factor` 0) or take `factor` times as long, from and until."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)  # the smallest that holds all of it
    zh = models.CharField(max_length=160)  # of the streets and the crossing near by
    en = models.CharField(max_length=160)
    network = models.UUIDField()  # of whose edges the numbers below are
    edges = models.JSONField()  # directed
    lines = models.JSONField()  # see terms.Line: for maps, and to find the edges again on a newer network
    length_m = models.FloatField()
    factor = models.FloatField(default=0)
    reason = models.CharField(max_length=16)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(db_index=True)
    lifted_at = models.DateTimeField(null=True)  # by hand, before its end
    ended = models.BooleanField(default=False)  # it has left the screens: over or lifted
    version = models.PositiveIntegerField(default=1)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="closures_closure_lasts"),
            models.CheckConstraint(condition=Q(factor=0) | Q(factor__gt=1), name="closures_closure_factor"),
            models.CheckConstraint(condition=Q(reason__in=tuple(REASONS)), name="closures_closure_reason"),
        ]
