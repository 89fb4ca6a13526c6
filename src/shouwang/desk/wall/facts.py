"""What a screen that everybody in the hall can read may show: kinds, levels, areas, states and times. No house number,
no number of a call, no telephone, no name, no words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from shouwang.desk.calls import facts as calls
from shouwang.desk.linked import facts as linked
from shouwang.desk.log import facts as log
from shouwang.desk.patrol.facts import expected_this_hour, shift_start
from shouwang.desk.places import facts as places
from shouwang.desk.units import facts as units
from shouwang.desk.workflow.moves import limit_s

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
    at, crew = units.last_seen(), units.cards(areas=areas)
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
        "hours": hours(areas, now, replayed=bool(taken.replayed)),
        "agencies_late": sum(t.escalated_at is not None or t.state == "refused" for t in linked.open_tasks(areas)),
        "shift": {"start": units.iso(shift_start(now)), "calls": calls.taken_since(areas, shift_start(now)).calls},
    }


HOURS_BACK, HOURS_AHEAD = 8, 4


def hours(areas: tuple[str, ...], now: datetime, *, replayed: bool) -> list[dict[str, Any]]:
    """Calls of each hour lately, beside what the newest forecast expected, and what it expects of the next ones."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS_BACK - 1)
    counted = calls.taken_by_hour(areas, first, HOURS_BACK)
    out = []
    for n in range(HOURS_BACK + HOURS_AHEAD):
        start = first + timedelta(hours=n)
        told = None if replayed else expected_this_hour(start, areas)
        out.append({"start": units.iso(start), "calls": counted[n] if n < HOURS_BACK else None,
                    "expected": [round(told.expected, 2), round(told.low, 2), round(told.high, 2)] if told else None})
    return out


def _call(card: dict[str, Any], control: list[places.Spot]) -> dict[str, Any]:
    return {name: card[name] for name in CALL} | {"area": _area(card["area"], control), "timer": card["flag_timer"]}


def _unit(card: dict[str, Any], seen: Any, control: list[places.Spot]) -> dict[str, Any]:
    place = {"lon": seen.lon, "lat": seen.lat, "course": seen.course_deg, "at_ms": seen.at_ms,
             "jump": seen.jump} if seen else {
        "lon": card["lon"], "lat": card["lat"], "course": None, "at_ms": None, "jump": False}
    return {name: card[name] for name in UNIT} | {"area": _area(card["area"], control)} | place


def _area(path: str, control: list[places.Spot]) -> str:
    """The control area that a path lies in, "" for none."""
    return next((a.area for a in control if path.startswith(a.area)), "")
