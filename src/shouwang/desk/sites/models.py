"""Sites (a shop, school, bank, warehouse: a place, never a person) and the hazards of a place."""
from __future__ import annotations

from django.db import models
from django.db.models import Q

from shouwang.desk.log.ids import new_id

ON_EARTH = Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90)


class Site(models.Model):
    """`contact` is the key-holder, sealed under the site's own key: the office's name and telephone, shown for a stated
    reason that is written down, destroyed when the site is closed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=24, unique=True)  # by which files name it
    name = models.CharField(max_length=80)  # on its sign
    kind = models.CharField(max_length=24, db_index=True)
    lon = models.FloatField()
    lat = models.FloatField()
    area = models.CharField(max_length=200, db_index=True)
    obliged = models.BooleanField(default=False)  # it has to have an alarm
    contact = models.BinaryField(default=b"")
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    example = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["lat", "lon"], name="sites_site_place")]
        constraints = [models.CheckConstraint(condition=ON_EARTH, name="sites_site_on_earth")]

    def __str__(self) -> str:
        return self.name


class Hazard(models.Model):
    """A danger of a place for whoever comes to help, from a fixed list, within a radius, until a day. Without words."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, null=True, related_name="hazards")
    kind = models.CharField(max_length=24)
    lon = models.FloatField()
    lat = models.FloatField()
    area = models.CharField(max_length=200, db_index=True)
    radius_m = models.PositiveSmallIntegerField(default=50)
    owner = models.CharField(max_length=24)  # the office that answers for it
    until = models.DateField(db_index=True)  # the last day
    added_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["lat", "lon"], name="sites_hazard_place")]
        constraints = [
            models.CheckConstraint(condition=ON_EARTH, name="sites_hazard_on_earth"),
            models.CheckConstraint(condition=Q(radius_m__gte=10, radius_m__lte=500), name="sites_hazard_radius"),
        ]


class Facility(models.Model):
    """A site that takes people in, as it last told the desk: counts of places, never who is there."""

    STATES = ("open", "limited", "full", "shut")
    site = models.OneToOneField(Site, primary_key=True, on_delete=models.CASCADE, related_name="facility")
    state = models.CharField(max_length=8)
    free = models.PositiveIntegerField(null=True)  # places
    places = models.PositiveIntegerField(null=True)  # in all
    told_at = models.DateTimeField()
    told_by = models.CharField(max_length=64)  # an actor's id
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=("open", "limited", "full", "shut")),
                                   name="sites_facility_state"),
            models.CheckConstraint(condition=Q(free=None) | Q(places=None) | Q(free__lte=models.F("places")),
                                   name="sites_facility_free"),
        ]
