"""Shift change: what is open, two people, two signatures."""
from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls import defaults
from shouwang.desk.calls.terms import Caller, NewCall
from shouwang.desk.linked import actions as linked
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.units import actions as units
from shouwang.desk.watch import actions, facts
from shouwang.desk.watch.models import Handover

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(cast: Any, town: Any, clock: Any) -> Any:
    defaults.load()
    return calls.take_call(actor=cast.call_taker.actor, now=clock(), call=NewCall(
        id=new_id(), type="400101", severity=1, place="Elm St 17", detail="3rd floor", lon=-90.222, lat=38.63,
        caller=Caller(name="王小明", number="13800002046", words="厨房着火了")))


@pytest.fixture
def give(cast: Any, town: Any, clock: Any) -> Any:
    def give(by: str = "dispatcher", **given: Any) -> Handover:
        return actions.give(actor=getattr(cast, by).actor, now=clock(), **{"id": new_id(), "area": "t/"} | given)
    return give


def take(cast: Any, clock: Any, row: Handover, by: str = "supervisor", **given: Any) -> Handover:
    return actions.take(actor=getattr(cast, by).actor, now=clock(), handover_id=row.id, **given)


def test_what_is_open_is_kept_as_it_was(call: Any, give: Any, close: Any, town: Any, cast: Any, clock: Any) -> None:
    linked.send(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, codes=["gas_co"])
    units.set_state(actor=cast.dispatcher.actor, now=clock(), unit_id=town.units["P02"].id, transition="u_out")
    shut = close(-90.2221, 38.6301)
    row = give()
    assert [(i["kind"], i["state"]) for i in row.items] == [
        ("call", "waiting"), ("agency", "sent"), ("unit", "out_of_service"), ("closure", "in_force")]
    assert [i["id"] for i in row.items][::3] == [str(call.id), str(shut.id)]
    text = json.dumps(row.items, ensure_ascii=False)
    assert not [w for w in ("Elm St", "3rd floor", "王小明", "着火了") if w in text]
    calls.close_call(actor=cast.dispatcher.actor, now=clock.forward(minutes=1), call_id=call.id, disposition="helped")
    row.refresh_from_db()
    assert row.items[0]["state"] == "waiting"


def test_two_people_sign(give: Any, cast: Any, clock: Any) -> None:
    key, row = new_id(), give(note="北门检修到八点")
    assert give(id=row.id).id == row.id
    with pytest.raises(Conflict):
        give("supervisor")
    with pytest.raises(Refused) as refused:
        take(cast, clock, row, "dispatcher")
    assert refused.value.code == "two"  # said before the database would say it
    done = take(cast, clock, row, note="收到", key=key)
    assert take(cast, clock, row, key=key).id == row.id
    assert (done.state, done.taken_by) == ("taken", str(cast.supervisor.user.id))
    events = Event.objects.filter(kind__startswith="watch.").order_by("seq")
    assert [(e.kind, e.actor) for e in events] == [
        ("watch.given", str(cast.dispatcher.user.id)), ("watch.taken", str(cast.supervisor.user.id))]
    assert "北门" not in json.dumps([e.payload for e in events], ensure_ascii=False)
    for move in (lambda: take(cast, clock, row), lambda: actions.withdraw(
            actor=cast.dispatcher.actor, now=clock(), handover_id=row.id)):
        with pytest.raises(Conflict):
            move()


def test_taken_back_by_the_giver_alone(give: Any, cast: Any, clock: Any) -> None:
    row = give()
    with pytest.raises(Refused):
        actions.withdraw(actor=cast.supervisor.actor, now=clock(), handover_id=row.id)
    assert actions.withdraw(actor=cast.dispatcher.actor, now=clock(), handover_id=row.id).state == "withdrawn"
    assert give("supervisor").state == "given"


