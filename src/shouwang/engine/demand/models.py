"""Forecasting models, small and swappable: each turns what was known at an origin into a `Fit`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from shouwang.engine.demand.fit import Fit, fitted, fold_edges
from shouwang.engine.demand.past import DAY_H, Past, hour_of_week
from shouwang.engine.demand.pool import pool_weights
from shouwang.engine.demand.when import ZONE_WORTH, Pooled, Tallies
from shouwang.engine.demand.where import MEMORIES, Counts, Memory, member_names, member_shares, shares
from shouwang.engine.errors import NoAnswer
from shouwang.engine.terms import FloatArray


class Model(Protocol):
    """A way to forecast."""

    @property
    def name(self) -> str: ...

    def fit(self, past: Past) -> Fit:
        """Look at the past and at nothing else. Raises `NoAnswer` when it is empty."""


@dataclass(frozen=True)
class RecentMean:
    """Counts per cell of the last `days` (None: of all), one day for the whole city: the plain measure."""

    days: int | None = None

    @property
    def name(self) -> str:
        return f"mean-{self.days}d" if self.days else "mean"

    def fit(self, past: Past) -> Fit:
        def place(known: Past) -> FloatArray:
            start_h = known.first_h if self.days is None else known.origin_h - self.days * DAY_H
            cell = known.cell[known.between(start_h, known.origin_h)]
            # A tenth of a call everywhere: what was never seen stays possible.
            return shares(np.bincount(cell, minlength=known.ground.size) + 0.1)

        return simple_fit(self.name, past, place, None, {"days": self.days})


@dataclass(frozen=True)
class Decayed:
    """Decayed counts plus some days' worth of their smooth surface; a day per zone, shrunk to the city's."""

    half_life_d: float = 180.0
    smooth_days: float = 15.0
    bandwidth_m: float = 200.0
    zone_m: float = 2000.0
    name: str = "decayed"

    def fit(self, past: Past) -> Fit:
        def place(known: Past) -> FloatArray:
            counts = Counts(known, [self.half_life_d])
            counts.advance(known.origin_h)
            now = counts.counts[self.half_life_d]
            watched_d = self.half_life_d / float(np.log(2))
            smooth = known.ground.smooth(now, self.bandwidth_m)
            # A millionth spread evenly: what was never seen stays possible.
            return shares(now + self.smooth_days / watched_d * smooth + 1e-6 * now.mean())

        settings = {
            "half_life_d": self.half_life_d,
            "smooth_days": self.smooth_days,
            "bandwidth_m": self.bandwidth_m,
            "zone_m": self.zone_m,
        }
        return simple_fit(self.name, past, place, self.zone_m, settings)


@dataclass(frozen=True)
class Learnt:
    """The default: a pool of memories for where and of patterns for when, weighted by how they did before.

    On a walk through the last weeks every member says, fold by fold, where and when calls will come, knowing
    only what came before; the weights are those with which the pool would have done best.
    """

    memories: Sequence[Memory] = MEMORIES
    name: str = "learnt"

    def fit(self, past: Past) -> Fit:
        _require_calls(past)
        edges = fold_edges(past)
        counts, tallies = Counts(past, sorted({m.half_life_d for m in self.memories})), Tallies(past)
        members, said_where, said_when = [], [], []
        for start_h, end_h in zip(edges, [*edges[1:], edges[-1]], strict=True):
            counts.advance(start_h)
            tallies.advance(start_h)
            members.append(member_shares(counts, self.memories))
            patterns = tallies.patterns()
            to_come = past.between(start_h, end_h)
            cell, how = past.cell[to_come], hour_of_week(past.hour[to_come])
            said_where.append(members[-1][:, cell].T)
            said_when.append(np.column_stack([pattern.at(cell, how) for pattern in patterns.values()]))
        where, when = (pool_weights(np.concatenate(said)) for said in (said_where, said_when))
        settings = {
            "where": _rounded(member_names(self.memories), where),
            "when": _rounded(list(patterns), when),
            "folds": len(edges) - 1,
            "fold_days": (edges[-1] - edges[0]) / DAY_H / max(1, len(edges) - 1),
            "judged_on_calls": sum(map(len, said_where)),
        }
        places = np.array([where @ member for member in members])
        pattern = Pooled(tuple(patterns.values()), when)
        return fitted(self.name, past, places, pattern, tallies.city(), settings)


def simple_fit(
    name: str,
    past: Past,
    place: Callable[[Past], FloatArray],
    zone_m: float | None,
    settings: dict[str, Any],
) -> Fit:
    """A fit from shares of the cells at any origin, and days per zone of `zone_m` (None: one for the ground)."""
    _require_calls(past)
    tallies, edges = Tallies(past), fold_edges(past)
    tallies.advance(edges[-1])
    zone = np.zeros(past.ground.size, np.int64) if zone_m is None else past.ground.zones(zone_m)
    places = np.array([place(past.before(edge)) for edge in edges])
    return fitted(name, past, places, tallies.zonal(zone, ZONE_WORTH), tallies.city(), settings)


def _require_calls(past: Past) -> None:
    if not len(past):
        raise NoAnswer("No call before the origin may feed a forecast.")


def _rounded(names: Sequence[str], weights: FloatArray) -> dict[str, float]:
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}


_ALL: tuple[Model, ...] = (Learnt(), Decayed(), RecentMean(365), RecentMean(3 * 365), RecentMean())
MODELS: dict[str, Model] = {model.name: model for model in _ALL}
"""By the name that the command line and the forecasts give them; the first is the default."""
