"""Bulletins and surveys over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, opens
from shouwang.desk.log.posted import Posted

from . import actions, facts
from .models import Bulletin, Survey
from .terms import (
    DRAFT,
    MOST_QUESTIONS,
    OPTION_MAX,
    OPTIONS,
    PUBLISH,
    QUESTION_MAX,
    SURVEY,
    TEXT_MAX,
    TITLE_MAX,
    NewBulletin,
    NewSurvey,
    Option,
    Question,
)  # fmt: skip

router = Router(tags=["bulletins"])
PER_PAGE = 50
AREA = r"^[^\x00-\x1f]+$"


class BulletinWords(Schema):
    area: str = Field(min_length=2, max_length=200, pattern=AREA, description="Path of the area")
    zh: str = Field(min_length=1, max_length=TITLE_MAX)
    text_zh: str = Field(min_length=1, max_length=TEXT_MAX)
    en: str = Field("", max_length=TITLE_MAX)
    text_en: str = Field("", max_length=TEXT_MAX, description="With a title in English, or neither")

    def given(self) -> NewBulletin:
        return NewBulletin(self.area, self.zh, self.text_zh, self.en, self.text_en)


class BulletinIn(BulletinWords, Posted):
    id: UUID = Field(description="Made by the client (UUIDv7): the same id again is a retry")


class BulletinAmend(BulletinWords, Posted):
    version: int = Field(ge=1, description="That was read")
    key: UUID | None = Field(None, description="Of a retry")


class MoveIn(Posted):
    version: int = Field(ge=1)
    reason: str = Field("", max_length=500, description="Needed where something is sent back, withdrawn or ended")
    key: UUID | None = None


class BulletinOut(BulletinWords):
    id: UUID
    state: str
    made_by: str
    made_at: datetime
    published_by: str
    published_at: datetime | None
    withdrawn_at: datetime | None
    version: int


class Page(Schema):
    page: int = Field(1, ge=1, le=10_000)


class OptionIn(Posted):
    zh: str = Field(min_length=1, max_length=OPTION_MAX)
    en: str = Field("", max_length=OPTION_MAX)


class QuestionIn(Posted):
    id: str = Field(min_length=1, max_length=12, pattern=r"^[a-z0-9]+$")
    zh: str = Field(min_length=1, max_length=QUESTION_MAX)
    en: str = Field("", max_length=QUESTION_MAX)
    options: list[OptionIn] = Field(min_length=OPTIONS[0], max_length=OPTIONS[1])


class SurveyWords(Schema):
    area: str = Field(min_length=2, max_length=200, pattern=AREA)
    zh: str = Field(min_length=1, max_length=TITLE_MAX)
    en: str = Field("", max_length=TITLE_MAX)
    opens_on: date
    closes_on: date = Field(description="The last day")
    questions: list[QuestionIn] = Field(min_length=1, max_length=MOST_QUESTIONS)

    def given(self) -> NewSurvey:
        asked = tuple(Question(q.id, q.zh, q.en, tuple(Option(o.zh, o.en) for o in q.options)) for q in self.questions)
        return NewSurvey(self.area, self.zh, self.opens_on, self.closes_on, asked, self.en)


class SurveyIn(SurveyWords, Posted):
    id: UUID


class SurveyAmend(SurveyWords, Posted):
    version: int = Field(ge=1)
    key: UUID | None = None


class SurveyOut(SurveyWords):
    id: UUID
    state: str
    answers: int = Field(description="How many have answered")
    result: dict[str, Any] = Field(description="What was published: shares with margins, small counts hidden")
    published_at: datetime | None
    version: int

    @staticmethod
    def resolve_answers(row: Survey) -> int:
        return facts.sums(row).get(("", 0), 0)


@router.get("/bulletins", response=list[BulletinOut])
@opens(*facts.SEE)
def bulletins(request: HttpRequest, wanted: Query[Page]) -> list[Bulletin]:
    """Bulletins of the caller's areas, the newest first, 50 a page."""
    first = (wanted.page - 1) * PER_PAGE
    return list(facts.bulletins(actor(request).areas(*facts.SEE))[first : first + PER_PAGE])


@router.post("/bulletins", response=BulletinOut)
@opens(DRAFT)
def draft(request: HttpRequest, body: BulletinIn) -> Bulletin:
    """Write a draft."""
    return actions.draft(actor=actor(request), now=timezone.now(), id=body.id, given=body.given())


@router.get("/bulletins/{uuid:bulletin_id}", response=BulletinOut)
@opens(*facts.SEE)
def bulletin(request: HttpRequest, bulletin_id: UUID) -> Bulletin:
    """One bulletin."""
    row = facts.bulletin(actor(request).areas(*facts.SEE), bulletin_id)
    if row is None:
        raise Missing(_("There is no such bulletin in your areas."), code="bulletin")
    return row


@router.put("/bulletins/{uuid:bulletin_id}", response=BulletinOut)
@opens(DRAFT)
def amend(request: HttpRequest, bulletin_id: UUID, body: BulletinAmend) -> Bulletin:
    """Other words for a draft."""
    return actions.amend(actor=actor(request), now=timezone.now(), bulletin_id=bulletin_id, given=body.given(),
                         version=body.version, key=body.key)


@router.post("/bulletins/{uuid:bulletin_id}/{what}", response=BulletinOut)
@opens(DRAFT, PUBLISH)
def move(request: HttpRequest, bulletin_id: UUID, what: Literal["submit", "return", "publish", "withdraw"],
         body: MoveIn) -> Bulletin:  # fmt: skip
    """Hand it in; send it back or publish it, which is the sign-off by somebody else; withdraw it."""
    return actions.MOVES[what](actor=actor(request), now=timezone.now(), bulletin_id=bulletin_id, **body.dict())


@router.get("/surveys", response=list[SurveyOut])
@opens(SURVEY)
def surveys(request: HttpRequest, wanted: Query[Page]) -> list[Survey]:
    """Surveys of the caller's areas, the newest first, 50 a page."""
    first = (wanted.page - 1) * PER_PAGE
    return list(facts.surveys(actor(request).areas(SURVEY))[first : first + PER_PAGE])


@router.post("/surveys", response=SurveyOut)
@opens(SURVEY)
def draft_survey(request: HttpRequest, body: SurveyIn) -> Survey:
    """Write a survey."""
    return actions.draft_survey(actor=actor(request), now=timezone.now(), id=body.id, given=body.given())


@router.get("/surveys/{uuid:survey_id}", response=SurveyOut)
@opens(SURVEY)
def survey(request: HttpRequest, survey_id: UUID) -> Survey:
    """One survey."""
    row = facts.survey(actor(request).areas(SURVEY), survey_id)
    if row is None:
        raise Missing(_("There is no such survey in your areas."), code="survey")
    return row


@router.put("/surveys/{uuid:survey_id}", response=SurveyOut)
@opens(SURVEY)
def amend_survey(request: HttpRequest, survey_id: UUID, body: SurveyAmend) -> Survey:
    """Other questions or days for a draft."""
    return actions.amend_survey(actor=actor(request), now=timezone.now(), survey_id=survey_id, given=body.given(),
                                version=body.version, key=body.key)


@router.post("/surveys/{uuid:survey_id}/{what}", response=SurveyOut)
@opens(SURVEY)
def move_survey(request: HttpRequest, survey_id: UUID, what: Literal["open", "close", "publish", "cancel"],
                body: MoveIn) -> Survey:  # fmt: skip
    """Open it; close it early; publish its result; cancel it."""
    return actions.SURVEY_MOVES[what](actor=actor(request), now=timezone.now(), survey_id=survey_id, **body.dict())
