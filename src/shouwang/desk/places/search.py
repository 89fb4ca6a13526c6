"""Finds places by what people type: a street, a crossing, a landmark, a street beside a landmark, a post, a community,
or coordinates in several notations."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.utils.translation import get_language
from scipy.spatial import KDTree

from shouwang.engine.geo.distance import haversine_m
from shouwang.engine.geo.gcj02 import shifted, to_wgs84
from shouwang.engine.geo.streets import Streets

from .streets import crossing, names_at


@dataclass(frozen=True)
class Found:
    """A place that fits. `kind`: coordinates (gcj02: read as such), crossing, street, beside (a street at
    a landmark), landmark, post, community, control_area."""

    kind: str
    zh: str
    en: str
    lon: float
    lat: float
    area: str = ""

    @property
    def name(self) -> str:
        return self.zh if (get_language() or "").startswith("zh") else self.en

    def within(self, area: str) -> Found:
        return replace(self, area=area)


MOST = 50  # places told of at most
PASSES_M = 500.0  # a street passes a landmark that lies no farther from one of its crossings
_ORDER = {"landmark": -1_000_000, "post": 0}  # of names that fit as well: what people go by first, then wide streets
_SHORT = {
    "street": "st",
    "avenue": "ave",
    "boulevard": "blvd",
    "drive": "dr",
    "road": "rd",
    "lane": "ln",
    "place": "pl",
    "court": "ct",
    "parkway": "pkwy",
    "highway": "hwy",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
    "saint": "st",
}
_HOUSE = re.compile(r"^\d+(?:号|號)?\s+(?=\D)|\d+(?:号|號|弄|巷)?[附之]?\d*(?:号|號)?$")
_SAID = re.compile(r"\s*(?:[&/、,;@与和及]|\band\b|\bat\b)\s*", re.IGNORECASE)  # two streets, and no doubt
_PERHAPS = re.compile(r"\s+|(?<=[路街道巷段])(?=[^口\s])")  # names hold spaces too
_BESIDE = re.compile(
    r"\s*(?:\bnear(?:\s+to)?\b|\bnext\s+to\b|\bclose\s+to\b|\bopposite\b|\bby\b|靠近|临近|附近的?|旁边的?|对面的?|[,，])\s*|"
    r"\s+|(?<=[路街道巷段])(?=[^口\s])|(?<=[园场院馆站校店桥厦城])(?=\S)"
)
_TAIL = re.compile(r"(?:交叉口|交汇处|交界处|交口|路口|口)$")
_NEAR = re.compile(
    r"^(?:在|就在|靠近|临近|\bnear(?:\s+to)?\b|\bnext\s+to\b|\bclose\s+to\b|\bopposite\b|\bbehind\b|"
    r"\bin\s+front\s+of\b|\bby\s+the\b)\s*|\s*(?:这边|那边|附近|旁边|边上|对面|对过|门口|后面|前面|楼下|隔壁|旁)$",
    re.IGNORECASE,
)
_GCJ = re.compile(
    r"\s*[（(\[]?\s*(?:gcj[-\s]?0?2|火星(?:坐标)?|高德(?:地图)?|腾讯(?:地图)?|amap)\s*[）)\]]?\s*[:：]?\s*",
    re.IGNORECASE,
)
_WGS = re.compile(r"\s*[（(\[]?\s*(?:wgs[-\s]?84|gps)\s*[）)\]]?\s*[:：]?\s*", re.IGNORECASE)


def plain(text: str) -> str:
    """Text as it is compared: full-width forms folded, small letters, one space between words, usual short
    forms."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    words = re.sub(r"[.\s]+", " ", text).strip().split(" ")
    return " ".join(_SHORT.get(w, w) for w in words)


def meant(text: str) -> str:
    """The place that is named in what was typed: without “near”, “opposite”, 附近, 门口 and the like."""
    typed = unicodedata.normalize("NFKC", text).strip()
    while (shorter := _NEAR.sub("", typed).strip()) != typed and shorter:
        typed = shorter
    return typed


