"""A plan as a table for people without the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Missing
from shouwang.desk.people.templatetags.desk import name
from shouwang.desk.workflow import calendar_files, tables

from . import pages, pages_tours
from .models import Plan, PlanPost, PlanTour


def answer(plan: Plan, posts: Sequence[PlanPost], kind: str) -> HttpResponse:
    """The file, to be saved. Raises Missing for another kind than csv and xlsx."""
    if kind not in tables.TYPES:
        raise Missing(_("Plans are given as csv or xlsx."), code="kind")
    start = timezone.localtime(plan.shift_start)
    return tables.answer(table(plan, posts), f"plan-{start:%Y-%m-%d-%H%M}", kind)


def table(plan: Plan, posts: Sequence[PlanPost]) -> list[list[str | float]]:
    """A heading and one row per unit; the plan's shift and state in every row, so that a sheet torn off still tells."""
    start, end = (timezone.localtime(t) for t in (plan.shift_start, plan.shift_end))
    shift = f"{start:%Y-%m-%d %H:%M}—{end:%H:%M}"
    tours = {t.unit: t for t in plan.tours.all() if t.taken}
    rows: list[list[str | float]] = [[
        _("Shift"), _("State"), _("Unit"), _("Service"), _("Today at"), _("Plan"), _("Longitude"), _("Latitude"),
        _("Moved"), _("Stops on tour"), _("Length, km"),
    ]]  # fmt: skip
    for post in posts:
        tour = tours.get(post.unit)
        base, place = name({"zh": post.base_zh, "en": post.base_en}), name({"zh": post.place_zh, "en": post.place_en})
        goes = post.moves and post.taken
        rows.append([
            shift, pages.state_of(plan), str(post), pages.service_name(post.service), base, place if goes else base,
            *post.stands, _("yes") if goes else "", sum(not v["post"] for v in tour.visits) if tour else "",
            round(tour.length_m / 1000, 1) if tour else "",
        ])  # fmt: skip
    return rows


def tour(plan: Plan, made: PlanTour, post: PlanPost, kind: str, now: datetime) -> HttpResponse:
    """A unit's timetable as a file: csv, or ics (RFC 5545). Raises Missing for another kind."""
    stops = pages_tours.stop_rows(plan, made)
    if kind == "csv":
        heads: list[object] = [_("Unit"), _("From"), _("To"), _("Place"), _("Longitude"), _("Latitude"), _("By way of")]
        rows = [
            [str(post), f"{s.start:%Y-%m-%d %H:%M}", f"{s.end:%Y-%m-%d %H:%M}", s.place, v["lon"], v["lat"], s.via]
            for s, v in zip(stops, made.visits, strict=True)
        ]
        response = HttpResponse(tables.csv_of([heads, *rows]), content_type=tables.TYPES["csv"])
    elif kind == "ics":
        response = HttpResponse(_calendar(plan, made, post, stops, now), content_type=calendar_files.TYPE)
    else:
        raise Missing(_("Tours are given as csv or ics."), code="kind")
    start = timezone.localtime(plan.shift_start)
    response["Content-Disposition"] = f'attachment; filename="tour-{start:%Y-%m-%d-%H%M}-{post.code}.{kind}"'
    return response


def _calendar(
    plan: Plan, made: PlanTour, post: PlanPost, stops: Sequence[pages_tours.StopRow], now: datetime
) -> str:
    entries = [
        calendar_files.Entry(
            f"{made.id}-{stop.number}", stop.start, stop.end, f"{post} {stop.place}", stop.place, stop.via,
            {"GEO": f"{visit['lat']};{visit['lon']}"},
        )
        for stop, visit in zip(stops, made.visits, strict=True) if stop.end > stop.start
    ]  # fmt: skip
    return calendar_files.calendar(entries, now=now, what="Tours")
