"""Members enter for themselves on which days they would rather be off or on. Leave and limits are the planner's."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.writing import writing
from shouwang.desk.workflow.zone import day_of

from .. import facts
from ..advice import asking
from ..models import Entry
from ..terms import MOST_WISHED_DAYS, MOST_WISHES, WISHES
from .common import tell_entry


def wish(*, actor: Actor, now: datetime, id: UUID, kind: str, first: date, last: date, shift: str = "") -> Entry:
    """The actor wishes to be off or on, from day to day, in any shift or in one. The same id again is a retry. A day is
    wished for once, and wishes to come are few: so that they weigh alike for everybody."""
    if (kept := Entry.objects.filter(id=id).first()) is not None:
        if not facts.is_own_wish(kept, actor.id):
            raise Missing(_("You have no such wish."), code="missing")
        return kept
    today = day_of(now)
    _check(kind, first, last, shift, today)
    if not (area := asking.home(actor)):
        raise Refused(_("No roster plans for you: you are in no crew, in no team and at no desk."), code="crew")
    with writing(actor=actor, now=now) as log:
        mine = facts.wishes_of(actor.id, today)
        if any(one.first <= last and one.last >= first for one in mine):
            raise Refused(_("You have a wish for one of these days: take that back first."), field="first",
                          code="twice")
        if len(mine) >= MOST_WISHES:
            raise Refused(_("You have %(n)s wishes to come, more are not taken.") % {"n": len(mine)}, field="first",
                          code="most")
        entry = Entry.objects.create(id=id, area=area, user=actor.id, kind=kind, first=first, last=last, shift=shift,
                                     made_by=actor.id, made_at=now)  # fmt: skip
        tell_entry(log, entry, "roster.entered")
    return entry


def unwish(*, actor: Actor, now: datetime, entry_id: UUID | str) -> None:
    """Takes back a wish that the actor entered for themselves."""
    entry = Entry.objects.filter(id=entry_id).first()
    if entry is None or not facts.is_own_wish(entry, actor.id):
        raise Missing(_("You have no such wish."), code="missing")
    with writing(actor=actor, now=now) as log:
        if Entry.objects.filter(id=entry_id).delete()[0]:
            tell_entry(log, entry, "roster.struck")


def _check(kind: str, first: date, last: date, shift: str, today: date) -> None:
    if kind not in WISHES:
        raise Refused(_("Choose what you wish."), field="kind", code="kind")
    if not today <= first <= today + timedelta(days=366):
        raise Refused(_("A wish is for days from today on, within a year."), field="first", code="first")
    if not first <= last < first + timedelta(days=MOST_WISHED_DAYS):
        says = _("The last day is the first or later; a wish is for %(n)s days at most.")
        raise Refused(says % {"n": MOST_WISHED_DAYS}, field="last", code="last")
    if shift and shift not in {s.start for s in asking.shifts()}:
        raise Refused(_("Choose a shift of this centre."), field="shift", code="shift")
