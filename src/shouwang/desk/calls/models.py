"""Calls, the units sent to them, and what was said: words lie sealed, under a key of their own per call."""
from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shouwang.desk.log.ids import new_id
from shouwang.desk.places.models import Named

CALL_STATES = ("received", "waiting", "responding", "under_control", "transferred", "merged", "cancelled", "closed")
CALL_OPEN = ("received", "waiting", "responding", "under_control")
ASSIGNMENT_STATES = (
    "assigned",
    "acknowledged",
    "enroute",
    "staged",
    "on_scene",
    "transporting",
    "cleared",
    "stood_down",
)
ASSIGNMENT_ENDED = ("cleared", "stood_down")
PULLED_FROM = ("assigned", "acknowledged", "enroute", "staged")  # a unit may still turn to something graver
SERVICES = ("police", "traffic", "fire", "guard", "medical")
SOURCES = ("resident", "alarm", "patrol", "neighbour")  # the last: of another centre, no demand of this district


class CallType(Named):
    """A class (2 digits) or type (6 digits) of calls, with the service it needs and its usual severity."""

    code = models.CharField(primary_key=True, max_length=6)
    parent = models.CharField(max_length=2, blank=True, db_index=True)
    service = models.CharField(max_length=16)
    severity = models.PositiveSmallIntegerField()
    source_kind = models.CharField(max_length=12)
    keywords_zh = models.JSONField(default=list)
    keywords_en = models.JSONField(default=list)
    can_become = models.JSONField(default=list)  # matter, mediation
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(severity__gte=1, severity__lte=4), name="calls_type_severity")
        ]


class Jurisdiction(Named):
    """A rule that says who answers first for a kind of call at a kind of place. All that it names must hold; of several
    that do the lowest `rank` wins. `home`: the area whose units count as those of the place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=24, unique=True)
    rank = models.PositiveSmallIntegerField(default=100)
    types = models.JSONField(default=list, blank=True)  # classes and types of calls; [] for all
    area = models.CharField(max_length=200, blank=True)  # "" for the whole district
    roads = models.JSONField(default=list, blank=True)  # classes of streets that the place lies on; [] for anywhere
    site_kinds = models.JSONField(default=list, blank=True)  # kinds of sites that the place is at
    border_m = models.PositiveIntegerField(null=True, blank=True)  # no farther from the district's border
    from_time = models.TimeField(null=True, blank=True)  # of the day, in the district's zone; over midnight too
    to_time = models.TimeField(null=True, blank=True)
    agency = models.CharField(max_length=40, blank=True)  # the linked agency that answers first
    home = models.CharField(max_length=200, blank=True)
    fallback = models.CharField(max_length=40, blank=True)  # the agency after it; "" for the centre's own units
    from_day = models.DateField()
    to_day = models.DateField(null=True, blank=True)  # the last day
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(agency="") | ~Q(home=""), name="calls_jurisdiction_says_who"),
            models.CheckConstraint(condition=Q(to_day=None) | Q(to_day__gte=F("from_day")),
                                   name="calls_jurisdiction_days"),
        ]


class AlarmLevel(Named):
    """What an alarm level is called and when it is given. A call's `alarm_level` is one of them."""

    level = models.PositiveSmallIntegerField(primary_key=True)
    colour_zh = models.CharField(max_length=20, blank=True)
    colour_en = models.CharField(max_length=20, blank=True)
    when_zh = models.CharField(max_length=200, blank=True)
    when_en = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["level"]
        constraints = [models.CheckConstraint(condition=Q(level__gte=1, level__lte=5), name="calls_alarmlevel_level")]


