"""The streets in use, where free units stand on them, and the outlook they give for the calls to come."""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import numpy as np
from django.db import DatabaseError
from django.utils import timezone

from shouwang.desk.closures import facts as closures
from shouwang.desk.patrol.facts import demand_for
from shouwang.desk.places import facts as places
from shouwang.desk.units.facts import UnitFact, standing
from shouwang.desk.units.facts import units as unit_facts
from shouwang.desk.workflow.defaults import table
from shouwang.desk.workflow.settings import get_many
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.closures import Difference, Passable
from shouwang.engine.geo.streets import Spots
from shouwang.engine.respond.outlook import Demand, Outlook, Rules
from shouwang.engine.terms import FloatArray, IntArray

from .. import facts
from ..models import Call

SLOW_M_S = {"foot": 1.4, "bike": 4.0}  # crews that do not drive
OUTLOOK_KEPT_S, DEMAND_KEPT_S = 15.0, 60.0
MOVED_M = 200.0  # a unit that has moved less is looked at from where it was
PLACES_KEPT = 500
M_PER_DEGREE = 111_195.0
RENEWED = 1  # of the units that have moved more, how many are looked at anew within a second; the others wait


@dataclass(frozen=True)
class Fleet:
    """Units with where each is now, one entry per unit: degrees, and on the streets. wait_s: until one on a shut
    stretch is out of it; delay_s: that and its turn-out."""

    units: tuple[UnitFact, ...]
    lon: tuple[float, ...]
    lat: tuple[float, ...]
    spots: Spots
    wait_s: FloatArray
    delay_s: FloatArray
    age_s: tuple[float | None, ...]
    jump: tuple[bool, ...]

    def numbers(self, service: str) -> list[int]:
        return [i for i, u in enumerate(self.units) if u.service == service]


Place = tuple[float, float]  # longitude, latitude


class Roads:
    """The kernel on the streets in use under the closures in force, with outlooks and expected calls worked out a
    moment ago.

    When a closure begins, ends or changes, arrivals at a call are exact at once. What is kept of units and posts is
    taken over from the roads before, and what no longer holds is worked out anew beside the questions, by `renew`.
    """

    def __init__(self, under: Passable, before: Roads | None = None) -> None:
        self.under, self.streets, self.travel = under, under.streets, under.travel
        self._outlooks: dict[Any, tuple[datetime, Outlook]] = {}
        self._demand: dict[str, tuple[datetime, Demand]] = dict(before._demand) if before else {}
        self._renewing: datetime | None = None
        self._renewed = 0
        # Seconds to every node: of posts by where they are, of units with where they were.
        self._places: dict[Place, FloatArray] = dict(before._places) if before else {}
        self._times: dict[UUID, tuple[Place, FloatArray]] = dict(before._times) if before else {}
        # The roads by which the rows taken over may have been worked out: more than one if changes come in a row.
        self._before: list[Passable] = [*before._before, before.under] if before else []

    def renew(self, given_up: Callable[[], bool] = lambda: False) -> int:
        """Works out anew what the roads before leave stale, until `given_up`. Returns how many searches that took."""
        what, made = [Difference.between(one.travel, self.travel) for one in self._before], 0
        for held, at, row in [*((unit, place, row) for unit, (place, row) in list(self._times.items())),
                              *((None, place, row) for place, row in list(self._places.items()))]:
            if given_up():
                return made
            raw = self.streets.snap(*at)
            let_in = any(roads.place(raw)[1][0] for roads in (*self._before, self.under))
            if not let_in and not any(one.touches(row, raw) for one in what):
                continue
            made += 1
            if held is None:
                self._places[at] = self._row(at)
            elif self._times[held][1] is row:  # it has not moved meanwhile
                self._times[held] = (at, self._row(at))
        if made:
            self._outlooks.clear()
        self._before = []
        return made

    def _row(self, at: Place) -> FloatArray:
        spot, wait_s = self.place([at[0]], [at[1]])
        return self.travel.from_one(spot) + float(wait_s[0])

    def place(self, lon: Sequence[float], lat: Sequence[float]) -> tuple[Spots, FloatArray]:
        """Places on the streets, and the seconds on foot of those that lie on a shut stretch."""
        return self.under.place(self.streets.snap(lon, lat))

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
        rows = []
        if self._renewing is None or abs((now - self._renewing).total_seconds()) >= 1:
            self._renewing, self._renewed = now, 0
        known = [self._times.get(crew.units[i].id) for i in which]
        here = [(crew.lon[i], crew.lat[i]) for i in which]
        then = [kept[0] if kept else at for kept, at in zip(known, here, strict=True)]
        moved = _apart_m(then, here) > MOVED_M
        for i, kept, far in zip(which, known, moved.tolist(), strict=True):
            if kept is None or (far and self._renewed < RENEWED):
                self._renewed += kept is not None
                row = self.travel.from_one(crew.spots[[i]]) + crew.wait_s[i]
                kept = self._times[crew.units[i].id] = ((crew.lon[i], crew.lat[i]), row)
            rows.append(kept[1])
        return rows

    def seconds_from(self, lon: float, lat: float) -> FloatArray:
        """Seconds from a place that stays, such as a post, to every node."""
        kept = self._places.get((lon, lat))
        if kept is None:
            if len(self._places) > PLACES_KEPT:
                self._places.clear()
            kept = self._places[lon, lat] = self._row((lon, lat))
        return kept

    def nodes(self, lon: Sequence[float], lat: Sequence[float]) -> IntArray:
        """The node at or beside each of these places."""
        spots = self.streets.snap(lon, lat)
        return np.where(spots.node >= 0, spots.node, self.streets.tail[spots.edge])


