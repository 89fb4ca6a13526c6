"""Plans and forecasts as pages and programs are shown them: within the reader's areas, in plain values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _

from shouwang.desk.calls import facts as calls
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.errors import Missing
from shouwang.desk.places import facts as places
from shouwang.desk.workflow.settings import get as setting
from shouwang.desk.workflow.zone import zone

from . import facts
from .advice.staffing import needed
from .files import read_cells
from .models import Forecast, Plan, PlanPost, PlanTour, SeenHour, VisitChance

SEE = ("patrol.view", "patrol.plan", "patrol.approve")
SEEN_BACK = timedelta(hours=48)
STEPS = (0.5, 0.8, 0.92, 0.98)
"""The legend's steps begin at these quantiles of the cells that expect anything: most cells lie in the first."""


def visible_plan(who: Actor, plan_id: UUID | str) -> Plan:
    """The plan, if it concerns the reader's areas. Raises Missing."""
    plan = Plan.objects.select_related("forecast").filter(facts.seen_by(who.areas(*SEE)), id=plan_id).first()
    if plan is None:
        raise Missing(_("No such plan in your areas."), code="missing")
    return plan


def visible_tour(who: Actor, plan_id: UUID | str, unit_id: UUID | str) -> tuple[Plan, PlanTour, PlanPost]:
    """A unit's tour with its plan and post, if the reader sees the post. Raises Missing."""
    plan = visible_plan(who, plan_id)
    posts = [p for p in posts_of(plan, who.areas(*SEE)) if str(p.unit) == str(unit_id)]
    found = tours_of(plan, posts)
    if not found:
        raise Missing(_("This unit has no tour in this plan."), code="missing")
    return plan, found[0], posts[0]


def plan_row(plan: Plan) -> dict[str, Any]:
    return {
        **{
            name: getattr(plan, name)
            for name in ("id", "area", "shift_start", "shift_end", "state", "version", "within_s", "figures")
        },
        "forecast": plan.forecast_id,
    }


def posts_of(plan: Plan, areas: Sequence[str]) -> list[PlanPost]:
    """Posts of the plan in the reader's areas."""
    return [p for p in plan.posts.all() if facts.within(p.area or plan.area, areas)]


def tours_of(plan: Plan, posts: Sequence[PlanPost]) -> list[PlanTour]:
    """Tours of the units whose posts the reader sees, in the order of the posts."""
    place = {p.unit: n for n, p in enumerate(posts)}
    return sorted((t for t in plan.tours.prefetch_related("steps") if t.unit in place), key=lambda t: place[t.unit])


def plan_detail(plan: Plan, areas: Sequence[str]) -> dict[str, Any]:
    posts = posts_of(plan, areas)
    return {
        **plan_row(plan),
        "posts": [
            {
                name: getattr(p, name)
                for name in (
                    "unit",
                    "code",
                    "zh",
                    "en",
                    "letter",
                    "service",
                    "fixed",
                    "lon",
                    "lat",
                    "place_zh",
                    "place_en",
                    "base_lon",
                    "base_lat",
                    "base_zh",
                    "base_en",
                    "moves",
                    "taken",
                    "by_hand",
                    "gain_share",
                    "gain_s",
                )
            }
            for p in posts
        ],
        "tours": [
            {
                name: getattr(t, name)
                for name in ("unit", "visits", "path", "length_m", "seen", "taken", "by_hand")
            }
            for t in tours_of(plan, posts)
        ],
    }


STAFFED = "police"  # whose units are counted
CALL_MIN = 45.0
"""Minutes a call keeps a unit while no case is measured."""


