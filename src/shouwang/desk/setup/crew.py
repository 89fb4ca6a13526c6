"""Posts and units of an example district: invented, and marked so.

Posts lie at street crossings, spread evenly over the streets of each control area: where stations have always
stood, not where calls are. Planning has something to say to that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely

from shouwang.desk.places import facts as places
from shouwang.desk.places.models import Area, Post
from shouwang.desk.places.streets import crossing, names_at
from shouwang.desk.units.models import Unit, UnitKind
from shouwang.engine.geo.streets import Streets

from .example import kmeans, shares


@dataclass(frozen=True)
class Service:
    """One service's units: letters, first number, kinds in turn, and the posts they stand at."""

    zh: str
    en: str
    first: int
    units: int
    kinds: tuple[str, ...]
    post_kind: str
    posts: int
    post_code: str
    post_zh: str
    post_en: str


SERVICES = (
    Service(
        "巡",
        "P",
        1,
        20,
        ("patrol_car", "patrol_car", "patrol_traffic", "patrol_motorcycle"),
        "platform",
        20,
        "PL",
        "警务平台",
        "Police platform",
    ),
    Service(
        "交",
        "T",
        21,
        10,
        ("traffic_car", "traffic_motorcycle"),
        "booth",
        10,
        "TB",
        "交通岗亭",
        "Traffic booth",
    ),
    Service(
        "消",
        "F",
        31,
        10,
        ("fire_engine", "fire_engine", "fire_ladder_truck", "fire_engine", "fire_rescue_truck"),
        "fire_station",
        8,
        "FS",
        "消防站",
        "Fire station",
    ),
    Service("所", "S", 41, 10, ("station_car",), "station", 10, "ST", "派出所", "Police station"),
    Service(
        "卫",
        "G",
        51,
        12,
        ("brigade_team", "community_patrol"),
        "office",
        12,
        "OF",
        "巡防中队部",
        "Patrol brigade office",
    ),
)
OFF_DUTY_EVERY = 7  # every seventh unit rests, so that clocking on can be shown
ON_FOOT = "community_patrol"  # of the third level: its area is a community, where guards of that team clock on with it


def sites(
    streets: Streets, control_areas: list[Area], count: int, rng: np.random.Generator
) -> Iterator[tuple[Area, int]]:
    """`count` crossings, shared among the control areas by their streets and spread over each by k-means."""
    lon, lat = streets.coordinates()
    named = names_at(streets)
    proper = np.array([len(named.get(n, ())) > 1 for n in range(streets.node_count)]) & streets.main_part
    inside = {
        a.path: np.flatnonzero(shapely.intersects_xy(shapely.geometry.shape(a.geometry), lon, lat) & proper)
        for a in control_areas
    }
    quota = shares({path: nodes.size for path, nodes in inside.items()}, count)
    for area in control_areas:
        nodes = inside[area.path]
        if not quota[area.path]:
            continue
        at = np.column_stack([streets.x_m[nodes], streets.y_m[nodes]])
        centres, _ = kmeans(at, quota[area.path], rng)
        for centre in centres:
            yield area, int(nodes[np.argmin(((at - centre) ** 2).sum(axis=1))])


def post_and_unit_rows(
    streets: Streets, control_areas: list[Area], community: Area, rng: np.random.Generator, seed: int, now: datetime
) -> tuple[list[Post], list[Unit]]:
    """`community`: where the demo accounts work; it has a patrol of its own."""
    named = names_at(streets)
    lon, lat = (np.round(c, 6) for c in streets.coordinates())
    posts: list[Post] = []
    units: list[Unit] = []
    for s in SERVICES:
        spots = list(sites(streets, control_areas, s.posts, rng))
        for number, (_area, node) in enumerate(spots, 1):
            zh, en = crossing(*named[node][:2])
            posts.append(
                Post(
                    code=f"{s.post_code}{number:02}",
                    kind=s.post_kind,
                    zh=f"{zh}{s.post_zh}",
                    en=f"{s.post_en}, {en}",
                    area=places.locate(lon[node], lat[node]),
                    lon=lon[node],
                    lat=lat[node],
                    example=True,
                )
            )
        for n in range(s.units):
            area, node = spots[n % len(spots)]
            units.append(_unit(s, n, area.path, float(lon[node]), float(lat[node]), now))
    spot = next(sites(streets, [community], 1, np.random.default_rng((seed, 5))))[1]  # its own draws: the rest stays
    units.append(_unit(s, s.units, community.path, float(lon[spot]), float(lat[spot]), now, ON_FOOT))
    return posts, units


def _unit(
    service: Service, n: int, area: str, lon: float, lat: float, now: datetime, kind_code: str = ""
) -> Unit:
    """A service's unit number `n`; one on foot is of the community in which it stands, not of `area`."""
    kind = UnitKind.objects.get(code=kind_code or service.kinds[n % len(service.kinds)])
    number = service.first + n
    within = places.community_of(places.locate(lon, lat)) if kind.code == ON_FOOT else None
    return Unit(
        code=f"{service.zh}{number:02}",
        zh=f"{service.zh}{number:02}",
        en=f"{service.en}{number:02}",
        kind=kind,
        capabilities=kind.capabilities,
        area=within.area if within else area,
        lon=lon,
        lat=lat,
        state="off_duty",
        state_since=now,
        example=True,
    )
