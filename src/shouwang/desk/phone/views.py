"""The phone of a unit."""
from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.facts import call_of_task
from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.patrol import following
from shouwang.desk.patrol.pages_tours import REASONS
from shouwang.desk.people.access import actor, needs, public
from shouwang.desk.roster import actions as rosters
from shouwang.desk.roster.facts import feed_of, turns
from shouwang.desk.roster.pages import turn_rows, wishing
from shouwang.desk.units import actions as units
from shouwang.desk.units import standing_by
from shouwang.desk.units.models import Duty
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.zone import day_of

from . import beat, matters
from .cries import cry
from .day import Day, duty_day
from .forms import ActForm, WishForm
from .touring import tour_of

TURNS_SHOWN = 60
DUTIES_SHOWN = 30
OF_THE_UNIT = ("panic", "pair", "seen", "there")  # acts of the unit itself, with or without a task
crew = needs("dispatch.status")
on_the_beat = needs("dispatch.status", "matter.report", "matter.handle")  # a unit's crew, or a grid worker


def the_day(request: HttpRequest) -> Day:
    who = actor(request)
    return duty_day(who, timezone.now()) if who.may("dispatch.status") else Day(log.head())


@crew
@require_GET
def duty(request: HttpRequest) -> HttpResponse:
    return render(request, "phone/duty.html", {"page": "duty", "day": the_day(request)})


@crew
@require_GET
def duty_now(request: HttpRequest) -> HttpResponse:
    return render(request, "phone/duty_now.html", {"day": the_day(request)})


@crew
@require_GET
def task(request: HttpRequest) -> HttpResponse:
    return render(request, "phone/task.html", {"page": "task", "day": the_day(request)})


@crew
@require_GET
def task_now(request: HttpRequest) -> HttpResponse:
    return render(request, "phone/task_now.html", {"day": the_day(request)})


@crew
@require_GET
def tour(request: HttpRequest) -> HttpResponse:
    """The unit's tour: the next stop first."""
    return render(request, "phone/tour.html", {"page": "tour", **_tour(request)})


@crew
@require_GET
def tour_now(request: HttpRequest) -> HttpResponse:
    return render(request, "phone/tour_now.html", _tour(request))


def _tour(request: HttpRequest) -> dict[str, Any]:
    day = the_day(request)
    path = day.plan.tour.path if day.plan and day.plan.tour else []
    return {"day": day, "tour": tour_of(day), "path": path,
            "reasons": [[code, str(text)] for code, text in REASONS.items()]}


@on_the_beat
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    mine = Duty.objects.filter(user=actor(request).id).select_related("unit").order_by("-on_at")[:DUTIES_SHOWN]
    days = int(setting("track_days"))
    return render(request, "phone/me.html", {"page": "me", "day": the_day(request), "duties": mine, "days": days,
                                             "since": timezone.now() - timedelta(days=days)})


@crew
@require_GET
def roster(request: HttpRequest) -> HttpResponse:
    """The reader's own turns to come, and their calendar link."""
    return _roster(request)


@crew
@require_POST
def calendar_link(request: HttpRequest) -> HttpResponse:
    """Makes the reader's calendar link anew, or ends it. The link is shown this once."""
    who, now = actor(request), timezone.now()
    if request.POST.get("end"):
        rosters.drop_feed(actor=who, now=now)
        return redirect("m.roster")
    secret = rosters.renew_feed(actor=who, now=now)
    response = _roster(request, request.build_absolute_uri(reverse("roster.calendar", args=[secret])))
    response.headers["Cache-Control"] = "no-store"
    return response


@crew
@require_POST
def wish(request: HttpRequest) -> HttpResponse:
    """Enters a wish of the reader's own, or takes one back. What stands against it is told on the page."""
    who, now, form = actor(request), timezone.now(), WishForm(request.POST)
    try:
        if struck := request.POST.get("strike"):
            rosters.unwish(actor=who, now=now, entry_id=_uuid(struck))
        elif form.is_valid():
            rosters.wish(actor=who, now=now, id=_uuid(request.POST.get("id", "")), **form.cleaned_data)
        else:
            return _roster(request, fault=Refused(_("Give the days of your wish."), code="form"))
    except Missing:
        raise
    except Refused as refused:
        return _roster(request, fault=refused)
    return redirect("m.roster")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _roster(request: HttpRequest, link: str = "", fault: Refused | None = None) -> HttpResponse:
    who = actor(request)
    rows = turn_rows(turns([who.id], ends_after=timezone.now())[:TURNS_SHOWN])
    told = {"turns": rows, "feed": feed_of(who.id), "link": link,
            "fault": fault, "given": request.POST if fault else {}, **wishing(who, day_of(timezone.now()))}
    return render(request, "phone/roster.html", {"page": "duty", "day": the_day(request), **told},
                  status=422 if fault else 200)