def test_notes_are_sealed_read_with_a_trace_and_deleted(give: Any, cast: Any, clock: Any) -> None:
    row = give(note="北门检修到八点")
    assert "北门".encode() not in bytes(row.given_note)
    for by in ("dispatcher", "supervisor", "supervisor"):
        assert actions.read(actor=getattr(cast, by).actor, now=clock(), handover_id=row.id)[1] == "北门检修到八点"
    assert [e.actor for e in Event.objects.filter(kind="access.watch_read")] == [str(cast.supervisor.user.id)]
    assert actions.notes_due(clock() + timedelta(days=89)) == 0
    assert actions.notes_due(clock() + timedelta(days=91)) == 1
    assert actions.notes_due(clock() + timedelta(days=92)) == 0
    assert facts.notes(Handover.objects.get()) == ("", "")


def test_only_who_may_in_their_area(give: Any, cast: Any, clock: Any) -> None:
    for by in ("call_taker", "leader", "stranger"):
        with pytest.raises(Denied):
            give(by)
    row = give()
    with pytest.raises(Missing):
        take(cast, clock, row, "stranger")
    assert cast.stranger.client.get(f"/watch/{row.id}/").status_code == 404
    assert cast.stranger.client.get("/api/handovers").json() == []


def test_by_page_and_by_api(call: Any, cast: Any) -> None:
    giver, taker, key = cast.dispatcher.client, cast.supervisor.client, str(new_id())
    assert call.number in giver.get("/watch/").content.decode()
    assert giver.post("/watch/", {"do": "give", "id": key, "area": "t/", "note": "北门检修"}).status_code == 302
    assert giver.post("/watch/", {"do": "take", "id": key}).status_code == 422
    assert "北门检修" in taker.get("/watch/").content.decode()
    assert taker.post("/watch/", {"do": "take", "id": "x"}).status_code == 422
    assert taker.post("/watch/", {"do": "take", "id": key, "note": "收到"}).status_code == 302
    assert "收到" in giver.get(f"/watch/{key}/").content.decode()

    def post(client: Any, path: str, **body: Any) -> Any:
        return client.post(path, json.dumps(body), content_type="application/json")

    made = post(giver, "/api/handovers", id=str(new_id()), area="t/").json()
    assert made["state"] == "given" and made["items"][0]["number"] == call.number
    assert post(taker, f"/api/handovers/{made['id']}/take").json()["state"] == "taken"
    assert [h["state"] for h in taker.get("/api/handovers").json()] == ["taken", "taken"]


def test_an_office_hands_its_day_over(cast: Any, town: Any, clock: Any) -> None:
    from shouwang.desk.matters import actions as matters
    from shouwang.desk.matters.terms import NewMatter

    row = matters.report(actor=cast.clerk.actor, now=clock(), source="office",
                         new=NewMatter(id=new_id(), type="M0210", lon=-90.222, lat=38.63, words="Flour dust"))
    area = facts.areas_of(cast.office.actor, "office")[0]
    with pytest.raises(Denied):
        actions.give(actor=cast.dispatcher.actor, now=clock(), id=new_id(), area=area, kind="office")
    with pytest.raises(Denied):
        actions.give(actor=cast.office.actor, now=clock(), id=new_id(), area=area)
    page = cast.office.client.get("/office/handover/")
    assert row.number in page.content.decode() and "Flour" not in page.content.decode()
    given = cast.office.client.post("/api/handovers", json.dumps({"id": str(new_id()), "area": area, "kind": "office"}),
                                    content_type="application/json").json()
    assert [(i["kind"], i["number"]) for i in given["items"]] == [("matter", row.number)]
    assert facts.find(cast.dispatcher.actor, given["id"]) is None
    with pytest.raises(Refused):
        actions.take(actor=cast.office.actor, now=clock(), handover_id=given["id"])
    day = cast.office.client.get("/office/").content.decode()
    assert 'href="/office/handover/"' in day and 'id="day-on"' in day
