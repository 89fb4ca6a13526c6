"""Questions whether a measure worked: what was asked, and what the counts say. Nothing here is about persons."""

from __future__ import annotations

from django.db import models

from shouwang.desk.log.ids import new_id


class Review(models.Model):
    """A question with its answer. `given` is all that the answer rests on but the calls: it can be given again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)  # path in which all areas lie
    title = models.CharField(max_length=80)  # of the measure
    given = models.JSONField()
    figures = models.JSONField()
    digest = models.CharField(max_length=64)  # of the figures
    runs = models.PositiveSmallIntegerField(default=1)
    same = models.BooleanField(null=True)  # whether the last run gave the figures of the one before
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField()  # of the last run

    class Meta:
        indexes = [models.Index(fields=["area", "-made_at"], name="effects_review_newest")]
