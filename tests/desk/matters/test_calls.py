"""A call that is passed on becomes a matter, once; opened again, it takes it back; both name the other."""
from __future__ import annotations

from typing import Any

import pytest

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.terms import Caller, NewCall, Transfer
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.log import reactions
from shouwang.desk.log.ids import new_id
from shouwang.desk.matters import actions, facts
from shouwang.desk.matters.models import Matter

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(cast: Any, town: Any, clock: Any) -> Any:
    def taken(kind: str = "200500", **given: Any) -> Any:
        new = NewCall(id=new_id(), type=kind, place="Elm St", detail="Flat 3", lon=-90.222, lat=38.63,
                      caller=Caller(words="Drums since noon", number="314-555-0148"), **given)
        return calls.take_call(actor=cast.dispatcher.actor, now=clock(), call=new)
    return taken


def passed(cast: Any, clock: Any, call: Any, target: str = "matter") -> None:
    calls.transfer_call(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, target=target, receiver="Office")
    while reactions.run():
        pass


def test_a_call_becomes_a_matter_once(cast: Any, clock: Any, call: Any) -> None:
    taken = call()
    passed(cast, clock, taken)
    matter = Matter.objects.get()
    assert (matter.type_id, matter.source, matter.call, matter.place) == ("M0301", "call", taken.id, "Elm St Flat 3")
    said = actions.read_words(actor=cast.clerk.actor, now=clock(), matter_id=matter.id)
    assert [s.text for s in said] == ["Drums since noon"]  # never the number
    link = facts.of_call(taken.id)
    assert link is not None and link.number == matter.number
    assert matter.number in timeline(taken.id)[-1].text
    page = cast.dispatcher.client.get(f"/board/call/{taken.id}/").content.decode()
    assert f"/matters/{matter.id}/" in page
    assert f"#{taken.id}" in cast.dispatcher.client.get(f"/matters/{matter.id}/").content.decode()


def test_one_passed_on_while_it_is_taken_becomes_one_too(cast: Any, clock: Any, call: Any) -> None:
    taken = call("500100", transfer=Transfer("matter", "Office"))
    while reactions.run():
        pass
    assert Matter.objects.get().call == taken.id


def test_mediation_makes_no_matter(cast: Any, clock: Any, call: Any) -> None:
    passed(cast, clock, call(), "mediation")
    assert not Matter.objects.exists()


def test_a_call_that_is_opened_again_takes_its_matter_back(cast: Any, clock: Any, call: Any, move: Any) -> None:
    taken = call()
    passed(cast, clock, taken)
    first = Matter.objects.get()
    calls.reopen_call(actor=cast.supervisor.actor, now=clock(), call_id=taken.id, reason="They fight now")
    while reactions.run():
        pass
    assert Matter.objects.get(id=first.id).state == "void"
    passed(cast, clock, taken)
    again = Matter.objects.exclude(id=first.id).get()
    assert again.call == taken.id and again.state == "reported"
    move(again, "m_accept", "clerk")
    move(again, "m_assign", "clerk")
    calls.reopen_call(actor=cast.supervisor.actor, now=clock(), call_id=taken.id, reason="Once more")
    while reactions.run():
        pass
    assert Matter.objects.get(id=again.id).state == "assigned"  # in somebody's hands: it stays
