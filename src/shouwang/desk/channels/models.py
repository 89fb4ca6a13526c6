"""What came in beside the telephone form, the calls that rang, and callers asked afterwards.

Whoever sent something or rang appears sealed alone, under a key of its own that is destroyed on schedule.
"""
from __future__ import annotations

from django.db import models
from django.db.models import Q

from shouwang.desk.log.ids import new_id

from .terms import BACK_STATES, CHANNELS, ITEM_STATES, REPLY_STATES, RING_STATES, VISIT_STATES


class Item(models.Model):
    """One thing that came in. `call`: what it became or belongs to; while it is in hand, the id the call will have.
    `ref`: a digest of the sender's own number of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.CharField(max_length=8)
    ref = models.CharField(max_length=64)
    area = models.CharField(max_length=200, db_index=True)
    type = models.CharField(max_length=6, blank=True)  # as its words or its sender suggest
    severity = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=120, blank=True)  # what a page of ours names a point; "" for others
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    received_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=10, default="waiting", db_index=True)
    claimed_by = models.CharField(max_length=64, blank=True)
    claim_until = models.DateTimeField(null=True)
    call = models.UUIDField(null=True, db_index=True)
    why = models.CharField(max_length=12, blank=True)  # it was closed without a call
    left_out = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, db_index=True)
    sender = models.BinaryField(default=b"")
    words = models.BinaryField(default=b"")
    words_deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "ref"], name="channels_item_once"),
            models.CheckConstraint(condition=Q(channel__in=list(CHANNELS)), name="channels_item_channel"),
            models.CheckConstraint(condition=Q(state__in=list(ITEM_STATES)), name="channels_item_state"),
            models.CheckConstraint(condition=Q(severity__gte=1, severity__lte=4), name="channels_item_severity"),
            models.CheckConstraint(
                condition=(Q(state="claimed", claim_until__isnull=False) & ~Q(claimed_by=""))
                | (~Q(state="claimed") & Q(claimed_by="", claim_until__isnull=True)), name="channels_item_one_hand"),
        ]


class Reply(models.Model):
    """Words of staff to a sender, on their way. Sealed under the item's key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="replies")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    text = models.BinaryField()
    state = models.CharField(max_length=8, default="queued", db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=12, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=list(REPLY_STATES)), name="channels_reply_state")]


class RingEvent(models.Model):
    """What the live process heard from the exchange; gone once it is taken in. `number` lies under a secret of the
    live process (tables/live/rings.py)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8)
    unique_no = models.CharField(max_length=64, blank=True)
    line = models.CharField(max_length=40, blank=True)
    seat = models.CharField(max_length=40, blank=True)
    number = models.BinaryField(default=b"")
    mark = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_index=True)


class Ring(models.Model):
    """A call that rang. After a day nothing of whose it was is left: number, mark and who answered are gone, times and
    line stay for the statistics. `mark`: a keyed digest by which a second call from the same telephone is known."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unique_no = models.CharField(max_length=64, unique=True)  # of the exchange
    area = models.CharField(max_length=200, db_index=True)
    line = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=8, default="ringing", db_index=True)
    joined_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True)  # answered, or given up
    number = models.BinaryField(default=b"")
    mark = models.CharField(max_length=64, blank=True, db_index=True)
    answered_by = models.CharField(max_length=64, blank=True)
    call = models.UUIDField(null=True, db_index=True)  # what it became; before, the id the call will have
    back = models.CharField(max_length=8, blank=True, db_index=True)
    back_by = models.CharField(max_length=64, blank=True)
    back_until = models.DateTimeField(null=True)
    back_tries = models.PositiveSmallIntegerField(default=0)
    back_at = models.DateTimeField(null=True)  # the last try
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(RING_STATES)), name="channels_ring_state"),
            models.CheckConstraint(condition=Q(back="") | Q(back__in=list(BACK_STATES)), name="channels_ring_back"),
            models.CheckConstraint(condition=Q(state="ringing", ended_at__isnull=True)
                                   | (~Q(state="ringing") & Q(ended_at__isnull=False)), name="channels_ring_ended"),
        ]


class Line(models.Model):
    """Whether the exchange is heard: written by the live process every few seconds."""

    name = models.CharField(primary_key=True, max_length=12)
    up = models.BooleanField()
    heard_at = models.DateTimeField()


class Outage(models.Model):
    """The exchange was not heard: what rang then was not counted."""

    since = models.DateTimeField(db_index=True)
    until = models.DateTimeField(null=True, db_index=True)


class Seat(models.Model):
    """Who sits at which telephone, as they say themselves; gone at the end of the day."""

    seat = models.CharField(primary_key=True, max_length=40)
    user = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField()


class Draw(models.Model):
    """A day of closed calls from which callers to be asked were drawn: once, for good."""

    day = models.DateField(primary_key=True)  # in the district's zone
    may = models.PositiveIntegerField()  # callers that may be called back
    drawn = models.PositiveIntegerField()


class Visit(models.Model):
    """A caller drawn to be asked afterwards how it went. Their number stays with the call."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.UUIDField(unique=True)
    type = models.CharField(max_length=6)
    area = models.CharField(max_length=200, db_index=True)
    day = models.DateField(db_index=True)
    due_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=12, default="due", db_index=True)
    claimed_by = models.CharField(max_length=64, blank=True)
    claim_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    rating = models.PositiveSmallIntegerField(null=True)
    why = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(VISIT_STATES)), name="channels_visit_state"),
            models.CheckConstraint(condition=Q(state="done", rating__gte=1, rating__lte=5)
                                   | (~Q(state="done") & Q(rating__isnull=True)), name="channels_visit_rating"),
        ]
