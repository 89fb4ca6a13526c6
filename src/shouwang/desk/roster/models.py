"""Rosters: what was asked, what came out, and the turns of duty that a published one gives to whom.

Members appear as the ids of their accounts alone."""

from __future__ import annotations

from django.db import models

from shouwang.desk.log.ids import new_id
from shouwang.desk.workflow.work import Work


class Roster(Work):
    """Who is on when, for some days of an area. `asked`: what the planner chose; `given`: the whole question, as
    `shouwang roster solve` takes it; `rows`: per member the number of the shift of each day, −1 when off."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)
    first = models.DateField()
    days = models.PositiveSmallIntegerField()
    asked = models.JSONField()
    given = models.JSONField()
    rows = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)  # one more whenever `rows` change
    published_by = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("queued", "running", "done", "failed", "cancelled")),
                name="roster_roster_state",
            ),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True) | models.Q(state="done"), name="roster_published_is_done"
            ),
        ]
        indexes = [models.Index(fields=["area", "-made_at"], name="roster_roster_newest")]


class Turn(models.Model):
    """A turn of duty of a published roster. `day`: the local day on which it starts; `shift`: when, as 23:00."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="turns")
    user = models.UUIDField()
    day = models.DateField()
    shift = models.CharField(max_length=5)
    start = models.DateTimeField()
    end = models.DateTimeField()
    night = models.BooleanField()
    service = models.CharField(max_length=16)

    class Meta:
        constraints = [
            # One turn a day: of two rosters published at once for the same member, one is refused.
            models.UniqueConstraint(fields=["user", "day"], name="roster_turn_one_a_day"),
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="roster_turn_order"),
        ]


class Entry(models.Model):
    """What a roster has to mind of a member, from day to day: leave, limits, wishes. Why is neither asked nor kept."""

    KINDS = ("away", "no_nights", "no_overtime", "wish_off", "wish_on")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.UUIDField(db_index=True)
    area = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=12)
    first = models.DateField()
    last = models.DateField()
    shift = models.CharField(max_length=5, blank=True)  # of a wish: this shift alone
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="roster_entry_order"),
            models.CheckConstraint(
                condition=models.Q(kind__in=("away", "no_nights", "no_overtime", "wish_off", "wish_on")),
                name="roster_entry_kind",
            ),
        ]


class Feed(models.Model):
    """A member's private calendar link. Only its hash is kept; a new one ends the old."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.UUIDField(unique=True)
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
