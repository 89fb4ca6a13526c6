"""Square grids of exactly M metres in a local plane, and whose cell is whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.distance import Plane
from shouwang.engine.terms import AnyArray, FloatArray, IntArray

OUTSIDE = -1


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells numbered row by row from the south-west corner; (x0_m, y0_m) is that corner in `plane`."""

    plane: Plane
    cell_m: float
    x0_m: float
    y0_m: float
    columns: int
    rows: int

    @classmethod
    def covering(cls, lon: ArrayLike, lat: ArrayLike, cell_m: float) -> Grid:
        """The smallest grid whose cells hold all points. Raises `BadInput` without points or with a bad
        width.
        """
        lon, lat = np.asarray(lon, float).ravel(), np.asarray(lat, float).ravel()
        if not cell_m > 0:
            raise BadInput([Fault("cell_m", "a cell needs a width", cell_m, "Give metres above 0.")])
        if not lon.size or not (np.isfinite(lon).all() and np.isfinite(lat).all()):
            raise BadInput([Fault("points", "a grid needs points with finite coordinates", lon.size)])
        plane = Plane.around(lon, lat)
        x_m, y_m = plane.to_xy(lon, lat)
        columns, rows = (int(np.floor(np.ptp(v) / cell_m)) + 1 for v in (x_m, y_m))
        return cls(plane, float(cell_m), float(x_m.min()), float(y_m.min()), columns, rows)

    @classmethod
    def over(cls, area: shapely.Geometry, cell_m: float) -> Grid:
        """The smallest grid that holds an area given in degrees."""
        west, south, east, north = area.bounds
        return cls.covering([west, east], [south, north], cell_m)

    @property
    def size(self) -> int:
        return self.columns * self.rows

    def index(self, lon: ArrayLike, lat: ArrayLike) -> IntArray:
        """Cell number of each point, `OUTSIDE` (-1) off the grid. A point on a shared side goes east or
        north.
        """
        x_m, y_m = self.plane.to_xy(lon, lat)
        # A micrometre forgives the rounding of the corner's own coordinates, no more.
        column = np.floor((x_m - self.x0_m + 1e-6) / self.cell_m).astype(np.int64)
        row = np.floor((y_m - self.y0_m + 1e-6) / self.cell_m).astype(np.int64)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(inside, row * self.columns + column, OUTSIDE)

    def centres(self, cells: ArrayLike | None = None) -> tuple[FloatArray, FloatArray]:
        """Longitude and latitude of the centres of the cells (default all)."""
        cells = np.arange(self.size) if cells is None else np.asarray(cells, np.int64)
        row, column = np.divmod(cells, self.columns)
        return self.plane.to_lonlat(self.x0_m + (column + 0.5) * self.cell_m, self.y0_m + (row + 0.5) * self.cell_m)

    def squares(self, cells: ArrayLike | None = None) -> AnyArray:
        """The cells (default all) as polygons in degrees."""
        cells = np.arange(self.size) if cells is None else np.asarray(cells, np.int64)
        row, column = np.divmod(cells, self.columns)
        west, south = self.plane.to_lonlat(self.x0_m + column * self.cell_m, self.y0_m + row * self.cell_m)
        east, north = self.plane.to_lonlat(self.x0_m + (column + 1) * self.cell_m, self.y0_m + (row + 1) * self.cell_m)
        squares: AnyArray = shapely.box(west, south, east, north)
        return squares


def owners(grid: Grid, areas: Sequence[shapely.Geometry]) -> IntArray:
    """For each cell the number of the area that owns it, `OUTSIDE` where no area touches it.

    The centre decides; an area listed first wins a shared border. A cell that touches areas only with its
    rim goes to the one that covers most of it, so that no part of an area is without a cell.
    """
    lon, lat = grid.centres()
    owner = np.full(grid.size, OUTSIDE, dtype=np.int64)
    for number, area in enumerate(areas):
        shapely.prepare(area)
        owner[(owner == OUTSIDE) & shapely.intersects_xy(area, lon, lat)] = number
    open_cells = np.flatnonzero(owner == OUTSIDE)
    squares = grid.squares(open_cells)
    best = np.zeros(open_cells.size)
    for number, area in enumerate(areas):
        touching = np.flatnonzero(shapely.intersects(area, squares))
        covered = np.zeros(open_cells.size)
        covered[touching] = shapely.area(shapely.intersection(area, squares[touching]))
        better = covered > best
        owner[open_cells[better]], best[better] = number, covered[better]
    return owner


def clipped(grid: Grid, area: shapely.Geometry) -> tuple[IntArray, AnyArray]:
    """Numbers and shapes of the cells cut to an area: together exactly the area, without gap or overlap."""
    squares = grid.squares()
    shapely.prepare(area)
    touching = np.flatnonzero(shapely.intersects(area, squares))
    shapes = shapely.intersection(area, squares[touching])
    kept = shapely.area(shapes) > 0
    return touching[kept], shapes[kept]


def cover_faults_m2(shapes: Sequence[shapely.Geometry], area: shapely.Geometry) -> tuple[float, float]:
    """How far shapes (degrees) miss covering an area: square metres of gap and of overlap."""
    plane = Plane.around(*np.asarray(area.bounds).reshape(2, 2).T)

    def in_metres(geometry: shapely.Geometry) -> shapely.Geometry:
        return shapely.transform(geometry, lambda xy: np.column_stack(plane.to_xy(xy[:, 0], xy[:, 1])))

    flat = [in_metres(shape) for shape in shapes]
    union = shapely.union_all(flat)
    gap = in_metres(area).difference(union).area
    overlap = sum(shape.area for shape in flat) - union.area
    return float(gap), float(max(overlap, 0.0))
