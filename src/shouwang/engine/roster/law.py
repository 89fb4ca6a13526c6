"""Limits on working time, as settings. The defaults are the standard hours of the Labour Law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Law:
    """Hours of duty that may be asked for. All in minutes; a duty counts to the day on which it starts.

    hours: `standard` counts overtime by day and week; `comprehensive` (综合计算工时, needs approval) counts over all
    days planned, so that a day may be as long as `longest_min` and weeks may differ.
    day_min, week_min: normal hours (Labour Law 36: 8 h and 44 h; State Council 1995: 40 h);
    overtime_day_min, overtime_month_min: 3 h and 36 h (41); rest_days: per week from Monday to Sunday, each a whole
    calendar day that no duty touches (38); rest_min between two duties and most_row days in a row are no figures of
    that law but settings of our own; night_from_min, night_to_min: a duty that touches this time is a night duty.
    """

    hours: Literal["standard", "comprehensive"] = "standard"
    day_min: int = 480
    week_min: int = 2400
    overtime_day_min: int = 180
    overtime_month_min: int = 2160
    longest_min: int = 720
    rest_days: int = 1
    rest_min: int = 660
    most_row: int = 6
    night_from_min: int = 1320
    night_to_min: int = 360

    @property
    def longest_duty_min(self) -> int:
        """The longest single duty."""
        return self.day_min + self.overtime_day_min if self.hours == "standard" else self.longest_min

    def total_min(self, days: int, *, overtime: bool = True) -> int:
        """The most minutes in so many days when hours are counted over all of them."""
        return self.week_min * days // 7 + (self.overtime_month_min * days // 30 if overtime else 0)

    def is_night(self, start_min: int, length_min: int) -> bool:
        """True if a duty touches the night."""
        end = start_min + length_min
        return start_min < self.night_to_min or end > self.night_from_min

    def is_mostly_night(self, start_min: int, length_min: int) -> bool:
        """True if at least half of a duty lies in the night: these are shared out as nights."""
        end = start_min + length_min
        nights = ((day + self.night_from_min, day + _DAY_MIN + self.night_to_min) for day in (-_DAY_MIN, 0, _DAY_MIN))
        return 2 * sum(max(0, min(end, stop) - max(start_min, start)) for start, stop in nights) >= length_min
