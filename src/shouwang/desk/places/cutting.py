"""Cuts a district into communities and grid cells that cover it exactly, without gap or overlap.

All borders and all grid lines are laid over one another once, on a fixed grid of coordinates, and the faces
between them are handed out. Cells, communities and control areas are unions of whole faces, so neighbours
share their vertices and nesting is exact instead of nearly so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shouwang.engine.geo.cells import Grid

STEP_DEG = 1e-7  # about a centimetre: every coordinate of a border lies on this grid
SLIVER_SHARE = 0.06  # a cell with less than this share of a full square joins a neighbour in its community

Shapes = NDArray[Any]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Cut:
    """`cells` are polygons in degrees; `community` the number of the community each lies in."""

    cells: Shapes
    community: Numbers

    def of(self, communities: Sequence[int]) -> shapely.Geometry:
        """The union of some communities: their cells, joined along the vertices they share."""
        return shapely.coverage_union_all(self.cells[np.isin(self.community, list(communities))])


def cut(communities: Sequence[shapely.Geometry], cell_m: float) -> Cut:
    """Squares of `cell_m` metres, clipped to the communities (polygons in degrees that should not overlap).

    Where communities overlap, the first one listed keeps the ground; slivers between them go to the
    neighbour with the longer common border. Raises ValueError when a community is left without ground."""
    whole = shapely.union_all(np.asarray(communities, object))
    grid = Grid.over(whole, cell_m)
    borders = [shapely.boundary(c) for c in communities]
    lines = shapely.union_all(shapely.set_precision([*borders, *_lines(grid)], STEP_DEG), grid_size=STEP_DEG)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    faces = faces[shapely.intersects(_filled(whole), shapely.point_on_surface(faces))]
    owner = _adopt(faces, _owner(faces, communities))
    inside = shapely.point_on_surface(faces)
    square = grid.index(shapely.get_x(inside), shapely.get_y(inside))
    square_area = float(shapely.area(grid.squares([0]))[0])
    cells, community = _joined(faces, owner, square, square_area * SLIVER_SHARE)
    missing = set(range(len(communities))) - set(community.tolist())
    if missing:
        raise ValueError(f"communities {sorted(missing)} lie wholly inside others")
    return Cut(cells, community)


def _lines(grid: Grid) -> list[shapely.Geometry]:
    """The lines of the grid. In a local plane of this kind they run along meridians and parallels."""
    lon, _ = grid.plane.to_lonlat(grid.x0_m + np.arange(grid.columns + 1) * grid.cell_m, 0.0)
    _, lat = grid.plane.to_lonlat(0.0, grid.y0_m + np.arange(grid.rows + 1) * grid.cell_m)
    upright = [shapely.LineString([(x, lat[0]), (x, lat[-1])]) for x in lon]
    return upright + [shapely.LineString([(lon[0], y), (lon[-1], y)]) for y in lat]


def _filled(whole: shapely.Geometry) -> shapely.Geometry:
    """The district without the holes that careless borders leave inside it."""
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(whole)])


def _owner(faces: Shapes, communities: Sequence[shapely.Geometry]) -> Numbers:
    inside = shapely.point_on_surface(faces)
    face, community = shapely.STRtree(np.asarray(communities, object)).query(inside, predicate="intersects")
    owner = np.full(len(faces), len(communities), dtype=np.int64)
    np.minimum.at(owner, face, community)
    owner[owner == len(communities)] = -1
    return owner


def _adopt(faces: Shapes, owner: Numbers) -> Numbers:
    """Gives faces that nobody owns to the neighbour with the longest common border."""
    owner = owner.copy()
    tree = shapely.STRtree(faces)
    while (orphans := np.flatnonzero(owner < 0)).size:
        before = orphans.size
        for face in orphans:
            near = tree.query(faces[face], predicate="touches")
            near = near[owner[near] >= 0]
            if near.size:
                owner[face] = owner[near[_longest(faces[face], faces[near])]]
        if (owner < 0).sum() == before:
            raise ValueError("part of the district touches no community")
    return owner


def _longest(face: shapely.Geometry, near: Shapes) -> int:
    return int(np.argmax(shapely.length(shapely.intersection(face, near))))


def _joined(faces: Shapes, owner: Numbers, square: Numbers, least: float) -> tuple[Shapes, Numbers]:
    """Faces of one square and community become one cell; a cell smaller than `least` joins a neighbour of
    its own community, if it has one."""
    keys, label = np.unique(np.stack([owner, square]), axis=1, return_inverse=True)
    label = label.ravel()
    community: Numbers = keys[0]
    cells = np.array([shapely.coverage_union_all(faces[label == n]) for n in range(keys.shape[1])], object)
    alive = np.ones(len(cells), bool)
    for cell in np.argsort(shapely.area(cells)):
        if cells[cell].area >= least:
            break
        mates = np.flatnonzero(alive & (community == community[cell]) & (np.arange(len(cells)) != cell))
        mates = mates[shapely.length(shapely.intersection(cells[mates], cells[cell])) > 0]
        if mates.size:
            mate = mates[_longest(cells[cell], cells[mates])]
            cells[mate] = shapely.coverage_union_all([cells[mate], cells[cell]])
            alive[cell] = False
    return cells[alive], community[alive]
