"""Somebody of a published roster cannot come: the days left are planned anew with as few changes as possible, and once
a leader has signed that, the turns of those who are asked to move change."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.writing import writing
from shouwang.desk.workflow.zone import day_of

from .. import facts
from ..advice import asking
from ..facts import EDIT
from ..models import Entry, Roster, Turn
from ..terms import Question
from .common import roster_of, tell, tell_entry, whole
from .swapping import put


def replan(*, actor: Actor, now: datetime, id: UUID, roster_id: UUID | str, user: str, first: date, last: date
           ) -> Roster:  # fmt: skip
    """Enters that a member is away from `first` to `last`, and asks for the days left of a published roster with as few
    changes as possible. A draft, until it is published. The same id again is a retry."""
    roster = roster_of(actor, roster_id, EDIT)
    if (kept := Roster.objects.filter(id=id, replaces=roster).first()) is not None:
        return kept
    today, end = day_of(now), roster.first + timedelta(days=roster.days - 1)
    if roster.published_at is None or roster.replaces_id is not None:
        raise Conflict(_("It is not published."), code="state")
    if user not in roster.rows:
        raise Refused(_("This member is not on the roster."), field="user", code="user")
    if not max(today, roster.first) <= first <= last or first > end:
        raise Refused(_("Give days of the roster from today on."), field="first", code="first")
    if last > first + timedelta(days=366):
        raise Refused(_("The last day is the first or later, within a year."), field="last", code="last")
    question = Question.read(roster.asked | {"first": first.isoformat(), "days": (end - first).days + 1})
    with writing(actor=actor, now=now) as log:
        entry = Entry.objects.create(id=new_id(), area=roster.area, user=user, kind="away", first=first, last=last,
                                     made_by=actor.id, made_at=now)  # fmt: skip
        tell_entry(log, entry, "roster.entered")
        made = Roster.objects.create(
            id=id, area=roster.area, first=first, days=question.days, asked=question.kept(), replaces=roster,
            given=asking.replacing(roster, question), made_by=actor.id, made_at=now,
        )  # fmt: skip
        tell(log, made, "roster.replanned", days=question.days)
    return made


def publish_change(*, actor: Actor, now: datetime, roster: Roster, version: int) -> Roster:
    """Signs a change of a published roster off: the turns of those who are asked to move change, all others stay."""
    with writing(actor=actor, now=now) as log:
        roster.refresh_from_db()
        if roster.published_at is not None:
            return roster
        if roster.state != "done" or not roster.rows or roster.replaces is None:
            raise Conflict(_("There is no finished roster to publish."), code="state")
        whole(roster)
        old = roster.replaces
        since = roster.first.isoformat()
        if [r for r in asking.duties_of(old.given, old.rows) if r["day"] >= since] != roster.given["previous"]:
            raise Conflict(_("The published roster has changed meanwhile: make this again."), code="changed")
        touched = [(m.user, m.day) for m in facts.moves(roster)]
        if Turn.objects.filter(roster=old, start__lte=now, user__in=[u for u, _d in touched],
                               day__in=[d for _u, d in touched if d <= day_of(now)]).exists():  # fmt: skip
            raise Conflict(_("A turn that would change has begun: make this again."), code="begun")
        offset = (roster.first - old.first).days
        put(old, {user: row[:offset] + roster.rows.get(user, row[offset:]) for user, row in old.rows.items()}, touched)
        if not Roster.objects.filter(id=roster.id, version=version, state="done", published_at=None).update(
            published_by=actor.id, published_at=now
        ):
            raise Conflict(_("The roster has changed since you looked at it. Look again."), code="version")
        tell(log, roster, "roster.change_published", count=len(touched))
    roster.refresh_from_db()
    return roster
