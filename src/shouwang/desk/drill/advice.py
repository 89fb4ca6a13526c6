"""How played crews drive: along the streets, from where they are to where they are sent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from shouwang.desk.places import facts as places
from shouwang.desk.workflow.defaults import table
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.distance import haversine_m
from shouwang.engine.geo.streets import Streets
from shouwang.engine.geo.travel import Travel
from shouwang.engine.terms import FloatArray

SPEED_M_S = {"foot": 1.4, "bike": 4.0}  # crews that do not drive
Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Trip:
    """A way as points with the seconds at which each is passed."""

    lon: FloatArray
    lat: FloatArray
    at_s: FloatArray

    @property
    def seconds(self) -> float:
        return float(self.at_s[-1])

    def place(self, after_s: float) -> tuple[float, float, float]:
        """Longitude, latitude and course (degrees from north) so many seconds after setting off."""
        lon, lat = (float(np.interp(after_s, self.at_s, v)) for v in (self.lon, self.lat))
        leg = int(np.clip(np.searchsorted(self.at_s, after_s, side="right"), 1, self.at_s.size - 1))
        east = (self.lon[leg] - self.lon[leg - 1]) * np.cos(np.radians(lat))
        north = self.lat[leg] - self.lat[leg - 1]
        return lon, lat, float(np.degrees(np.arctan2(east, north)) % 360)


@lru_cache(maxsize=1)
def _travel(streets: Streets) -> Travel:
    return Travel(streets)


def trip(start: Point, goal: Point, kind: str) -> Trip:
    """The fastest way by road for a unit of this kind; straight at walking pace where no road leads."""
    try:
        travel = _travel(places.streets())
    except NoAnswer:
        return _straight(start, goal)
    spots = travel.streets.snap([start[0], goal[0]], [start[1], goal[1]])
    route = travel.route(spots[[0]], spots[[1]])
    if route is None:
        return _straight(start, goal)
    lon, lat = travel.streets.coordinates(route.nodes)
    lon, lat = (np.concatenate([[a], way, [b]]) for a, way, b in zip(start, (lon, lat), goal, strict=True))
    walked = np.concatenate([[0.0], np.cumsum(haversine_m(lon[:-1], lat[:-1], lon[1:], lat[1:]))])
    speed = SPEED_M_S.get(_modes().get(kind, ""))
    seconds = max(route.seconds, route.length_m / speed) if speed else route.seconds
    return Trip(lon, lat, walked / max(walked[-1], 1.0) * max(seconds, 1.0))


def _straight(start: Point, goal: Point) -> Trip:
    metres = float(haversine_m(*start, *goal))
    seconds = max(1.0, metres / SPEED_M_S["foot"])
    return Trip(np.array([start[0], goal[0]]), np.array([start[1], goal[1]]), np.array([0.0, seconds]))


@lru_cache(maxsize=1)
def _modes() -> dict[str, str]:
    return {r["code"]: r["travel_mode"] for r in table("unit_kinds")}


@dataclass(frozen=True)
class Draws:
    """Chances of one call, the same whenever it is played: seeded by its id."""

    rng: np.random.Generator

    @classmethod
    def of(cls, *seed: int) -> Draws:
        return cls(np.random.default_rng(list(seed)))

    def around(self, median: float, spread: float = 0.35) -> float:
        """A lognormal time with this median; one in six is longer than median × e^spread."""
        return float(median * np.exp(spread * self.rng.standard_normal()))

    def one_of(self, choices: tuple[str, ...]) -> str:
        """The first of the choices most often, each next half as often."""
        weight = 0.5 ** np.arange(len(choices))
        return choices[int(self.rng.choice(len(choices), p=weight / weight.sum()))]
