"""The planner's page "what if": comparisons made, one being made, and what came out."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, needs

from . import exports, facts, jobs, pages
from .models import Study

PER_PAGE = 20


@needs(*facts.SEE)
def list_page(request: HttpRequest) -> HttpResponse:
    """Comparisons made here, newest first."""
    who, typed = actor(request), request.GET.get("q", "").strip().replace("\x00", "")[:80]
    page = Paginator(facts.studies(who.areas(*facts.SEE), typed), PER_PAGE).get_page(request.GET.get("page"))
    rows = [pages.row(study) for study in page]
    return render(
        request, "whatif/list.html", {"rows": rows, "page": page, "query": typed, "may_run": who.may("whatif.run")}
    )


@needs("whatif.run")
def new_page(request: HttpRequest) -> HttpResponse:
    """A new comparison, empty or as a copy of another (`copy`, its id)."""
    who = actor(request)
    config = pages.form(who, timezone.now(), request.GET.get("copy", ""))
    told = {"config": config, "sides": pages.SIDES, "dispatch": pages.dispatch_rules(), "stays_say": pages.stays_say()}
    return render(request, "whatif/new.html", told)


@needs(*facts.SEE)
def study_page(request: HttpRequest, study_id: str) -> HttpResponse:
    """What was asked and what came out, printable."""
    who, study = actor(request), _study(request, study_id)
    context: dict[str, Any] = {"study": study, "may_run": who.may("whatif.run", study.area), **_state(study)}
    if study.figures:
        context |= pages.results(study)
    return render(request, "whatif/study.html", context | pages.inputs(study))


@needs(*facts.SEE)
def state_bar(request: HttpRequest, study_id: str) -> HttpResponse:
    """How far the run has come; asks again while it goes on, and reloads the page at its end."""
    study = _study(request, study_id)
    who: Actor = actor(request)
    context = {"study": study, "may_run": who.may("whatif.run", study.area), **_state(study)}
    response = render(request, "whatif/state.html", context)
    if not context["going"]:
        response["HX-Refresh"] = "true"
    return response


@needs(*facts.SEE)
def export(request: HttpRequest, study_id: str, kind: str) -> HttpResponse:
    """The figures with their intervals as csv, or all of it as json."""
    return exports.answer(_study(request, study_id), kind)


def _study(request: HttpRequest, study_id: str) -> Study:
    found = facts.find(actor(request).areas(*facts.SEE), study_id)
    if found is None:
        raise Missing(_("No such comparison in your areas."), code="missing")
    return found


def _state(study: Study) -> dict[str, Any]:
    return {
        "going": study.state in ("queued", "running"),
        "step": jobs.STEPS.get(study.step, ""),
        "percent": round(study.progress * 100),
    }
