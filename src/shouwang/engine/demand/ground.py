"""The cells a forecast speaks of. Models ask a ground only to smooth over neighbours and to name zones,
so that hexagons, street segments or given areas (`shapes`) can take the place of squares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy import ndimage

from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.cells import OUTSIDE, Grid, owners
from shouwang.engine.geo.distance import Plane
from shouwang.engine.terms import FloatArray, IntArray

MARGIN_M = 300.0
"""How far around known calls a forecast reaches: about one block."""

MOST_CELLS = 8_000_000

Draw = Callable[[IntArray], FloatArray]
"""A number from 0 to 1 for each of the points at these positions."""


class Ground(Protocol):
    """Cells numbered 0 … size − 1."""

    @property
    def size(self) -> int: ...

    @property
    def ids(self) -> IntArray:
        """Numbers by which the cells are known outside."""

    def index(self, lon: ArrayLike, lat: ArrayLike, draw: Draw | None = None) -> IntArray:
        """Cell of each point, `OUTSIDE` where none holds it. A point that belongs to several cells alike goes to the
        one drawn, or without `draw` to the first."""

    def centres(self) -> tuple[FloatArray, FloatArray]:
        """Longitude and latitude of a point in the middle of each."""

    def smooth(self, counts: FloatArray, bandwidth_m: float) -> FloatArray:
        """Counts per cell averaged over neighbours with a Gaussian kernel; their sum stays the same."""

    def zones(self, width_m: float) -> IntArray:
        """For each cell the number of its zone, zones being about `width_m` wide."""


@dataclass(frozen=True)
class Squares:
    """The chosen squares of a grid, in ascending order of their number in it."""

    grid: Grid
    chosen: IntArray

    @classmethod
    def around(
        cls, lon: ArrayLike, lat: ArrayLike, cell_m: float, margin_m: float = MARGIN_M, plane: Plane | None = None,
        moved_m: tuple[float, float] = (0.0, 0.0),
    ) -> Squares:  # fmt: skip
        """The squares with a point in them and those whose centre is near such a one: the ground known to
        have calls; on a grid moved west and south by less than a cell. `plane`: in which they lie, where that is
        settled.

        Raises `BadInput` without points, with a bad width, and when the squares would be too many to hold.
        """
        tight = _holdable(Grid.covering(lon, lat, cell_m))
        # A plane and corners that a few new calls do not move, so that tomorrow's cells are mostly today's.
        plane = plane or tight.plane.rounded()
        x_m, y_m = plane.to_xy(lon, lat)
        rim = int(np.ceil(margin_m / cell_m))
        west, south, east, north = (
            int(np.floor(v / cell_m)) + step
            for v, step in ((x_m.min(), -rim), (y_m.min(), -rim), (x_m.max(), rim), (y_m.max(), rim))
        )
        grid = _moved(
            Grid(plane, cell_m, west * cell_m, south * cell_m, east - west + 1, north - south + 1), *moved_m
        )
        seen = np.zeros(grid.size, bool)
        seen[grid.index(lon, lat)] = True
        away = ndimage.distance_transform_edt(~seen.reshape(grid.rows, grid.columns))
        near = (away * cell_m <= max(margin_m, cell_m)).ravel()
        return cls(grid, np.flatnonzero(near))

    @classmethod
    def over(
        cls, areas: list[shapely.Geometry], cell_m: float, moved_m: tuple[float, float] = (0.0, 0.0)
    ) -> Squares:
        """The squares that touch any of the areas (degrees), on a grid moved west and south by less than a cell."""
        union = shapely.union_all(areas)
        grid = _moved(_holdable(Grid.over(union, cell_m)), *moved_m)
        return cls(grid, np.flatnonzero(owners(grid, [union]) != OUTSIDE))

    @property
    def size(self) -> int:
        return len(self.chosen)

    @property
    def ids(self) -> IntArray:
        return self.chosen

    def index(self, lon: ArrayLike, lat: ArrayLike, draw: Draw | None = None) -> IntArray:
        """Cell of each point, `OUTSIDE` where no chosen square holds it."""
        number = self.grid.index(lon, lat)
        found: IntArray = np.where(number == OUTSIDE, OUTSIDE, self._rank[number])
        return found

    def centres(self) -> tuple[FloatArray, FloatArray]:
        """Longitude and latitude of the centres."""
        return self.grid.centres(self.chosen)

    def owners(self, areas: list[shapely.Geometry]) -> IntArray:
        """For each cell the area it belongs to, `OUTSIDE` where none."""
        return owners(self.grid, areas)[self.chosen]

    def smooth(self, counts: FloatArray, bandwidth_m: float) -> FloatArray:
        """See `Ground.smooth`. What would leave the ground is given back to where it came from."""
        reach = bandwidth_m / self.grid.cell_m
        if reach not in self._kept_inside:
            self._kept_inside[reach] = self._kernel(np.ones(self.size), reach)
        return self._kernel(counts / self._kept_inside[reach], reach)

    def zones(self, width_m: float) -> IntArray:
        """See `Ground.zones`: blocks of whole squares."""
        step = max(1, round(width_m / self.grid.cell_m))
        row, column = np.divmod(self.chosen, self.grid.columns)
        block = (row // step) * (self.grid.columns // step + 1) + column // step
        return np.unique(block, return_inverse=True)[1].astype(np.int64)

    @cached_property
    def _rank(self) -> IntArray:
        rank = np.full(self.grid.size, OUTSIDE, dtype=np.int64)
        rank[self.chosen] = np.arange(self.size)
        return rank

    @cached_property
    def _kept_inside(self) -> dict[float, FloatArray]:
        """By reach of the kernel: the part of each cell's weight that stays on the ground."""
        return {}

    def _kernel(self, values: FloatArray, reach: float) -> FloatArray:
        plane = np.zeros(self.grid.size)
        plane[self.chosen] = values
        smooth = ndimage.gaussian_filter(
            plane.reshape(self.grid.rows, self.grid.columns), reach, mode="constant", truncate=3.0
        )
        result: FloatArray = smooth.ravel()[self.chosen]
        return result


def _moved(grid: Grid, west_m: float, south_m: float) -> Grid:
    if not west_m and not south_m:
        return grid
    corner = grid.x0_m - west_m, grid.y0_m - south_m
    return Grid(grid.plane, grid.cell_m, *corner, grid.columns + 1, grid.rows + 1)


def _holdable(grid: Grid) -> Grid:
    if grid.size > MOST_CELLS:
        remedy = "Give wider cells, or leave out points far from the district."
        raise BadInput([Fault("cell_m", f"more than {MOST_CELLS:,} cells", grid.size, remedy)])
    return grid
