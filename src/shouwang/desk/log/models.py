"""The one log, the cards that open screens show, and how far each reader of the log has come."""

from django.db import models

from .ids import new_id


class Head(models.Model):
    """One row. Taking `seq` from it is the last statement of a transaction, so numbers follow commit order, gapless."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="log_head_one_row")]


class Event(models.Model):
    """What became true. `payload` holds nothing personal; words lie sealed in their record and stand here as
    digests."""

    seq = models.BigIntegerField(primary_key=True)
    id = models.UUIDField(unique=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=64)  # a user's id, or system:NAME, drill:NAME
    kind = models.CharField(max_length=48)  # call.taken, call.assigned, unit.clocked_on, …
    subject_kind = models.CharField(max_length=24)
    subject = models.CharField(max_length=64)
    area = models.CharField(max_length=200, blank=True)
    may = models.CharField(max_length=48, blank=True)  # the permission that lets a live screen hear of it
    payload = models.JSONField(null=True)  # null once pruned: its digest and the leaf stay
    pruned = models.CharField(
        max_length=64, blank=True, default="", db_default=""
    )  # the digest of a payload that is gone
    leaf = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject", "seq"], name="log_event_subject"),
            models.Index(fields=["actor", "seq"], name="log_event_actor"),
            models.Index(fields=["kind", "seq"], name="log_event_kind"),
        ]


class Card(models.Model):
    """What open screens show of a subject now: not history, only the newest picture, so that the live process can pass
    it on without knowing the rooms. `body` is null when the subject has left the screens."""

    key = models.CharField(primary_key=True, max_length=96)  # kind:subject
    kind = models.CharField(max_length=24, db_index=True)
    subject = models.CharField(max_length=64)
    area = models.CharField(max_length=200)
    may = models.CharField(max_length=48)
    seq = models.BigIntegerField(db_index=True)
    body = models.JSONField(null=True)


class Cursor(models.Model):
    """How far a reader has come. Only the reader of that name moves it."""

    reader = models.CharField(primary_key=True, max_length=48)
    seq = models.BigIntegerField(default=0)


class Checkpoint(models.Model):
    """The log's Merkle tree at a size. Copies elsewhere make later tampering with this database visible."""

    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    frontier = models.TextField()
    at = models.DateTimeField()


class Reason(models.Model):
    """Why somebody looked or changed something, in their own words: sealed under the event's id, so that it can be
    deleted on schedule while the event, which holds its digest, stays."""

    event = models.UUIDField(primary_key=True)
    words = models.BinaryField()
    at = models.DateTimeField(db_index=True)


class Hold(models.Model):
    """A legal hold: the subject's sealed fields, reasons and tracks are kept until it ends, whatever the
    schedule says."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject_kind = models.CharField(max_length=24)  # call, unit, …, or "all"
    subject = models.CharField(max_length=64)  # an id, or "*" for every subject of the kind
    reason = models.BinaryField()  # sealed under the hold's id
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="log_hold_ends")]
