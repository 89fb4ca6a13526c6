"""Advice to let a free unit wait elsewhere: when it speaks, how it is taken or waved away, what the crew sees."""
from __future__ import annotations

import pytest

from shouwang.desk.calls import advice
from shouwang.desk.calls.advice import moving
from shouwang.desk.log.errors import Conflict, Denied, Missing
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.places.models import Post
from shouwang.desk.units import actions, standing_by
from shouwang.desk.units.facts import stand_bys
from shouwang.desk.units.models import Unit
from shouwang.desk.units.terms import Place
from shouwang.desk.workflow.models import Setting

pytestmark = pytest.mark.django_db
POST = Place("S1 岗", "Post S1", -90.262, 38.632)


@pytest.fixture
def thin(town):
    """The west has lost its units; two patrol cars stand side by side in the east."""
    moving._watches.clear()
    Unit.objects.filter(en__in=("P01", "S41", "T21")).update(state="off_duty")
    Unit.objects.filter(en="P03").update(lon=-90.222, lat=38.634)
    town.posts["F1"].delete()
    return town


def told(clock, after_s=0, service="police"):
    moves = advice.move_ups_now(areas=("t/",), now=clock.forward(seconds=after_s))
    return next((m for m in moves if m.unit.service == service), None)


def test_a_move_is_advised_once_it_has_held_for_a_minute(thin, clock):
    assert told(clock) is None
    assert told(clock, 30) is None
    move = told(clock, 31)
    assert (move.unit.id in {thin.units["P02"].id, thin.units["P03"].id}, move.place.code) == (True, "S1")
    assert move.gain_s >= 5
    assert move.cover_gain > 0
    assert move.distance_m > 1000
    assert told(clock, 60) is move or told(clock) == move, "it holds still"


@pytest.mark.parametrize(("key", "value"), [("move_up_below_percent", 1), ("move_up_gain_s", 120)])
def test_nothing_is_advised_while_cover_is_good_or_too_little_is_gained(thin, clock, key, value):
    Setting.objects.create(key=key, value=value)
    assert [told(clock, s) for s in (0, 61, 61)] == [None] * 3


def test_waved_away_it_is_silent_about_the_unit_for_a_while(thin, clock, cast):
    told(clock)
    first = told(clock, 61)
    standing_by.dismiss_stand_by(actor=cast.dispatcher.actor, now=clock(), unit_id=first.unit.id, place=POST)
    assert told(clock) is None
    second = told(clock, 61)
    assert second.unit.id != first.unit.id, "the other car is as good"


def test_a_unit_that_is_asked_counts_as_being_there(thin, clock, cast):
    told(clock)
    move = told(clock, 61)
    standing_by.ask_stand_by(actor=cast.dispatcher.actor, now=clock(), unit_id=move.unit.id, place=POST, key=new_id())
    assert [told(clock, s) for s in (0, 61, 61)] == [None] * 3


def test_the_crew_sees_it_says_so_and_taking_post_ends_it(thin, on_duty, cast, clock):
    unit, desk, key = thin.units["P02"], cast.dispatcher.actor, new_id()
    actions.set_state(actor=desk, now=clock(), unit_id=unit.id, transition="u_post")
    for _ in range(2):
        asked = standing_by.ask_stand_by(actor=desk, now=clock(), unit_id=unit.id, place=POST, key=key)
    assert asked.state == "available", "it leaves its post"
    with pytest.raises(Conflict):
        standing_by.ask_stand_by(actor=desk, now=clock(), unit_id=unit.id, place=POST)
    phone = on_duty.client
    page = phone.get("/m/").content.decode()
    assert "S1 岗" in page
    act = {"at": clock().isoformat(), "kind": "seen", "key": str(new_id())}
    assert phone.post("/m/act/", act, content_type="application/json").status_code == 200
    assert stand_bys([unit.id])[unit.id].seen
    act = {"at": clock().isoformat(), "kind": "there", "key": str(new_id())}
    assert phone.post("/m/act/", act, content_type="application/json").status_code == 200
    assert (stand_bys([unit.id]), Unit.objects.get(id=unit.id).state) == ({}, "at_post")
    kinds = Event.objects.filter(subject=str(unit.id)).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["unit.state", "unit.stand_by", "unit.stand_by_seen", "unit.state"]


