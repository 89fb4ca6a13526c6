"""Streets for driving from an OpenStreetMap extract (PBF)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.distance import haversine_m
from shouwang.engine.geo.streets import Streets

# Speed in km/h where no limit is tagged; classes not listed are not driven on.
SPEED_KMH = {
    "motorway": 100, "motorway_link": 60, "trunk": 80, "trunk_link": 50, "primary": 60, "primary_link": 45,
    "secondary": 50, "secondary_link": 40, "tertiary": 40, "tertiary_link": 35, "unclassified": 35,
    "residential": 30, "living_street": 15, "service": 15, "road": 30,
}  # fmt: skip
_NO_ENTRY = {"no", "private"}
_ACCESS_KEYS = ("motor_vehicle", "vehicle", "access")  # the most particular one decides
_NOT_SERVED = {"parking_aisle", "drive-through"}
_MPH = 1.609344


@dataclass(slots=True)
class Import:
    """The streets, and what was left out or assumed, each with a count."""

    streets: Streets
    report: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Ways:
    """Edges gathered from ways, by OpenStreetMap's node numbers."""

    u: list[int] = field(default_factory=list)
    v: list[int] = field(default_factory=list)
    kmh: list[float] = field(default_factory=list)
    name: list[str | None] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    place: dict[int, tuple[float, float]] = field(default_factory=dict)


def read_osm(path: Path | str) -> Import:
    """Read the streets that may be driven on: classes, access, one-way, speed limits or the class's speed.

    Kept is the largest part in which every node reaches every other. Turn restrictions are not read. Raises
    `BadInput` if the file cannot be read or holds no street.
    """
    path = Path(path)
    left_out: Counter[str] = Counter()
    ways = _Ways()
    try:
        processor = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
        for thing in processor.with_filter(osmium.filter.KeyFilter("highway")):
            if isinstance(thing, osmium.osm.Way):
                _take(ways, thing, left_out)
    except (RuntimeError, OSError) as error:
        fault = Fault(str(path), "the file cannot be read as an OpenStreetMap extract", None, "Give a PBF file.")
        raise BadInput([fault]) from error
    if not ways.u:
        raise BadInput([Fault(str(path), "the extract holds no street to drive on", 0, "Choose another extract.")])
    return _joined(ways, left_out)


def _take(ways: _Ways, way: osmium.osm.Way, left_out: Counter[str]) -> None:
    tags = {tag.k: tag.v for tag in way.tags}
    if (reason := _why_not(tags)) is not None:
        left_out[reason] += 1
        return
    if "maxspeed" in tags and speed_kmh(tags) is None:
        left_out["speed limits not understood (class speed used)"] += 1
    kmh = speed_kmh(tags) or float(SPEED_KMH[tags["highway"]])
    nodes = [(node.ref, node.lon, node.lat) for node in way.nodes if node.location.valid()]
    if len(nodes) < len(way.nodes):
        left_out["points outside the extract"] += len(way.nodes) - len(nodes)
    forth, back = directions(tags)
    for (a, *at_a), (b, *at_b) in pairwise(nodes):
        if a == b:
            continue
        ways.place[a], ways.place[b] = (at_a[0], at_a[1]), (at_b[0], at_b[1])
        for u, v in [(a, b)] * forth + [(b, a)] * back:
            ways.u.append(u)
            ways.v.append(v)
            ways.kmh.append(kmh)
            ways.name.append(tags.get("name"))
            ways.kind.append(tags["highway"])


def _why_not(tags: Mapping[str, str]) -> str | None:
    """Why a way is not driven on, or None if it is."""
    if tags["highway"] not in SPEED_KMH:
        return "ways not for cars"
    if tags.get("area") == "yes":
        return "squares and other areas"
    access = next((tags[key] for key in _ACCESS_KEYS if key in tags), "yes")
    if access in _NO_ENTRY:
        return "private or closed ways"
    if tags.get("service") in _NOT_SERVED:
        return "parking aisles and drive-throughs"
    return None


def directions(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether a way may be driven along and against its own direction."""
    one_way = tags.get("oneway", "")
    if one_way in ("-1", "reverse"):
        return False, True
    implied = tags.get("junction") in ("roundabout", "circular") or tags["highway"] == "motorway"
    if one_way in ("yes", "true", "1") or (implied and one_way != "no"):
        return True, False
    return True, True


def speed_kmh(tags: Mapping[str, str]) -> float | None:
    """The tagged speed limit in km/h, None where there is none that can be understood."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(mph|km/h|kmh)?\s*", tags.get("maxspeed", ""))
    if not match or float(match[1]) <= 0:
        return None
    return float(match[1]) * (_MPH if match[2] == "mph" else 1.0)


def _joined(ways: _Ways, left_out: Counter[str]) -> Import:
    ids = np.array(list(ways.place), np.int64)
    at = np.array(list(ways.place.values()))
    u, v = np.array(ways.u, np.int64), np.array(ways.v, np.int64)
    order = np.argsort(ids)
    index_u, index_v = (order[np.searchsorted(ids[order], end)] for end in (u, v))
    length_m = haversine_m(at[index_u, 0], at[index_u, 1], at[index_v, 0], at[index_v, 1])
    time_s = length_m / (np.array(ways.kmh) / 3.6)
    name, kind = np.array(ways.name, object), np.array(ways.kind, object)

    def built(keep_node: np.ndarray, keep_edge: np.ndarray) -> Streets:
        return Streets.build(
            node_id=ids[keep_node], lon=at[keep_node, 0], lat=at[keep_node, 1], u=u[keep_edge], v=v[keep_edge],
            length_m=length_m[keep_edge], time_s=time_s[keep_edge], name=name[keep_edge], kind=kind[keep_edge],
        )  # fmt: skip

    whole = built(np.ones(ids.size, bool), np.ones(u.size, bool))
    main = whole.main_part[whole.index_of(ids)]
    inside = main[index_u] & main[index_v]
    left_out["nodes cut off from the largest part"] = int((~main).sum())
    report = {"nodes kept": int(main.sum()), "edges kept": int(inside.sum()), **left_out}
    return Import(built(main, inside), {what: count for what, count in report.items() if count})
