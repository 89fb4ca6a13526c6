"""Mediations: what kind of dispute, in which community, at which body, which step, until when. Who quarrels, where they
live and what was said lies sealed under the case's own key: no list, file, search or log holds any of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shouwang.desk.log.ids import new_id
from shouwang.desk.places.models import Named

STATES = ("registered", "judged", "routed", "consent", "session", "paused", "agreed", "confirmed", "performing",
          "visited", "failed", "referred", "withdrawn", "filed")
OVER = ("failed", "referred", "withdrawn", "filed")
LEVELS = ("community", "street", "district")
WAYS = ("people", "administrative", "judicial")


class DisputeKind(Named):
    """A kind of dispute. `days`: of the mediation, `extend_days` more by consent of those who quarrel."""

    code = models.CharField(primary_key=True, max_length=6)
    level = models.CharField(max_length=10)
    body = models.CharField(max_length=6)  # that usually mediates it
    also = models.JSONField(default=list)  # other bodies that may
    days = models.PositiveSmallIntegerField()
    extend_days = models.PositiveSmallIntegerField()
    sensitive = models.BooleanField(default=False)  # sessions behind closed doors
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(level__in=LEVELS), name="mediation_kind_level")]


class MediationBody(Named):
    """A body that mediates; `way`: people's, administrative or judicial; `agency`: the office it is linked with."""

    code = models.CharField(primary_key=True, max_length=6)
    way = models.CharField(max_length=14)
    tier = models.CharField(max_length=10)
    agency = models.CharField(max_length=24, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(way__in=WAYS), name="mediation_body_way")]


class AgreementTemplate(Named):
    """The layout of an agreement: headings and paragraphs, with fields that are filled in (layouts.py). Its name is
    the title. No words of a case are ever kept in it."""

    code = models.CharField(max_length=24, unique=True)
    kinds = models.JSONField(default=list, blank=True)  # kinds of disputes; [] for all
    text_zh = models.TextField(max_length=4000)
    text_en = models.TextField(max_length=4000)
    active = models.BooleanField(default=True)


class MediationDay(models.Model):
    """The last number given on a day, so that none is given twice."""

    day = models.DateField(primary_key=True)
    last = models.PositiveIntegerField(default=0)


class Mediation(models.Model):
    """`state` follows the life cycle `mediation`; `due_at` is the end of the step that waits. `area` is a community or
    cell, and no place is nearer than that: the address lies sealed."""

    id = models.UUIDField(primary_key=True, editable=False)  # UUIDv7 made by whoever registers
    day = models.DateField()
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=12, db_index=True)  # D1128-0007
    kind = models.ForeignKey(DisputeKind, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=10)
    state = models.CharField(max_length=12, default="registered")
    body = models.ForeignKey(MediationBody, null=True, on_delete=models.PROTECT, related_name="+")
    people = models.PositiveIntegerField(null=True)  # how many it concerns: a count, and never who
    amount = models.PositiveBigIntegerField(null=True)  # of money in dispute, in whole units
    area = models.CharField(max_length=200)
    source = models.CharField(max_length=10)
    registered_by = models.CharField(max_length=64)
    mediator = models.CharField(max_length=64, blank=True, db_index=True)  # who has declared to have no interest
    call = models.UUIDField(null=True, unique=True)  # the call it was passed on from
    matter = models.UUIDField(null=True)  # the matter it is a part of
    task = models.UUIDField(null=True, unique=True)  # the part itself
    registered_at = models.DateTimeField(db_index=True)
    since = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    consent_at = models.DateTimeField(null=True)
    settle_due_at = models.DateTimeField(null=True)
    left_s = models.FloatField(null=True)  # of the mediation when it was paused
    extended = models.BooleanField(default=False)
    agreed_at = models.DateTimeField(null=True)
    in_time = models.BooleanField(null=True)  # agreed before its end
    confirmed_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=40, blank=True)  # the court's number
    performed = models.CharField(max_length=4, blank=True)  # as the last visit found: yes, part, no
    visited_at = models.DateTimeField(null=True)
    target = models.CharField(max_length=12, blank=True)  # where it was passed on to: one of a fixed list
    closed_at = models.DateTimeField(null=True, db_index=True)
    follow = models.CharField(max_length=64, null=True, unique=True)  # digest of the code a resident follows it by
    rating = models.PositiveSmallIntegerField(null=True)  # by the resident who asked for it
    sealed_deleted_at = models.DateTimeField(null=True)
    example = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at"], name="mediation_due"),
            models.Index(fields=["area", "registered_at"], name="mediation_area"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["day", "serial"], name="mediation_number"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="mediation_state"),
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="mediation_level"),
            models.CheckConstraint(condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5),
                                   name="mediation_rating"),
            models.CheckConstraint(condition=Q(state__in=OVER, closed_at__isnull=False)
                                   | (~Q(state__in=OVER) & Q(closed_at__isnull=True)), name="mediation_over"),
        ]

    def __str__(self) -> str:
        return self.number


