"""Cells that are no squares: hexagons, street segments and given areas. See `ground` for what models ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import h3.api.basic_int as h3
import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.spatial import cKDTree

from shouwang.engine.demand.ground import MARGIN_M, MOST_CELLS, Draw
from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.cells import OUTSIDE
from shouwang.engine.geo.distance import Plane
from shouwang.engine.terms import FloatArray, IntArray

REACH = 3.0  # standard deviations after which a kernel ends
BESIDE_M = 100.0  # how far from a street a call may lie and still be counted on it
CORNER_M = 1.0  # streets that are farther by no more than this are as near as the nearest
MOST_NEIGHBOURS = 40_000_000


@dataclass(frozen=True)
class _Scattered:
    """Cells known by the points in their middles."""

    lon: FloatArray
    lat: FloatArray

    @property
    def size(self) -> int:
        return len(self.lon)

    def centres(self) -> tuple[FloatArray, FloatArray]:
        return self.lon, self.lat

    def smooth(self, counts: FloatArray, bandwidth_m: float) -> FloatArray:
        """See `Ground.smooth`: Gaussian weights between middles, those of each cell summing to 1."""
        if bandwidth_m not in self._kernels:
            self._kernels[bandwidth_m] = self._kernel(bandwidth_m)
        smooth: FloatArray = self._kernels[bandwidth_m] @ counts
        return smooth

    def zones(self, width_m: float) -> IntArray:
        """See `Ground.zones`: cells whose middles lie in the same square."""
        column, row = (np.floor(axis / width_m).astype(np.int64) for axis in self._xy.T)
        block = (row - row.min()) * (int(np.ptp(column)) + 1) + column - column.min()
        return np.unique(block, return_inverse=True)[1].astype(np.int64)

    @cached_property
    def plane(self) -> Plane:
        """Metres around the cells; rounded, so that a few cells more do not move the zones."""
        around = Plane.around(self.lon, self.lat)
        return Plane(round(around.lon0, 1), round(around.lat0, 1))

    @cached_property
    def _xy(self) -> FloatArray:
        return np.column_stack(self.plane.to_xy(self.lon, self.lat))

    @cached_property
    def _kernels(self) -> dict[float, sparse.csr_array]:
        return {}

    def _kernel(self, bandwidth_m: float) -> sparse.csr_array:
        tree = cKDTree(self._xy)
        near = int(tree.count_neighbors(tree, REACH * bandwidth_m))
        if near > MOST_NEIGHBOURS:
            raise BadInput([Fault("cells", "too many cells lie near one another", near, "Give larger cells.")])
        pairs = tree.sparse_distance_matrix(tree, REACH * bandwidth_m, output_type="coo_matrix")
        row, column = pairs.coords
        weight = np.exp(-0.5 * (pairs.data / bandwidth_m) ** 2)
        own = np.arange(self.size)
        of = sparse.csr_array((weight[row != column], (row[row != column], column[row != column])), (self.size,) * 2)
        of = of + sparse.csr_array((np.ones(self.size), (own, own)), (self.size,) * 2)
        # What a cell gives to all others and keeps is what it had.
        return (of / sparse.csr_array.sum(of, axis=0)[None, :]).tocsr()


@dataclass(frozen=True)
class Hexagons(_Scattered):
    """Cells of H3 (Brodsky 2018), `ids` ascending."""

    resolution: int
    ids: IntArray

    @classmethod
    def around(cls, lon: ArrayLike, lat: ArrayLike, resolution: int, margin_m: float = MARGIN_M) -> Hexagons:
        """The hexagons with a point in them and those near such a one: the ground known to have calls.

        Raises `BadInput` for a resolution that is none, and when the hexagons would be too many to hold.
        """
        if not 0 <= resolution <= 15:
            raise BadInput([Fault("cells", "no resolution of H3", resolution, "Give 0 to 15; 9 is a block or two.")])
        seen = np.unique(_hexagons(lon, lat, resolution))
        rings = int(np.ceil(margin_m / (np.sqrt(3) * h3.average_hexagon_edge_length(resolution, unit="m"))))
        if len(seen) * (3 * rings * (rings + 1) + 1) > MOST_CELLS:
            raise BadInput([Fault("cells", f"more than {MOST_CELLS:,} cells", resolution, "Give larger hexagons.")])
        near = {one for cell in seen.tolist() for one in h3.grid_disk(cell, rings)}
        ids = np.array(sorted(near), np.int64)
        middles = np.array([h3.cell_to_latlng(cell) for cell in ids.tolist()]).reshape(-1, 2)
        return cls(middles[:, 1], middles[:, 0], resolution, ids)

    def index(self, lon: ArrayLike, lat: ArrayLike, draw: Draw | None = None) -> IntArray:
        """Cell of each point, `OUTSIDE` where no chosen hexagon holds it."""
        cell = _hexagons(lon, lat, self.resolution)
        rank = np.minimum(np.searchsorted(self.ids, cell), self.size - 1)
        found: IntArray = np.where(self.ids[rank] == cell, rank, OUTSIDE)
        return found


@dataclass(frozen=True)
class Given(_Scattered):
    """Areas or streets as they were given (degrees), numbered from 0 in their order."""

    shapes: tuple[shapely.Geometry, ...]

    @classmethod
    def of(cls, shapes: list[shapely.Geometry]) -> Given:
        """Polygons, or lines: then a point counts on the nearest one within 100 m, on a corner on one of those that
        meet there."""
        middles = [s.point_on_surface() if s.area else s.interpolate(0.5, normalized=True) for s in shapes]
        lon, lat = (shapely.get_coordinates(middles)[:, axis] for axis in (0, 1))
        return cls(lon, lat, tuple(shapes))

    @property
    def ids(self) -> IntArray:
        return np.arange(self.size)

    def index(self, lon: ArrayLike, lat: ArrayLike, draw: Draw | None = None) -> IntArray:
        """Cell of each point: the first area that holds it, or the nearest street (on a corner the one drawn, so that
        calls there are shared by the streets that meet); `OUTSIDE` where none."""
        shape, first, count = self._cells_at(lon, lat)
        at = first
        if draw is not None and len(corner := np.flatnonzero(count > 1)) and not self.shapes[0].area:
            at = first.copy()
            at[corner] += (draw(corner) * count[corner]).astype(np.int64)
        chosen: IntArray = np.append(shape, OUTSIDE)[np.where(count > 0, at, len(shape))]
        return chosen

    def at_corners(self, lon: ArrayLike, lat: ArrayLike) -> int:
        """How many of the points lie where streets meet, so that no single one is nearest."""
        return 0 if self.shapes[0].area else int((self._cells_at(lon, lat)[2] > 1).sum())

    def _cells_at(self, lon: ArrayLike, lat: ArrayLike) -> tuple[IntArray, IntArray, IntArray]:
        """Areas that hold a point, or streets nearest to it, point after point; and of each point asked for, where its
        own begin there and how many there are."""
        lon, lat = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
        # Many calls share few points.
        points, back = np.unique(lon + 1j * lat, return_inverse=True)
        flat = shapely.points(np.column_stack(self.plane.to_xy(points.real, points.imag)))
        if self.shapes[0].area:
            point, shape = self._tree.query(flat, predicate="intersects")
        else:
            (beside, _nearest), away_m = self._tree.query_nearest(
                flat, max_distance=BESIDE_M, all_matches=False, return_distance=True
            )
            point, shape = self._tree.query(flat[beside], predicate="dwithin", distance=away_m + CORNER_M)
            point = beside[point]
        order = np.lexsort((shape, point))
        count = np.bincount(point, minlength=len(points))
        return shape[order], (np.cumsum(count) - count)[back], count[back]

    @cached_property
    def _tree(self) -> shapely.STRtree:
        plane = self.plane
        flat = [
            shapely.transform(shape, lambda xy: np.column_stack(plane.to_xy(xy[:, 0], xy[:, 1])))
            for shape in self.shapes
        ]
        return shapely.STRtree(flat)


def _hexagons(lon: ArrayLike, lat: ArrayLike, resolution: int) -> IntArray:
    points, back = np.unique(np.asarray(lon, float) + 1j * np.asarray(lat, float), return_inverse=True)
    cells = [h3.latlng_to_cell(lat, lon, resolution) for lon, lat in zip(points.real, points.imag, strict=True)]
    found: IntArray = np.array(cells, np.int64)[back]
    return found
