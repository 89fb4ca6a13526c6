"""Days that are not what their weekday says: festivals, and weekends that are worked to make up for them. What they do
to the number and the hours of calls is learnt, never set."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from shouwang.engine.credibility import Prior, believed
from shouwang.engine.demand.pool import pool_weights
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

ORDINARY = -1
WORKED = "worked"
"""The kind of a weekend day that is worked; all other kinds are days off."""
DAYS_WORTH = 1.0  # mean days' worth of calls for which it counts that a special day is as any other
SUNDAY, WEDNESDAY = 6, 2
DAY_H = 24


@dataclass(frozen=True, slots=True)
class Calendar:
    """`day`: days since 1970, ascending, each once; `kind`: index into `kinds` of each; `guessed`: years whose days are
    not announced yet, so that days off are those of the law and nothing is known of worked weekends."""

    day: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    kind: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    kinds: tuple[str, ...] = ()
    guessed: tuple[int, ...] = ()

    def at(self, day: IntArray) -> IntArray:
        """The kind of each day, `ORDINARY` for what its weekday says."""
        if not len(self.day):
            return np.full(len(day), ORDINARY)
        place = np.minimum(np.searchsorted(self.day, day), len(self.day) - 1)
        kind: IntArray = np.where(self.day[place] == day, self.kind[place], ORDINARY)
        return kind

    @property
    def worked(self) -> BoolArray:
        """Which kinds are worked weekends."""
        return np.array([kind == WORKED for kind in self.kinds], bool)


PLAIN = Calendar()


@dataclass(frozen=True, slots=True)
class Special:
    """What was learnt: `factor` (kinds,) on the calls that the weekday alone would have; `own` (kinds,): how far such a
    day keeps the hours of its own weekday, the rest being those of a Sunday (days off) or a Wednesday (worked)."""

    calendar: Calendar
    factor: FloatArray
    own: FloatArray

    def factors(self, day: IntArray) -> FloatArray:
        """The factor of each day, 1 for ordinary ones."""
        kind = self.calendar.at(day)
        return np.append(self.factor, 1.0)[kind]

    def hours_of(self, kind: int) -> tuple[float, int]:
        """The weight of the own weekday's hours, and the weekday that the rest is taken from."""
        if kind == ORDINARY:
            return 1.0, SUNDAY
        return float(self.own[kind]), WEDNESDAY if self.calendar.worked[kind] else SUNDAY

    def told(self) -> dict[str, dict[str, float]]:
        """Per kind, for people."""
        rows = zip(self.calendar.kinds, self.factor.tolist(), self.own.tolist(), strict=True)
        return {kind: {"factor": round(f, 3), "own_hours": round(o, 3)} for kind, f, o in rows}


def learn_factors(calendar: Calendar, day: IntArray, calls: FloatArray, expected: FloatArray) -> FloatArray:
    """Factors (kinds,) from days (days,), their calls, and the calls their weekdays let expect.

    Mean ratios per kind, believed as far as kinds differ by more than their days do (see `credibility`); all together
    count beside one mean day without a difference. Days off and worked weekends are learnt apart.
    """
    factor = np.ones(len(calendar.kinds))
    kind = calendar.at(day)
    usable = (kind != ORDINARY) & (expected > 0)
    for worked in (False, True):
        mine = np.flatnonzero(calendar.worked == worked)
        rows = np.flatnonzero(usable & np.isin(kind, mine))
        if mine.size and rows.size:
            prior = Prior(1.0, DAYS_WORTH * float(expected[rows].mean()))
            group = np.searchsorted(mine, kind[rows])
            factor[mine] = believed(calls[rows] / expected[rows], expected[rows], group, mine.size, prior=prior).value
    return np.maximum(factor, 0.01)


def learn_hours(calendar: Calendar, city: FloatArray, hour: IntArray) -> FloatArray:
    """How far special days keep the hours of their weekday (kinds,), from the hours of past calls (since 1970): the
    weight with which own hours and those of a Sunday or Wednesday would have told them best (see `pool`)."""
    own = np.ones(len(calendar.kinds))
    kind = calendar.at(hour // DAY_H)
    for worked in (False, True):
        mine = np.flatnonzero(calendar.worked == worked)
        rows = hour[np.isin(kind, mine)]
        if mine.size:
            like = WEDNESDAY if worked else SUNDAY
            weekday, of_day = (rows // DAY_H + 3) % 7, rows % DAY_H
            own[mine] = pool_weights(np.column_stack([city[weekday, of_day], city[like, of_day]]))[0]
    return own
