"""Devices that may raise an alarm by themselves, as an administrator registers them, and the alarms they sent."""
from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwang.desk.log.ids import new_id
from shouwang.desk.units.models import Unit

DUTY, THIRD_PARTY = "duty", "third_party"
ROLES = {DUTY: _("on duty"), THIRD_PARTY: _("third party")}
VEHICLES = {"taxi": _("taxi"), "coach": _("coach"), "van": _("van"), "other": _("other vehicle")}


class Terminal(models.Model):
    """A vehicle terminal (JT/T 808). One of a duty vehicle is bound to its unit and heard while somebody is clocked on
    with it; a third party's is heard in a panic alarm alone. Nothing says whose car it is or what stands on it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=20, unique=True)  # of the device, digits without leading zeros
    role = models.CharField(max_length=12, default=DUTY)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    vehicle = models.CharField(max_length=8, blank=True)  # of a third party: what kind it is
    device = models.CharField(max_length=30, blank=True)  # the mark printed on it, asked for at its registration
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.CheckConstraint(
            condition=models.Q(role=DUTY, unit__isnull=False, vehicle="")
            | (models.Q(role=THIRD_PARTY, unit__isnull=True) & ~models.Q(vehicle="")), name="alarms_terminal_role")]

    def __str__(self) -> str:
        return self.number


class Alarm(models.Model):
    """A cry for help that the live process took in. Its place goes into the call that is made of it, and is dropped
    here. `call`: that call, or the one that was open already."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="+")
    at_device = models.DateTimeField(null=True)  # by its own clock, which may be wrong
    received_at = models.DateTimeField(db_index=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    handled_at = models.DateTimeField(null=True, db_index=True)
    call = models.UUIDField(null=True)


class Panel(models.Model):
    """An alarm panel (SIA DC-09) of a site. `key`: as tables/live/panels.py wraps it, never shown again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    site = models.UUIDField(db_index=True)
    account = models.CharField(max_length=16, unique=True)  # upper-case hexadecimal, as set in the panel
    key = models.BinaryField(default=b"")
    supervise_s = models.PositiveIntegerField(default=90)  # it sends something at least so often
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.account


class Hearing(models.Model):
    """When a panel was heard last: written by the live process every few seconds."""

    panel = models.OneToOneField(Panel, on_delete=models.CASCADE, primary_key=True, related_name="hearing")
    heard_at = models.DateTimeField()


class Signal(models.Model):
    """What a panel reported: its code (data/domain/alarm_codes.csv) and zone. Openings and closings are never here.
    `call`: the call it was made into, or that was open already."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=2)
    zone = models.IntegerField()  # -1 for none
    severity = models.PositiveSmallIntegerField()
    at_device = models.DateTimeField(null=True)  # by its own clock, which may be wrong
    received_at = models.DateTimeField(db_index=True)
    handled_at = models.DateTimeField(null=True)
    call = models.UUIDField(null=True, db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["panel", "sequence", "received_at"], name="alarms_signal_again"),
            models.Index(fields=["severity", "received_at"], name="alarms_signal_waiting",
                         condition=models.Q(handled_at__isnull=True)),
        ]


class Fault(models.Model):
    """Something is wrong with a panel (silent: nothing is heard of it), until it is over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    panel = models.ForeignKey(Panel, on_delete=models.CASCADE, related_name="faults")
    kind = models.CharField(max_length=16)
    zone = models.IntegerField(default=-1)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, db_index=True)
    matter = models.UUIDField(null=True)  # opened for a panel that stays silent

    class Meta:
        constraints = [models.UniqueConstraint(fields=["panel", "kind", "zone"], condition=models.Q(until__isnull=True),
                                               name="alarms_fault_one_open")]
