"""Tours of patrols: quiet hours at hot places and on the streets between, peaks at the post, by the engine's rules.

Patrols of one control area and one pace are planned together, on the streets near their posts. Where there are three
or more, four fifths of the calls that their posts reach in time stay in reach at every moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from shouwang.engine.demand.found import FLOOR as FOUND_FLOOR
from shouwang.engine.demand.found import chances
from shouwang.engine.demand.found import drawn as by_chance
from shouwang.engine.deploy.on_streets import street_demand
from shouwang.engine.deploy.seen import HOUR_S, seen_per_hour, standing
from shouwang.engine.deploy.tours import Floor, Rules, Tour, hot_places, plan_tours
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.streets import Spots
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

from .forecasting import Region, shape_of
from .ground import Ground
from .worth import Demand

STOPS_EACH = 5
NEAR_S = 900.0
"""A patrol keeps to streets within a quarter of an hour of its post, at its own pace."""
FLOOR, FLOOR_UNITS = 0.8, 3
"""One or two alone could never leave; what their tours cost is told, not held."""
BY_LOT_S, LOT_FLOOR = 1800.0, FOUND_FLOOR
"""What is never visited cannot be learnt: by lot patrols go twice as far, and everywhere with at least this chance."""
DWELL_S, REVISIT_S = (600.0, 960.0), 7200.0
Windows = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Walker:
    """A patrol at its post (a node) and how fast it goes while it looks around, in metres a second."""

    unit: str
    node: int
    pace_m_s: float
    home: str = ""  # path of its control area


@dataclass(frozen=True)
class Stay:
    """At a node from one second of the shift to another. `post`: at its own post."""

    node: int
    from_s: float
    until_s: float
    post: bool


@dataclass(frozen=True)
class Drawn:
    """A tour of one unit: where it stays, and the edges it drives with the second it enters each."""

    unit: str
    stays: list[Stay]
    edges: IntArray
    at_s: FloatArray


@dataclass(frozen=True)
class Lot:
    """Communities that tours also go to by lot: the chance that each had of being drawn, and the stops (nodes) in those
    that were. Both by path."""

    chance: dict[str, float]
    stops: dict[str, int]


@dataclass(frozen=True)
class Night:
    """What tours of a shift are drawn from. `stay`: nodes of the crews that do not tour."""

    ground: Ground
    demand: Demand
    regions: Sequence[Region]
    windows: Windows
    length_s: float
    within_s: float
    stay: IntArray
    by_lot: Sequence[Region] = ()  # communities that tours also go to by lot

    @property
    def on_streets(self) -> FloatArray:
        return street_demand(self.ground.streets, Spots.at_nodes(self.demand.node), self.demand.weight)

    def inside(self, home: str) -> BoolArray:
        """Nodes of a control area; all where it is not known."""
        found = [_within(self, r) for r in self.regions if r.path == home]
        return found[0] if found else np.ones(self.ground.streets.node_count, bool)


def draw(
    walkers: Sequence[Walker], night: Night, seed: int, tick: Callable[[float], None]
) -> tuple[list[Drawn], Lot]:
    """A tour for every patrol that has time for a stop, and what the fastest patrols of each control area go to by lot
    besides. The same seed draws the same tours."""
    lot = Lot({}, {})
    if not (walkers and night.windows and len(night.demand.node)):
        return [], lot
    groups: dict[tuple[str, float], list[Walker]] = {}
    for walker in sorted(walkers, key=lambda w: (w.home, -w.pace_m_s, w.unit)):
        groups.setdefault((walker.home, walker.pace_m_s), []).append(walker)
    left = night.on_streets
    drawn: list[Drawn] = []
    for n, (key, group) in enumerate(groups.items()):
        rng = np.random.default_rng([seed, n])
        first = all(other == key or other[0] != key[0] for other in list(groups)[:n])
        by_lot = _by_lot(group, night, np.random.default_rng([seed, n, 1])) if first else Lot({}, {})
        lot.chance.update(by_lot.chance)
        lot.stops.update(by_lot.stops)
        found, stops = _of_group(group, night, left, night.inside(key[0]), rng, list(by_lot.stops.values()))
        drawn += found
        for node in stops:  # the next group of the area looks elsewhere
            left[(night.ground.streets.tail == node) | (night.ground.streets.head == node)] = 0.0
        tick((n + 1) / len(groups))
    return drawn, lot


def _by_lot(group: Sequence[Walker], night: Night, rng: np.random.Generator) -> Lot:
    """Communities of the group's control area within half an hour of a post, drawn with chances that follow the calls
    expected and never fall below the floor; each is visited at the junction with most demand."""
    streets, travel = night.ground.streets, at_pace(night.ground, group[0].pace_m_s)
    posts = Spots.at_nodes(np.array([w.node for w in group], np.int64))
    near = travel.two_nearest(posts, limit_s=BY_LOT_S).seconds[:, 0] <= BY_LOT_S
    worth = np.bincount(streets.tail, night.on_streets, streets.node_count)
    stops, calls = dict[str, int](), dict[str, float]()
    for region in night.by_lot:
        inside = _within(night, region) if region.path.startswith(group[0].home) else np.zeros(0, bool)
        if (there := np.flatnonzero(inside & near) if inside.size else inside).size:
            stops[region.path] = int(there[worth[there].argmax()])
            calls[region.path] = float(worth[inside].sum())
    if not stops:
        return Lot({}, {})
    chance = chances(list(calls.values()), int(np.ceil(LOT_FLOOR * len(stops))), LOT_FLOOR)
    chosen = by_chance(chance, rng)
    taken = {path: node for (path, node), one in zip(stops.items(), chosen.tolist(), strict=True) if one}
    return Lot(dict(zip(stops, chance.tolist(), strict=True)), taken)


def _within(night: Night, region: Region) -> BoolArray:
    lon, lat = night.ground.streets.coordinates()
    found: BoolArray = shapely.contains_xy(shape_of(region), lon, lat)
    return found


def _of_group(
    group: Sequence[Walker], night: Night, left: FloatArray, inside: BoolArray, rng: np.random.Generator,
    by_lot: Sequence[int] = (),
) -> tuple[list[Drawn], IntArray]:
    streets, travel = night.ground.streets, at_pace(night.ground, group[0].pace_m_s)
    posts = np.array([w.node for w in group], np.int64)
    near = inside & (travel.two_nearest(Spots.at_nodes(posts), limit_s=NEAR_S).seconds[:, 0] <= NEAR_S)
    own = np.where(near[streets.tail] & near[streets.head], left, 0.0)
    stops, weight = hot_places(travel, own, STOPS_EACH * len(group))
    if by_lot:  # before all others
        hot = ~np.isin(stops, by_lot)
        stops = np.concatenate([np.array(by_lot, np.int64), stops[hot]])
        weight = np.concatenate([np.full(len(by_lot), weight.max(initial=1.0)), weight[hot]])
    if not stops.size:
        return [], stops
    rules = Rules(tuple(night.windows), DWELL_S, REVISIT_S)
    floor = _floor(night, posts, stops, inside) if len(group) >= FLOOR_UNITS else None
    made = plan_tours(travel, posts, stops, weight, own, rules, rng, floor)
    found = [
        Drawn(walker.unit, _stays(tour, walker.node, stops, night.length_s), tour.edges, tour.at_s)
        for walker, tour in zip(group, made.tours, strict=True)
        if any(visit.stop >= 0 for visit in tour.visits)
    ]
    return found, stops


def _floor(night: Night, posts: IntArray, stops: IntArray, inside: BoolArray) -> Floor | None:
    """What stays in reach of the group: calls of its area that no crew at a fixed place reaches in time."""
    travel, within_s = night.ground.travel, night.within_s
    always = np.zeros(len(night.demand.node), bool)
    if night.stay.size:
        nearest = travel.two_nearest(Spots.at_nodes(night.stay), limit_s=within_s).seconds[:, 0]
        always = nearest[night.demand.node] <= within_s
    counts = inside[night.demand.node] & ~always
    places, weight = night.demand.node[counts], night.demand.weight[counts]
    if not places.size:
        return None
    spots = Spots.at_nodes(np.concatenate([posts, stops]))
    reach_s = travel.matrix(spots, Spots.at_nodes(places), limit_s=within_s)
    reached = float(weight[(reach_s[: posts.size] <= within_s).any(axis=0)].sum() / weight.sum())
    return Floor(reach_s, weight, within_s, FLOOR * reached) if reached else None


def _stays(tour: Tour, post: int, stops: IntArray, length_s: float) -> list[Stay]:
    """The whole shift: at the post until the first window and between windows, in one stay each."""
    stays = [Stay(post, 0.0, 0.0, True)]
    for visit in tour.visits:
        if visit.stop >= 0:
            stays.append(Stay(int(stops[visit.stop]), visit.arrive_s, visit.leave_s, False))
        elif stays[-1].post:
            stays[-1] = Stay(post, stays[-1].from_s, visit.leave_s, True)
        else:
            stays.append(Stay(post, visit.arrive_s, visit.leave_s, True))
    return [*stays[:-1], Stay(post, stays[-1].from_s, length_s, True)]


def at_pace(ground: Ground, pace_m_s: float) -> Travel:
    """Travel of a patrol that looks around: never faster than its pace, nor than the street allows; what is shut stays
    shut."""
    slow: FloatArray = np.maximum(ground.travel.time_s, ground.streets.length_m / pace_m_s)
    return ground.travel.under(slow)


def seen(night: Night, posts: IntArray, tours: Sequence[Drawn | None]) -> FloatArray:
    """Per hour of the shift the share of demand × metres that the crews (post nodes; None: it stays) see (见警率)."""
    streets = night.ground.streets
    rest = Stay(0, 0.0, night.length_s, True)
    stays = [
        (s.node if tour is not None else int(post), s.from_s, s.until_s)
        for post, tour in zip(posts, tours, strict=True)
        for s in (tour.stays if tour is not None else [rest])
    ]
    node, from_s, until_s = (np.array(column) for column in zip(*stays, strict=True)) if stays else (np.zeros(0),) * 3
    stood = standing(streets, node.astype(np.int64), from_s, until_s)
    edges = np.concatenate([stood[0], *(t.edges for t in tours if t is not None)]).astype(np.int64)
    at_s = np.concatenate([stood[1], *(t.at_s for t in tours if t is not None)])
    return seen_per_hour(streets, night.on_streets, edges, at_s, int(np.ceil(night.length_s / HOUR_S)))


def kept_waiting(tours: Sequence[Drawn]) -> tuple[int, int]:
    """Stays longer than the rules say, because leaving would have broken the floor, and visits after a stop was due."""
    longer = late = 0
    for tour in tours:
        left_s: dict[int, float] = {}
        for stay in tour.stays:
            if stay.post:
                left_s.clear()  # each window is a round of its own
                continue
            longer += stay.until_s - stay.from_s > DWELL_S[1] + 1.0
            late += stay.from_s - left_s.get(stay.node, stay.from_s) > REVISIT_S + 1.0
            left_s[stay.node] = stay.until_s
    return longer, late


def least_cover(night: Night, posts: IntArray, tours: Sequence[Drawn | None]) -> tuple[float, float]:
    """Share of the expected calls in reach in time with every crew at its post (nodes), and the least share at any
    moment of the tours (one per crew, None: it stays). Who is on the way counts for what it reaches after arriving."""
    nodes = [int(p) for p in posts]
    places = np.unique([*nodes, *(s.node for t in tours if t is not None for s in t.stays)]).astype(np.int64)
    total = night.demand.total
    if not places.size or total <= 0:
        return 0.0, 0.0
    reach_s = night.ground.travel.matrix(
        Spots.at_nodes(places), Spots.at_nodes(night.demand.node), limit_s=night.within_s
    )
    row = {int(node): reach_s[i] for i, node in enumerate(places)}
    covers = [row[node] <= night.within_s for node in nodes]
    count = np.sum(covers, axis=0, dtype=np.int64)
    at_posts = least = float(night.demand.weight[count > 0].sum()) / total
    moves = sorted(
        (moment, crew, node, drive_s)
        for crew, tour in enumerate(tours)
        if tour is not None
        for before, after in pairwise(tour.stays)
        for moment, node, drive_s in (
            (before.until_s, after.node, after.from_s - before.until_s), (after.from_s, after.node, 0.0)
        )
    )  # fmt: skip
    for _, crew, node, drive_s in moves:
        now = row[node] + drive_s <= night.within_s
        count += now.astype(np.int64) - covers[crew]
        covers[crew] = now
        least = min(least, float(night.demand.weight[count > 0].sum()) / total)
    return at_posts, least


def again(walker: Walker, others: IntArray, night: Night, seed: int) -> Drawn | None:
    """Another tour for one patrol, away from the stops of the others (nodes), in an order of its own. The floor is not
    held here: what is left of the cover is told by `least_cover`. None where no stop is near enough."""
    left, streets = night.on_streets, night.ground.streets
    left[np.isin(streets.tail, others) | np.isin(streets.head, others)] = 0.0
    rng = np.random.default_rng([seed])
    found, _ = _of_group([walker], night, left, night.inside(walker.home), rng)
    return found[0] if found else None


def rearranged(drawn: Drawn, order: Sequence[int], pace_m_s: float, night: Night) -> Drawn:
    """The tour with its stays in another order, or without some of them: `order` numbers them as they were. Rounds in
    which nothing changed stay as they are; the others are driven by the fastest ways, each stop as long as before.

    Raises NoAnswer where the unit would not be back in time.
    """
    travel = at_pace(night.ground, pace_m_s)
    stays: list[Stay] = [drawn.stays[0]]
    edges, times = [], []
    for numbers in _rounds(drawn, order):
        old = list(range(numbers[0], numbers[-1] + 1))
        if numbers == old:
            within = (drawn.at_s >= drawn.stays[old[0]].until_s) & (drawn.at_s < drawn.stays[old[-1]].from_s)
            found, at_s, places = drawn.edges[within], drawn.at_s[within], [drawn.stays[n] for n in numbers]
        else:
            found, at_s, places = _driven(travel, [drawn.stays[n] for n in numbers], night.windows)
        edges.append(found)
        times.append(at_s)
        first = Stay(places[0].node, stays[-1].from_s, places[0].until_s, True)
        stays = [*stays[:-1], first, *places[1:]] if len(places) > 2 else [
            *stays[:-1], Stay(first.node, first.from_s, places[-1].until_s, True)
        ]  # fmt: skip
    return Drawn(drawn.unit, stays, np.concatenate(edges).astype(np.int64), np.concatenate(times))


def _rounds(drawn: Drawn, order: Sequence[int]) -> list[list[int]]:
    """The order cut where the unit is at its post: each round begins and ends there."""
    posts = [i for i, number in enumerate(order) if drawn.stays[number].post]
    return [list(order[a : b + 1]) for a, b in pairwise(posts)]


def _driven(travel: Travel, places: Sequence[Stay], windows: Windows) -> tuple[IntArray, FloatArray, list[Stay]]:
    """One round by the fastest ways: edges, seconds and stays. Raises NoAnswer where it ends after its window."""
    edges, times, stays = [np.zeros(0, np.int64)], [np.zeros(0)], [places[0]]
    now_s = places[0].until_s
    for before, place in pairwise(places):
        if place.node != before.node:
            way = travel.route(Spots.at_nodes(before.node), Spots.at_nodes(place.node))
            if way is None:
                raise NoAnswer("No road leads from one stop to the next.")
            spent_s = np.cumsum(travel.time_s[way.edges])
            edges.append(way.edges)
            times.append(now_s + np.concatenate([[0.0], spent_s[:-1]]))
            now_s += float(spent_s[-1])
        stays.append(Stay(place.node, now_s, now_s + place.until_s - place.from_s, place.post))
        now_s = stays[-1].until_s if not place.post else now_s
    end_s = max((end for start, end in windows if start <= places[0].until_s + 1.0), default=np.inf)
    if now_s > end_s + 1.0:
        raise NoAnswer("The unit would not be back at its post when the quiet hours end.")
    stays[-1] = Stay(places[-1].node, now_s, max(places[-1].until_s, now_s), True)
    return np.concatenate(edges), np.concatenate(times), stays
