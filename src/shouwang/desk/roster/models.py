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
    # The published roster whose last days this one changes, when somebody cannot come.
    replaces = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="replacements")

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
    """A turn of duty of a published roster. `day`: the local day on which it starts; `shift`: when, as 23:00; `unit`:
    with which of the approved plan it goes out; `pair`: the same number in a shift goes out as a mixed pair."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="turns")
    user = models.UUIDField()
    day = models.DateField()
    shift = models.CharField(max_length=5)
    start = models.DateTimeField()
    end = models.DateTimeField()
    night = models.BooleanField()
    service = models.CharField(max_length=16)
    unit = models.UUIDField(null=True)
    pair = models.PositiveSmallIntegerField(null=True)

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


class Swap(models.Model):
    """A change of turns between members of a published roster. `swap`: `user` gives the turn of `day` and takes the one
    that `other` has on `other_day`; `give`: `other` takes it over; `open`: a shift that nobody has, for whoever takes
    it (`user` is then empty). Asked, accepted by the other, approved by a leader; an open one is taken in one step."""

    KINDS = ("swap", "give", "open")
    STATES = ("asked", "accepted", "done", "declined", "refused", "withdrawn", "void")
    id = models.UUIDField(primary_key=True, editable=False)
    roster = models.ForeignKey(Roster, on_delete=models.CASCADE, related_name="swaps")
    kind = models.CharField(max_length=4)
    user = models.UUIDField(null=True, db_index=True)
    day = models.DateField(db_index=True)
    shift = models.CharField(max_length=5)
    service = models.CharField(max_length=16)
    other = models.UUIDField(null=True, db_index=True)
    other_day = models.DateField(null=True)
    other_shift = models.CharField(max_length=5, blank=True)
    state = models.CharField(max_length=9, default="asked", db_index=True)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=("swap", "give", "open")), name="roster_swap_kind"),
            models.CheckConstraint(
                condition=models.Q(state__in=("asked", "accepted", "done", "declined", "refused", "withdrawn", "void")),
                name="roster_swap_state",
            ),
            models.CheckConstraint(condition=models.Q(kind="open") ^ models.Q(user__isnull=False),
                                   name="roster_swap_whose"),
            # A turn is in one swap at a time.
            models.UniqueConstraint(fields=["user", "day"], condition=models.Q(state__in=("asked", "accepted")),
                                    name="roster_swap_turn_once"),
        ]


class Presence(models.Model):
    """A member clocked on for a turn without a unit, at a desk or post: when and where by name, never a position.
    `by_clock`: the clock ended it, for nobody clocked off."""

    id = models.UUIDField(primary_key=True, editable=False)
    user = models.UUIDField()
    area = models.CharField(max_length=200, db_index=True)
    on_at = models.DateTimeField()
    on_place = models.CharField(max_length=200)  # code of a post, or path of an area: its office
    off_at = models.DateTimeField(null=True)
    off_place = models.CharField(max_length=200, blank=True)
    by_clock = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(off_at__isnull=True),
                                    name="roster_presence_one_open"),
            models.CheckConstraint(condition=models.Q(off_at__isnull=True) | models.Q(off_at__gte=models.F("on_at")),
                                   name="roster_presence_order"),
        ]
        indexes = [models.Index(fields=["user", "on_at"], name="roster_presence_user")]


class DeskGap(models.Model):
    """A desk with fewer people on duty than its watch has: since when it is known, when it was told (once, after it
    lasted), and when it was over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)
    since = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["area"], condition=models.Q(until__isnull=True),
                                    name="roster_gap_one_open"),
            models.CheckConstraint(condition=models.Q(until__isnull=True) | models.Q(told_at__isnull=False),
                                   name="roster_gap_told_first"),
        ]
