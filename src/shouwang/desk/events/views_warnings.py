"""Pages of warnings: those issued, one to read, and the form by which another is composed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import names
from shouwang.desk.workflow.settings import get as setting

from . import actions, facts
from .facts import MAY_COMMAND, MAY_SEE, WORK
from .forms import WarningForm
from .models import Major, Warning
from .terms import CATEGORIES, CERTAINTY, RESPONSES, SEVERITY, STATUS, URGENCY

SHOWN = (MAY_SEE, *WORK)
USUAL = timedelta(hours=6)
NO_UNIT = "0" * 14
PLAIN = ("status", "category", "severity", "urgency", "certainty", "response", "expires_at")


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(*SHOWN)
def warnings(request: HttpRequest) -> HttpResponse:
    who, now = actor(request), timezone.now()
    rows = [(w, facts.state_of(w, now), facts.where(w.given)) for w in facts.warnings(who.areas(*SHOWN))]
    return render(request, "events/warnings.html", {
        "rows": rows, "may": who.may(MAY_COMMAND), "severities": SEVERITY, "statuses": STATUS,
        "no_unit": setting("cap_unit") == NO_UNIT})


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@needs(MAY_COMMAND)
def new(request: HttpRequest) -> HttpResponse:
    """A warning, of the event `?event=` or by itself."""
    who = actor(request)
    event = _event(who, request.GET.get("event", "")) if request.GET.get("event") else None
    first: dict[str, Any] = {"status": "Exercise" if event and event.drill else "Actual"}
    if event is not None:
        first |= {"event_zh": event.plan["kind_zh"], "event_en": event.plan["kind_en"]}
    return _composed(request, who, first, event=event)


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@needs(MAY_COMMAND)
def update(request: HttpRequest, warning_id: UUID) -> HttpResponse:
    """Another in the place of one in force, begun from what that said."""
    who = actor(request)
    old = _one(who, warning_id)
    return _composed(request, who, {**old.given, "status": old.status}, event=old.event, old=old)


def _composed(request: HttpRequest, who: Actor, first: dict[str, Any], *, event: Major | None,
              old: Warning | None = None) -> HttpResponse:
    now, zone = timezone.now(), ZoneInfo(str(setting("time_zone")))
    begin = {**first, "id": new_id(), "ring": _json(first.get("ring", ())),
             "expires_at": f"{(now + USUAL).astimezone(zone):%Y-%m-%dT%H:%M}"}
    form = WarningForm(request.POST or None, initial=begin, zone=zone, within=who.areas(MAY_COMMAND))
    fault = ""
    if request.method == "POST" and form.is_valid():
        try:
            if old is not None:
                made = actions.update(actor=who, now=now, warning_id=old.id, new=form.new())
            else:
                made = actions.issue(actor=who, now=now, new=form.new(), event_id=event.id if event else None)
        except Refused as refusal:
            if refusal.field in form.fields and refusal.field != "ring":
                form.add_error(refusal.field, str(refusal.message))
            else:
                fault = str(refusal.message)
        else:
            return redirect("warnings.show", made.id)
    return render(request, "events/compose.html", {
        "form": form, "event": event, "old": old, "fault": fault, "no_unit": setting("cap_unit") == NO_UNIT,
        "plain": [form[n] for n in PLAIN],
        "worded": [(form[f"{n}_zh"], form[f"{n}_en"]) for n in ("event", "headline", "text", "instruction")],
        "start": {"lon": event.lon, "lat": event.lat} if event else {},
    }, status=422 if request.method == "POST" else 200)


def _json(ring: Any) -> str:
    return json.dumps([list(point) for point in ring])


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@needs(*SHOWN)
def show(request: HttpRequest, warning_id: UUID) -> HttpResponse:
    """One warning as issued; whoever may cancels it here."""
    who, now, fault = actor(request), timezone.now(), ""
    row = _one(who, warning_id)
    if request.method == "POST":
        try:
            why_zh, why_en = (request.POST.get(name, "")[:1000] for name in ("why_zh", "why_en"))
            made = actions.cancel(actor=who, now=now, warning_id=row.id, id=_uuid(request.POST.get("id", "")),
                                  why_zh=why_zh, why_en=why_en)
            return redirect("warnings.show", made.id)
        except Refused as refusal:
            fault = str(refusal.message)
    return render(request, "events/warning.html", {**_told(row, now), "fault": fault, "new_id": new_id(),
                                                   "typed": request.POST, "may": who.may(MAY_COMMAND, row.area)},
                  status=422 if fault else 200)


def _told(row: Warning, now: datetime) -> dict[str, Any]:
    given = row.given
    after = getattr(row, "replaced_by", None)
    return {
        "it": row, "given": given, "state": facts.state_of(row, now), "where": facts.where(given), "after": after,
        "by": names("user", [row.issued_by]).get(row.issued_by, "—"), "said": {
            "category": CATEGORIES[given["category"]][1], "urgency": URGENCY[given["urgency"]],
            "severity": SEVERITY[given["severity"]], "certainty": CERTAINTY[given["certainty"]],
            "response": RESPONSES[given["response"]], "status": STATUS[row.status]}}


@require_GET
@never_cache
@needs(*SHOWN)
def document(request: HttpRequest, warning_id: UUID) -> HttpResponse:
    """The signed document."""
    row = _one(actor(request), warning_id)
    response = HttpResponse(bytes(row.xml), content_type="application/cap+xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.identifier}.xml"'
    return response


def _one(who: Actor, warning_id: UUID) -> Warning:
    row = facts.warning(who.areas(*SHOWN), warning_id)
    if row is None:
        raise Missing(_("There is no such warning in your areas."), code="warning")
    return row


def _event(who: Actor, text: str) -> Major:
    event = facts.find(who.areas(MAY_COMMAND), _uuid(text))
    if event is None:
        raise Missing(_("There is no such event in your areas."), code="event")
    return event


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Missing(_("There is no such event in your areas."), code="event") from None
