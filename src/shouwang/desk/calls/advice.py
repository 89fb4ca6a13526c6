"""Which units for this call, and what it costs; which calls may be the same. The room's only door to the engine."""
from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwang.desk.patrol.facts import demand_for
from shouwang.desk.places import facts as places
from shouwang.desk.units.facts import UnitFact, standing
from shouwang.desk.units.facts import units as unit_facts
from shouwang.desk.workflow.defaults import table
from shouwang.desk.workflow.models import Timer
from shouwang.desk.workflow.moves import limit_s
from shouwang.desk.workflow.settings import get_many
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.distance import haversine_m
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.respond.cover import Cover
from shouwang.engine.respond.recommend import Units
from shouwang.engine.respond.recommend import recommend as by_road
from shouwang.engine.terms import FloatArray, IntArray

from . import facts
from .choosing import Candidate, choose
from .likeness import Likeness, Window, compare
from .models import Call
from .needs import SKILL, Need, needs
from .terms import SERVICES, Stand

FIRST_SHOWN = 2  # units of other services shown beside a service's own, when they would be there first
SLOW_M_S = {"foot": 1.4, "bike": 4.0}  # crews that do not drive
COVER_TOLD = ("police", "fire")  # whose promise to be there in time the board watches
COVER_KEPT_S, DEMAND_KEPT_S = 15.0, 60.0
NEAR_M, NEAR = 600.0, timedelta(minutes=30)  # recent calls shown beside likely duplicates
_M_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Fleet:
    """Free units with where each stands on the streets, one entry per unit."""

    units: tuple[UnitFact, ...]
    spots: Spots
    delay_s: FloatArray
    age_s: tuple[float | None, ...]


@dataclass(frozen=True)
class ForService:
    """The candidates for one service, best first. `note` says why there is none."""

    service: str
    wanted: int
    candidates: tuple[Candidate, ...]
    cover: float | None  # share of expected calls that the service's free units reach in time now
    note: str = ""


@dataclass(frozen=True)
class Advice:
    services: tuple[ForService, ...]
    units: dict[UUID, UnitFact]
    eta_s: dict[UUID, float]  # of every free unit that can get there
    within_s: float
    problem: str = ""


@dataclass(frozen=True)
class Promised:
    """The units recommended for a call, and the seconds each needs by road."""

    recommended: frozenset[UUID]
    eta_s: dict[UUID, float]


class _Roads:
    """The kernel on the streets in use, with cover figures and expected calls worked out a moment ago."""

    def __init__(self, streets: Streets) -> None:
        self.streets = streets
        self.travel = Travel(streets)
        self.covers: dict[Any, tuple[datetime, Cover]] = {}
        self._demand: tuple[datetime, IntArray, FloatArray] | None = None

    def demand(self, now: datetime) -> tuple[IntArray, FloatArray]:
        """Nodes and the calls expected at each in this hour; one at every node while there is no forecast."""
        if self._demand is None or abs((now - self._demand[0]).total_seconds()) > DEMAND_KEPT_S:
            ids, expected = demand_for(now)
            node = self.streets.index_of(ids)
            node, weight = node[node >= 0], np.asarray(expected, float)[node >= 0]
            if not weight.sum() > 0:
                node = np.arange(self.streets.node_count)
                weight = np.ones(node.size)
            self._demand = (now, node, weight)
        return self._demand[1:]

    def cover(self, key: Any, crew: Fleet, which: IntArray, within_s: float, now: datetime) -> Cover:
        """The cover that these units give. Worked out again when one of them is sent or comes free, and else every few
        seconds: cover moves slowly."""
        kept = self.covers.get(key)
        if kept is None or abs((now - kept[0]).total_seconds()) > COVER_KEPT_S:
            if len(self.covers) > 64:
                self.covers.clear()
            kept = self.covers[key] = (now, Cover.measure(
                self.travel, crew.spots[which], np.ones(which.size, bool), *self.demand(now), within_s))
        return kept[1]


_lock = threading.Lock()
_kept: list[_Roads] = []


def _roads() -> _Roads:
    """Raises NoAnswer while no street network is taken in."""
    streets = places.streets()
    with _lock:
        if not _kept or _kept[0].streets is not streets:
            _kept[:] = [_Roads(streets)]
        return _kept[0]


def warm() -> None:
    """Loads the streets and the compiled searches, so that the first call does not wait for them."""
    try:
        roads, now = _roads(), timezone.now()
        spot = Spots.at_nodes([0])
        roads.travel.k_nearest(spot, spot, 1)
        roads.travel.two_nearest(spot, limit_s=1.0)
        roads.streets.snap(0.0, 0.0)
        roads.demand(now)
        places.search_place("a")
    except (NoAnswer, DatabaseError):  # an empty centre, or one that is being prepared
        return


