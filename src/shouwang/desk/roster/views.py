"""The planner's pages of rosters: those made, a new one, one as it is made and published, leave and wishes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shouwang.desk.brigades import facts as brigades
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.gate import actor, needs, public, signed_in
from shouwang.desk.log.ids import new_id
from shouwang.desk.people import facts as people
from shouwang.desk.workflow import calendar_files
from shouwang.desk.workflow.zone import day_of

from . import actions, exports, facts, jobs, pages
from .models import Roster
from .terms import YEARS

PER_PAGE = 20
# Where a desk with too few on duty is read about, by what the reader may.
HOMES = (("roster", facts.SEE), ("watch", ("watch.handover",)), ("watch.office", ("office.handover",)))
WEEKS = 4
CALENDAR_BACK = timedelta(days=28)


@needs(*facts.SEE)
def list_page(request: HttpRequest) -> HttpResponse:
    """Rosters made here, newest first."""
    who = actor(request)
    page = Paginator(facts.rosters(who.areas(*facts.SEE)), PER_PAGE).get_page(request.GET.get("page"))
    context = {"rows": pages.list_rows(list(page)), "page": page, "may_edit": who.may(facts.EDIT),
               "forgotten": pages.forgotten(who, timezone.now()),
               "short": facts.short_desks(who.areas(*facts.SEE), timezone.now())}
    return render(request, "roster/list.html", context)


@needs(*facts.WATCHERS)
@never_cache
def mark(request: HttpRequest) -> HttpResponse:
    """The fragment in the top bar: desks of the reader's that have too few on duty now."""
    who = actor(request)
    home = next(route for route, held in HOMES if any(who.may(p) for p in held))
    return render(request, "roster/mark.html", {
        "short": facts.short_desks(who.areas(*facts.WATCHERS), timezone.now()), "home": home})


@needs(facts.EDIT)
def new_page(request: HttpRequest) -> HttpResponse:
    """A new roster: area and period in the address, needs and members filled in from plans and the ledger."""
    today = day_of(timezone.now())
    first = _date(request.GET.get("first", "")) or today + timedelta(days=7 - today.weekday())
    typed = request.GET.get("days", "")
    days = int(typed) if typed.isdecimal() and len(typed) < 4 else 7 * WEEKS
    form = pages.form(actor(request), request.GET.get("area", ""), first, days)
    return render(request, "roster/new.html", {"form": form})


@needs(facts.EDIT)
def entries_page(request: HttpRequest) -> HttpResponse:
    """Leave, limits and wishes from today on."""
    told = pages.entries(actor(request), request.GET.get("area", ""), day_of(timezone.now()))
    return render(request, "roster/entries.html", told)


@needs(*facts.SEE)
def show_page(request: HttpRequest, roster_id: str) -> HttpResponse:
    """What was asked and what came out; printable."""
    roster = _roster(request, roster_id)
    context = _state(request, roster) | pages.inputs(roster) | pages.results(roster, timezone.now())
    at = timezone.localtime()
    context |= {"at": at, "from": max(at.date(), roster.first), "fresh": new_id()}
    return render(request, "roster/show.html", context)


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


@needs(*facts.SEE)
@require_http_methods(["GET", "POST"])
def swaps_page(request: HttpRequest) -> HttpResponse:
    """Swaps that wait for a leader, open shifts, and the form to open one."""
    who, fault = actor(request), None
    if request.method == "POST":
        fault = _done(request, {"approve": actions.approve_swap, "refuse": actions.refuse_swap,
                                "withdraw": actions.withdraw_swap, "open": actions.open_shift})
        if fault is None:
            return redirect("roster.swaps")
    found = facts.swaps_in(who.areas(*facts.SEE), day_of(timezone.now()))
    context = {"rows": pages.swap_rows(found, who, leads=True), "fault": fault,
               "open": pages.open_form(who, day_of(timezone.now()))}
    return render(request, "roster/swaps.html", context, status=422 if fault else 200)


@needs(*facts.SEE)
def day_page(request: HttpRequest) -> HttpResponse:
    """Who is on duty on a day, how each turn was met; printed it is the day's sheet."""
    chosen = _chosen(request)
    day = _date(request.GET.get("day", "")) or day_of(timezone.now())
    rows = pages.attendance(chosen["area"], day, timezone.now()) if chosen["area"] else []
    since = datetime.combine(day, time(), timezone.get_current_timezone())
    joint = brigades.joint_in([chosen["area"]], since, since + timedelta(days=1)) if chosen["area"] else []
    context = chosen | {"rows": rows, "joint": joint, "day": day, "before": day - timedelta(days=1),
                        "after": day + timedelta(days=1)}
    return render(request, "roster/day.html", context | {"at": timezone.localtime()})


