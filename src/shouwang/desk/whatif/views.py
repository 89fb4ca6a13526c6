"""The planner's page "what if": comparisons made, one being made, and what came out."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from shouwang.desk.log.gate import actor, needs
from shouwang.desk.workflow import asked_http

from . import exports, facts, pages
from .facts import ROOM

PER_PAGE = 20


@needs(*ROOM.see)
def list_page(request: HttpRequest) -> HttpResponse:
    """Comparisons made here, newest first."""
    who, typed = actor(request), request.GET.get("q", "").strip().replace("\x00", "")[:80]
    page = Paginator(facts.studies(who, typed), PER_PAGE).get_page(request.GET.get("page"))
    rows = [pages.row(study) for study in page]
    return render(
        request, "whatif/list.html", {"rows": rows, "page": page, "query": typed, "may_run": who.may(ROOM.run)}
    )


@needs(ROOM.run)
def new_page(request: HttpRequest) -> HttpResponse:
    """A new comparison, empty or as a copy of another (`copy`, its id)."""
    who = actor(request)
    config = pages.form(who, timezone.now(), request.GET.get("copy", ""))
    told = {"config": config, "sides": pages.SIDES, "dispatch": pages.dispatch_rules(), "stays_say": pages.stays_say()}
    return render(request, "whatif/new.html", told)


@needs(*ROOM.see)
def study_page(request: HttpRequest, study_id: str) -> HttpResponse:
    """What was asked and what came out, printable."""
    who = actor(request)
    study = ROOM.find(who, study_id)
    context: dict[str, Any] = {"study": study} | ROOM.state(who, study)
    if study.figures:
        context |= pages.results(study)
    return render(request, "whatif/study.html", context | pages.inputs(study))


@needs(*ROOM.see)
def state_bar(request: HttpRequest, study_id: str) -> HttpResponse:
    """How far the run has come."""
    return asked_http.state_bar(request, ROOM, study_id)


@needs(*ROOM.see)
def export(request: HttpRequest, study_id: str, kind: str) -> HttpResponse:
    """The figures with their intervals as csv, or all of it as json."""
    return exports.answer(ROOM.find(actor(request), study_id), kind)