class ResponsePlan(Named):
    """A run card: what a type of call asks for at an alarm level. What it names of place, area and hours must hold;
    plans.py says which of several does."""

    code = models.CharField(max_length=24, unique=True)
    call_type = models.CharField(max_length=6, db_index=True)  # a type, or a class for its types without a plan
    severity = models.PositiveSmallIntegerField(null=True, blank=True)  # for calls as grave and graver ones
    alarm_level = models.PositiveSmallIntegerField(null=True, blank=True)  # None: the type knows no alarm levels
    place_flag = models.CharField(max_length=24, blank=True)  # a kind of place, as the answers name it
    area = models.CharField(max_length=200, blank=True)  # "" for the whole district
    from_time = models.TimeField(null=True, blank=True)  # of the day, in the district's zone; over midnight too
    to_time = models.TimeField(null=True, blank=True)
    needs = models.JSONField(default=dict, blank=True)  # how many units hold each capability
    notify = models.JSONField(default=list, blank=True)  # roles
    agencies = models.JSONField(default=list, blank=True)
    checklist = models.JSONField(default=list, blank=True)  # codes of known steps, or a centre's own words
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(severity=None) | Q(severity__gte=1, severity__lte=4),
                                   name="calls_responseplan_severity"),
            models.CheckConstraint(condition=Q(alarm_level=None) | Q(alarm_level__gte=1, alarm_level__lte=5),
                                   name="calls_responseplan_level"),
        ]


class CallDay(models.Model):
    """The last number given on a day, so that numbers are counted without gap and never given twice."""

    day = models.DateField(primary_key=True)
    last = models.PositiveIntegerField(default=0)


class Call(models.Model):
    """A call for help. `state` follows the life cycle `call`; between waiting and closed a screen shows the furthest
    of its assignments."""

    id = models.UUIDField(primary_key=True, editable=False)  # UUIDv7 made by whoever takes the call
    day = models.DateField()  # in the district's zone
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=12, db_index=True)  # 1121-0962
    type = models.ForeignKey(CallType, on_delete=models.PROTECT, related_name="+")
    severity = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=16, default="received", db_index=True)
    place = models.CharField(max_length=120)
    detail = models.CharField(max_length=80, blank=True)  # building, floor, door; emptied with the sealed words
    lon = models.FloatField()
    lat = models.FloatField()
    area = models.CharField(max_length=200, db_index=True)
    services = models.JSONField(default=list)
    source = models.CharField(max_length=12, default="resident")
    received_at = models.DateTimeField(db_index=True)
    submitted_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)  # while it waits for a unit
    first_assigned_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True, db_index=True)
    disposition = models.CharField(max_length=24, blank=True)
    target = models.CharField(max_length=12, blank=True)  # matter, mediation: where a transferred call went
    receiver = models.CharField(max_length=80, blank=True)  # the office that took it over
    alarm_level = models.PositiveSmallIntegerField(default=1)  # of the response plan
    asked = models.JSONField(default=dict)  # what the answers ask for: needs by skill, agencies, flags
    main = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    panic_unit = models.UUIDField(null=True)  # the unit that asks for help, for a call opened by its panic button
    site = models.UUIDField(null=True, db_index=True)  # of whose alarm panel it is
    alarms = models.PositiveIntegerField(default=0)  # how many alarms of panels it stands for
    drill = models.BooleanField(default=False)  # made by the replay
    taken_by = models.CharField(max_length=64)  # an actor's id
    version = models.PositiveIntegerField(default=1)
    words_deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["lat", "lon"], name="calls_call_place"),
                   models.Index(fields=["state", "received_at"], name="calls_call_state_received")]
        constraints = [
            models.UniqueConstraint(fields=["day", "serial"], name="calls_call_number"),
            models.CheckConstraint(condition=Q(severity__gte=1, severity__lte=4), name="calls_call_severity"),
            models.CheckConstraint(condition=Q(alarm_level__gte=1, alarm_level__lte=5), name="calls_call_alarm_level"),
            models.CheckConstraint(condition=Q(state__in=CALL_STATES), name="calls_call_state"),
            models.CheckConstraint(
                condition=Q(state="merged", main__isnull=False) | (~Q(state="merged") & Q(main__isnull=True)),
                name="calls_call_merged_into",
            ),
            models.CheckConstraint(
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90), name="calls_call_on_earth"
            ),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(waiting_since__isnull=False), name="calls_call_waits"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CallWords(models.Model):
    """One caller of a call and what was said, sealed under the call's key. The first row is who called first; others
    called about the same thing. Never searched."""

    id = models.UUIDField(primary_key=True, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="words")
    at = models.DateTimeField()
    taken_by = models.CharField(max_length=64)
    name = models.BinaryField(default=b"")
    number = models.BinaryField(default=b"")
    words = models.BinaryField(default=b"")
    ticks = models.BinaryField(default=b"")  # at the scene, may be called back, … separated by spaces
    answers = models.BinaryField(default=b"")  # to the guided questions, by question


