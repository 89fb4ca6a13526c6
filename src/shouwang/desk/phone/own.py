"""A member's own track: where their units were while they were on duty with them. Shown and given to nobody else."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from shouwang.desk.log.errors import Missing
from shouwang.desk.people.access import actor, signed_in
from shouwang.desk.workflow import tables

from . import actions
from .views import the_day


@require_GET
@never_cache
@signed_in
def track(request: HttpRequest, duty: UUID) -> HttpResponse:
    """One turn on the map."""
    (found,) = actions.own_track(actor=actor(request), now=timezone.now(), duty=duty)
    return render(request, "phone/track.html", {
        "page": "me", "day": the_day(request), "duty": found, "path": [[lon, lat] for _at, lon, lat in found.points]})


@require_GET
@never_cache
@signed_in
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """All that is kept, as a file: json, csv or xlsx."""
    if kind != "json" and kind not in tables.TYPES:
        raise Missing(_("The track is given as json, csv or xlsx."), code="kind")
    now = timezone.now()
    found, name = actions.own_track(actor=actor(request), now=now), f"my-track-{localtime(now):%Y-%m-%d}"
    if kind == "json":
        told = [{"unit": d.unit, "on_at": d.on_at, "off_at": d.off_at,
                 "points": [{"at": at, "lon": lon, "lat": lat} for at, lon, lat in d.points]} for d in found]
        return HttpResponse(json.dumps(told, ensure_ascii=False, indent=1, default=str),
                            content_type="application/json",
                            headers={"Content-Disposition": f'attachment; filename="{name}.json"'})
    rows: list[list[object]] = [[_("Unit"), _("At"), _("Longitude"), _("Latitude")]]
    rows += [[d.unit, f"{localtime(at):%Y-%m-%d %H:%M:%S}", lon, lat] for d in found for at, lon, lat in d.points]
    return tables.answer(rows, name, kind)
