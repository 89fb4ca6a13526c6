"""Working time by the Chinese calendar. Pure: instants in, instants out."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from shouwang.engine.terms import FloatArray
from shouwang.tables.calendar import announced, is_workday

from .defaults import document
from .settings import get_many

FIRST, LAST = 2015, 2045  # years that can be counted


class Hours:
    """The periods of work of all countable years, in a zone. `holidays`: by the Chinese calendar; years it does not
    know count Monday to Friday, like all years without it. Times are seconds since 1970 (UTC), one or many."""

    def __init__(self, zone: ZoneInfo, *, holidays: bool) -> None:
        rules = document("working_hours")
        spans = [(time.fromisoformat(p["from"]), time.fromisoformat(p["to"])) for p in rules["periods"]]
        weekdays = set(rules["weekdays"])
        starts, ends = [], []
        day, end = date(FIRST, 1, 1), date(LAST, 12, 31)
        while day <= end:
            by_calendar = holidays and announced(day.year)
            if is_workday(day) if by_calendar else day.isoweekday() in weekdays:
                for begin, over in spans:
                    starts.append(datetime.combine(day, begin, zone).timestamp())
                    ends.append(datetime.combine(day, over, zone).timestamp())
            day += timedelta(days=1)
        self.zone, self.holidays = zone, holidays
        self._start, self._end = np.array(starts), np.array(ends)
        self._until = np.cumsum(self._end - self._start)  # seconds worked by the end of each period

    def worked_s(self, at_s: FloatArray | float) -> FloatArray:
        """Seconds worked from the first countable day until `at_s`."""
        i = np.minimum(np.searchsorted(self._end, at_s, side="right"), len(self._end) - 1)
        before = self._until[i] - (self._end[i] - self._start[i])
        done: FloatArray = before + np.clip(at_s - self._start[i], 0.0, self._end[i] - self._start[i])
        return done

    def after_s(self, start_s: FloatArray | float, hours: FloatArray | float) -> FloatArray:
        """When `hours` of work have passed since `start_s`: at the end of a period, not at the beginning of the
        next."""
        worked = self.worked_s(start_s) + np.asarray(hours) * 3600.0
        i = np.minimum(np.searchsorted(self._until, worked, side="left"), len(self._until) - 1)
        ends: FloatArray = np.maximum(self._end[i] - (self._until[i] - worked), start_s)
        return ends

    def after(self, start: datetime, hours: float) -> datetime:
        return datetime.fromtimestamp(float(self.after_s(start.timestamp(), hours)), start.tzinfo)

    def between(self, start: datetime, end: datetime) -> float:
        """Hours of work between two instants, negative when they are the other way round."""
        return float(self.worked_s(end.timestamp()) - self.worked_s(start.timestamp())) / 3600.0

    def guessed(self, at: datetime | None) -> int | None:
        """The year of `at` when the calendar does not hold it, so that its holidays are not counted; else None."""
        year = at.astimezone(self.zone).year if at else None
        return year if self.holidays and year and not announced(year) else None


@cache
def _hours(zone: str, holidays: bool) -> Hours:
    return Hours(ZoneInfo(zone), holidays=holidays)


def hours() -> Hours:
    """Of this centre."""
    chosen = get_many("time_zone", "chinese_holidays")
    return _hours(chosen["time_zone"], bool(chosen["chinese_holidays"]))
