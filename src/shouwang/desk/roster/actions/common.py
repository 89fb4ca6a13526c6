"""What the actions of this room share: finding within one's areas, telling the log, turns of a roster's rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.names import names
from shouwang.desk.log.writing import Log
from shouwang.desk.workflow.settings import get as setting

from .. import facts
from ..advice import asking, changing, solving
from ..facts import EDIT
from ..models import Entry, Roster, Swap, Turn
from ..terms import FAULTS_TOLD, MOST_DAYS, RULES


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


def whole(roster: Roster) -> None:
    """Raises Conflict for a member who has a turn on the same day already, Refused for a roster that breaks a rule as
    things are now, with whose turns and when: leave may have been entered and other rosters signed since it was
    made. In the transaction under way: of two leaders who sign rosters of days next to each other at once, the second
    waits and is told."""
    _one_by_one(roster)
    found = changing.faults(roster)
    known = names("user", [one.user for one in found])
    if twice := next((one for one in found if one.code == "twice"), None):
        says = _("%(name)s has a turn on %(day)s in another published roster. Withdraw that one first.")
        raise Conflict(says % {"name": known.get(twice.user, twice.user), "day": twice.day}, code="twice")
    if found:
        says = _("The roster breaks a rule: %(rule)s. Change it, or make it again.")
        told = [_fault_words(one, known) for one in found[:FAULTS_TOLD]]
        raise Refused(says % {"rule": _("; ").join(told)}, code="broken")


def _one_by_one(roster: Roster) -> None:
    """Holds this roster and those of days around it until the transaction ends."""
    reach = timedelta(days=MOST_DAYS + asking.AFTER_DAYS)
    around = Roster.objects.filter(first__range=(roster.first - reach, roster.first + reach)).order_by("id")
    list(around.select_for_update().values_list("id", flat=True))


def _fault_words(fault: solving.Fault, known: Mapping[str, str]) -> str:
    words = {"name": known.get(fault.user, fault.user), "day": fault.day, "rule": RULES.get(fault.code, fault.code)}
    if fault.user and fault.day:
        return _("%(name)s, %(day)s: %(rule)s") % words
    return _("%(who)s: %(what)s") % {"who": fault.day or words["name"], "what": words["rule"]}


def shift_starts(roster: Roster) -> set[str]:
    """Starts of the shifts of a roster, without the duties that were asked for between them."""
    between = {one["start"] for one in roster.asked.get("between", ())}
    return {duty["start"] for duty in roster.given["duties"] if asking.BEFORE not in duty.get("skills", ())} - between


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
