"""When calls come: for each cell, how a day's calls spread over its 24 hours, which differs by weekday and by
place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import sparse

from shouwang.engine.demand.past import DAY_H, WEEK_H, Past, hour_of_week
from shouwang.engine.terms import FloatArray, IntArray

CITY_WORTH = 100.0  # calls' worth of the plain hour × weekday product in the city's week
ZONE_WORTH = 200.0  # calls' worth of the city's day in a zone's
CELL_WORTH = 20.0  # calls' worth of the wider zone's day in a cell's
KIND_SEED = 50.0  # calls' worth of the city's week in a kind's
KIND_WORTH = 300.0  # calls' worth of the plain hour × weekday product in a kind's week
WIDE_M, NARROW_M = 1000.0, 400.0
LEAST = 1e-3  # no hour is impossible


class Pattern(Protocol):
    """Shares of a day's calls by hour; for every cell and weekday (0 Monday) the 24 sum to 1."""

    def at(self, cell: IntArray, how: IntArray) -> FloatArray:
        """Share of the hour of the week `how` in its day, one per pair."""

    def day(self, weekday: int) -> FloatArray:
        """Shares (24, cells) of one weekday."""


@dataclass(frozen=True, slots=True)
class Zonal:
    """A day per zone, bent by the city's weekdays: `zone` per cell, `day_of` (zones, 24), `bend` (7, 24)."""

    zone: IntArray
    day_of: FloatArray
    bend: FloatArray

    def at(self, cell: IntArray, how: IntArray) -> FloatArray:
        weekday, hour = np.divmod(how, DAY_H)
        bent = self.day_of[self.zone[cell]] * self.bend[weekday]
        share: FloatArray = bent[np.arange(len(cell)), hour] / bent.sum(axis=1)
        return share

    def day(self, weekday: int) -> FloatArray:
        bent = self.day_of * self.bend[weekday]
        share: FloatArray = (bent / bent.sum(axis=1, keepdims=True))[self.zone].T
        return share


@dataclass(frozen=True, slots=True)
class ByKind:
    """Each kind of call has its week, a cell its mix of kinds: `mix` (cells, kinds), `week` (kinds, 168)."""

    mix: FloatArray
    week: FloatArray

    def at(self, cell: IntArray, how: IntArray) -> FloatArray:
        share: FloatArray = np.einsum("ij,ij->i", self.mix[cell], self.week.T[how])
        return share

    def day(self, weekday: int) -> FloatArray:
        share: FloatArray = (self.mix @ self.week[:, weekday * DAY_H : (weekday + 1) * DAY_H]).T
        return share


@dataclass(frozen=True, slots=True)
class Pooled:
    """A weighted mean of patterns."""

    patterns: tuple[Pattern, ...]
    weights: FloatArray

    def at(self, cell: IntArray, how: IntArray) -> FloatArray:
        total = np.zeros(len(cell))
        for weight, pattern in self._parts():
            total += weight * pattern.at(cell, how)
        return total

    def day(self, weekday: int) -> FloatArray:
        first, *others = ((w, p.day(weekday)) for w, p in self._parts())
        total: FloatArray = first[0] * first[1]
        for weight, share in others:
            total += weight * share
        return total

    def _parts(self) -> list[tuple[float, Pattern]]:
        return list(zip(self.weights.tolist(), self.patterns, strict=True))


def city_week(counts: FloatArray, worth: float = CITY_WORTH) -> FloatArray:
    """Shares (7, 24) of a day by hour, from counts (168,), shrunk to the same day on every weekday."""
    by_day = counts.reshape(7, DAY_H) + LEAST
    usual = by_day.sum(axis=0) / by_day.sum()
    week: FloatArray = (by_day + worth / 7 * usual) / (by_day.sum(axis=1, keepdims=True) + worth / 7)
    return week


class Tallies:
    """Counts by zone and hour and by kind, moved forward through time in one pass over the calls."""

    def __init__(self, past: Past) -> None:
        ground = past.ground
        self.past, self.at_h = past, past.first_h
        self.wide, self.narrow = ground.zones(WIDE_M), ground.zones(NARROW_M)
        self.by_cell = np.zeros((ground.size, DAY_H))
        self.kind_week = np.zeros((past.kinds, WEEK_H))
        self.cell_kind = np.zeros((ground.size, past.kinds))

    def advance(self, to_h: int) -> None:
        """Take in the calls up to `to_h`."""
        part = self.past.between(self.at_h, to_h)
        cell, kind, how = self.past.cell[part], self.past.kind[part], hour_of_week(self.past.hour[part])
        for table, row, column in (
            (self.by_cell, cell, how % DAY_H), (self.kind_week, kind, how), (self.cell_kind, cell, kind),
        ):  # fmt: skip
            table += np.bincount(row * table.shape[1] + column, minlength=table.size).reshape(table.shape)
        self.at_h = to_h

    def city(self) -> FloatArray:
        """The city's week, (7, 24)."""
        return city_week(self.kind_week.sum(axis=0))

    def zonal(self, zone: IntArray, worth: float) -> Zonal:
        """A day per zone, shrunk to the city's by `worth` calls."""
        week, usual = self._usual()
        return Zonal(zone, _shrunk(_by_zone(self.by_cell, zone), usual, worth), week / usual)

    def patterns(self) -> dict[str, Pattern]:
        """The members from which the pool is made, from the widest to the narrowest, and by kind."""
        week, usual = self._usual()
        city = Zonal(np.zeros_like(self.wide), usual[None], week / usual)
        wide, narrow = self.zonal(self.wide, ZONE_WORTH), self.zonal(self.narrow, ZONE_WORTH)
        cell = _shrunk(self.by_cell, wide.day_of[wide.zone], CELL_WORTH)
        return {
            "city": city,
            f"{WIDE_M:g} m": wide,
            f"{NARROW_M:g} m": narrow,
            "cell": Zonal(np.arange(len(cell)), cell, city.bend),
            "kinds": self._by_kind(),
        }

    def _usual(self) -> tuple[FloatArray, FloatArray]:
        week = self.city()
        weight = self.kind_week.sum(axis=0).reshape(7, DAY_H).sum(axis=1, keepdims=True) + LEAST
        return week, (week * weight).sum(axis=0) / weight.sum()

    def _by_kind(self) -> ByKind:
        whole = self.kind_week.sum(axis=0) + LEAST
        seeded = self.kind_week + KIND_SEED * whole / whole.sum()
        kind_week = np.array([city_week(row, KIND_WORTH) for row in seeded])
        overall = self.kind_week.sum(axis=1) + LEAST
        near = _shrunk(_by_zone(self.cell_kind, self.narrow), overall / overall.sum(), 50.0)
        mix = _shrunk(self.cell_kind, near[self.narrow], 10.0)
        return ByKind(mix, kind_week.reshape(-1, WEEK_H))


def flat(cells: int) -> Pattern:
    """Every hour alike, for calls that carry dates only."""
    return Zonal(np.zeros(cells, np.int64), np.full((1, DAY_H), 1 / DAY_H), np.ones((7, DAY_H)))


def _by_zone(table: FloatArray, zone: IntArray) -> FloatArray:
    member = sparse.csr_array((np.ones(len(zone)), zone, np.arange(len(zone) + 1)))
    summed: FloatArray = member.T @ table
    return summed


def _shrunk(counts: FloatArray, to: FloatArray, worth: float) -> FloatArray:
    """Shares by row, as if `worth` > 0 calls more had come in the shares `to` (a Dirichlet prior's mean)."""
    share: FloatArray = (counts + worth * to) / (counts.sum(axis=1, keepdims=True) + worth)
    return share
