"""Units with their capabilities and duty state, and who was on duty in them when."""
from __future__ import annotations

from django.db import models

from shouwang.desk.log.ids import new_id
from shouwang.desk.places.models import Named


class Capability(Named):
    code = models.CharField(primary_key=True, max_length=40)
    service = models.CharField(max_length=16)


class UnitKind(Named):
    code = models.CharField(primary_key=True, max_length=40)
    service = models.CharField(max_length=16)  # police, traffic, fire, guard, medical, …
    letter = models.CharField(max_length=1)  # 巡 所 交 消 卫: on plates and the map
    moves = models.CharField(max_length=8)  # mobile, post
    capabilities = models.JSONField(default=list)
    crew_default = models.PositiveSmallIntegerField(default=2)
    turnout_s = models.PositiveIntegerField(default=60)


class Unit(Named):
    """A crew with a call sign (zh, en). Its `state` follows the life cycle `unit`; busy is set with its assignments."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=16, unique=True)  # short name for keys and commands: 巡05, P05
    kind = models.ForeignKey(UnitKind, on_delete=models.PROTECT)
    capabilities = models.JSONField(default=list)  # its kind's and its own
    area = models.CharField(max_length=200, db_index=True)  # path of its home area
    lon = models.FloatField()  # where it stands when nothing newer is known: its post
    lat = models.FloatField()
    state = models.CharField(max_length=16, default="off_duty", db_index=True)
    state_since = models.DateTimeField()
    panic_since = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["active", "state"], name="units_unit_active_state")]


class Duty(models.Model):
    """The duty ledger: a person clocked on with a unit. Positions are accepted only inside such a span."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="duties")
    user = models.UUIDField(db_index=True)
    on_at = models.DateTimeField()
    off_at = models.DateTimeField(null=True, blank=True)
    on_away_m = models.PositiveIntegerField(null=True)  # metres from the unit's post where it was pressed; never where
    off_away_m = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=models.Q(off_at__isnull=True),
                                    name="units_duty_one_open"),
            models.CheckConstraint(condition=models.Q(off_at__isnull=True) | models.Q(off_at__gte=models.F("on_at")),
                                   name="units_duty_order"),
        ]


class StandBy(Named):
    """A free unit asked to wait elsewhere (zh, en name the place). It ends when the unit changes its state: it takes
    post there, is sent to a call, or leaves. `dismissed`: the desk was advised to ask this and did not want it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    lon = models.FloatField()
    lat = models.FloatField()
    asked_at = models.DateTimeField(db_index=True)
    seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    dismissed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=models.Q(ended_at__isnull=True),
                                    name="units_standby_one_open"),
            models.CheckConstraint(condition=models.Q(dismissed=False) | models.Q(ended_at__isnull=False),
                                   name="units_standby_dismissed_over"),
        ]
