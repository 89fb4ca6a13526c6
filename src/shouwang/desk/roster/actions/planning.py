"""What planners, the worker and members do with rosters. Each is one transaction that ends with its events."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.brigades import facts as brigades
from shouwang.desk.log import retention
from shouwang.desk.log.actor import Actor, system
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import writing
from shouwang.desk.places import facts as places
from shouwang.desk.workflow import work
from shouwang.desk.workflow.settings import get as setting

from .. import facts
from ..advice import asking, solving
from ..facts import APPROVE, EDIT
from ..models import DeskGap, Entry, Feed, Presence, Roster, Turn
from ..seating import seat
from ..terms import (
    DAY_H,
    DESK,
    HOURS,
    KINDS,
    MOST_BETWEEN,
    MOST_DAYS,
    MOST_NEEDED,
    MOST_PEOPLE,
    PAIRS,
    RULES,
    YEARS,
    Question,
)  # fmt: skip
from .common import roster_of, shift_starts, tell, tell_entry, turn, void_swaps, whole
from .replanning import publish_change


def ask(*, actor: Actor, now: datetime, id: UUID, question: Question) -> Roster:
    """Keeps a question with all that its run needs, and queues it. The same id again is a retry. Raises Refused at the
    field for what cannot be asked."""
    if (kept := Roster.objects.filter(id=id).first()) is not None:
        if not any(actor.may(p, kept.area) for p in facts.SEE):
            raise Missing(_("No such roster in your areas."), code="missing")
        return kept
    actor.require(EDIT, question.area)
    _check(question)
    question = replace(question, crews=asking.proposed(question.area).crews)
    with writing(actor=actor, now=now) as log:
        roster = Roster.objects.create(
            id=id, area=question.area, first=question.first, days=question.days, asked=question.kept(),
            given=asking.question(question), made_by=actor.id, made_at=now,
        )  # fmt: skip
        tell(log, roster, "roster.asked", days=question.days, count=len(question.people))
    return roster


def again(*, actor: Actor, now: datetime, roster_id: UUID | str, keep: bool = False, gaps: bool = False) -> Roster:
    """Makes a roster once more, with leave, wishes and rules as they are now. keep: as few days as possible change;
    gaps: from now on they are allowed."""
    roster = roster_of(actor, roster_id, EDIT)
    with writing(actor=actor, now=now) as log:
        question = Question.read(roster.asked | ({"gaps": True} if gaps else {}))
        if roster.replaces is None:
            question = replace(question, crews=asking.proposed(question.area).crews)
        previous = asking.duties_of(roster.given, roster.rows) if keep else []
        given = (asking.replacing(roster.replaces, question) if roster.replaces
                 else asking.question(question, previous=previous))
        if not Roster.objects.filter(id=roster.id, state__in=work.OVER, published_at=None).update(
            state="queued", cancel=False, error="", tries=0, progress=0, step="", asked=question.kept(), given=given,
            rows={}, figures={}, version=F("version") + 1,
        ):  # fmt: skip
            raise Conflict(_("It is being made, or published: withdraw it first."), code="state")
        tell(log, roster, "roster.again")
    roster.refresh_from_db()
    return roster


def edit(*, actor: Actor, now: datetime, roster_id: UUID | str, version: int, user: str, day: date,
         shift: str) -> Roster:  # fmt: skip
    """Sets a member's day to a shift (as 07:00; "": off) by hand, in a draft. Raises Refused where that breaks a rule
    as things are now; a shift that is left short is shown, and refused when the roster is published."""
    roster = roster_of(actor, roster_id, EDIT)
    numbers = {"": -1} | {duty["id"]: n for n, duty in enumerate(roster.given["duties"])}
    at = (day - roster.first).days
    if user not in roster.rows:
        raise Refused(_("This member is not on the roster."), field="user", code="user")
    if not 0 <= at < roster.days:
        raise Refused(_("This day is not on the roster."), field="day", code="day")
    if shift not in numbers:
        raise Refused(_("Choose a shift of the roster, or off."), field="shift", code="shift")
    made, now_so = (solving.edited(given, roster.rows, [(user, at, numbers[shift])])
                    for given in (roster.given, asking.as_it_is(roster.given)))
    if breaks := [code for code in now_so.broken if code != "need"]:
        says = _("That would break a rule: %(rule)s.") % {"rule": RULES.get(breaks[0], breaks[0])}
        raise Refused(says, field="shift", code=breaks[0])
    figures = roster.figures | solving.reproven(made.objective, roster.figures.get("bound"))
    with writing(actor=actor, now=now) as log:
        if not Roster.objects.filter(id=roster.id, version=version, state__in=work.OVER, published_at=None).update(
            rows=made.rows, figures=figures, version=F("version") + 1
        ):
            raise Conflict(_("The roster has changed since you looked at it. Look again."), code="version")
        tell(log, roster, "roster.edited", user=user, day=day.isoformat())
    roster.refresh_from_db()
    return roster


def stop(*, actor: Actor, now: datetime, roster_id: UUID | str) -> Roster:
    """Ends the search; the best roster found so far stays."""
    roster = roster_of(actor, roster_id, EDIT)
    with writing(actor=actor, now=now) as log:
        if work.cancel(roster, now):
            tell(log, roster, "roster.stopped")
    roster.refresh_from_db()
    return roster


def delete(*, actor: Actor, now: datetime, roster_id: UUID | str) -> None:
    """Deletes a roster; one that is being made has to be stopped, a published one withdrawn first."""
    roster = roster_of(actor, roster_id, EDIT)
    with writing(actor=actor, now=now) as log:
        if not Roster.objects.filter(id=roster.id, published_at=None).exclude(state="running").delete()[0]:
            raise Conflict(_("It is being made, or published: withdraw it first."), code="state")
        tell(log, roster, "roster.deleted")


def publish(*, actor: Actor, now: datetime, roster_id: UUID | str, version: int) -> Roster:
    """Signs a roster off: each member gets their turns. Raises Conflict for another version than the one that was
    looked at and for members who have turns on these days already, Refused where a rule is broken as things are now."""
    roster = roster_of(actor, roster_id, APPROVE)
    if roster.replaces is not None:
        return publish_change(actor=actor, now=now, roster=roster, version=version)
    with writing(actor=actor, now=now) as log:
        roster.refresh_from_db()
        if roster.published_at is not None:
            return roster
        if roster.state != "done" or not roster.rows:
            raise Conflict(_("There is no finished roster to publish."), code="state")
        whole(roster)
        turns = turns_of(roster)
        if not Roster.objects.filter(id=roster.id, version=version, state="done", published_at=None).update(
            published_by=actor.id, published_at=now
        ):
            raise Conflict(_("The roster has changed since you looked at it. Look again."), code="version")
        try:
            Turn.objects.bulk_create(turns)
        except IntegrityError as error:  # another roster was published in this moment
            raise Conflict(_("The roster has changed since you looked at it. Look again."), code="twice") from error
        tell(log, roster, "roster.published", days=roster.days, count=len(turns))
    roster.refresh_from_db()
    return roster


def withdraw(*, actor: Actor, now: datetime, roster_id: UUID | str, reason: str) -> Roster:
    """Takes a published roster back: its turns go from members' pages and calendars."""
    roster = roster_of(actor, roster_id, APPROVE)
    if not reason.strip():
        raise Refused(_("Give the reason."), field="reason")
    if roster.replaces_id is not None:
        raise Conflict(_("It is part of the roster that it changed: change that again, or withdraw it."), code="state")
    with writing(actor=actor, now=now) as log:
        if not Roster.objects.filter(id=roster.id, published_at__isnull=False).update(
            published_by="", published_at=None
        ):
            raise Conflict(_("It is not published."), code="state")
        Turn.objects.filter(roster=roster).delete()
        void_swaps(roster)
        tell(log, roster, "roster.withdrawn", reason=reason.strip())
    roster.refresh_from_db()
    return roster


