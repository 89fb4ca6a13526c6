"""The dispatcher's board: the first picture, a call's pane, and the story of a call."""
from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from shouwang.desk.events import facts as events
from shouwang.desk.linked import facts as linked
from shouwang.desk.log import facts as log
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.matters import facts as matters
from shouwang.desk.mediation import facts as mediations
from shouwang.desk.patrol.facts import expected_this_hour, plan_in_force, shift_start
from shouwang.desk.people.access import actor, needs
from shouwang.desk.people.models import Role
from shouwang.desk.people.templatetags.desk import name
from shouwang.desk.places import facts as places
from shouwang.desk.sites import facilities
from shouwang.desk.sites import facts as sites
from shouwang.desk.sites.terms import SEE as SEE_SITES
from shouwang.desk.units import facts as units
from shouwang.desk.workflow.agencies import agencies, names_of
from shouwang.desk.workflow.models import Timer
from shouwang.desk.workflow.moves import NEXT_CENTRE, cycle, limit_s, timer_flag
from shouwang.desk.workflow.settings import get as setting

from . import advice, facts
from .actions import read_words
from .actions.sealed import Words
from .answering import answers
from .cards import since
from .commands import verb_name
from .facts import taken_since
from .models import CALL_OPEN, Call
from .parts import parts
from .plans import alarm_names
from .questions import told
from .runcard import run_card
from .terms import DISPOSITIONS, SERVICES, SEVERITIES, TARGETS, TICKS
from .timeline import role_name, thread, timeline
from .verbs import VERBS

SHOWN_TO = ("call.view", "dispatch.recommend")
JUST_OVER = ("closed", "cancelled", "transferred")
BY_DESK = ("u_busy",)  # comes with an assignment alone


@require_GET
@never_cache
@ensure_csrf_cookie
@needs("dispatch.recommend")
def board(request: HttpRequest) -> HttpResponse:
    """The page with its first picture, so that it shows calls before any script has asked for them."""
    who = actor(request)
    return render(request, "calls/board.html", {
        "first": picture(who, timezone.now()), "words": _words(), "services": SERVICES, "verbs": _verbs(),
        "views": [{"id": str(v.id), "name": v.name, "query": v.query, "starts": v.starts}
                  for v in facts.views_of(who.id)], "unit_moves": _unit_moves(),
        "may": [p for p in _PERMISSIONS if who.may(p)],
    })


def _verbs() -> list[list[str]]:
    """Every verb of the command bar with its names, those of the reader's language first."""
    return [[verb_name(v), *(n for n in names if n != verb_name(v))] for v, names in VERBS.items()]


_PERMISSIONS = ("dispatch.assign", "dispatch.override", "dispatch.status", "dispatch.upgrade", "call.close",
                "call.merge", "call.reveal", "call.edit", "call.transfer_matter", "cordon.start", "call.export",
                "task.send", "region.request")


@require_GET
@never_cache
@needs("dispatch.recommend")
def picture_json(request: HttpRequest) -> JsonResponse:
    """The same picture again, for a screen that missed too much."""
    return JsonResponse(picture(actor(request), timezone.now()))


@require_GET
@never_cache
@needs("dispatch.recommend")
def now_json(request: HttpRequest) -> JsonResponse:
    """How the hour goes: cover by the free units, calls taken beside what was expected."""
    who, now = actor(request), timezone.now()
    seen, crews = who.areas("call.view"), who.areas("position.live")
    told, since = expected_this_hour(now, seen), shift_start(now)
    hour = told.start if told else now.replace(minute=0, second=0, microsecond=0)
    taken = taken_since(seen, hour)
    cover, within_s = advice.cover_now(areas=crews, now=now) if _whole(crews) else ([], 0.0)
    return JsonResponse({
        "cover": [{"name": str(SERVICES[c.service]), "share": round(c.share, 4)} for c in cover], "within_s": within_s,
        "hour": {"start": units.iso(hour), "calls": taken.calls,
                 # A replay runs at a pace of its own: what it brings is held against nothing.
                 "expected": [told.low, told.high] if told and not taken.replayed else None},
        "shift": {"start": units.iso(since), "calls": taken_since(seen, since).calls},
        "moves": [_move(m) for m in advice.move_ups_now(areas=crews, now=now)] if _whole(crews) else [],
    })


