"""The protocol of the NIJ Real-Time Crime Forecasting Challenge (2017): a quarter to three quarters of a square mile,
in cells of 62,500 to 360,000 square feet, to be named beforehand; judged by PAI and PEI*. Here over many offsets of
the grid: with 20 to 70 events one hit moves PAI by 10 to 29, and so does a grid moved by half a cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.ground import Squares
from shouwang.engine.demand.models import Model
from shouwang.engine.demand.past import HOUR_S, Past
from shouwang.engine.errors import Faults, NoAnswer
from shouwang.engine.geo.cells import OUTSIDE
from shouwang.engine.geo.distance import Plane
from shouwang.engine.terms import BoolArray, FloatArray

FOOT_M = 0.3048
MILE2_M2 = 1609.344**2
CELL_FT2 = (62_500.0, 360_000.0)
AREA_MILE2 = (0.25, 0.75)


@dataclass(frozen=True, slots=True)
class Judged:
    """Per offset of the grid: `cells` named, `best` hits that so many cells could have had, `hits` (offsets, events):
    which events fell in them; `share`: part of the district named; `district_mile2`: its area A."""

    cells: int
    share: float
    district_mile2: float
    hits: BoolArray
    best: FloatArray

    def pai(self) -> FloatArray:
        """Predictive accuracy index per offset: (n / N) / (a / A)."""
        index: FloatArray = self.hits.mean(axis=1) / self.share
        return index

    def pei(self) -> FloatArray:
        """PEI* per offset: hits over the most that so many cells held."""
        index: FloatArray = self.hits.sum(axis=1) / np.maximum(1.0, self.best)
        return index

    def highest_pai(self) -> FloatArray:
        """PAI per offset of whoever had known the events: the ceiling of ceilings."""
        index: FloatArray = self.best / self.hits.shape[1] / self.share
        return index

    def redrawn(self, rng: np.random.Generator, draws: int = 1000, level: float = 0.95) -> tuple[float, float]:
        """Ends of the interval of the mean PAI from drawing events again (Efron 1979)."""
        worth = self.hits.mean(axis=0) / self.share
        means = worth[rng.integers(0, len(worth), (draws, len(worth)))].mean(axis=1)
        low, high = np.quantile(means, (0.5 - level / 2, 0.5 + level / 2))
        return float(low), float(high)


def judge(
    calls: Calls,
    boundary: shapely.Geometry,
    model: Model,
    origin_h: int,
    horizon_h: int,
    *,
    cell_ft: float = 600.0,
    area_mile2: float = 0.25,
    offsets: int = 4,
) -> Judged:
    """Name cells of `cell_ft` feet for at least `area_mile2` square miles of `boundary` (degrees) from calls before the
    origin, and count what came within `horizon_h`; on grids moved in both directions by `offsets` parts of a cell.

    Raises `BadInput` outside the rules, `NoAnswer` without an event.
    """
    faults = Faults()
    if not CELL_FT2[0] <= cell_ft**2 <= CELL_FT2[1]:
        faults.add("cell_ft", "a cell has 62,500 to 360,000 square feet", cell_ft, "Give 250 to 600 feet.")
    if not AREA_MILE2[0] <= area_mile2 <= AREA_MILE2[1]:
        faults.add("area_mile2", "0.25 to 0.75 square miles may be named", area_mile2, "Give a number between.")
    faults.raise_if_any()
    cell_m = cell_ft * FOOT_M
    count = int(np.ceil(round(area_mile2 * MILE2_M2 / cell_m**2, 9)))
    heard = calls.take(calls.heard())
    came = heard.take((heard.time_s // HOUR_S >= origin_h) & (heard.time_s // HOUR_S < origin_h + horizon_h))
    if not len(came):
        raise NoAnswer("No event came within the time: there is nothing to judge.")
    plane = Plane.around(*np.asarray(boundary.bounds).reshape(2, 2).T)
    flat = shapely.transform(boundary, lambda xy: np.column_stack(plane.to_xy(xy[:, 0], xy[:, 1])))
    hits, best = [], []
    for step in range(offsets**2):
        east, north = (cell_m * part / offsets for part in divmod(step, offsets))
        ground = Squares.over([boundary], cell_m, (east, north))
        chosen = np.argsort(-model.fit(Past.of(heard, ground, origin_h)).place, kind="stable")[:count]
        cell = ground.index(came.lon, came.lat)
        hits.append(np.isin(cell, chosen))
        held = np.bincount(cell[cell != OUTSIDE], minlength=ground.size)
        best.append(float(np.sort(held)[-count:].sum()))
    share = count * cell_m**2 / float(flat.area)
    return Judged(count, share, float(flat.area) / MILE2_M2, np.array(hits), np.array(best))

