"""Asking to see an hour of the past: for a reason, which is kept, and with an event, which alone opens it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units import facts as units
from shouwang.desk.workflow.settings import get as setting

from .facts import MAY, SHOWN_IN
from .terms import LEAST_UNITS, LENGTHS, Viewing

KIND = "access.replayed"
OPEN_FOR = timedelta(hours=8)  # one shift; then it is asked for again


def ask(
    *, actor: Actor, now: datetime, area: str, start: datetime, minutes: int, reason: str, key: UUID | None = None
) -> Viewing:
    """Opens a past hour of an area to the actor. The same `key` again gives the same one. Raises Denied outside the
    actor's areas, Refused at the field for a span that is not over or older than tracks are kept, an area of so few
    units that it would show single crews, and without a reason."""
    if already_written(key):
        return opened(actor=actor, now=now, viewing_id=key)  # type: ignore[arg-type]
    actor.require(MAY, area)
    if (named := places.area_names().get(area)) is None or named.kind not in SHOWN_IN:
        raise Missing(_("There is no such area here."), field="area", code="area")
    start = start.astimezone(UTC)
    until = _checked(start, minutes, now)
    if len(units.units(areas=(area,))) < LEAST_UNITS:
        raise Refused(_("An area of fewer than %(n)s units is not shown: it would follow single crews.")
                      % {"n": LEAST_UNITS}, field="area", code="few")
    if not reason.strip():
        raise Refused(_("Say why you need to see it."), field="reason", code="needs")
    viewing = Viewing(key or new_id(), area, start, until)
    with writing(actor=actor, now=now) as log_:
        log_.append(KIND, subject=("past", viewing.id), area=area, id=viewing.id, reason=reason.strip()[:500],
                    payload={"from": start.isoformat(), "until": until.isoformat()})
    return viewing


def _checked(start: datetime, minutes: int, now: datetime) -> datetime:
    """The end of the span."""
    if minutes not in LENGTHS:
        raise Refused(_("Choose 15, 30 or 60 minutes."), field="minutes", code="invalid")
    days, until = int(setting("track_days")), start + timedelta(minutes=minutes)
    if until > now:
        raise Refused(_("It is not over yet: choose an earlier time."), field="start", code="span")
    if start < now - timedelta(days=days):
        raise Refused(_("Tracks are kept %(days)s days; what is older is not shown.") % {"days": days}, field="start",
                      code="span")
    return until


def opened(*, actor: Actor, now: datetime, viewing_id: UUID) -> Viewing:
    """What the actor asked to see, as long as it is open. Raises Missing for anybody else's."""
    event = log.one(viewing_id)
    if event is None or event.kind != KIND or event.actor != actor.id or now - event.at > OPEN_FOR:
        raise Missing(_("This is not open to you. Ask to see the hour, and say why."), code="past")
    actor.require(MAY, event.area)
    start, until = (parse_datetime(event.payload[name]) for name in ("from", "until"))
    assert start is not None and until is not None
    if start < now - timedelta(days=int(setting("track_days"))):
        raise Missing(_("This hour is older than tracks are kept."), code="past")
    return Viewing(viewing_id, event.area, start, until)