def _move(found: advice.MoveUp) -> dict[str, Any]:
    """A unit that should wait elsewhere."""
    return {
        "unit": str(found.unit.id), "place": {"zh": found.place.zh, "en": found.place.en, "lon": found.place.lon,
                                              "lat": found.place.lat},
        "gain_s": round(found.gain_s, 1), "cover_gain": round(found.cover_gain, 4), "distance_m": found.distance_m}


def _whole(areas: tuple[str, ...]) -> bool:
    """Whether these areas hold a whole district: of a part, the calls expected elsewhere would only blur the figure."""
    return any(d.area.startswith(path) for d in places.areas("district") for path in areas)


def picture(who: Actor, now: datetime) -> dict[str, Any]:
    """Cards of open and just closed calls and of all units in the actor's areas. `seq` is read first: whatever happens
    meanwhile comes again by the stream."""
    seq = log.head()
    seen, crews = who.areas("call.view"), who.areas("position.live")
    shown_min = setting("closed_shown_min")
    recent = facts.calls_of(seen, states=JUST_OVER, since=now - timedelta(hours=24), limit=200)
    since = units.iso(now - timedelta(minutes=shown_min)) or ""
    at = units.last_seen()
    crew = units.cards(areas=crews)
    on_duty = {u["id"] for u in crew if u["shown"] != "off"}
    return {
        "seq": seq, "linked": linked.open_cards(seen),
        "calls": [*facts.open_calls(seen), *(c for c in recent if c["closed_at"] > since)], "units": crew,
        "positions": [[unit, p.lon, p.lat, p.course_deg, p.at_ms, p.source, p.jump]
                      for unit, p in at.items() if unit in on_duty],
        "areas": [{"path": a.area, "zh": a.zh, "en": a.en} for a in places.areas("control_area")],
        "closed_shown_min": shown_min, "stale_s": limit_s("t_position_stale"), "plan": _plan(who, now),
    }


def _plan(who: Actor, now: datetime) -> dict[str, Any]:
    """Where the approved plan of this shift has units stand and drive."""
    plan = plan_in_force(now) if who.may("patrol.view") else None
    if plan is None or not who.may("patrol.view", plan.area):
        return {"posts": [], "lines": []}
    return {"posts": [{"id": p.unit, "lon": p.lon, "lat": p.lat, "zh": p.zh, "en": p.en} for p in plan.posts.values()],
            "lines": [{"path": t.path} for t in plan.tours.values()]}


def _words() -> dict[str, Any]:
    """Names of states, results and timers in the reader's language."""
    calls, tasks = cycle("call"), cycle("assignment")
    return {
        "states": {s: calls.state_label(s) for s in calls.states},
        "stages": {s: tasks.state_label(s) for s in tasks.states} | {"cleared": _("Crews are done")},
        "unit_states": {s: cycle("unit").state_label(s) for s in cycle("unit").states},
        "results": {code: str(label) for code, label in DISPOSITIONS.items()},
        "timers": {code: timer_flag(code) for code in Timer.objects.values_list("code", flat=True)},
        "roles": {r.code: str(r) for r in Role.objects.all()} | {NEXT_CENTRE: role_name(NEXT_CENTRE)},
        "targets": {code: str(label) for code, label in TARGETS.items()},
        "severities": {code: str(label) for code, label in SEVERITIES.items()},
        "agencies": {code: str(agency) for code, agency in agencies(in_use=True).items()},
        "alarms": alarm_names(),
    }


def _unit_moves() -> list[dict[str, Any]]:
    """Moves the desk may make for a unit, by the state it is in."""
    return [{"id": t.id, "from": t.sources, "label": t.label} for t in cycle("unit").transitions.values()
            if t.id not in BY_DESK]


