"""The list of what is asked between neighbouring centres and us, the register of them, and the door by which they come
in."""
from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.desk.calls.models import CALL_OPEN, Call
from shouwang.desk.channels.beside import Waiting
from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs, public
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import home
from shouwang.desk.log.posted import given_id

from . import actions, facts
from . import neighbours as register
from .forms import CompareForm, NeighbourForm
from .models import Neighbour
from .receiving import Rejected, receive
from .terms import ASKING, KEEP, MAY

OVER_SHOWN = timedelta(hours=24)


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(MAY, KEEP)
def exchange(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    return render(request, "exchange/exchange.html", _rows(who, timezone.now()) | {"seq": log.head()})


@require_GET
@never_cache
@needs(MAY, KEEP)
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that heard of a change."""
    return render(request, "exchange/rows.html", _rows(actor(request), timezone.now()))


def _rows(who: Actor, now: datetime) -> dict[str, Any]:
    found = facts.listed(who.areas(MAY), now - OVER_SHOWN)
    actions.note_read(actor=who, now=now, helps=found)
    shown = facts.rows(found)
    return {"waiting": [r for r in shown if r.waits], "open": [r for r in shown if r.open and not r.waits],
            "over": [r for r in shown if not r.open], "now": now, "any": Neighbour.objects.exists()}


@require_GET
@never_cache
@needs(MAY)
def show(request: HttpRequest, help_id: UUID) -> HttpResponse:
    """One request with every document of both sides."""
    who, now = actor(request), timezone.now()
    help = facts.find(who.areas(MAY), help_id)
    if help is None:
        raise Missing(_("There is no such request in your areas."), code="help")
    actions.note_read(actor=who, now=now, helps=[help])
    (row,) = facts.rows([help])
    return render(request, "exchange/show.html", {"row": row, "lines": facts.lines(help), "now": now})


@require_GET
@never_cache
@needs(MAY)
def ask_json(request: HttpRequest) -> JsonResponse:
    """What the dialog offers: neighbours in use with what each is sent, and what can be asked for."""
    usable = [n for n in facts.neighbours() if n.usable]
    return JsonResponse({
        "neighbours": [{"id": str(n.id), "name": facts.name(n), "told": facts.told(n)} for n in usable],
        "capabilities": facts.capabilities()})


def pane(call: Call, who: Actor, now: datetime) -> SafeString:
    """The part of a call's pane about neighbours; "" where there is nothing to say or do. That the words of the call
    are read is written down by the pane itself."""
    found, may = facts.of_call(call.id), who.may(MAY, call.area)
    ask = may and call.state in CALL_OPEN and not call.drill and any(n.usable for n in facts.neighbours())
    if not found and not ask:
        return SafeString("")
    return render_to_string("exchange/pane.html", {"rows": facts.rows(found), "may": may, "ask": ask, "now": now})


def waiting(who: Actor) -> list[Waiting]:
    """Requests of other centres that somebody here has to take or refuse, for the inbox."""
    found = facts.rows(h for h in facts.listed(who.areas(MAY)) if h.side != ASKING and h.state == "sent")
    return [Waiting(reverse("exchange.show", args=[r.help.id]), r.name, r.kind, r.help.place, r.help.severity,
                    r.help.made_at) for r in found]


# ---- the register


@require_GET
@never_cache
@needs(MAY, KEEP)
def neighbours(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    return render(request, "exchange/neighbours.html", {
        "neighbours": facts.neighbours(), "own": register.own(), "may_keep": who.may(KEEP), "me": who.id,
        "address": request.build_absolute_uri("/").rstrip("/")})


@require_http_methods(["GET", "POST"])
@never_cache
@needs(KEEP)
def new_neighbour(request: HttpRequest) -> HttpResponse:
    return _form(request, None)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(KEEP)
def one_neighbour(request: HttpRequest, neighbour_id: UUID) -> HttpResponse:
    return _form(request, _neighbour(neighbour_id))


def _form(request: HttpRequest, row: Neighbour | None) -> HttpResponse:
    actor(request).require(KEEP, home())
    initial = {n: getattr(row, n) for n in NeighbourForm.base_fields} if row else None
    form = NeighbourForm(request.POST or None, initial=initial)
    if form.is_valid():
        id = row.id if row else given_id(request.POST.get("id")) or new_id()
        try:
            saved = register.save_neighbour(
                actor=actor(request), now=timezone.now(), id=id, given=form.given(),
                version=(form.cleaned_data["version"] or 0) if row else None)
            return redirect("exchange.neighbours" if saved.confirmed else "exchange.neighbours.compare",
                            *([] if saved.confirmed else [saved.id]))
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    return render(request, "exchange/neighbour.html", {"form": form, "row": row, "id": new_id()},
                  status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(MAY, KEEP)
def compare(request: HttpRequest, neighbour_id: UUID) -> HttpResponse:
    """Where each of two people says that they have compared the thumbprint."""
    row, who, form = _neighbour(neighbour_id), actor(request), CompareForm(request.POST or None)
    if form.is_valid():
        try:
            register.confirm(actor=who, now=timezone.now(), id=row.id, digits=form.cleaned_data["digits"])
            return redirect("exchange.neighbours")
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
    return render(request, "exchange/compare.html", {
        "form": form, "row": row, "mine": row.first_by == who.id, "own": register.own()},
        status=422 if form.errors else 200)


def _neighbour(id: UUID) -> Neighbour:
    row = Neighbour.objects.filter(id=id).first()
    if row is None:
        raise Missing(_("There is no such neighbour."), code="neighbour")
    return row



# ---- what another centre calls


@csrf_exempt
@require_POST
@never_cache
@public
def incoming(request: HttpRequest) -> HttpResponse:
    """Takes a signed document. Who sent it is told by its signature alone; the answer is a signed receipt."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    try:
        receipt = receive(lambda: request.body, int(length) if length.isdecimal() else 0, timezone.now())
        return HttpResponse(receipt, content_type="application/jose")
    except Rejected as refusal:
        return JsonResponse({"detail": refusal.detail, "code": refusal.code}, status=refusal.status)
    except (OSError, RawPostDataException):  # it ended before all of it was here
        return JsonResponse({"detail": "the body is not whole. Send it again.", "code": "form"}, status=400)
