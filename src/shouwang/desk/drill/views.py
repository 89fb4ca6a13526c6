"""The mark of the replay on every screen, and the page that rules it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from shouwang.desk.log import facts as log
from shouwang.desk.log.errors import Refused
from shouwang.desk.people.access import actor, needs, signed_in

from . import actions, facts

MOVES: dict[str, Callable[..., Any]] = {
    "start": actions.start,
    "pause": actions.pause,
    "resume": actions.resume,
    "end": actions.end,
}


@require_GET
@never_cache
@signed_in
def mark(request: HttpRequest) -> HttpResponse:
    """The fragment in the top bar: empty while nothing is replayed."""
    return render(request, "drill/mark.html", _what(request))


@require_GET
@needs(actions.MAY)
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "drill/page.html", _what(request))


@require_POST
@needs(actions.MAY)
def move(request: HttpRequest) -> HttpResponse:
    """Starts, pauses, goes on, ends, or sets the pace; answers with the mark for htmx, else goes to the
    page."""
    who, now = actor(request), timezone.now()
    if "pace" in request.POST:
        actions.set_pace(actor=who, now=now, pace=_number(request.POST["pace"]))
    elif (wanted := MOVES.get(request.POST.get("move", ""))) is not None:
        wanted(actor=who, now=now)
    else:
        raise Refused(_("There is no such move."), field="move", code="invalid")
    if request.headers.get("HX-Request"):
        return render(request, "drill/mark.html", _what(request))
    return redirect("drill")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Refused(_("Choose a pace from 1 to 60."), field="pace", code="invalid") from None


def _what(request: HttpRequest) -> dict[str, Any]:
    return {
        "seq": log.head(),
        "replay": facts.shown(timezone.now()),
        "rules": actor(request).may(actions.MAY),
        "paces": actions.PACES,
    }