def test_a_call_ends_it_and_a_busy_unit_is_not_asked(thin, take, send, cast, clock):
    unit, desk = thin.units["P02"], cast.dispatcher.actor
    standing_by.ask_stand_by(actor=desk, now=clock(), unit_id=unit.id, place=POST)
    send(take(), "P02")
    assert stand_bys([unit.id]) == {}
    with pytest.raises(Conflict):
        standing_by.ask_stand_by(actor=desk, now=clock(), unit_id=unit.id, place=POST)
    with pytest.raises(Conflict):
        standing_by.see_stand_by(actor=desk, now=clock(), unit_id=unit.id)


@pytest.fixture
def thin_fire(town):
    """Both engines stand in the east, at the fire station; the station in the west has none."""
    moving._watches.clear()
    Unit.objects.filter(en="F32").update(lon=-90.218, lat=38.626)
    Setting.objects.create(key="move_up_gain_s", value=3)
    return town


def test_an_engine_is_moved_to_a_station_and_no_other_post(thin_fire, clock):
    assert told(clock, service="fire") is None
    move = told(clock, 61, service="fire")
    assert (move.unit.service, move.unit.kind, move.place.code) == ("fire", "fire_engine", "S1")


def test_an_engine_is_not_moved_to_a_booth(thin_fire, clock):
    Post.objects.filter(code="S1").update(code="Z1", kind="booth")
    assert [told(clock, s, service="fire") for s in (0, 61)] == [None, None]


def test_trucks_that_put_out_no_fire_stay(thin_fire, clock):
    Unit.objects.filter(kind__service="fire").update(capabilities=["fire_ladder"])
    assert [told(clock, s, service="fire") for s in (0, 61)] == [None, None]


def test_every_service_is_advised_by_itself(thin_fire, clock, cast, monkeypatch):
    """The west has lost its patrols too: the board is told of both moves, and one answered leaves the other."""
    Unit.objects.filter(en__in=("P01", "S41", "T21")).update(state="off_duty")
    Unit.objects.filter(en="P03").update(lon=-90.222, lat=38.634)
    told(clock)
    moves = advice.move_ups_now(areas=("t/",), now=clock.forward(seconds=61))
    assert [m.unit.service for m in moves] == ["police", "fire"]
    monkeypatch.setattr("shouwang.desk.calls.views_board.timezone.now", clock)
    shown = cast.dispatcher.client.get("/board/now.json").json()["moves"]
    assert [m["unit"] for m in shown] == [str(m.unit.id) for m in moves]
    fire = moves[1]
    standing_by.dismiss_stand_by(actor=cast.dispatcher.actor, now=clock(), unit_id=fire.unit.id, place=POST)
    assert [m.unit.service for m in advice.move_ups_now(areas=("t/",), now=clock())] == ["police"]


def test_who_may_ask(thin, on_duty, cast, clock):
    given = {"now": clock(), "unit_id": thin.units["P02"].id, "place": POST}
    with pytest.raises(Denied):
        standing_by.ask_stand_by(actor=on_duty.actor, **given)
    with pytest.raises(Missing):
        standing_by.ask_stand_by(actor=cast.stranger.actor, **given)
    api = cast.dispatcher.client
    body = {"zh": "S1 岗", "en": "Post S1", "lon": -90.262, "lat": 38.632}
    url = f"/api/units/{thin.units['P02'].id}/stand-by"
    assert api.post(url, body, content_type="application/json").json()["stand_by"]["en"] == "Post S1"
    assert api.post(f"{url}/end", {}, content_type="application/json").json()["stand_by"] is None