@require_GET
@never_cache
@needs("dispatch.recommend")
def call_pane(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The right pane for one call, as a fragment."""
    who, now = actor(request), timezone.now()
    call = facts.find(who.areas("call.view"), call_id)
    if call is None:
        raise Missing(_("There is no such call in your areas."), code="call")
    detail = facts.detail(call)
    is_open = call.state in CALL_OPEN
    said = read_words(actor=who, now=now, call_id=call.id)
    tasks = _tasks(detail)
    notes = {str(r.event): r.text for r in said.remarks} | linked.words_of(linked.tasks_of(call.id))
    lines, response = timeline(call.id, notes=notes), _response(call)
    given = _advice(call, who, now) if is_open and who.may("dispatch.recommend", call.area) else None
    first = given["first"] if given else answers(call, now) if is_open else None
    planned = dict.fromkeys((*(first.agencies if first else ()), *response["agencies"]))
    return render(request, "calls/board_call.html", {
        "matter": matters.of_call(call.id) if call.target == "matter" and who.may(matters.SEE, call.area) else None,
        "mediation": mediations.of_call(call.id) if mediations.may_see(who, call.area) else None,
        "call": call, "detail": detail, "open": is_open, "severity": SEVERITIES[call.severity],
        "amend": _amend_url(call), "said": said, "callers": _callers(said),
        "caller_ids": json.dumps([{"id": str(s.id), "at": f"{timezone.localtime(s.at):%H:%M}"} for s in said.callers]),
        "services": [SERVICES[s] for s in call.services if s in SERVICES], "card": response["card"],
        "event": events.offered(call, who) if is_open else {"major": events.of_call(call.id)},
        "linked": linked.rows_of(call.id, tuple(planned) if is_open else ()), "first": first,
        "state": cycle("call").state_label(call.state), "result": DISPOSITIONS.get(call.disposition, ""),
        "advice": given,
        "tasks": tasks, "scene": _scene(detail), "facilities": _facilities(call, who, now),
        "cordon": any(t["task"]["stand"] and not t["over"] for t in tasks), "lines": lines[::-1],
        "messages": thread(call.id, {str(r.event): r.text for r in said.remarks}), "photos": facts.photos_of(call),
        "late": _late(call, detail) if is_open else [],
        "due": _due(call, detail, now), "premises": _premises(call, now),
        "earlier": facts.earlier_at(who.areas("call.view"), lon=call.lon, lat=call.lat, now=now, leave_out=call.id),
        "may_contact": who.may("site.contact", call.area), "parts": parts(call, who, now),
        "allowed": {p.replace(".", "_"): who.may(p, call.area) for p in _PERMISSIONS},
    })


@require_GET
@never_cache
@needs("dispatch.recommend")
def routes(request: HttpRequest, call_id: UUID) -> JsonResponse:
    """The ways of the units that are ticked, for the map; the slowest is drawn dotted."""
    who, now = actor(request), timezone.now()
    call = facts.find(who.areas("call.view"), call_id)
    if call is None:
        raise Missing(_("There is no such call in your areas."), code="call")
    asked = _uuids(request.GET.get("units", ""))
    areas = who.areas("position.live")
    eta = advice.for_call(call, areas=areas, now=now).eta_s
    found = advice.ways(call, asked, areas=areas, now=now)
    slowest = max(found, key=lambda u: eta.get(u, 0.0)) if len(found) > 1 else None
    return JsonResponse({"routes": [{"unit": str(u), "path": path, "alt": u == slowest} for u, path in found.items()]})


def _uuids(text: str, limit: int = 12) -> list[UUID]:
    found = []
    for part in text.split(",")[:limit]:
        with suppress(ValueError):
            found.append(UUID(part))
    return found


def _amend_url(call: Call) -> str:
    """Where the intake's page amends a call, "" while there is none."""
    try:
        return reverse("call.amend", args=[call.id])
    except NoReverseMatch:
        return ""


def _advice(call: Call, who: Actor, now: datetime) -> dict[str, Any]:
    """Recommended units as rows. Rows that a key ticks are numbered through, 1 to 9."""
    found = advice.for_call(call, areas=who.areas("position.live"), now=now)
    groups, key = [], 0
    for service in found.services:
        first = next((c for c in service.candidates if c.nearest), None)
        rows = []
        for c in service.candidates:
            key += 1
            unit = found.units[c.unit]
            rows.append({"unit": unit, "key": key if key < 10 else None, "eta_s": c.eta_s, "distance_m": c.distance_m,
                         "recommended": c.recommended, "why": advice.reason(c, first),
                         "nearest": c.nearest, "cost": -c.cover_lost * 100, "stale": c.stale,
                         "price_s": round(c.price_s), "price": advice.price(c)})
        groups.append({"name": advice.title(service.service, service.skill), "wanted": service.wanted,
                       "here": len(service.there),
                       "rows": rows, "cover": service.cover, "busy": advice.busy(service), "note": advice.note(service),
                       "pulls": [{"pull": p, "leaves": advice.leaves(p)} for p in service.pulls]})
    return {"groups": groups, "problem": found.problem, "within_min": round(found.within_s / 60),
            "missing": advice.skills_missing(found), "first": found.first}


def _response(call: Call) -> dict[str, Any]:
    """The run card, and what is asked of linked agencies."""
    found = run_card(call)
    named = {*(found.plan.agencies if found.plan else ()), *call.asked.get("agencies", ())}
    return {"card": found, "agencies": list(names_of(named))}


def _premises(call: Call, now: datetime) -> sites.Premises:
    """Hazards of the place and its sites; the one whose panel raised the call first, wherever the call's point is."""
    found = sites.premises(call.lon, call.lat, now)
    own = sites.sites([call.site]).get(call.site) if call.site else None
    if own is None:
        return found
    return sites.Premises([own, *(s for s in found.sites if s.id != own.id)], found.hazards)


def _tasks(detail: dict[str, Any]) -> list[dict[str, Any]]:
    """Units that were sent, those still on it first, each with the moves that lead on."""
    tasks = cycle("assignment")
    own = {a["id"]: a for a in detail["assignments"]}
    rows = [{"unit": u, "task": own[u["assignment"]], "label": tasks.state_label(u["state"]),
             "before": _before(own[u["assignment"]]["stand"]),
             "over": (over := tasks.terminal(u["state"])), "since": datetime.fromisoformat(u["since"]),
             "shown": "busy off" if over else units.shown("busy", u["state"]),
             "result": DISPOSITIONS.get(u["result"] or "", ""),
             "moves": [t for t in tasks.moves_from(u["state"]) if t.id != "a_stand_down"],
             "can_stand_down": any(t.id == "a_stand_down" for t in tasks.moves_from(u["state"]))}
            for u in detail["units"]]
    return sorted(rows, key=lambda r: bool(r["over"]))


def _facilities(call: Call, who: Actor, now: datetime) -> list[Any]:
    """Where people can be taken, nearest first, for an open call that may have somebody to take."""
    if call.state not in CALL_OPEN or "medical" not in call.services or not who.may(SEE_SITES):
        return []
    return facilities.nearest(who.areas(SEE_SITES), call.lon, call.lat, now)


def _scene(detail: dict[str, Any]) -> dict[str, int]:
    """How many units are at the scene, and how many people: those clocked on; of units where nobody is, the usual
    crew."""
    there = [UUID(u["id"]) for u in detail["units"] if u["state"] == "on_scene"]
    on_duty, usual = units.crews_of(there), units.crew_sizes(there)
    return {"units": len(there), "people": sum(len(on_duty.get(u, ())) or usual.get(u, 0) for u in there)}


def _before(stand: dict[str, Any] | None) -> datetime | None:
    """When a unit of a cordon has to stand there."""
    return datetime.fromisoformat(stand["before"]) if stand and stand["before"] else None


def _callers(said: Words) -> list[dict[str, Any]]:
    return [{"words": s.words, "answers": told(s.answers), "ticks": [TICKS[t] for t in s.ticks if t in TICKS],
             "at": s.at, "known": s.has_name or s.has_number} for s in said.callers]


def _late(call: Call, detail: dict[str, Any]) -> list[dict[str, Any]]:
    """Who was told of what was late."""
    names = {u["assignment"]: name(u) for u in detail["units"]}
    return [{"who": role_name(x.to), "what": timer_flag(x.timer), "at": x.at,
             "unit": names.get(str(x.assignment_id), "")} for x in call.late.order_by("at")]


def _due(call: Call, detail: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """What has to happen by when: the times that run for the call and its units, and the first arrival while nobody is
    there."""
    names = {u["assignment"]: name(u) for u in detail["units"]}
    running = [t for t in (detail["flag_timer"], *(u["timer"] for u in detail["units"])) if t]
    out = {(t["code"], t["assignment"]): (since(t), t["limit_s"]) for t in running}
    limit = limit_s("t_arrive", severity=call.severity)
    arrived = any(a["on_scene"] for a in detail["assignments"])
    if call.state in CALL_OPEN and limit and not arrived and not any(code == "t_arrive" for code, _task in out):
        out["t_arrive", None] = (call.first_assigned_at or call.received_at, limit)
    ends = sorted((at + timedelta(seconds=limit), code, names.get(task, ""))
                  for (code, task), (at, limit) in out.items())
    return [{"flag": timer_flag(code), "unit": unit, "at": at, "late": at < now} for at, code, unit in ends]
