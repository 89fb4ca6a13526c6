"""Check points on the beat with when they were seen, and notes of a duty. Of people: who wrote a note, nobody else."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shouwang.desk.log.ids import new_id
from shouwang.desk.places.models import Named


class CheckPoint(Named):
    """A place on the beat to be looked at so many times a day. `code` stands in the address of its mark."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=12, unique=True)
    area = models.CharField(max_length=200, db_index=True)
    lon = models.FloatField()
    lat = models.FloatField()
    per_day = models.PositiveSmallIntegerField(default=1)
    made_at = models.DateTimeField()
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                                   name="phone_checkpoint_on_earth"),
            models.CheckConstraint(condition=Q(per_day__gte=1, per_day__lte=48), name="phone_checkpoint_per_day"),
        ]


class Visit(models.Model):
    """A check point was seen by a unit on duty, or by somebody clocked on at a post without one: of the place, not of
    who was there."""

    id = models.UUIDField(primary_key=True, editable=False)  # the act's key
    point = models.ForeignKey(CheckPoint, on_delete=models.CASCADE, related_name="visits")
    unit = models.UUIDField(null=True)  # None: from a post
    at = models.DateTimeField(db_index=True)
    how = models.CharField(max_length=6)  # mark: its QR mark was scanned; place: the phone stood there

    class Meta:
        indexes = [models.Index(fields=["point", "at"], name="phone_visit_point_at")]
        constraints = [models.CheckConstraint(condition=Q(how__in=("mark", "place")), name="phone_visit_how")]


class DutyNote(models.Model):
    """What a member writes down on duty, sealed under its own key; read by whoever leads the area and by its writer."""

    id = models.UUIDField(primary_key=True, editable=False)  # the act's key
    unit = models.UUIDField(null=True)  # None: written at a post
    area = models.CharField(max_length=200, db_index=True)
    by = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    text = models.BinaryField(default=b"")
    words_deleted_at = models.DateTimeField(null=True)
