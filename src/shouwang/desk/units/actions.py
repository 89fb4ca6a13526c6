"""What happens to units: clocking on and off, states, the panic flag.

Who may: the desk (whoever sees units there: `position.live`) moves any unit of its area; a crew moves its own.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Denied, Missing
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.workflow.moves import Transition, cycle
from shouwang.engine.geo.distance import haversine_m

from . import facts, ready
from .models import Duty, StandBy, Unit
from .retries import once

MAY_SEE = "position.live"
LATE = timedelta(hours=12)
"""What was pressed without a network counts at the phone's own time if it comes in so soon."""


@dataclass(frozen=True)
class Pressed:
    """When and where a phone says that a button was pressed."""

    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


def visible(actor: Actor, unit_id: UUID | str) -> Unit:
    """The unit, if it lies in the actor's areas or is their own. Raises Missing otherwise, as for none at all."""
    unit = Unit.objects.select_related("kind").filter(id=unit_id, active=True).first()
    if unit is None or not (actor.unit == str(unit.id) or actor.may(MAY_SEE, unit.area)
                            or actor.may("dispatch.status", unit.area)):
        raise Missing(_("There is no such unit in your areas."), code="unit")
    return unit


def require(actor: Actor, permission: str, unit: Unit) -> None:
    """Raises Denied unless the actor holds the permission for this unit: as its crew, or as a desk that sees it."""
    if actor.unit == str(unit.id):
        actor.require(permission)
    else:
        actor.require(permission, unit.area)
        actor.require(MAY_SEE, unit.area)


def show(log: Log, unit: Unit) -> None:
    """Puts the unit's newest picture on live screens. The log must carry an event in the same transaction."""
    log.card(("unit", unit.id), area=unit.area, may=MAY_SEE, body=facts.card_of(unit))


def show_all(log: Log, unit_ids: Iterable[UUID]) -> None:
    for unit in Unit.objects.select_related("kind").filter(id__in=list(unit_ids)):
        show(log, unit)


def move(unit: Unit, transition: Transition, now: datetime) -> str:
    """Compare and set: the unit's state, from one the transition leaves to its target. Returns the state it left. A
    stand-by is over with it."""
    old = unit.state
    moved = old in transition.sources and Unit.objects.filter(id=unit.id, state=old).update(
        state=transition.target, state_since=now)
    if not moved:
        state = Unit.objects.values_list("state", flat=True).get(id=unit.id)
        raise Conflict(_("%(unit)s: %(move)s is not possible, its state is %(state)s.") % {
            "unit": unit, "move": transition.label, "state": cycle("unit").state_label(state)}, code="unit_state")
    unit.state, unit.state_since = transition.target, now
    StandBy.objects.filter(unit=unit, ended_at__isnull=True).update(ended_at=now)
    return old


def append(log: Log, kind: str, unit: Unit, *, id: UUID | None = None, **payload: Any) -> None:
    log.append(kind, subject=("unit", unit.id), area=unit.area, may=MAY_SEE, payload=payload, id=id)
    show(log, unit)


@once
def set_state(*, actor: Actor, now: datetime, unit_id: UUID | str, transition: str, key: UUID | None = None) -> Unit:
    """Moves a unit by a transition of the life cycle `unit`. Busy comes and goes with its assignments alone, and a
    crew leaves duty by clocking off: both are Conflict here."""
    with writing(actor=actor, now=now) as log:
        unit = visible(actor, unit_id)
        if already_written(key):
            return unit
        step = cycle("unit").transitions.get(transition)
        if step is None:
            raise Missing(_("There is no such move."), field="transition", code="transition")
        require(actor, step.may, unit)
        if unit.state == "busy" or step.target == "busy":
            raise Conflict(
                _("%(unit)s is on a call: clear it or stand it down there.") % {"unit": unit}, code="unit_busy"
            )
        old = move(unit, step, now)
        append(log, "unit.state", unit, id=key, old=old, new=unit.state)
        if step.target == "off_duty":
            _end_duties(log, unit, facts.crew_of(unit.id))
    return unit


def set_busy(log: Log, unit: Unit, busy: bool) -> None:
    """Marks a unit busy with an assignment, or available again. Raises Conflict when it is not free: of many who
    assign it at once, one succeeds. The caller writes the event."""
    moves = cycle("unit").transitions
    move(unit, moves["u_busy"] if busy else moves["u_move"], log.now)


@once
def clock_on(*, actor: Actor, now: datetime, unit_id: UUID | str, user_id: UUID | str, key: UUID | None = None,
             pressed: Pressed | None = None) -> Unit:
    """Opens the user's duty with the unit; the first of a crew brings it on duty. Doing it again changes nothing.
    Pressed without a network, it counts from the phone's own time; the event keeps when it came in. Raises Conflict
    when the user is clocked on with another unit.
    """
    with writing(actor=actor, now=now) as log:
        unit = visible(actor, unit_id)
        _require_duty(actor, unit, str(user_id))
        current = facts.unit_of_user(str(user_id))
        if current == str(unit.id):
            return unit
        ready.require(str(user_id), now)
        if current:
            raise Conflict(_("Clock off from %(unit)s first.") % {"unit": Unit.objects.get(id=current)}, code="on_duty")
        last = Duty.objects.filter(user=user_id).order_by("-on_at").values_list("off_at", flat=True).first()
        at, away_m = _pressed(pressed, unit, now, not_before=last)
        Duty.objects.create(unit=unit, user=user_id, on_at=at, on_away_m=away_m)
        if unit.state in facts.OFF:
            move(unit, cycle("unit").transitions["u_on"], now)
        append(log, "unit.clocked_on", unit, id=key, user=str(user_id), **({"at": at.isoformat()} if at != now else {}))
    return unit


