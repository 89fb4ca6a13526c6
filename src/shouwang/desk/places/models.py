"""Areas within areas, posts and checkpoints, and the street network in use."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language

from shouwang.desk.log.ids import new_id


class Named(models.Model):
    zh = models.CharField(max_length=80)
    en = models.CharField(max_length=80)
    example = models.BooleanField(default=False)  # invented for the example district, and shown as such

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en


class Area(Named):
    """A district, control area, community or cell. `path` holds the codes from the top, each closed by a
    slash. A beat (巡区) lies across these: it says whose patrol goes where, and nothing else lies in it."""

    KINDS = ("district", "control_area", "community", "cell", "beat")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    path = models.CharField(max_length=200, unique=True)
    parent = models.CharField(max_length=200, blank=True, db_index=True)  # path of the area it lies in
    code = models.CharField(max_length=24)
    kind = models.CharField(max_length=16, db_index=True)
    geometry = models.JSONField()  # GeoJSON Polygon or MultiPolygon, WGS 84
    lon = models.FloatField()  # a point inside, for labels
    lat = models.FloatField()
    setting = models.CharField(max_length=12, default="town")  # town, outskirts, country: which arrival standard holds


class Post(Named):
    """A place where a patrol stands: booth, platform, checkpoint, station."""

    KINDS = ("station", "platform", "booth", "checkpoint", "fire_station", "office")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=16)
    area = models.CharField(max_length=200, db_index=True)
    lon = models.FloatField()
    lat = models.FloatField()
    active = models.BooleanField(default=True)


class Landmark(Named):
    """A place that people name when they say where they are: a park, bridge, school, market. `others`: further names of
    it, split by semicolons."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=24, unique=True)  # by which files name it
    kind = models.CharField(max_length=16)
    others = models.CharField(max_length=200, blank=True)
    area = models.CharField(max_length=200, db_index=True)
    lon = models.FloatField()
    lat = models.FloatField()
    active = models.BooleanField(default=True)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.zh, self.en, *(name.strip() for name in self.others.split(";") if name.strip()))


class StreetNetwork(models.Model):
    """Street files taken in; the newest active one is in use. Files lie in DATA/streets/<id>/."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=120)
    nodes = models.IntegerField()
    edges = models.IntegerField()
    at = models.DateTimeField()
    active = models.BooleanField(default=True)


class LearnedPace(models.Model):
    """How much slower than their own times streets are, by class and hour of the week, learned from drives of units to
    calls: sums over all of them. No drive, no unit and nobody is kept."""

    at = models.DateTimeField()
    kinds = models.JSONField()  # classes; "*" for all others
    factors = models.JSONField()  # classes × 168
    km = models.FloatField()
    drives = models.PositiveIntegerField()
    held = models.PositiveIntegerField()  # drives kept aside to test the factors on
    own_error = models.FloatField(null=True)  # mean error of their durations by the streets' own times, as a share
    error = models.FloatField(null=True)  # and by factors from the other drives

    class Meta:
        get_latest_by = "at"

    @property
    def by_class(self) -> list[tuple[str, float, float, float]]:
        """Class, mean factor of all hours, the least and the largest of them; the slowest class first."""
        rows = [(kind, sum(f) / len(f), min(f), max(f)) for kind, f in zip(self.kinds, self.factors, strict=True)]
        return sorted(rows, key=lambda row: -row[1])


class Upload(models.Model):
    """A file to be taken in: checked by the worker, then taken in when somebody says so. The file lies in
    DATA/uploads/<id>/ until it is done or given up."""

    STATES = ("checking", "faulty", "sound", "saving", "done", "failed")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=120)  # as its owner calls it
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="checking", db_index=True)
    report = models.JSONField(default=dict)  # counts, remarks, faults
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)  # when a worker took it up
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("checking", "faulty", "sound", "saving", "done", "failed")),
                name="places_upload_state",
            )
        ]
