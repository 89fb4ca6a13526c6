"""Where things lie: areas, posts and streets as plain values. Kept in memory until the places change."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from django.db import connection
from django.utils.translation import get_language

from shouwang.desk.log import facts as log
from shouwang.desk.workflow.settings import get_many
from shouwang.engine.errors import NoAnswer
from shouwang.engine.geo.pace import Pace
from shouwang.engine.geo.streets import Streets
from shouwang.engine.terms import FloatArray, IntArray
from shouwang.tables.streets import read_streets

from .covering import Flaw, flaws
from .models import Area, Landmark, LearnedPace, Post, StreetNetwork
from .search import Found, Gazetteer
from .search import meant as meant
from .streets import folder_of

PLACES = ("areas", "posts", "landmarks", "streets", "import")  # subjects of events after which places may lie elsewhere
T = TypeVar("T")


@dataclass(frozen=True)
class Spot:
    """A named place: an area (at a point inside it) or a post. `area` is the path it has or lies in."""

    id: str
    kind: str
    code: str
    zh: str
    en: str
    area: str
    lon: float
    lat: float
    example: bool
    parent: str = ""
    geometry: Any = field(default=None, repr=False, compare=False)
    others: tuple[str, ...] = ()  # further names

    @property
    def name(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en


class _Kept:
    """One value per thread-safe slot, made again when `key` changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: Any = None
        self._value: Any = None

    def get(self, key: Any, make: Callable[[], T]) -> T:
        if self._key != key:
            with self._lock:
                if self._key != key:
                    value = make()
                    self._value, self._key = value, key
        return self._value  # type: ignore[no-any-return]


class _Places:
    """Everything read at one version."""

    def __init__(self) -> None:
        self.areas = [
            Spot(str(a.id), a.kind, a.code, a.zh, a.en, a.path, a.lon, a.lat, a.example, a.parent, a.geometry)
            for a in Area.objects.order_by("path")
        ]
        self.posts = [
            Spot(str(p.id), p.kind, p.code, p.zh, p.en, p.area, p.lon, p.lat, p.example)
            for p in Post.objects.filter(active=True).order_by("code")
        ]
        self.landmarks = [
            Spot(str(m.id), "landmark", m.code, m.zh, m.en, m.area, m.lon, m.lat, m.example, others=m.names[2:])
            for m in Landmark.objects.filter(active=True).order_by("code")
        ]

    @cached_property
    def nested(self) -> list[Spot]:
        """Areas that hold one another; beats lie across them."""
        return [a for a in self.areas if a.kind != "beat"]

    @cached_property
    def tree(self) -> shapely.STRtree:
        shapes = np.array([shapely.geometry.shape(a.geometry) for a in self.nested], object)
        shapely.prepare(shapes)
        return shapely.STRtree(shapes)

    def path_at(self, lon: float, lat: float) -> str:
        hits = self.tree.query(shapely.Point(lon, lat), predicate="intersects")
        # On a border the first in order of paths wins, everywhere and always.
        return min((self.nested[h].area for h in hits), key=lambda path: (-path.count("/"), path), default="")

    def paths_at(self, lon: FloatArray, lat: FloatArray, *, cells: bool) -> tuple[list[str], IntArray]:
        """`path_at` of many points: paths and the number of each point's, the last being ""."""
        kept = [a for a in self.nested if cells or a.kind != "cell"]
        kept.sort(key=lambda a: (-a.area.count("/"), a.area))
        found = np.full(len(lon), len(kept))
        if kept:
            tree = shapely.STRtree([shapely.geometry.shape(a.geometry) for a in kept])
            point, area = tree.query(shapely.points(lon, lat), predicate="intersects")
            np.minimum.at(found, point, area)
        return [*(a.area for a in kept), ""], found


_places_kept, _streets_kept, _search_kept, _times_kept, _covering_kept = (_Kept() for _n in range(5))


COUNTED = """SELECT (SELECT COUNT(*) FROM places_area), (SELECT MAX(path) FROM places_area),
    (SELECT COUNT(*) FROM places_post), (SELECT MAX(code) FROM places_post),
    (SELECT COUNT(*) FROM places_landmark), (SELECT MAX(code) FROM places_landmark)"""


def version() -> tuple[Any, ...]:
    """Changes whenever an area, post or street network does. Cheap: asked at every look-up, so nothing goes
    stale in whichever process the change was made."""
    changed = log.last_of(PLACES)
    with connection.cursor() as cursor:  # a page asks five times: one statement is four times as fast as three
        cursor.execute(COUNTED)
        return (changed, *cursor.fetchone())


def _places() -> _Places:
    return _places_kept.get(version(), _Places)


def locate(lon: float, lat: float) -> str:
    """Path of the deepest area the point lies in, "" outside the district."""
    return _places().path_at(lon, lat)