# ---- the worker


def better(roster: Roster, made: solving.Made) -> None:
    """Shows a better roster while the search goes on."""
    work.held(roster).update(rows=made.rows, figures=made.figures, version=F("version") + 1)


def end(*, actor: Actor, now: datetime, roster: Roster, state: str, made: solving.Made | None = None,
        error: str = "") -> None:  # fmt: skip
    """Closes a run, unless another worker has taken it over."""
    changes: dict[str, Any] = {"error": error}
    if made is not None:
        changes |= {"rows": made.rows, "figures": made.figures, "progress": 1.0, "version": F("version") + 1}
    with writing(actor=actor, now=now) as log:
        if work.held(roster).update(state=state, done_at=now, **changes):
            tell(log, roster, "roster.ended", state=state)


# ---- leave, limits, wishes


def enter(*, actor: Actor, now: datetime, id: UUID, area: str, user: str, kind: str, first: date, last: date,
          shift: str = "") -> Entry:  # fmt: skip
    """Enters what rosters have to mind of a member from day to day. The same id again is a retry."""
    if (kept := Entry.objects.filter(id=id).first()) is not None:
        if not actor.may(EDIT, kept.area):
            raise Missing(_("No such entry in your areas."), code="missing")
        return kept
    actor.require(EDIT, area)
    if user not in {m.id for m, _service in asking.members(area)}:
        raise Refused(_("Choose a member of a crew in this area."), field="user", code="user")
    if kind not in KINDS:
        raise Refused(_("Choose what is entered."), field="kind", code="kind")
    if first.year not in YEARS or not first <= last <= first + timedelta(days=366):
        raise Refused(_("The last day is the first or later, within a year."), field="last", code="last")
    if shift and (not kind.startswith("wish_") or shift not in {s.start for s in asking.shifts()}):
        raise Refused(_("Choose a shift of this centre, for a wish alone."), field="shift", code="shift")
    with writing(actor=actor, now=now) as log:
        entry = Entry.objects.create(id=id, area=area, user=user, kind=kind, first=first, last=last, shift=shift,
                                     made_by=actor.id, made_at=now)  # fmt: skip
        tell_entry(log, entry, "roster.entered")
    return entry


