"""Rules without a database: who is recommended, what is like what, what a type needs."""
from __future__ import annotations

from uuid import UUID

import pytest

from shouwang.desk.calls.choosing import Candidate, choose
from shouwang.desk.calls.likeness import Window, compare
from shouwang.desk.calls.needs import Need, needs, plan, services

A, B, C = (UUID(int=n) for n in (1, 2, 3))


def pick(*found, wanted=1, severity=2, limit=6):
    return choose([Candidate(unit=u, eta_s=s, distance_m=0.0, **more) for u, s, more in found], wanted=wanted,
                  severity=severity, limit=limit)


@pytest.mark.parametrize(("found", "severity", "first", "why"), [
    ([(A, 100, {}), (B, 120, {})], 2, A, "nearest"),
    ([(A, 100, {"cover_lost": 0.10}), (B, 130, {})], 2, B, "saves_cover"),
    ([(A, 100, {"cover_lost": 0.10}), (B, 130, {})], 1, A, "nearest"),  # a life in danger is not weighed
    ([(A, 100, {"cover_lost": 0.03}), (B, 130, {})], 2, A, "nearest"),  # 18 s of cover do not outweigh 30 s
    ([(A, 100, {"on_break": True}), (B, 150, {})], 2, B, "soon"),
    ([(A, 100, {"on_break": True}), (B, 170, {})], 2, A, "nearest"),
    ([(A, 100, {"stale": True}), (B, 125, {})], 2, B, "soon"),
    ([(A, 100, {"own": False}), (B, 140, {})], 2, B, "soon"),
    ([(A, 100, {"own": False}), (B, 200, {})], 2, A, "nearest"),
])
def test_time_counts_and_what_speaks_against_a_unit_in_seconds(found, severity, first, why):
    chosen = pick(*found, severity=severity)
    assert (chosen[0].unit, chosen[0].why[0], chosen[0].recommended) == (first, why, True)


def test_the_nearest_is_shown_even_when_others_win():
    chosen = pick((A, 100, {"cover_lost": 0.5}), (B, 130, {}), (C, 140, {}), limit=2)
    assert [c.unit for c in chosen] == [B, A]
    assert (chosen[1].nearest, chosen[1].recommended, chosen[1].why) == (True, False, ("nearest", "costs_cover"))


def test_as_many_are_recommended_as_are_wanted():
    assert [c.recommended for c in pick((A, 1, {}), (B, 2, {}), (C, 3, {}), wanted=2)] == [True, True, False]
    assert pick(wanted=2) == []


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
    assert services("400101", "fire") == ("fire", "medical", "police", "traffic")
    assert services("950100", "non_urgent") == ()
    assert needs("200500", "non_urgent", ("guard", "police")) == (
        Need("guard"),
        Need("police", 1, ("police_response",)),
    )
