"""Cities whose true rates are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.ground import Squares
from shouwang.engine.geo.cells import Grid
from shouwang.engine.geo.distance import Plane

START = np.datetime64("2024-01-01T00", "h")  # a Monday
START_H = int(START.astype(np.int64))
CELL_M = 200.0


@dataclass(frozen=True)
class City:
    """`calls` drawn from `rate` (168, cells) calls per hour of the week on `ground`."""

    calls: Calls
    ground: Squares
    rate: np.ndarray


def ground_of(columns: int, rows: int, cell_m: float = CELL_M) -> Squares:
    grid = Grid(Plane(104.0, 30.6), cell_m, 0.0, 0.0, columns, rows)
    return Squares(grid, np.arange(grid.size))


@pytest.fixture(scope="session")
def make_city() -> Callable[..., City]:
    """Draw Poisson calls: `place` (rows, columns) shares, `day` (24,) shares, `weekday` (7,) factors, and with
    `frailty_sd` > 0 a gamma factor per day that all cells share."""

    def make(
        place: np.ndarray,
        per_day: float,
        days: int,
        *,
        day: np.ndarray | None = None,
        weekday: np.ndarray | None = None,
        frailty_sd: float = 0.0,
        kinds: int = 1,
        seed: int = 1,
    ) -> City:
        rng = np.random.default_rng(seed)
        rows, columns = place.shape
        ground = ground_of(columns, rows)
        shares = (place / place.sum()).ravel()
        hours = np.full(24, 1 / 24) if day is None else day / day.sum()
        factors = np.ones(7) if weekday is None else weekday
        rate = per_day * (factors[:, None] * hours).reshape(168, 1) * shares
        frailty = rng.gamma(1 / frailty_sd**2, frailty_sd**2, days) if frailty_sd else np.ones(days)
        counts = rng.poisson(rate[np.arange(days * 24) % 168] * frailty.repeat(24)[:, None])
        hour, cell = (index.repeat(counts[counts > 0]) for index in np.nonzero(counts))
        lon, lat = ground.centres()
        calls = Calls(
            time_s=(START_H + hour) * 3600 + rng.integers(1, 3600, len(hour)),
            lon=lon[cell],
            lat=lat[cell],
            kind=rng.integers(0, kinds, len(hour)),
            kinds=tuple(f"kind{n}" for n in range(kinds)),
            source=np.zeros(len(hour), np.int64),
        )
        return City(calls, ground, rate)

    return make


@pytest.fixture(scope="session")
def uneven_city(make_city: Callable[..., City]) -> City:
    """Half a year of 40 calls a day: a few busy cells, evenings busier than mornings, weekends busier by half."""
    rng = np.random.default_rng(7)
    place = rng.gamma(0.3, 1.0, (15, 15)) + 0.02
    day = np.r_[np.full(8, 1.0), np.full(8, 2.0), np.full(8, 4.0)]
    weekday = np.array([0.9, 0.9, 0.9, 0.9, 0.9, 1.25, 1.25])
    return make_city(place, 40.0, 182, day=day, weekday=weekday, kinds=3)
