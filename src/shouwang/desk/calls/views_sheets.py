"""Work on paper: blank forms to print before all is down, the board to print while it still runs, and the page on which
what was written is entered afterwards."""
from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.linked import facts as linked
from shouwang.desk.log.errors import Denied, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.people.middleware import explain
from shouwang.desk.units import facts as units
from shouwang.desk.workflow.moves import cycle

from . import actions, facts
from .forms import PAPER_UNITS, PaperForm
from .terms import DISPOSITIONS, PAPER_STEPS, SERVICES, SEVERITIES

LINES = {"call": 3, "unit": 22, "board": 24}  # rows that fit a sheet of A4


@require_GET
@needs("dispatch.recommend", "call.take")
def blank(request: HttpRequest) -> HttpResponse:
    """Forms to keep in the drawer: call form, unit log, board sheet."""
    who = actor(request)
    return render(request, "calls/blank.html", {
        "rows": {name: range(n) for name, n in LINES.items()}, "severities": SEVERITIES, "services": SERVICES,
        "results": DISPOSITIONS, "types": [t for t in facts.types() if not t.parent],
        "units": units.units(areas=who.areas("position.live", "dispatch.recommend"))})


@require_GET
@never_cache
@needs("dispatch.recommend")
def print_board(request: HttpRequest) -> HttpResponse:
    """The board as it stands now, on paper: calls, who is on them since when, units, agencies."""
    who, now = actor(request), timezone.now()
    seen, stages = who.areas("call.view"), cycle("assignment")
    calls = [c | {"units": [u | {"label": stages.state_label(u["state"]), "at": _time(u["since"])} for u in c["units"]
                            if not stages.terminal(u["state"])],
                  "label": cycle("call").state_label(c["state"]), "at": _time(c["received"])}
             for c in facts.open_calls(seen)]
    states = cycle("unit")
    crew = [u | {"label": states.state_label(u["state"]), "at": _time(u["since"])}
            for u in units.cards(areas=who.areas("position.live")) if u["shown"] != "off"]
    return render(request, "calls/board_print.html", {
        "calls": calls, "units": crew, "at": now, "by": who.name, "linked": [
            t | {"at": _time(t["sent"]), "label": cycle("linked_task").state_label(t["state"])}
            for t in linked.open_cards(seen)]})


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@require_http_methods(["GET", "POST"])
@never_cache
@needs("call.take")
def enter(request: HttpRequest) -> HttpResponse:
    """Enters one sheet. What was typed stays when something is wrong with it."""
    who, now = actor(request), timezone.now()
    form = PaperForm(request.POST or None, initial={"id": new_id()}, units=_units(request))
    if request.method == "POST" and form.is_valid():
        try:
            call = actions.enter_paper(actor=who, now=now, sheet=form.sheet(), reason=form.cleaned_data["reason"])
            return redirect(f"{request.path}?entered={call.number}")
        except (Denied, Refused) as error:  # to close a call or to send units may be another's
            form.add_error(None, explain(error)[1])
    rows = [{"unit": form[f"unit{n}"], "steps": [form[f"{s}{n}"] for s in PAPER_STEPS]} for n in range(PAPER_UNITS)]
    return render(request, "calls/enter.html", {
        "form": form, "rows": rows, "entered": request.GET.get("entered", "")[:12],
        "head": [form[n] for n in ("received_at", "type", "severity", "place", "point")],
        "end": [form[n] for n in ("closed_at", "disposition", "reason")],
        "lately": facts.entered_lately(who.areas("call.view"), now - timedelta(days=7))},
        status=422 if form.errors else 200)


def _units(request: HttpRequest) -> list[tuple[str, str]]:
    who = actor(request)
    found = units.units(areas=who.areas("position.live", "dispatch.recommend", "call.take"))
    chinese = (get_language() or "").startswith("zh")
    return [(str(u.id), u.zh if chinese else u.en) for u in found]


@require_GET
@never_cache
@needs("call.view", "dispatch.status", "call.edit")
def photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """A crew's photo, for those who handle the call."""
    jpeg = actions.read_photo(actor=actor(request), now=timezone.now(), photo_id=photo_id)
    return HttpResponse(jpeg, content_type="image/jpeg", headers={"Cache-Control": "private, no-store"})
