"""Which units stand where so that a vehicle cannot get out, or so that every exit is closed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Refused
from shouwang.desk.workflow.settings import get as setting
from shouwang.engine.cordon.blockade import blockade as close_exits
from shouwang.engine.cordon.chase import Chase, Reach, beyond, chase
from shouwang.engine.cordon.contain import Containment
from shouwang.engine.cordon.contain import contain as shut_in
from shouwang.engine.errors import BadInput, NoAnswer
from shouwang.engine.geo.streets import Spots, Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.solve.stop import TimeLimit
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

from .. import facts
from ..terms import Blockade, Escape, Needed, Place, Post, Question, Reachable, Ring, Way
from .ground import Crews, crews_of, exit_nodes, open_to, place_of, roads, roads_now, spot_of

SHOWN_S = 420.0  # how far ahead of the units' start the growing area is told


def contain(question: Question, *, areas: tuple[str, ...], now: datetime) -> Ring:
    """Shuts a vehicle in, or says what beats the units. The units are taken to start a little later than now, so that
    there is time to read and send (a setting). Raises Refused where the question cannot be answered."""
    began, under = time.monotonic(), roads_now(now)
    travel, streets, crews = under.travel, under.streets, crews_of(under, areas, now, question.units)
    starts_at = now + timedelta(seconds=setting("cordon_reserve_s"))
    seen = spot_of(streets, question.lon, question.lat)
    exits = facts.exits(areas) if question.out == "exits" else []
    nodes, named = exit_nodes(streets, exits)
    asked = chase(
        travel, crews.spots, _ways_out(streets, seen, question, nodes), seen,
        delay_s=max(0.0, (starts_at - question.seen_at).total_seconds()), speed_factor=question.speed,
        turnout_s=crews.turnout_s, vehicle=open_to(under, seen),
    )  # fmt: skip
    found = shut_in(asked, goal=question.goal, stop=TimeLimit(question.limit_s))
    reach, proof = asked.against(found.node, found.unit), found.certificate
    at_exit = dict(zip(nodes.tolist(), named, strict=True))
    return Ring(
        goal=question.goal, contained=found.contained,
        proven=found.bound == np.inf if proof is None else proof.status == "optimal",
        bound=int(found.bound) if np.isfinite(found.bound) else None, inside=int(found.inside.size),
        seen_at=question.seen_at, starts_at=starts_at,
        posts=_posts(travel, crews, found.node, found.unit, found.arrive_s, question.seen_at, at_exit,
                     before_s=found.needed_before_s.tolist()),
        escape=_escape(travel, question, found, reach, at_exit),
        needed=_needed(streets, question.seen_at, found),
        reachable=_reachable(streets, asked, reach, question), crews=crews.all, exits=named,
        closures=len(under.closures), seconds=round(time.monotonic() - began, 3),
    )  # fmt: skip


def blockade(*, units: frozenset[UUID] | None, areas: tuple[str, ...], now: datetime) -> Blockade:
    """Closes every named exit by a unit of its own: least latest arrival, then least total, both exact."""
    began, under = time.monotonic(), roads_now(now)
    travel, crews = under.travel, crews_of(under, areas, now, units)
    starts_at = now + timedelta(seconds=setting("cordon_reserve_s"))
    nodes, named = exit_nodes(travel.streets, facts.exits(areas))
    if problem := _hindrance(travel, crews, nodes, named):
        return Blockade(starts_at, [], None, None, None, crews.all, named, len(under.closures), problem)
    found = close_exits(travel, crews.spots, nodes, turnout_s=crews.turnout_s)
    at_exit = dict(zip(nodes.tolist(), named, strict=True))
    posts = _posts(travel, crews, nodes, found.unit, found.arrive_s, starts_at, at_exit)
    latest_at = starts_at + timedelta(seconds=found.latest_s)
    seconds = round(time.monotonic() - began, 3)
    return Blockade(starts_at, posts, latest_at, found.latest_s, found.total_s, crews.all, named, len(under.closures),
                    seconds=seconds)  # fmt: skip


def _hindrance(travel: Travel, crews: Crews, nodes: IntArray, named: Sequence[Place]) -> str:
    """Why the exits cannot all be closed, in the reader's language; "" if they can."""
    if not nodes.size:
        return _no_exits()
    if len(crews.going) < nodes.size:
        return _("There are %(exits)s exits and %(units)s units for them: each exit needs one of its own.") % {
            "exits": nodes.size, "units": len(crews.going)}  # fmt: skip
    reached = np.isfinite(travel.matrix(crews.spots, Spots.at_nodes(nodes)))
    cut_off = [named[i] for i in np.flatnonzero(~reached.any(axis=0)).tolist()]
    if cut_off:
        return _("No unit can reach: %(exits)s.") % {"exits": ", ".join(f"{e.zh} {e.en}" for e in cut_off[:5])}
    try:
        close_exits(travel, crews.spots, nodes, turnout_s=crews.turnout_s)
    except NoAnswer:
        return _("Too few units can reach some of the exits.")
    return ""


