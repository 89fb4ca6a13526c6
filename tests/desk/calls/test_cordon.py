"""Sending a cordon: all or none, each unit with its place to stand; taken back, and ended."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from shouwang.desk.calls import actions, facts
from shouwang.desk.calls.models import Assignment, Call
from shouwang.desk.calls.terms import Stand
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.log.errors import Conflict, Denied, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.units.models import Unit

pytestmark = pytest.mark.django_db
PLACE = (-90.222, 38.634)


@pytest.fixture
def ring(send: Any, town: Any, clock: Any) -> Any:
    """Sends units of a cordon to stand at PLACE within five minutes."""
    def ring(call: Call, *names: str, **given: Any) -> Any:
        before = clock() + timezone.timedelta(minutes=5)
        stands = {town.units[n].id: Stand(*PLACE, before) for n in names}
        return send(call, *names, stands=stands, reason="", **given)
    return ring


def test_units_of_a_cordon_know_where_to_stand_and_need_no_other_reason(
    take: Any, ring: Any, cast: Any, on_duty: Any, town: Any
) -> None:
    call = take()
    made = ring(call, "P02", "T21")
    assert all(a.stand_zh and a.stand_en and a.stand_before and not a.overridden and a.eta_s for a in made)
    told = facts.call_detail(("",), call.id)
    assert told is not None and [a["stand"]["lon"] for a in told["assignments"]] == [PLACE[0]] * 2
    assert any(made[0].stand_zh in line.text for line in timeline(call.id))
    phone = on_duty.client.get("/m/task/").content.decode()
    assert made[0].stand_zh in phone and "geo:38.634,-90.222" in phone
    pane = cast.dispatcher.client.get(f"/board/call/{call.id}/").content.decode()
    assert made[0].stand_zh in pane and "end_cordon" in pane


def test_a_unit_taken_meanwhile_is_named_and_nobody_goes(take: Any, ring: Any, send: Any) -> None:
    send(take(), "T21")
    with pytest.raises(Conflict, match="交21"):
        ring(take(), "P01", "P02", "T21")
    assert Assignment.objects.count() == 1 and Unit.objects.filter(state="busy").count() == 1


def test_a_cordon_sent_by_mistake_is_taken_back_unit_by_unit(take: Any, ring: Any, cast: Any, clock: Any) -> None:
    call = take()
    for task in ring(call, "P01", "P02"):
        actions.stand_down(actor=cast.dispatcher.actor, now=clock(), assignment_id=task.id, undo=True)
    assert Call.objects.get(id=call.id).state == "waiting" and not Unit.objects.filter(state="busy").exists()


def test_when_it_is_over_its_units_stand_down_at_once_and_others_stay(
    take: Any, ring: Any, send: Any, cast: Any, clock: Any
) -> None:
    call, key = take(), new_id()
    send(call, "F31")
    ring(call, "P01", "P02")
    for _ in range(2):  # the second is a retry of the first
        actions.end_cordon(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, key=key)
    assert set(Assignment.objects.filter(ended_at__isnull=False).values_list("state", flat=True)) == {"stood_down"}
    assert [str(u) for u in Unit.objects.filter(state="busy")] == ["消31"]
    with pytest.raises(Conflict):
        actions.end_cordon(actor=cast.dispatcher.actor, now=clock(), call_id=call.id)


def test_a_cordon_needs_its_own_permission_and_places_only_for_those_sent(
    take: Any, cast: Any, town: Any, clock: Any
) -> None:
    call, unit = take(), town.units["P02"].id
    who = cast.dispatcher.actor
    may_not = replace(who, grants={p: a for p, a in who.grants.items() if p != "cordon.start"})
    given: dict[str, Any] = {"now": clock(), "call_id": call.id, "stands": {unit: Stand(*PLACE)}}
    with pytest.raises(Denied):
        actions.assign_units(actor=may_not, unit_ids=[unit], **given)
    with pytest.raises(Refused):
        actions.assign_units(actor=who, unit_ids=[town.units["P01"].id], **given)
    assert not Assignment.objects.exists()
