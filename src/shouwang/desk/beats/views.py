"""The planner's page of beats: proposals made, one being made, and what came out."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shouwang.desk.log.gate import actor, needs
from shouwang.desk.workflow import asked_http

from . import exports, facts, pages
from .facts import ROOM

PER_PAGE = 20


@needs(*ROOM.see)
def list_page(request: HttpRequest) -> HttpResponse:
    """A new proposal, and those made here, newest first."""
    who = actor(request)
    page = Paginator(facts.proposals(who), PER_PAGE).get_page(request.GET.get("page"))
    context = {"rows": [pages.row(proposal) for proposal in page], "page": page, "form": pages.form(who)}
    return render(request, "beats/list.html", context)


@needs(*ROOM.see)
def show_page(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """What was asked and what came out, with the map; printable."""
    who = actor(request)
    proposal = ROOM.find(who, proposal_id)
    context = {"proposal": proposal} | ROOM.state(who, proposal) | pages.inputs(proposal)
    if proposal.figures:
        context |= pages.results(proposal) | {"may_import": who.may("config.edit")}
    return render(request, "beats/show.html", context)


@needs(*ROOM.see)
def state_bar(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """How far the run has come."""
    return asked_http.state_bar(request, ROOM, proposal_id)


@needs(*ROOM.see)
def export(request: HttpRequest, proposal_id: str, kind: str) -> HttpResponse:
    """Borders as geojson, the table as csv or xlsx."""
    return exports.answer(ROOM.find(actor(request), proposal_id), kind)