def _no_exits() -> str:
    return _("No exits are named yet. Name some, or choose a radius.")


def _ways_out(streets: Streets, seen: Spots, question: Question, nodes: IntArray) -> BoolArray:
    if question.out == "exits":
        if not nodes.size:
            raise Refused(_no_exits(), field="out", code="exits")
        return np.isin(np.arange(streets.node_count), nodes)
    try:
        return beyond(streets, seen, question.radius_m)
    except BadInput:
        why = _("No junction lies beyond this radius. Make it smaller.")
        raise Refused(why, field="radius_m", code="radius") from None


def _posts(travel: Travel, crews: Crews, nodes: IntArray, units: IntArray, arrive_s: FloatArray, since: datetime,
           exits: dict[int, Place], *, before_s: Sequence[float] = ()) -> list[Post]:  # fmt: skip
    """Who stands where; seconds count from `since`. At an exit the place has the exit's name."""
    posts = []
    for i, (node, unit) in enumerate(zip(nodes.tolist(), units.tolist(), strict=True)):
        late = before_s[i] if before_s else np.inf
        posts.append(Post(
            unit=crews.going[unit].id, place=exits.get(node) or place_of(travel.streets, node),
            arrive_at=since + timedelta(seconds=float(arrive_s[i])),
            before=since + timedelta(seconds=late) if np.isfinite(late) else None,
            way=_way(travel, crews.spots[[unit]], Spots.at_nodes([node])),
        ))  # fmt: skip
    return posts


def _way(travel: Travel, origin: Spots, target: Spots) -> Way:
    route = travel.route(origin, target)
    if route is None or not len(route.nodes):
        return []
    line: Way = np.round(np.array(travel.line(route, origin, target).coords), 6).tolist()
    return line


def _escape(
    travel: Travel, question: Question, found: Containment, reach: Reach, exits: dict[int, Place]
) -> Escape | None:
    if found.contained:
        return None
    nodes, streets = found.escape, travel.streets
    lon, lat = streets.coordinates(nodes)
    way = [[question.lon, question.lat], *np.round(np.stack([lon, lat], axis=1), 6).tolist()]
    last = int(nodes[-1])
    return Escape(
        way, travel.street_names(_edges(streets, nodes)), exits.get(last) or place_of(streets, last),
        question.seen_at + timedelta(seconds=float(reach.at_s[last])),
    )  # fmt: skip


def _edges(streets: Streets, nodes: IntArray) -> IntArray:
    """The street between each two junctions of a way."""
    found = []
    for u, v in zip(nodes[:-1].tolist(), nodes[1:].tolist(), strict=True):
        out = np.arange(streets.out_start[u], streets.out_start[u + 1])
        along = out[streets.head[out] == v]
        found.append(int(along[streets.time_s[along].argmin()]))
    return np.array(found, np.int64)


def _needed(streets: Streets, seen_at: datetime, found: Containment) -> Needed | None:
    needed = found.needed
    if needed is None or (needed.node < 0 and not np.isfinite(needed.earlier_s)):
        return None
    earlier = int(needed.earlier_s) if np.isfinite(needed.earlier_s) else None
    if needed.node < 0:
        return Needed(earlier)
    return Needed(earlier, place_of(streets, needed.node), seen_at + timedelta(seconds=needed.before_s))


def _reachable(streets: Streets, asked: Chase, reach: Reach, question: Question) -> Reachable:
    """Junctions that the vehicle comes to while the posts hold, and the ways on which it comes there; node 0 is where
    it was seen."""
    shown = np.flatnonzero(reach.at_s <= asked.delay_s + SHOWN_S)
    number = np.full(streets.node_count, -1)
    number[shown] = np.arange(1, shown.size + 1)
    tail, head = asked.tail, asked.head
    on = np.flatnonzero(reach.passed[tail] & (number[tail] > 0) & (number[head] > 0) & np.isfinite(asked.drive_s))
    pairs, first = np.unique(np.sort(np.stack([number[tail[on]], number[head[on]]], axis=1), axis=1), axis=0,
                             return_index=True)  # fmt: skip
    ways = [(a, b, s) for (a, b), s in zip(pairs.tolist(), np.round(asked.drive_s[on[first]], 1).tolist(), strict=True)]
    seeds = [(0, int(number[n]), round(float(s), 1)) for n, s in zip(asked.seed_node, asked.seed_s, strict=True)
             if np.isfinite(s) and number[n] > 0]  # fmt: skip
    lon, lat = streets.coordinates(shown)
    return Reachable(
        [question.lon, *np.round(lon, 5).tolist()], [question.lat, *np.round(lat, 5).tolist()],
        [0.0, *np.round(reach.at_s[shown], 1).tolist()], [*seeds, *ways],
    )  # fmt: skip


def default_radius_m() -> float:
    """A radius that suits the district: a quarter of the side of a square as large as its streets, 1 to 5 km."""
    streets = roads().streets
    side_m = float(np.sqrt(np.ptp(streets.x_m) * np.ptp(streets.y_m)))
    return float(min(5000.0, max(1000.0, round(side_m / 4, -2))))
