"""Discipline with the right to be heard, and what a member asks to be put right. All words are sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.seal import digest, seal
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.zone import day_of

from .. import facts
from ..models import Case, Correction, Member
from ..terms import ABOUT, BREACHES, DISCIPLINE, MEASURES, SEE
from .common import change, chosen, member_of, opened, past, reason, serving, tell, words
from .members import let_go


@once
def propose(*, actor: Actor, now: datetime, id: UUID, member_id: UUID | str, breach: str, day: date, grounds: str,
            key: UUID | None = None) -> Case:
    """Proposes a measure with its grounds. From now on the member reads them and may be heard, for as many days as the
    centre has set. The same id again is a retry."""
    chosen(breach, BREACHES, "breach")
    past(day, day_of(now))
    grounds = words(grounds, "grounds")
    with writing(actor=actor, now=now) as log:
        member = serving(member_of(actor, member_id, DISCIPLINE))
        done = Case.objects.filter(id=id).first()
        if done is not None:
            return _case(actor, id)
        row = Case.objects.create(id=id, member=member, breach=breach, day=day, grounds=seal(id, "grounds", grounds),
                                  proposed_by=actor.id, proposed_at=now,
                                  hear_until=now + timedelta(days=setting("hearing_days")))
        tell(log, "member.case_proposed", member, key=key, may=DISCIPLINE, breach=breach,
             until=row.hear_until.isoformat(), words=digest(id, grounds))
    return row


@once
def hear(*, actor: Actor, now: datetime, case_id: UUID | str, statement: str, version: int,
         key: UUID | None = None) -> Case:
    """What the member says to it: written by the member, or taken down by whoever may decide on discipline. It may be
    written anew until it is decided."""
    statement = words(statement, "statement")
    with writing(actor=actor, now=now) as log:
        row = Case.objects.select_related("member__team").filter(id=case_id).first()
        mine = row is not None and str(row.member.user) == actor.id
        if row is None or not (mine or actor.may(DISCIPLINE, row.member.team.area)):
            raise Missing(_("There is no such case in your areas."), code="case")
        if already_written(key):
            return row
        _open(row)
        change(row, version, statement=seal(row.id, "statement", statement), heard_at=now)
        tell(log, "member.case_heard", row.member, key=key, may=DISCIPLINE, words=digest(row.id, statement))
    return row


@once
def decide(*, actor: Actor, now: datetime, case_id: UUID | str, measure: str, decision: str, version: int,
           key: UUID | None = None) -> Case:
    """Decides a case, once the member was heard or let the time for it pass; never by whoever proposed it. A dismissal
    ends all access in the same transaction."""
    chosen(measure, MEASURES, "measure")
    decision = words(decision, "decision")
    with writing(actor=actor, now=now) as log:
        row = _case(actor, case_id)
        if already_written(key):
            return row
        _open(row)
        if row.proposed_by == actor.id:
            raise Refused(_("Somebody else decides than who proposed it."), code="two_people")
        if row.heard_at is None and now <= row.hear_until:
            raise Conflict(_("The member has not been heard yet, and the time for it is not over."), code="hearing")
        change(row, version, state="decided", measure=measure, decision=seal(row.id, "decision", decision),
               decided_by=actor.id, decided_at=now)
        tell(log, "member.case_decided", row.member, key=key, may=DISCIPLINE, measure=measure,
             words=digest(row.id, decision))
        if measure == "dismissal" and row.member.left_at is None:
            let_go(log, row.member, why="dismissed", because=decision[:500], version=row.member.version)
    return row


@once
def withdraw(*, actor: Actor, now: datetime, case_id: UUID | str, version: int, key: UUID | None = None) -> Case:
    """A proposal that does not stand is taken back."""
    with writing(actor=actor, now=now) as log:
        row = _case(actor, case_id)
        if already_written(key):
            return row
        _open(row)
        change(row, version, state="withdrawn")
        tell(log, "member.case_withdrawn", row.member, key=key, may=DISCIPLINE)
    return row


def _case(actor: Actor, case_id: UUID | str) -> Case:
    row = Case.objects.filter(id=case_id).first()
    member = facts.member(actor.areas(DISCIPLINE), row.member_id) if row else None
    if row is None or member is None:
        raise Missing(_("There is no such case in your areas."), code="case")
    row.member = member_of(actor, member.id, DISCIPLINE)
    return row


def _open(row: Case) -> None:
    if row.state != "proposed":
        raise Conflict(_("This case is decided or withdrawn."), code="state")


@once
def ask_correction(*, actor: Actor, now: datetime, id: UUID, about: str, text: str,
                   key: UUID | None = None) -> Correction:
    """A member says what in their own record is wrong. The same id again is a retry."""
    chosen(about, ABOUT, "about")
    text = words(text, "text")
    with writing(actor=actor, now=now) as log:
        member = facts.member_of(actor.id)
        if member is None:
            raise Missing(_("You are in no team."), code="member")
        done = Correction.objects.filter(id=id).first()
        if done is not None:
            if done.member_id != member.id:
                raise Missing(_("There is no such request."), code="correction")
            return done
        row = Correction.objects.create(id=id, member=member, about=about, words=seal(id, "words", text), asked_at=now)
        tell(log, "member.correction_asked", member, key=key, about=about, words=digest(id, text))
    return row


@once
def answer_correction(*, actor: Actor, now: datetime, correction_id: UUID | str, mended: bool, answer: str,
                      key: UUID | None = None) -> Correction:
    """Says whether it was put right, and how or why not."""
    answer = words(answer, "answer")
    with writing(actor=actor, now=now) as log:
        row = Correction.objects.filter(id=correction_id).first()
        if row is None or facts.member(actor.areas(SEE), row.member_id) is None:
            raise Missing(_("There is no such correction in your areas."), code="correction")
        member = member_of(actor, row.member_id)
        if already_written(key):
            return row
        if not Correction.objects.filter(id=row.id, answered_at=None).update(
            mended=mended, answer=seal(row.id, "answer", answer), answered_by=actor.id, answered_at=now
        ):
            raise Conflict(_("It is answered already."), code="answered")
        row.refresh_from_db()
        tell(log, "member.correction_answered", member, key=key, mended=mended, words=digest(row.id, answer))
    return row


@dataclass(frozen=True)
class Said:
    """The sealed words about a member, by the id of the case or request."""

    cases: dict[UUID, tuple[str, str, str]] = field(default_factory=dict)  # grounds, statement, decision
    corrections: dict[UUID, tuple[str, str]] = field(default_factory=dict)  # words, answer


def read_words(*, actor: Actor, now: datetime, member_id: UUID | str, because: str) -> Said:
    """Opens the words about a member for a stated reason, which is logged: requests for whoever keeps the team, cases
    for whoever may decide on discipline."""
    because = reason(because)
    with writing(actor=actor, now=now) as log:
        row = member_of(actor, member_id)
        tell(log, "member.words_shown", row, reason=because)
    return _said(row, cases=actor.may(DISCIPLINE, row.team.area))


def own_words(row: Member, *, actor: Actor) -> Said:
    """The words about the reader."""
    if str(row.user) != actor.id:
        raise Missing(_("You are in no team."), code="member")
    return _said(row, cases=True)


def _said(row: Member, *, cases: bool) -> Said:
    rows: Sequence[Case] = list(row.cases.all()) if cases else []
    return Said({c.id: (opened(c.id, "grounds", c.grounds), opened(c.id, "statement", c.statement),
                        opened(c.id, "decision", c.decision)) for c in rows},
                {c.id: (opened(c.id, "words", c.words), opened(c.id, "answer", c.answer))
                 for c in row.corrections.all()})
