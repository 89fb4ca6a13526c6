"""Units on less urgent calls that could be taken from them. They are shown apart and never chosen: a person decides
who waits."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shouwang.desk.units.facts import UnitFact
from shouwang.desk.units.tasks import tasks_of
from shouwang.engine.geo.streets import Spots

from ..models import PULLED_FROM, Call
from .roads import Roads, fleet, on_foot_too

SHOWN = 2


@dataclass(frozen=True)
class Pull:
    """A unit, when it would be here, and the call it would leave."""

    unit: UnitFact
    eta_s: float
    distance_m: float
    leaves: Call


def pulls(on: Roads, place: Spots, walk_s: float, able: Sequence[UnitFact], severity: int, before_s: float,
          now: datetime) -> tuple[Pull, ...]:
    """For a call of level 1: units of less urgent calls, not at the scene yet, that would be here before `before_s`.
    walk_s: as in the case."""
    busy = [u for u in able if u.state == "busy"] if severity == 1 else []
    if not busy:
        return ()
    tasks = {unit: t for unit, t in tasks_of([u.id for u in busy]).items() if t.stage in PULLED_FROM}
    if not tasks:
        return ()
    calls = Call.objects.select_related("type").filter(severity__gt=severity).in_bulk([t.call for t in tasks.values()])
    by_id = {str(i): call for i, call in calls.items()}
    ready = [u for u in busy if u.id in tasks and tasks[u.id].call in by_id]
    if not ready:
        return ()
    crew = fleet(on, ready, now)
    near = on.travel.k_nearest(place, crew.spots, len(ready), delay_s=crew.wait_s)
    found = [Pull(u := crew.units[i], on_foot_too(u, float(s), float(m)) + walk_s, float(m), by_id[tasks[u.id].call])
             for i, s, m in zip(near.source.tolist(), near.seconds, near.length_m, strict=True)]
    return tuple(sorted((p for p in found if p.eta_s < before_s), key=lambda p: p.eta_s)[:SHOWN])
