"""The life of a call and of its units' tasks."""
from __future__ import annotations

import pytest

from shouwang.desk.calls import actions, facts
from shouwang.desk.calls.models import Assignment, Call
from shouwang.desk.calls.plans import of_call
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.log.errors import Conflict, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.models import Card
from shouwang.desk.units.models import Unit

pytestmark = pytest.mark.django_db


def state(call):
    return Call.objects.get(id=call.id).state


def card(kind, subject):
    return Card.objects.get(key=f"{kind}:{subject}").body


def test_a_call_waits_is_answered_and_closed(take, send, cast, town, clock):
    call = take()
    assert (state(call), call.number, call.area) == ("waiting", "1121-0001", "t/2/b/")
    assert card("call", call.id)["waiting_since"] == "2026-11-21T14:46:37.000Z"

    [task] = send(call, "P02")
    p02 = town.units["P02"]
    assert state(call) == "responding"
    assert Unit.objects.get(id=p02.id).state == "busy"
    assert card("unit", p02.id) | {"call": str(call.id), "shown": "route"} == card("unit", p02.id)

    for transition, expected in (("a_ack", "acknowledged"), ("a_go", "enroute"), ("a_scene", "on_scene")):
        clock.forward(seconds=20)
        moved = actions.move_assignment(actor=cast.dispatcher.actor, now=clock(), assignment_id=task.id,
                                        transition=transition)
        assert moved.state == expected
        assert card("call", call.id)["stage"] == expected
    assert card("unit", p02.id)["shown"] == "scene"

    clock.forward(minutes=10)
    actions.close_call(
        actor=cast.dispatcher.actor, now=clock(), call_id=call.id, disposition="settled", note="双方和解"
    )
    assert state(call) == "closed"
    assert Unit.objects.get(id=p02.id).state == "available"
    assert Assignment.objects.get(id=task.id).state == "cleared"
    assert card("call", call.id)["result"] == "settled"
    assert [e.kind for e in events_of("call", call.id)] == [
        "call.taken", "call.assigned", "call.unit_moved", "call.unit_moved", "call.unit_moved", "call.unit_moved",
        "call.closed"]


def test_the_last_unit_stood_down_makes_the_call_wait_again(take, send, cast, town, clock):
    call = take()
    first, second = sorted(send(call, "P02", "P03"), key=lambda a: a.unit != town.units["P02"].id)
    clock.forward(seconds=30)
    actions.stand_down(actor=cast.dispatcher.actor, now=clock(), assignment_id=first.id)
    assert state(call) == "responding"
    actions.stand_down(actor=cast.dispatcher.actor, now=clock(), assignment_id=second.id, undo=True)
    assert state(call) == "waiting"
    assert Call.objects.get(id=call.id).waiting_since == clock()
    assert [e.payload.get("undo") for e in events_of("call", call.id) if e.kind == "call.stood_down"] == [False, True]


def test_a_cleared_unit_leaves_the_call_to_be_closed(take, send, cast, clock):
    call = take()
    [task] = send(call, "P02")
    for transition in ("a_ack", "a_clear"):
        actions.move_assignment(actor=cast.dispatcher.actor, now=clock(), assignment_id=task.id, transition=transition)
    assert (state(call), card("call", call.id)["stage"]) == ("responding", "cleared")


def test_the_pane_tells_when_a_unit_was_done_by_the_local_clock(take, send, cast, clock):
    from shouwang.desk.workflow.models import Setting
    Setting.objects.create(key="time_zone", value="America/Chicago")
    call = take()
    (task,) = send(call, "P01")
    actions.stand_down(actor=cast.dispatcher.actor, now=clock.forward(minutes=3), assignment_id=task.id, reason="x")
    pane = cast.dispatcher.client.get(f"/board/call/{call.id}/").content.decode()
    assert '<span class="num dim3">08:49</span>' in pane


def test_the_call_shows_the_furthest_of_its_units(take, send, cast, town, clock):
    call = take()
    tasks = {a.unit: a for a in send(call, "P02", "T21")}
    for unit, transition in (("P02", "a_ack"), ("T21", "a_scene"), ("P02", "a_go")):
        actions.move_assignment(actor=cast.dispatcher.actor, now=clock(),
                                assignment_id=tasks[town.units[unit].id].id, transition=transition)
    assert card("call", call.id)["stage"] == "on_scene"


