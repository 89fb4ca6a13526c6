"""Tours of a plan: its rows into the engine's questions, and the answers into rows that are not saved yet."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np
import shapely
from django.utils.translation import gettext as _

from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.places import facts as places
from shouwang.engine.deploy.seen import HOUR_S, seen_per_hour
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.streets import Streets
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

from .. import facts
from ..models import Plan, PlanPost, PlanTour
from ..terms import Edit
from . import naming, tours
from .forecasting import Region
from .ground import Ground
from .worth import Demand

HALT_DEG = 0.00005  # a drawn path may lie so far (about 5 m) beside the street


class Table:
    """A plan's posts and what its tours are drawn from."""

    def __init__(self, plan: Plan, posts: Sequence[PlanPost], demand: Demand, ground: Ground) -> None:
        self.plan, self.posts = plan, list(posts)
        self.units = {u.id: u for u in facts.units_of(plan.area)}
        self.nodes = ground.nodes([p.stands[0] for p in posts], [p.stands[1] for p in posts])
        stays = [n for p, n in zip(posts, self.nodes, strict=True) if not self._pace(p)]
        regions = [Region(a.area, a.geometry) for a in places.areas("control_area")]
        by_lot = places.areas("community") if facts.found_reason() else []
        self.night = tours.Night(
            ground, demand, regions, [(a, b) for a, b in plan.figures.get("windows", [])],
            (plan.shift_end - plan.shift_start).total_seconds(), plan.within_s, np.array(stays, np.int64),
            [Region(a.area, a.geometry) for a in by_lot],
        )  # fmt: skip

    def _pace(self, post: PlanPost) -> float:
        unit = self.units.get(str(post.unit))
        return unit.pace_m_s if unit is not None else 0.0

    def walker(self, post: PlanPost) -> tours.Walker | None:
        """The patrol at a post; None for a crew that does not patrol."""
        pace = self._pace(post)
        node = int(self.nodes[self.posts.index(post)])
        return tours.Walker(str(post.unit), node, pace, self.units[str(post.unit)].home) if pace else None

    def draw(self, tick: Callable[[float], None]) -> tuple[list[PlanTour], dict[str, Any]]:
        """A tour for every patrol, and for the plan's figures what they go to by lot: chances, and places of those
        drawn, by path of the community. The plan's forecast and shift are the seed: nobody can foretell it, and the
        same forecast draws the same tours again."""
        seed = zlib.crc32(f"{self.plan.forecast_id} {self.plan.shift_start.isoformat()}".encode())
        walkers = [w for p in self.posts if (w := self.walker(p)) is not None]
        names = naming.Names()
        found, lot = tours.draw(walkers, self.night, seed, tick)
        stops = {path: self.night.ground.place(node) for path, node in lot.stops.items()}
        return [self._row(drawn, seed, names) for drawn in found], {"chance": lot.chance, "stops": stops}

    def again(self, post: PlanPost, tour: PlanTour | None, others: Sequence[PlanTour]) -> PlanTour:
        """Another tour for one patrol, in its row if it had one. Raises Refused where there is none."""
        walker = self.walker(post)
        if walker is None:
            raise Refused(_("%(unit)s does not patrol.") % {"unit": post}, field="unit", code="no_tour")
        seed = tour.seed + 1 if tour is not None else 1
        stops = [(v["lon"], v["lat"]) for t in others for v in t.visits if not v["post"]]
        there = self.night.ground.nodes([s[0] for s in stops], [s[1] for s in stops])
        drawn = tours.again(walker, there, self.night, seed)
        if drawn is None:
            raise Refused(
                _("No street near this post expects calls in the quiet hours."), field="unit", code="no_tour"
            )
        return _instead(tour, self._row(drawn, seed, naming.Names()))

    def standing(self, post: PlanPost, tour: PlanTour) -> PlanTour:
        """A tour without stops: the unit is at its post all the time."""
        node = int(self.nodes[self.posts.index(post)])
        stays, nowhere = [tours.Stay(node, 0.0, self.night.length_s, True)], np.zeros(0)
        drawn = tours.Drawn(str(post.unit), stays, nowhere.astype(np.int64), nowhere)
        return _instead(tour, self._row(drawn, tour.seed, naming.Names()))

    def rearranged(self, post: PlanPost, tour: PlanTour, edit: Edit) -> PlanTour:
        """The tour without one of its stops, or with two of them changed about. Raises Missing and Refused."""
        self._check_network()
        order, walker = _order(tour, edit), self.walker(post)
        if walker is None:
            raise Refused(_("%(unit)s does not patrol.") % {"unit": post}, field="unit", code="no_tour")
        try:
            drawn = tours.rearranged(self._drawn(tour), order, walker.pace_m_s, self.night)
        except NoAnswer:
            raise Refused(
                _("There is no time for that: the unit would be back too late."), field="number", code="no_time"
            ) from None
        return _instead(tour, self._row(drawn, tour.seed, naming.Names()))

    def figures(self, made: Sequence[PlanTour]) -> dict[str, Any]:
        """What the tours that are taken come to: 见警率 per hour of the shift, and the cover they leave."""
        taken = {t.unit: self._drawn(t) for t in made if t.taken and t.visits}
        each = [taken.get(p.unit) for p in self.posts]
        at_posts, least = tours.least_cover(self.night, self.nodes, each)
        seen = tours.seen(self.night, self.nodes, each)
        longer, late = tours.kept_waiting(list(taken.values()))
        return {"longer": longer, "late": late,
                "seen": seen.round(4).tolist(), "cover": [at_posts, least],
                "floor": tours.FLOOR * at_posts, "network": _network(self.night.ground.streets)}  # fmt: skip

    def _check_network(self) -> None:
        if self.plan.figures.get("tours", {}).get("network") != _network(self.night.ground.streets):
            raise Refused(_("The streets have changed since. Propose the plan anew."), code="streets")

    def _drawn(self, tour: PlanTour) -> tours.Drawn:
        """A tour's row as it was drawn."""
        node = self.night.ground.nodes([v["lon"] for v in tour.visits], [v["lat"] for v in tour.visits])
        stays = [
            tours.Stay(int(n), v["from_s"], v["to_s"], v["post"]) for n, v in zip(node, tour.visits, strict=True)
        ]
        return tours.Drawn(str(tour.unit), stays, np.array(tour.edges, np.int64), np.array(tour.at_s, float))

    def _row(self, drawn: tours.Drawn, seed: int, names: naming.Names) -> PlanTour:
        streets, travel = self.night.ground.streets, self.night.ground.travel
        visits, before_s = [], 0.0
        for stay in drawn.stays:
            way = drawn.edges[(drawn.at_s >= before_s - 1e-6) & (drawn.at_s < stay.from_s - 1e-6)]
            lon, lat = self.night.ground.place(stay.node)
            zh, en = names.of(lon, lat)
            visits.append({
                "post": stay.post, "lon": lon, "lat": lat, "zh": zh, "en": en, "from_s": round(stay.from_s, 1),
                "to_s": round(stay.until_s, 1), "leg_m": round(float(streets.length_m[way].sum())),
                "via": list(dict.fromkeys(travel.street_names(way)))[:4],
            })  # fmt: skip
            before_s = stay.until_s
        windows = self.night.windows
        hours = sum(end - start for start, end in windows) / HOUR_S
        alone = seen_per_hour(
            streets, self.night.on_streets, drawn.edges, drawn.at_s, int(np.ceil(self.night.length_s / HOUR_S))
        )
        return PlanTour(
            id=new_id(), plan=self.plan, unit=UUID(drawn.unit), visits=visits, edges=drawn.edges.tolist(),
            at_s=drawn.at_s.round(1).tolist(), path=_path(streets, drawn.edges),
            length_m=float(streets.length_m[drawn.edges].sum()), seen=float(alone.sum() / hours) if hours else 0.0,
            seed=seed,
        )  # fmt: skip


