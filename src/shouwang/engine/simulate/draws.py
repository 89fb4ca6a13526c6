"""Where calls come from: replayed as they were, or drawn from a forecast. All chance is drawn before a run.

Each replication draws from a generator of its own, so that every plan and both cores see the same calls
(common random numbers; Law, Simulation Modeling and Analysis, ch. 11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from shouwang.engine.errors import Faults
from shouwang.engine.simulate.model import Calls, Kind
from shouwang.engine.terms import FloatArray, IntArray

HOUR_S = 3600.0


class Source(Protocol):
    """Gives the calls of a replication."""

    def draw(self, rng: np.random.Generator) -> Calls:
        """Calls in order of time."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """Calls as they were: times, places, areas and kinds stand; how long each is served is drawn anew."""

    time_s: FloatArray
    place: IntArray
    area: IntArray
    kind: IntArray
    kinds: Sequence[Kind]

    def draw(self, rng: np.random.Generator) -> Calls:
        order = np.argsort(self.time_s, kind="stable")
        kind = self.kind[order]
        return Calls(self.time_s[order], self.place[order], self.area[order], kind, stays(kind, self.kinds, rng))


@dataclass(frozen=True, slots=True)
class Drawn:
    """Calls drawn from expected numbers: a Poisson process whose rate is constant within each hour and cell.

    expected: hours × cells, calls expected; place, area: of each cell. Kinds are drawn by their shares. Raises
    `BadInput`.
    """

    expected: FloatArray
    place: IntArray
    area: IntArray
    kinds: Sequence[Kind]

    def __post_init__(self) -> None:
        faults = Faults(keep=50)
        for hour, cell in np.argwhere(~(np.isfinite(self.expected) & (self.expected >= 0))):
            what = "expected calls are a finite number, 0 or more"
            faults.add(f"expected, hour {hour}, cell {cell}", what, self.expected[hour, cell], "Correct it.")
        if self.place.shape != (self.expected.shape[1],) or self.area.shape != self.place.shape:
            faults.add("expected", "every cell needs a place and an area", self.expected.shape)
        if not sum(kind.share for kind in self.kinds) > 0:
            faults.add("kinds", "no kind has a share", 0, "Give at least one a share above 0.")
        faults.raise_if_any()

    def draw(self, rng: np.random.Generator) -> Calls:
        counts = rng.poisson(self.expected)
        hour, cell = np.nonzero(counts)
        repeats = counts[hour, cell]
        hour, cell = np.repeat(hour, repeats), np.repeat(cell, repeats)
        time_s = (hour + rng.random(hour.size)) * HOUR_S
        order = np.argsort(time_s, kind="stable")
        share = np.array([kind.share for kind in self.kinds])
        kind = rng.choice(share.size, hour.size, p=share / share.sum())
        cell = cell[order]
        return Calls(time_s[order], self.place[cell], self.area[cell], kind, stays(kind, self.kinds, rng))


@dataclass(frozen=True, slots=True)
class ByHour:
    """Calls of another source on roads that have several states (`Roads.measure`).

    state: of each hour of the day; places: how many places calls have under one state.
    """

    source: Source
    state: IntArray
    places: int

    def draw(self, rng: np.random.Generator) -> Calls:
        calls = self.source.draw(rng)
        state = self.state[(calls.time_s // HOUR_S).astype(np.int64) % self.state.size]
        return replace(calls, place=calls.place + self.places * state)


@dataclass(frozen=True, slots=True)
class ByShift:
    """Calls of another source that keep units longer or shorter by when they come: factor per hour of the day."""

    source: Source
    factor: FloatArray

    def draw(self, rng: np.random.Generator) -> Calls:
        calls = self.source.draw(rng)
        hour = (calls.time_s // HOUR_S).astype(np.int64) % self.factor.size
        return replace(calls, on_scene_s=calls.on_scene_s * self.factor[hour])


def stays(kind: IntArray, kinds: Sequence[Kind], rng: np.random.Generator) -> FloatArray:
    """Seconds on scene, drawn per call by the law of its kind.

    lognormal: exp(N(ln m - s²/2, s)) with s² = ln(1 + variation²), so that m is the mean.
    """
    normal, exponential = rng.standard_normal(kind.size), rng.standard_exponential(kind.size)
    result = np.empty(kind.size)
    for number, one in enumerate(kinds):
        mine = kind == number
        stay = one.on_scene
        if stay.law == "exponential":
            result[mine] = stay.mean_s * exponential[mine]
        elif stay.law == "lognormal":
            spread = np.sqrt(np.log1p(stay.variation**2))
            result[mine] = stay.mean_s * np.exp(spread * normal[mine] - spread**2 / 2)
        else:
            result[mine] = stay.mean_s
    return result
