"""What a model leaves behind once it has looked at the past: expected calls for any later hour and cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from shouwang.engine.demand.calendar import ORDINARY
from shouwang.engine.demand.level import DRIFT_D, Level, level_of
from shouwang.engine.demand.past import DAY_H, Past, hour_of_week
from shouwang.engine.demand.spread import Record
from shouwang.engine.demand.when import Pattern, flat
from shouwang.engine.terms import FloatArray, IntArray

FOLDS = 8
FOLD_H = 14 * DAY_H


@dataclass(frozen=True)
class Fit:
    """λ(cell, hour) = level of the day × share of the cell × share of the hour in the cell's day.

    `place` (cells,) sums to 1; `record` says how such forecasts did before; `settings` says, for people,
    what was chosen.
    """

    model: str
    origin_h: int
    level: Level
    place: FloatArray
    pattern: Pattern
    record: Record
    settings: dict[str, Any]

    def expected(self, hours: IntArray) -> FloatArray:
        """Calls expected in each hour (since 1970, from the origin on) and cell: (hours, cells)."""
        hours = np.asarray(hours, np.int64)
        result = np.empty((len(hours), len(self.place)))
        weekday, hour = np.divmod(hour_of_week(hours), DAY_H)
        kind = self.level.special.calendar.at(hours // DAY_H)
        for day, special in np.unique(np.column_stack([weekday, kind]), axis=0).tolist():
            own, like = self.level.special.hours_of(special)
            shares = self.pattern.day(day)
            if own < 1:
                shares = own * shares + (1 - own) * self.pattern.day(like)
            on_day = (weekday == day) & (kind == special)
            result[on_day] = shares[hour[on_day]]
        result *= self.place
        result *= self.level.day_total(hours)[:, None]
        return result

    @cached_property
    def cell_hour_dispersion(self) -> float:
        """α for single cells and hours."""
        return self.record.dispersion(np.arange(len(self.place)), 1)

    def total_dispersion(self, hours: int) -> float:
        """α for sums of single cells over so many hours from the origin on."""
        return self.dispersion(np.arange(len(self.place)), hours)

    def dispersion(self, owner: IntArray, hours: int) -> float:
        """α for sums per area over so many hours from the origin on. `owner`: area of each cell, `OUTSIDE` for none.

        Within a day it is that of the record. Beyond, the level has time to move. The record's forecasts know it anew
        each morning, so what it moves over so many days is added, as far as it is more than what the whole ground
        scattered in the record: an error of the level is one of all cells. It is known from n windows of a year alone,
        and taken (n + 2)/n times, nearly the variance n/(n − 2) of Student's law.
        """
        block_h = min(hours, FOLD_H, max(1, len(self.record.total) // 2))
        scatter, days = self.record.dispersion(owner, block_h), -(-hours // DAY_H)
        if days < 2:
            return scatter
        whole = self.record.dispersion(np.zeros(len(self.place), np.int64), block_h) - self.record.unseen
        windows = max(1, min(DRIFT_D, len(self.level.calls)) // days)
        return scatter + max(0.0, self.level.drift(days) * (windows + 2) / windows - whole)


def fold_edges(past: Past) -> list[int]:
    """Hours at which forecasts are tried out, last the origin or the end of what was observed.

    Up to 8 folds of 14 days, shorter and fewer if the calls span less, never more than half the span. Days at the end
    that were not observed are left out; for others in between, folds are added until as many days were observed.
    """
    past, observed = past.seen()
    length_h = max(DAY_H, min(FOLD_H, past.span_h // (2 * FOLDS) // DAY_H * DAY_H))
    most = past.span_h // (2 * length_h)
    folds = min(FOLDS, most)
    hours = observed.repeat(DAY_H)[: past.span_h]
    while folds < most and hours[-folds * length_h :].sum() < FOLDS * length_h:
        folds += 1
    return [past.origin_h - length_h * back for back in range(folds, -1, -1)]


def fitted(
    name: str, past: Past, places: FloatArray, pattern: Pattern, city: FloatArray, settings: dict[str, Any]
) -> Fit:
    """Put the parts together.

    `places` (folds + 1, cells): shares of the cells as known at each of `fold_edges`; `city` (7, 24): shares
    of a day by hour. Calls with dates only are spread evenly over the hours, whatever the pattern says.
    """
    if not past.timed:
        pattern, city = flat(past.ground.size), np.full((7, DAY_H), 1 / DAY_H)
    level = level_of(past, city)
    record = _record(past, places[:-1], level, city)
    record = replace(record, unseen=level.unseen((past.origin_h - fold_edges(past)[-1]) / DAY_H))
    settings = {**settings, "level_half_life_d": level.half_life_d, "season": level.season.told()}
    if past.calendar.kinds:
        settings["special_days"] = level.special.told()
    return Fit(name, past.origin_h, level, places[-1], pattern, record, settings)


def _record(past: Past, places: FloatArray, level: Level, city: FloatArray) -> Record:
    edges = fold_edges(past)
    hours = np.arange(edges[0], edges[-1])
    weekday, hour = np.divmod(hour_of_week(hours), DAY_H)
    share = city[weekday, hour]
    kind = past.calendar.at(hours // DAY_H)
    for special in np.unique(kind[kind != ORDINARY]).tolist():
        own, like = level.special.hours_of(special)
        share = np.where(kind == special, own * share + (1 - own) * city[like, hour], share)
    observed = past.observed()[(hours - past.first_h) // DAY_H]
    total = level.day_total_then(hours) * share * observed
    fold_of = np.searchsorted(edges, hours, side="right") - 1
    part = past.between(edges[0], edges[-1])
    hour, cell = past.hour[part], past.cell[part]
    known = observed[hour - edges[0]]
    return Record(edges[0], places, total, fold_of, hour[known], cell[known])
