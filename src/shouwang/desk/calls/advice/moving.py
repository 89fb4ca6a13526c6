"""Which free unit should wait elsewhere while others are away: one proposal at a time, and only once it holds."""
from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import numpy as np

from shouwang.desk.places import facts as places
from shouwang.desk.places.facts import Spot
from shouwang.desk.units import facts as unit_facts
from shouwang.desk.units.facts import UnitFact
from shouwang.desk.workflow.defaults import table
from shouwang.desk.workflow.settings import get_many
from shouwang.engine.errors import NoAnswer
from shouwang.engine.respond.move_up import Move, Patience, Proposal, move_ups, settle
from shouwang.engine.respond.outlook import Demand, Outlook, Rules
from shouwang.engine.terms import FloatArray

from .roads import Fleet, Roads, counting, fleet, roads

DRIVES = ("car", "motorcycle", "truck")
FREE_TO_MOVE = ("available", "at_post")
LOOKED_S = 10.0  # a look is good for so long
PATIENCE = Patience()


@dataclass(frozen=True)
class Rule:
    """Which units of a service may wait elsewhere: those with the skill that its cover rests on, at posts of these
    kinds (none named: at any)."""

    skill: str
    posts: tuple[str, ...] = ()


# Patrols can wait anywhere; an engine needs a yard.
RULES = {
    "police": Rule("patrol_presence"), "traffic": Rule("traffic_control"), "medical": Rule("ambulance"),
    "fire": Rule("fire_pump", ("fire_station", "station")),
}


@dataclass(frozen=True)
class MoveUp:
    """A unit that should wait at a post: the next calls would be reached `gain_s` sooner on average, and `cover_gain`
    (a share) more of them in time."""

    unit: UnitFact
    place: Spot
    gain_s: float
    cover_gain: float
    distance_m: float


@dataclass
class _Watch:
    """What was proposed for a service in some areas. Units and posts are numbered as they come, so that it can be told
    again."""

    numbers: dict[Hashable, int]
    proposal: Proposal | None = None
    looked: datetime | None = None
    told: MoveUp | None = None


_lock = threading.Lock()
_watches: dict[tuple[str, tuple[str, ...]], _Watch] = {}


def move_ups_now(*, areas: tuple[str, ...], now: datetime) -> list[MoveUp]:
    """The moves that are proposed now, at most one of each service; none of one whose cover is good, whose moves are
    not worth it, or while none has held for a minute."""
    chosen = get_many("move_up_below_percent", "move_up_gain_s", "move_up_silence_min")
    quiet = unit_facts.dismissed_since(now - timedelta(minutes=chosen["move_up_silence_min"]))
    told = []
    with _lock:
        for service in RULES:
            watch = _watches.setdefault((service, areas), _Watch({}))
            old = watch.looked is None or abs((now - watch.looked).total_seconds()) >= LOOKED_S
            if old or (watch.told and _answered(watch.told, quiet)):
                watch.looked = now
                scene = _scene(service, areas, now)
                thin = scene is not None and scene.outlook().share * 100 < chosen["move_up_below_percent"]
                watch.told = _look(watch, scene if thin else None, quiet, float(chosen["move_up_gain_s"]), now)
            told.append(watch.told)
    return [one for one in told if one is not None]


def _answered(told: MoveUp, quiet: set[UUID]) -> bool:
    """Whether somebody has said yes or no to it meanwhile."""
    return told.unit.id in quiet or bool(unit_facts.stand_bys([told.unit.id]))


@dataclass(frozen=True)
class _Scene:
    """Free units of the service and the posts they may wait at, with the seconds of each to the places of the demand,
    and of each unit to each post."""

    service: str
    on: Roads
    crew: Fleet
    posts: list[Spot]
    times_s: FloatArray
    site_s: FloatArray
    drive_s: FloatArray
    demand: Demand
    rules: Rules

    def outlook(self) -> Outlook:
        return Outlook.measure(self.times_s, np.ones(len(self.crew.units), bool), self.demand, self.rules)

    def with_move(self, move: Move) -> _Scene:
        times_s = self.times_s.copy()
        times_s[move.unit] = self.site_s[move.site]
        return replace(self, times_s=times_s)


