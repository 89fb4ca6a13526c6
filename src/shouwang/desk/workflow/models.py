"""Life cycles, timers, settings and linked agencies: the district's rules, as rows."""
from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import get_language


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


class Agency(models.Model):
    """An office or firm that takes part in calls and matters. It is an office, by its public name: no person of it."""

    KINDS = ("utility", "emergency", "government", "judicial", "transport", "local", "association")
    code = models.CharField(max_length=40, unique=True)
    zh = models.CharField(max_length=60)
    en = models.CharField(max_length=60)
    kind = models.CharField(max_length=12)
    tasks_zh = models.CharField(max_length=120, blank=True)
    tasks_en = models.CharField(max_length=120, blank=True)
    ack_min_1 = models.PositiveSmallIntegerField(null=True, blank=True)  # minutes to acknowledge at severity 1
    ack_min_2 = models.PositiveSmallIntegerField(null=True, blank=True)
    ack_min_3 = models.PositiveSmallIntegerField(null=True, blank=True)  # and below
    report_min = models.PositiveSmallIntegerField(null=True, blank=True)  # minutes from then to a result
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=("utility", "emergency", "government", "judicial", "transport", "local",
                                             "association")), name="workflow_agency_kind"),
        ]

    def __str__(self) -> str:
        return self.zh if _chinese() else self.en

    @property
    def name(self) -> str:
        return str(self)

    @property
    def tasks(self) -> str:
        return self.tasks_zh if _chinese() else self.tasks_en

    def ack_in(self, severity: int) -> timedelta | None:
        return _minutes((self.ack_min_1, self.ack_min_2, self.ack_min_3)[min(severity, 3) - 1])

    @property
    def report_in(self) -> timedelta | None:
        return _minutes(self.report_min)


def _chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _minutes(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(minutes=count)


class Setting(models.Model):
    """What an administrator has changed. Names, types and defaults stand in settings.py of this room."""

    key = models.CharField(primary_key=True, max_length=48)
    value = models.JSONField()
