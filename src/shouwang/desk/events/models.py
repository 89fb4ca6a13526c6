"""Major events: the plans for them, what is under way, and the warnings that were issued. Places and matters: people
are staff who sign, and numbers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shouwang.desk.log.ids import new_id
from shouwang.desk.places.models import Named


class EventPlan(Named):
    """What is done about one kind of major event. `levels`: from the lowest up, each with level, zh, en, when_zh,
    when_en, commander, deputy, notify (roles); `tasks`: id, within_min, by (a role), zh, en; `resources`: capability →
    how many; `checklist`: codes of checklist items."""

    code = models.CharField(primary_key=True, max_length=40)
    kind_zh = models.CharField(max_length=60)
    kind_en = models.CharField(max_length=60)
    call_types = models.JSONField(default=list)
    levels = models.JSONField(default=list)
    tasks = models.JSONField(default=list)
    resources = models.JSONField(default=dict)
    checklist = models.JSONField(default=list)
    end_zh = models.CharField(max_length=120, blank=True)
    end_en = models.CharField(max_length=120, blank=True)
    active = models.BooleanField(default=True)


class Major(models.Model):
    """One event under way or over. `plan` is the plan as it was when it began (its changes do not reach back);
    `counts`: evacuated, sheltered, missing, returned: how many people, never who. Words about it are sealed under its
    id."""

    STATES = ("active", "over")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    day = models.DateField()
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=16, unique=True)
    code = models.CharField(max_length=40)  # the plan's
    plan = models.JSONField()
    level = models.CharField(max_length=4)
    state = models.CharField(max_length=8, default="active")
    area = models.CharField(max_length=200, db_index=True)
    place = models.CharField(max_length=120)
    lon = models.FloatField()
    lat = models.FloatField()
    counts = models.JSONField(default=dict)
    drill = models.BooleanField(default=False)  # begun from a replayed call
    started_at = models.DateTimeField(db_index=True)
    started_by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)
    words_deleted_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "serial"], name="events_major_number"),
            models.CheckConstraint(condition=Q(state="active", ended_at__isnull=True)
                                   | Q(state="over", ended_at__isnull=False), name="events_major_ended"),
            models.CheckConstraint(condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90),
                                   name="events_major_on_earth"),
        ]

    def __str__(self) -> str:
        return self.number


class Joined(models.Model):
    """A call that belongs to an event. A call belongs to one that is under way at most."""

    event = models.ForeignKey(Major, on_delete=models.CASCADE, related_name="calls")
    call = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    open = models.BooleanField(default=True)  # while the event is

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "call"], name="events_joined_once"),
            models.UniqueConstraint(fields=["call"], condition=Q(open=True), name="events_joined_one_open"),
        ]


class Command(models.Model):
    """Who commands: one row for each time that command passes on. `due`: the level asks for another commander and
    whoever has it has not signed yet; `given`: signed by the giver; `taken`: by the taker too. The last one taken is in
    force."""

    STATES = ("due", "given", "taken", "withdrawn")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(Major, on_delete=models.CASCADE, related_name="commands")
    role = models.CharField(max_length=40)  # as the plan names it
    level = models.CharField(max_length=4)
    state = models.CharField(max_length=10)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()  # when it has to be taken
    late_at = models.DateTimeField(null=True)
    given_by = models.CharField(max_length=64, blank=True)
    given_at = models.DateTimeField(null=True)
    taken_by = models.CharField(max_length=64, blank=True)
    taken_at = models.DateTimeField(null=True)
    by_plan = models.BooleanField(default=True)  # the taker holds the role

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=("due", "given", "taken", "withdrawn")),
                                   name="events_command_state"),
            models.CheckConstraint(condition=Q(state="taken", taken_at__isnull=False)
                                   | (~Q(state="taken") & Q(taken_at__isnull=True)), name="events_command_taken"),
            models.CheckConstraint(condition=Q(taken_by="") | ~Q(given_by=F("taken_by")), name="events_command_two"),
            models.UniqueConstraint(fields=["event"], condition=Q(state__in=("due", "given")),
                                    name="events_command_one_open"),
        ]


class Sector(models.Model):
    """A part of the ground, drawn on the map. `ring`: corners as [lon, lat], the last not the first again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(Major, on_delete=models.CASCADE, related_name="sectors")
    name = models.CharField(max_length=40)
    ring = models.JSONField()
    removed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)


