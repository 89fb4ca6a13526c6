"""What is told to residents and asked of them: bulletins with a sign-off, surveys of which nothing but sums is kept."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shouwang.desk.places.models import Named


class Bulletin(Named):
    """A public bulletin of an area, in Chinese and if somebody wrote it in English too. Whoever hands it in is not who
    publishes it."""

    STATES = ("draft", "submitted", "published", "withdrawn")
    id = models.UUIDField(primary_key=True, editable=False)
    area = models.CharField(max_length=200, db_index=True)
    text_zh = models.TextField()
    text_en = models.TextField(blank=True)
    state = models.CharField(max_length=9, default="draft", db_index=True)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=64, blank=True)
    published_by = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField(null=True, db_index=True)
    withdrawn_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=("draft", "submitted", "published", "withdrawn")),
                                   name="bulletins_bulletin_state"),
            models.CheckConstraint(condition=~Q(state__in=("published", "withdrawn")) | Q(published_at__isnull=False),
                                   name="bulletins_bulletin_published"),
            models.CheckConstraint(condition=Q(published_by="") | ~Q(published_by=F("submitted_by")),
                                   name="bulletins_bulletin_two_people"),
        ]


class Survey(Named):
    """Questions to residents of an area, answered without a name from `opens_on` to `closes_on`. `questions`: as terms
    write them; `result`: what was published of the answers."""

    STATES = ("draft", "open", "published", "cancelled")
    id = models.UUIDField(primary_key=True, editable=False)
    area = models.CharField(max_length=200, db_index=True)
    questions = models.JSONField()
    opens_on = models.DateField()
    closes_on = models.DateField()  # the last day
    state = models.CharField(max_length=9, default="draft", db_index=True)
    result = models.JSONField(default=dict)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=("draft", "open", "published", "cancelled")),
                                   name="bulletins_survey_state"),
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="bulletins_survey_order"),
        ]


class Tally(models.Model):
    """How many answered what. `question` "" counts the answers sent; `area`: the community they named, "" for none. No
    answer is kept by itself, so that what one person said is nowhere."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="tallies")
    area = models.CharField(max_length=200)
    question = models.CharField(max_length=12)
    option = models.PositiveSmallIntegerField()
    n = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "area", "question", "option"],
                                               name="bulletins_tally_once")]


class Taken(models.Model):
    """A proof of work whose answers were counted, so that a retry counts nothing twice. Says nothing of the answers;
    deleted a day after the survey's end."""

    id = models.UUIDField(primary_key=True, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
