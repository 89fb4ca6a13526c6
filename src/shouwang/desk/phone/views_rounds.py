"""Places seen, for whoever leads an area: check points with their marks, stops of tours, notes of the beat."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import names
from shouwang.desk.patrol.pages import percent
from shouwang.desk.people.access import actor, needs
from shouwang.desk.places import facts as places
from shouwang.desk.places.marks import qr

from . import actions, rounds
from .forms import PointForm
from .terms import KEEP, SEE


def _areas(who: Actor) -> tuple[str, ...]:
    return who.areas(*SEE)


@require_http_methods(["GET", "POST"])
@needs(*SEE)
def page(request: HttpRequest) -> HttpResponse:
    """What was to be seen in the last days, and was. POST: a new check point."""
    who, now = actor(request), timezone.now()
    form, fault = PointForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            actions.make_point(actor=who, now=now, id=form.cleaned_data["id"], given=form.given())
            return redirect("rounds")
        except Refused as error:
            fault = error
    seen, notes = rounds.stops(_areas(who), now), rounds.notes(_areas(who), now)
    expected, achieved = rounds.hours(_areas(who), now)
    seen_hours = {} if expected is None or achieved is None else {
        "expected": percent(expected), "achieved": percent(achieved)}
    return render(request, "phone/rounds.html", {
        "points": rounds.points(_areas(who), now), "stops": seen, "notes": notes, "days": rounds.DAYS,
        "units": names("unit", {str(n.unit) for n in notes if n.unit}), "areas": places.area_names(), **seen_hours,
        "planned": sum(s.planned for s in seen), "done": sum(s.seen for s in seen),
        "may_keep": any(who.may(p) for p in KEEP), "form": form, "fault": fault, "new": new_id()},
        status=fault.status if fault else (422 if form.is_bound and form.errors else 200))


@require_POST
@needs(*KEEP)
def end(request: HttpRequest, code: str) -> HttpResponse:
    found = rounds.point(code)
    if found is None:
        raise Missing(_("There is no such check point in your areas."), code="checkpoint")
    actions.end_point(actor=actor(request), now=timezone.now(), point_id=found.id,
                      version=int(request.POST.get("version", "0") or 0))
    return redirect("rounds")


@require_GET
@needs(*SEE)
def mark(request: HttpRequest, code: str) -> HttpResponse:
    """The mark of a check point, to be printed and put up: any phone's own camera reads it."""
    found = rounds.point(code)
    if found is None or not any(actor(request).may(p, found.area) for p in SEE):
        raise Missing(_("There is no such check point in your areas."), code="checkpoint")
    address = request.build_absolute_uri(reverse("m.at", args=[found.code]))
    return render(request, "phone/mark.html", {"point": found, "address": address, "qr": qr(address)})
