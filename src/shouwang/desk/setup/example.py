"""An example district as plain values, and the rows of its areas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import shapely
from scipy.cluster.vq import kmeans2

from shouwang.desk.places.cutting import cut
from shouwang.desk.places.models import Area

CELL_M = 500.0
K = TypeVar("K")


@dataclass(frozen=True)
class Place:
    """A control area or community: code, names, code of the area above it, polygon in degrees."""

    code: str
    zh: str
    en: str
    above: str = ""
    shape: Any = None


@dataclass(frozen=True)
class Past:
    """Past calls of the district: a file of time, lon, lat, category, and where it comes from."""

    path: Path
    name: str
    source: str
    licence: str
    found_by_patrols: tuple[str, ...] = ()
    generated: bool = False


@dataclass(frozen=True)
class Example:
    """An example district as it is shipped. `invented`: kinds of its areas that are ours, not official."""

    code: str
    zh: str
    en: str
    time_zone: str
    note: str  # the mark on every screen: example, generated
    folder: Path
    streets: tuple[str, str, str]  # name, origin, licence
    areas: Callable[[], tuple[Sequence[Place], Sequence[Place]]]  # control areas, communities
    history: Callable[[], AbstractContextManager[Past]]
    invented: tuple[str, ...]
    seed: int
    matters: int = 0  # grid matters to invent
    guards: int = 0  # members of brigades to invent
    volunteers: int = 0  # to invent
    mediations: int = 0
    chinese_holidays: bool = True


def area_rows(example: Example) -> list[Area]:
    """Every area of the district, from the top to the grid cells, each with its exact polygon."""
    control_areas, communities = example.areas()
    pieces = cut([c.shape for c in communities], CELL_M)
    top = f"{example.code}/"

    def row(path: str, parent: str, kind: str, names: tuple[str, str], shape: Any) -> Area:
        point = shapely.point_on_surface(shape)
        return Area(
            path=path,
            parent=parent,
            code=path.rstrip("/").rsplit("/", 1)[-1],
            kind=kind,
            zh=names[0],
            en=names[1],
            geometry=shapely.geometry.mapping(shape),
            lon=round(point.x, 7),
            lat=round(point.y, 7),
            example=kind in example.invented,
        )

    rows = [row(top, "", "district", (example.zh, example.en), pieces.of(range(len(communities))))]
    for control in control_areas:
        inside = [n for n, c in enumerate(communities) if c.above == control.code]
        rows.append(row(f"{top}{control.code}/", top, "control_area", (control.zh, control.en), pieces.of(inside)))
    paths = [f"{top}{c.above}/{c.code}/" for c in communities]
    for number, community in enumerate(communities):
        rows.append(
            row(
                paths[number],
                f"{top}{community.above}/",
                "community",
                (community.zh, community.en),
                pieces.of([number]),
            )
        )
    for number, (cell, owner) in enumerate(zip(pieces.cells, pieces.community, strict=True), 1):
        rows.append(
            row(
                f"{paths[owner]}c{number:04}/",
                paths[owner],
                "cell",
                (f"网格{number:04}", f"Cell {number:04}"),
                cell,
            )
        )
    return rows


def kmeans(points: Any, count: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Lloyd's k-means from a k-means++ start (Arthur and Vassilvitskii 2007). Points in metres,
    n × 2; returns the centres and each point's number. No cluster is left empty."""
    centres, number = kmeans2(points, count, iter=40, minit="++", missing="raise", rng=rng)
    return centres, number


def shares(weights: Mapping[K, int], total: int) -> dict[K, int]:
    """`total` split by weight, largest remainders first (Hamilton). Everyone gets one while there are
    enough."""
    floor = 1 if total >= len(weights) else 0
    rest, whole = total - floor * len(weights), sum(weights.values())
    exact = {k: rest * w / whole for k, w in weights.items()}
    given = {k: floor + int(v) for k, v in exact.items()}
    for k in sorted(exact, key=lambda k: int(exact[k]) - exact[k])[: total - sum(given.values())]:
        given[k] += 1
    return given
