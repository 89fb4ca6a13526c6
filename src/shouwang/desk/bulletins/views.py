"""Pages of editors and survey managers: bulletins and surveys in lists, and one of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import names
from shouwang.desk.log.posted import given_id, given_version, tried
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.zone import day_of

from . import actions, facts, shown
from .forms import BulletinForm, SurveyForm
from .models import Bulletin, Survey
from .terms import BULLETIN_STATES, DRAFT, PUBLISH, STANDARD, SURVEY, SURVEY_STATES

PER_PAGE = 50
FIELDS = {"questions": "own"}  # the form asks for standard questions and one's own


@require_GET
@never_cache
@needs(*facts.SEE)
def bulletins(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    page = Paginator(facts.bulletins(who.areas(*facts.SEE)), PER_PAGE).get_page(request.GET.get("page"))
    areas = places.area_names()
    rows = [{"it": b, "state": BULLETIN_STATES[b.state], "area": areas.get(b.area)} for b in page]
    return render(request, "bulletins/list.html", {"rows": rows, "page": page, "may_draft": who.may(DRAFT)})


@require_http_methods(["GET", "POST"])
@never_cache
@needs(DRAFT)
def new_bulletin(request: HttpRequest) -> HttpResponse:
    who, key = actor(request), given_id(request.POST.get("key")) or new_id()
    form = BulletinForm(request.POST or None, paths=who.areas(DRAFT))
    if form.is_bound and (made := tried(form, lambda: actions.draft(
            actor=who, now=timezone.now(), id=key, given=form.given()))):  # fmt: skip
        return redirect("bulletins.one", made.id)
    return render(request, "bulletins/edit.html", {"form": form, "key": key}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(*facts.SEE)
def bulletin(request: HttpRequest, bulletin_id: UUID) -> HttpResponse:
    """One bulletin as residents will read it, and the step that comes next; a draft with its form."""
    who = actor(request)
    row = facts.bulletin(who.areas(*facts.SEE), bulletin_id)
    if row is None:
        raise Missing(_("There is no such bulletin in your areas."), code="bulletin")
    form, fault = None, None
    if row.state == "draft" and who.may(DRAFT, row.area):
        sent = request.POST if request.POST.get("do") == "save" else None
        form = BulletinForm(sent, paths=who.areas(DRAFT), initial=BulletinForm.of(row))
    if request.method == "POST":
        asked = {"actor": who, "now": timezone.now(), "bulletin_id": row.id, **_asked(request)}
        if form is not None and form.is_bound:
            if tried(form, lambda: actions.amend(**asked, given=form.given())):
                return redirect("bulletins.one", row.id)
        elif fault := _moved(request, actions.MOVES, asked):
            row.refresh_from_db()
        else:
            return redirect("bulletins.one", row.id)
    wrong = fault is not None or bool(form and form.errors)
    return render(request, "bulletins/one.html", {
        "it": row, "state": BULLETIN_STATES[row.state], "area": places.area_names().get(row.area), "form": form,
        "fault": fault, "key": new_id(), "people": _people(row), "may_hand_in": form is not None,
        "may_sign": who.may(PUBLISH, row.area) and row.submitted_by != who.id,
        "may_publish": who.may(PUBLISH, row.area)}, status=422 if wrong else 200)


def _people(row: Bulletin) -> dict[str, str]:
    known = names("user", [row.made_by, row.submitted_by, row.published_by])
    return {what: known.get(getattr(row, what), "") for what in ("made_by", "submitted_by", "published_by")}


@require_GET
@never_cache
@needs(SURVEY)
def surveys(request: HttpRequest) -> HttpResponse:
    page = Paginator(facts.surveys(actor(request).areas(SURVEY)), PER_PAGE).get_page(request.GET.get("page"))
    areas, day = places.area_names(), day_of(timezone.now())
    rows = [{"it": s, "state": SURVEY_STATES[facts.state_of(s, day)], "area": areas.get(s.area)} for s in page]
    return render(request, "bulletins/surveys.html", {"rows": rows, "page": page})


@require_http_methods(["GET", "POST"])
@never_cache
@needs(SURVEY)
def new_survey(request: HttpRequest) -> HttpResponse:
    who, key = actor(request), given_id(request.POST.get("key")) or new_id()
    form = SurveyForm(request.POST or None, paths=who.areas(SURVEY), initial={"standard": [q.id for q in STANDARD]})
    if form.is_bound and (made := tried(form, lambda: actions.draft_survey(
            actor=who, now=timezone.now(), id=key, given=form.given()), FIELDS)):  # fmt: skip
        return redirect("surveys.one", made.id)
    return render(request, "bulletins/edit.html", {"form": form, "key": key, "survey": True},
                  status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(SURVEY)
def survey(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """One survey: its questions, how many have answered, and once it is published what came out."""
    who, now = actor(request), timezone.now()
    row = facts.survey(who.areas(SURVEY), survey_id)
    if row is None:
        raise Missing(_("There is no such survey in your areas."), code="survey")
    form, fault = None, None
    if row.state == "draft":
        sent = request.POST if request.POST.get("do") == "save" else None
        form = SurveyForm(sent, paths=who.areas(SURVEY), initial=SurveyForm.of(row))
    if request.method == "POST":
        asked = {"actor": who, "now": now, "survey_id": row.id, **_asked(request)}
        if form is not None and form.is_bound:
            if tried(form, lambda: actions.amend_survey(**asked, given=form.given()), FIELDS):
                return redirect("surveys.one", row.id)
        elif fault := _moved(request, actions.SURVEY_MOVES, asked):
            row.refresh_from_db()
        else:
            return redirect("surveys.one", row.id)
    wrong = fault is not None or bool(form and form.errors)
    return render(request, "bulletins/survey.html", {**_told(row, who), "form": form, "fault": fault, "key": new_id()},
                  status=422 if wrong else 200)


def _told(row: Survey, who: Actor) -> dict[str, Any]:
    state = facts.state_of(row, day_of(timezone.now()))
    return {"it": row, "code": state, "state": SURVEY_STATES[state], "area": places.area_names().get(row.area),
            "answers": facts.sums(row).get(("", 0), 0), "questions": facts.questions(row),
            "result": shown.result(row) if row.state == "published" else None}  # fmt: skip


def _asked(request: HttpRequest) -> dict[str, Any]:
    return {"version": given_version(request.POST.get("version")), "key": given_id(request.POST.get("key"))}


def _moved(request: HttpRequest, moves: Mapping[str, Callable[..., Any]], asked: dict[str, Any]) -> Refused | None:
    """Takes the step of a button; what stands against it otherwise."""
    if (do := request.POST.get("do", "")) not in moves:
        raise Missing(_("There is no such step."), code="step")
    try:
        moves[do](**asked, reason=request.POST.get("reason", ""))
    except Missing:
        raise
    except Refused as error:
        return error
    return None
