"""What was known at an origin: calls on cells, in whole hours, in an order that does not depend on the
file's."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shouwang.engine.demand.calendar import ORDINARY, PLAIN, Calendar
from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.gaps import observed_days
from shouwang.engine.demand.ground import Ground
from shouwang.engine.demand.heaps import drawn, spread_heaps
from shouwang.engine.errors import BadInput, Fault
from shouwang.engine.geo.cells import OUTSIDE
from shouwang.engine.terms import BoolArray, FloatArray, IntArray

HOUR_S = 3600
DAY_H = 24
WEEK_H = 168
LEAST_ORDINARY_D = 28  # with fewer ordinary days special ones are taken as any other


def hour_of_week(hour: IntArray) -> IntArray:
    """0 (Monday, midnight to one) … 167, from hours since 1970-01-01, which was a Thursday."""
    return (hour + 3 * DAY_H) % WEEK_H


def origin_hour(origin_s: int) -> int:
    """The hour that begins at the origin. Raises `BadInput` within an hour: half an hour is no row of a
    forecast."""
    if origin_s % HOUR_S:
        moment = str(np.datetime64(origin_s, "s"))
        raise BadInput([Fault("origin", "a forecast begins at a whole hour", moment, "Give minutes and seconds as 0.")])
    return int(origin_s // HOUR_S)


@dataclass(frozen=True, slots=True)
class Past:
    """Calls before `origin_h`, sorted by hour, cell and kind.

    `hour`: hours since 1970 of the local clock; `cell`: cell of the ground; `kind`: category number below
    `kinds`; `first_h`: midnight before the first call, where observation is taken to begin; `timed`: False if
    the calls carry dates only, so that nothing is known about the hour; `calendar`: festivals and worked weekends.
    """

    hour: IntArray
    cell: IntArray
    kind: IntArray
    kinds: int
    ground: Ground
    first_h: int
    origin_h: int
    timed: bool = True
    calendar: Calendar = PLAIN

    @classmethod
    def of(cls, calls: Calls, ground: Ground, origin_h: int, calendar: Calendar = PLAIN) -> Past:
        """Of all calls, those heard from outside, before the origin and on the ground; of times heaped at noon or
        midnight the excess is spread over the day (`heaps`)."""
        recorded = calls.take(calls.heard() & (calls.time_s < origin_h * HOUR_S))
        known = spread_heaps(recorded)[0]
        # What is spread over the day of the origin stays before it.
        known = known.at_times(np.minimum(known.time_s, origin_h * HOUR_S - 1))
        cell = ground.index(known.lon, known.lat, lambda rows: drawn(recorded, rows)[2])
        on = cell != OUTSIDE
        hour = known.time_s[on] // HOUR_S
        # Kinds are numbered anew: one that first occurs after the origin must leave no trace.
        occurs = np.bincount(known.kind[on], minlength=1) > 0
        kind, kinds = (np.cumsum(occurs) - 1)[known.kind[on]], max(1, int(occurs.sum()))
        # One sorted number per call, so that equal sets of calls give sums equal to the last bit.
        key = np.sort((hour * ground.size + cell[on]) * kinds + kind)
        rest, kind = np.divmod(key, kinds)
        hour, cell = np.divmod(rest, ground.size)
        first_h = int(hour[0]) // DAY_H * DAY_H if len(hour) else origin_h
        return cls(hour, cell, kind, kinds, ground, first_h, origin_h, not date_only(recorded.time_s), calendar)

    def __len__(self) -> int:
        return len(self.hour)

    @property
    def span_h(self) -> int:
        return self.origin_h - self.first_h

    def between(self, start_h: int, end_h: int) -> slice:
        """Positions of the calls from `start_h` up to, without, `end_h`."""
        return slice(*(int(i) for i in np.searchsorted(self.hour, (start_h, end_h))))

    def before(self, origin_h: int) -> Past:
        """What was known at an earlier origin."""
        part = self.between(self.first_h, origin_h)
        return replace(
            self,
            hour=self.hour[part],
            cell=self.cell[part],
            kind=self.kind[part],
            origin_h=origin_h,
        )

    def observed(self) -> BoolArray:
        """Whether each day since `first_h` was observed, or is too silent to have been (`gaps`), as far as is known at
        the origin."""
        return observed_in(self.hour, self.first_h, self.origin_h, self.timed, self.calendar)

    def seen(self) -> tuple[Past, BoolArray]:
        """The past up to the end of the last day that was observed, and whether each of its days was."""
        observed = self.observed()
        days = int(np.flatnonzero(observed)[-1]) + 1 if observed.any() else 0
        if days == len(observed):
            return self, observed
        return self.before(self.first_h + DAY_H * days), observed[:days]


def observed_in(hour: IntArray, first_h: int, origin_h: int, timed: bool, calendar: Calendar) -> BoolArray:
    """Which days from the one of `first_h` to that of the origin were observed, from the hours of calls (since 1970).
    Of a day cut short as much is expected as other days had by then."""
    days = -(-(origin_h - first_h) // DAY_H)
    if not len(hour):
        return np.ones(max(0, days), bool)
    day = first_h // DAY_H + np.arange(days)
    calls: FloatArray = np.bincount((hour - first_h) // DAY_H, minlength=days).astype(float)
    ordinary = calendar.at(day) == ORDINARY
    worth: FloatArray = ordinary.astype(float) if ordinary.sum() >= LEAST_ORDINARY_D else np.ones(days)
    if cut := origin_h % DAY_H:
        worth[-1] *= float(np.mean(hour % DAY_H < cut)) if timed else cut / DAY_H
    return observed_days(calls, worth, (day + 3) % 7)


def date_only(time_s: IntArray) -> bool:
    """Whether nearly all calls stand at midnight exactly, as files with dates alone do."""
    return len(time_s) > 0 and float(np.mean(time_s % (DAY_H * HOUR_S) == 0)) > 0.95
