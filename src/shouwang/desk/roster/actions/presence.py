"""Clocking on and off for a turn without a unit: at a desk or a post, by its name. No position is taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import Log, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units import ready
from shouwang.desk.workflow.settings import get as setting

from .. import facts
from ..models import Presence

CLOCK = system("rosters")
EARLY_S = 3600  # a turn may be begun so long before its start


def clock_on(*, actor: Actor, now: datetime, id: UUID, place: str) -> Presence:
    """The actor begins a turn of theirs at a place: the path of an area (its office) or the code of a post that lies in
    the roster's area. Raises Refused without a turn around now, or where they may not go on duty yet. The same id again
    is a retry."""
    if (kept := Presence.objects.filter(id=id, user=actor.id).first()) is not None:
        return kept
    turn = facts.turn_at(actor.id, now, EARLY_S)
    if turn is None:
        raise Refused(_("You have no turn around this time."), code="turn")
    if place not in places_for(turn.area):
        raise Refused(_("Choose a place in the area of the roster."), field="place", code="place")
    ready.require(actor.id, now)
    if actor.unit:
        raise Conflict(_("You are clocked on with a unit already."), code="unit")
    try:
        with writing(actor=actor, now=now) as log:
            row = Presence.objects.create(id=id, user=actor.id, area=turn.area, on_at=now, on_place=place)
            _tell(log, row, "roster.clocked_on")
    except IntegrityError as error:
        raise Conflict(_("You are clocked on already."), code="twice") from error
    return row


def clock_off(*, actor: Actor, now: datetime, place: str = "") -> Presence:
    """Ends the turn that the actor is clocked on for; without `place` where it began."""
    row = facts.presence_of(actor.id)
    if row is None:
        raise Missing(_("You are not clocked on at a place."), code="off")
    if place and place not in places_for(row.area):
        raise Refused(_("Choose a place in the area of the roster."), field="place", code="place")
    with writing(actor=actor, now=now) as log:
        if not end_presence(log, row, "roster.clocked_off", place=place):
            raise Conflict(_("It has been changed meanwhile. Look at it again."), code="state")
    row.refresh_from_db()
    return row


def end_forgotten(now: datetime) -> int:
    """Ends what nobody clocked off, so many minutes after the end of the duty, as the settings say. Leaders of the area
    find it on their list of rosters and on the sheet of the day."""
    grace, ended = timedelta(minutes=int(setting("roster_off_min"))), 0
    for row in Presence.objects.filter(off_at=None, on_at__lt=now - grace):
        turn = facts.turn_at(str(row.user), row.on_at, EARLY_S)
        end = turn.end if turn else row.on_at + timedelta(hours=float(setting("roster_longest_h")))
        if end + grace <= now:
            with writing(actor=CLOCK, now=now) as log:
                ended += end_presence(log, row, "roster.ended_by_clock", by_clock=True)
    return ended


def end_presence(log: Log, row: Presence, kind: str, *, place: str = "", by_clock: bool = False) -> bool:
    """In the transaction under way; whether it was still open. `place`: where it ends, else where it began."""
    mine = Presence.objects.filter(id=row.id, off_at=None)
    ended = mine.update(off_at=log.now, off_place=place or row.on_place, by_clock=by_clock)
    if ended:
        _tell(log, row, kind)
    return bool(ended)


def places_for(area: str) -> dict[str, str]:
    """Where somebody may clock on within an area, by name: its own office, those below it, and its posts."""
    found = {path: spot.name for path, spot in places.area_names().items()
             if path.startswith(area) and spot.kind != "cell"}
    return found | {post.code: post.name for post in places.posts() if post.area.startswith(area)}


def _tell(log: Log, row: Presence, kind: str) -> None:
    log.append(kind, subject=("user", row.user), area=row.area, may=facts.EDIT, payload={"presence": str(row.id)})
