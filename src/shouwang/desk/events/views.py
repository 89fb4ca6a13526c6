"""Pages of major events: the list with a start without a call, the command board, the report."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, needs
from shouwang.desk.log.names import names
from shouwang.desk.people.facts import roles_held
from shouwang.desk.workflow.agencies import agencies

from . import actions, facts
from . import report as reports
from .facts import MAY_COMMAND, MAY_SEE, MAY_START, WORK
from .models import Command, Major
from .story import level_name, story
from .terms import ITEM_STATES, LEVELS, role_name, roles, told

SHOWN = (MAY_SEE, *WORK)


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(*SHOWN)
def events(request: HttpRequest) -> HttpResponse:
    """Events under way and over, and a start without a call."""
    who = actor(request)
    plans = [{"code": p.code, "name": str(p), "levels": [
        {"level": row["level"], "name": told(row), "when": told(row, "when")} for row in p.levels]}
        for p in facts.plans()]
    return render(request, "events/events.html", {
        **_rows(who), "plans": plans, "may_start": who.may(MAY_START), "seq": log.head()})


@require_GET
@never_cache
@needs(*SHOWN)
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that heard of a change."""
    return render(request, "events/rows.html", _rows(actor(request)))


def _rows(who: Actor) -> dict[str, Any]:
    areas = who.areas(*SHOWN)
    return {"running": [_row(e) for e in facts.active(areas)], "over": [_row(e) for e in facts.over(areas)]}


def _row(event: Major) -> dict[str, Any]:
    held, waiting = facts.in_command(event), facts.pending(event)
    return {"it": event, "kind": told(event.plan, "kind"), "level": level_name(event, event.level),
            "late": facts.card(event)["late"], "commander": role_name(held.role) if held else "",
            "waiting": role_name(waiting.role) if waiting else ""}


@require_POST
@needs(MAY_START)
def start(request: HttpRequest) -> HttpResponse:
    """The one press in the pane of a call. A plain form: it works when scripts do not."""
    try:
        call = UUID(request.POST.get("call", ""))
        key = UUID(request.POST.get("id", ""))
    except ValueError:
        raise Missing(_("There is no such call in your areas."), code="call") from None
    event = actions.start(actor=actor(request), now=timezone.now(), id=key, call_id=call,
                          plan=request.POST.get("plan", "")[:40], level=request.POST.get("level", "")[:8])
    return redirect("events.board", event.id)


