"""Asking a free unit to wait elsewhere: the desk asks, the crew says that it has seen it, and goes."""
from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.workflow.moves import cycle

from .actions import append, move, require, visible
from .facts import FREE
from .models import StandBy, Unit
from .retries import once
from .terms import Place

ORDERS = "dispatch.assign"


@once
def ask_stand_by(*, actor: Actor, now: datetime, unit_id: UUID | str, place: Place, key: UUID | None = None) -> Unit:
    """Asks a free unit to wait at a place. One at its post leaves it. Conflict while another place stands."""
    with writing(actor=actor, now=now) as log:
        unit = visible(actor, unit_id)
        if already_written(key):
            return unit
        require(actor, ORDERS, unit)
        if unit.state == "at_post":
            move(unit, cycle("unit").transitions["u_move"], now)
        elif not Unit.objects.select_for_update().filter(id=unit.id, state__in=FREE).exists():
            raise Conflict(_("%(unit)s is no longer free.") % {"unit": unit}, code="unit_state")
        StandBy.objects.create(id=new_id(), unit=unit, asked_at=now, **vars(place))
        append(log, "unit.stand_by", unit, id=key, **vars(place))
    return unit


@once
def see_stand_by(*, actor: Actor, now: datetime, unit_id: UUID | str, key: UUID | None = None) -> Unit:
    """The crew has seen where it is to wait. Seeing it again changes nothing."""
    with writing(actor=actor, now=now) as log:
        unit = visible(actor, unit_id)
        if already_written(key):
            return unit
        require(actor, "dispatch.status", unit)
        waits = StandBy.objects.filter(unit=unit, ended_at__isnull=True)
        if not waits.exists():
            raise Conflict(_("This is no longer asked."), code="stand_by")
        if waits.filter(seen_at__isnull=True).update(seen_at=now):
            append(log, "unit.stand_by_seen", unit, id=key)
    return unit


@once
def end_stand_by(*, actor: Actor, now: datetime, unit_id: UUID | str, key: UUID | None = None) -> Unit:
    """The desk takes it back: the unit stays where it is."""
    with writing(actor=actor, now=now) as log:
        unit = visible(actor, unit_id)
        if already_written(key):
            return unit
        require(actor, ORDERS, unit)
        if not StandBy.objects.filter(unit=unit, ended_at__isnull=True).update(ended_at=now):
            raise Conflict(_("This is no longer asked."), code="stand_by")
        append(log, "unit.stand_by_ended", unit, id=key)
    return unit


@once
def dismiss_stand_by(*, actor: Actor, now: datetime, unit_id: UUID | str, place: Place, key: UUID | None = None,
                     ) -> Unit:
    """The desk does not want what it was advised to ask: the advice is silent about this unit for a while."""
    with writing(actor=actor, now=now) as log:
        unit = visible(actor, unit_id)
        if already_written(key):
            return unit
        require(actor, ORDERS, unit)
        StandBy.objects.create(id=new_id(), unit=unit, asked_at=now, ended_at=now, dismissed=True, **vars(place))
        append(log, "unit.stand_by_dismissed", unit, id=key, **vars(place))
    return unit
