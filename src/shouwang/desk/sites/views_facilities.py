"""The page of the facility board."""
from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log import facts as log
from shouwang.desk.log.errors import Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.workflow import tables
from shouwang.desk.workflow.zone import day_of

from . import facilities, facts
from .facilities import STATES, Told
from .terms import EDIT, SEE

KINDS = ("hospital", "shelter_site", "care_home", "sports_venue", "school_site", "college")  # offered first


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@needs(SEE)
def board(request: HttpRequest) -> HttpResponse:
    """Where people can be taken now; one row is told anew at a time."""
    refusal = None
    if request.method == "POST":
        try:
            _tell(request)
            return redirect("facilities")
        except Refused as error:
            refusal = error
    return render(request, "sites/facilities.html", _rows(request) | {
        "refusal": refusal, "seq": log.head(), "others": _others(request)}, status=422 if refusal else 200)


@require_GET
@never_cache
@needs(SEE)
def rows(request: HttpRequest) -> HttpResponse:
    """The rows alone, for a page that keeps itself up to date."""
    return render(request, "sites/facility_rows.html", _rows(request))


@require_GET
@needs(SEE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    tables.known(kind)
    now = timezone.now()
    lines: list[list[object]] = [
        [_("Code"), _("Name"), _("Kind"), _("State"), _("Free places"), _("Places in all"), _("Told at")]]
    lines += [[f.site.code, f.site.name, f.site.kind_name, f.label, f.free, f.places,
               timezone.localtime(f.told_at).isoformat(timespec="minutes")]
              for f in facilities.board(actor(request).areas(SEE), now)]
    return tables.answer(lines, f"facilities-{day_of(now)}", kind)


def _rows(request: HttpRequest) -> dict[str, Any]:
    who = actor(request)
    return {"rows": facilities.board(who.areas(SEE), timezone.now()), "states": STATES, "may_edit": who.may(EDIT)}


def _others(request: HttpRequest) -> list[facts.SiteFact]:
    """Sites that are not on the board, those that usually take people in first."""
    who = actor(request)
    if not who.may(EDIT):
        return []
    found = facts.sites_in(who.areas(EDIT)).filter(facility=None, kind__in=KINDS)
    return sorted(map(facts.site_fact, found), key=lambda s: (KINDS.index(s.kind), s.name))


def _tell(request: HttpRequest) -> None:
    sent = request.POST
    asked: dict[str, Any] = {"actor": actor(request), "now": timezone.now(), "site_id": _site(sent.get("site", ""))}
    if sent.get("do") == "off":
        facilities.take_off(**asked)
        return
    told = Told(sent.get("state", ""), _count(sent.get("free", ""), "free"), _count(sent.get("places", ""), "places"))
    version = sent.get("version", "0")
    facilities.tell(**asked, told=told, version=int(version) if version.isdecimal() and len(version) < 10 else 0)


def _site(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused(_("Choose a site."), field="site", code="needs") from None


def _count(text: str, field: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    try:
        return int(text)  # int() reads full-width digits too
    except ValueError:
        raise Refused(_("Write a whole number."), field=field, code="invalid") from None