class Party(models.Model):
    """One who quarrels: which side, a person or an organisation. Name, telephone and address lie in `details`."""

    id = models.UUIDField(primary_key=True, editable=False)
    mediation = models.ForeignKey(Mediation, on_delete=models.CASCADE, related_name="parties")
    side = models.CharField(max_length=1)  # a, b
    kind = models.CharField(max_length=12)  # person, organisation
    details = models.BinaryField()


class Declaration(models.Model):
    """What a mediator declared before taking a case. Its id is that of the event."""

    id = models.UUIDField(primary_key=True, editable=False)
    mediation = models.ForeignKey(Mediation, on_delete=models.CASCADE, related_name="declarations")
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    interest = models.BooleanField()


class DisputeWords(models.Model):
    """What was said of a dispute (the account of it, a remark), sealed. Its id is that of the event it belongs to."""

    id = models.UUIDField(primary_key=True, editable=False)
    mediation = models.ForeignKey(Mediation, on_delete=models.CASCADE, related_name="words")
    kind = models.CharField(max_length=8)  # account, result, remark
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    text = models.BinaryField()


class Session(models.Model):
    """A session with its minutes, sealed."""

    id = models.UUIDField(primary_key=True, editable=False)
    mediation = models.ForeignKey(Mediation, on_delete=models.CASCADE, related_name="sessions")
    held_at = models.DateTimeField()
    lasted_min = models.PositiveSmallIntegerField()
    where = models.CharField(max_length=8)  # one of a fixed list
    all_present = models.BooleanField()
    by = models.CharField(max_length=64)
    minutes = models.BinaryField()


class Agreement(models.Model):
    """What was agreed, sealed, and until when it is to be performed. Its document is made when it is asked for."""

    mediation = models.OneToOneField(Mediation, on_delete=models.CASCADE, primary_key=True, related_name="agreement")
    terms = models.BinaryField()
    perform_by = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)


class Visit(models.Model):
    """A visit after the agreement: whether it is performed, and what was said, sealed."""

    id = models.UUIDField(primary_key=True, editable=False)
    mediation = models.ForeignKey(Mediation, on_delete=models.CASCADE, related_name="visits")
    at = models.DateTimeField()
    how = models.CharField(max_length=8)  # one of a fixed list
    performed = models.CharField(max_length=4)  # yes, part, no
    by = models.CharField(max_length=64)
    text = models.BinaryField()


class Screened(models.Model):
    """A dispute that was found at a place, and the day it is looked at again. A place and a kind: nobody's name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.ForeignKey(DisputeKind, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=200)
    place = models.CharField(max_length=60)
    state = models.CharField(max_length=8, default="open")  # open, settled, case
    found_on = models.DateField()
    next_on = models.DateField(null=True)
    looks = models.PositiveSmallIntegerField(default=0)
    looked_on = models.DateField(null=True)
    mediation = models.UUIDField(null=True)
    entered_by = models.CharField(max_length=64)
    example = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["area", "next_on"], name="mediation_screened_next")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=("open", "settled", "case")), name="mediation_screened_state"),
            models.CheckConstraint(condition=Q(state="open", next_on__isnull=False)
                                   | (~Q(state="open") & Q(next_on__isnull=True)), name="mediation_screened_open"),
        ]
