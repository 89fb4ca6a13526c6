"""Public recruitment: a notice with its criteria, applications, the result posted, objections answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.seal import digest, seal
from shouwang.desk.log.writing import Log, already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.zone import day_of

from ..models import Applicant, Notice, Objection, Team
from ..terms import HIRE
from .common import change, notice_of, opened, reason, team_of, text, words

CRITERIA_MAX = 4000
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Written:
    """A notice as written down. `office`: where to apply and to object, an office with its telephone."""

    title: str
    places: int
    criteria: str
    office: str
    closes_on: date


@once
def write_notice(*, actor: Actor, now: datetime, id: UUID, team_id: UUID | str, given: Written,
                 version: int | None = None, key: UUID | None = None) -> Notice:
    """Drafts a notice, or with the `version` it was read at changes the draft. The same id again is a retry."""
    values = {"title": text(given.title, "title", 80, _("Give a title, of up to 80 characters.")),
              "criteria": text(given.criteria, "criteria", CRITERIA_MAX, _("Say what is asked of applicants.")),
              "office": text(given.office, "office", 120, _("Say where to apply and to object.")),
              "places": given.places, "closes_on": given.closes_on}
    if not 0 < given.places <= 1000:
        raise Refused(_("Give how many are sought."), field="places", code="count")
    if not day_of(now) <= given.closes_on <= day_of(now) + LONGEST:
        raise Refused(_("Give a day within the coming year."), field="closes_on", code="span")
    with writing(actor=actor, now=now) as log:
        team: Team = team_of(actor, team_id, HIRE)
        row = Notice.objects.filter(id=id).first()
        if row is None:
            row = Notice.objects.create(id=id, team=team, made_by=actor.id, **values)
            _tell(log, "recruitment.written", row, key=key)
            return row
        row = notice_of(actor, id)
        if already_written(key) or version is None:
            return row
        _must_be(row, "draft")
        change(row, version, team=team, **values)
        _tell(log, "recruitment.changed", row, key=key)
    return row


@once
def publish(*, actor: Actor, now: datetime, recruit_id: UUID | str, version: int, key: UUID | None = None) -> Notice:
    """From now on anybody may read it."""
    with writing(actor=actor, now=now) as log:
        row = notice_of(actor, recruit_id)
        if already_written(key):
            return row
        _must_be(row, "draft")
        if row.closes_on < day_of(now):
            raise Conflict(_("Its last day has passed."), code="over")
        change(row, version, state="open", opened_at=now)
        _tell(log, "recruitment.published", row, key=key)
    return row


@once
def apply(*, actor: Actor, now: datetime, id: UUID, recruit_id: UUID | str, name: str, phone: str = "",
          priority: bool = False, key: UUID | None = None) -> Applicant:
    """Enters somebody who applied at the office. `priority`: a rule of priority was applied; which is not kept."""
    name = text(name, "name", 60, _("Give the name."))
    with writing(actor=actor, now=now) as log:
        row = notice_of(actor, recruit_id)
        done = Applicant.objects.filter(id=id).first()
        if done is not None:
            if done.notice_id != row.id:
                raise Missing(_("There is no such applicant."), code="applicant")
            return done
        _must_be(row, "open")
        last = row.applicants.aggregate(n=Max("number"))["n"] or 0
        made = Applicant.objects.create(id=id, notice=row, number=last + 1, name=seal(id, "name", name),
                                        phone=seal(id, "phone", phone.strip()[:30]), priority=priority)
        _tell(log, "recruitment.applied", row, key=key, number=made.number, priority=priority)
    return made


@once
def drop_applicant(*, actor: Actor, now: datetime, applicant_id: UUID | str, key: UUID | None = None) -> Applicant:
    """Somebody does not want the place any more."""
    with writing(actor=actor, now=now) as log:
        row = Applicant.objects.select_related("notice__team").filter(id=applicant_id).first()
        if row is None or not actor.may(HIRE, row.notice.team.area):
            raise Missing(_("There is no such applicant."), code="applicant")
        if already_written(key) or row.state == "withdrawn":
            return row
        if row.state == "hired":
            raise Conflict(_("This applicant is hired."), code="state")
        row.state, row.decided_at = "withdrawn", row.decided_at or now
        row.save(update_fields=["state", "decided_at"])
        _tell(log, "recruitment.withdrawn", row.notice, key=key, number=row.number)
    return row


@once
def post_result(*, actor: Actor, now: datetime, recruit_id: UUID | str, chosen: Sequence[UUID | str], version: int,
                key: UUID | None = None) -> Notice:
    """Posts the names of those chosen for everybody to read, until the time for objections is over."""
    with writing(actor=actor, now=now) as log:
        row = notice_of(actor, recruit_id)
        if already_written(key):
            return row
        _must_be(row, "open")
        day = day_of(now)
        if day <= row.closes_on:
            raise Conflict(_("Applications are taken until %(day)s.") % {"day": row.closes_on}, code="early")
        waiting = {str(a.id): a for a in row.applicants.filter(state="applied")}
        wanted = {str(i) for i in chosen}
        if not wanted or not wanted <= set(waiting) or len(wanted) > row.places:
            raise Refused(_("Choose at least one applicant, at most %(places)s.") % {"places": row.places},
                          field="chosen", code="choice")
        row.applicants.filter(state="applied").update(state="not_chosen", decided_at=now)
        row.applicants.filter(id__in=wanted).update(state="chosen")
        until = day + timedelta(days=setting("objection_days"))
        change(row, version, state="posted", posted_at=now, objections_until=until)
        _tell(log, "recruitment.posted", row, key=key, count=len(wanted), until=until.isoformat())
    return row


@once
def object_to(*, actor: Actor, now: datetime, id: UUID, recruit_id: UUID | str, said: str,
              applicant_id: UUID | str | None = None, key: UUID | None = None) -> Objection:
    """Enters an objection that came to the office, against a result or one of those chosen. Who made it is not kept."""
    said = words(said, "said")
    with writing(actor=actor, now=now) as log:
        row = notice_of(actor, recruit_id)
        done = Objection.objects.filter(id=id).first()
        if done is not None:
            if done.notice_id != row.id:
                raise Missing(_("There is no such objection."), code="objection")
            return done
        _must_be(row, "posted")
        if row.objections_until is None or day_of(now) > row.objections_until:
            raise Conflict(_("The time for objections is over."), code="over")
        against = row.applicants.filter(id=applicant_id, state="chosen").first() if applicant_id else None
        if applicant_id and against is None:
            raise Refused(_("Choose one of those chosen."), field="applicant", code="choice")
        made = Objection.objects.create(id=id, notice=row, applicant=against, words=seal(id, "words", said), at=now)
        _tell(log, "recruitment.objected", row, key=key, words=digest(id, said))
    return made


@once
def answer_objection(*, actor: Actor, now: datetime, objection_id: UUID | str, upheld: bool, answer: str,
                     key: UUID | None = None) -> Objection:
    """Answers an objection. Upheld, it takes the place from the applicant it was against."""
    answer = words(answer, "answer")
    with writing(actor=actor, now=now) as log:
        row = Objection.objects.select_related("notice__team").filter(id=objection_id).first()
        if row is None or not actor.may(HIRE, row.notice.team.area):
            raise Missing(_("There is no such objection."), code="objection")
        if already_written(key):
            return row
        if not Objection.objects.filter(id=row.id, answered_at=None).update(
            upheld=upheld, answer=seal(row.id, "answer", answer), answered_by=actor.id, answered_at=now
        ):
            raise Conflict(_("It is answered already."), code="answered")
        row.refresh_from_db()
        if upheld and row.applicant_id:
            Applicant.objects.filter(id=row.applicant_id, state="chosen").update(state="not_chosen")
        _tell(log, "recruitment.objection_answered", row.notice, key=key, upheld=upheld, words=digest(row.id, answer))
    return row


@once
def complete(*, actor: Actor, now: datetime, recruit_id: UUID | str, version: int, key: UUID | None = None) -> Notice:
    """The time for objections is over and each is answered: the names are public no more, those chosen may be hired."""
    with writing(actor=actor, now=now) as log:
        row = notice_of(actor, recruit_id)
        if already_written(key):
            return row
        _must_be(row, "posted")
        if row.objections_until is None or day_of(now) <= row.objections_until:
            raise Conflict(_("Objections are taken until %(day)s.") % {"day": row.objections_until}, code="early")
        if row.objections.filter(answered_at=None).exists():
            raise Conflict(_("An objection waits for its answer."), code="objection")
        change(row, version, state="done", ended_at=now)
        _tell(log, "recruitment.completed", row, key=key)
    return row


@once
def cancel(*, actor: Actor, now: datetime, recruit_id: UUID | str, because: str, version: int,
           key: UUID | None = None) -> Notice:
    """Ends a notice without a result."""
    because = reason(because)
    with writing(actor=actor, now=now) as log:
        row = notice_of(actor, recruit_id)
        if already_written(key):
            return row
        _must_be(row, "draft", "open", "posted")
        change(row, version, state="cancelled", ended_at=now)
        row.applicants.filter(state__in=("applied", "chosen")).update(state="not_chosen")
        row.applicants.filter(decided_at=None).update(decided_at=now)
        _tell(log, "recruitment.cancelled", row, key=key, reason=because)
    return row


@dataclass(frozen=True)
class Opened:
    """Sealed words of a notice: names and telephones of applicants, objections and answers, by id."""

    names: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    objections: dict[UUID, tuple[str, str]] = field(default_factory=dict)


def read_notice(*, actor: Actor, now: datetime, recruit_id: UUID | str, because: str) -> Opened:
    """Opens a notice's sealed words for a stated reason, which is logged."""
    because = reason(because)
    with writing(actor=actor, now=now) as log:
        row = notice_of(actor, recruit_id)
        _tell(log, "recruitment.words_shown", row, reason=because)
    return Opened({a.id: (opened(a.id, "name", a.name), opened(a.id, "phone", a.phone)) for a in row.applicants.all()},
                  {o.id: (opened(o.id, "words", o.words), opened(o.id, "answer", o.answer))
                   for o in row.objections.all()})


def posted_names(row: Notice, now: datetime) -> list[tuple[int, str]]:
    """Number and name of those chosen, for everybody: from the posting until the time for objections is over."""
    if row.state != "posted" or row.objections_until is None or day_of(now) > row.objections_until:
        return []
    return [(a.number, opened(a.id, "name", a.name)) for a in row.applicants.filter(state="chosen").order_by("number")]


def _must_be(row: Notice, *states: str) -> None:
    if row.state not in states:
        raise Conflict(_("The notice has moved on. Look at it again."), code="state")


def _tell(log: Log, kind: str, row: Notice, *, key: UUID | None = None, reason: str = "", **payload: object) -> None:
    log.append(
        kind, subject=("recruitment", row.id), area=row.team.area, may=HIRE, payload=payload, id=key, reason=reason)
