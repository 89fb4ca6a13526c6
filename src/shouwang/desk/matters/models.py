"""Grid matters: what, where, which step, until when. Who reported from outside is nobody but sealed words."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shouwang.desk.log.ids import new_id
from shouwang.desk.places.models import Named

STATES = ("reported", "accepted", "assigned", "handling", "returned", "extended", "suspended", "answered", "checking",
          "closed", "rated", "void")
OVER = ("closed", "rated", "void")
LEVELS = ("community", "street", "district")


class MatterType(Named):
    """A kind of matter. The four figures are hours: of work, or on the clock of `continuous` kinds."""

    code = models.CharField(primary_key=True, max_length=6)
    parent = models.CharField(max_length=3, blank=True, db_index=True)
    level = models.CharField(max_length=10)  # who settles it: community, street, district
    continuous = models.BooleanField(default=False)
    accept_h = models.FloatField()
    assign_h = models.FloatField()
    handle_h = models.FloatField()
    check_h = models.FloatField()
    agency = models.CharField(max_length=24, blank=True)  # that usually handles it
    referral = models.BooleanField(default=False)  # help for people: a reference number at the agency, nothing else
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(level__in=LEVELS), name="matters_type_level")]


class ReportingPoint(Named):
    """A shop, gatehouse or the like with a public mark, from which anybody may report. A place, nobody's name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=12, unique=True)  # in the address of its mark
    kind = models.CharField(max_length=16)
    area = models.CharField(max_length=200, db_index=True)
    lon = models.FloatField()
    lat = models.FloatField()
    active = models.BooleanField(default=True)


class OfficeItem(Named):
    """What an office has set down of itself: a system, a room, equipment or a task, how many, and which office answers
    for it. An office's plan, and nobody's file."""

    KINDS = ("system", "room", "equipment", "task")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=12)
    count = models.PositiveIntegerField(null=True, blank=True)
    answers = models.CharField(max_length=80)  # an office or post, never a person
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=("system", "room", "equipment", "task")),
                                              name="matters_officeitem_kind")]


class CellCount(models.Model):
    """How many live in a grid cell, as somebody counted on a day: one total, never whom, never which of them."""

    area = models.CharField(max_length=200)
    day = models.DateField()
    residents = models.PositiveIntegerField()
    source = models.CharField(max_length=120)
    example = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "day"], name="matters_cellcount_one_a_day")]


class MatterDay(models.Model):
    """The last number given on a day, so that none is given twice."""

    day = models.DateField(primary_key=True)
    last = models.PositiveIntegerField(default=0)


class Matter(models.Model):
    """`state` follows the life cycle `matter`. `due_at` is the end of the step that waits; `handle_due_at` that of the
    handling, kept while it is checked or suspended."""

    id = models.UUIDField(primary_key=True, editable=False)  # UUIDv7 made by whoever reports
    day = models.DateField()
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=12, db_index=True)  # M1128-0007
    type = models.ForeignKey(MatterType, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=10)
    state = models.CharField(max_length=12, default="reported")
    place = models.CharField(max_length=120)
    lon = models.FloatField()
    lat = models.FloatField()
    area = models.CharField(max_length=200)
    source = models.CharField(max_length=8)
    reported_by = models.CharField(max_length=64, db_index=True)  # an actor's id; a resident has none
    point = models.ForeignKey(ReportingPoint, null=True, on_delete=models.PROTECT, related_name="+")
    call = models.UUIDField(null=True, unique=True)  # the call it was passed on from
    main = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="repeats")
    # A complex matter is split: each part is a matter of its own, and the whole is over when all of them are.
    whole = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="pieces")
    handler = models.CharField(max_length=24, blank=True)  # an agency
    reference = models.CharField(max_length=40, blank=True)  # of a referral, at the agency
    follow = models.CharField(max_length=64, null=True, unique=True)  # digest of the code a resident follows it by
    contact = models.BinaryField(default=b"")  # of a resident who wants to hear of it, sealed
    has_words = models.BooleanField(default=False)
    reported_at = models.DateTimeField(db_index=True)
    since = models.DateTimeField()  # it has been in this state
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)  # most of the time is spent
    late_at = models.DateTimeField(null=True)  # somebody was told that the present step is late
    told = models.CharField(max_length=10, blank=True)  # the level whose centre was told so last
    accepted_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    handle_due_at = models.DateTimeField(null=True)
    left_h = models.FloatField(null=True)  # of the handling when it was suspended
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=64, blank=True)
    in_time = models.BooleanField(null=True)  # answered before its end
    closed_at = models.DateTimeField(null=True, db_index=True)
    redone = models.PositiveSmallIntegerField(default=0)
    check_by = models.CharField(max_length=8, blank=True)  # how it was checked: one of a fixed list
    rating = models.PositiveSmallIntegerField(null=True)
    words_deleted_at = models.DateTimeField(null=True)
    example = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at"], name="matters_matter_due"),
            models.Index(fields=["area", "reported_at"], name="matters_matter_area"),
            models.Index(fields=["lat", "lon"], name="matters_matter_place"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["day", "serial"], name="matters_matter_number"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="matters_matter_state"),
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="matters_matter_level"),
            models.CheckConstraint(condition=Q(rating=None) | Q(rating__gte=1, rating__lte=5),
                                   name="matters_matter_rating"),
            models.CheckConstraint(condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                                   name="matters_matter_on_earth"),
            models.CheckConstraint(condition=Q(main=None) | Q(state="void"), name="matters_matter_repeats"),
            models.CheckConstraint(condition=Q(state__in=OVER, closed_at__isnull=False)
                                   | (~Q(state__in=OVER) & Q(closed_at__isnull=True)), name="matters_matter_over"),
        ]

    def __str__(self) -> str:
        return self.number


class MatterWords(models.Model):
    """What was said about a matter (the report, a result, a remark), sealed under the matter's key. Its id is that of
    the event it belongs to. Never searched."""

    id = models.UUIDField(primary_key=True, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="words")
    kind = models.CharField(max_length=8)  # report, result, remark
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    text = models.BinaryField()


class MatterPhoto(models.Model):
    """A photo of the thing, before or after, without the camera's own data. The picture lies sealed in
    DATA/photos/<id>."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="photos")
    kind = models.CharField(max_length=8)  # before, after
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()


class JointTask(models.Model):
    """One body's part of a matter that takes several; `state` follows the life cycle `joint_task`. `ends_at`: the end
    of the step that waits; `late_at`, `told`: who was told last that it is over, the body ("agency") or a level's
    centre, and when."""

    id = models.UUIDField(primary_key=True, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="tasks")
    joint = models.CharField(max_length=12)  # which of the five joints
    agency = models.CharField(max_length=24)
    state = models.CharField(max_length=12, default="set")
    due_at = models.DateTimeField()
    since = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    late_at = models.DateTimeField(null=True)
    told = models.CharField(max_length=10, blank=True)
    set_by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter", "joint", "agency"], condition=~Q(state="dropped"),
                                    name="matters_jointtask_once"),
        ]
