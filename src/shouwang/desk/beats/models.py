"""Proposals of beats: what was asked, and what came out. Nothing here is about persons."""

from __future__ import annotations

from django.db import models

from shouwang.desk.log.ids import new_id
from shouwang.desk.workflow.work import Work


class Proposal(Work):
    """A district or control area divided into beats. `given` is all that a run needs, so that a run again gives the
    same figures."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)  # path of what is divided
    given = models.JSONField()
    figures = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)  # of the figures
    runs = models.PositiveSmallIntegerField(default=0)
    same = models.BooleanField(null=True)  # whether the last run gave the figures of the one before

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("queued", "running", "done", "failed", "cancelled")),
                name="beats_proposal_state",
            )
        ]
        indexes = [models.Index(fields=["area", "-made_at"], name="beats_proposal_newest")]
