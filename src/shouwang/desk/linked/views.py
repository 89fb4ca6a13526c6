"""The desk's list of what agencies were asked, and the page by which one of them answers on a phone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods

from shouwang.desk.calls import facts as calls
from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs, public

from . import actions, facts, links
from .models import Task
from .terms import WORDS, agencies

OVER_SHOWN = timedelta(hours=12)


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(facts.MAY_SEND)
def linked(request: HttpRequest) -> HttpResponse:
    who, now = actor(request), timezone.now()
    return render(request, "linked/linked.html", _rows(who, now) | {"seq": log.head()})


@require_GET
@never_cache
@needs(facts.MAY_SEND)
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that heard of a change."""
    return render(request, "linked/rows.html", _rows(actor(request), timezone.now()))


@require_GET
@needs(facts.MAY_SEND)
def agencies_json(request: HttpRequest) -> JsonResponse:
    """Names by code, to choose from."""
    return JsonResponse({a.code: a.name for a in agencies().values()})


def _rows(who: Actor, now: datetime) -> dict[str, Any]:
    areas = who.areas(facts.MAY_SEND)
    tasks = [*facts.open_tasks(areas), *facts.over_tasks(areas, now - OVER_SHOWN)]
    actions.note_read(actor=who, now=now, tasks=tasks)
    about = {t.call: calls.find(("",), t.call) for t in tasks}
    return {"rows": [(facts.row(t), about[t.call]) for t in tasks], "now": now}


# ---- what the agency sees


@require_http_methods(["GET", "POST"])
@never_cache
@public
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The agency's own page: what it is asked, where, and its next steps. Nothing of who called or what they said."""
    now, fault, status = timezone.now(), "", 200
    if (language := request.GET.get("l", "")) in dict(settings.LANGUAGES):
        again = redirect(request.path)
        again.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=31536000, samesite="Lax")
        return _no_index(again)
    try:
        task = links.task_of(token, now)
    except (links.Over, Missing) as refusal:
        return _no_index(render(request, "linked/over.html", {"message": refusal.message}, status=refusal.status))
    if request.method == "POST":
        try:
            actions.move(actor=links.agency(task), now=now, task_id=task.id, text=request.POST.get("text", "")[:1000],
                         transition=request.POST.get("move", "")[:24])
            return _no_index(redirect(request.path))
        except Refused as refusal:
            fault, status = str(refusal.message), refusal.status
            task.refresh_from_db()
    page = render(request, "linked/answer.html", _page(task) | {
        "fault": fault, "typed": request.POST.get("text", ""), "asked": request.POST.get("move", "")}, status=status)
    return _no_index(page)


def _page(task: Task) -> dict[str, Any]:
    row, call = facts.row(task), calls.find(("",), task.call)
    steps = [{"id": m.id, "label": m.label, "words": WORDS.get(m.id, "")} for m in row.told]
    return {"row": row, "task": task, "call": call, "plain": [s for s in steps if not s["words"]],
            "with_words": [s for s in steps if s["words"]], "version": task.version}


def _no_index(page: HttpResponse) -> HttpResponse:
    page["X-Robots-Tag"] = "noindex, nofollow"
    return page


@require_GET
@never_cache
@public
def version(request: HttpRequest, token: str) -> HttpResponse:
    """Whether the page still shows the newest, for it to ask."""
    try:
        return _no_index(JsonResponse({"version": links.task_of(token, timezone.now()).version}))
    except (links.Over, Missing):
        return _no_index(JsonResponse({"version": 0}))