class Placed(models.Model):
    """A unit, or the task of an agency, in a sector."""

    event = models.ForeignKey(Major, on_delete=models.CASCADE, related_name="placed")
    sector = models.ForeignKey(Sector, on_delete=models.CASCADE)
    kind = models.CharField(max_length=8)  # unit or agency
    ref = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "kind", "ref"], name="events_placed_once"),
            models.CheckConstraint(condition=Q(kind__in=("unit", "agency")), name="events_placed_kind"),
        ]


class Item(models.Model):
    """A task or an objective. Those of the plan have its code; of the others the words are sealed."""

    KINDS, STATES = ("task", "objective"), ("open", "doing", "done", "dropped")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(Major, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=10)
    code = models.CharField(max_length=60, blank=True)
    text = models.BinaryField(default=b"")
    owner = models.CharField(max_length=40, blank=True)  # a role, or agency:CODE
    sector = models.ForeignKey(Sector, null=True, on_delete=models.SET_NULL)
    state = models.CharField(max_length=8, default="open")
    due_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)  # when the alarm went
    doing_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="events_item_due")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=("task", "objective")), name="events_item_kind"),
            models.CheckConstraint(condition=Q(state__in=("open", "doing", "done", "dropped")),
                                   name="events_item_state"),
            models.UniqueConstraint(fields=["event", "code"], condition=~Q(code=""), name="events_item_code"),
        ]


class Tick(models.Model):
    """A line of a checklist (`of` = check) or of the list of whom to tell (notify), ticked or not."""

    event = models.ForeignKey(Major, on_delete=models.CASCADE, related_name="ticks")
    of = models.CharField(max_length=8)
    code = models.CharField(max_length=60)
    level = models.CharField(max_length=4, blank=True)  # at which level it came in
    place = models.PositiveSmallIntegerField()
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "of", "code"], name="events_tick_once"),
            models.CheckConstraint(condition=Q(of__in=("check", "notify")), name="events_tick_of"),
        ]


class Said(models.Model):
    """A remark in an event's log, sealed under the event's id. The id is that of the log's event."""

    id = models.UUIDField(primary_key=True, editable=False)
    event = models.ForeignKey(Major, on_delete=models.CASCADE, related_name="said")
    text = models.BinaryField()


class Warning(models.Model):
    """A warning as it was issued. `xml` is the signed CAP document; the columns beside it are for lists and pages. What
    updates or cancels it names it in `replaces`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    identifier = models.CharField(max_length=40, unique=True)
    event = models.ForeignKey(Major, null=True, on_delete=models.SET_NULL, related_name="warnings")
    area = models.CharField(max_length=200, db_index=True)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    msg_type = models.CharField(max_length=8)
    status = models.CharField(max_length=10)
    given = models.JSONField()  # as composed: terms.NewWarning
    sent_at = models.DateTimeField(db_index=True)
    expires_at = models.DateTimeField(db_index=True)
    issued_by = models.CharField(max_length=64)
    xml = models.BinaryField()
    written_at = models.DateTimeField(null=True)  # when its file lay in the outbox

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(msg_type__in=("Alert", "Update", "Cancel")), name="events_warning_type"),
            models.CheckConstraint(condition=Q(status__in=("Actual", "Exercise", "Test")),
                                   name="events_warning_status"),
            models.CheckConstraint(condition=Q(replaces__isnull=True) ^ ~Q(msg_type="Alert"),
                                   name="events_warning_replaces"),
        ]
