"""Tours after the plan is approved: followed on the phone, and what was really seen of the streets."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.conf import settings

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls import defaults
from shouwang.desk.calls.terms import NewCall
from shouwang.desk.log import facts as log
from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.patrol import actions, following, seeing
from shouwang.desk.patrol.advice import drafting
from shouwang.desk.patrol.models import PatrolHour, Plan, PlanTour, SeenHour, TourStep
from shouwang.desk.places import facts as places
from shouwang.desk.places.models import Post
from shouwang.desk.roster.models import Presence
from shouwang.desk.units.models import Duty
from shouwang.engine.deploy.on_streets import street_demand, street_of
from shouwang.engine.geo.streets import Spots
from shouwang.tables.live.tracks import Position, TrackStore


@pytest.fixture
def approved(plans: list[Plan], cast: Any, town: Any, on_duty: Any) -> Plan:
    """The first plan, in force, in which P02 is on tour."""
    plan = next(p for p in plans if p.tours.filter(unit=town.units["P02"].id).exists())
    actions.submit_plan(actor=cast.planner.actor, now=town.now, plan_id=plan.id)
    return actions.approve_plan(actor=cast.supervisor.actor, now=town.now, plan_id=plan.id)


@pytest.fixture
def tour(approved: Plan, town: Any) -> PlanTour:
    return approved.tours.get(unit=town.units["P02"].id)


def test_a_crew_tells_where_it_has_come_to(approved: Plan, tour: PlanTour, on_duty: Any, cast: Any) -> None:
    now = approved.shift_start + timedelta(hours=2)

    def told(step: str, number: int = 1, minutes: int = 0, **given: Any) -> TourStep:
        return following.tell_step(actor=on_duty.actor, now=now + timedelta(minutes=minutes), tour_id=tour.id,
                                   number=number, step=step, **given)  # fmt: skip

    key = new_id()
    assert told("arrived", key=key).arrived_at == now
    assert told("arrived", key=key, minutes=5).arrived_at == now  # the phone tried again
    assert told("left", minutes=12, at_device=now + timedelta(minutes=11)).left_at == now + timedelta(minutes=11)
    assert told("skipped", minutes=13, reason="no_time").skipped_at is None  # what was left stays so
    assert told("skipped", 2, 20, reason="road_closed").reason == "road_closed"
    events = [e for e in log.of("plan", approved.id) if e.kind == "tour.told"]
    assert [e.payload["step"] for e in events] == ["arrived", "left", "skipped"]
    page = cast.planner.client.get(f"/plan/{approved.id}/side/").content.decode()
    assert f"2 / {sum(not v['post'] for v in tour.visits)}" in page


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"number": 0, "step": "arrived"}, Missing),  # its post
        ({"number": 999, "step": "arrived"}, Missing),
        ({"number": 1, "step": "fly"}, Refused),
        ({"number": 1, "step": "skipped"}, Refused),
        ({"number": 1, "step": "skipped", "reason": "the driver was tired"}, Refused),
    ],
)
def test_steps_that_are_none_are_refused(
    approved: Plan, tour: PlanTour, on_duty: Any, given: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        following.tell_step(actor=on_duty.actor, now=approved.shift_start, tour_id=tour.id, **given)
    assert not TourStep.objects.exists()


def test_a_crew_follows_its_own_tour_alone(approved: Plan, on_duty: Any, cast: Any, town: Any) -> None:
    other = approved.tours.exclude(unit=town.units["P02"].id).first()
    assert other
    for person in (on_duty, cast.dispatcher):
        with pytest.raises(Missing):
            following.tell_step(
                actor=person.actor, now=approved.shift_start, tour_id=other.id, number=1, step="arrived"
            )


def test_the_phone_shows_the_tour_and_sends_steps(
    approved: Plan, tour: PlanTour, on_duty: Any, monkeypatch: Any
) -> None:
    now = approved.shift_start + timedelta(hours=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    page = on_duty.client.get("/m/tour/").content.decode()
    assert page.count("data-card=") == sum(not v["post"] for v in tour.visits) + 1
    body = {"key": str(new_id()), "at": now.isoformat(), "kind": "tour", "tour": str(tour.id), "number": 1,
            "step": "skipped", "reason": "called_away"}  # fmt: skip
    for _ in range(2):
        answer = on_duty.client.post("/m/act/", json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.content
    assert 'data-number="1" data-state="skipped"' in on_duty.client.get("/m/tour/now/").content.decode()
    assert on_duty.client.post("/m/act/", json.dumps({**body, "key": str(new_id()), "number": None}),
                               content_type="application/json").status_code == 422  # fmt: skip


def test_steps_over_http(approved: Plan, tour: PlanTour, on_duty: Any, monkeypatch: Any) -> None:
    now = approved.shift_start + timedelta(minutes=20)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    client, body = on_duty.client, {"key": str(new_id()), "number": 1, "step": "arrived"}
    assert client.get("/api/me/duty").json()["tour"]["tour"] == str(tour.id)
    for _ in range(2):
        answer = client.post(f"/api/me/tours/{tour.id}/steps", json.dumps(body), content_type="application/json")
        assert [s["state"] for s in answer.json()["stops"]][:2] == ["", "arrived"]
    skipped = client.post(f"/api/me/tours/{tour.id}/steps", content_type="application/json",
                          data=json.dumps({**body, "key": str(new_id()), "number": 2, "step": "skipped"}))
    assert (skipped.status_code, skipped.json()["field"]) == (422, "reason")


def test_sheets_and_files_of_a_tour(approved: Plan, tour: PlanTour, cast: Any) -> None:
    base, stops = f"/plan/{approved.id}/tours/", sum(not v["post"] for v in tour.visits)
    sheet = cast.planner.client.get(f"{base}{tour.unit}/").content.decode()
    assert sheet.count("<tr>") == 1 + len(tour.visits)
    assert cast.planner.client.get(base).content.decode().count('class="sheet"') == approved.tours.count()
    csv = cast.planner.client.get(f"{base}{tour.unit}/tour.csv").content.decode("utf-8-sig")
    assert len(csv.splitlines()) == 1 + len(tour.visits)
    ics = cast.planner.client.get(f"{base}{tour.unit}/tour.ics").content.decode()
    assert stops <= ics.count("BEGIN:VEVENT") == ics.count("END:VEVENT") <= len(tour.visits)
    assert all(len(line.encode()) <= 75 for line in ics.split("\r\n"))
    assert cast.planner.client.get(f"{base}{tour.unit}/tour.exe").status_code == 404
    assert cast.stranger.client.get(f"{base}{tour.unit}/").status_code == 404
    assert cast.stranger.client.get(base).status_code == 404


def test_what_was_seen_is_counted_from_tracks_of_units_on_duty(approved: Plan, town: Any, cast: Any) -> None:
    """A drive along a street counts it and those at whose crossings it stopped; who is off duty counts for nothing."""
    streets, hour = places.streets(), approved.shift_start + timedelta(hours=1)
    edge = int(np.argmax(streets.length_m * (street_of(streets) >= 0) * streets.main_part[streets.tail]))
    line = np.array(streets.lines([edge])[0].coords)
    points = [line[0] + (line[-1] - line[0]) * share for share in (0.1, 0.5, 0.9)]
    store = TrackStore(settings.CONFIG)
    for unit in ("P02", "P01"):
        at = [int((hour + timedelta(minutes=10 + n)).timestamp() * 1000) for n in range(3)]
        store.write(Position(str(town.units[unit].id), ms, *p) for ms, p in zip(at, points, strict=True))
    assert not seeing.run_one(hour + timedelta(hours=1, minutes=59))  # positions may still come in
    assert seeing.run_one(hour + timedelta(hours=2))
    row = SeenHour.objects.get()
    demand = drafting.demand_of(approved.forecast, approved.shift_start, approved.shift_end)
    worth = street_demand(streets, Spots.at_nodes(demand.node), demand.weight) * streets.length_m
    worth[streets.tail == streets.head] = 0
    street = street_of(streets)
    assert row.start == hour
    assert int(street[edge]) in row.streets
    assert row.achieved == pytest.approx(worth[row.streets].sum() / worth[np.unique(street)].sum())
    assert row.expected == approved.figures["tours"]["seen"][1]
    assert seeing.run_one(hour + timedelta(hours=2))  # patrol time
    assert not seeing.run_one(hour + timedelta(hours=2))
    told = cast.planner.client.get(f"/api/plans/{approved.id}/seen").json()
    assert [r["achieved"] for r in told if r["achieved"] is not None] == [row.achieved]
    assert cast.stranger.client.get(f"/api/plans/{approved.id}/seen").status_code == 404


@pytest.fixture
def out(town: Any, cast: Any) -> datetime:
    """An hour in which P02, S41 and P01 are on duty and each has a position every minute, the first two in the east;
    P02 is at a call for the second half."""
    hour = town.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    store = TrackStore(settings.CONFIG)
    for code, lon in (("P02", -90.222), ("S41", -90.222), ("P01", -90.2621)):
        unit = town.units[code]
        Duty.objects.create(user=new_id(), unit=unit, on_at=town.now)
        store.write(Position(str(unit.id), int((hour + timedelta(minutes=n)).timestamp() * 1000), lon, 38.63)
                    for n in range(-5, 66))  # fmt: skip
    defaults.load()
    call = calls.take_call(actor=cast.call_taker.actor, now=hour, call=NewCall(
        id=new_id(), type="200100", place="Elm St", lon=-90.222, lat=38.63, severity=2))  # fmt: skip
    calls.assign_units(actor=cast.dispatcher.actor, now=hour + timedelta(minutes=30), call_id=call.id,
                       unit_ids=[town.units["P02"].id], reason="near")  # fmt: skip
    return hour


def test_patrol_time_is_minutes_of_all_units_by_community_without_calls(out: datetime) -> None:
    while seeing.run_one(out + timedelta(hours=1, minutes=59)):
        pass
    assert not PatrolHour.objects.filter(start=out), "positions may still come in"
    while seeing.run_one(out + timedelta(hours=2)):
        pass
    row = PatrolHour.objects.get(start=out)
    assert row.minutes == pytest.approx({"t/2/b/": 90.0, "t/1/a/": 60.0}, abs=0.01)
    assert [e.payload["minutes"] for e in log.of("area", "t/") if e.kind == "patrol.timed"][-1] == pytest.approx(150.0)


def test_where_fewer_than_three_units_were_is_not_kept(out: datetime, town: Any) -> None:
    Duty.objects.filter(unit=town.units["P01"]).delete()
    while seeing.run_one(out + timedelta(hours=2)):
        pass
    assert PatrolHour.objects.get(start=out).minutes == pytest.approx({"": 90.0}, abs=0.01)


def test_a_manned_post_counts_once_as_patrol_time_and_an_office_does_not(out: datetime, town: Any) -> None:
    Duty.objects.filter(unit=town.units["P01"]).delete()  # with the post there are three again
    for code, kind in (("K7", "booth"), ("O7", "office")):
        Post.objects.create(code=code, zh=code, en=code, kind=kind, area="t/1/a/", lon=-90.2621, lat=38.63)
    spans = (("K7", -9, 20), ("K7", 10, 30), ("K7", 45, None), ("O7", 0, 60))
    for place, first, last in spans:
        Presence.objects.create(id=new_id(), user=new_id(), area="t/1/", on_place=place,
                                on_at=out + timedelta(minutes=first),
                                off_at=None if last is None else out + timedelta(minutes=last))  # fmt: skip
    while seeing.run_one(out + timedelta(hours=2)):
        pass
    row = PatrolHour.objects.get(start=out)
    assert row.minutes == pytest.approx({"t/2/b/": 90.0, "t/1/a/": 45.0}, abs=0.01)
    assert row.at_posts == {"t/1/a/": 45.0}
    Duty.objects.all().delete()
    PatrolHour.objects.all().delete()
    while seeing.run_one(out + timedelta(hours=2)):
        pass
    assert PatrolHour.objects.get(start=out).minutes == {"": 45.0}, "of one post alone no place is kept"
