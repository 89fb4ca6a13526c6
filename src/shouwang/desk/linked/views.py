"""The desk's list of what agencies were asked, and the page by which one of them answers on a phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

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
from shouwang.desk.matters import facts as matters
from shouwang.desk.workflow.agencies import agencies

from . import actions, facts, links, seats
from .models import Task
from .terms import WORDS


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
    return JsonResponse({a.code: a.name for a in agencies(in_use=True).values()})


def _rows(who: Actor, now: datetime) -> dict[str, Any]:
    areas = who.areas(facts.MAY_SEND)
    tasks = [*facts.open_tasks(areas), *facts.over_tasks(areas, now - facts.OVER_SHOWN)]
    actions.note_read(actor=who, now=now, tasks=tasks)
    about = {t.call: calls.find(("",), t.call) for t in tasks}
    return {"rows": [(row, about[t.call]) for t, row in zip(tasks, facts.rows(tasks), strict=True)], "now": now}


# ---- what the agency sees


@require_http_methods(["GET", "POST"])
@never_cache
@public
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The agency's own page: what it is asked, where, and its next steps. Nothing of who called or what they said."""
    now = timezone.now()
    if (language := request.GET.get("l", "")) in dict(settings.LANGUAGES):
        again = redirect(request.path)
        again.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=31536000, samesite="Lax")
        return _no_index(again)
    try:
        task = links.task_of(token, now)
    except (links.Over, Missing) as refusal:
        return _no_index(render(request, "linked/over.html", {"message": refusal.message}, status=refusal.status))
    return _no_index(_answered(request, task, links.agency(task), now, by_link=True))


def _answered(request: HttpRequest, task: Task, who: Actor, now: datetime, *, by_link: bool) -> HttpResponse:
    """The page of one task for its agency, or the step that it takes."""
    fault, status = "", 200
    if request.method == "POST":
        try:
            actions.move(actor=who, now=now, task_id=task.id, text=request.POST.get("text", "")[:1000],
                         transition=request.POST.get("move", "")[:24])
            return redirect(request.path)
        except Refused as refusal:
            fault, status = str(refusal.message), refusal.status
            task.refresh_from_db()
    return render(request, "linked/answer.html", _page(task) | {
        "fault": fault, "typed": request.POST.get("text", ""), "asked": request.POST.get("move", ""),
        "by_link": by_link}, status=status)


def _page(task: Task) -> dict[str, Any]:
    row, call = facts.row(task), calls.find(("",), task.call)
    steps = [{"id": m.id, "label": m.label, "words": WORDS.get(m.id, "")} for m in row.told]
    return {"row": row, "task": task, "call": call, "plain": [s for s in steps if not s["words"]],
            "with_words": [s for s in steps if s["words"]], "version": task.version}


def _no_index(page: HttpResponse) -> HttpResponse:
    page["X-Robots-Tag"] = "noindex, nofollow"
    return page


# ---- the agency's own account


@require_GET
@never_cache
@needs(facts.MAY_ANSWER)
def mine(request: HttpRequest) -> HttpResponse:
    """Tasks of the agency that the account answers for, open ones first."""
    who, now = actor(request), timezone.now()
    code = facts.agency_of(who.id)
    known, tasks = agencies().get(code), seats.tasks(who, now)
    return render(request, "linked/mine.html", {
        "agency": known.name if known else code, "seen": _seen(tasks),
        "parts": matters.parts(who.areas(facts.MAY_ANSWER), now, agency=code) if code else [],
        "rows": [(row, calls.find(("",), t.call)) for t, row in zip(tasks, facts.rows(tasks), strict=True)]})


def _seen(tasks: list[Task]) -> str:
    return ",".join(f"{t.id.hex[-8:]}.{t.version}" for t in tasks)


@require_GET
@never_cache
@needs(facts.MAY_ANSWER)
def mine_seen(request: HttpRequest) -> JsonResponse:
    """Whether the list still shows the newest, for it to ask."""
    return JsonResponse({"seen": _seen(seats.tasks(actor(request), timezone.now()))})


@require_http_methods(["GET", "POST"])
@never_cache
@needs(facts.MAY_ANSWER)
def mine_one(request: HttpRequest, task_id: UUID) -> HttpResponse:
    who = actor(request)
    return _answered(request, seats.own(who, task_id), who, timezone.now(), by_link=False)


@require_GET
@never_cache
@needs(facts.MAY_ANSWER)
def mine_version(request: HttpRequest, task_id: UUID) -> JsonResponse:
    return JsonResponse({"version": seats.own(actor(request), task_id).version})


@require_http_methods(["GET", "POST"])
@never_cache
@needs(seats.MAY_SEAT)
def accounts(request: HttpRequest) -> HttpResponse:
    """Which account answers for which agency."""
    who = actor(request)
    if request.method == "POST":
        seats.seat(actor=who, now=timezone.now(), user_id=request.POST.get("user", ""),
                   agency=request.POST.get("agency", "")[:40])
        return redirect(request.path)
    return render(request, "linked/accounts.html", {"rows": seats.accounts(who), "agencies": agencies().values()})


@require_GET
@never_cache
@public
def version(request: HttpRequest, token: str) -> HttpResponse:
    """Whether the page still shows the newest, for it to ask."""
    try:
        return _no_index(JsonResponse({"version": links.task_of(token, timezone.now()).version}))
    except (links.Over, Missing):
        return _no_index(JsonResponse({"version": 0}))