@pytest.mark.parametrize(("path", "wrong"), [
    ([], "a_carry"), (["a_ack"], "a_ack"), (["a_scene"], "a_go"), (["a_ack", "a_clear"], "a_scene"),
    (["a_scene", "a_carry"], "a_stand_down"),
])
def test_a_task_takes_no_step_that_its_life_cycle_lacks(take, send, cast, clock, path, wrong):
    [task] = send(take(), "P02")
    for transition in path:
        actions.move_assignment(actor=cast.dispatcher.actor, now=clock(), assignment_id=task.id, transition=transition)
    before = Assignment.objects.get(id=task.id).state
    with pytest.raises(Conflict):
        actions.move_assignment(actor=cast.dispatcher.actor, now=clock(), assignment_id=task.id, transition=wrong)
    assert Assignment.objects.get(id=task.id).state == before


def test_who_sends_a_unit_to_a_second_call_is_told_which_one_it_would_leave(take, send):
    first, second = take(), take()
    send(first, "P02")
    with pytest.raises(Conflict, match=first.number):
        send(second, "P02")
    with pytest.raises(Conflict, match=first.number):
        send(second, "P02", reason="")  # it is not among the recommended either: no reason is asked in vain
    assert (state(first), state(second)) == ("responding", "waiting")


def test_merging_hands_units_over_and_undoing_brings_them_back(take, send, cast, town, clock):
    main, twin = take(), take()
    send(twin, "P02")
    actions.merge_call(actor=cast.dispatcher.actor, now=clock(), call_id=twin.id, main_id=main.id)
    assert (state(twin), state(main)) == ("merged", "responding")
    assert Card.objects.get(key=f"call:{twin.id}").body is None
    assert card("unit", town.units["P02"].id)["call"] == str(main.id)

    actions.unmerge_call(actor=cast.dispatcher.actor, now=clock(), call_id=twin.id)
    assert (state(twin), state(main)) == ("responding", "waiting")
    assert card("unit", town.units["P02"].id)["call"] == str(twin.id)


def test_a_merged_call_is_over_and_takes_no_unit(take, send, cast, clock):
    main, twin = take(), take()
    actions.merge_call(actor=cast.dispatcher.actor, now=clock(), call_id=twin.id, main_id=main.id)
    with pytest.raises(Conflict):
        send(twin, "P02")
    with pytest.raises(Conflict):
        actions.merge_call(actor=cast.dispatcher.actor, now=clock(), call_id=main.id, main_id=twin.id)


def test_reopening_makes_it_wait_again(take, cast, clock):
    call = take()
    who = cast.dispatcher.actor
    actions.close_call(actor=who, now=clock(), call_id=call.id, disposition="no_need")
    with pytest.raises(Refused):
        actions.reopen_call(actor=who, now=clock(), call_id=call.id, reason=" ")
    actions.reopen_call(actor=who, now=clock.forward(minutes=3), call_id=call.id, reason="又打起来了")
    again = Call.objects.get(id=call.id)
    assert (again.state, again.closed_at, again.disposition, again.waiting_since) == ("waiting", None, "", clock())


def test_transfer_and_cancel_free_the_units(take, send, cast, town, clock):
    who = cast.dispatcher.actor
    passed, wrong = take(), take()
    send(passed, "P02")
    send(wrong, "P03")
    actions.transfer_call(actor=who, now=clock(), call_id=passed.id, target="mediation", receiver="甲社区调解室")
    actions.cancel_call(actor=who, now=clock(), call_id=wrong.id, reason="误报")
    assert (state(passed), state(wrong)) == ("transferred", "cancelled")
    assert {Unit.objects.get(id=town.units[n].id).state for n in ("P02", "P03")} == {"available"}


def test_one_takes_back_ones_own_last_move_within_seconds(take, send, cast, clock):
    call = take()
    [task] = send(call, "P02")
    who = cast.dispatcher.actor
    actions.move_assignment(actor=who, now=clock(), assignment_id=task.id, transition="a_scene")
    event = events_of("call", call.id)[-1]
    undone = actions.undo_move(actor=who, now=clock.forward(seconds=8), call_id=call.id, event_id=event.id)
    assert (undone.state, undone.on_scene_at) == ("assigned", None)

    actions.move_assignment(actor=who, now=clock(), assignment_id=task.id, transition="a_scene")
    event = events_of("call", call.id)[-1]
    with pytest.raises(Conflict):
        actions.undo_move(actor=who, now=clock.forward(seconds=11), call_id=call.id, event_id=event.id)


