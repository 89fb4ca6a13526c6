"""What the actions of this room share: finding within one's areas, telling the log, turns of a roster's rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.writing import Log
from shouwang.desk.workflow.settings import get as setting

from .. import facts
from ..advice import asking
from ..facts import EDIT
from ..models import Entry, Roster, Swap, Turn


def roster_of(actor: Actor, roster_id: UUID | str, permission: str) -> Roster:
    roster = facts.find(actor.areas(*facts.SEE), roster_id)
    if roster is None:
        raise Missing(_("No such roster in your areas."), code="missing")
    actor.require(permission, roster.area)
    return roster


def tell(log: Log, roster: Roster, kind: str, *, reason: str = "", **payload: Any) -> None:
    log.append(kind, subject=("roster", roster.id), area=roster.area, may=EDIT, payload=payload, reason=reason)


def tell_entry(log: Log, entry: Entry, kind: str) -> None:
    log.append(kind, subject=("user", entry.user), area=entry.area, may=EDIT,
               payload={"entry": str(entry.id), "day": entry.first.isoformat(), "until": entry.last.isoformat()})


def turn(roster: Roster, user: str, day: date, number: int) -> Turn:
    """A turn of a member as a row: the shift with this number of the roster's, on this day."""
    duty, zone = roster.given["duties"][number], ZoneInfo(setting("time_zone"))
    start = asking.starts_at(day, duty["start"], zone)
    return Turn(
        roster=roster, user=user, day=day, shift=duty["start"], start=start,
        end=start + timedelta(hours=duty["hours"]), night=asking.is_night(duty["start"], duty["hours"]),
        service=next(one["kind"] for one in roster.given["people"] if one["id"] == user),
    )  # fmt: skip


def void_swaps(roster: Roster, touched: Iterable[tuple[str, date]] | None = None) -> None:
    """Swaps under way end whose turns are no longer what they were: all of a roster, or those of members and days."""
    waiting = Swap.objects.filter(roster=roster, state__in=("asked", "accepted"))
    if touched is not None:
        which = Q(pk__in=[])
        for user, day in touched:
            which |= Q(user=user, day=day) | Q(other=user, other_day=day)
        waiting = waiting.filter(which)
    waiting.update(state="void")