class Note(models.Model):
    """Words of staff about a call (a reason, a result, a remark), sealed. Its id is that of the event it belongs to."""

    id = models.UUIDField(primary_key=True, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=24)  # close, report, remark
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    text = models.BinaryField()


class Assignment(models.Model):
    """One unit of one call; `state` follows the life cycle `assignment`. `ended_at` is set when it is over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="assignments")
    unit = models.UUIDField(db_index=True)
    state = models.CharField(max_length=16, default="assigned")
    by = models.CharField(max_length=64)
    overridden = models.BooleanField(default=False)  # sent although not recommended; the reason lies with its event
    eta_s = models.FloatField(null=True)  # promised by the recommendation
    assigned_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    enroute_at = models.DateTimeField(null=True)
    staged_at = models.DateTimeField(null=True)
    on_scene_at = models.DateTimeField(null=True)
    transporting_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=24, blank=True)  # what the crew reports
    from_call = models.UUIDField(null=True)  # the merged call it was made for
    # Where the unit stands in a cordon, by the crossing there, and before when; empty for one that goes to the call.
    stand_lon = models.FloatField(null=True)
    stand_lat = models.FloatField(null=True)
    stand_zh = models.CharField(max_length=160, blank=True)
    stand_en = models.CharField(max_length=160, blank=True)
    stand_before = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(ended_at__isnull=True), name="calls_assignment_one_open"
            ),
            models.CheckConstraint(condition=Q(state__in=ASSIGNMENT_STATES), name="calls_assignment_state"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) ^ Q(state__in=ASSIGNMENT_ENDED), name="calls_assignment_ended"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("assigned_at")), name="calls_assignment_order"
            ),
            models.CheckConstraint(
                condition=Q(stand_lon__isnull=True, stand_lat__isnull=True, stand_before__isnull=True)
                | Q(stand_lon__isnull=False, stand_lat__isnull=False, stand_lon__gte=-180, stand_lon__lte=180,
                    stand_lat__gte=-90, stand_lat__lte=90),
                name="calls_assignment_stand",
            ),
        ]

    @property
    def goal(self) -> tuple[float, float]:
        """Where the unit is sent: its place in a cordon, else the call's."""
        if self.stand_lon is not None and self.stand_lat is not None:
            return self.stand_lon, self.stand_lat
        return self.call.lon, self.call.lat


class CallLink(models.Model):
    """Two calls that have to do with one another and stay two: `one` and `other`, by order of id, or the part that was
    split off a call (`split`, out of `one`). Taken back, the row stays with its end."""

    KINDS = ("related", "split")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    one = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], condition=Q(ended_at__isnull=True),
                                    name="calls_calllink_once"),
            models.CheckConstraint(condition=Q(kind__in=("related", "split")), name="calls_calllink_kind"),
            models.CheckConstraint(condition=~Q(one=F("other")), name="calls_calllink_two"),
        ]


class Draft(models.Model):
    """What a call-taker has typed and not yet saved, sealed; gone on save or after 24 hours."""

    user = models.CharField(primary_key=True, max_length=64)
    at = models.DateTimeField()
    body = models.BinaryField()


