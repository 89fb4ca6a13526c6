"""Matters on the phone: report one in a few seconds, see what is to be done near by and what became of one's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET
from pydantic import ValidationError

from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Refused
from shouwang.desk.matters import actions, facts, shown, views
from shouwang.desk.matters.api import ReportIn
from shouwang.desk.people.access import actor, needs

from .day import Day, duty_day

SHOWN = 30
TO_DO = ("assigned", "handling", "extended")


def _day(who: Actor) -> Day:
    return duty_day(who, timezone.now()) if who.may("dispatch.status") else Day(log.head())


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(facts.REPORT)
def report(request: HttpRequest) -> HttpResponse:
    return render(request, "phone/report.html", {"page": "report", "day": _day(actor(request)),
                                                 **shown.report_form("grid")})


@require_GET
@never_cache
@needs("matter.handle", facts.REPORT)
def mine(request: HttpRequest) -> HttpResponse:
    return render(request, "phone/matters.html", _lists(request))


@require_GET
@never_cache
@needs("matter.handle", facts.REPORT)
def mine_now(request: HttpRequest) -> HttpResponse:
    return render(request, "phone/matters_now.html", _lists(request))


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(facts.SEE, facts.REPORT)
def one(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    """One matter, at an address whose pages the phone keeps: what was opened can be read without a network."""
    return views.shown_as_page(request, matter_id, part_url=reverse("m.matter_now", args=[matter_id]))


@require_GET
@never_cache
@needs(facts.SEE, facts.REPORT)
def one_now(request: HttpRequest, matter_id: UUID) -> HttpResponse:
    return views.shown_as_part(request, matter_id)


def _lists(request: HttpRequest) -> dict[str, Any]:
    who, now = actor(request), timezone.now()
    areas = who.areas("matter.handle")
    acts = facts.acting(who)
    todo = [m for m in facts.matters(areas, facts.Wanted(), now).filter(state__in=TO_DO)[:200]
            if who.may("matter.handle", facts.seat(m.area, m.level)) and acts(m.handler, m.level)]
    own = facts.matters((), facts.Wanted(show="all", reporter=who.id), now)[:SHOWN]
    return {"page": "matters", "day": _day(who), "todo": shown.rows_of(todo[:SHOWN], now),
            "own": shown.rows_of(list(own), now)}


def take(who: Actor, now: datetime, given: dict[str, Any], body: dict[str, Any]) -> None:
    """A report from the outbox: its key is the matter's id."""
    asked = body.get("report")
    try:
        told = ReportIn(**{**asked, "id": given["key"], "source": "grid"} if isinstance(asked, dict) else {})
    except ValidationError as error:
        fault = error.errors()[0]
        field = str(fault["loc"][0]) if fault["loc"] else "report"
        raise Refused(f"{field}: {fault['msg']}", field=field, code="form") from None
    actions.report(actor=who, now=now, new=told.given(), source="grid", at_device=given["at"])
