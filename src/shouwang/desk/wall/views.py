"""The wall display: one page that renews itself and can do nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from shouwang.desk.log.gate import actor, needs
from shouwang.desk.patrol.facts import ranges_held
from shouwang.desk.workflow.models import Timer
from shouwang.desk.workflow.moves import timer_flag

from . import facts

RENEWED_H = 1.0


@require_GET
@never_cache
@needs(facts.MAY)
def wall(request: HttpRequest) -> HttpResponse:
    now, areas = timezone.now(), actor(request).areas(facts.MAY)
    held = ranges_held(areas)
    return render(request, "wall/wall.html", {
        "theme": "dark", "first": facts.picture(areas, now), "held": held and round(100 * held),
        "flags": {code: timer_flag(code) for code in Timer.objects.values_list("code", flat=True)},
    })


@require_GET
@needs(facts.MAY)
def picture(request: HttpRequest) -> HttpResponse:
    """The same again; 304 while nothing has changed. Asked every second."""
    now = timezone.now()
    tag = f'"{facts.version(now)}"'
    _stay(request, now.timestamp() / 3600)
    if request.headers.get("If-None-Match") == tag:
        answer: HttpResponse = HttpResponse(status=304)
    else:
        answer = JsonResponse(facts.picture(actor(request).areas(facts.MAY), now))
    answer["ETag"], answer["Cache-Control"] = tag, "private, no-cache"
    return answer


def _stay(request: HttpRequest, hour: float) -> None:
    """A screen that can do nothing else stays signed in; anybody's own session ends when it should."""
    if set(actor(request).grants) == {facts.MAY} and hour - request.session.get("wall", 0.0) > RENEWED_H:
        request.session["wall"] = hour  # saving it begins its time anew
