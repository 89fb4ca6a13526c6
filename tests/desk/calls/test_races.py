"""Many at once, on a real database: one wins, and a retry gets the first answer."""
from __future__ import annotations

import threading

import pytest
from django.db import connection

from shouwang.desk.calls import actions
from shouwang.desk.calls.models import Assignment, Call
from shouwang.desk.calls.terms import NewCall
from shouwang.desk.log.errors import Conflict
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.units import actions as units
from shouwang.desk.units.models import Duty

pytestmark = pytest.mark.django_db(transaction=True)


def together(jobs):
    """Runs all jobs at one moment, each on a connection of its own; what each gave or raised."""
    start, out = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(n, job):
        try:
            start.wait(30)
            out[n] = job()
        except Exception as error:
            out[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, job)) for n, job in enumerate(jobs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(120)
    return out


def test_fifty_who_assign_one_unit_at_once_succeed_once(take, cast, town, clock):
    calls = [take(), take()]
    who, unit = cast.dispatcher.actor, town.units["P02"].id

    def assign(n):
        return lambda: actions.assign_units(actor=who, now=clock(), call_id=calls[n % 2].id, unit_ids=[unit],
                                            reason="test", key=new_id())
    out = together([assign(n) for n in range(50)])
    assert sorted(type(o).__name__ for o in out) == ["Conflict"] * 49 + ["list"]
    assert Assignment.objects.filter(ended_at__isnull=True).count() == 1
    assert Event.objects.filter(kind="call.assigned").count() == 1


def test_one_key_sent_ten_times_at_once_is_one_assignment_and_ten_same_answers(take, cast, town, clock):
    call, key = take(), new_id()
    who, unit = cast.dispatcher.actor, town.units["P02"].id
    out = together([lambda: actions.assign_units(actor=who, now=clock(), call_id=call.id, unit_ids=[unit],
                                                 reason="test", key=key)] * 10)
    assert [o for o in out if isinstance(o, Exception)] == []
    assert len({o[0].id for o in out}) == 1


def test_one_call_sent_ten_times_at_once_is_one_call_with_one_number(cast, town, clock):
    new = NewCall(id=new_id(), type="200100", place="三槐树路", lon=-90.222, lat=38.63)
    who = cast.call_taker.actor
    out = together([lambda: actions.take_call(actor=who, now=clock(), call=new)] * 10)
    assert [o for o in out if isinstance(o, Exception)] == []
    assert {o.number for o in out} == {"1121-0001"}
    assert Call.objects.count() == 1


def test_numbers_have_no_gap_and_no_twin(cast, town, clock):
    who = cast.call_taker.actor

    def taking():
        return actions.take_call(actor=who, now=clock(), call=NewCall(
            id=new_id(), type="200100", place="三槐树路", lon=-90.222, lat=38.63))
    out = together([taking] * 12)
    assert sorted(c.number for c in out) == [f"1121-{n:04}" for n in range(1, 13)]


def test_clearing_twice_at_once_clears_once(take, send, cast, clock):
    [task] = send(take(), "P02")
    who = cast.dispatcher.actor
    actions.move_assignment(actor=who, now=clock(), assignment_id=task.id, transition="a_ack")
    out = together([lambda: actions.move_assignment(actor=who, now=clock(), assignment_id=task.id,
                                                    transition="a_clear")] * 6)
    assert sorted(type(o).__name__ for o in out) == ["Assignment"] + ["Conflict"] * 5
    assert Event.objects.filter(kind="call.unit_moved", payload__new="cleared").count() == 1


def test_two_who_merge_into_each_other_never_both_succeed(take, cast, clock):
    first, second = take(), take()
    who = cast.dispatcher.actor
    out = together([
        lambda: actions.merge_call(actor=who, now=clock(), call_id=first.id, main_id=second.id),
        lambda: actions.merge_call(actor=who, now=clock(), call_id=second.id, main_id=first.id)])
    assert sorted(type(o).__name__ for o in out) == ["Call", "Conflict"]
    assert Call.objects.filter(state="merged").count() == 1


def test_one_person_clocks_on_with_one_unit(cast, town, clock):
    member = cast.member
    out = together([lambda u=u: units.clock_on(actor=member.actor, now=clock(), unit_id=town.units[u].id,
                                               user_id=member.user.id) for u in ("P01", "P02", "P03")])
    assert sorted(type(o).__name__ for o in out) == ["Conflict", "Conflict", "Unit"]
    assert Duty.objects.filter(user=member.user.id, off_at__isnull=True).count() == 1


def test_a_retry_after_the_answer_changes_nothing(take, send, cast, clock):
    call, key = take(), new_id()
    first = send(call, "P02", key=key)
    assert [a.id for a in send(call, "P02", key=key)] == [a.id for a in first]
    with pytest.raises(Conflict):
        send(call, "P02", key=new_id())
