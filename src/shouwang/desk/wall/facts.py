"""What a screen that everybody in the hall can read may show: kinds, levels, areas, states and times. No house number,
no number of a call, no telephone, no name, no words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from shouwang.desk.calls import facts as calls
from shouwang.desk.linked import facts as linked
from shouwang.desk.log import facts as log
from shouwang.desk.patrol.facts import expected_this_hour, shift_start
from shouwang.desk.places import facts as places
from shouwang.desk.units import facts as units
from shouwang.desk.workflow.moves import limit_s
from shouwang.tables.live import last_positions

MAY = "wall.view"
POSITIONS_EVERY_S = 5
CALL = ("id", "type_zh", "type_en", "severity", "state", "stage", "lon", "lat", "received", "waiting_since", "drill")
UNIT = ("id", "code", "zh", "en", "letter", "service", "shown", "panic")


def version(now: datetime) -> str:
    """Changes with the log, and every few seconds for the positions, which are not in it."""
    return f"{log.head()}-{int(now.timestamp()) // POSITIONS_EVERY_S}"


def picture(areas: tuple[str, ...], now: datetime) -> dict[str, Any]:
    """Open calls, the most urgent first; units on duty; control areas; how the hour goes. All of it in `areas`."""
    control = [a for a in places.areas("control_area") if any(a.area.startswith(path) for path in areas)]
    at, crew = last_positions(settings.CONFIG), units.cards(areas=areas)
    told = expected_this_hour(now, areas)
    hour = told.start if told else now.replace(minute=0, second=0, microsecond=0)
    taken = calls.taken_since(areas, hour)
    return {
        "now": units.iso(now), "stale_s": limit_s("t_position_stale"),
        "areas": [{"path": a.area, "zh": a.zh, "en": a.en} for a in control],
        "calls": [_call(c, control) for c in calls.open_calls(areas)],
        "units": [_unit(u, at.get(u["id"]), control) for u in crew if u["shown"] != "off" or u["panic"]],
        "hour": {"calls": taken.calls,
                 # A replay runs at a pace of its own: what it brings is held against nothing.
                 "expected": [told.low, told.high] if told and not taken.replayed else None},
        "agencies_late": sum(t.escalated_at is not None or t.state == "refused" for t in linked.open_tasks(areas)),
        "shift": {"start": units.iso(shift_start(now)), "calls": calls.taken_since(areas, shift_start(now)).calls},
    }


def _call(card: dict[str, Any], control: list[places.Spot]) -> dict[str, Any]:
    return {name: card[name] for name in CALL} | {"area": _area(card["area"], control), "timer": card["flag_timer"]}


def _unit(card: dict[str, Any], seen: Any, control: list[places.Spot]) -> dict[str, Any]:
    place = {"lon": seen.lon, "lat": seen.lat, "course": seen.course_deg, "at_ms": seen.at_ms} if seen else {
        "lon": card["lon"], "lat": card["lat"], "course": None, "at_ms": None}
    return {name: card[name] for name in UNIT} | {"area": _area(card["area"], control)} | place


def _area(path: str, control: list[places.Spot]) -> str:
    """The control area that a path lies in, "" for none."""
    return next((a.area for a in control if path.startswith(a.area)), "")
