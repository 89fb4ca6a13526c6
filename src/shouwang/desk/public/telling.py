"""What a resident reads and is asked without an account: bulletins, surveys and what came out of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from shouwang.desk.bulletins import actions, facts, shown
from shouwang.desk.bulletins.models import Bulletin
from shouwang.desk.bulletins.terms import chinese
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.matters import actions as matters
from shouwang.desk.people.access import public
from shouwang.desk.people.adapter import client_address
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.zone import day_of

from .forms import AnswerForm
from .reading import body_of, checked

SENT = 12  # an hour, from one connection: a household answers through one
PER_PAGE = 20


@require_GET
@never_cache
@public
def bulletins(request: HttpRequest) -> HttpResponse:
    """Bulletins, surveys open now, and results."""
    page = Paginator(facts.public_bulletins(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "public/resident_bulletins.html", {
        "page": "bulletins", "rows": [told(b) for b in page], "pages": page, "results": facts.told_surveys(),
        "surveys": facts.open_surveys(timezone.now())})


def told(row: Bulletin) -> dict[str, Any]:
    """A bulletin in the reader's language; in Chinese where it was not written in English."""
    english = bool(not chinese() and row.text_en)
    area = places.area_names().get(row.area)
    return {"it": row, "title": row.en if english else row.zh, "text": row.text_en if english else row.text_zh,
            "lang": "en" if english else "zh-CN", "area": area.name if area else ""}


@require_GET
@never_cache
@public
def bulletin(request: HttpRequest, bulletin_id: UUID) -> HttpResponse:
    row = facts.public_bulletins().filter(id=bulletin_id).first()
    if row is None:
        raise Missing(_("There is no such bulletin, or it was withdrawn."), code="bulletin")
    return render(request, "public/resident_bulletin.html", {"page": "bulletins", **told(row)})


@require_GET
@never_cache
@ensure_csrf_cookie
@public
def survey(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """The questions while it takes answers; afterwards what came out."""
    row = facts.public_survey(survey_id)
    if row is None:
        raise Missing(_("There is no such survey."), code="survey")
    communities = [a for a in places.areas("community") if a.area.startswith(row.area)]
    return render(request, "public/resident_survey.html", {
        "page": "bulletins", "it": row, "title": row.zh if chinese() or not row.en else row.en,
        "questions": facts.questions(row), "communities": communities,
        "open": facts.takes_answers(row, day_of(timezone.now())),
        "result": shown.result(row) if row.state == "published" else None})


@require_POST
@public
def send(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Counts somebody's answers. A retry with the same proof of work counts nothing."""
    body = body_of(request)
    said = checked(AnswerForm(body)).cleaned_data
    answers = body.get("answers")
    if not isinstance(answers, dict):
        raise Refused(_("Answer at least one question."), field="answers", code="needs")
    matters.solved(id=said["id"], token=said["token"], counter=said["counter"])
    matters.count("survey", client_address(request), most=SENT)
    actions.answer(now=timezone.now(), id=said["id"], survey_id=survey_id, area=said["area"], answers=answers)
    return JsonResponse({"code": ""}, status=201)
