"""A call becomes a mediation and comes back; a matter's part is mediated, and done when that is over."""
from __future__ import annotations

from typing import Any

import pytest

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.models import Call
from shouwang.desk.calls.terms import Caller, NewCall, Transfer
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.log import reactions
from shouwang.desk.log.ids import new_id
from shouwang.desk.matters import actions as matters
from shouwang.desk.matters.models import JointTask
from shouwang.desk.matters.terms import Given as Step
from shouwang.desk.matters.terms import NewMatter
from shouwang.desk.mediation import actions
from shouwang.desk.mediation.models import Mediation
from shouwang.desk.mediation.terms import NewParty

pytestmark = pytest.mark.django_db


def run() -> None:
    while reactions.run():
        pass


@pytest.fixture
def call(cast: Any, town: Any, clock: Any) -> Any:
    """A call about neighbours that is passed on to mediation."""
    def taken(kind: str = "200202", **given: Any) -> Any:
        new = NewCall(id=new_id(), type=kind, place="Elm St", detail="Flat 3", lon=-90.222, lat=38.63,
                      caller=Caller(words="Water from upstairs", number="314-555-0148"), **given)
        made = calls.take_call(actor=cast.dispatcher.actor, now=clock(), call=new)
        if not new.transfer:
            passed(cast, clock, made)
        run()
        return made
    return taken


def passed(cast: Any, clock: Any, call: Any, target: str = "mediation") -> None:
    calls.transfer_call(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, target=target, receiver="Office")


def test_a_call_becomes_a_mediation_once(call: Any, cast: Any, clock: Any) -> None:
    made = call()
    row = Mediation.objects.get()
    assert (row.kind_id, row.source, row.call, row.area) == ("K03", "call", made.id, "t/2/b/")
    told = actions.open_case(actor=cast.clerk.actor, now=clock(), mediation_id=row.id, reason="Sort the dispute")
    assert [w.text for w in told.words] == ["Water from upstairs\nElm St Flat 3"]
    assert not told.parties  # never the number
    assert row.number in timeline(made.id)[-1].text
    assert f"#{made.id}" not in cast.clerk.client.get(f"/mediation/{row.id}/").content.decode()  # sees no calls
    assert made.number in cast.clerk.client.get(f"/mediation/{row.id}/").content.decode()


def test_one_passed_on_while_it_is_taken_becomes_one_too(call: Any) -> None:
    made = call("200204", transfer=Transfer("mediation", "Office"))
    assert Mediation.objects.get().call == made.id and Mediation.objects.get().kind_id == "K01"


def test_one_for_grid_matters_makes_no_mediation(call: Any) -> None:
    call("500100", transfer=Transfer("matter", "Office"))
    assert not Mediation.objects.exists()


def test_a_call_that_is_opened_again_takes_it_back_while_nothing_has_begun(call: Any, cast: Any, clock: Any) -> None:
    made = call()
    first = Mediation.objects.get()
    calls.reopen_call(actor=cast.supervisor.actor, now=clock(), call_id=made.id, reason="They fight now")
    run()
    assert Mediation.objects.get(id=first.id).state == "withdrawn"
    passed(cast, clock, made)
    run()
    assert Mediation.objects.exclude(id=first.id).get().call == made.id


def test_a_mediation_comes_back_to_the_desk(call: Any, cast: Any, clock: Any, move: Any) -> None:
    made = call()
    row = Mediation.objects.get()
    move(row, "d_judge", "clerk")
    move(row, "d_refer", "clerk", target="desk", reason="Somebody may be hurt")
    run()
    assert Call.objects.get(id=made.id).state == "waiting"
    assert Mediation.objects.get().state == "referred"
    passed(cast, clock, made)  # and it may become one again
    run()
    assert Mediation.objects.filter(call=made.id).exclude(id=row.id).count() == 1


@pytest.mark.parametrize(("step", "given"), [("d_withdraw", {}), ("d_refer", {"target": "court"})])
def test_a_part_of_a_matter_is_mediated_and_done_when_it_is_over(cast: Any, town: Any, clock: Any, move: Any, take: Any,
                                                                step: str, given: Any) -> None:
    new = NewMatter(id=new_id(), type="M0308", lon=-90.222, lat=38.63, place="Elm St", words="Both put it there")
    clerk = cast.clerk.actor
    matter = matters.report(actor=cast.grid.actor, now=clock(), new=new, source="grid")
    for name in ("m_accept", "m_assign"):
        matters.move(actor=clerk, now=clock(), matter_id=matter.id, transition=name, given=Step())
    for joint in ("duty", "mediation"):
        matters.set_task(actor=clerk, now=clock(), matter_id=matter.id, id=new_id(), joint=joint, agency="justice")
    run()
    row = Mediation.objects.get()
    task = JointTask.objects.get(joint="mediation")
    assert (row.source, row.matter, row.task, row.area) == ("matter", matter.id, task.id, "t/2/b/")
    assert row.number in cast.clerk.client.get(f"/matters/{matter.id}/").content.decode()
    assert matter.number in cast.clerk.client.get(f"/mediation/{row.id}/").content.decode()
    told = actions.open_case(actor=clerk, now=clock(), mediation_id=row.id, reason="Sort the dispute")
    assert told.words[0].text == "Both put it there\nElm St"
    for side in "ab":
        actions.add_party(actor=clerk, now=clock(), mediation_id=row.id, new=NewParty(side, "person", side * 3))
    move(row, "d_judge", "clerk", kind="K18")
    move(row, "d_route", "clerk")
    take(row)
    move(row, step, **given)
    run()
    assert JointTask.objects.get(id=task.id).state == "done"
    assert JointTask.objects.get(joint="duty").state == "set"
