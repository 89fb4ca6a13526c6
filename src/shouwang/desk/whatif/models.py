"""Comparisons of two scenarios: what was asked, and what came out. Nothing here is about persons."""

from __future__ import annotations

from django.db import models

from shouwang.desk.log.ids import new_id
from shouwang.desk.workflow.work import Work


class Study(Work):
    """Two scenarios played through the same calls. `given` is all that a run needs, so that a run again gives the same
    figures."""

    STATES = ("queued", "running", "done", "failed", "cancelled")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)  # path of the district
    title = models.CharField(max_length=80)
    given = models.JSONField()
    figures = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)  # of the figures
    runs = models.PositiveSmallIntegerField(default=0)
    same = models.BooleanField(null=True)  # whether the last run gave the figures of the one before

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("queued", "running", "done", "failed", "cancelled")),
                name="whatif_study_state",
            )
        ]
        indexes = [models.Index(fields=["area", "-made_at"], name="whatif_study_newest")]