def strike(*, actor: Actor, now: datetime, entry_id: UUID | str) -> None:
    """Takes an entry back."""
    entry = facts.entries(actor.areas(EDIT), date.min).filter(id=entry_id).first()
    if entry is None:
        raise Missing(_("No such entry in your areas."), code="missing")
    with writing(actor=actor, now=now) as log:
        if Entry.objects.filter(id=entry_id).delete()[0]:
            tell_entry(log, entry, "roster.struck")


# ---- the private calendar link


def renew_feed(*, actor: Actor, now: datetime) -> str:
    """A new calendar link of the actor's own; the old one opens nothing any more. The return value, the link's secret
    part, is the only place where it is ever readable."""
    secret = secrets.token_urlsafe(32)
    with writing(actor=actor, now=now) as log:
        Feed.objects.update_or_create(user=actor.id, defaults={"hash": facts.hashed(secret), "made_at": now})
        log.append("roster.feed_made", subject=("user", actor.id))
    return secret


def drop_feed(*, actor: Actor, now: datetime) -> None:
    """Ends the actor's own calendar link. Ending it again changes nothing."""
    with writing(actor=actor, now=now) as log:
        if Feed.objects.filter(user=actor.id).delete()[0]:
            log.append("roster.feed_dropped", subject=("user", actor.id))


def delete_old(now: datetime) -> int:
    """Retention: rosters with their turns and swaps, leave and wishes, and who clocked on where, so many days after
    their end."""
    if retention.held("roster", now):
        return 0
    limit = now.date() - timedelta(days=int(setting("roster_days")))
    due = [r.id for r in Roster.objects.only("id", "first", "days") if r.first + timedelta(days=r.days) <= limit]
    gone = Entry.objects.filter(last__lt=limit).delete()[0]
    old = now - timedelta(days=int(setting("roster_days")))
    gone += Presence.objects.filter(on_at__lt=old).delete()[0] + DeskGap.objects.filter(until__lt=old).delete()[0]
    if due:
        with writing(actor=system("retention"), now=now) as log:
            for roster in Roster.objects.filter(id__in=due):
                tell(log, roster, "roster.deleted")
            Roster.objects.filter(id__in=due).delete()
    return int(gone) + len(due)