def _order(tour: PlanTour, edit: Edit) -> list[int]:
    """The numbers of a tour's places after the edit."""
    order, number = list(range(len(tour.visits))), edit.number
    if not 0 < number < len(order) or tour.visits[number]["post"]:
        raise Missing(_("This tour has no such stop."), field="number", code="missing")
    if edit.kind == "drop":
        return [n for n in order if n != number]
    other = number + (1 if edit.kind == "later" else -1)
    if tour.visits[other]["post"]:
        raise Refused(_("The stop is at the end of its round already."), field="number", code="end")
    order[number], order[other] = other, number
    return order


def _instead(tour: PlanTour | None, new: PlanTour) -> PlanTour:
    """The new tour, made by hand, in the old one's row."""
    new.by_hand = True
    if tour is not None:
        new.id, new._state.adding = tour.id, False
    return new


@lru_cache(maxsize=2)
def _network(streets: Streets) -> str:
    """What tells one network from another: tours name its streets by number."""
    return f"{zlib.crc32(streets.tail.tobytes() + streets.head.tobytes()):08x}"


def _path(streets: Streets, edges: IntArray) -> list[list[float]]:
    if not edges.size:
        return []
    lon, lat = streets.coordinates(np.concatenate([streets.tail[edges[:1]], streets.head[edges]]))
    line: AnyArray | FloatArray = shapely.get_coordinates(
        shapely.simplify(shapely.LineString(np.column_stack([lon, lat])), HALT_DEG)
    )
    path: list[list[float]] = line.round(5).tolist()
    return path
