"""Shifts follow the wall clock of the district."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from shouwang.desk.patrol.shifts import around

STARTS = ["07:00", "15:00", "23:00"]


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("06:59", "23:00"),
        ("07:00", "07:00"),
        ("14:59", "07:00"),
        ("15:00", "15:00"),
        ("23:30", "23:00"),
        ("00:10", "23:00"),
    ],
)
def test_the_shift_under_way_comes_first(now: str, first: str) -> None:
    where = ZoneInfo("America/Chicago")
    moment = datetime.fromisoformat(f"2026-06-10T{now}:00").replace(tzinfo=where)
    shifts = around(moment.astimezone(UTC), STARTS, where, 4)
    assert f"{shifts[0].start.astimezone(where):%H:%M}" == first
    assert len(shifts) == 4
    assert all(a.end == b.start for a, b in pairwise(shifts))
    assert {s.hours for s in shifts} == {8.0}


def test_a_shift_over_the_change_of_clocks_is_an_hour_longer() -> None:
    where = ZoneInfo("America/Chicago")
    night = around(datetime(2026, 11, 1, 5, 0, tzinfo=UTC), STARTS, where, 1)[0]
    assert night.hours == 9.0