@crew
@require_POST
def clock_on(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    try:
        units.clock_on(actor=who, now=timezone.now(), unit_id=request.POST.get("unit", ""), user_id=who.id)
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("m.duty")


@crew
@require_POST
def clock_off(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    try:
        units.clock_off(actor=who, now=timezone.now(), user_id=who.id)
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("m.duty")


@on_the_beat
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """One act from the outbox. A retry with the same key answers the same and does nothing twice."""
    try:
        body: Any = json.loads(request.body)
    except ValueError:
        body = None
    form = ActForm(body if isinstance(body, dict) else {})
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        raise Refused(f"{field}: {faults[0]}", field=field, code="form")
    given = form.cleaned_data
    who, now = actor(request), timezone.now()
    if given["kind"] == "report":
        matters.take(who, now, given, body)
        return JsonResponse({"ok": True})
    who.require("dispatch.status")
    if given["kind"] in beat.KINDS:
        beat.take(who, now, given)
        return JsonResponse({"ok": True})
    if given["kind"] in OF_THE_UNIT:
        _act_on_duty(who, now, given)
    elif given["kind"] == "tour":
        if given["tour"] is None or given["number"] is None:
            raise Refused(_("Which stop is meant?"), field="number", code="form")
        following.tell_step(actor=who, now=now, tour_id=given["tour"], number=given["number"], step=given["step"],
                            reason=given["reason"], key=given["key"], at_device=given["at"])
    elif given["assignment"] is None:
        raise Refused(_("Which task is meant?"), field="assignment", code="form")
    elif given["kind"] in ("message", "photo", "well"):
        _tell_desk(who, now, given)
    elif given["kind"] == "cannot":
        calls.decline_task(actor=who, now=now, assignment_id=given["assignment"], reason=given["reason"],
                           key=given["key"], at_device=given["at"])
    else:
        calls.move_assignment(actor=who, now=now, assignment_id=given["assignment"], transition=given["transition"],
                              note=given["reason"], key=given["key"], at_device=given["at"])
    return JsonResponse({"ok": True})


def _tell_desk(who: Actor, now: datetime, given: dict[str, Any]) -> None:
    """A message, a photo, or that the crew is well: about the call of one of the unit's tasks."""
    asked: dict[str, Any] = {"actor": who, "now": now, "key": given["key"], "at_device": given["at"]}
    if given["kind"] == "well":
        calls.crew_is_well(**asked, assignment_id=given["assignment"])
        return
    call = call_of_task(given["assignment"])
    if given["kind"] == "message":
        calls.send_message(**asked, call_id=call, text=given["reason"])
    else:
        calls.take_photo(**asked, call_id=call, photo=given["photo"], lon=given["lon"], lat=given["lat"])


def _act_on_duty(who: Actor, now: datetime, given: dict[str, Any]) -> None:
    """Of the unit; a member at a post without one calls for help or for a second person too."""
    if given["kind"] in ("panic", "pair"):
        cry(actor=who, now=now, **{name: given[name] for name in ("kind", "key", "lon", "lat")})
    elif not who.unit:
        raise Refused(_("You are off duty: call the desk."), code="off_duty")
    elif given["kind"] == "seen":
        standing_by.see_stand_by(actor=who, now=now, unit_id=who.unit, key=given["key"])
    else:
        units.set_state(actor=who, now=now, unit_id=who.unit, key=given["key"], transition="u_post")


@public  # browsers ask for it without saying who they are
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """Lets the phone keep the page on its home screen."""
    return JsonResponse({
        "name": _("Shouwang"), "short_name": _("Shouwang"), "start_url": "/m/", "scope": "/m/", "display": "standalone",
        "background_color": "#F3F4F5", "theme_color": "#0B5FA5",
        "id": "/m/", "icons": [{"src": static("desk/mark.svg"), "sizes": "any", "type": "image/svg+xml"},
                               *({"src": static(f"desk/icon-{size}.png"), "sizes": f"{size}x{size}",
                                  "type": "image/png", "purpose": purpose}
                                 for size in (192, 512) for purpose in ("any", "maskable"))],
    }, content_type="application/manifest+json")


@public
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """What keeps the pages on the phone. Its address decides which pages it serves: those of the phone."""
    found = finders.find("phone/sw.js")
    assert isinstance(found, str)
    return HttpResponse(Path(found).read_text(), content_type="text/javascript", headers={"Cache-Control": "no-cache"})