@require_GET
@never_cache
@ensure_csrf_cookie
@needs(*SHOWN)
def board(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """The command board."""
    who, now = actor(request), timezone.now()
    seq = log.head()
    event = actions.read(actor=who, now=now, event_id=event_id)
    may = any(who.may(p, event.area) for p in WORK)
    owners = [[code, role_name(code)] for code in roles()]
    owners += [[f"agency:{a.code}", a.name] for a in agencies().values()]
    page = {
        "seq": seq, "id": str(event.id), "may": may and event.state == "active",
        "levels": [[row["level"], f"{told(row)} {told(row, 'when')}"] for row in event.plan["levels"]],
        "owners": owners, "end": told(event.plan, "end"), "map": _map(event),
    }
    return render(request, "events/board.html", {**_board(who, event, now), "page": page})


@require_GET
@never_cache
@needs(*SHOWN)
def part(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """What of the board changes, for a page that heard of a change."""
    who, now = actor(request), timezone.now()
    return render(request, "events/part.html", _board(who, actions.read(actor=who, now=now, event_id=event_id), now))


@require_GET
@never_cache
@needs(*SHOWN)
def on_map(request: HttpRequest, event_id: UUID) -> JsonResponse:
    """Sectors, the place and the event's units, for the map."""
    return JsonResponse(_map(actions.read(actor=actor(request), now=timezone.now(), event_id=event_id)))


def _map(event: Major) -> dict[str, Any]:
    calls = [{"id": str(c.id), "severity": c.severity, "lon": c.lon, "lat": c.lat, "label": c.number}
             for c in facts.calls_of(event)]
    return {"lon": event.lon, "lat": event.lat, "calls": calls,
            "sectors": [{"id": str(s.id), "name": s.name, "ring": s.ring} for s in facts.sectors(event)]}


def _board(who: Actor, event: Major, now: datetime) -> dict[str, Any]:
    held, waiting = facts.in_command(event), facts.pending(event)
    people = names("user", [i for c in (held, waiting) if c for i in (c.given_by, c.taken_by)])
    tasks, forces = facts.items(event, now, kind="task"), facts.forces(event)
    by_sector = [{"row": s, "forces": [h for h in forces if h.sector == str(s.id) and not h.over],
                  "tasks": [t for t in tasks if t.row.sector_id == s.id and t.open]} for s in facts.sectors(event)]
    level = facts.level_of(event.plan, event.level)
    open_tasks = [t for t in tasks if t.open]
    active = event.state == "active"
    return {
        "event": event, "active": active, "now": now, "kind": told(event.plan, "kind"), "plan_name": told(event.plan),
        "level": level_name(event, event.level), "when": told(level, "when"), "rank": 4 - LEVELS.index(event.level),
        "can": {"work": active and any(who.may(p, event.area) for p in WORK),
                "command": active and who.may(MAY_COMMAND, event.area)},
        "command": _command(who, event, held, waiting, people),
        "tasks": open_tasks, "tasks_over": [t for t in tasks if not t.open],
        "late": sum(t.late for t in open_tasks), "objectives": facts.items(event, now, kind="objective"),
        "states": ITEM_STATES, "sectors": by_sector,
        "unplaced": [h for h in forces if not h.sector and not h.over], "gone": [h for h in forces if h.over],
        "notify": facts.ticks(event, "notify"), "checks": facts.ticks(event, "check"),
        "counts": facts.counts(event), "resources": facts.resources(event), "calls": facts.calls_of(event),
        "warnings": [(w, facts.state_of(w, now)) for w in facts.warnings_of(event)],
        "lines": story(event)[::-1], "deputy": role_name(level["deputy"]), "may_warn": who.may(MAY_COMMAND, event.area),
    }


def _command(who: Actor, event: Major, held: Command | None, waiting: Command | None,
             people: dict[str, str]) -> dict[str, Any]:
    """Who commands, what waits for which signature, and what the reader may sign."""
    mine = bool(held and held.taken_by == who.id)
    may = event.state == "active" and who.may(MAY_COMMAND, event.area)
    gave = bool(waiting and waiting.given_by == who.id)
    return {
        "held": held, "role": role_name(held.role) if held else "",
        "holder": people.get(held.taken_by, "—") if held else "",
        "waiting": waiting, "waits": role_name(waiting.role) if waiting else "",
        "giver": people.get(waiting.given_by, "—") if waiting and waiting.given_by else "", "mine": mine,
        "give": may and mine and (waiting is None or waiting.state == "due"),
        "take": may and waiting is not None and waiting.state == "given" and not gave,
        "assume": may and waiting is not None and waiting.state == "due" and not mine,
        "by_plan": waiting is not None and waiting.role in roles_held(who.id, event.area),
    }


@require_GET
@never_cache
@needs(*WORK)
def report(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """The draft of the report, to read and to print."""
    who, now = actor(request), timezone.now()
    event = actions.read(actor=who, now=now, event_id=event_id)
    return render(request, "events/report.html", {"report": reports.draft(event, now), "event": event})


@require_GET
@never_cache
@needs(*WORK)
def report_file(request: HttpRequest, event_id: UUID, kind: str) -> HttpResponse:
    """The same as a Word file, to write on, or as PDF. That it was taken out is written down."""
    if kind not in reports.FILES:
        raise Missing(_("The report is given as docx or pdf."), code="kind")
    who, now = actor(request), timezone.now()
    actions.read(actor=who, now=now, event_id=event_id)
    event = actions.report_drafted(actor=who, now=now, event_id=event_id)
    make, type = reports.FILES[kind]
    return HttpResponse(make(reports.draft(event, now)), content_type=type,
                        headers={"Content-Disposition": f'attachment; filename="{event.number}-draft.{kind}"'})
