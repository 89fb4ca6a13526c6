"""Clocking on and off, states, the panic button: who may, and what follows."""
from __future__ import annotations

import pytest

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.models import Call
from shouwang.desk.log.errors import Conflict, Denied, Missing
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Card, Event
from shouwang.desk.units import actions
from shouwang.desk.units.facts import shown
from shouwang.desk.units.models import Duty, Unit

pytestmark = pytest.mark.django_db


def state(unit):
    return Unit.objects.get(id=unit.id).state


def test_the_first_of_a_crew_brings_it_on_duty_and_the_last_takes_it_off(cast, town, clock):
    unit, member, second = town.units["P02"], cast.member, cast.supervisor
    Unit.objects.filter(id=unit.id).update(state="off_duty")
    actions.clock_on(actor=member.actor, now=clock(), unit_id=unit.id, user_id=member.user.id)
    assert state(unit) == "available"
    actions.clock_on(actor=second.actor, now=clock(), unit_id=unit.id, user_id=second.user.id)
    actions.clock_off(actor=second.actor, now=clock.forward(hours=4), user_id=second.user.id)
    assert state(unit) == "available"
    actions.clock_off(actor=member.actor, now=clock.forward(hours=4), user_id=member.user.id)
    assert state(unit) == "off_duty"
    ended = Event.objects.filter(kind="access.ended").values_list("subject", flat=True)
    assert sorted(ended) == sorted([str(member.user.id), str(second.user.id)])


def test_clocking_on_and_off_again_changes_nothing(cast, town, clock):
    member, unit = cast.member, town.units["P02"]
    for _ in range(2):
        actions.clock_on(actor=member.actor, now=clock(), unit_id=unit.id, user_id=member.user.id)
    assert Duty.objects.count() == 1
    assert actions.clock_off(actor=member.actor, now=clock(), user_id=member.user.id).id == unit.id
    assert actions.clock_off(actor=member.actor, now=clock(), user_id=member.user.id) is None


def test_nobody_is_on_with_two_units(on_duty, town, clock):
    with pytest.raises(Conflict):
        actions.clock_on(actor=on_duty.actor, now=clock(), unit_id=town.units["P03"].id, user_id=on_duty.user.id)


def test_a_unit_on_a_call_is_not_left(take, send, on_duty, clock):
    send(take(), "P02")
    with pytest.raises(Conflict):
        actions.clock_off(actor=on_duty.actor, now=clock(), user_id=on_duty.user.id)


def test_a_member_clocks_on_nobody_else(cast, town, clock):
    with pytest.raises(Denied):
        actions.clock_on(
            actor=cast.member.actor, now=clock(), unit_id=town.units["P02"].id, user_id=cast.planner.user.id
        )


def test_a_crew_moves_its_own_unit_alone(on_duty, town, clock):
    moved = actions.set_state(actor=on_duty.actor, now=clock(), unit_id=town.units["P02"].id, transition="u_post")
    assert moved.state == "at_post"
    with pytest.raises(Denied):
        actions.set_state(actor=on_duty.actor, now=clock(), unit_id=town.units["P03"].id, transition="u_post")


@pytest.mark.parametrize(("path", "wrong"), [
    ([], "u_on"), (["u_out"], "u_break"), (["u_break"], "u_post"), (["u_off"], "u_post"), ([], "u_busy"),
])
def test_states_follow_the_life_cycle(cast, town, clock, path, wrong):
    unit, who = town.units["P02"], cast.dispatcher.actor
    for transition in path:
        actions.set_state(actor=who, now=clock(), unit_id=unit.id, transition=transition)
    before = state(unit)
    with pytest.raises(Conflict):
        actions.set_state(actor=who, now=clock(), unit_id=unit.id, transition=wrong)
    assert state(unit) == before


def test_the_desk_takes_a_unit_off_duty_with_its_crew(on_duty, cast, town, clock):
    actions.set_state(actor=cast.dispatcher.actor, now=clock(), unit_id=town.units["P02"].id, transition="u_off")
    assert not Duty.objects.filter(off_at__isnull=True).exists()
    assert Event.objects.filter(kind="access.ended", subject=str(on_duty.user.id)).count() == 1


def test_other_areas_see_no_unit(cast, town, clock):
    with pytest.raises(Missing):
        actions.set_state(actor=cast.stranger.actor, now=clock(), unit_id=town.units["P02"].id, transition="u_post")


def test_panic_opens_one_call_of_the_highest_level_where_the_unit_is(on_duty, cast, town, clock):
    unit, key = town.units["P02"], new_id()
    given = {"actor": on_duty.actor, "now": clock(), "unit_id": unit.id}
    call = calls.panic_call(**given, key=key, lon=-90.21, lat=38.62)
    assert (call.severity, call.type_id, call.lon, call.area, call.panic_unit) == (
        1,
        "101300",
        -90.21,
        "t/2/b/",
        unit.id,
    )
    assert Card.objects.get(key=f"unit:{unit.id}").body["panic"] is True
    assert calls.panic_call(**given, key=key).id == call.id  # a retry
    assert calls.panic_call(**given, key=new_id()).id == call.id  # pressed again while it is open
    assert Call.objects.count() == 1

    with pytest.raises(Denied):
        actions.clear_panic(actor=on_duty.actor, now=clock(), unit_id=unit.id)
    actions.clear_panic(actor=cast.dispatcher.actor, now=clock(), unit_id=unit.id)
    assert Card.objects.get(key=f"unit:{unit.id}").body["panic"] is False


def test_panic_without_a_position_is_at_the_post(on_duty, town, clock):
    call = calls.panic_call(actor=on_duty.actor, now=clock(), unit_id=town.units["P02"].id, key=new_id())
    assert (call.lon, call.lat) == (town.units["P02"].lon, town.units["P02"].lat)


def test_nobody_panics_for_another_crew(on_duty, town, clock):
    with pytest.raises(Denied):
        calls.panic_call(actor=on_duty.actor, now=clock(), unit_id=town.units["P03"].id, key=new_id())


@pytest.mark.parametrize(("state", "stage", "expected"), [
    ("available", "", "free"), ("at_post", "", "post"), ("busy", "assigned", "route"), ("busy", "enroute", "route"),
    ("busy", "on_scene", "scene"), ("busy", "transporting", "scene"), ("busy", "", "busy"), ("on_break", "", "busy"),
    ("off_duty", "", "off"), ("out_of_service", "", "off"),
])
def test_how_a_unit_is_drawn(state, stage, expected):
    assert shown(state, stage) == expected