def _check(question: Question) -> None:
    spots = places.area_names()
    if question.area not in spots:
        raise Refused(_("Choose an area."), field="area", code="area")
    if question.first.year not in YEARS:
        raise Refused(_("Choose a day of this century."), field="first", code="first")
    if not 1 <= question.days <= MOST_DAYS:
        raise Refused(_("A roster is for 1 to %(days)s days.") % {"days": MOST_DAYS}, field="days", code="days")
    ids = [one.id for one in question.people]
    if not 1 <= len(ids) <= MOST_PEOPLE or len(set(ids)) < len(ids):
        raise Refused(_("Choose 1 to %(n)s members, each once.") % {"n": MOST_PEOPLE}, field="people", code="people")
    allowed = {(m.id, s == DESK) for m, s in asking.members(question.area)}
    strangers = len({(one.id, one.service == DESK) for one in question.people} - allowed)
    if strangers or not all(one.service for one in question.people):
        says = _("Each member belongs to a crew in this area and counts for a service, or takes over a desk here.")
        raise Refused(says, field="people", code="people")
    starts, keys = {s.start for s in asking.shifts()}, [(n.service, n.shift) for n in question.needs]
    _check_hours(question, starts)
    if len(set(keys)) < len(keys) or not all(n.shift in starts for n in question.needs):
        raise Refused(_("Needs are one for each service and shift of this centre."), field="needs", code="needs")
    if not all(0 <= count <= MOST_NEEDED for n in question.needs for count in (n.weekdays, n.weekends)):
        raise Refused(_("A need is 0 to %(n)s members.") % {"n": MOST_NEEDED}, field="needs", code="needs")
    skills = brigades.skill_names()
    together = {(one.shift, one.kinds, one.team, one.skill) for one in question.together}
    if len(together) < len(question.together) or not all(
        one.shift in starts and [one.kinds in PAIRS, bool(one.team), one.skill in skills].count(True) == 1
        and all(0 <= count <= MOST_NEEDED for count in (one.weekdays, one.weekends)) for one in question.together
    ):
        raise Refused(_("Pairs, teams and skills are asked for once in each shift of this centre."), field="together",
                      code="together")
    if not (any(n.weekdays or n.weekends for n in question.needs)
            or any(sum(n.weekdays) + sum(n.weekends) for n in question.hours)):
        raise Refused(_("Nobody is needed. Enter how many are on in each shift."), field="needs", code="needs")


def _check_hours(question: Question, starts: set[str]) -> None:
    """Needs by hour and the duties between the shifts that overlap to meet them."""
    begins = [one.start for one in question.between]
    if len(begins) > MOST_BETWEEN or len({*begins, *starts}) < len(begins) + len(starts) or not all(
        HOURS[0] <= one.hours <= HOURS[1] for one in question.between
    ):
        raise Refused(
            _("Duties between the shifts: %(n)s at most, each with a start of its own, of %(least)s to %(most)s hours.")
            % {"n": MOST_BETWEEN, "least": HOURS[0], "most": HOURS[1]}, field="between", code="between",
        )  # fmt: skip
    services = [one.service for one in question.hours]
    if len(set(services)) < len(services) or {n.service for n in question.needs} & set(services):
        raise Refused(_("A service is asked for by shift or by hour, once."), field="hours", code="hours")
    for one in question.hours:
        if not all(len(counts) == DAY_H and all(0 <= n <= MOST_NEEDED for n in counts)
                   for counts in (one.weekdays, one.weekends)):  # fmt: skip
            raise Refused(_("A need by hour is 24 numbers from 0 to %(n)s.") % {"n": MOST_NEEDED}, field="hours",
                          code="hours")


def turns_of(roster: Roster) -> list[Turn]:
    made = [turn(roster, user, roster.first + timedelta(days=n), k)
            for user, row in roster.rows.items() for n, k in enumerate(row) if k >= 0]  # fmt: skip
    seat(made, [], Question.read(roster.asked), shift_starts(roster))
    return made
