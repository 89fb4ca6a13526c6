"""Volunteers, their trade associations and neighbours' groups; what they are told, and what they say; helpers hurt.

The limits hold here by construction: a volunteer is who registered themselves, sealed, gone when they withdraw. A
notice asks for help, never about anybody suspected; its words and picture are gone when its time is over."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shouwang.desk.log.ids import new_id

from .terms import CLAIM_OVER, CLAIM_STATES, KINDS, LOOKOUTS, STATES

ON_EARTH = Q(lon=None) | Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90)


class Association(models.Model):
    """A trade association that registered itself: an organisation. `contact`: its office and telephone, sealed."""

    id = models.UUIDField(primary_key=True, editable=False)
    name = models.CharField(max_length=80)
    trade = models.CharField(max_length=24)
    area = models.CharField(max_length=200)  # the district's or a part's
    contact = models.BinaryField(default=b"")
    state = models.CharField(max_length=10, default="applied")
    why = models.CharField(max_length=10, blank=True)
    follow = models.CharField(max_length=64, unique=True)  # digest of the code it comes back by
    consent = models.CharField(max_length=12)  # version of the text agreed to
    consent_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    example = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=tuple(STATES)), name="volunteers_assoc_state")]

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """A neighbours' group of 10–15 households (十户联防), each there by one volunteer who registered with its code."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=8, unique=True)  # by which its households join it
    name = models.CharField(max_length=60)  # of the lane or building
    area = models.CharField(max_length=200, db_index=True)
    made_at = models.DateTimeField()
    example = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name


class Volunteer(models.Model):
    """Who registered themselves. `contact`: what they are called and how they are reached, sealed under the row's own
    key. The row is deleted when they withdraw."""

    id = models.UUIDField(primary_key=True, editable=False)  # UUIDv7 handed out with the puzzle
    area = models.CharField(max_length=200)  # the community where they help
    trade = models.CharField(max_length=24, blank=True)
    association = models.ForeignKey(Association, null=True, on_delete=models.SET_NULL, related_name="members")
    group = models.ForeignKey(Group, null=True, on_delete=models.SET_NULL, related_name="members")
    contact = models.BinaryField(default=b"")
    channel = models.CharField(max_length=8, blank=True)  # phone, email; "" for an example that nobody reaches
    state = models.CharField(max_length=10, default="applied")
    why = models.CharField(max_length=10, blank=True)  # not taken: one of a fixed list
    follow = models.CharField(max_length=64, null=True, unique=True)  # digest of the code they come back by
    link = models.PositiveIntegerField(default=1)  # the number of the standing link of their group; older ones are over
    consent = models.CharField(max_length=12)
    consent_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    trained_on = models.DateField(null=True)
    example = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["area", "state", "consent_at"], name="volunteers_listed"),
                   models.Index(fields=["state", "trade"], name="volunteers_told")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=tuple(STATES)), name="volunteers_volunteer_state"),
            models.CheckConstraint(condition=Q(channel__in=("", "phone", "email")), name="volunteers_channel"),
            models.CheckConstraint(condition=~Q(state="refused") | Q(contact=b""), name="volunteers_refused_unknown"),
        ]

    @property
    def number(self) -> str:
        return f"V-{self.id.hex[-6:].upper()}"

    def __str__(self) -> str:
        return self.number


class Service(models.Model):
    """Hours served, or thanks received, on a day. Added up by area, trade and kind; outlives the volunteer without
    them."""

    id = models.UUIDField(primary_key=True, editable=False)  # the event's
    volunteer = models.ForeignKey(Volunteer, null=True, on_delete=models.SET_NULL, related_name="services")
    area = models.CharField(max_length=200, db_index=True)
    trade = models.CharField(max_length=24, blank=True)
    day = models.DateField(db_index=True)
    kind = models.CharField(max_length=12)
    hours = models.DecimalField(max_digits=4, decimal_places=1, default=0)  # 0: thanks
    by = models.CharField(max_length=64)
    example = models.BooleanField(default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(hours__gte=0, hours__lte=24), name="volunteers_hours")]