def staffing(row: Forecast, areas: Sequence[str], *, share: float, service_s: float | None) -> dict[str, Any]:
    """Units of police needed by hour, in the whole of the forecast's district: for the part of the calls that needs
    them, each keeping a unit for `service_s`, by default as measured in the shift. Raises Missing for who sees a part
    of the district alone."""
    whole = next((a for a in row.by_area if a["path"] == row.area and facts.within(row.area, areas)), None)
    if whole is None:
        raise Missing(_("Units are told for the whole district."), code="missing")
    plan = Plan.objects.filter(area=row.area, figures__has_key="all").order_by("-made_at").first()
    travel_s = float(plan.figures["all"]["plan"]["mean_s"]) if plan else 0.0
    within_s, where = float(setting("cover_within_s")), zone()
    starts = [row.origin + n * facts.HOUR for n in range(len(whole["expected"]))]
    local = [start.astimezone(where) for start in starts]
    part = [facts.part_of(row, STAFFED, hour.hour) for hour in local]
    stay = calls.bound().get(STAFFED) if service_s is None else None
    each_s = [stay.at(f"{hour:%H:%M}")[0] if stay else service_s or CALL_MIN * 60 for hour in local]
    likely, most = ([calls * of for calls, of in zip(whole[end], part, strict=True)] for end in ("expected", "high"))
    found, busy = needed(likely, most, each_s, within_s, share, travel_s), calls.busy_shares()
    measured = [busy.at(STAFFED, start) for start in starts]
    told = row.parts.get("services", {}).get(STAFFED)
    return {
        "within_s": within_s, "travel_s": travel_s, "cases": stay.cases if stay else 0,
        "part_calls": row.parts["calls"] if told else 0, "busy_hours": measured[0].hours if measured else 0.0,
        "there_are": sum(u.service == STAFFED for u in facts.units_of(row.area)),
        "hours": [
            {"start": start, **vars(one), "calls": round(expected, 3), "service_min": round(seconds / 60, 1),
             "busy_now": round(now.share, 4)}
            for start, one, expected, seconds, now in zip(starts, found, likely, each_s, measured, strict=True)
        ],
    }  # fmt: skip


def seen(plan: Plan, now: datetime) -> list[dict[str, Any]]:
    """见警率 of the hours counted in the last two days and of the plan's shift, oldest first."""
    counted = SeenHour.objects.filter(area=plan.area, start__gte=min(now, plan.shift_start) - SEEN_BACK)
    rows = {r.start: {"start": r.start, "expected": r.expected, "achieved": r.achieved} for r in counted}
    for n, share in enumerate((plan.figures.get("tours") or {}).get("seen", [])):
        start = plan.shift_start + n * facts.HOUR
        rows.setdefault(start, {"start": start, "expected": share, "achieved": None})
    return [rows[start] for start in sorted(rows)]


def chances(plan: Plan, areas: Sequence[str]) -> list[dict[str, Any]]:
    """The logged chances of a visit in the reader's areas."""
    logged = VisitChance.objects.filter(plan=plan).first()
    told = sorted(logged.chance.items()) if logged is not None else []
    return [{"area": path, "chance": chance} for path, chance in told if facts.within(path, areas)]


def geojson(plan: Plan, areas: Sequence[str]) -> dict[str, Any]:
    detail = plan_detail(plan, areas)
    features = []
    for post in detail["posts"]:
        at = [post["lon"], post["lat"]] if post["taken"] else [post["base_lon"], post["base_lat"]]
        features.append(_feature("post", {"type": "Point", "coordinates": at}, post, ("lon", "lat")))
    for tour in detail["tours"]:
        features.append(_feature("tour", {"type": "LineString", "coordinates": tour["path"]}, tour, ("path",)))
    return {"type": "FeatureCollection", "features": features}


def _feature(kind: str, geometry: dict[str, Any], row: dict[str, Any], without: tuple[str, ...]) -> dict[str, Any]:
    kept = {k: str(v) if isinstance(v, UUID) else v for k, v in row.items() if k not in without}
    return {"type": "Feature", "geometry": geometry, "properties": {"kind": kind, **kept}}


def areas_of(row: Forecast, areas: Sequence[str]) -> list[dict[str, Any]]:
    """What a forecast expects of each control area and of the whole, as far as the reader may see it."""
    names = places.area_names()
    return [
        {**a, "zh": names[a["path"]].zh, "en": names[a["path"]].en}
        for a in row.by_area
        if facts.within(a["path"], areas) and a["path"] in names
    ]


def cells(row: Forecast, start: datetime, end: datetime, areas: Sequence[str]) -> dict[str, Any]:
    """Cells in the reader's areas that expect anything between two moments, with the steps of the legend."""
    grid = read_cells(str(row.id))
    expected = facts.expected_in(grid, start, end).sum(axis=0)
    seen = np.array([facts.within(path, areas) for path in grid.area], bool) & (expected > 0)
    steps = np.quantile(expected[expected > 0], STEPS) if (expected > 0).any() else np.zeros(len(STEPS))
    return {
        "forecast": row.id,
        "start": start,
        "end": end,
        "cell_m": row.cell_m,
        "lon": grid.lon[seen].round(6).tolist(),
        "lat": grid.lat[seen].round(6).tolist(),
        "expected": [float(f"{v:.3g}") for v in expected[seen]],
        "steps": [float(f"{v:.2g}") for v in steps],
    }
