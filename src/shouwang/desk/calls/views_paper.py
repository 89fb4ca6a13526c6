"""Taking one call out: the form that asks what for, the sheet to print, and the same as EIDO JSON."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.workflow.moves import cycle
from shouwang.tables.drawing import svg

from . import actions, facts
from .paper import map_of, paper
from .printed import why
from .questions import told
from .terms import TICKS

MAY = "call.export"


@require_http_methods(["GET", "POST"])
@never_cache
@needs(MAY)
def ask(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Asks what the call is taken out for, and whether with what callers said."""
    who = actor(request)
    call = facts.find(who.areas(facts.MAY_SEE), call_id)
    if call is None:
        raise Missing(_("There is no such call in your areas."), code="call")
    who.require(MAY, call.area)
    given: dict[str, Any] = {"reason": request.POST.get("reason", "")[:500], "personal": "personal" in request.POST}
    fault = ""
    if request.method == "POST":
        try:
            return redirect("call.paper", actions.export_call(
                actor=who, now=timezone.now(), call_id=call.id, **given).id)
        except Refused as error:
            fault = str(error.message)
    return render(request, "calls/export.html", given | {
        "call": call, "fault": fault, "may_reveal": who.may("call.reveal", call.area),
        "deleted": call.words_deleted_at is not None}, status=422 if fault else 200)


@require_GET
@never_cache
@needs(MAY)
def sheet(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """The sheet, for the browser to print or keep as PDF."""
    who, now = actor(request), timezone.now()
    export, call = actions.exported(actor=who, now=now, export_id=export_id)
    callers = [{"at": t.at, "it": t.caller, "ticks": [TICKS[k] for k in t.caller.ticks if k in TICKS],
                "answers": told(t.caller.answers)} for t in actions.said(export)]
    made = paper(call, personal=export.personal, notes=actions.remarks(export), now=now)
    drawn = map_of(made)
    return render(request, "calls/paper.html", {
        "export": export, "paper": made, "why": why(export), "now": now,
        "callers": callers, "state": cycle("call").state_label(call.state), "made_by": who.name,
        "map": mark_safe(svg(drawn)) if drawn else "",  # noqa: S308 - drawn here, names escaped
    })


@require_GET
@never_cache
@needs(MAY)
def pdf(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """The same as a PDF file."""
    who, now = actor(request), timezone.now()
    export, call = actions.exported(actor=who, now=now, export_id=export_id)
    return saved(actions.as_pdf(export, call, actor=who, now=now), f"{call.number}.pdf")


def saved(content: bytes, name: str) -> HttpResponse:
    """A PDF to be kept, not looked at in the browser: what it holds is asked for once."""
    return HttpResponse(content, content_type="application/pdf",
                        headers={"Content-Disposition": f'attachment; filename="{name}"'})
