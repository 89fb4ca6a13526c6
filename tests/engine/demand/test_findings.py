from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from shouwang.engine.demand.calls import Calls
from shouwang.engine.demand.findings import TEXTS, findings, near


def codes(calls: Calls, origin_s: int | None = None) -> set[str]:
    found = findings(calls, int(calls.time_s.max()) + 60 if origin_s is None else origin_s)
    assert all("{" not in str(finding) and finding.code in TEXTS for finding in found)
    return {finding.code for finding in found}


@pytest.fixture
def plain(uneven_city: Any) -> Calls:
    """Half a year of calls at places and times of their own."""
    calls, rng = uneven_city.calls, np.random.default_rng(1)
    return replace(
        calls, lon=calls.lon + rng.normal(0, 1e-4, len(calls)), lat=calls.lat + rng.normal(0, 1e-4, len(calls))
    )


def test_sound_calls_give_no_finding(plain: Calls) -> None:
    assert codes(plain) == set()
    assert findings(plain.take(slice(0)), 0) == []


@pytest.mark.parametrize("second", [0, 60, 43200])
def test_heaps_at_noon_and_midnight_are_found(plain: Calls, second: int) -> None:
    heaped = plain.time_s.copy()
    heaped[::50] = heaped[::50] // 86400 * 86400 + second
    found = [f for f in findings(replace(plain, time_s=heaped), int(heaped.max()) + 60) if f.code == "heap"]
    assert len(found) == 1
    assert found[0].values["time"] == {0: "00:00", 60: "00:01", 43200: "12:00"}[second]
    assert found[0].values["share"] == pytest.approx(0.02, abs=0.003)


def test_coarse_times_are_found(plain: Calls) -> None:
    assert codes(replace(plain, time_s=plain.time_s // 3600 * 3600)) == {"hour_only"}
    assert codes(replace(plain, time_s=plain.time_s // 86400 * 86400)) == {"date_only"}


def test_shared_points_and_repeated_rows_are_found(plain: Calls, uneven_city: Any) -> None:
    assert codes(uneven_city.calls) == {"snapped"}
    twice = plain.take(np.r_[np.arange(len(plain)), np.arange(200)])
    assert codes(twice) == {"repeated"}


def test_little_and_old_data_are_found(plain: Calls) -> None:
    first = plain.take(slice(100))
    assert codes(first) == {"few_calls", "short_span"}
    assert codes(plain, int(plain.time_s.max()) + 30 * 86400) == {"stale"}


def test_far_points_are_told_from_near_ones(plain: Calls) -> None:
    lon, lat = plain.lon.copy(), plain.lat.copy()
    lon[3], lat[3] = 0.0, 0.0
    lon[5], lat[5] = plain.lat[5], plain.lon[5]
    assert np.flatnonzero(~near(replace(plain, lon=lon, lat=lat))).tolist() == [3, 5]
    assert near(plain).all()