class Gazetteer:
    """The names of one district, ready to be searched. `spots` have kind, zh, en, others, lon, lat, area;
    `district` lon, lat."""

    def __init__(self, streets: Streets | None, spots: list[Any], district: Any | None) -> None:
        self.centre = (district.lon, district.lat) if district else None
        self.spots = [
            (
                plain(n),
                Found(
                    s.kind if s.kind in ("community", "control_area", "landmark") else "post",
                    s.zh,
                    s.en,
                    s.lon,
                    s.lat,
                    s.area,
                ),
            )
            for s in spots
            for n in dict.fromkeys((s.zh, s.en, *s.others))
        ]
        self.landmarks = [(name, found) for name, found in self.spots if found.kind == "landmark"]
        self.nodes_of: dict[str, list[int]] = defaultdict(list)
        self.at: dict[int, tuple[str, ...]] = names_at(streets) if streets else {}
        for node, names in self.at.items():
            for name in names:
                self.nodes_of[name].append(node)
        self.lon, self.lat = streets.coordinates() if streets else (np.zeros(0), np.zeros(0))
        self.streets = {plain(name): name for name in self.nodes_of}
        self._crossings = [n for n, names in self.at.items() if len(names) > 1] or list(self.at)
        self._tree = (
            KDTree(self._flat(self.lon[self._crossings], self.lat[self._crossings])) if self._crossings else None
        )

    def _flat(self, lon: Any, lat: Any) -> Any:
        shrink = np.cos(np.radians(self.lat.mean())) if self.lat.size else 1.0
        return np.column_stack([np.atleast_1d(lon) * shrink, np.atleast_1d(lat)])

    def search(self, text: str, limit: int = 8) -> list[Found]:
        typed = unicodedata.normalize("NFKC", text).strip()[:120]
        if not typed:
            return []
        if points := self._points(typed):
            return points
        typed = meant(typed)
        found = self._meant(typed)
        if not found and (shorter := _HOUSE.sub("", typed).strip()) != typed:
            found = self._meant(shorter)
        return list(dict.fromkeys(found))[:limit]

    def _points(self, typed: str) -> list[Found]:
        """Coordinates as typed. Where maps made in China shift them and the system is not said, both readings: WGS 84
        first, for whoever typed them to choose."""
        if point := coordinates(_GCJ.sub("", typed), self.centre) if _GCJ.search(typed) else None:
            return [self._point("gcj02", *to_wgs84(*point))]
        point = coordinates(_WGS.sub("", typed), self.centre)
        if point is None:
            return []
        said = bool(_WGS.search(typed)) or not shifted(*point)
        return [self._point("coordinates", *point), *([] if said else [self._point("gcj02", *to_wgs84(*point))])]

    def _point(self, kind: str, lon: float, lat: float) -> Found:
        zh, en = self.crossing_near(lon, lat)
        written = f"{lat:.5f}, {lon:.5f}"
        return Found(kind, f"{zh}附近（{written}）" if zh else written, f"near {en} ({written})" if en else written,
                     lon, lat)

    def _meant(self, typed: str) -> list[Found]:
        return (self._crossing(typed, _SAID) + self._named(plain(typed)) or self._crossing(typed, _PERHAPS)
                or self._beside(typed))

    def _named(self, wanted: str) -> list[Found]:
        """Names that hold the wanted text: whole names, then beginnings, then the rest; long streets
        first."""
        if not wanted:
            return []
        hits: list[tuple[int, int, Found | str]] = []
        for name, found in self.spots:
            if wanted in name:
                hits.append((_rank(name, wanted), _ORDER.get(found.kind, 1), found))
        for name, shown in self.streets.items():
            if wanted in name:
                hits.append((_rank(name, wanted), -len(self.nodes_of[shown]), shown))
        best = sorted(hits, key=lambda h: h[:2])[:MOST]
        return [self._street(hit) if isinstance(hit, str) else hit for _, _, hit in best]

    def _street(self, name: str) -> Found:
        """A street stands at its node nearest to its middle."""
        nodes = self.nodes_of[name]
        lon, lat = self.lon[nodes], self.lat[nodes]
        middle = int(np.argmin((lon - lon.mean()) ** 2 + (lat - lat.mean()) ** 2))
        return Found("street", name, name, float(lon[middle]), float(lat[middle]))

    def _crossing(self, typed: str, between: re.Pattern[str]) -> list[Found]:
        """Places where two named streets meet, tried at each place where the names may part."""
        typed = _TAIL.sub("", typed)
        for cut in between.finditer(typed):
            pair = [plain(_TAIL.sub("", part)) for part in (typed[: cut.start()], typed[cut.end() :])]
            if not all(len(p) > 1 or p.isdigit() for p in pair):
                continue
            one, other = ([shown for name, shown in self.streets.items() if part in name] for part in pair)
            found = self._meetings(one, other)
            if found:
                return found
        return []

    def _beside(self, typed: str) -> list[Found]:
        """Where a named street passes a landmark, said in either order and with or without “near”."""
        for cut in _BESIDE.finditer(typed):
            parts = [plain(meant(part)) for part in (typed[: cut.start()], typed[cut.end() :])]
            if all(len(part) > 1 for part in parts):
                for street, landmark in (parts, parts[::-1]):
                    named = [shown for name, shown in self.streets.items() if _rank(name, street) < 2]
                    marks = [found for name, found in self.landmarks if landmark in name]
                    if found := [f for m in dict.fromkeys(marks) for s in named[:60] if (f := self._passing(s, m))]:
                        return found
        return []

    def _passing(self, street: str, landmark: Found) -> Found | None:
        """The node of a street that lies nearest to a landmark, None where it does not pass it."""
        nodes = self.nodes_of[street]
        metres = haversine_m(self.lon[nodes], self.lat[nodes], landmark.lon, landmark.lat)
        nearest = int(np.argmin(metres))
        if metres[nearest] > PASSES_M:
            return None
        node = nodes[nearest]
        return Found("beside", f"{street}（{landmark.zh}旁）", f"{street} by {landmark.en}", float(self.lon[node]),
                     float(self.lat[node]))

    def _meetings(self, one: list[str], other: list[str]) -> list[Found]:
        found: dict[tuple[str, str], Found] = {}
        others = set(other)
        for first in one[:60]:
            for node in self.nodes_of[first]:
                for second in others.intersection(self.at[node]):
                    pair = (min(first, second), max(first, second))
                    if first != second and pair not in found:
                        found[pair] = Found(
                            "crossing", *crossing(first, second), float(self.lon[node]), float(self.lat[node])
                        )
        return list(found.values())

    def crossing_near(self, lon: float, lat: float) -> tuple[str, str]:
        if self._tree is None:
            return "", ""
        _, nearest = self._tree.query(self._flat(lon, lat)[0])
        first, second = (*self.at[self._crossings[int(nearest)]], "")[:2]
        return crossing(first, second)


