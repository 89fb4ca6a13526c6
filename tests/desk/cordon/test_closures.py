"""Closed streets in a cordon: units drive around them, the vehicle is taken to do so too, and the answer says it."""
from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clocks(monkeypatch, clock):
    monkeypatch.setattr("shouwang.desk.cordon.api.timezone.now", clock)


def box(lon, lat, half=0.0015):
    return [(lon - half, lat - half), (lon + half, lat - half), (lon + half, lat + half), (lon - half, lat + half)]


def test_units_drive_around_and_the_answer_says_so(ask, exits, close, town):
    exits("P01", "P02", "T21")
    free = ask("blockade").json()
    assert free["closures"] == 0
    close(ring=box(town.units["P03"].lon, town.units["P03"].lat), factor=20.0)
    close(ring=box(town.units["S41"].lon, town.units["S41"].lat), factor=20.0)
    held = ask("blockade").json()
    assert (held["closures"], held["problem"]) == (2, "")
    assert held["total_s"] >= free["total_s"]


def test_a_vehicle_seen_inside_a_closed_area_is_not_taken_to_be_shut_in_by_it(ask, close, exits):
    free = ask(out="radius", radius_m=1500).json()
    close(ring=box(-90.240, 38.630, 0.003))
    seen_inside = ask(out="radius", radius_m=1500).json()
    assert seen_inside["closures"] == 1
    assert len(seen_inside["reachable"]["lon"]) > 0.8 * len(free["reachable"]["lon"]) > 10
    close(ring=box(-90.236, 38.630, 0.001))  # one it does not stand in keeps it out
    beside = ask(out="radius", radius_m=1500).json()
    assert beside["closures"] == 2 and len(beside["reachable"]["lon"]) > 1
