"""Public holidays of a country, and weekends worked to make up for them, as the engine takes them.

The days of a year are announced in the autumn before. Years that the library does not know yet fall back on the days of
the law, moon feasts computed, without worked weekends.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

import holidays
import numpy as np

from shouwang.engine.demand.calendar import PLAIN, WORKED, Calendar
from shouwang.engine.errors import BadInput, Fault

SATURDAY = 5
OTHER = "day off"  # one that stands in for another day, apart from its festival
FIRST_YEAR, LAST_YEAR = 1950, 2100  # as far as days are worth looking up
MADE_UP_SINCE = 2000
ENDINGS = (" (observed)", " (substitute day)")
EVES = {"Chinese New Year's Eve": "Chinese New Year (Spring Festival)"}
MADE_UP = "CN"  # where worked weekends are announced with the days off
CHINA = (73.0, 18.0, 135.0, 54.0)


def calendar(country: str, first_year: int, last_year: int) -> Calendar:
    """The special days of a country (two letters, ISO 3166) in these years, and in those beside them, for a year's
    turn. Weekends inside a festival belong to it. Raises `BadInput` for a country nobody knows."""
    years = range(first_year - 1, last_year + 2)
    code = country.upper()
    if code not in holidays.list_supported_countries():
        raise BadInput([Fault("calendar", "there is no calendar of this country", country, "Give two letters, as CN.")])
    known = holidays.country_holidays(code, years=years, language="en_US" if code == MADE_UP else None)
    worked = set(known.weekend_workdays) if code == MADE_UP else set()
    names = {day: _name(text) for day, text in sorted(known.items())}
    festival: dict[date, str] = {}
    for run in _runs(set(names), worked):
        told = next((names[day] for day in run if names.get(day)), OTHER)
        festival |= dict.fromkeys(run, told)
    special = festival | dict.fromkeys(worked, WORKED)
    kinds = tuple(sorted({*special.values()}))
    days = sorted(special)
    return Calendar(
        np.array([day.toordinal() - date(1970, 1, 1).toordinal() for day in days], np.int64),
        np.array([kinds.index(special[day]) for day in days], np.int64),
        kinds,
        _guessed(code, range(first_year, last_year + 1)),
    )


@cache
def announced(year: int) -> bool:
    """Whether China's days off and worked weekends (调休) of a year are known."""
    return year >= MADE_UP_SINCE and any(day.year == year for day in _china(year).weekend_workdays)


def is_workday(day: date) -> bool:
    """Whether China works on a day of an announced year: a weekday without a festival, or a weekend made up for."""
    return bool(_china(day.year).is_working_day(day))


@cache
def _china(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(MADE_UP, years=year)


def country_at(lon: float, lat: float) -> str | None:
    """The country whose calendar is taken where none is named: China's in a box around it. Days that do nothing to the
    calls of a neighbour get a factor of 1, so that the box may be rough."""
    west, south, east, north = CHINA
    return MADE_UP if west <= lon <= east and south <= lat <= north else None


def calendar_of(country: str | None, first_s: int, last_s: int) -> Calendar:
    """The calendar from one local time to another (seconds since 1970), or none."""
    if country is None:
        return PLAIN
    years = (int(np.datetime64(t, "s").astype("datetime64[Y]").astype(int)) + 1970 for t in (first_s, last_s))
    return calendar(country, *(min(max(year, FIRST_YEAR), LAST_YEAR) for year in years))


def _runs(off: set[date], worked: set[date]) -> Iterable[list[date]]:
    """Days off in a row, weekends counted in."""
    left = set(off)
    while left:
        start = end = min(left)
        while _off(start - timedelta(1), off, worked):
            start -= timedelta(1)
        while _off(end + timedelta(1), off, worked):
            end += timedelta(1)
        run = [start + timedelta(n) for n in range((end - start).days + 1)]
        left -= set(run)
        yield run


def _off(day: date, off: set[date], worked: set[date]) -> bool:
    return day in off or (day.weekday() >= SATURDAY and day not in worked)


def _name(text: str) -> str:
    """The festival; nothing for a day off that is only said to stand in for another day."""
    first = text.split("; ")[0]
    for ending in ENDINGS:
        first = first.removesuffix(ending)
    return "" if first.startswith("Day off") else EVES.get(first, first)


@cache
def _guessed(code: str, years: range) -> tuple[int, ...]:
    """Years of which the announcement is not known yet: since 2000 each Chinese year has worked weekends."""
    if code != MADE_UP:
        return ()
    known = holidays.country_holidays(code, years=range(MADE_UP_SINCE, max(MADE_UP_SINCE, years.stop) + 1))
    last = max(day.year for day in known.weekend_workdays)
    return tuple(year for year in years if year > last)
