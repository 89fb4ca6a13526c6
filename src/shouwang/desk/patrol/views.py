"""The pages of planners and of those who approve, and what others see of the plan."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.log.gate import actor, needs

from . import export, facts, jobs, pages, pages_tours, shown
from .models import Job, Plan

SEE = shown.SEE


@needs(*SEE)
def plan_page(request: HttpRequest) -> HttpResponse:
    """Today's posts and the plan's for one shift, side by side."""
    who, now = actor(request), timezone.now()
    plans = facts.plans(who.areas(*SEE), after=now)
    chosen = pages.choose(plans, who, request.GET.get("plan", ""))
    row = facts.forecast_for(who.areas(*SEE))
    context: dict[str, Any] = {
        "tabs": pages.tabs(plans, chosen, now), "plan": chosen, "forecast": row, "job": _job(who),
        "may_plan": who.may("patrol.plan"), "old": bool(row and facts.age(row, now).old),
    }  # fmt: skip
    if chosen is not None:
        told, areas = chosen.forecast, shown.areas_of(chosen.forecast, who.areas(*SEE))
        context |= _side(who, chosen) | {
            "bars": pages.area_bars(told, areas, chosen.shift_start),
            "tested": pages.tested(told),
            "config": _config(chosen, areas),
        }
    return render(request, "patrol/plan.html", context)


@needs(*SEE)
def plan_side(request: HttpRequest, plan_id: str) -> HttpResponse:
    """The plan's figures, changes and steps, fetched again after each change."""
    who = actor(request)
    return render(request, "patrol/plan_side.html", _side(who, shown.visible_plan(who, plan_id)))


@needs(*SEE)
def plan_export(request: HttpRequest, plan_id: str, name: str, kind: str) -> HttpResponse:
    """The plan, or a chart beside it, as a file for people without the desk: csv or xlsx."""
    who = actor(request)
    plan, areas = shown.visible_plan(who, plan_id), who.areas(*SEE)
    return export.plan_chart(plan, shown.posts_of(plan, areas), name, kind, areas, timezone.now())


@needs(*SEE)
def tour_sheets(request: HttpRequest, plan_id: str) -> HttpResponse:
    """A sheet of paper for each unit on tour, to be printed together."""
    return _sheets(request, plan_id, None)


@needs(*SEE)
def tour_sheet(request: HttpRequest, plan_id: str, unit_id: str) -> HttpResponse:
    """One unit's tour as a sheet of paper."""
    return _sheets(request, plan_id, unit_id)


@needs(*SEE)
def tour_export(request: HttpRequest, plan_id: str, unit_id: str, kind: str) -> HttpResponse:
    """One unit's timetable as a file: csv, or ics for a calendar."""
    plan, tour, post = shown.visible_tour(actor(request), plan_id, unit_id)
    return export.tour(plan, tour, post, kind, timezone.now())


def _sheets(request: HttpRequest, plan_id: str, unit_id: str | None) -> HttpResponse:
    who = actor(request)
    if unit_id is not None:
        plan, tour, post = shown.visible_tour(who, plan_id, unit_id)
        rows = pages_tours.tours(plan, [tour], [post])
    else:
        plan = shown.visible_plan(who, plan_id)
        posts = shown.posts_of(plan, who.areas(*SEE))
        rows = pages_tours.tours(plan, [t for t in shown.tours_of(plan, posts) if t.taken], posts)
    context = {
        "plan": plan, "tours": rows, "state": pages.state_of(plan), "day": pages.weekday(plan.shift_start),
        "printed_by": who.name, "at": timezone.now(), "decided_by": pages.who_did(plan.decided_by),
        "drawn": plan.forecast.generated or plan.forecast.moved_days,
    }  # fmt: skip
    return render(request, "patrol/tour_sheet.html", context)