@needs(*facts.SEE)
def day_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The same as csv or xlsx."""
    day = _date(request.GET.get("day", "")) or day_of(timezone.now())
    area = _chosen(request)["area"]
    return exports.attendance(pages.attendance(area, day, timezone.now()) if area else [], day, kind)


@needs(*facts.SEE)
def shares_page(request: HttpRequest) -> HttpResponse:
    """What each member had of nights, weekends and holidays over months."""
    chosen, typed = _chosen(request), request.GET.get("months", "")
    months = int(typed) if typed in ("1", "3", "6", "12") else 3
    rows = pages.shares(chosen["area"], months, day_of(timezone.now())) if chosen["area"] else []
    return render(request, "roster/shares.html", chosen | {"rows": rows, "months": months, "choices": (1, 3, 6, 12)})


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def my_turns(request: HttpRequest) -> HttpResponse:
    """The reader's turns to come, what is offered to them, what they asked for; clocking on at a place."""
    who, now, fault = actor(request), timezone.now(), None
    if request.method == "POST":
        fault = _done(request, {"accept": actions.accept, "decline": actions.decline, "withdraw": actions.withdraw_swap,
                                "on": actions.clock_on, "off": actions.clock_off, "wish": actions.wish,
                                "unwish": actions.unwish})  # fmt: skip
        if fault is None:
            return redirect("me.turns")
    context = pages.mine(who, now) | {"fault": fault, "fresh": new_id(), "given": request.POST if fault else {}}
    return render(request, "roster/mine.html", context, status=422 if fault else 200)


@signed_in
@never_cache
@require_http_methods(["GET", "POST"])
def my_turn(request: HttpRequest, day: str) -> HttpResponse:
    """One of the reader's turns, offered to somebody."""
    who, at, fault = actor(request), _date(day), None
    if at is None:
        raise Http404
    if request.method == "POST":
        fault = _done(request, {"offer": partial(actions.ask_swap, day=at)})
        if fault is None:
            return redirect("me.turns")
    context = {"turn": next(iter(facts.turns([who.id], since=at, before=at + timedelta(days=1))), None), "fault": fault,
               "options": pages.options(who, at, day_of(timezone.now())), "fresh": new_id()}
    return render(request, "roster/turn.html", context, status=422 if fault else 200)


def _done(request: HttpRequest, does: Mapping[str, Callable[..., Any]]) -> Refused | None:
    """Does what a button of a form says; what stands against it otherwise."""
    sent = request.POST
    given: dict[str, Any] = {"actor": actor(request), "now": timezone.now()}
    if (do := sent.get("do", "")) not in does:
        raise Http404
    try:
        if do in ("on", "off"):
            given["place"] = sent.get("place", "")
        if do in ("on", "open", "offer", "wish"):
            given["id"] = UUID(sent.get("id", ""))
        if do == "offer":
            other, _sep, other_day = sent.get("to", "").partition("/")
            given |= {"other": str(UUID(other)) if other else "", "other_day": _date(other_day)}
        if do == "open":
            day = _date(sent.get("day", ""))
            if day is None:
                return Refused(_("Choose a day."), field="day", code="day")
            given |= {"roster_id": UUID(sent.get("roster", "")), "day": day, "shift": sent.get("shift", ""),
                      "service": sent.get("service", "")}  # fmt: skip
        if do == "wish":
            first, last = _date(sent.get("first", "")), _date(sent.get("last", ""))
            if first is None or last is None:
                return Refused(_("Give the days of your wish."), code="form")
            given |= {"kind": sent.get("kind", ""), "first": first, "last": last, "shift": sent.get("shift", "")}
        if do == "unwish":
            given["entry_id"] = UUID(sent.get("entry", ""))
        if "swap" in sent:
            given["swap_id"] = UUID(sent["swap"])
    except ValueError:
        raise Http404 from None
    try:
        does[do](**given)
    except Missing:
        raise
    except Refused as error:
        return error
    return None


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """The areas that the reader may choose from, and the one chosen."""
    mine = pages.areas(actor(request), *facts.SEE)
    typed = request.GET.get("area", "")
    area = typed if any(a.area == typed for a in mine) else mine[0].area if mine else ""
    return {"areas": mine, "area": area, "area_name": pages.area_name(area) if area else ""}


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
