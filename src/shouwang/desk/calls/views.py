"""Taking a call and amending one: pages that a call-taker works from the keyboard."""
from __future__ import annotations

from math import isfinite
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.places import facts as places
from shouwang.desk.units.facts import iso
from shouwang.desk.workflow.moves import limit_s
from shouwang.desk.workflow.settings import get as setting

from . import actions, facts
from .following import all_questions, all_types, followed
from .forms import AmendForm, IntakeForm, answers_in
from .models import CALL_OPEN, Call
from .terms import SERVICES, SEVERITIES, TARGETS, TICKS

KEPT_FIELDS = tuple(IntakeForm.base_fields)
MANY = ("services", "ticks")


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@needs("call.take")
def new_call(request: HttpRequest) -> HttpResponse:
    """The intake form. What was typed before a reload comes back from the draft."""
    who, now = actor(request), timezone.now()
    if request.method == "GET":
        draft = actions.read_draft(actor=who, now=now)
        form = IntakeForm(initial=draft or {"id": new_id()})
        return _page(request, form, who, saved_at=draft.get("saved_at", "") if draft else "")
    form = IntakeForm(request.POST)
    call = None
    if form.is_valid():
        try:
            call = actions.take_call(actor=who, now=now, call=form.call())
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    if call is None:
        return _faults(request, form) if _wants_json(request) else _page(request, form, who, status=422)
    actions.clear_draft(actor=who)
    if _wants_json(request):
        return JsonResponse(_taken(call) | {"next_id": str(new_id())})
    return redirect(f"{reverse('call.new')}?taken={call.number}")


def _taken(call: Call) -> dict[str, Any]:
    said = _("%(number)s passed on.") if call.state == "transferred" else _("%(number)s handed to dispatch.")
    return {"id": str(call.id), "number": call.number, "sentence": said % {"number": call.number}}


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _faults(request: HttpRequest, form: IntakeForm | AmendForm) -> JsonResponse:
    errors = {("" if field == "__all__" else field): [str(e) for e in found] for field, found in form.errors.items()}
    return JsonResponse({"detail": _("Not saved: something is missing."), "errors": errors}, status=422)


def _page(request: HttpRequest, form: IntakeForm, who: Actor, *, saved_at: str = "", status: int = 200) -> HttpResponse:
    return render(
        request,
        "calls/intake.html",
        _common(form)
        | {
            "ticks": TICKS,
            "targets": TARGETS,
            "sealed_days": setting("sealed_days"),
            "taken": request.GET.get("taken", "")[:12],
            "saved_at": saved_at,
            "may_pass_on": who.may("call.transfer_matter"),
            "may_see_board": who.may("dispatch.recommend"),
        },
        status=status,
    )


def _common(form: IntakeForm | AmendForm) -> dict[str, Any]:
    return {
        "questions": all_questions(),
        "answers": form.answers,
        "form": form,
        "severities": SEVERITIES,
        "services": SERVICES,
        "values": _values(form),
        "types": all_types(),
        "seq": log.head(),
        "limits": [limit_s("t_call_process", severity=n) for n in SEVERITIES],
    }


def _values(form: IntakeForm | AmendForm) -> dict[str, Any]:
    """What stands in the fields: what was typed, else what the form was opened with. Choices as texts."""
    values = {}
    for name in form.fields:
        value = form[name].value()
        values[name] = [str(v) for v in value or ()] if name in MANY else "" if value is None else str(value)
    return values


@require_POST
@needs("call.take", "call.edit")
def follow(request: HttpRequest) -> JsonResponse:
    """What a type and the answers so far ask for, while they are given. Nothing of it is kept."""
    form = IntakeForm(request.POST)
    form.is_valid()  # the rest of it may be missing still
    point = form.point if all(map(isfinite, form.point)) else None
    return JsonResponse(followed(request.POST.get("type", ""), answers_in(request.POST), point))


@require_POST
@needs("call.take")
def save_draft(request: HttpRequest) -> HttpResponse:
    """Keeps what is typed, encrypted, under this person alone."""
    now = timezone.now()
    body: dict[str, Any] = {name: request.POST.getlist(name)[:9] if name in MANY else request.POST.get(name, "")[:4000]
                            for name in KEPT_FIELDS}
    body |= {"answers": answers_in(request.POST), "saved_at": iso(now)}
    actions.save_draft(actor=actor(request), now=now, body=body)
    return JsonResponse({"saved_at": body["saved_at"]})


@require_POST
@needs("call.take")
def drop_draft(request: HttpRequest) -> HttpResponse:
    """Clears the form for good."""
    actions.clear_draft(actor=actor(request))
    return JsonResponse({"next_id": str(new_id())})


@require_GET
@needs("call.take", "call.edit")
def place_at(request: HttpRequest) -> HttpResponse:
    """What the place is called at a point that was clicked: the nearest crossing, and the area it lies in."""
    try:
        lon, lat = (float(request.GET.get(n, "")) for n in ("lon", "lat"))
    except ValueError:
        raise Refused(_("A point has two numbers."), field="lon", code="invalid") from None
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise Refused(_("A point has two numbers."), field="lon", code="invalid")
    zh, en = places.nearest_crossing(lon, lat)
    area = places.area_names().get(_community(places.locate(lon, lat)))
    return JsonResponse({"zh": zh, "en": en, "area": area.name if area else "", "outside": area is None})


def _community(path: str) -> str:
    """The community a path lies in: its first three codes."""
    return "".join(code + "/" for code in path.split("/")[:3] if code)


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@needs("call.edit")
def amend_call(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Changes an open call. What was said stays; more words stand below it."""
    who, now = actor(request), timezone.now()
    call = facts.find(who.areas(facts.MAY_SEE), call_id)
    if call is None:
        raise Missing(_("There is no such call in your areas."), code="call")
    said = actions.read_words(actor=who, now=now, call_id=call.id)
    form = AmendForm(request.POST if request.method == "POST" else None, call=call, initial={
        "place": call.place, "detail": call.detail, "lon": call.lon, "lat": call.lat, "type": call.type_id,
        "severity": call.severity, "services": call.services, "version": call.version, "key": new_id(),
        "answers": said.callers[0].answers if said.callers else {}})
    if request.method == "POST" and form.is_valid():
        try:
            actions.amend_call(actor=who, now=now, call_id=call.id, changes=form.changes(),
                               version=form.cleaned_data["version"], key=form.cleaned_data["key"])
            url = f"{reverse('board')}#{call.id}" if who.may("dispatch.recommend") else reverse("call.new")
            done = _("%(number)s amended.") % {"number": call.number}
            return JsonResponse({"sentence": done, "url": url}) if _wants_json(request) else redirect(url)
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    if request.method == "POST" and _wants_json(request):
        return _faults(request, form)
    return render(
        request,
        "calls/intake.html",
        _common(form) | {"call": call, "said": said, "open": call.state in CALL_OPEN},
        status=422 if request.method == "POST" else 200,
    )
