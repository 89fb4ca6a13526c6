"""What every answer stands on: the streets, where free units are, and what places are called."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import DatabaseError
from django.utils.translation import gettext as _

from shouwang.desk.closures import facts as closures
from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.places import facts as places
from shouwang.desk.units.facts import UnitFact, standing, units
from shouwang.desk.workflow.defaults import table
from shouwang.engine.cordon.chase import chase, junctions
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.closures import Passable
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import FloatArray, IntArray

from ..terms import Crew, Place

ASKED = ("police", "traffic")  # services that are asked unless told otherwise
OFFERED = (*ASKED, "guard")
SKILLS = {"cordon", "checkpoint"}
DRIVING = {"car", "motorcycle", "truck"}
FARTHEST_OFF_M = 1000.0
Named = Callable[[float, float], tuple[str, str]]  # the crossing nearest to a point, in Chinese and English


@dataclass(frozen=True)
class Crews:
    """Free units that drive, and where those that may go stand on the streets."""

    all: tuple[Crew, ...]
    going: tuple[UnitFact, ...]
    spots: Spots
    turnout_s: FloatArray


_lock = threading.Lock()
_kept: list[Travel] = []


def roads_now(now: datetime) -> Passable:
    """The streets in use under the closures in force. Raises Conflict while there are none."""
    try:
        return closures.roads(now)
    except NoAnswer:
        raise Conflict(_("No streets are loaded: an administrator has to import them."), code="streets") from None


def open_to(under: Passable, seen: Spots) -> Travel:
    """The streets as they are open to a vehicle: closures hold for it too, save those it was seen inside of."""
    streets, edge, node = under.streets, int(seen.edge[0]), int(seen.node[0])
    if node >= 0:
        here = np.flatnonzero((streets.tail == node) | (streets.head == node))
    else:
        here = np.array([edge, streets.opposite[edge]])
    others = [one for one in under.closures if not np.isin(here, one.edges).any()]
    return under.travel if len(others) == len(under.closures) else under.under(others).travel


def roads() -> Travel:
    """The kernel on the streets in use, all open: for what is to stay. Raises Conflict while there are none."""
    try:
        streets = places.streets()
    except NoAnswer:
        raise Conflict(_("No streets are loaded: an administrator has to import them."), code="streets") from None
    with _lock:
        if not _kept or _kept[0].streets is not streets:
            _kept[:] = [Travel(streets)]
        return _kept[0]


def warm() -> None:
    """Loads the compiled searches, so that the first ring does not wait for them."""
    try:
        travel = roads()
        spot, nodes = Spots.at_nodes([0]), travel.streets.node_count
        chase(travel, spot, np.ones(nodes, bool), spot, delay_s=0.0).reach(np.full(nodes, np.inf))
    except (Conflict, DatabaseError):  # an empty centre, or one that is being prepared
        return


def crews_of(under: Passable, areas: tuple[str, ...], now: datetime, chosen: Collection[UUID] | None) -> Crews:
    """Free units that drive: those chosen may go, without a choice every police and traffic crew. A chosen unit that is
    no longer free is left out. One on a shut stretch is out of it a little later."""
    modes = {r["code"]: r["travel_mode"] for r in table("unit_kinds")}
    free = [u for u in units(areas=areas) if u.free and u.service in OFFERED and modes.get(u.kind) in DRIVING]
    crews, going, at = [], [], []
    for unit, here in zip(free, standing(free, now), strict=True):
        able = bool(SKILLS & set(unit.capabilities))
        used = unit.service in ASKED if chosen is None else unit.id in chosen
        crews.append(Crew(unit.id, unit.code, unit.zh, unit.en, unit.letter, unit.service, here.lon, here.lat,
                          here.age_s, able, used))  # fmt: skip
        if used:
            going.append(unit)
            at.append(here)
    raw = under.streets.snap([p.lon for p in at], [p.lat for p in at]) if at else Spots.at_nodes([])
    spots, wait_s = under.place(raw)
    return Crews(tuple(crews), tuple(going), spots, np.array([float(u.turnout_s) for u in going]) + wait_s)


def place_of(streets: Streets, node: int, named: Named | None = None) -> Place:
    """A junction by the crossing there. `named`: tells crossings, asked for once for many junctions."""
    lon, lat = (round(float(v[0]), 6) for v in streets.coordinates(np.array([node])))
    zh, en = (named or places.nearest_crossing)(lon, lat)
    bare = f"{lat:.5f}, {lon:.5f}"
    return Place(lon, lat, zh or bare, en or bare)


def spot_of(streets: Streets, lon: float, lat: float) -> Spots:
    """The place on the streets nearest to a point. Raises Refused where no street is near."""
    spot = streets.snap([lon], [lat])
    if spot.off_m[0] > FARTHEST_OFF_M:
        raise Refused(_("No street lies within 1 km of this point."), field="lon", code="far")
    return spot


def near_a_street(lon: float, lat: float) -> bool:
    """Whether a street lies near a point; anything is near while no streets are loaded."""
    try:
        return bool(places.streets().snap([lon], [lat]).off_m[0] <= FARTHEST_OFF_M)
    except NoAnswer:
        return True


def exit_nodes(streets: Streets, exits: Sequence[Place]) -> tuple[IntArray, list[Place]]:
    """The junctions of exits, each once, with the first exit there. Those far from every street are passed over."""
    if not exits:
        return np.zeros(0, np.int64), []
    spots = streets.snap([e.lon for e in exits], [e.lat for e in exits])
    nodes = junctions(streets, spots)
    first: dict[int, Place] = {}
    for node, off_m, place in zip(nodes.tolist(), spots.off_m.tolist(), exits, strict=True):
        if off_m <= FARTHEST_OFF_M:
            first.setdefault(node, place)
    return np.array(list(first), np.int64), list(first.values())
