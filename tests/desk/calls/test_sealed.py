"""What was said: who reads it, what stays of it, and when it goes."""
from __future__ import annotations

from datetime import timedelta

import pytest

from shouwang.desk.calls import actions, facts, retention
from shouwang.desk.calls.models import Call, CallWords, Draft
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.log.actor import system
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Card, Event
from shouwang.desk.log.seal import keys

pytestmark = pytest.mark.django_db


def close(cast, clock, call):
    actions.close_call(
        actor=cast.dispatcher.actor, now=clock(), call_id=call.id, disposition="settled", note="双方和解"
    )


def test_those_who_handle_it_read_the_words_and_it_is_noted_once_a_shift(take, cast, clock):
    call, who = take(), cast.dispatcher.actor
    for _ in range(3):
        read = actions.read_words(actor=who, now=clock(), call_id=call.id)
        clock.forward(minutes=1)
    assert read.callers[0].words == "两个人在门口打起来了"
    assert (read.callers[0].has_number, hasattr(read.callers[0], "number")) == (True, False)
    assert Event.objects.filter(kind="access.words_read", actor=who.id).count() == 1
    actions.read_words(actor=who, now=clock.forward(hours=9), call_id=call.id)
    assert Event.objects.filter(kind="access.words_read", actor=who.id).count() == 2


def test_answers_lie_sealed_and_go_with_the_words(cast, town, clock):
    answers = {"lost_who": "small_child", "access": "从北门进"}
    call = actions.take_call(actor=cast.call_taker.actor, now=clock(), call=actions.NewCall(
        id=new_id(), type="500200", place="x", lon=-90.222, lat=38.63, caller=actions.Caller(answers=answers)))
    assert (call.severity, call.asked["needs"]["search_team"]) == (1, 2)
    row = CallWords.objects.get(call=call)
    assert b"north" not in bytes(row.answers)
    assert b"small_child" not in bytes(row.answers)
    assert "small_child" not in str(list(Event.objects.values_list("payload", flat=True)))
    read = actions.read_words(actor=cast.dispatcher.actor, now=clock(), call_id=call.id)
    assert read.callers[0].answers == answers
    close(cast, clock, call)
    assert retention.sealed_due(clock.forward(days=91)) == 1
    assert actions.read_words(actor=cast.dispatcher.actor, now=clock(), call_id=call.id).callers[0].answers == {}


def test_a_crew_reads_the_words_of_its_own_call_alone(take, send, on_duty, clock):
    mine, other = take(), take()
    send(mine, "P02")
    assert actions.read_words(actor=on_duty.actor, now=clock(), call_id=mine.id).callers[0].words
    with pytest.raises(Missing):
        actions.read_words(actor=on_duty.actor, now=clock(), call_id=other.id)
    with pytest.raises(Denied):
        actions.reveal_caller(actor=on_duty.actor, now=clock(), call_id=mine.id, reason="x")


def test_words_go_ninety_days_after_closing_and_not_before(take, cast, clock):
    call, still_open = take(detail="3 幢 5 楼"), take()
    close(cast, clock, call)
    assert retention.sealed_due(clock.forward(days=90)) == 0
    assert retention.sealed_due(clock.forward(seconds=1)) == 1
    assert retention.sealed_due(clock()) == 0
    gone = actions.read_words(actor=cast.dispatcher.actor, now=clock(), call_id=call.id)
    assert gone.deleted
    assert {c.words for c in gone.callers} == {""}
    assert {r.text for r in gone.remarks} == {""}
    assert actions.reveal_caller(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, reason="x")[0].number == ""
    assert Call.objects.get(id=call.id).detail == ""
    assert keys().get(str(call.id)) is None
    assert actions.read_words(actor=cast.dispatcher.actor, now=clock(), call_id=still_open.id).callers[0].words
    with pytest.raises(Conflict):
        actions.reopen_call(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, reason="x")
    with pytest.raises(Conflict):
        actions.add_note(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, text="x")


def test_a_legal_hold_keeps_the_words(take, cast, clock):
    from shouwang.desk.log.retention import hold
    call = take()
    close(cast, clock, call)
    clock.forward(days=80)
    hold(actor=system("court"), now=clock(), subject_kind="call", subject=str(call.id), reason="诉讼",
         until=clock() + timedelta(days=30))
    assert retention.sealed_due(clock.forward(days=15)) == 0
    assert retention.sealed_due(clock.forward(days=20)) == 1