def test_a_crew_that_cannot_go_says_why(take, send, on_duty, clock):
    call = take()
    [task] = send(call, "P02")
    with pytest.raises(Refused):
        actions.decline_task(actor=on_duty.actor, now=clock(), assignment_id=task.id, reason="")
    actions.decline_task(actor=on_duty.actor, now=clock(), assignment_id=task.id, reason="爆胎")
    assert state(call) == "waiting"


@pytest.mark.parametrize(("transitions", "code", "limit_s"), [
    ([], "t_call_ack", 60), (["a_ack"], "t_turnout", 60), (["a_go"], "t_arrive", 300), (["a_scene"], "t_result", 7200),
])
def test_the_clock_that_runs_follows_the_furthest_unit(take, send, cast, clock, transitions, code, limit_s):
    call = take()
    assert card("call", call.id)["flag_timer"] == {"code": "t_call_assign", "from": "2026-11-21T14:46:37.000Z",
                                                   "limit_s": 60, "warn_s": 40.2, "assignment": None, "unit": None}
    [task] = send(call, "P02")
    for transition in transitions:
        actions.move_assignment(actor=cast.dispatcher.actor, now=clock(), assignment_id=task.id, transition=transition)
    timer = card("call", call.id)["flag_timer"]
    assert (timer["code"], timer["limit_s"]) == (code, limit_s)


def test_upgrading_and_amending_change_the_version_and_the_card(take, cast, clock):
    call = take()
    who = cast.dispatcher.actor
    actions.upgrade(actor=who, now=clock(), call_id=call.id, severity=1, reason="有刀")
    changed = actions.amend_call(actor=who, now=clock(), call_id=call.id, version=2,
                                 changes=actions.Amend(place="三槐树路 19 号", lon=-90.262, words="又来了三个人"))
    assert (changed.version, changed.area, card("call", call.id)["place"]) == (3, "t/1/a/", "三槐树路 19 号")
    with pytest.raises(Conflict):
        actions.amend_call(actor=who, now=clock(), call_id=call.id, version=2, changes=actions.Amend(place="x"))
    read = actions.read_words(actor=who, now=clock(), call_id=call.id)
    assert read.callers[0].words == "两个人在门口打起来了\n又来了三个人"


def test_a_second_alarm_asks_for_what_its_plan_sends_and_is_never_lowered_by_an_answer(take, cast, clock):
    call, who = take(type="400101"), cast.dispatcher.actor
    wanted = {}
    for level in (1, 2):
        actions.raise_alarm(actor=who, now=clock(), call_id=call.id, level=level, reason="火势扩大")
        call.refresh_from_db()
        wanted[level] = of_call(call)["fire_pump"]
    assert wanted == {1: 2, 2: 4}
    assert [e.text for e in timeline(call.id)][-1] == "一级火警 → 二级火警"
    actions.amend_call(actor=who, now=clock(), call_id=call.id, changes=actions.Amend(answers={"fire_what": "home"}))
    call.refresh_from_db()
    assert call.alarm_level == 2
    with pytest.raises(Refused, match="6"):
        actions.raise_alarm(actor=who, now=clock(), call_id=call.id, level=6)
    with pytest.raises(Refused):
        actions.raise_alarm(actor=who, now=clock(), call_id=take(type="200100").id, level=2)


def test_numbers_count_up_by_the_local_day(take, clock):
    from shouwang.desk.workflow.models import Setting
    Setting.objects.create(key="time_zone", value="America/Chicago")
    first = take()
    clock.forward(hours=15)  # 05:46 UTC is still the evening before in Chicago
    second = take()
    clock.forward(hours=1)
    third = take()
    assert [c.number for c in (first, second, third)] == ["1121-0001", "1121-0002", "1122-0001"]


def test_open_calls_are_sorted_by_urgency_then_age(take, clock):
    late = take(severity=2)
    clock.forward(seconds=5)
    urgent = take(severity=1)
    assert [c["id"] for c in facts.open_calls(("t/",))] == [str(urgent.id), str(late.id)]
    assert facts.open_calls(("x/",)) == []
