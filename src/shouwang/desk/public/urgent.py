"""What a resident sends who cannot ring: a message to the desk, without an account. The page says to ring first."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST
from itsdangerous import BadSignature, Signer

from shouwang.desk.channels import actions as channels
from shouwang.desk.channels.terms import Incoming
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.matters import actions as matters
from shouwang.desk.people.access import public
from shouwang.desk.people.adapter import client_address
from shouwang.desk.workflow.settings import get as setting

SENT, ASKED = 60, 12_000  # an hour, from one connection: networks of mobile phones share an address
KINDS = {  # what can be told in one touch, and the type of call it suggests
    "200101": gettext_lazy("Somebody is attacked or threatened"), "400100": gettext_lazy("Fire, smoke, gas"),
    "300101": gettext_lazy("Accident on the road"), "500800": gettext_lazy("Somebody ill or hurt"),
    "200600": gettext_lazy("I am followed or afraid"), "": gettext_lazy("Something else"),
}


class UrgentForm(forms.Form):
    """A message with its proof of work."""

    id = forms.UUIDField()
    token = forms.CharField(max_length=200)
    counter = forms.IntegerField(min_value=0, max_value=2**53)
    kind = forms.ChoiceField(choices=list(KINDS.items()), required=False)
    lon = forms.FloatField(min_value=-180, max_value=180, required=False)
    lat = forms.FloatField(min_value=-90, max_value=90, required=False)
    place = forms.CharField(max_length=120, required=False)
    words = forms.CharField(max_length=1000, required=False)
    contact = forms.CharField(max_length=30, required=False)


@require_GET
@never_cache
@ensure_csrf_cookie
@public
def urgent(request: HttpRequest) -> HttpResponse:
    return render(request, "public/resident_urgent.html", {
        "page": "urgent", "kinds": KINDS, "sealed_days": setting("sealed_days")})


@require_POST
@public
def send(request: HttpRequest) -> HttpResponse:
    """Takes the message. A retry with the same id is the same one."""
    given = _given(request)
    matters.solved(id=given["id"], token=given["token"], counter=given["counter"])
    matters.count("urgent", client_address(request), most=SENT)
    if not (given["kind"] or given["words"].strip()):
        raise Refused(_("Say in a few words what happens."), field="words", code="needs")
    if given["lon"] is None and not given["place"].strip() and not given["words"].strip():
        raise Refused(_("Say where: click on the map, or type a street."), field="place", code="needs")
    told = "\n".join(part for part in (str(KINDS[given["kind"]]) if given["kind"] else "", given["place"].strip(),
                                       given["words"].strip()) if part)
    both = given["lon"] is not None and given["lat"] is not None
    item = channels.receive(now=timezone.now(), new=Incoming(
        "web", str(given["id"]), told, sender=given["contact"], type=given["kind"], place=given["place"],
        lon=given["lon"] if both else None, lat=given["lat"] if both else None))
    return JsonResponse({"token": _signer().sign(str(given["id"])).decode(), "state": _state(item.state)}, status=201)


def _given(request: HttpRequest) -> dict[str, Any]:
    try:
        body: Any = json.loads(request.body)
        json.dumps(body, ensure_ascii=False).encode()  # halves of characters are no text
    except ValueError:
        body = None
    form = UrgentForm(body if isinstance(body, dict) else {})
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        raise Refused(faults[0], field=field, code="form")
    return dict(form.cleaned_data)


@require_POST
@public
def state(request: HttpRequest) -> HttpResponse:
    """How far the desk is, and what it answers. The token stays in the page that sent it: no address holds it."""
    matters.count("urgent-state", client_address(request), most=ASKED)
    try:
        ref = str(UUID(_signer().unsign(str(json.loads(request.body)["token"])).decode()))
    except (BadSignature, ValueError, LookupError, TypeError):
        raise Missing(_("There is no such message."), code="token") from None
    item = channels.web_item(ref)
    said = channels.fetched(now=timezone.now(), item=item)
    return JsonResponse({"state": _state(item.state), "over": item.ended_at is not None,
                         "replies": [{"at": at.isoformat(), "text": text} for at, text in said]})


def _state(state: str) -> str:
    if state == "waiting":
        return _("It is on the desk. Nobody has opened it yet.")
    if state == "claimed":
        return _("Somebody at the desk is reading it.")
    return _("It is settled without a call.") if state == "closed" else _("Help is being arranged.")


def _signer() -> Signer:
    return Signer(settings.CONFIG.secret("desk.key"), salt="channels.urgent")