def test_a_field_moved_to_another_row_does_not_open(take, cast, clock):
    first, second = take(), take()
    CallWords.objects.filter(call=second).update(words=CallWords.objects.get(call=first).words)
    read = actions.read_words(actor=cast.dispatcher.actor, now=clock(), call_id=second.id)
    assert read.callers[0].words == ""


def test_another_caller_is_kept_with_the_call_and_a_retry_adds_none(take, cast, clock):
    call, key = take(), new_id()
    for _ in range(2):
        actions.attach_caller(actor=cast.call_taker.actor, now=clock(), main_id=call.id, key=key,
                              caller=actions.Caller(words="又看见一个人跑了", number="13900001111"))
    shown = actions.reveal_caller(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, reason="核实")
    assert [r.number for r in shown] == ["13800002046", "13900001111"]


def test_what_another_caller_answers_raises_the_call_and_never_lowers_it(take, cast, clock):
    call, who = take(type="200100", services=("police",)), cast.call_taker.actor

    def told(**answers):
        actions.attach_caller(actor=who, now=clock.forward(minutes=1), main_id=call.id, key=new_id(),
                              caller=actions.Caller(answers=answers))
        call.refresh_from_db()
        return call.severity, call.asked.get("needs", {})

    assert told(weapon="none") == (2, {})
    assert told(weapon="knife") == (1, {"police_response": 3, "ambulance": 1})
    assert call.services == ["police", "medical"]
    assert timeline(call.id)[-1].text == "又一人报警，共 3 人；二级 → 一级、公安+急救（120）"
    assert told(weapon="tool") == (1, {"police_response": 3, "ambulance": 1})
    # What the first caller's form no longer says leaves what the others said.
    actions.amend_call(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, changes=actions.Amend(answers={}))
    call.refresh_from_db()
    assert call.asked["needs"] == {"police_response": 3, "ambulance": 1}
    with pytest.raises(Refused):
        told(weapon="axe")


def test_a_draft_is_ones_own_sealed_and_gone_after_a_day(cast, town, clock):
    mine = cast.call_taker.actor
    actions.save_draft(actor=mine, now=clock(), body={"id": str(new_id()), "words": "门口有人打架"})
    assert "门口".encode() not in bytes(Draft.objects.get().body)
    assert actions.read_draft(actor=mine, now=clock.forward(hours=23))["words"] == "门口有人打架"
    assert actions.read_draft(actor=cast.dispatcher.actor, now=clock()) is None
    assert actions.drafts_due(now=clock()) == 0
    assert actions.drafts_due(now=clock.forward(hours=1)) == 1
    assert keys().get(f"draft:{mine.id}") is None
    assert actions.read_draft(actor=mine, now=clock()) is None


def test_closed_calls_leave_the_screens(take, cast, clock):
    call = take()
    close(cast, clock, call)
    assert retention.drop_closed_cards(clock.forward(minutes=14)) == 0
    assert retention.drop_closed_cards(clock.forward(minutes=2)) == 1
    assert Card.objects.get(key=f"call:{call.id}").body is None


def test_demand_counts_each_thing_residents_asked_for_once(take, cast, clock):
    from shouwang.desk.workflow.models import Setting
    Setting.objects.create(key="time_zone", value="America/Chicago")
    asked, twin, wrong, _replayed = take(), take(), take(), take(drill=True)
    actions.merge_call(actor=cast.dispatcher.actor, now=clock(), call_id=twin.id, main_id=asked.id)
    actions.cancel_call(actor=cast.dispatcher.actor, now=clock(), call_id=wrong.id, reason="误报")
    found = facts.calls_for_demand(clock.forward(minutes=1))
    assert found.time.tolist() == [asked.received_at.replace(hour=8, tzinfo=None)]
    assert (found.lon[0], found.lat[0], found.category[0], found.source[0]) == (
        asked.lon,
        asked.lat,
        "200100",
        "resident",
    )
    assert len(facts.calls_for_demand(asked.received_at).time) == 0
