"""The streets in use, where free units stand on them, and the outlook they give for the calls to come."""
from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import numpy as np
from django.db import DatabaseError
from django.utils import timezone

from shouwang.desk.patrol.facts import demand_for
from shouwang.desk.places import facts as places
from shouwang.desk.units.facts import UnitFact, standing
from shouwang.desk.units.facts import units as unit_facts
from shouwang.desk.workflow.defaults import table
from shouwang.desk.workflow.settings import get_many
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.respond.outlook import Demand, Outlook, Rules
from shouwang.engine.terms import FloatArray, IntArray

from .. import facts
from ..models import Call

SLOW_M_S = {"foot": 1.4, "bike": 4.0}  # crews that do not drive
OUTLOOK_KEPT_S, DEMAND_KEPT_S = 15.0, 60.0
MOVED_M = 200.0  # a unit that has moved less is looked at from where it was
PLACES_KEPT = 500
RENEWED = 1  # of the units that have moved more, how many are looked at anew within a second; the others wait


@dataclass(frozen=True)
class Fleet:
    """Units with where each is now, one entry per unit: degrees, and on the streets."""

    units: tuple[UnitFact, ...]
    lon: tuple[float, ...]
    lat: tuple[float, ...]
    spots: Spots
    delay_s: FloatArray
    age_s: tuple[float | None, ...]

    def numbers(self, service: str) -> list[int]:
        return [i for i, u in enumerate(self.units) if u.service == service]


class Roads:
    """The kernel on the streets in use, with outlooks and expected calls worked out a moment ago."""

    def __init__(self, streets: Streets) -> None:
        self.streets = streets
        self.travel = Travel(streets)
        self._outlooks: dict[Any, tuple[datetime, Outlook]] = {}
        self._demand: dict[str, tuple[datetime, Demand]] = {}
        self._places: dict[tuple[float, float], FloatArray] = {}
        self._renewing: datetime | None = None
        self._renewed = 0
        # By unit: where it was, seconds to every node, and the kernel they were found with.
        self._times: dict[UUID, tuple[float, float, FloatArray, Travel]] = {}
        self._paced: FloatArray | None = None

    def drive(self, times_s: FloatArray | None) -> None:
        """Takes other times of edges, None for the streets' own. What was found with the times before is found anew
        bit by bit: hours differ little, and all at once would be too long to wait for."""
        if times_s is not self._paced:
            self._paced = times_s
            self.travel = self.travel.under(self.streets.time_s if times_s is None else times_s)
            self._places.clear()

    def demand(self, now: datetime, service: str) -> Demand:
        """The calls for a service expected in this hour. While there is no forecast: one an hour, at every node
        alike."""
        kept = self._demand.get(service)
        if kept is None or abs((now - kept[0]).total_seconds()) > DEMAND_KEPT_S:
            ids, expected = demand_for(now, service)
            node = self.streets.index_of(ids)
            node, calls = node[node >= 0], np.asarray(expected, float)[node >= 0]
            if not calls.sum() > 0:
                node = np.arange(self.streets.node_count)
                calls = np.full(node.size, 1.0 / node.size)
            kept = self._demand[service] = (now, Demand(node, calls))
        return kept[1]

    def outlook(self, crew: Fleet, service: str, how: Counting) -> Outlook | None:
        """What the units of a service give together for its calls; None of none. Worked out again when one of them is
        sent or comes free, and else every few seconds: it moves slowly."""
        which, now, rules = crew.numbers(service), how.now, how.rules(service)
        if not which:
            return None
        key = (service, rules, *(crew.units[i].id for i in which))
        kept = self._outlooks.get(key)
        if kept is None or abs((now - kept[0]).total_seconds()) > OUTLOOK_KEPT_S:
            if len(self._outlooks) > 64:
                self._outlooks.clear()
            demand = self.demand(now, service)
            times = np.stack([row[demand.node] for row in self.seconds_of(crew, which, now)])
            free = np.ones(len(which), bool)
            kept = self._outlooks[key] = (now, Outlook.measure(times, free, demand, rules))
        return kept[1]

    def seconds_of(self, crew: Fleet, which: Sequence[int], now: datetime) -> list[FloatArray]:
        """Per unit the seconds to every node. Few rows are made anew in one question: a search each would be too
        long to wait for while many drive."""
        x_m, y_m = self.streets.to_xy([crew.lon[i] for i in which], [crew.lat[i] for i in which])
        rows = []
        if self._renewing is None or abs((now - self._renewing).total_seconds()) >= 1:
            self._renewing, self._renewed = now, 0
        for n, i in enumerate(which):
            unit = crew.units[i].id
            kept = self._times.get(unit)
            moved = kept is not None and (
                kept[3] is not self.travel or np.hypot(kept[0] - x_m[n], kept[1] - y_m[n]) > MOVED_M)
            if kept is None or (moved and self._renewed < RENEWED):
                self._renewed += kept is not None
                row = self.travel.from_one(crew.spots[[i]])
                kept = self._times[unit] = (float(x_m[n]), float(y_m[n]), row, self.travel)
            rows.append(kept[2])
        return rows

    def seconds_from(self, lon: float, lat: float) -> FloatArray:
        """Seconds from a place that stays, such as a post, to every node."""
        kept = self._places.get((lon, lat))
        if kept is None:
            if len(self._places) > PLACES_KEPT:
                self._places.clear()
            kept = self._places[lon, lat] = self.travel.from_one(self.streets.snap(lon, lat))
        return kept

    def nodes(self, lon: Sequence[float], lat: Sequence[float]) -> IntArray:
        """The node at or beside each of these places."""
        spots = self.streets.snap(lon, lat)
        return np.where(spots.node >= 0, spots.node, self.streets.tail[spots.edge])


