"""What a member is given, learns and is thanked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.zone import day_of

from ..models import Issue, Praise, Training
from ..terms import COURSES, DISCIPLINE, GEAR, GEAR_MONTHS, PRAISES, RETURNED, TAUGHT
from .common import chosen, member_of, past, serving, tell, text
from .members import roster_of

LONGEST_H = 80.0


def good_until(gear: str, day: date) -> date | None:
    """The last day a new piece is good for; None where none is set."""
    months = day.month - 1 + GEAR_MONTHS[gear]
    if not GEAR_MONTHS[gear]:
        return None
    return date(day.year + months // 12, months % 12 + 1, min(day.day, 28))


@once
def issue(*, actor: Actor, now: datetime, id: UUID, member_id: UUID | str, gear: str, number: str = "",
          day: date | None = None, expires_on: date | None = None, key: UUID | None = None) -> Issue:
    """Hands a piece of equipment out. Without `expires_on` it is good for as long as its kind. The same id again is a
    retry."""
    chosen(gear, GEAR, "gear")
    day = past(day or day_of(now), day_of(now))
    if expires_on is not None and expires_on < day:
        raise Refused(_("It is good for less than a day."), field="expires_on", code="span")
    with writing(actor=actor, now=now) as log:
        member = serving(member_of(actor, member_id))
        done = Issue.objects.filter(id=id).first()
        if done is not None:
            if done.member_id != member.id:
                raise Missing(_("There is no such piece."), code="issue")
            return done
        row = Issue.objects.create(id=id, member=member, gear=gear, number=number.strip()[:40], issued_on=day,
                                   expires_on=expires_on or good_until(gear, day))
        tell(log, "member.equipped", member, key=key, gear=gear, day=day.isoformat())
    return row


@once
def give_back(*, actor: Actor, now: datetime, issue_id: UUID | str, how: str, day: date | None = None,
              key: UUID | None = None) -> Issue:
    """Takes a piece back, or writes it off as lost; also from somebody who has left."""
    chosen(how, RETURNED, "how")
    day = past(day or day_of(now), day_of(now))
    with writing(actor=actor, now=now) as log:
        row = Issue.objects.filter(id=issue_id).first()
        if row is None:
            raise Missing(_("There is no such piece."), code="issue")
        member = member_of(actor, row.member_id)
        if already_written(key):
            return row
        if day < row.issued_on:
            raise Refused(_("It was handed out later."), field="day", code="span")
        if not Issue.objects.filter(id=row.id, returned_on=None).update(returned_on=day, returned_how=how):
            raise Conflict(_("It is back already."), code="returned")
        row.refresh_from_db()
        tell(log, "member.returned", member, key=key, gear=row.gear, returned=how)
    return row


@once
def teach(*, actor: Actor, now: datetime, passed: Mapping[str, bool | None], course: str, taught: str, day: date,
          hours: float, key: UUID | None = None) -> Sequence[Training]:
    """A lesson of one or more members. `passed`: by member id, whether its test was passed; None where there was none.
    Before the first duty law, duties and hazards are passed; from then on a yearly lesson is due."""
    chosen(course, COURSES, "course")
    chosen(taught, TAUGHT, "taught")
    past(day, day_of(now))
    if not 0 < hours <= LONGEST_H:
        raise Refused(_("Give hours, up to %(most)s.") % {"most": round(LONGEST_H)}, field="hours", code="hours")
    with writing(actor=actor, now=now) as log:
        members = roster_of(actor, list(passed))
        if already_written(key):
            return list(Training.objects.filter(member__in=members, course=course, taught=taught, day=day))
        rows = [Training(member=m, course=course, taught=taught, day=day, hours=hours, passed=passed[str(m.id)])
                for m in members]
        Training.objects.bulk_create(rows)
        for n, member in enumerate(members):
            tell(log, "member.taught", member, key=None if n else key, taught=taught, course=course,
                 day=day.isoformat())
    return rows


@once
def praise(*, actor: Actor, now: datetime, id: UUID, member_id: UUID | str, kind: str, day: date, reference: str,
           key: UUID | None = None) -> Praise:
    """Commends a member, by the number of the document that says what for."""
    chosen(kind, PRAISES, "kind")
    past(day, day_of(now))
    reference = text(reference, "reference", 40, _("Give the number of the document."))
    with writing(actor=actor, now=now) as log:
        member = serving(member_of(actor, member_id, DISCIPLINE))
        row, _fresh = Praise.objects.get_or_create(
            id=id, defaults={"member": member, "kind": kind, "day": day, "reference": reference, "given_by": actor.id})
        if row.member_id != member.id:
            raise Missing(_("There is no such commendation."), code="praise")
        if _fresh:
            tell(log, "member.praised", member, key=key, praise=kind, day=day.isoformat())
    return row
