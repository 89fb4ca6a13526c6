"""Bulletins and surveys as pages, programs and residents read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from shouwang.desk.log.gate import in_areas
from shouwang.desk.workflow.zone import day_of

from .models import Bulletin, Survey, Tally
from .terms import DRAFT, PUBLISH, Question, questions_of

SEE = (DRAFT, PUBLISH)


def bulletins(areas: Sequence[str]) -> QuerySet[Bulletin]:
    """Bulletins of these areas, the newest first."""
    return Bulletin.objects.filter(in_areas("area", tuple(areas))).order_by("-made_at", "-id")


def bulletin(areas: Sequence[str], bulletin_id: UUID | str) -> Bulletin | None:
    return bulletins(areas).filter(id=bulletin_id).first()


def public_bulletins() -> QuerySet[Bulletin]:
    """What anybody may read, the newest first."""
    return Bulletin.objects.filter(state="published").order_by("-published_at", "-id")


def titles(ids: list[str]) -> dict[str, str]:
    return {str(b.id): str(b) or b.zh for b in Bulletin.objects.filter(id__in=ids)}


def surveys(areas: Sequence[str]) -> QuerySet[Survey]:
    """Surveys of these areas, the newest first."""
    return Survey.objects.filter(in_areas("area", tuple(areas))).order_by("-opens_on", "-id")


def survey(areas: Sequence[str], survey_id: UUID | str) -> Survey | None:
    return surveys(areas).filter(id=survey_id).first()


def takes_answers(row: Survey, day: date) -> bool:
    return row.state == "open" and row.opens_on <= day <= row.closes_on


def state_of(row: Survey, day: date) -> str:
    """Its state on a day, as people call it: one that is open by its state may open later or be over."""
    if row.state != "open" or takes_answers(row, day):
        return row.state
    return "waiting" if day < row.opens_on else "over"


def open_surveys(now: datetime) -> list[Survey]:
    """Those that anybody may answer now."""
    day = day_of(now)
    return list(Survey.objects.filter(state="open", opens_on__lte=day, closes_on__gte=day).order_by("closes_on", "id"))


def told_surveys() -> list[Survey]:
    """Those whose result is published, the newest first."""
    return list(Survey.objects.filter(state="published").order_by("-published_at", "-id"))


def public_survey(survey_id: UUID | str) -> Survey | None:
    """One that was opened to the public."""
    return Survey.objects.filter(id=survey_id, state__in=("open", "published")).first()


def survey_titles(ids: list[str]) -> dict[str, str]:
    return {str(s.id): str(s) or s.zh for s in Survey.objects.filter(id__in=ids)}


def questions(row: Survey) -> list[Question]:
    return questions_of(row.questions)


def sums(row: Survey) -> dict[tuple[str, int], int]:
    """How many chose what: by question and number of the option; ("", 0): how many answered at all."""
    found: dict[tuple[str, int], int] = {}
    for question, option, n in Tally.objects.filter(survey=row).values_list("question", "option", "n"):
        found[question, option] = found.get((question, option), 0) + n
    return found


def by_area(row: Survey) -> dict[str, int]:
    """How many answered, by the community they named."""
    return dict(Tally.objects.filter(survey=row, question="").order_by("area").values_list("area", "n"))
