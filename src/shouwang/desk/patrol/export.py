"""A plan, its tours and what the charts of plans and forecasts draw as files, for people without the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.people.templatetags.desk import name
from shouwang.desk.workflow import calendar_files, tables

from . import facts, pages, pages_tours, shown
from .models import Forecast, Plan, PlanPost, PlanTour


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


def chart(row: Forecast, name: str, kind: str, areas: Sequence[str], asked: Mapping[str, str]) -> HttpResponse:
    """What a chart of a forecast draws, as a file. Raises Missing for another chart or kind, Refused for a promise of
    units that is none."""
    return _chart(
        {"hours": lambda: _hours(row, areas), "week": lambda: _week(row), "cells": lambda: _cells(row, areas, asked),
         "staffing": lambda: _staffing(row, areas, asked)},
        "forecast", name, kind, row.origin,
    )  # fmt: skip


def plan_chart(
    plan: Plan, posts: Sequence[PlanPost], name: str, kind: str, areas: Sequence[str], now: datetime
) -> HttpResponse:
    """The plan as a list of posts, or what a chart beside it draws, as a file. Raises Missing for another chart or
    kind."""
    return _chart(
        {"plan": lambda: table(plan, posts), "figures": lambda: _figures(plan), "shift": lambda: _shift(plan, areas),
         "hours": lambda: _hours(plan.forecast, areas), "seen": lambda: _seen(plan, now)},
        "plan", name, kind, plan.shift_start,
    )  # fmt: skip


def _chart(
    made: Mapping[str, Callable[[], Sequence[Sequence[object]]]], of: str, name: str, kind: str, at: datetime
) -> HttpResponse:
    if name not in made or kind not in tables.TYPES:
        raise Missing(_("Charts are given as csv or xlsx."), code="kind")
    named = of if name == of else f"{of}-{name}"
    return tables.answer(made[name](), f"{named}-{timezone.localtime(at):%Y-%m-%d-%H%M}", kind)


def _expected() -> list[object]:
    return [_("Expected"), _("80 % interval, from"), _("80 % interval, to")]


def _hours(row: Forecast, areas: Sequence[str]) -> list[list[object]]:
    told = shown.areas_of(row, areas)
    return [[_("Hour"), _("Area"), *_expected()], *(
        [_hour(row.origin + n * facts.HOUR), name(a), a["expected"][n], a["low"][n], a["high"][n]]
        for n in range(row.hours) for a in told
    )]  # fmt: skip


def _cells(row: Forecast, areas: Sequence[str], asked: Mapping[str, str]) -> list[list[object]]:
    """The hours of the map that is looked at; by default the whole forecast."""
    start = _moment(asked["start"]) if asked.get("start") else row.origin
    hours = _number(asked.get("hours") or str(row.hours), 1, row.hours, "hours")
    told = shown.cells(row, start, start + hours * facts.HOUR, areas)
    return [
        [_("From"), _("To"), _("Longitude"), _("Latitude"), _("Expected")],
        *([_hour(told["start"]), _hour(told["end"]), *cell]
          for cell in zip(told["lon"], told["lat"], told["expected"], strict=True)),
    ]  # fmt: skip


def _shift(plan: Plan, areas: Sequence[str]) -> list[list[object]]:
    told = pages.in_shift(plan.forecast, shown.areas_of(plan.forecast, areas), plan.shift_start)
    return [[_("Area"), *_expected()], *([name(a), s["expected"][0], s["low"][0], s["high"][0]] for a, s in told)]


def _figures(plan: Plan) -> list[list[object]]:
    heads: list[object] = [
        _("Figure"), _("Unit of measure"), _("Today"), _("Plan"), _("Difference"), _("95 % interval, from"),
        _("95 % interval, to"),
    ]  # fmt: skip
    return [heads, *(
        [f"{r.group} {r.label}".strip(), r.unit, *r.values] for r in pages.measures(plan.figures)
    )]  # fmt: skip


def _seen(plan: Plan, now: datetime) -> list[list[object]]:
    heads: list[object] = [_("Hour"), _("By plan"), _("Achieved")]
    return [heads, *([_hour(r["start"]), r["expected"], r["achieved"]] for r in shown.seen(plan, now))]


def _week(row: Forecast) -> list[list[object]]:
    heads: list[object] = [_("Weekday"), *(f"{hour:02}:00" for hour in range(24))]
    return [heads, *([str(day), *calls] for day, calls in zip(pages.WEEKDAYS, row.week, strict=True))]


def _staffing(row: Forecast, areas: Sequence[str], asked: Mapping[str, str]) -> list[list[object]]:
    share = _number(asked.get("share") or "0.9", 0.5, 0.99, "share")
    minutes = _number(asked["service_min"], 1, 600, "service_min") * 60 if asked.get("service_min") else None
    told = shown.staffing(row, areas, share=share, service_s=minutes)
    heads: list[object] = [
        _("Hour"), _("Units"), _("If more calls come"), _("In time"), _("Busy"), _("Busy now"), _("Minutes a call"),
        _("Units there are"),
    ]  # fmt: skip
    keys = ("units", "high", "kept", "busy", "busy_now", "service_min")
    return [heads, *([_hour(h["start"]), *(h[key] for key in keys), told["there_are"]] for h in told["hours"])]


def _number(text: str, least: float, most: float, field: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        told = {"value": text[:40], "least": f"{least:g}", "most": f"{most:g}"}
        raise Refused(_("“%(value)s” is no number from %(least)s to %(most)s.") % told, field=field, code="number")
    return value


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        said = _("“%(value)s” is no moment. Write it as 2026-11-28T08:00.") % {"value": text[:40]}
        raise Refused(said, field="start", code="moment") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())


def _hour(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


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
