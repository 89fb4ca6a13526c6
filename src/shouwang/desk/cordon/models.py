"""The named exits of a district: where it is left. Nothing about vehicles or people is kept here or anywhere."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shouwang.desk.log.ids import new_id
from shouwang.desk.places.models import Named


class Exit(Named):
    """A place by which the district is left; the nearest junction counts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)  # where it lies; beyond the border, the district
    lon = models.FloatField()
    lat = models.FloatField()
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90), name="cordon_exit_on_earth"
            )
        ]
