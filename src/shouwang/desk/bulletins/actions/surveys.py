"""Surveys: drafted, opened, answered by anybody without a name, closed, and published with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.writing import already_written, writing
from shouwang.desk.places import facts as places
from shouwang.desk.units.retries import once
from shouwang.desk.workflow.zone import day_of

from .. import advice, facts
from ..models import Survey, Taken, Tally
from ..terms import LONGEST_DAYS, MOST_QUESTIONS, OPTION_MAX, OPTIONS, QUESTION_MAX, SURVEY, NewSurvey, Question
from .common import change, known, tell, text

ANYBODY = Actor("public:survey", "", "user")  # whoever answers: never which of them


@once
def draft_survey(*, actor: Actor, now: datetime, id: UUID, given: NewSurvey, key: UUID | None = None) -> Survey:
    """A new survey. The same id again is a retry."""
    values = _checked(actor, now, given)
    with writing(actor=actor, now=now) as log:
        if Survey.objects.filter(id=id).exists():
            return _own(actor, id)
        row = Survey.objects.create(id=id, made_by=actor.id, made_at=now, **values)
        tell(log, "survey.drafted", row, SURVEY, key=key)
    return row


@once
def amend_survey(*, actor: Actor, now: datetime, survey_id: UUID | str, given: NewSurvey, version: int,
                 key: UUID | None = None) -> Survey:
    """Other questions or days for a draft: once it is open nothing of it changes."""
    values = _checked(actor, now, given)
    with writing(actor=actor, now=now) as log:
        row = _own(actor, survey_id)
        if not already_written(key):
            change(row, version, "draft", **values)
            tell(log, "survey.changed", row, SURVEY, key=key)
    return row


@once
def open_survey(*, actor: Actor, now: datetime, survey_id: UUID | str, version: int, reason: str = "",
                key: UUID | None = None) -> Survey:
    """Takes answers from its first day to its last."""
    with writing(actor=actor, now=now) as log:
        row = _own(actor, survey_id)
        if not already_written(key):
            if row.closes_on < day_of(now):
                raise Refused(_("Its last day is over: choose another one."), field="closes_on", code="over")
            change(row, version, "draft", state="open")
            tell(log, "survey.opened", row, SURVEY, key=key)
    return row


@once
def close(*, actor: Actor, now: datetime, survey_id: UUID | str, version: int, reason: str = "",
          key: UUID | None = None) -> Survey:
    """Ends it before its last day, for a reason."""
    why = text(reason, "reason", _("Give the reason."), 500)
    with writing(actor=actor, now=now) as log:
        row = _own(actor, survey_id)
        if not already_written(key):
            day = day_of(now) - timedelta(days=1)
            if not facts.takes_answers(row, day_of(now)):
                raise Conflict(_("It takes no answers now."), code="state")
            change(row, version, "open", closes_on=day, opens_on=min(row.opens_on, day))
            tell(log, "survey.closed", row, SURVEY, key=key, reason=why)
    return row


@once
def cancel(*, actor: Actor, now: datetime, survey_id: UUID | str, version: int, reason: str = "",
           key: UUID | None = None) -> Survey:
    """It does not take place, or nothing is made of it; what was counted is deleted."""
    why = text(reason, "reason", _("Give the reason."), 500)
    with writing(actor=actor, now=now) as log:
        row = _own(actor, survey_id)
        if not already_written(key):
            if row.state not in ("draft", "open"):
                raise Conflict(_("This is not possible any more: its state has changed."), code="state")
            change(row, version, state="cancelled")
            Tally.objects.filter(survey=row).delete()
            tell(log, "survey.cancelled", row, SURVEY, key=key, reason=why)
    return row


@once
def publish_survey(*, actor: Actor, now: datetime, survey_id: UUID | str, version: int, reason: str = "",
                   key: UUID | None = None) -> Survey:
    """The result, once the last day is over: as it stands, and as it will stand."""
    with writing(actor=actor, now=now) as log:
        row = _own(actor, survey_id)
        if not already_written(key):
            if row.state == "open" and day_of(now) <= row.closes_on:
                raise Conflict(_("It still takes answers."), code="open")
            told = advice.result(row)
            if told["answers"] < advice.LEAST:
                says = _("Fewer than %(n)s answered: too few to say anything, or to hide who said what.")
                raise Refused(says % {"n": advice.LEAST}, code="few")
            change(row, version, "open", state="published", result=told, published_at=now)
            tell(log, "survey.published", row, SURVEY, key=key)
    return row


def answer(*, now: datetime, id: UUID, survey_id: UUID | str, area: str, answers: Mapping[str, Any]) -> None:
    """Counts the answers of somebody. `id`: of the proof of work, which the caller has checked: the same again counts
    nothing. `answers`: by question the number of the option; what is left out is left out."""
    row = facts.public_survey(survey_id)
    if row is None or not facts.takes_answers(row, day_of(now)):
        raise Missing(_("This survey takes no answers now."), code="survey")
    if area and not (area in places.area_names() and area.startswith(row.area)):
        raise Refused(_("Choose the community, or leave it open."), field="area", code="choice")
    sizes = {q.id: len(q.options) for q in facts.questions(row)}
    for question, option in answers.items():
        if question not in sizes or type(option) is not int or not 0 <= option < sizes[question]:
            raise Refused(_("Choose one of the answers."), field=question, code="choice")
    if not answers:
        raise Refused(_("Answer at least one question."), field=next(iter(sizes)), code="needs")
    with writing(actor=ANYBODY, now=now) as log:
        _taken, fresh = Taken.objects.get_or_create(id=id, defaults={"survey": row})
        if not fresh:
            return
        for question, option in (("", 0), *answers.items()):
            mine = {"survey": row, "area": area, "question": question, "option": option}
            Tally.objects.get_or_create(**mine)
            Tally.objects.filter(**mine).update(n=F("n") + 1)
        tell(log, "survey.answered", row, SURVEY)


def delete_due(now: datetime) -> int:
    """Retention: proofs of work of surveys whose last day is over."""
    over = Taken.objects.filter(survey__closes_on__lt=day_of(now) - timedelta(days=1))
    return int(over.delete()[0])


def _checked(actor: Actor, now: datetime, given: NewSurvey) -> dict[str, Any]:
    area = known(given.area, actor, SURVEY)
    zh = text(given.zh, "zh", _("Write it in Chinese."))
    days = (given.closes_on - given.opens_on).days
    if given.closes_on < day_of(now) or not 0 <= days < LONGEST_DAYS:
        says = _("The last day is the first or later, not over yet, within %(n)s days.")
        raise Refused(says % {"n": LONGEST_DAYS}, field="closes_on", code="span")
    ids = [q.id for q in given.questions]
    if not 1 <= len(ids) <= MOST_QUESTIONS or len(set(ids)) < len(ids):
        raise Refused(_("Ask 1 to %(n)s questions.") % {"n": MOST_QUESTIONS}, field="questions", code="needs")
    for question in given.questions:
        _sound(question)
    return {"area": area, "zh": zh, "en": text(given.en, "en", "", needed=False), "opens_on": given.opens_on,
            "closes_on": given.closes_on, "questions": [q.kept() for q in given.questions]}


def _sound(question: Question) -> None:
    says = _("A question is up to %(most)s characters long and has %(least)s to %(n)s answers of up to %(each)s.")
    says %= {"most": QUESTION_MAX, "least": OPTIONS[0], "n": OPTIONS[1], "each": OPTION_MAX}
    if not (0 < len(question.zh) <= QUESTION_MAX and len(question.en) <= QUESTION_MAX and question.id
            and len(question.id) <= 12 and OPTIONS[0] <= len(question.options) <= OPTIONS[1]):
        raise Refused(says, field="questions", code="question")
    if not all(0 < len(o.zh) <= OPTION_MAX and len(o.en) <= OPTION_MAX for o in question.options):
        raise Refused(says, field="questions", code="question")


def _own(actor: Actor, survey_id: UUID | str) -> Survey:
    row = facts.survey(actor.areas(SURVEY), survey_id)
    if row is None:
        raise Missing(_("There is no such survey in your areas."), code="survey")
    return row
