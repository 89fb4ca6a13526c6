"""Rings and blockades: who stands where, and what is said when it cannot be done."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.utils import timezone

from shouwang.desk.cordon.models import Exit
from shouwang.desk.log.models import Event
from shouwang.desk.places.models import StreetNetwork
from shouwang.desk.places.streets import folder_of
from shouwang.desk.units.models import Unit
from shouwang.desk.workflow.models import Setting
from shouwang.engine.geo.streets import Streets
from shouwang.tables.live.tracks import Position, TrackStore
from shouwang.tables.streets import write_streets

pytestmark = pytest.mark.django_db


def test_a_ring_names_who_stands_where_before_the_vehicle_can_pass(ask: Any, exits: Any, town: Any) -> None:
    exits("P01", "P02", "T21")
    ring = ask(ago_s=10).json()
    assert (ring["contained"], ring["proven"], ring["bound"]) == (True, True, len(ring["posts"]))
    assert all(p["arrive_at"] <= p["before"] for p in ring["posts"])
    assert len({p["unit"] for p in ring["posts"]}) == len(ring["posts"]) <= 3
    assert all(p["place"]["zh"] and len(p["way"]) >= 1 for p in ring["posts"])
    assert ring["escape"] is None and ring["needed"] is None
    # What a screen draws growing: where it was seen at second 0, and every way leads on in time.
    told = ring["reachable"]
    assert told["at_s"][0] == 0 and [told["lon"][0], told["lat"][0]] == [-90.24, 38.63]
    for a, b, s in told["ways"]:
        assert min(told["at_s"][b] - told["at_s"][a], told["at_s"][a] - told["at_s"][b]) <= s + 0.2
    assert not Event.objects.filter(kind__contains="cordon").exists()  # asking leaves no trace of vehicles


def test_only_free_crews_that_drive_are_offered_and_unticked_ones_stay(ask: Any, exits: Any, town: Any) -> None:
    exits("P01", "P02")
    Unit.objects.filter(id=town.units["P03"].id).update(state="busy")
    ring = ask().json()
    offered = {c["en"]: c["used"] for c in ring["crews"]}
    assert offered == {"P01": True, "P02": True, "S41": True, "T21": True}  # no engine, nobody on foot, nobody busy
    without = [c["id"] for c in ring["crews"] if c["en"] not in ("P02", "T21")]
    again = ask(units=without).json()
    assert {c["en"] for c in again["crews"] if c["used"]} == {"P01", "S41"}
    assert {p["unit"] for p in again["posts"]} <= set(without)
    assert ask(units=[]).status_code == 422


def test_units_start_where_they_are_now_after_turning_out_and_reading(ask: Any, exits: Any, town: Any) -> None:
    exits("P01", "P02", "T21")
    unit = town.units["P02"]
    def arrival() -> Any:
        ring = ask("blockade", units=[str(town.units[n].id) for n in ("P01", "P02", "T21")]).json()
        return next(p for p in ring["posts"] if p["unit"] == str(unit.id)), ring["starts_at"]

    at_post, starts = arrival()
    assert timezone.datetime.fromisoformat(at_post["arrive_at"]) - timezone.datetime.fromisoformat(starts) >= timedelta(
        seconds=unit.kind.turnout_s)
    TrackStore(settings.CONFIG).write([Position(str(unit.id), int(timezone.now().timestamp() * 1000), -90.23, 38.60)])
    try:
        Setting.objects.create(key="cordon_reserve_s", value=60)
        elsewhere, later = arrival()
        assert elsewhere["arrive_at"] > at_post["arrive_at"] and later > starts
    finally:
        TrackStore(settings.CONFIG).end(str(unit.id), 0)


def test_a_vehicle_that_cannot_be_held_shows_its_way_out_and_what_would_do(ask: Any, exits: Any, town: Any) -> None:
    exits("P01", (-90.236, 38.634))  # the second lies next to where it was seen
    ring = ask(ago_s=120, units=[str(town.units["P01"].id)]).json()
    assert not ring["contained"] and ring["proven"]
    escape = ring["escape"]
    assert escape["way"][0] == [-90.24, 38.63] and len(escape["way"]) > 2
    assert escape["place"]["en"].startswith("Exit (") and escape["streets"]
    assert escape["at"] > ring["seen_at"]
    assert ring["needed"] is None or ring["needed"]["earlier_s"] or ring["needed"]["place"]


def test_with_nobody_free_the_answer_says_so(ask: Any, exits: Any, town: Any) -> None:
    exits("P01", "P02")
    Unit.objects.update(state="busy")
    ring = ask().json()
    assert not ring["contained"] and ring["posts"] == [] and ring["crews"] == []
    found = ask("blockade").json()
    assert found["posts"] == [] and "0" in found["problem"]


def test_a_blockade_closes_every_exit_with_a_unit_of_its_own(ask: Any, exits: Any, town: Any) -> None:
    exits("P01", "P02", "T21")
    found = ask("blockade").json()
    assert found["problem"] == "" and len({p["unit"] for p in found["posts"]}) == 3
    assert {p["place"]["en"] for p in found["posts"]} == {"Exit P01", "Exit P02", "Exit T21"}
    assert found["latest_at"] == max(p["arrive_at"] for p in found["posts"])
    assert found["latest_s"] <= found["total_s"]
    few = ask("blockade", units=[str(town.units["P01"].id)]).json()
    assert few["posts"] == [] and "3" in few["problem"] and "1" in few["problem"]


def test_an_exit_no_unit_can_reach_is_named(ask: Any, town: Any) -> None:
    island = np.array([[-90.24, 38.63], [-90.239, 38.63], [-90.262, 38.632], [-90.261, 38.632]])
    streets = Streets.build(node_id=[1, 2, 3, 4], lon=island[:, 0], lat=island[:, 1], u=[1, 2, 3, 4], v=[2, 1, 4, 3],
                            length_m=[90.0] * 4, time_s=[9.0] * 4)
    network = StreetNetwork.objects.create(name="Islands", source="", licence="", nodes=4, edges=4, at=timezone.now())
    write_streets(streets, folder_of(network.id))
    Exit.objects.create(zh="岛", en="Island", lon=-90.24, lat=38.63, area="t/")
    found = ask("blockade", units=[str(town.units["P01"].id)]).json()
    assert found["posts"] == [] and "Island" in found["problem"]
    ring = ask(lon=-90.239).json()  # the vehicle is on the island with the exit, all units are not
    assert not ring["contained"] and ring["escape"]["place"]["en"] == "Island"


@pytest.mark.parametrize(("given", "field"), [
    ({}, "out"),  # no exits are named
    ({"out": "radius", "radius_m": 30_000}, "radius_m"),
    ({"out": "radius", "lon": 10.0, "lat": 50.0}, "lon"),
])
def test_a_question_without_an_answer_is_refused_at_its_field(ask: Any, given: dict[str, Any], field: str) -> None:
    answer = ask(**given)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_another_district_sees_neither_units_nor_exits(ask: Any, exits: Any, cast: Any, town: Any) -> None:
    exits("P01", "P02")
    assert ask(by="leader").status_code == ask(by="planner").status_code == 403
    elsewhere = ask(by="stranger", out="radius").json()
    assert {c["en"] for c in elsewhere["crews"]} == {"X01"} and elsewhere["exits"] == []
    assert cast.stranger.client.get("/api/exits").json() == []
