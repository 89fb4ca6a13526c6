"""Past calls taken in, forecasts, and plans: where which unit stands in a shift. Nothing here is about persons."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language

from shouwang.desk.log.ids import new_id
from shouwang.desk.workflow.work import Work


class HistoryFile(models.Model):
    """Calls of the past, as Parquet (time, lon, lat, category, source) under DATA/history. Times are local."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)  # path of the district they lie in
    name = models.CharField(max_length=120)
    rows = models.PositiveIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    source = models.CharField(max_length=300)
    licence = models.CharField(max_length=120)
    kinds = models.JSONField(default=dict)  # kind → number of calls
    excluded_kinds = models.JSONField(default=list)  # kinds that patrols find by themselves: they feed no forecast
    generated = models.BooleanField(default=False)  # no such call was ever made
    # An old record of an example district: its days are moved by whole weeks up to now, and shown as moved.
    example = models.BooleanField(default=False)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()
    active = models.BooleanField(default=True)


class Forecast(models.Model):
    """Expected calls by cell and hour, as Parquet under DATA/forecasts, with what is needed to judge it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)
    made_at = models.DateTimeField()
    origin = models.DateTimeField()  # the first hour foretold; only calls before it were used
    hours = models.PositiveSmallIntegerField()
    cell_m = models.FloatField()
    model = models.CharField(max_length=40)
    settings = models.JSONField(default=dict)  # what the model chose by itself
    calls_used = models.PositiveIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    left_out = models.JSONField(default=dict)  # kind → calls that were not used, found by patrols themselves
    generated = models.BooleanField(default=False)
    moved_days = models.PositiveIntegerField(default=0)  # an example's old record was moved by so many days
    backtest = models.JSONField(default=dict)  # scores of forecasts made earlier without knowing what came
    by_area = models.JSONField(default=list)  # [{"path", "expected": [per hour], "low", "high", "shifts": […]}, …]
    shifts = models.JSONField(default=list)  # when the shifts told in `by_area` begin
    week = models.JSONField(default=list)  # 7 × 24 calls an hour, from Monday
    # Which part of the calls needs a service: {"calls": how many it was measured from, "services": {service: {"mean",
    # "calls": how many needed it, "hours": [by hour of the day], "places": {path of a community: part}}}}.
    parts = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)

    @property
    def moved_weeks(self) -> int:
        return self.moved_days // 7

    class Meta:
        get_latest_by = "made_at"
        indexes = [models.Index(fields=["area", "-made_at"], name="patrol_forecast_newest")]


class Plan(models.Model):
    """Posts and tours for one shift of one district. Its `state` follows the life cycle `plan`."""

    STATES = ("draft", "submitted", "returned", "approved", "replaced")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200, db_index=True)
    shift_start = models.DateTimeField()
    shift_end = models.DateTimeField()
    state = models.CharField(max_length=16, default="draft", db_index=True)
    forecast = models.ForeignKey(Forecast, on_delete=models.PROTECT, related_name="plans")
    within_s = models.PositiveIntegerField()  # the response standard the figures are told for
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=64, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.BinaryField(default=bytes, blank=True)  # sealed: why it was returned
    figures = models.JSONField(default=dict)  # today's and the plan's, as advice counts them
    version = models.PositiveIntegerField(default=1)  # one more with each edit: an edit of an older one is refused

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(shift_end__gt=models.F("shift_start")), name="patrol_plan_shift"),
            models.CheckConstraint(
                condition=models.Q(state__in=("draft", "submitted", "returned", "approved", "replaced")),
                name="patrol_plan_state",
            ),
            models.UniqueConstraint(
                fields=["area", "shift_start"], condition=models.Q(state="approved"), name="patrol_plan_one_approved"
            ),
            models.UniqueConstraint(
                fields=["area", "shift_start"],
                condition=models.Q(state__in=("draft", "submitted", "returned")),
                name="patrol_plan_one_open",
            ),
        ]


class PlanPost(models.Model):
    """Where one unit stands: today, and by the plan. Equal places, or not `taken`, mean that it stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="posts")
    unit = models.UUIDField()
    code = models.CharField(max_length=16)
    zh = models.CharField(max_length=80)
    en = models.CharField(max_length=80)
    letter = models.CharField(max_length=1)
    service = models.CharField(max_length=16)
    fixed = models.BooleanField(default=False)  # a station, booth or platform: its crew does not move
    base_lon = models.FloatField()
    base_lat = models.FloatField()
    base_zh = models.CharField(max_length=160)
    base_en = models.CharField(max_length=160)
    lon = models.FloatField()
    lat = models.FloatField()
    place_zh = models.CharField(max_length=160)
    place_en = models.CharField(max_length=160)
    area = models.CharField(max_length=200)  # path of the area the planned place lies in
    gain_share = models.FloatField(
        default=0
    )  # of the expected calls, reached in time by this move, the others standing
    gain_s = models.FloatField(default=0)  # mean seconds of driving saved by this move, the others standing
    taken = models.BooleanField(default=True)
    by_hand = models.BooleanField(default=False)

    class Meta:
        ordering = ["service", "code"]
        constraints = [models.UniqueConstraint(fields=["plan", "unit"], name="patrol_post_once")]

    def __str__(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en

    @property
    def moves(self) -> bool:
        return (self.lon, self.lat) != (self.base_lon, self.base_lat)

    @property
    def stands(self) -> tuple[float, float]:
        """Where the unit stands if the plan is carried out."""
        return (self.lon, self.lat) if self.taken else (self.base_lon, self.base_lat)


class PlanTour(models.Model):
    """Where one patrol is when in a shift: stops in the quiet hours, streets between, its post in the others."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="tours")
    unit = models.UUIDField()
    # Its places in order: [{"post", "lon", "lat", "zh", "en", "from_s", "to_s", "leg_m", "via"}, …], seconds from the
    # shift's start; `leg_m` and `via`: metres and streets of the way there.
    visits = models.JSONField(default=list)
    # Streets driven and the second each is entered, as the network counts them that the plan's figures name.
    edges = models.JSONField(default=list)
    at_s = models.JSONField(default=list)
    path = models.JSONField()  # [[lon, lat], …]
    length_m = models.FloatField()
    seen = models.FloatField(default=0)  # mean share of demand × metres passed in an hour on tour
    seed = models.BigIntegerField(default=0)
    taken = models.BooleanField(default=True)
    by_hand = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "unit"], name="patrol_tour_once")]


class TourStep(models.Model):
    """How far a crew has come: one row for each place of a tour that it reached, left or passed over."""

    REASONS = ("called_away", "road_closed", "no_time", "other")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tour = models.ForeignKey(PlanTour, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()  # of the place in `visits`
    arrived_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=16, blank=True)  # of REASONS, where it was passed over

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["tour", "number"], name="patrol_step_once")]


class SeenHour(models.Model):
    """见警率 of one hour of a district: share of demand × metres on streets that some unit on duty passed. Streets
    alone, no unit and nobody of its crew."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200)
    start = models.DateTimeField()
    expected = models.FloatField(null=True)  # by the approved plan; none where there was none
    achieved = models.FloatField()
    streets = models.JSONField(default=list)  # numbers of the streets seen, as the network `network` counts them
    network = models.UUIDField(null=True)
    forecast = models.UUIDField(null=True)  # whose demand weighs the streets

    class Meta:
        ordering = ["start"]
        constraints = [models.UniqueConstraint(fields=["area", "start"], name="patrol_seen_once")]


class PatrolHour(models.Model):
    """Patrol time of one hour of a district: minutes that all units on duty, while they had no call, and all posts
    manned without a unit together spent in each community. Communities alone, no unit, no post and nobody there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.CharField(max_length=200)
    start = models.DateTimeField()
    minutes = models.JSONField(default=dict)  # by path; "": outside, or of an hour of so few that none is told
    at_posts = models.JSONField(default=dict)  # of these minutes, those of posts manned without a unit
    example = models.BooleanField(default=False)  # invented

    class Meta:
        ordering = ["start"]
        constraints = [models.UniqueConstraint(fields=["area", "start"], name="patrol_hour_once")]


class VisitChance(models.Model):
    """What chance an approved plan gave each community that at a moment of its touring hours a patrol was there: by the
    plan and the lot it was drawn by, whatever came of it. Places, no unit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.OneToOneField(Plan, on_delete=models.CASCADE, related_name="visit_chance")
    area = models.CharField(max_length=200)
    start = models.DateTimeField()  # in force from then
    end = models.DateTimeField()
    hours = models.JSONField(default=list)  # [[from, to], …]: touring hours
    chance = models.JSONField(default=dict)  # by path of the community

    class Meta:
        ordering = ["start"]
        constraints = [
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="patrol_chance_span"),
        ]


class Job(Work):
    """A forecast or proposals, asked for."""

    KINDS = ("forecast", "propose", "nightly")
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16)
    area = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("queued", "running", "done", "failed", "cancelled")),
                name="patrol_job_state",
            ),
            # Asking twice for the same work gives one job.
            models.UniqueConstraint(
                fields=["kind", "area"], condition=models.Q(state__in=("queued", "running")), name="patrol_job_one_open"
            ),
        ]
