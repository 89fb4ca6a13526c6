"""An hour of the past as plain values, put together from the log, the calls, the duty ledger and the tracks. Nothing
sealed, nobody's name, no count or order of units by anything they did."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.conf import settings

from shouwang.desk.calls import facts as calls
from shouwang.desk.log import facts as log
from shouwang.desk.log import kinds
from shouwang.desk.log.actor import Actor
from shouwang.desk.log.names import names
from shouwang.desk.places import facts as places
from shouwang.desk.units import facts as units
from shouwang.tables.live import tracks_of

from . import steps
from .terms import Past, Viewing

MAY = "position.history"
SHOWN_IN = ("district", "control_area")
BEFORE = timedelta(hours=24)  # how far back the state at the beginning is looked for
LAST_SEEN = timedelta(minutes=10)  # so old may the first position be
POINTS = 200_000  # of all units together, at most
STEP_S = 10.0  # between two points of a track, at least
UNTOLD = {"call.revealed", "call.exported", "call.words_deleted", "access.words_read"}  # who looked is for the auditor
LEVELS = ("call.upgraded", "call.amended", "call.attached")


def areas_of(actor: Actor) -> list[places.Spot]:
    """Areas whose past the actor may see."""
    return [a for a in places.areas() if a.kind in SHOWN_IN and actor.may(MAY, a.area)]


def past(viewing: Viewing, *, actor: Actor) -> Past:
    """What happened in the hour. Who may not see calls there gets no address, and points rounded to about 100 m."""
    crews = units.units(areas=(viewing.area,))
    found = calls.calls_between((viewing.area,), viewing.start, viewing.until)
    told = log.between(viewing.start - BEFORE, viewing.until, subject_kinds=("call", "unit", "closure"),
                       areas=(viewing.area,))
    shown = [e for e in told if e.at >= viewing.start]
    open_to = actor.may(calls.MAY_SEE, viewing.area)
    return Past(_units(viewing, crews, told), _calls(viewing, found, told, open_to), _events(viewing, shown))


def _since(viewing: Viewing, at: datetime) -> float:
    return round((at - viewing.start).total_seconds(), 1)


def _maybe(viewing: Viewing, at: datetime | None) -> float | None:
    return None if at is None else _since(viewing, at)


def _units(viewing: Viewing, crews: list[units.UnitFact], told: Iterable[log.Fact]) -> list[dict[str, Any]]:
    ids = [u.id for u in crews]
    duty = units.duty_between(ids, viewing.start - BEFORE, viewing.until)
    tasks: dict[UUID, list[Any]] = defaultdict(list)
    for t in calls.tasks_between(ids, viewing.start - BEFORE, viewing.until):
        times = (_maybe(viewing, at) for at in (t.assigned_at, t.on_scene_at, t.ended_at))
        tasks[t.unit].append((*times, str(t.call)))
    states: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for e in told:
        if e.kind == "unit.state":
            states[e.subject].append((_since(viewing, e.at), e.payload["new"]))
    step_s = max(STEP_S, ceil((viewing.until - viewing.start).total_seconds() * len(crews) / POINTS))
    length_s = _since(viewing, viewing.until)
    out = []
    for u in crews:
        spans = [(_since(viewing, on), _maybe(viewing, off)) for on, off in duty.get(u.id, ())]
        made = steps.of_unit(spans, states.get(str(u.id), ()), tasks.get(u.id, ()), until=length_s)
        out.append({"id": u.id, "zh": u.zh, "en": u.en, "code": u.code, "letter": u.letter, "service": u.service,
                    "lon": u.lon, "lat": u.lat, "steps": made, "track": _track(viewing, u.id, step_s)})
    return out


def _track(viewing: Viewing, unit: UUID, step_s: float) -> list[tuple[float, float, float, bool]]:
    """Thinned to a position in `step_s`; that one could not be true is never left out."""
    out: list[tuple[float, float, float, bool]] = []
    for p in tracks_of(settings.CONFIG, str(unit), viewing.start - LAST_SEEN, viewing.until):
        at = _since(viewing, p.at)
        if not out or at - out[-1][0] >= step_s or p.jump != out[-1][3]:
            out.append((at, round(p.lon, 5), round(p.lat, 5), p.jump))
    return out


def _calls(viewing: Viewing, found: list[Any], told: list[log.Fact], open_to: bool) -> list[dict[str, Any]]:
    own: dict[str, list[log.Fact]] = defaultdict(list)
    for e in told:
        if e.subject_kind == "call":
            own[e.subject].append(e)
    later = log.between(viewing.start, None, subject_kinds=("call",), areas=(viewing.area,), kinds=LEVELS)
    changes: dict[str, list[tuple[float, int, int]]] = defaultdict(list)
    for e in later:
        if change := _level(e):
            changes[e.subject].append((_since(viewing, e.at), *change))
    out = []
    for c in found:
        key, digits = str(c.id), 6 if open_to else 3
        made = steps.of_call(_since(viewing, c.received_at), _maybe(viewing, c.first_assigned_at),
                             [(_since(viewing, e.at), e.kind) for e in own[key]])
        ups = steps.levels(c.severity, changes.get(key, ()))
        out.append({"id": c.id, "number": c.number, "type_zh": c.type.zh, "type_en": c.type.en, "drill": c.drill,
                    "place": c.place if open_to else "", "lon": round(c.lon, digits), "lat": round(c.lat, digits),
                    "steps": made, "levels": [(max(at, -1e9), level) for at, level in ups]})
    return out


def _level(e: log.Fact) -> tuple[int, int] | None:
    """The severity before and after an event, None if it left it."""
    if e.kind == "call.upgraded":
        return int(e.payload["old"]), int(e.payload["new"])
    found = e.payload.get("severity")
    return (int(found[0]), int(found[1])) if isinstance(found, list) else None


def _events(viewing: Viewing, told: list[log.Fact]) -> list[dict[str, Any]]:
    """What was done, in words. Of units alone their calls for help: their breaks are nobody's matter afterwards."""
    said = calls.sentences([e for e in told if e.subject_kind == "call" and e.kind not in UNTOLD])
    about = {kind: names(kind, [e.subject for e in told if e.subject_kind == kind])
             for kind in ("call", "unit", "closure")}
    out = []
    for e in told:
        if e.kind in UNTOLD or (e.subject_kind == "unit" and not e.kind.startswith("unit.panic")):
            continue
        out.append({"at": _since(viewing, e.at), "kind": e.kind, "about": about[e.subject_kind].get(e.subject, ""),
                    "text": said.get(e.id) or kinds.label(e.kind),
                    "call": e.subject if e.subject_kind == "call" else None,
                    "unit": e.subject if e.subject_kind == "unit" else None})
    return out
