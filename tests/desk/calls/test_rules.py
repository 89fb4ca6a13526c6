"""Rules without a database: what is like what, what a type needs."""
from __future__ import annotations

import pytest

from shouwang.desk.calls.likeness import Window, compare
from shouwang.desk.calls.needs import Need, needs, plan, services


@pytest.mark.parametrize(("metres", "seconds", "type", "other", "grade"), [
    (20, 11, "400101", "400101", "very"),
    (80, 600, "400101", "400101", "very"),
    (81, 10, "400101", "400101", "like"),  # callers give places loosely
    (161, 10, "400101", "400101", "near"),
    (20, 601, "400101", "400101", "near"),
    (20, 10, "300100", "400101", "like"),  # the same thing, named differently
    (100, 10, "400102", "400101", "like"),
    (100, 10, "300100", "400101", "near"),
    (20, 10, "", "400101", "like"),  # no type chosen yet
    (100, 10, "", "400101", "near"),
])
def test_likeness_by_place_time_and_type(metres, seconds, type, other, grade):
    assert compare(distance_m=metres, apart_s=seconds, type=type, other=other, window=Window(600, 80)).grade == grade


def test_a_type_needs_what_its_plan_says():
    assert plan("400101") == (
        Need("fire", 2, ("fire_pump", "fire_ladder", "rescue_tools")), Need("medical", 1, ("ambulance",)),
        Need("police", 1, ("police_response",)), Need("traffic", 1, ("traffic_control",)))
    assert plan("400113")[0] == Need("fire", 1, ("fire_pump",))  # no row of its own: its class's
    assert plan("300101")[-1] == Need("", 1, ("first_aid",))  # of those who come, one brings it
    assert services("400101", "fire") == ("fire", "medical", "police", "traffic")
    assert services("950100", "non_urgent") == ()
    assert needs("200500", "non_urgent", ("guard", "police")) == (
        Need("guard"),
        Need("police", 1, ("police_response",)),
    )