def locate_all(lon: FloatArray, lat: FloatArray, *, cells: bool = False) -> tuple[list[str], IntArray]:
    """Paths of areas down to communities (or `cells`), and for each of many points the number of its deepest; the last
    path is "", for points outside the district."""
    return _places().paths_at(lon, lat, cells=cells)


def district() -> Spot | None:
    """The area at the top, None while there is none."""
    found = areas("district")
    return found[0] if found else None


def areas(kind: str | None = None) -> list[Spot]:
    """Areas of one kind (district, control_area, community, cell, beat; None: all), in order of their paths."""
    return [a for a in _places().areas if kind is None or a.kind == kind]


def area_settings() -> dict[str, str]:
    """By path, town, outskirts or country: which arrival standard holds there."""
    return dict(Area.objects.values_list("path", "setting"))


def area_names() -> dict[str, Spot]:
    """Areas by path."""
    return {a.area: a for a in _places().areas}


def above(path: str, known: Mapping[str, Spot] | None = None) -> list[Spot]:
    """The areas a path lies in, itself the last, from the top. `known`: all areas, asked for once for many paths."""
    known = area_names() if known is None else known
    return [known[p] for n, letter in enumerate(path) if letter == "/" and (p := path[: n + 1]) in known]


def community_of(path: str) -> Spot | None:
    """The community a path is, or lies in."""
    return next((a for a in above(path) if a.kind == "community"), None)


def in_words(paths: Iterable[str]) -> dict[str, str]:
    """The community and the cell of each path; of one that lies in no community, its own name."""
    known = area_names()

    def told(path: str) -> str:
        found = above(path, known)
        near = [a.name for a in found if a.kind in ("community", "cell")]
        return " ".join(near) or (found[-1].name if found and found[-1].area == path else "")

    return {path: told(path) for path in set(paths)}


def covering() -> list[Flaw]:
    """Where grid cells leave a gap, overlap or reach beyond, with the repair proposed; the largest first. Reckoned once
    for each version of the areas. None while there are no cells."""
    def found() -> list[Flaw]:
        cells, communities = (
            {a.area: shapely.geometry.shape(a.geometry) for a in areas(kind)} for kind in ("cell", "community"))
        return flaws(cells, communities) if cells else []

    return _covering_kept.get(version(), found)


def posts() -> list[Spot]:
    return list(_places().posts)


def landmarks() -> list[Spot]:
    return list(_places().landmarks)


def network() -> StreetNetwork | None:
    """The street network in use: the newest active one."""
    return StreetNetwork.objects.filter(active=True).order_by("-at", "-id").first()


def streets() -> Streets:
    """The streets in use, loaded once per process. Raises NoAnswer while no network is taken in."""
    row = network()
    if row is None:
        raise NoAnswer("No street network is loaded. Import one: shouwang import streets FILE")
    return _streets_kept.get(row.id, lambda: read_streets(folder_of(row.id)))


def times_at(now: datetime) -> FloatArray | None:
    """Seconds per edge of the streets in use in this hour of the week, as learned; the same array within an hour. None
    while the centre holds to the streets' own times. Raises NoAnswer without streets."""
    chosen = get_many("pace_learned", "time_zone")
    if not chosen["pace_learned"]:
        return None
    newest = LearnedPace.objects.order_by("-at", "-id").values_list("id", flat=True).first()
    if newest is None:
        return None
    local, network = now.astimezone(ZoneInfo(chosen["time_zone"])), streets()
    hour = local.weekday() * 24 + local.hour

    def made() -> FloatArray:
        row = LearnedPace.objects.get(id=newest)
        return Pace(tuple(row.kinds), np.array(row.factors, float)).times_s(network, hour)

    return _times_kept.get((newest, hour, network), made)


def streets_of(network_id: str) -> Streets:
    """The streets of one network, also of one no longer in use."""
    row = network()
    return streets() if row is not None and str(row.id) == network_id else read_streets(folder_of(network_id))


def gazetteer() -> Gazetteer:
    """All names of places as they stand now. Hold it for many questions at once: each call looks whether it is still
    so."""
    row = network()
    return _search_kept.get(
        (row.id if row else None, version()),
        lambda: Gazetteer(
            streets() if row else None, [*areas("control_area"), *areas("community"), *posts(), *_places().landmarks],
            district(),
        ),
    )


def search_place(text: str, limit: int = 8) -> list[Found]:
    """Streets, crossings, landmarks, posts, communities and coordinates that fit what was typed, the best first."""
    return [f if f.area else f.within(locate(f.lon, f.lat)) for f in gazetteer().search(text, limit)]


def nearest_crossing(lon: float, lat: float) -> tuple[str, str]:
    """The Chinese and English name of the nearest place where named streets meet, ("", "") without
    streets."""
    return gazetteer().crossing_near(lon, lat)