_lock = threading.Lock()
_kept: list[Roads] = []


def roads(now: datetime) -> Roads:
    """The streets as they are driven in this hour. Raises NoAnswer while no street network is taken in."""
    streets, times_s = places.streets(), places.times_at(now)
    with _lock:
        if not _kept or _kept[0].streets is not streets:
            _kept[:] = [Roads(streets)]
        _kept[0].drive(times_s)
        return _kept[0]


RULES = ("cover_within_s", *facts.BUSY)


@dataclass(frozen=True)
class Counting:
    """How the calls to come are counted: the promised time, and how likely units of each service are busy now."""

    within_s: float
    shares: facts.BusyShares
    now: datetime

    def busy(self, service: str) -> facts.Busy:
        return self.shares.at(service, self.now)

    def rules(self, service: str) -> Rules:
        return Rules(self.within_s, self.busy(service).share, max(1800.0, self.within_s))


def counting(now: datetime, chosen: Mapping[str, Any] | None = None) -> Counting:
    """By what was measured and the settings of the centre (`chosen`: they are read already)."""
    chosen = chosen or get_many(*RULES)
    return Counting(float(chosen["cover_within_s"]), facts.busy_shares(chosen), now)


def fleet(on: Roads, units: Iterable[UnitFact], now: datetime) -> Fleet:
    """Where units are: their newest position, else their post."""
    units = tuple(units)
    at = standing(units, now)
    lon, lat = tuple(p.lon for p in at), tuple(p.lat for p in at)
    spots = on.streets.snap(lon, lat) if units else Spots.at_nodes([])
    return Fleet(units, lon, lat, spots, np.array([float(u.turnout_s) for u in units]), tuple(p.age_s for p in at))


def on_foot_too(unit: UnitFact, seconds: float, metres: float) -> float:
    """Seconds by road for this kind of crew: those who walk or cycle take longer."""
    speed = SLOW_M_S.get(_travel_mode().get(unit.kind, ""))
    return max(seconds, unit.turnout_s + metres / speed) if speed else seconds


@cache
def _travel_mode() -> dict[str, str]:
    return {r["code"]: r["travel_mode"] for r in table("unit_kinds")}


def ways(
    call: Call, unit_ids: Sequence[UUID], *, areas: tuple[str, ...], now: datetime
) -> dict[UUID, list[list[float]]]:
    """The way by road of each of these free units to the call, as [lon, lat] points; those without one are left out."""
    try:
        on = roads(now)
    except NoAnswer:
        return {}
    crew = fleet(on, [u for u in unit_facts(areas=areas, ids=unit_ids) if u.free], now)
    goal, found = on.streets.snap(call.lon, call.lat), {}
    for n, unit in enumerate(crew.units):
        route = on.travel.route(crew.spots[np.array([n])], goal)
        if route is not None and len(route.nodes):
            lon, lat = on.streets.coordinates(route.nodes)
            way = np.stack([lon, lat], axis=1).round(6).tolist()
            found[unit.id] = [*way, [call.lon, call.lat]]
    return found


def warm() -> None:
    """Loads the streets and the compiled searches, so that the first call does not wait for them."""
    try:
        now = timezone.now()
        on = roads(now)
        spot = Spots.at_nodes([0])
        on.travel.k_nearest(spot, spot, 1)
        on.streets.snap(0.0, 0.0)
        crew = fleet(on, [u for u in unit_facts() if u.free], now)
        how = counting(now)
        for service in {u.service for u in crew.units}:
            on.outlook(crew, service, how)
        places.search_place("a")
    except (NoAnswer, DatabaseError):  # an empty centre, or one that is being prepared
        return
