"""Whether grid cells cover the district without gap or overlap, and how each fault can be mended. Pure: shapes in,
faults and shapes out. A gap goes to the neighbouring cell with the longest common border, one of its own community
before others; ground of two cells stays with the one whose community it lies in, and of two in the same community with
the smaller; what reaches beyond the district is cut off. A community without any cell is a gap that needs cells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from shouwang.engine.geo.distance import Plane

from .cutting import STEP_DEG

LEAST_M2 = 1.0  # less is the rounding of coordinates
Shape = Any


@dataclass(frozen=True)
class Flaw:
    """kind: gap, overlap, beyond. `among`: paths of the cells that overlap, that border the gap, or that reach beyond.
    `to`: the cell that gets or keeps the ground, "" where none does. `id` is made of the fault itself: what is mended
    is what was looked at."""

    id: str
    kind: str
    shape: Shape
    m2: float
    among: tuple[str, ...]
    to: str


def flaws(cells: Mapping[str, Shape], communities: Mapping[str, Shape]) -> list[Flaw]:
    """Every fault, the largest first. Polygons in degrees by path; a cell's path begins with its community's."""
    if not communities:
        return []
    plane = Plane.around(*np.concatenate([np.reshape(c.bounds, (2, 2)) for c in communities.values()]).T)
    paths = list(cells)
    tree = shapely.STRtree([cells[p] for p in paths])
    found = [*_gaps(cells, communities, paths, tree, plane), *_overlaps(cells, communities, paths, tree, plane),
             *_beyond(cells, communities, plane)]
    return sorted(found, key=lambda f: (-f.m2, f.id))


def mended(cells: Mapping[str, Shape], chosen: Iterable[Flaw]) -> dict[str, Shape]:
    """The cells that change when these faults are mended as proposed, with their new polygons."""
    new: dict[str, Shape] = {}
    for flaw in chosen:
        for path in flaw.among if flaw.kind != "gap" else ():
            if path != flaw.to:
                new[path] = _areal(shapely.difference(new.get(path, cells[path]), flaw.shape, grid_size=STEP_DEG))
        if flaw.kind == "gap" and flaw.to:
            new[flaw.to] = _areal(shapely.union(new.get(flaw.to, cells[flaw.to]), flaw.shape, grid_size=STEP_DEG))
    return new


def _gaps(cells: Mapping[str, Shape], communities: Mapping[str, Shape], paths: Sequence[str], tree: shapely.STRtree,
          plane: Plane) -> list[Flaw]:
    found = []
    held = {path.rstrip("/").rpartition("/")[0] + "/" for path in paths}
    for community, ground in communities.items():
        if community not in held:  # a neighbour that got the whole of it would be no cell
            found.append(_flaw("gap", ground, plane, (community,), ""))
            continue
        near = [cells[paths[i]] for i in tree.query(ground, predicate="intersects")]
        left = shapely.difference(ground, shapely.union_all(near)) if near else ground
        for part in _parts(left, plane):
            beside = [paths[i] for i in tree.query(part.buffer(STEP_DEG), predicate="intersects")]
            to = max(beside, key=lambda p: (p.startswith(community), _common(cells[p], part), p), default="")
            found.append(_flaw("gap", part, plane, tuple(sorted(beside)), to))
    return found


def _overlaps(cells: Mapping[str, Shape], communities: Mapping[str, Shape], paths: Sequence[str],
              tree: shapely.STRtree, plane: Plane) -> list[Flaw]:
    found = []
    pairs = tree.query([cells[p] for p in paths], predicate="overlaps").T.tolist()
    pairs += tree.query([cells[p] for p in paths], predicate="contains").T.tolist()
    for one, other in sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}):
        both = (paths[one], paths[other])
        for part in _parts(shapely.intersection(cells[both[0]], cells[both[1]]), plane):
            own = {p: any(part.intersection(g).area > part.area / 2 for c, g in communities.items() if p.startswith(c))
                   for p in both}
            to = min(both, key=lambda p: (not own[p], cells[p].area, p))
            found.append(_flaw("overlap", part, plane, both, to))
    return found


def _beyond(cells: Mapping[str, Shape], communities: Mapping[str, Shape], plane: Plane) -> list[Flaw]:
    """Parts of cells that lie in no community."""
    whole = shapely.union_all(list(communities.values()))
    shapely.prepare(whole)
    out = [(p, c) for p, c in cells.items() if not whole.covers(c)]
    return [_flaw("beyond", part, plane, (path,), "")
            for path, cell in out for part in _parts(shapely.difference(cell, whole), plane)]


def _flaw(kind: str, shape: Shape, plane: Plane, among: tuple[str, ...], to: str) -> Flaw:
    said = f"{kind} {among} {to} ".encode() + shapely.to_wkb(shapely.normalize(shape))
    return Flaw(hashlib.sha256(said).hexdigest()[:16], kind, shape, _m2(shape, plane), among, to)


def _parts(shape: Shape, plane: Plane) -> list[Shape]:
    return [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and _m2(p, plane) > LEAST_M2]


def _m2(shape: Shape, plane: Plane) -> float:
    return float(shapely.transform(shape, lambda xy: np.column_stack(plane.to_xy(xy[:, 0], xy[:, 1]))).area)


def _common(cell: Shape, part: Shape) -> float:
    """How much of their border is common: neighbours that were not drawn together may miss each other by a hair."""
    return float(part.boundary.intersection(cell.buffer(2 * STEP_DEG)).length)


def _areal(shape: Shape) -> Shape:
    """The polygons of a shape, without lines and points that an operation leaves."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
