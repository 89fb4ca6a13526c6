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
