"""Pages of the desk and of who sends: notices, look-outs, what volunteers answered, what could not be delivered."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

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
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.names import names
from shouwang.desk.log.posted import given_id, given_version, tried
from shouwang.desk.places import facts as places

from . import actions, channels, facts
from .forms import LookoutForm, NoticeForm
from .models import Message, Notice
from .terms import ANSWERS, KINDS, ORDER, SEEN, SEND, trades

SEES = (SEND, ORDER, ANSWERS)
FILE_MAX = 6 * 2**20


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(*SEES)
def notices(request: HttpRequest) -> HttpResponse:
    """What is open and what was, with how far it has come."""
    return render(request, "volunteers/notices.html", _rows(actor(request)) | {"seq": log.head()})


@require_GET
@never_cache
@needs(*SEES)
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that heard of a change."""
    return render(request, "volunteers/notice_rows.html", _rows(actor(request)))


def _rows(who: Actor) -> dict[str, Any]:
    now = timezone.now()
    found = facts.notices(who.areas(*SEES), now)
    told = facts.deliveries(n.id for n in found)
    return {"rows": [_shown(n, told[n.id], now) for n in found], "may_send": who.may(SEND), "may_order": who.may(ORDER),
            "may_answers": who.may(ANSWERS)}


def _shown(row: Notice, told: dict[str, int], now: datetime) -> dict[str, Any]:
    return {"row": row, "heading": facts.heading(row), "kind": KINDS[row.kind], "open": facts.is_open(row, now),
            "told": told, "area": places.area_names().get(row.area),
            "trades": [trades()[t].name for t in row.trades if t in trades()]}


@require_http_methods(["GET", "POST"])
@never_cache
@needs(SEND)
def new_notice(request: HttpRequest) -> HttpResponse:
    return _new(request, NoticeForm, SEND)


@require_http_methods(["GET", "POST"])
@never_cache
@needs(ORDER)
def new_lookout(request: HttpRequest) -> HttpResponse:
    return _new(request, LookoutForm, ORDER)


def _new(request: HttpRequest, kind: type[NoticeForm], may: str) -> HttpResponse:
    who, now = actor(request), timezone.now()
    form = kind(request.POST or None, request.FILES or None, paths=who.areas(may))
    call = given_id(request.POST.get("call") or request.GET.get("call"))
    id = given_id(request.POST.get("key")) or new_id()
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        more: dict[str, Any] = {}
        if kind is LookoutForm:
            file = said["picture"]
            more = {"about": said["about"], "reason": said["reason"],
                    "picture": file.read(FILE_MAX + 1) if file else b""}
        made = tried(form, lambda: actions.order(actor=who, now=now, new=form.given(id, call=call, **more)),
                     {"minutes": "hours"})
        if made is not None:
            return redirect("notices.one", made.id)
    about = calls.find(who.areas("call.view"), call) if call else None
    return render(request, "volunteers/new_notice.html", {
        "form": form, "key": id, "call": about, "lookout": kind is LookoutForm}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@ensure_csrf_cookie
@needs(*SEES)
def notice(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """One notice: what it says, how far it came, and for the desk what was answered."""
    who, now, fault = actor(request), timezone.now(), None
    _found(who, notice_id)
    if request.method == "POST":
        do, key = request.POST.get("do"), given_id(request.POST.get("key"))
        try:
            if do == "end":
                actions.end_notice(actor=who, now=now, notice_id=notice_id, key=key)
            elif do == "retry":
                actions.retry(actor=who, now=now, notice_id=notice_id, key=key)
            elif do == "handle":
                actions.handle(actor=who, now=now, answer_id=given_id(request.POST.get("answer")) or new_id(), key=key)
            return redirect("notices.one", notice_id)
        except Refused as error:
            fault = error
    return render(request, "volunteers/notice.html", _one(request, who, now, notice_id) | {
        "fault": fault, "seq": log.head()}, status=fault.status if fault else 200)


@require_GET
@never_cache
@needs(*SEES)
def part(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """What changes by itself: deliveries and answers."""
    return render(request, "volunteers/notice_part.html", _one(request, actor(request), timezone.now(), notice_id))


def _one(request: HttpRequest, who: Actor, now: datetime, notice_id: UUID) -> dict[str, Any]:
    row = _found(who, notice_id)
    answers = actions.read_answers(actor=who, now=now, notice_id=row.id) if who.may(ANSWERS, row.area) else []
    about = calls.find(who.areas("call.view"), row.call) if row.call else None
    sends = who.may(ORDER if row.kind == "lookout" else SEND, row.area)
    asked = given_version(request.GET.get("from")) or 0
    messages = list(Message.objects.filter(notice=row).select_related("volunteer").order_by("state", "id")[asked:][:51])
    return {**_shown(row, facts.deliveries([row.id])[row.id], now), "text": actions.read_text(row), "call": about,
            "by": names("user", [row.by]).get(row.by, ""), "may_end": sends, "key": new_id(),
            "letters": [(m, channels.FAULTS.get(m.fault, "")) for m in messages[:50]], "asked": asked,
            "next": asked + 50 if len(messages) > 50 else 0, "before": max(0, asked - 50),
            "may_answers": who.may(ANSWERS, row.area), "answers": [(a, SEEN[a.row.what]) for a in answers]}


@require_GET
@never_cache
@needs(*SEES)
def picture(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    return HttpResponse(actions.picture(_found(actor(request), notice_id)), content_type="image/jpeg")


def _found(who: Actor, notice_id: UUID) -> Notice:
    row = facts.find_notice(who.areas(*SEES), notice_id)
    if row is None:
        raise Missing(_("There is no such notice in your areas."), code="notice")
    return row
