"""A resident asks for mediation, without an account. Followed and rated on the page where reports are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from shouwang.desk.log.codes import code_of
from shouwang.desk.matters import actions as matters
from shouwang.desk.mediation import actions, facts
from shouwang.desk.mediation.terms import STEPS, WHO
from shouwang.desk.people.access import public
from shouwang.desk.people.adapter import client_address
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.settings import get as setting

from .forms import AskForm
from .reading import body_of, checked

SENT = 6  # an hour, from one connection


@require_GET
@never_cache
@ensure_csrf_cookie
@public
def ask(request: HttpRequest) -> HttpResponse:
    """The form."""
    return render(request, "public/resident_mediation.html", {
        "page": "home", "kinds": facts.kinds(), "communities": places.areas("community"), "who": WHO,
        "kept_days": setting("mediation_days")})


@require_POST
@public
def send(request: HttpRequest) -> HttpResponse:
    """Takes a request. A retry with the same id is told the same code."""
    form = checked(AskForm(body_of(request)))
    said = form.cleaned_data
    matters.solved(id=said["id"], token=said["token"], counter=said["counter"])
    matters.count("mediation", client_address(request), most=SENT)
    row = actions.ask(now=timezone.now(), new=form.given())
    return JsonResponse({"code": code_of(row.id), "number": row.number}, status=201)


def followed(code: str) -> dict[str, Any]:
    """What the page of a code shows. Raises Missing."""
    found = actions.follow(code)
    states, done = cycle("mediation"), found.over and found.state == "filed"
    return {
        "it": found, "state": states.state_label(found.state), "open": not found.over, "dispute": True,
        "steps": [(n, states.state_label(s), found.times.get(s),
                   "done" if done or n < found.step else "cur" if n == found.step else "")
                  for n, (s, _of) in enumerate(STEPS, 1)] if found.step else [],
    }