class Notice(models.Model):
    """Something volunteers are told, until a time. `text` and the picture are sealed under the notice's own key, which
    is destroyed when the time is over. A look-out lasts 24 hours at most: the database refuses longer ones."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=8)
    about = models.CharField(max_length=10, blank=True)  # of a look-out or a group's call: one of a fixed list
    area = models.CharField(max_length=200, db_index=True)
    trades = models.JSONField(default=list)  # codes; empty for everybody
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="calls")
    call = models.UUIDField(null=True)  # the call it is for
    text = models.BinaryField(default=b"")
    picture = models.UUIDField(null=True)  # its file, sealed
    by = models.CharField(max_length=64)  # the officer who ordered it: an actor's id
    at = models.DateTimeField(db_index=True)
    lasts_min = models.PositiveIntegerField()
    until_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    words_deleted_at = models.DateTimeField(null=True)
    told = models.PositiveIntegerField(default=0)  # how many it was addressed to
    example = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["words_deleted_at", "until_at"], name="volunteers_notice_due")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=tuple(KINDS)), name="volunteers_notice_kind"),
            models.CheckConstraint(condition=~Q(kind="lookout") | Q(lasts_min__lte=24 * 60, about__in=tuple(LOOKOUTS)),
                                   name="volunteers_lookout_within_limits"),
            models.CheckConstraint(condition=Q(kind="group", group__isnull=False) | (~Q(kind="group") & Q(group=None)),
                                   name="volunteers_notice_group"),
            models.CheckConstraint(condition=Q(words_deleted_at=None) | Q(text=b"", picture=None),
                                   name="volunteers_notice_deleted"),
        ]


class Message(models.Model):
    """The outbox: one message to one volunteer. It holds no words: they are put together when it is sent."""

    STATES = ("queued", "sending", "sent", "failed", "void")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    purpose = models.CharField(max_length=10)  # notice, confirmed
    notice = models.ForeignKey(Notice, null=True, on_delete=models.CASCADE, related_name="messages")
    volunteer = models.ForeignKey(Volunteer, null=True, on_delete=models.SET_NULL, related_name="messages")
    channel = models.CharField(max_length=8)
    state = models.CharField(max_length=8, default="queued")
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    taken = models.UUIDField(null=True)  # by which run of the worker
    fault = models.CharField(max_length=16, blank=True)  # why it failed: one of a fixed list
    sent_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "next_at"], name="volunteers_message_due")]
        constraints = [models.CheckConstraint(condition=Q(state__in=("queued", "sending", "sent", "failed", "void")),
                                              name="volunteers_message_state")]


class Answer(models.Model):
    """What a volunteer says to a notice: for the desk alone. `text` is sealed under the answer's own key."""

    id = models.UUIDField(primary_key=True, editable=False)  # the event's
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="answers")
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="answers")
    what = models.CharField(max_length=8)
    text = models.BinaryField(default=b"")  # where, and a few words
    lon = models.FloatField(null=True)  # of what was seen
    lat = models.FloatField(null=True)
    at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    handled_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=ON_EARTH, name="volunteers_answer_on_earth")]


class Claim(models.Model):
    """Support for a helper hurt in service; `state` follows the life cycle `hurt_claim`. Who it is and what happened
    lie sealed under the claim's own key; papers are counted, not kept."""

    id = models.UUIDField(primary_key=True, editable=False)
    area = models.CharField(max_length=200, db_index=True)
    helper = models.CharField(max_length=10)  # volunteer, member, bystander
    day = models.DateField()  # when it happened
    contact = models.BinaryField(default=b"")  # name and how they are reached
    state = models.CharField(max_length=10, default="claimed")
    papers = models.JSONField(default=dict)  # kind → how many
    asked = models.DecimalField(max_digits=10, decimal_places=2, default=0)  # yuan
    paid = models.DecimalField(max_digits=10, decimal_places=2, null=True)  # support paid ahead
    settled = models.DecimalField(max_digits=10, decimal_places=2, null=True)  # in all
    by = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    since = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    words_deleted_at = models.DateTimeField(null=True)
    example = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=CLAIM_STATES), name="volunteers_claim_state"),
            models.CheckConstraint(condition=Q(closed_at__isnull=True) ^ Q(state__in=CLAIM_OVER),
                                   name="volunteers_claim_over"),
            models.CheckConstraint(condition=Q(asked__gte=0) & (Q(paid=None) | Q(paid__gte=0))
                                   & (Q(settled=None) | Q(settled__gte=0)), name="volunteers_claim_amounts"),
        ]

    @property
    def number(self) -> str:
        return f"H-{self.id.hex[-6:].upper()}"

    def __str__(self) -> str:
        return self.number


class ClaimWords(models.Model):
    """What was said about a claim (what happened, a reason, an objection), sealed under its key. Its id is that of the
    event it belongs to."""

    id = models.UUIDField(primary_key=True, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="words")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    text = models.BinaryField()
