"""Where calls come from: shares of the cells, by members that remember differently long and look differently
wide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from shouwang.engine.demand.ground import Ground
from shouwang.engine.demand.past import DAY_H, Past
from shouwang.engine.terms import AnyArray, FloatArray


@dataclass(frozen=True, slots=True)
class Memory:
    """One member: counts that lose half their weight in `half_life_d` days, smoothed by `bandwidth_m` (0: not).

    Of each cell at most `loose` calls are smoothed, the others stay: so a place that stands out keeps its
    calls while single ones are taken as signs of their surroundings (absolute discounting, as in Ney, Essen,
    Kneser 1994 for words).
    """

    half_life_d: float
    bandwidth_m: float = 0.0
    loose: float = float("inf")

    @property
    def name(self) -> str:
        capped = "" if np.isinf(self.loose) else f", at most {self.loose:g} of a cell"
        return f"{self.half_life_d:g} d, {self.bandwidth_m:g} m{capped}"

    def surface(self, ground: Ground, counts: FloatArray) -> FloatArray:
        """The counts as this member sees them; their sum stays the same."""
        if not self.bandwidth_m:
            return counts
        loose = np.minimum(counts, self.loose)
        return counts - loose + ground.smooth(loose, self.bandwidth_m)


MEMORIES = (
    Memory(30),
    Memory(180),
    Memory(1500),
    Memory(30, 400),
    Memory(180, 200),
    Memory(1500, 400),
    Memory(1500, 400, 1),
)
"""A wide net, the same for every place: which of them count is learnt from the data (`pool`)."""

EVENLY = "evenly"


@dataclass
class Counts:
    """Decayed counts per cell for several half-lives, moved through time in one pass over the calls."""

    past: Past
    half_lives_d: Sequence[float]
    at_h: int = field(init=False)
    counts: dict[float, FloatArray] = field(init=False)

    def __post_init__(self) -> None:
        self.at_h = self.past.first_h
        self.counts = {h: np.zeros(self.past.ground.size) for h in self.half_lives_d}

    def advance(self, to_h: int) -> None:
        """Take in the calls up to `to_h`: c ← c · 2^(−Δ/h) + Σ 2^(−age/h)."""
        part = self.past.between(self.at_h, to_h)
        cell, age_d = self.past.cell[part], (to_h - self.past.hour[part]) / DAY_H
        for half_life_d, counts in self.counts.items():
            counts *= 2.0 ** (-(to_h - self.at_h) / DAY_H / half_life_d)
            counts += np.bincount(cell, np.exp2(-age_d / half_life_d), len(counts))
        self.at_h = to_h


def member_names(memories: Sequence[Memory]) -> list[str]:
    """Names of the rows of `member_shares`."""
    return [*(memory.name for memory in memories), EVENLY]


def member_shares(counts: Counts, memories: Sequence[Memory]) -> FloatArray:
    """Shares (members, cells) of the calls to come; the last member spreads them evenly; rows sum to 1."""
    ground = counts.past.ground
    rows = [memory.surface(ground, counts.counts[memory.half_life_d]) for memory in memories]
    return np.array([shares(row) for row in [*rows, np.ones(ground.size)]])


def shares(counts: AnyArray) -> FloatArray:
    """Counts as parts of their sum; evenly if there are none."""
    total = float(counts.sum())
    return counts / total if total > 0 else np.full(len(counts), 1.0 / len(counts))