class SavedView(models.Model):
    """How one account likes to see the board: a name, and the part of the address after the question mark."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.UUIDField()
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=300, blank=True)
    starts = models.BooleanField(default=False)  # what the board opens with

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="calls_savedview_once"),
            models.UniqueConstraint(fields=["user"], condition=Q(starts=True), name="calls_savedview_one_start"),
        ]


class PaperEntry(models.Model):
    """A call that was worked on paper and entered afterwards. Its rows hold the true times; here stands when they were
    entered and by whom. Why lies sealed with the event."""

    call = models.OneToOneField(Call, primary_key=True, on_delete=models.CASCADE, related_name="paper")
    entered_at = models.DateTimeField()
    by = models.CharField(max_length=64)


class CardStep(models.Model):
    """A line of a call's run card that is done: a step of its checklist, or somebody whom the plan names was told."""

    KINDS = ("check", "tell")
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="card_steps")
    kind = models.CharField(max_length=8)
    code = models.CharField(max_length=80)  # as the plan has it: of a step, or of a role
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "kind", "code"], name="calls_cardstep_once"),
            models.CheckConstraint(condition=Q(kind__in=("check", "tell")), name="calls_cardstep_kind"),
        ]


class Late(models.Model):
    """A time standard of a call, or of one unit on it, that was missed and passed up. `step`: how far up the chain;
    each is told once."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="late")
    assignment = models.ForeignKey(Assignment, null=True, on_delete=models.CASCADE, related_name="late")
    timer = models.CharField(max_length=24)
    since = models.DateTimeField()  # from when the standard ran
    step = models.PositiveSmallIntegerField()
    to = models.CharField(max_length=40)  # a role, or next_centre
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "timer", "since", "step"], condition=Q(assignment=None),
                                    name="calls_late_once"),
            models.UniqueConstraint(fields=["assignment", "timer", "since", "step"],
                                    condition=Q(assignment__isnull=False), name="calls_late_once_a_unit"),
        ]


class Welfare(models.Model):
    """Whether the crew of an assignment is well: last heard of, asked since, no answer since."""

    assignment = models.OneToOneField(Assignment, primary_key=True, on_delete=models.CASCADE, related_name="welfare")
    heard_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(overdue_at__isnull=True) | Q(asked_at__isnull=False),
                                   name="calls_welfare_order"),
        ]


class ScenePhoto(models.Model):
    """A photo of a crew for a call, sealed on disk under the call's key. Its id is that of its event. Place and time
    are what the phone said beside it; nothing that the camera wrote into the file is kept."""

    id = models.UUIDField(primary_key=True, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="photos")
    unit = models.UUIDField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()


class Measure(models.Model):
    """A figure measured from assignments that are over: means and counts of a service or a type of call, never of a
    unit or of anybody. `what`: busy (part of its duty that a unit is busy; `figures` by hour of the week, `weight` in
    unit-hours on duty), scene (seconds at the scene) or bound (seconds from assigned to free), both by shift, `weight`
    in cases."""

    KINDS = ("busy", "scene", "bound")
    what = models.CharField(max_length=8)
    key = models.CharField(max_length=16)  # a service; scene: the code of a type, "*" for those without a row
    value = models.FloatField()  # of all hours, or of all shifts
    weight = models.FloatField()
    figures = models.JSONField()  # busy: 168 shares; else {shift's beginning: [mean seconds, cases]}
    at = models.DateTimeField()

    class Meta:
        ordering = ["what", "key"]
        constraints = [
            models.UniqueConstraint(fields=["what", "key"], name="calls_measure_once"),
            models.CheckConstraint(condition=Q(what__in=("busy", "scene", "bound")), name="calls_measure_what"),
        ]

    @property
    def week(self) -> list[list[float]]:
        """Busy: percent, by weekday from Monday and hour of the day."""
        return [[round(share * 100) for share in self.figures[d * 24 : d * 24 + 24]] for d in range(7)]

    @property
    def by_shift(self) -> list[tuple[str, float, int]]:
        """Scene and bound: the shift's beginning, minutes, cases."""
        return [(start, round(mean / 60, 1), cases) for start, (mean, cases) in sorted(self.figures.items())]
