"""Past hours: the form that asks for one, and the page that plays it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.log.errors import Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.moves import cycle
from shouwang.desk.workflow.settings import get as setting

from . import actions, facts
from .forms import PastForm

SPEEDS = (1, 5, 20, 60, 120)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(facts.MAY)
def ask(request: HttpRequest) -> HttpResponse:
    """Asks which hour of which area, and why."""
    who, now = actor(request), timezone.now()
    if request.method == "POST":
        form = PastForm(request.POST, areas=facts.areas_of(who))
        if form.is_valid():
            try:
                return redirect("replay.hour", actions.ask(actor=who, now=now, **form.cleaned_data).id)
            except Refused as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return render(request, "replay/ask.html", _bounds(now) | {"form": form}, status=422)
    last = timezone.localtime(now).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    form = PastForm(areas=facts.areas_of(who), initial={"start": f"{last:%Y-%m-%dT%H:%M}"})
    return render(request, "replay/ask.html", _bounds(now) | {"form": form})


def _bounds(now: datetime) -> dict[str, object]:
    days, local = int(setting("track_days")), timezone.localtime(now)
    return {"days": days, "latest": f"{local:%Y-%m-%dT%H:%M}",
            "earliest": f"{local - timedelta(days=days) + timedelta(minutes=1):%Y-%m-%dT%H:%M}"}


@require_GET
@never_cache
@needs(facts.MAY)
def hour(request: HttpRequest, viewing_id: UUID) -> HttpResponse:
    """Plays the hour that was asked for."""
    viewing = actions.opened(actor=actor(request), now=timezone.now(), viewing_id=viewing_id)
    named = places.area_names().get(viewing.area)
    states = cycle("call")
    return render(request, "replay/hour.html", {
        "viewing": viewing, "area": named.name if named else viewing.area, "speeds": SPEEDS,
        "title": _("%(area)s, %(from)s—%(until)s") % {
            "area": named.name if named else viewing.area, "from": f"{timezone.localtime(viewing.start):%H:%M}",
            "until": f"{timezone.localtime(viewing.until):%H:%M}"},
        "about": {"id": str(viewing.id), "start": viewing.start.isoformat(), "until": viewing.until.isoformat(),
                  "states": {s: states.state_label(s) for s in states.states}},
    })
