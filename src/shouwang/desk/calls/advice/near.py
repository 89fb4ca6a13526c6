"""Which recent calls may be about the same thing."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shouwang.desk.workflow.models import Timer
from shouwang.desk.workflow.moves import limit_s
from shouwang.engine.geo.distance import haversine_m

from .. import facts
from ..likeness import Likeness, Window, compare
from ..models import Call

NEAR_M, NEAR = 600.0, timedelta(minutes=30)  # recent calls shown beside likely duplicates
_M_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Near:
    """A call near by in place and time. Of one that is only `near`, screens show kind and time alone."""

    call: Call
    distance_m: float
    age_s: float
    likeness: Likeness


def window() -> Window:
    """The timer `t_duplicate`: seconds and metres."""
    rule = Timer.objects.get(code="t_duplicate").rule
    return Window(limit_s("t_duplicate") or 600.0, float(rule.get("radius_m", 80)))


def duplicates(*, areas: tuple[str, ...], lon: float, lat: float, type: str, now: datetime,
               leave_out: UUID | None = None) -> list[Near]:
    """Recent calls near a point: those that may be the same first, the likeliest and nearest before others."""
    rule = window()
    span = max(NEAR, timedelta(seconds=rule.seconds))
    rows = [c for c in facts.near_in_time_and_place(areas, lon=lon, lat=lat, since=now - span,
                                                    degrees=max(NEAR_M, 2 * rule.metres) / _M_PER_DEGREE)
            if c.id != leave_out]
    if not rows:
        return []
    away = haversine_m([c.lon for c in rows], [c.lat for c in rows], lon, lat)
    found = []
    for call, metres in zip(rows, away.tolist(), strict=True):
        age = max(0.0, (now - call.received_at).total_seconds())
        likeness = compare(distance_m=metres, apart_s=age, type=type, other=call.type_id, window=rule)
        found.append(Near(call, metres, age, likeness))
    order = {"very": 0, "like": 1, "near": 2}
    return sorted((n for n in found if n.distance_m <= NEAR_M), key=lambda n: (order[n.likeness.grade], n.distance_m))


def plain_near(near: Near) -> dict[str, Any]:
    """A call near by as plain values. Of one that is another matter: kind and time alone."""
    call = near.call
    out = {
        "grade": near.likeness.grade,
        "why": list(near.likeness.why),
        "type": call.type_id,
        "type_zh": call.type.zh,
        "type_en": call.type.en,
        "severity": call.severity,
        "distance_m": round(near.distance_m),
        "age_s": near.age_s,
    }
    if near.likeness.grade == "near":
        return out
    return out | {"id": str(call.id), "number": call.number, "place": call.place, "state": call.state, "lon": call.lon,
                  "lat": call.lat}
