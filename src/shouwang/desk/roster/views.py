"""The planner's pages of rosters: those made, a new one, one as it is made and published, leave and wishes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, needs, public
from shouwang.desk.people import facts as people
from shouwang.desk.workflow import calendar_files

from . import exports, facts, jobs, pages
from .models import Roster
from .terms import YEARS

PER_PAGE = 20
WEEKS = 4
CALENDAR_BACK = timedelta(days=28)


@needs(*facts.SEE)
def list_page(request: HttpRequest) -> HttpResponse:
    """Rosters made here, newest first."""
    who = actor(request)
    page = Paginator(facts.rosters(who.areas(*facts.SEE)), PER_PAGE).get_page(request.GET.get("page"))
    context = {"rows": pages.list_rows(list(page)), "page": page, "may_edit": who.may(facts.EDIT)}
    return render(request, "roster/list.html", context)


@needs(facts.EDIT)
def new_page(request: HttpRequest) -> HttpResponse:
    """A new roster: area and period in the address, needs and members filled in from plans and the ledger."""
    today = timezone.localdate()
    first = _date(request.GET.get("first", "")) or today + timedelta(days=7 - today.weekday())
    typed = request.GET.get("days", "")
    days = int(typed) if typed.isdecimal() and len(typed) < 4 else 7 * WEEKS
    form = pages.form(actor(request), request.GET.get("area", ""), first, days)
    return render(request, "roster/new.html", {"form": form})


@needs(facts.EDIT)
def entries_page(request: HttpRequest) -> HttpResponse:
    """Leave, limits and wishes from today on."""
    told = pages.entries(actor(request), request.GET.get("area", ""), timezone.localdate())
    return render(request, "roster/entries.html", told)


@needs(*facts.SEE)
def show_page(request: HttpRequest, roster_id: str) -> HttpResponse:
    """What was asked and what came out; printable."""
    roster = _roster(request, roster_id)
    context = _state(request, roster) | pages.inputs(roster) | pages.results(roster, timezone.now())
    return render(request, "roster/show.html", context | {"at": timezone.localtime()})


@needs(*facts.SEE)
def state_bar(request: HttpRequest, roster_id: str) -> HttpResponse:
    """How far the search has come."""
    roster = _roster(request, roster_id)
    return render(request, "roster/state.html", _state(request, roster) | {"proof": pages.proof(roster.figures)})


@needs(*facts.SEE)
def made_part(request: HttpRequest, roster_id: str) -> HttpResponse:
    """The best roster so far."""
    roster = _roster(request, roster_id)
    context = _state(request, roster) | pages.inputs(roster) | pages.results(roster, timezone.now())
    return render(request, "roster/made.html", context)


@needs(*facts.SEE)
def export(request: HttpRequest, roster_id: str, kind: str) -> HttpResponse:
    """The table as csv or xlsx, the question as json."""
    return exports.answer(_roster(request, roster_id), kind)


@public
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """A member's turns by their private link, in their language; nothing for a link that was renewed or dropped, or
    once the account is closed."""
    user, now = facts.user_of_feed(secret), timezone.now()
    language = people.language_of(user) if user else ""
    if not language:
        raise Http404
    with translation.override(language):
        text = exports.calendar(facts.turns([user], ends_after=now - CALENDAR_BACK), now)
    return HttpResponse(text, content_type=calendar_files.TYPE,
                        headers={"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"})  # fmt: skip


def _date(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and found.year in YEARS else None


def _roster(request: HttpRequest, roster_id: str) -> Roster:
    found = facts.find(actor(request).areas(*facts.SEE), roster_id)
    if found is None:
        raise Missing(_("No such roster in your areas."), code="missing")
    return found


def _state(request: HttpRequest, roster: Roster) -> dict[str, Any]:
    who = actor(request)
    return {
        "roster": roster, "may_edit": who.may(facts.EDIT, roster.area),
        "may_publish": who.may(facts.APPROVE, roster.area), "going": roster.state in ("queued", "running"),
        "step": jobs.STEPS.get(roster.step if roster.state == "running" else "", ""),
        "percent": round(roster.progress * 100),
    }  # fmt: skip