def fleet(roads: _Roads, units: Sequence[UnitFact], now: datetime) -> Fleet:
    """Where free units are: their newest position, else their post."""
    free = tuple(u for u in units if u.free)
    at = standing(free, now)
    spots = roads.streets.snap([p.lon for p in at], [p.lat for p in at]) if free else Spots.at_nodes([])
    return Fleet(free, spots, np.array([float(u.turnout_s) for u in free]), tuple(p.age_s for p in at))


def recommend(*, lon: float, lat: float, type: str, service: str, severity: int, services: Sequence[str],
              areas: tuple[str, ...], now: datetime) -> Advice:
    """Units for a call, service by service: by time on the road, with the price in cover of each."""
    chosen = get_many("recommend_count", "cover_within_s")
    within = float(chosen["cover_within_s"])
    try:
        roads = _roads()
    except NoAnswer:
        return Advice((), {}, {}, within, _("No streets are loaded: an administrator has to import them."))
    crew = fleet(roads, unit_facts(areas=areas), now)
    place, ready = roads.streets.snap(lon, lat), Units.at(crew.spots, delay_s=crew.delay_s)
    found = by_road(roads.travel, place, ready, len(crew.units)).recommendations  # all: whoever is asked for has a time
    times = {r.unit: (_by_foot(crew.units[r.unit], r.eta_s, r.distance_m), r.distance_m) for r in found}
    out = tuple(_for_service(roads, crew, times, need, severity, within, int(chosen["recommend_count"]), now)
                for need in needs(type, service, tuple(services)))
    return Advice(out, {u.id: u for u in crew.units}, {crew.units[i].id: s for i, (s, _m) in times.items()}, within)


@dataclass(frozen=True)
class Covered:
    """Share (0 … 1) of the calls expected in this hour that a service's free units reach in time."""

    service: str
    share: float


def cover_now(*, areas: tuple[str, ...], now: datetime) -> tuple[list[Covered], float]:
    """The cover that each emergency service with units gives now, and the seconds allowed. Empty without streets."""
    within = float(get_many("cover_within_s")["cover_within_s"])
    units = unit_facts(areas=areas)
    try:
        roads, crew = _roads(), fleet(_roads(), units, now)
    except NoAnswer:
        return [], within
    found = []
    for service in (s for s in COVER_TOLD if any(u.service == s for u in units)):
        same = [i for i, u in enumerate(crew.units) if u.service == service]
        cover = _cover(roads, crew, same, within, now)
        found.append(Covered(service, cover.share if cover else 0.0))
    return found, within


def _cover(roads: _Roads, crew: Fleet, same: Sequence[int], within: float, now: datetime) -> Cover | None:
    """What these units (numbers in the fleet) cover together; None of none."""
    key = (within, *(crew.units[i].id for i in same))
    return roads.cover(key, crew, np.array(same), within, now) if same else None


def _by_foot(unit: UnitFact, seconds: float, metres: float) -> float:
    speed = SLOW_M_S.get(_travel_mode().get(unit.kind, ""))
    return max(seconds, unit.turnout_s + metres / speed) if speed else seconds


def _travel_mode() -> dict[str, str]:
    return {r["code"]: r["travel_mode"] for r in table("unit_kinds")}


def _for_service(roads: _Roads, crew: Fleet, times: dict[int, tuple[float, float]], need: Need, severity: int,
                 within: float, limit: int, now: datetime) -> ForService:
    own = [i for i, u in enumerate(crew.units) if u.service == need.service
           and (not need.skills or set(need.skills) & set(u.capabilities))]
    same = [i for i, u in enumerate(crew.units) if u.service == need.service]
    cover = _cover(roads, crew, same, within, now)
    price = dict(zip(same, cover.lost.tolist(), strict=True)) if cover else {}
    stale_s = limit_s("t_position_stale") or 120.0

    def candidate(i: int, mine: bool) -> Candidate:
        unit, age = crew.units[i], crew.age_s[i]
        return Candidate(unit.id, *times[i], own=mine, on_break=unit.state == "on_break",
                         stale=age is not None and age > stale_s, position_age_s=age, cover_lost=price.get(i, 0.0))

    found = [candidate(i, True) for i in own if i in times]
    soonest = min((c.eta_s for c in found), default=float("inf"))
    first = [candidate(i, False) for i, u in enumerate(crew.units)
             if i in times and i not in own and SKILL.get(need.service, "") in u.capabilities and times[i][0] < soonest]
    first = sorted(first, key=lambda c: c.eta_s)[:FIRST_SHOWN]
    shown = choose([*found, *first], wanted=need.count, severity=severity, limit=limit)
    return ForService(
        need.service, need.count, tuple(shown), cover.share if cover else None, "" if shown else _nobody(need.service)
    )