@once
def clock_off(*, actor: Actor, now: datetime, user_id: UUID | str, key: UUID | None = None,
              pressed: Pressed | None = None) -> Unit | None:
    """Closes the user's duty, at the phone's own time if that came in late. The last of a crew takes the unit off duty,
    and may not while it is on a call."""
    with writing(actor=actor, now=now) as log:
        if already_written(key):  # clocked on again since: the retry must not end that
            return None
        current = facts.unit_of_user(str(user_id))
        if not current:
            return None
        unit = Unit.objects.select_related("kind").get(id=current)
        _require_duty(actor, unit, str(user_id))
        last = facts.crew_of(unit.id) == [str(user_id)]
        if last and unit.state == "busy":
            raise Conflict(_("%(unit)s is on a call. Finish it, or ask the desk to stand you down.") % {"unit": unit},
                           code="unit_busy")
        if last and unit.state not in facts.OFF:
            move(unit, cycle("unit").transitions["u_off"], now)
        duty = Duty.objects.get(user=user_id, off_at__isnull=True)
        at, away_m = _pressed(pressed, unit, now, not_before=duty.on_at)
        _end_duties(log, unit, [str(user_id)])
        Duty.objects.filter(id=duty.id).update(off_at=at, off_away_m=away_m)
        append(log, "unit.clocked_off", unit, id=key, user=str(user_id),
               **({"at": at.isoformat()} if at != now else {}))
    return unit


def _pressed(given: Pressed | None, unit: Unit, now: datetime, *,
             not_before: datetime | None) -> tuple[datetime, int | None]:
    """When it counts from (the phone's time, if it is of this shift and after what stands already), and how far from
    the unit's post it was pressed: the place itself is not kept."""
    if given is None:
        return now, None
    away_m = None
    if given.lon is not None and given.lat is not None:
        away_m = round(float(haversine_m(given.lon, given.lat, unit.lon, unit.lat)))
    earliest = max(filter(None, [now - LATE, not_before]))
    return (given.at if given.at is not None and earliest <= given.at <= now else now), away_m


def end_duty(log: Log, user_id: UUID | str) -> None:
    """In the transaction under way, when somebody leaves the service: no longer clocked on, whatever the unit is at. A
    unit without anybody left goes off duty; one on a call stays, for the desk to see to."""
    current = facts.unit_of_user(str(user_id))
    if not current:
        return
    unit = Unit.objects.select_related("kind").get(id=current)
    if facts.crew_of(unit.id) == [str(user_id)] and unit.state not in (*facts.OFF, "busy"):
        move(unit, cycle("unit").transitions["u_off"], log.now)
    _end_duties(log, unit, [str(user_id)])
    append(log, "unit.clocked_off", unit, user=str(user_id))


def _require_duty(actor: Actor, unit: Unit, user_id: str) -> None:
    """A person clocks themselves on and off in their own area; the desk may do it for a unit of its own."""
    if actor.id == user_id:
        actor.require("dispatch.status", None if actor.unit == str(unit.id) else unit.area)
    elif not actor.may(MAY_SEE, unit.area):
        raise Denied(MAY_SEE, unit.area)
    else:
        actor.require("dispatch.status", unit.area)


def _end_duties(log: Log, unit: Unit, users: list[str]) -> None:
    """Closes these users' duty with the unit; the live process then drops what they opened as its crew."""
    Duty.objects.filter(unit=unit, user__in=users, off_at__isnull=True).update(off_at=log.now)
    for user in users:
        log.append("access.ended", subject=("user", user), area=unit.area, payload={"unit": str(unit.id)})


@once
def panic(*, actor: Actor, now: datetime, unit_id: UUID | str, key: UUID | None = None) -> Unit:
    """Raises the unit's panic flag. Raising it again changes nothing."""
    with writing(actor=actor, now=now) as log:
        unit = visible(actor, unit_id)
        require(actor, "dispatch.status", unit)
        if Unit.objects.filter(id=unit.id, panic_since__isnull=True).update(panic_since=now):
            unit.panic_since = now
            append(log, "unit.panic", unit, id=key)
    return unit


def clear_panic(*, actor: Actor, now: datetime, unit_id: UUID | str, key: UUID | None = None) -> Unit:
    """Takes the panic flag down: the desk alone, for nobody can be made to say that they are safe."""
    with writing(actor=actor, now=now) as log:
        unit = visible(actor, unit_id)
        actor.require("dispatch.status", unit.area)
        actor.require(MAY_SEE, unit.area)
        if Unit.objects.filter(id=unit.id, panic_since__isnull=False).update(panic_since=None):
            unit.panic_since = None
            append(log, "unit.panic_cleared", unit, id=key)
    return unit
