"""Pages: the ring around a call, permanent checkpoints, and the exits they rest on."""

from __future__ import annotations

import csv
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.calls import facts as calls
from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.posted import given_id
from shouwang.desk.people.templatetags.desk import name
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.views import safe_cell

from . import actions, advice, facts
from .forms import CountForm
from .models import Exit
from .terms import GOALS, LONGEST_AGO_S, RADII_M, SPEEDS, Checkpoints

MAY = "cordon.start"
FEW = 5


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(MAY)
def cordon(request: HttpRequest) -> HttpResponse:
    """A ring around the call `?call=`; without one, the open calls to choose from."""
    who = actor(request)
    sees = who.areas(calls.MAY_SEE)
    call = calls.call_detail(sees, chosen) if (chosen := given_id(request.GET.get("call", ""))) else None
    if call is None or call["closed_at"] is not None:
        return render(request, "cordon/choose.html", {"calls": calls.open_calls(sees)[:20], "over": call})
    return render(request, "cordon/ring.html", {"call": call, "goals": GOALS, "start": _start(who, call)})



def _start(who: Actor, call: dict[str, Any]) -> dict[str, Any]:
    """What the page's script begins with."""
    exits = facts.exits(who.areas(MAY))
    return {
        "seq": log.head(), "call": call, "exits": len(exits), "speed": setting("cordon_speed_percent") / 100,
        "radius_m": _radius_m(), "reserve_s": setting("cordon_reserve_s"), "longest_ago_s": LONGEST_AGO_S,
        "speeds": SPEEDS, "radii_m": RADII_M, "may_send": who.may("dispatch.assign", call["area"]),
        "states": {s: cycle("assignment").state_label(s) for s in cycle("assignment").states},
    }  # fmt: skip


def _radius_m() -> float:
    try:
        return advice.default_radius_m()
    except Refused:  # no streets: the page says so when it asks
        return 3000.0


@require_GET
@needs("patrol.plan")
def checkpoints(request: HttpRequest) -> HttpResponse:
    """Where permanent checkpoints would meet the most through trips."""
    form, found, problem = _asked(request)
    plain = {"places": [asdict(p) for p in found.places], "exits": [asdict(e) for e in found.exits]} if found else None
    return render(request, "cordon/checkpoints.html", {
        "form": form, "found": found, "problem": problem, "plain": plain, "count": form.data["count"],
        "gap": f"{found.gap * 100:.1f}" if found else "",
    })  # fmt: skip


@require_GET
@needs("patrol.plan")
def export(request: HttpRequest) -> HttpResponse:
    """The places as a table, with what they rest on."""
    _form, found, problem = _asked(request)
    if found is None:
        raise Refused(problem or _("How many places? Write a number from 1 to 20."), field="count", code="count")
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="checkpoints.csv"'
    out = csv.writer(response)
    out.writerow([_("Place"), _("Longitude"), _("Latitude"), _("Through trips that pass"), _("All through trips")])
    for p in found.places:
        out.writerow([safe_cell(name(asdict(p.place))), p.place.lon, p.place.lat, p.trips, found.all_trips])
    return response


def _asked(request: HttpRequest) -> tuple[CountForm, Checkpoints | None, str]:
    """The form, and the answer or why there is none."""
    form = CountForm({"count": request.GET.get("count", str(FEW))[:4]})
    if not form.is_valid():
        return form, None, ""
    limit_s = advice.LONGER_S if request.GET.get("longer") else advice.LIMIT_S
    areas = actor(request).areas("patrol.plan")
    try:
        return form, advice.checkpoints(form.cleaned_data["count"], areas=areas, limit_s=limit_s), ""
    except Refused as refused:
        return form, None, str(refused.message)


@require_http_methods(["GET", "POST"])
@needs(*actions.KEEP)
def exits(request: HttpRequest) -> HttpResponse:
    """The named exits, and places that look like exits and are not named yet."""
    who, now = actor(request), timezone.now()
    area = actions.require(who)
    if request.method == "POST":
        picked = {int(n) for n in request.POST.getlist("node")[:500] if n.isdecimal() and len(n) < 12}
        try:
            made = actions.add_suggested(actor=who, now=now, nodes=picked)
            messages.success(request, _("Named: %(names)s") % {"names": ", ".join(str(e) for e in made)})
        except Refused as refused:
            messages.error(request, str(refused.message))
        return redirect("exits")
    try:
        suggested, problem = advice.suggested(area), ""
    except Refused as refused:
        suggested, problem = [], str(refused.message)
    rows = list(Exit.objects.filter(area__startswith=area).order_by("-active", "en", "id"))
    shown = [{"lon": e.lon, "lat": e.lat, "zh": e.zh, "en": e.en} for e in rows if e.active]
    return render(request, "cordon/exits.html", {
        "rows": rows, "suggested": suggested, "problem": problem, "may_edit": who.may("config.edit", area),
        "plain": {"rows": shown, "suggested": [asdict(s) for s in suggested]},
    })  # fmt: skip
