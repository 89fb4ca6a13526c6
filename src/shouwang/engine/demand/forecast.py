"""From calls to a forecast in one step: guard, ground, past, fit, and what was found on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shouwang.engine.demand.calendar import PLAIN, Calendar
from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.findings import Finding, findings, near
from shouwang.engine.demand.fit import Fit
from shouwang.engine.demand.ground import Ground, Squares
from shouwang.engine.demand.models import MODELS, Model
from shouwang.engine.demand.past import DAY_H, HOUR_S, Past, origin_hour
from shouwang.engine.demand.shapes import Given
from shouwang.engine.demand.spread import interval
from shouwang.engine.errors import NoAnswer
from shouwang.engine.terms import FloatArray, IntArray

DEFAULT_MODEL = next(iter(MODELS.values()))
Around = Callable[[FloatArray, FloatArray], Ground]
"""Makes a ground from where calls came from: longitudes, latitudes."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Expected calls with the ends of their 80 % interval, each (hours, cells); `hours` since 1970."""

    hours: IntArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Forecast:
    """A fitted model on its ground, with what it rests on. Counts of calls left out add up with `used` to
    all."""

    fit: Fit
    ground: Ground
    findings: tuple[Finding, ...]
    used: int
    after_origin: int
    patrol_found: int
    far_away: int
    first_s: int
    last_s: int

    def hours(self, start_h: int, count: int) -> Hours:
        """The forecast of `count` hours from `start_h` on, for every cell."""
        hours = np.arange(start_h, start_h + count)
        expected = self.fit.expected(hours)
        return Hours(hours, expected, *interval(expected, self.fit.cell_hour_dispersion))

    def total(self, start_h: int, count: int) -> Hours:
        """The sum of `count` hours from `start_h` on for every cell, (1, cells): its interval is that of such sums."""
        expected = np.zeros((1, self.ground.size))
        for first in range(start_h, start_h + count, DAY_H):  # three months of a city need the memory of a day
            expected[0] += self.fit.expected(np.arange(first, min(first + DAY_H, start_h + count))).sum(axis=0)
        return Hours(np.array([start_h]), expected, *interval(expected, self.fit.total_dispersion(count)))


def forecast(
    calls: Calls,
    origin_s: int,
    cells: float | Around,
    model: Model = DEFAULT_MODEL,
    ground: Ground | None = None,
    calendar: Calendar = PLAIN,
) -> Forecast:
    """Forecast from what was known at `origin_s` (local seconds since 1970, a whole hour).

    Calls at or after the origin and calls that patrols found are left out before anything is looked at;
    without a given ground so are calls far from all others, and the ground is where calls have come from:
    squares of so many metres, or what `cells` makes. `calendar` holds special days of past and future. Raises
    `BadInput` for a bad origin or width, `NoAnswer` if no call is left.
    """
    origin_h = origin_hour(origin_s)
    earlier = calls.before(origin_h * HOUR_S)
    heard = earlier.take(earlier.heard())
    known = heard.take(near(heard)) if ground is None else heard
    if not len(known):
        raise NoAnswer("No call before the origin may feed a forecast.")
    found = findings(known, origin_s, calendar)
    far_away = len(heard) - len(known)
    if ground is None:
        ground = cells(known.lon, known.lat) if callable(cells) else Squares.around(known.lon, known.lat, cells)
    past = Past.of(known, ground, origin_h, calendar)
    if not len(past):
        raise NoAnswer("No call before the origin lies on the cells.")
    if far_away:
        found.append(Finding("far_away", {"calls": far_away}))
    if outside := len(known) - len(past):
        found.append(Finding("outside", {"calls": outside}))
    if isinstance(ground, Given) and (corners := ground.at_corners(known.lon, known.lat)):
        found.append(Finding("corners", {"calls": corners}))
    if calendar.guessed:
        found.append(Finding("calendar_guessed", {"years": ", ".join(map(str, calendar.guessed))}))
    return Forecast(
        fit=model.fit(past),
        ground=ground,
        findings=tuple(found),
        used=len(past),
        after_origin=len(calls) - len(earlier),
        patrol_found=len(earlier) - len(heard),
        far_away=far_away + outside,
        first_s=int(known.time_s.min()),
        last_s=int(known.time_s.max()),
    )