def _nobody(service: str) -> str:
    if service == "medical":
        return _("Pass it on to the ambulance service (120).")
    return _("%(service)s: no unit is free.") % {"service": SERVICES[service]}


def for_call(call: Call, *, areas: tuple[str, ...], now: datetime) -> Advice:
    return recommend(lon=call.lon, lat=call.lat, type=call.type_id, service=call.type.service, severity=call.severity,
                     services=call.services, areas=areas, now=now)


def ways(
    call: Call, unit_ids: Sequence[UUID], *, areas: tuple[str, ...], now: datetime
) -> dict[UUID, list[list[float]]]:
    """The way by road of each of these free units to the call, as [lon, lat] points; those without one are left out."""
    try:
        roads = _roads()
    except NoAnswer:
        return {}
    crew = fleet(roads, [u for u in unit_facts(areas=areas, ids=unit_ids) if u.free], now)
    goal, found = roads.streets.snap(call.lon, call.lat), {}
    for n, unit in enumerate(crew.units):
        route = roads.travel.route(crew.spots[np.array([n])], goal)
        if route is not None and len(route.nodes):
            lon, lat = roads.streets.coordinates(route.nodes)
            way = np.stack([lon, lat], axis=1).round(6).tolist()
            found[unit.id] = [*way, [call.lon, call.lat]]
    return found


def promised(
    call_id: UUID | str, units: Sequence[UUID], *, now: datetime, stands: Mapping[UUID, Stand] | None = None
) -> Promised | None:
    """What the advice says of these units for a call now; None when it can say nothing (no streets, no such call). A
    unit of a cordon is as good as recommended, and its time is that to where it stands."""
    call = Call.objects.select_related("type").filter(id=call_id).first()
    advice = for_call(call, areas=("",), now=now) if call else None
    if advice is None or advice.problem:
        return None
    named = {c.unit for s in advice.services for c in s.candidates}
    eta_s = {u: advice.eta_s[u] for u in units if u in advice.eta_s} | _to_stands(stands or {}, now)
    return Promised(frozenset(named) | frozenset(stands or {}), eta_s)


def _to_stands(stands: Mapping[UUID, Stand], now: datetime) -> dict[UUID, float]:
    """Seconds until each free unit of a cordon is where it is to stand; those without a way are left out."""
    roads, eta_s = _roads(), {}
    crew = fleet(roads, unit_facts(ids=stands), now)
    for n, unit in enumerate(crew.units):
        place = roads.streets.snap(stands[unit.id].lon, stands[unit.id].lat)
        seconds = roads.travel.matrix(crew.spots[[n]], place)[0, 0]
        if np.isfinite(seconds):
            eta_s[unit.id] = float(seconds) + unit.turnout_s
    return eta_s


def reason(c: Candidate, nearest: Candidate | None) -> str:
    """Why this unit, in the reader's language."""
    saved = (nearest.cover_lost - c.cover_lost if nearest else 0.0) * 100
    words = {
        "nearest": _("Nearest by road"), "soon": _("Soon there"), "first_response": _("First response"),
        "on_break": _("On a break, can be called back"),
        "saves_cover": _("Keeps %(n)s points more cover than the nearest") % {"n": f"{saved:.1f}"},
        "costs_cover": _("Costs %(n)s points of cover") % {"n": f"{c.cover_lost * 100:.1f}"},
        "stale": _("Position %(n)s min old") % {"n": int((c.position_age_s or 0) // 60)},
    }
    return (", " if not (get_language() or "").startswith("zh") else "，").join(words[w] for w in c.why)


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


def plain(advice: Advice) -> dict[str, Any]:
    """The advice as plain values, reasons in the reader's language."""
    return {"within_s": advice.within_s, "problem": advice.problem, "services": [
        {"service": s.service, "wanted": s.wanted, "cover": s.cover, "note": s.note,
         "candidates": [_plain(c, advice.units[c.unit], s) for c in s.candidates]} for s in advice.services]}


def _plain(c: Candidate, unit: UnitFact, among: ForService) -> dict[str, Any]:
    nearest = next((o for o in among.candidates if o.nearest), None)
    return {
        "unit": str(c.unit),
        "code": unit.code,
        "zh": unit.zh,
        "en": unit.en,
        "letter": unit.letter,
        "service": unit.service,
        "state": unit.state,
        "eta_s": round(c.eta_s, 1),
        "distance_m": round(c.distance_m, 1),
        "own": c.own,
        "nearest": c.nearest,
        "recommended": c.recommended,
        "cover_lost": round(c.cover_lost, 5),
        "position_age_s": c.position_age_s,
        "stale": c.stale,
        "why": list(c.why),
        "reason": reason(c, nearest),
    }


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
