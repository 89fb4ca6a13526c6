"""The planner's page of beats: proposals made, one being made, and what came out."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, needs

from . import exports, facts, jobs, pages
from .models import Proposal

PER_PAGE = 20


@needs(*facts.SEE)
def list_page(request: HttpRequest) -> HttpResponse:
    """A new proposal, and those made here, newest first."""
    who = actor(request)
    page = Paginator(facts.proposals(who.areas(*facts.SEE)), PER_PAGE).get_page(request.GET.get("page"))
    context = {"rows": [pages.row(proposal) for proposal in page], "page": page, "form": pages.form(who)}
    return render(request, "beats/list.html", context)


@needs(*facts.SEE)
def show_page(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """What was asked and what came out, with the map; printable."""
    proposal = _proposal(request, proposal_id)
    context = _state(request, proposal) | pages.inputs(proposal)
    if proposal.figures:
        context |= pages.results(proposal) | {"may_import": actor(request).may("config.edit")}
    return render(request, "beats/show.html", context)


@needs(*facts.SEE)
def state_bar(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """How far the run has come; asks again while it goes on, and reloads the page at its end."""
    context = _state(request, _proposal(request, proposal_id))
    response = render(request, "beats/state.html", context)
    if not context["going"]:
        response["HX-Refresh"] = "true"
    return response


@needs(*facts.SEE)
def export(request: HttpRequest, proposal_id: str, kind: str) -> HttpResponse:
    """Borders as geojson, the table as csv or xlsx."""
    return exports.answer(_proposal(request, proposal_id), kind)


def _proposal(request: HttpRequest, proposal_id: str) -> Proposal:
    found = facts.find(actor(request).areas(*facts.SEE), proposal_id)
    if found is None:
        raise Missing(_("No such proposal in your areas."), code="missing")
    return found


def _state(request: HttpRequest, proposal: Proposal) -> dict[str, Any]:
    return {
        "proposal": proposal,
        "may_plan": actor(request).may(facts.PLAN, proposal.area),
        "going": proposal.state in ("queued", "running"),
        "step": jobs.STEPS.get(proposal.step, ""),
        "percent": round(proposal.progress * 100),
    }
