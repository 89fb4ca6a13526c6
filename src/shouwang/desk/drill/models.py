"""The replay of a past day: its clock, the calls it has taken, and the tasks whose crews it plays."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shouwang.desk.log.ids import new_id


class Replay(models.Model):
    """One replay. Its clock read `clock_at` (a moment of the past day) at the real moment `set_at`, and
    runs `pace` times as fast while `state` is running."""

    STATES = ("running", "paused", "ended")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200)  # path of the district
    history = models.UUIDField()
    state = models.CharField(max_length=8, default="running")
    pace = models.FloatField()
    clock_at = models.DateTimeField()
    set_at = models.DateTimeField()
    taken_to = models.DateTimeField()  # calls of the record up to here are taken
    seen_at = models.DateTimeField()  # when the worker last played: the clock does not run on without it
    started_by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=("running", "paused", "ended")), name="drill_replay_state"),
            models.CheckConstraint(condition=Q(pace__gte=1, pace__lte=60), name="drill_replay_pace"),
            models.UniqueConstraint(fields=["area"], condition=~Q(state="ended"), name="drill_replay_one"),
        ]


class Played(models.Model):
    """A call of the replay. `due`: when its next step comes, on the replay's clock."""

    STAGES = ("waiting", "answered", "closed", "left")  # left: a person has taken it over
    call = models.UUIDField(primary_key=True)
    replay = models.ForeignKey(Replay, on_delete=models.CASCADE, related_name="calls")
    category = models.CharField(max_length=40)
    seed = models.BigIntegerField(default=0)  # of its chances: the same whenever the day is played
    stage = models.CharField(max_length=8, default="waiting")
    due = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["replay", "stage", "due"], name="drill_played_due")]


class Task(models.Model):
    """A unit's task that the replay plays, until it is over or a person moves it."""

    assignment = models.UUIDField(primary_key=True)
    played = models.ForeignKey(Played, on_delete=models.CASCADE, related_name="tasks")
    unit = models.UUIDField()
    due = models.DateTimeField()
    over = models.BooleanField(default=False)
