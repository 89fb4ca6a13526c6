"""Life cycles, timers and settings: the district's rules, as rows."""
from django.db import models


class Lifecycle(models.Model):
    """States and transitions of one kind of thing, in the form of the default table (data/domain/statuses.yaml)."""

    code = models.CharField(primary_key=True, max_length=24)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=60)
    initial = models.CharField(max_length=24)
    states = models.JSONField()
    transitions = models.JSONField()


class Timer(models.Model):
    """A time standard. `rule` holds its figures: value, by_severity, by_area, applies_to_severity, radius_m, …"""

    code = models.CharField(primary_key=True, max_length=24)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=60)
    flag_zh = models.CharField(max_length=60)
    flag_en = models.CharField(max_length=60)
    unit = models.CharField(max_length=12)
    rule = models.JSONField()
    source = models.CharField(max_length=200, blank=True)


class Setting(models.Model):
    """What an administrator has changed. Names, types and defaults stand in settings.py of this room."""

    key = models.CharField(primary_key=True, max_length=48)
    value = models.JSONField()
