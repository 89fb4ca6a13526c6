"""Neighbouring centres, what is asked between them and us, and every document that was sent for it."""
from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shouwang.desk.log.ids import new_id

from .terms import ENDED


class Neighbour(models.Model):
    """Another centre: its address and the key by which it signs. It is spoken with once two people have compared the
    key's thumbprint with it; another key begins anew."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    zh = models.CharField(max_length=80)
    en = models.CharField(max_length=80)
    address = models.CharField(max_length=200, unique=True)  # https://host[:port]
    public_key = models.CharField(max_length=43)  # Ed25519, base64url
    thumbprint = models.CharField(max_length=64, unique=True)
    sends = models.JSONField(default=list)  # what it may be sent (terms.SENT)
    first_by = models.CharField(max_length=64, blank=True)  # actors' ids: who compared the thumbprint
    second_by = models.CharField(max_length=64, blank=True)
    active = models.BooleanField(default=True)
    heard_at = models.DateTimeField(null=True)  # its last document or receipt
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(
            condition=Q(second_by="") | (~Q(first_by="") & ~Q(second_by=F("first_by"))), name="exchange_two_people")]

    @property
    def confirmed(self) -> bool:
        return bool(self.second_by)

    @property
    def usable(self) -> bool:
        return self.active and self.confirmed


class Help(models.Model):
    """A request for help between a neighbour and us. `state` is what both sides' newest documents come to; it follows
    the life cycle `neighbour_request`. `call`: ours, for which we ask, or which we made to help."""

    id = models.UUIDField(primary_key=True, editable=False)  # made by the side that asks, the same at both
    side = models.CharField(max_length=8)  # ours: asking, helping
    neighbour = models.ForeignKey(Neighbour, on_delete=models.PROTECT, related_name="+")
    call = models.UUIDField(null=True, db_index=True)
    area = models.CharField(max_length=200, db_index=True)
    state = models.CharField(max_length=10, default="sent")
    type = models.CharField(max_length=20)  # of the call of the side that asks: its code and name
    type_text = models.CharField(max_length=160)
    severity = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=240)
    lon = models.FloatField()
    lat = models.FloatField()
    asked = models.JSONField(default=list)  # [{capability, count}]
    by_at = models.DateTimeField(null=True)  # needed before
    offered = models.JSONField(default=list)
    arrives_at = models.DateTimeField(null=True)  # as the helping side expects
    number = models.CharField(max_length=40, blank=True)  # of the other side's call
    units = models.JSONField(default=list)  # of the other side: [{name, state}]
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)  # an actor's id: who asked, or took it in
    taken_by = models.CharField(max_length=64, blank=True)
    said = models.PositiveIntegerField(default=0)  # our documents
    heard = models.PositiveIntegerField(default=0)  # the newest of theirs
    theirs_at = models.DateTimeField(null=True)  # when it was written there
    ended_at = models.DateTimeField(null=True)
    words_deleted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(side__in=("asking", "helping")), name="exchange_help_side"),
            models.CheckConstraint(condition=Q(severity__gte=1, severity__lte=4), name="exchange_help_severity"),
            models.CheckConstraint(
                condition=Q(state__in=("sent", "taken", "offered", "enroute", "on_scene", "done", "refused",
                                       "withdrawn")), name="exchange_help_state"),
            models.CheckConstraint(condition=Q(ended_at__isnull=True) ^ Q(state__in=ENDED),
                                   name="exchange_help_ended"),
        ]


class Document(models.Model):
    """A document as it was sent or came, sealed under its request. One of ours waits from `due_at` until the other
    side's receipt, or is given up."""

    id = models.UUIDField(primary_key=True, editable=False)  # the EIDO's own
    help = models.ForeignKey(Help, on_delete=models.CASCADE, related_name="documents")
    ours = models.BooleanField()
    n = models.PositiveIntegerField()
    state = models.CharField(max_length=10)
    at = models.DateTimeField()  # ours: written; theirs: received
    body = models.BinaryField()
    digest = models.CharField(max_length=64)  # SHA-256 of the body in the clear
    due_at = models.DateTimeField(null=True, db_index=True)
    until = models.DateTimeField(null=True)  # then it is given up
    tries = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=300, blank=True)  # why the last try failed
    delivered_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["help", "ours", "n"], name="exchange_document_once")]
