"""Street files of this centre: taken in, drawn for the map, and named at their crossings."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import shapely
from django.conf import settings

from shouwang.engine.geo.streets import Streets
from shouwang.tables.streets import read_streets

from .models import StreetNetwork

# Width on the map, 1 the widest.
WIDTH = {
    "motorway": 1,
    "trunk": 1,
    "primary": 2,
    "secondary": 2,
    "tertiary": 3,
    "residential": 3,
    "unclassified": 3,
    "motorway_link": 3,
    "trunk_link": 3,
    "primary_link": 3,
    "secondary_link": 3,
    "tertiary_link": 3,
}
NARROWEST = 4


def folder_of(network_id: object) -> Path:
    return Path(settings.CONFIG.data) / "streets" / str(network_id)


def map_path(network_id: object) -> Path:
    return Path(settings.CONFIG.data) / "map" / f"streets-{network_id}.geojson.gz"


def install(source: Path, *, name: str, origin: str, licence: str, now: datetime) -> StreetNetwork:
    """Copies the network in `source` into this centre, draws its map file and puts it in use. The rows of
    the older networks stay, so that past plans can be read. Called inside a transaction; files come first
    and harm nobody."""
    streets = read_streets(source)
    network = StreetNetwork(
        name=name, source=origin, licence=licence, nodes=streets.node_count, edges=streets.edge_count, at=now
    )
    folder = folder_of(network.id)
    folder.mkdir(parents=True)
    for file in ("nodes.parquet", "edges.parquet"):
        shutil.copyfile(source / file, folder / file)
    shapes = source / "streets.parquet"
    write_map(map_path(network.id), _drawn(shapes) if shapes.exists() else _edges_of(streets))
    network.save()
    return network


def _drawn(path: Path) -> Iterator[tuple[str, str, Any]]:
    table = pq.read_table(path)
    return zip(
        table["name"].to_pylist(),
        table["highway"].to_pylist(),
        shapely.from_wkb(table["geometry"].to_numpy()),
        strict=True,
    )


def _edges_of(streets: Streets) -> Iterator[tuple[str, str, Any]]:
    """One line per pair of opposite edges: its course, or a straight line where that is not known."""
    once = np.flatnonzero((streets.opposite < 0) | (np.arange(streets.edge_count) < streets.opposite))
    lines = streets.lines(once)
    names = [""] * once.size if streets.name is None else streets.name[once]
    kinds = [""] * once.size if streets.kind is None else streets.kind[once]
    return zip(names, kinds, lines, strict=True)


def write_map(path: Path, lines: Iterable[tuple[str, str, Any]]) -> None:
    """A gzipped GeoJSON of the streets, pieces of one name and width joined so that names run along them."""
    pieces = defaultdict(list)
    for name, kind, line in lines:
        pieces[name or "", WIDTH.get(kind or "", NARROWEST)].append(line)
    features = []
    for (name, width), found in pieces.items():
        for line in shapely.get_parts(shapely.line_merge(shapely.multilinestrings(found))):
            at = np.round(shapely.get_coordinates(line), 6).tolist()
            features.append(
                {
                    "type": "Feature",
                    "properties": {"name": name, "class": width},
                    "geometry": {"type": "LineString", "coordinates": at},
                }
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_suffix(".part")
    with open(made, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as f:
        f.write(
            json.dumps(
                {"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":")
            ).encode()
        )
    os.replace(made, path)


def names_at(streets: Streets) -> dict[int, tuple[str, ...]]:
    """Node → the names of the streets that meet there, the longest street first. Nodes without a name are
    left out."""
    if streets.name is None:
        return {}
    metres: dict[str, float] = defaultdict(float)
    met: dict[int, set[str]] = defaultdict(set)
    for name, tail, head, length in zip(
        streets.name, streets.tail.tolist(), streets.head.tolist(), streets.length_m, strict=True
    ):
        if name:
            metres[name] += length
            met[tail].add(name)
            met[head].add(name)
    return {node: tuple(sorted(names, key=lambda n: (-metres[n], n))) for node, names in met.items()}


def crossing(first: str, second: str) -> tuple[str, str]:
    """The Chinese and English name of the place where two streets meet; `second` may be empty."""
    if not second:
        return first, first
    if first.isascii() and second.isascii():
        return f"{first} / {second} 路口", f"{first} & {second}"
    return f"{first}与{second}{'口' if second.endswith('路') else '路口'}", f"{first} & {second}"
