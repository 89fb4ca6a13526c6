"""Forecasts added up for people: by area, and by hour and weekday."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from shouwang.engine.demand.fit import Fit
from shouwang.engine.demand.past import DAY_H
from shouwang.engine.demand.spread import COVERAGE, interval
from shouwang.engine.geo.cells import OUTSIDE
from shouwang.engine.terms import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class AreaForecast:
    """Calls expected per block of hours and area, (blocks, areas), with the ends of an interval.

    `start_h`: the first hour of each block; `dispersion`: α of Var = μ + α μ².
    """

    start_h: IntArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray
    dispersion: float


def by_area(
    fit: Fit, owner: IntArray, start_h: int, hours: int, block_h: int = 1, coverage: float = COVERAGE
) -> AreaForecast:
    """Sum a forecast over areas.

    `owner` (cells,): the area of each cell from 0, -1 for none. `hours` from `start_h` on are taken in blocks
    of `block_h`; hours that fill no block are left out. The scatter is that of such sums in the past, not of
    single cells: errors that cells share do not cancel out.
    """
    blocks = hours // block_h
    owned = np.flatnonzero(owner != OUTSIDE)
    areas = int(owner.max(initial=-1)) + 1
    to_area = sparse.csr_array((np.ones(len(owned)), (owner[owned], owned)), shape=(areas, len(owner)))
    expected = np.empty((blocks, areas))
    for block in range(blocks):
        of_cells = fit.expected(start_h + block * block_h + np.arange(block_h)).sum(axis=0)
        expected[block] = to_area @ of_cells
    dispersion = fit.record.dispersion(owner, block_h)
    low, high = interval(expected, dispersion, coverage)
    starts = start_h + block_h * np.arange(blocks)
    return AreaForecast(starts, expected, low, high, dispersion)


def heat(fit: Fit) -> FloatArray:
    """Calls expected on the whole ground by weekday (from Monday) and hour of the day: (7, 24)."""
    days = np.array([fit.pattern.day(weekday) @ fit.place for weekday in range(7)])
    result: FloatArray = fit.level.now * fit.level.weekday[:, None] * days
    assert result.shape == (7, DAY_H)
    return result
