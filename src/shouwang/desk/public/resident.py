"""What a resident does without an account: report, follow by a code, rate. Nothing follows the resident back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from shouwang.desk.bulletins import facts as bulletins
from shouwang.desk.events import facts as warned
from shouwang.desk.events import terms as warning_words
from shouwang.desk.events.signing import key_and_certificate
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.matters import actions as matters
from shouwang.desk.matters import facts, photos, shown, words
from shouwang.desk.matters.terms import NewMatter
from shouwang.desk.mediation import actions as mediation
from shouwang.desk.people.access import public
from shouwang.desk.people.adapter import client_address
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.settings import get as setting

from . import disputes, telling
from .forms import ReportForm
from .reading import body_of, checked

STEPS = ("reported", "accepted", "assigned", "handling", "answered", "rated")  # what a resident is told of
NEWEST = 2  # bulletins on the first page
SENT, LOOKED, ASKED = 12, 60, 600  # an hour, from one connection: reports, codes tried, places looked up


@require_GET
@never_cache
@public
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "public/resident_home.html", {
        "page": "home", "warnings": _warnings(warned.in_force), "surveys": bulletins.open_surveys(timezone.now()),
        "newest": [telling.told(b) for b in bulletins.public_bulletins()[:NEWEST]]})


def _warnings(which: Callable[[datetime], list[Any]]) -> list[dict[str, Any]]:
    now = timezone.now()
    return [_warning(row, now) for row in which(now)]


def _warning(row: Any, now: datetime) -> dict[str, Any]:
    """A warning as residents read it: nothing of who issued it, nothing of the event behind it."""
    after = getattr(row, "replaced_by", None)
    return {"row": row, "given": row.given, "state": warned.state_of(row, now), "where": warned.where(row.given),
            "after": after.identifier if after else "", "colour": warning_words.SEVERITY[row.given["severity"]],
            "urgency": warning_words.URGENCY[row.given["urgency"]],
            "response": warning_words.RESPONSES[row.given["response"]]}


@require_GET
@never_cache
@public
def warnings(request: HttpRequest) -> HttpResponse:
    """Warnings in force, and those cancelled within the last day."""
    return render(request, "public/resident_warnings.html", {
        "page": "home", "warnings": _warnings(warned.in_force), "cancelled": _warnings(warned.lately_cancelled)})


@require_GET
@never_cache
@public
def warning(request: HttpRequest, identifier: str) -> HttpResponse:
    row = _public_warning(identifier)
    return render(request, "public/resident_warning.html", {"page": "home", "it": _warning(row, timezone.now())})


@require_GET
@public
def warning_document(request: HttpRequest, identifier: str) -> HttpResponse:
    """The signed CAP document, for programs that pass warnings on."""
    row = _public_warning(identifier)
    return HttpResponse(bytes(row.xml), content_type="application/cap+xml; charset=utf-8")


@require_GET
@public
def warning_certificate(request: HttpRequest) -> HttpResponse:
    """What the signatures of this centre are held to."""
    return HttpResponse(key_and_certificate()[1], content_type="application/x-pem-file")


def _public_warning(identifier: str) -> Any:
    row = warned.public_warning(identifier)
    if row is None:
        raise Missing(_("There is no such warning."), code="warning")
    return row


@require_GET
@never_cache
@ensure_csrf_cookie
@public
def report(request: HttpRequest, code: str = "") -> HttpResponse:
    """The form, from a reporting point with its place."""
    point = facts.point(code) if code else None
    if code and point is None:
        raise Missing(_("There is no such reporting point."), code="point")
    page = {"page": "report", "point": point, "sealed_days": setting("sealed_days")}
    return render(request, "public/resident_report.html", {**page, **shown.report_form("public")})


@require_POST
@public
def puzzle(request: HttpRequest) -> HttpResponse:
    _count(request, "puzzle", ASKED)
    made = matters.puzzle()
    return JsonResponse({"id": str(made.id), "token": made.token, "bits": made.bits})


@require_POST
@public
def send(request: HttpRequest) -> HttpResponse:
    """Takes a report. A retry with the same id is told the same code."""
    given = _given(request)
    matters.solved(id=given["id"], token=given["token"], counter=given["counter"])
    _count(request, "report", SENT)
    new = NewMatter(id=given["id"], type=given["type"], lon=given["lon"], lat=given["lat"], place=given["place"],
                    words=given["words"], contact=given["contact"], point=given["point"],
                    photos=tuple(photos.decoded(p) for p in given["photos"]))
    matter = matters.report_public(now=timezone.now(), new=new)
    return JsonResponse({"code": words.code_of(matter.id), "number": matter.number}, status=201)


def _given(request: HttpRequest) -> dict[str, Any]:
    body = body_of(request)
    shots = body.get("photos", [])
    if not isinstance(shots, list) or not all(isinstance(p, str) for p in shots):
        raise Refused(_("A photo is sent in Base64."), field="photos", code="photo")
    return {**checked(ReportForm(body)).cleaned_data, "photos": shots}


@never_cache
@ensure_csrf_cookie
@public
def follow(request: HttpRequest) -> HttpResponse:
    """Where a report stands. The code travels in the body alone, so that no address and no history holds it."""
    page: dict[str, Any] = {"page": "follow", "code": request.POST.get("code", "").strip().upper()[:20]}
    if request.method == "POST" and page["code"]:
        _count(request, "code", LOOKED)
        try:
            page |= _found(page["code"])
        except Missing as missing:
            page["fault"] = missing.message
    return render(request, "public/resident_follow.html", page, status=404 if "fault" in page else 200)


def _found(code: str) -> dict[str, Any]:
    """A report or a request for mediation: the code alone says which."""
    try:
        return _followed(code)
    except Missing:
        return disputes.followed(code)


def _followed(code: str) -> dict[str, Any]:
    found = matters.follow(code)
    states = cycle("matter")
    at = found.step if found.step < 6 else 6 if found.state in ("checking", "closed") else 7
    times = {**found.times, "rated": found.times["closed"]}
    return {
        "it": found, "state": states.state_label(found.state), "open": at < 7 and found.state not in ("closed", "void"),
        "steps": [(n, states.state_label(s) if s != "rated" else _("Checked and closed"), times.get(s),
                   "done" if n < at or found.state in ("closed", "rated") else "cur" if n == at else "")
                  for n, s in enumerate(STEPS, 1)],
    }


@require_POST
@public
def rate(request: HttpRequest) -> HttpResponse:
    _count(request, "code", LOOKED)
    code, rating = request.POST.get("code", "")[:20], request.POST.get("rating", "")
    if rating not in ("1", "2", "3", "4", "5"):
        raise Refused(_("Choose from 1 to 5."), field="rating", code="needs")
    try:
        matters.rate(now=timezone.now(), code=code, rating=int(rating))
    except Missing:
        mediation.rate(now=timezone.now(), code=code, rating=int(rating))
    return render(request, "public/resident_follow.html", {"page": "follow", "code": code, "thanks": True,
                                                           **_found(code)})


@require_GET
@public
def where(request: HttpRequest) -> HttpResponse:
    """What a point is called, and whether such a thing is reported there already: its kind and state, nothing more."""
    _count(request, "where", ASKED)
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
    except ValueError:
        raise Refused(_("A place is given in degrees."), field="lon", code="invalid") from None
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise Refused(_("A place is given in degrees."), field="lon", code="invalid")
    told = shown.told_of(lon, lat, request.GET.get("type", "").replace("\x00", "")[:6], ("",), timezone.now())
    told["near"] = [{k: n[k] for k in ("zh", "en", "label", "away_m", "same")} for n in told["near"]]
    return JsonResponse(told)


@require_GET
@public
def search(request: HttpRequest) -> HttpResponse:
    """Streets, crossings and communities by name."""
    _count(request, "where", ASKED)
    found = places.search_place(request.GET.get("q", "")[:80])
    return JsonResponse([{k: v for k, v in asdict(f).items() if k in ("kind", "zh", "en", "lon", "lat")}
                         for f in found if f.kind != "post"], safe=False)


def _count(request: HttpRequest, what: str, most: int) -> None:
    matters.count(what, client_address(request), most=most)