def _rank(name: str, wanted: str) -> int:
    return 0 if name == wanted else 1 if name.startswith(wanted) else 2


_NUMBER = r"(-?\d{1,3}(?:\.\d+)?)"
_DMS = re.compile(
    r"(\d{1,3})\s*[°度]\s*(?:(\d{1,2}(?:\.\d+)?)\s*['′分](?!['′]))?\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:\"|″|′′|''|秒))?"
)
_SIDE = re.compile(r"北纬|南纬|东经|西经|[nsew北南东西]", re.IGNORECASE)
_PAIR = re.compile(
    rf"^[(\[]?\s*(?:lat|lon|纬度|经度)?[:=]?\s*{_NUMBER}\s*°?\s*[,;\s、/]\s*(?:lat|lon|lng|纬度|经度)?[:=]?\s*"
    rf"{_NUMBER}\s*°?\s*[)\]]?$",
    re.IGNORECASE,
)
_SIGNS = {
    "n": (1, 1),
    "北": (1, 1),
    "s": (1, -1),
    "南": (1, -1),
    "e": (0, 1),
    "东": (0, 1),
    "w": (0, -1),
    "西": (0, -1),
}


def coordinates(typed: str, centre: tuple[float, float] | None = None) -> tuple[float, float] | None:
    """Longitude and latitude of what was typed, None when it is not a pair of coordinates.

    Understood: "38.63, -90.2" in either order, "N38.63 W90.2", "38°37′48″N 90°12′W", 北纬30.65 东经104.06,
    full-width digits. Without letters the order is the one that lies nearer to `centre`, else latitude
    first."""
    typed = unicodedata.normalize("NFKC", typed).replace("−", "-").strip()
    if pair := _PAIR.match(typed):
        first, second = float(pair[1]), float(pair[2])
        if typed.lower().lstrip("([").startswith(("lon", "经度")):
            return _sound(first, second)
        orders = [p for p in (_sound(second, first), _sound(first, second)) if p]
        if centre:
            orders.sort(key=lambda p: abs(p[0] - centre[0]) + abs(p[1] - centre[1]))
        return orders[0] if orders else None
    return _sided(typed)


def _sided(typed: str) -> tuple[float, float] | None:
    """Coordinates that name their side: N S E W, before or after the number."""
    sides = (
        [s[0].lower()[0] for s in re.findall(rf"({_SIDE.pattern})", typed, re.IGNORECASE)]
        if re.fullmatch(rf"(?:{_SIDE.pattern}|[\d.°'′″\"度分秒,;:\s])+", typed, re.IGNORECASE)
        else []
    )
    numbers = [float(d) + float(m or 0) / 60 + float(s or 0) / 3600 for d, m, s in _DMS.findall(typed)]
    if not numbers:
        numbers = [float(n) for n in re.findall(r"\d{1,3}(?:\.\d+)?", typed)]
    if len(sides) != 2 or len(numbers) != 2:
        return None
    values: dict[int, float] = {}
    for side, number in zip(sides, numbers, strict=True):
        axis, sign = _SIGNS[side]
        values[axis] = sign * number
    return _sound(values[0], values[1]) if len(values) == 2 else None


def _sound(lon: float, lat: float) -> tuple[float, float] | None:
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None
