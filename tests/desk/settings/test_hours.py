"""Working time by the Chinese calendar: holidays, adjusted working days, and years that nobody knows yet."""
from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwang.desk.workflow.hours import Hours
from shouwang.tables.calendar import announced

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA, WEEKDAYS = Hours(SHANGHAI, holidays=True), Hours(SHANGHAI, holidays=False)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(("start", "hours", "china", "weekdays"), [
    ("2026-11-23T10:00", 2, "2026-11-23T12:00", "2026-11-23T12:00"),  # ends with the morning, not with the lunch
    ("2026-11-23T11:00", 2, "2026-11-23T14:00", "2026-11-23T14:00"),  # lunch from 12 to 13 does not count
    ("2026-11-23T07:00", 8, "2026-11-23T18:00", "2026-11-23T18:00"),  # a whole day of 8 hours
    ("2026-11-27T17:00", 2, "2026-11-30T10:00", "2026-11-30T10:00"),  # over the weekend
    ("2026-11-28T12:00", 1, "2026-11-30T10:00", "2026-11-30T10:00"),  # begun on a Saturday
    ("2026-09-30T17:00", 2, "2026-10-08T10:00", "2026-10-01T10:00"),  # National Day, seven days off
    ("2026-10-09T17:30", 1, "2026-10-10T09:30", "2026-10-12T09:30"),  # an adjusted working Saturday (调休)
    ("2026-02-13T17:00", 2, "2026-02-14T10:00", "2026-02-16T10:00"),  # another, before Spring Festival
    ("2027-01-01T09:00", 8, "2027-01-01T18:00", "2027-01-01T18:00"),  # a year that is not known: Monday to Friday
])
def test_hours_of_work_end_when_they_are_over(start: str, hours: float, china: str, weekdays: str) -> None:
    assert CHINA.after(at(start), hours) == at(china)
    assert WEEKDAYS.after(at(start), hours) == at(weekdays)


def test_a_year_without_a_calendar_is_named() -> None:
    assert announced(2026) and not announced(2044)
    assert CHINA.guessed(at("2044-03-01T10:00")) == 2044
    assert CHINA.guessed(at("2026-03-01T10:00")) is None and CHINA.guessed(None) is None
    assert WEEKDAYS.guessed(at("2044-03-01T10:00")) is None  # nothing is missing where no holidays are counted


@given(st.integers(0, 300 * 24 * 60), st.floats(0.05, 240))
def test_what_is_added_can_be_counted_again(minutes: int, hours: float) -> None:
    start = at("2026-01-05T00:00") + timedelta(minutes=minutes)
    end = CHINA.after(start, hours)
    assert end >= start
    assert CHINA.between(start, end) == pytest.approx(hours, abs=1e-5)
    assert CHINA.between(end, start) == pytest.approx(-hours, abs=1e-5)


@given(st.integers(0, 300 * 24 * 60), st.floats(0.1, 100), st.floats(0.1, 100))
def test_two_spans_are_one(minutes: int, a: float, b: float) -> None:
    start = at("2026-01-05T00:00") + timedelta(minutes=minutes)
    apart = (CHINA.after(CHINA.after(start, a), b) - CHINA.after(start, a + b)).total_seconds()
    assert abs(apart) < 0.01