def _look(watch: _Watch, scene: _Scene | None, quiet: set[UUID], least_s: float, now: datetime) -> MoveUp | None:
    """What is proposed after a look at the units, None for a scene that needs nothing."""
    known: dict[tuple[int, int], Move] = {}
    if scene is not None:
        movable = _movable(scene, quiet)
        number = watch.numbers
        for m in _moves(scene, movable, PATIENCE.keep * least_s):
            unit, post = scene.crew.units[m.unit].id, scene.posts[m.site].id
            known[number.setdefault(unit, len(number)), number.setdefault(post, len(number))] = m
    moves = [replace(m, unit=unit, site=post) for (unit, post), m in known.items()]
    watch.proposal = settle(watch.proposal, moves, now.timestamp(), least_s, PATIENCE)
    if scene is None or watch.proposal is None or not watch.proposal.shown(now.timestamp(), PATIENCE):
        return None
    move = known[watch.proposal.move.unit, watch.proposal.move.site]
    return _told(scene, move)


def _scene(service: str, areas: tuple[str, ...], now: datetime) -> _Scene | None:
    try:
        on = roads(now)
    except NoAnswer:
        return None
    units = [u for u in unit_facts.units(areas=areas) if u.free and u.service == service]
    if not units:
        return None
    crew, kinds = fleet(on, units, now), RULES[service].posts
    posts = [p for p in places.posts() if any(p.area.startswith(a) for a in areas) and (not kinds or p.kind in kinds)]
    if not posts:
        return None
    rows = on.seconds_of(crew, range(len(crew.units)), now)
    waits = unit_facts.stand_bys([u.id for u in crew.units])
    for i, unit in enumerate(crew.units):
        if unit.id in waits:  # as if it were there
            rows[i] = on.seconds_from(waits[unit.id].lon, waits[unit.id].lat)
    demand, gates = on.demand(now, service), on.nodes([p.lon for p in posts], [p.lat for p in posts])
    return _Scene(
        service, on, crew, posts, np.stack([row[demand.node] for row in rows]),
        np.stack([on.seconds_from(p.lon, p.lat)[demand.node] for p in posts]), np.stack([row[gates] for row in rows]),
        demand, counting(now).rules(service))


def _movable(scene: _Scene, quiet: set[UUID]) -> list[int]:
    """Crews with the skill that drive, are not on their break, and are asked nothing else. Stations, booths and
    platforms stay."""
    waits, kinds = unit_facts.stand_bys([u.id for u in scene.crew.units]), {r["code"]: r for r in table("unit_kinds")}
    return [i for i, u in enumerate(scene.crew.units)
            if u.state in FREE_TO_MOVE and u.id not in waits and u.id not in quiet
            and RULES[scene.service].skill in u.capabilities and u.kind in kinds
            and kinds[u.kind]["moves"] == "mobile" and kinds[u.kind]["travel_mode"] in DRIVES]


def _moves(scene: _Scene, movable: list[int], least_s: float) -> list[Move]:
    return move_ups(scene.outlook(), movable=movable, site_s=scene.site_s, drive_s=scene.drive_s, least_gain_s=least_s)


def _told(scene: _Scene, move: Move) -> MoveUp:
    place, on = scene.posts[move.site], scene.on
    cover_gain = scene.with_move(move).outlook().share - scene.outlook().share
    near = on.travel.k_nearest(on.place([place.lon], [place.lat])[0], scene.crew.spots[[move.unit]], 1)
    metres = float(near.length_m[0]) if near.length_m.size else 0.0
    return MoveUp(scene.crew.units[move.unit], place, move.gain_s, cover_gain, metres)