def _apart_m(one: Sequence[Place], other: Sequence[Place]) -> FloatArray:
    """Metres between places, pair by pair: near ones, so that the earth is flat between them."""
    a, b = np.array(one).reshape(-1, 2), np.array(other).reshape(-1, 2)
    east = (a[:, 0] - b[:, 0]) * np.cos(np.radians(b[:, 1]))
    return np.asarray(np.hypot(east, a[:, 1] - b[:, 1]) * M_PER_DEGREE)


_lock = threading.Lock()
_kept: list[Roads] = []


def roads(now: datetime) -> Roads:
    """The roads as they are driven in this hour under the closures in force. Raises NoAnswer while no street network is
    taken in."""
    under = _driven(closures.roads(now), places.times_at(now))
    with _lock:
        if not _kept or _kept[0].under is not under:
            before = _kept[0] if _kept and _kept[0].streets is under.streets else None
            _kept[:] = [Roads(under, before)]
            if before is not None:
                threading.Thread(target=_renew, args=(_kept[0],), name="roads", daemon=True).start()
        return _kept[0]


_paced: list[tuple[Passable, FloatArray, Passable]] = []


def _driven(under: Passable, times_s: FloatArray | None) -> Passable:
    """The roads at these times of edges, the same object while neither changes; None for the streets' own times."""
    if times_s is None:
        return under
    with _lock:
        if not _paced or _paced[0][0] is not under or _paced[0][1] is not times_s:
            _paced[:] = [(under, times_s, under.driven(times_s))]
        return _paced[0][2]


def _renew(on: Roads) -> None:
    """Searches run without the interpreter's lock, so that questions are hardly slowed."""
    on.renew(lambda: not _kept or _kept[0] is not on)


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
    spots, wait_s = on.place(lon, lat) if units else (Spots.at_nodes([]), np.zeros(0))
    delay_s = np.array([float(u.turnout_s) for u in units]) + wait_s
    return Fleet(units, lon, lat, spots, wait_s, delay_s, tuple(p.age_s for p in at), tuple(p.jump for p in at))


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
    goal, found = on.place([call.lon], [call.lat])[0], {}
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