@needs(*SEE)
def forecast_page(request: HttpRequest) -> HttpResponse:
    """Where and when calls are expected, and how far that can be trusted."""
    who, now = actor(request), timezone.now()
    row = facts.forecast_for(who.areas(*SEE))
    context: dict[str, Any] = {"forecast": row, "job": _job(who), "may_plan": who.may("patrol.plan")}
    if row is not None:
        context |= {
            "whole": facts.within(row.area, who.areas(*SEE)),
            "tested": pages.tested(row), "findings": pages.findings(row), "age": facts.age(row, now),
            "histories": facts.histories(row.area), "left_out": pages.left_out(row),
            "found": pages.found(row), "week": pages.week(row),
            "config": {"origin": row.origin.isoformat(), "hours": row.hours, "cell_m": row.cell_m,
                       "areas": shown.areas_of(row, who.areas(*SEE)), "district": row.area, "week": row.week},
        }  # fmt: skip
    return render(request, "patrol/forecast.html", context)


@needs(*SEE)
def forecast_export(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """A chart of the newest forecast as a file (csv or xlsx): hours by area, the week, cells, units needed."""
    who = actor(request)
    row = facts.forecast_for(who.areas(*SEE))
    if row is None:
        raise Missing(_("There is no forecast yet."), code="missing")
    return export.chart(row, name, kind, who.areas(*SEE), request.GET)


@needs(*SEE)
def job_bar(request: HttpRequest) -> HttpResponse:
    """How far the work under way has come; asks again while there is any, and reloads the page when it is done."""
    job = _job(actor(request))
    response = render(request, "patrol/job.html", {"job": job, "may_plan": actor(request).may("patrol.plan")})
    if job is None and request.GET.get("was"):
        response["HX-Refresh"] = "true"
    return response


def _job(who: Actor) -> dict[str, Any] | None:
    """The job under way, or the last one if it failed less than an hour ago."""
    job = facts.open_job(who.areas(*SEE))
    if job is not None:
        return {
            "id": job.id,
            "failed": False,
            "step": jobs.STEPS.get(job.step, ""),
            "percent": round(job.progress * 100),
        }
    last = Job.objects.filter(facts.seen_by(who.areas(*SEE)), done_at__isnull=False).order_by("-done_at").first()
    if last is None or last.state != "failed" or last.done_at is None or timezone.now() - last.done_at > facts.HOUR:
        return None
    return {"id": last.id, "failed": True, "error": last.error}


def _side(who: Actor, plan: Plan) -> dict[str, Any]:
    posts = shown.posts_of(plan, who.areas(*SEE))
    rows = pages.measures(plan.figures)
    changes = pages.changes(posts)
    tours = pages_tours.tours(plan, shown.tours_of(plan, posts), posts)
    return {
        "plan": plan,
        "day": pages.weekday(plan.shift_start),
        "state": pages.state_of(plan),
        "rows": rows,
        "words": pages.words(plan, rows),
        "best": pages.possible(plan),
        "changes": changes,
        "taken": sum(c.taken for c in changes),
        "tours": tours,
        "tour_words": pages_tours.words(plan),
        "below_floor": pages_tours.below_floor(plan),
        "on_tour": sum(t.taken for t in tours),
        "steps": pages.steps(plan, who),
        "quiet": pages.quiet(plan),
        "reason": pages.why_returned(plan, who),
        "posts": posts,
        "made_by": pages.who_did(plan.made_by),
        "submitted_by": pages.who_did(plan.submitted_by),
        "decided_by": pages.who_did(plan.decided_by),
    }


def _config(plan: Plan, areas: list[dict[str, Any]]) -> dict[str, Any]:
    """What the page's script needs to begin."""
    whole = next((a for a in areas if a["path"] == plan.forecast.area), None)
    return {
        "id": str(plan.id),
        "start": plan.shift_start.isoformat(),
        "end": plan.shift_end.isoformat(),
        "origin": plan.forecast.origin.isoformat(),
        "quiet": plan.figures.get("quiet_hours", []),
        "expected": whole and {k: whole[k] for k in ("expected", "low", "high")},
    }
