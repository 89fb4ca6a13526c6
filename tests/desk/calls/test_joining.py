"""Calls that have to do with one another, a caller attached by mistake, and the types that words point to."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shouwang.desk.calls import actions, facts, following
from shouwang.desk.calls.models import Call, CallLink, CallWords
from shouwang.desk.calls.terms import Caller, NewCall
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.ids import new_id

from .conftest import EAST

pytestmark = pytest.mark.django_db


def kinds(call: Call) -> list[str]:
    return [e.kind for e in events_of("call", call.id) if not e.kind.startswith("access.")][1:]


def said(cast: Any, clock: Any, call: Call) -> list[str]:
    return [c.words for c in actions.read_words(actor=cast.dispatcher.actor, now=clock(), call_id=call.id).callers]


def test_linked_calls_stay_two_and_the_link_can_be_taken_back(take: Any, cast: Any, clock: Any) -> None:
    one, two, key = take(), take(), new_id()
    who = {"actor": cast.dispatcher.actor, "now": clock()}
    for _retry in range(2):
        actions.link_calls(**who, call_id=two.id, other_id=one.id, key=key)
    assert [(link["number"], link["kind"]) for link in facts.links(one)] == [(two.number, "related")]
    assert [(link["number"], link["kind"]) for link in facts.links(two)] == [(one.number, "related")]
    assert Call.objects.filter(state="waiting").count() == 2 and kinds(one) == kinds(two) == ["call.linked"]
    actions.link_calls(**who, call_id=one.id, other_id=two.id)  # linked already, in the other order
    assert CallLink.objects.count() == 1
    actions.unlink_calls(**who, call_id=one.id, other_id=two.id)
    assert facts.links(one) == [] and kinds(one) == ["call.linked", "call.unlinked"]
    actions.link_calls(**who, call_id=one.id, other_id=two.id)
    assert len(facts.links(two)) == 1
    with pytest.raises(Refused):
        actions.link_calls(**who, call_id=one.id, other_id=one.id)
    with pytest.raises(Denied):
        actions.link_calls(actor=cast.leader.actor, now=clock(), call_id=one.id, other_id=two.id)
    with pytest.raises(Missing):
        actions.link_calls(actor=cast.stranger.actor, now=clock(), call_id=one.id, other_id=two.id)


def test_a_split_takes_a_caller_along_and_goes_back_with_caller_and_units(
    take: Any, send: Any, cast: Any, town: Any, clock: Any
) -> None:
    call = take()
    clock.forward(seconds=40)
    second = new_id()
    actions.attach_caller(actor=cast.call_taker.actor, now=clock(), main_id=call.id, key=second,
                          caller=Caller(number="13900000000", words="后巷里有烟"))
    who = {"actor": cast.dispatcher.actor, "now": clock()}
    part = NewCall(id=new_id(), type="400101", place="后巷", lon=EAST[0], lat=EAST[1])
    for _retry in range(2):
        fire = actions.split_call(**who, call_id=call.id, part=part, callers=[second])
    assert fire.state == "waiting" and fire.type_id == "400101" and fire.number != call.number
    assert (said(cast, clock, call), said(cast, clock, fire)) == (["两个人在门口打起来了"], ["后巷里有烟"])
    assert [link["kind"] for link in facts.links(call)] == ["split_off"]
    assert [link["kind"] for link in facts.links(fire)] == ["split_from"]
    assert fire.number in timeline(call.id)[-1].text
    with pytest.raises(Conflict):
        actions.unlink_calls(**who, call_id=call.id, other_id=fire.id)

    send(fire, "F31")
    actions.unsplit_call(**who, call_id=fire.id)
    call.refresh_from_db()
    fire.refresh_from_db()
    assert (fire.state, fire.main_id, call.state) == ("merged", call.id, "responding")
    assert said(cast, clock, call) == ["两个人在门口打起来了", "后巷里有烟"]
    assert facts.links(call) == []


def test_one_caller_stays_with_a_call_that_is_split(take: Any, cast: Any, clock: Any) -> None:
    call = take()
    only = CallWords.objects.get(call=call).id
    part = NewCall(id=new_id(), type="400101", place="后巷", lon=EAST[0], lat=EAST[1])
    who = {"actor": cast.dispatcher.actor, "now": clock(), "call_id": call.id, "part": part}
    with pytest.raises(Refused):
        actions.split_call(**who, callers=[only])
    with pytest.raises(Missing):
        actions.split_call(**who, callers=[new_id()])
    assert Call.objects.count() == 1  # refused whole


def test_a_caller_attached_by_mistake_is_taken_back_with_what_they_raised(take: Any, cast: Any, clock: Any) -> None:
    call = take(type="400101", severity=2)
    before = (call.severity, call.alarm_level, list(call.services), call.asked)
    row = new_id()
    clock.forward(seconds=30)
    actions.attach_caller(actor=cast.call_taker.actor, now=clock(), main_id=call.id, key=row,
                          caller=Caller(words="楼上有人", answers={"trapped": "few"}))
    call.refresh_from_db()
    assert (call.severity, call.asked) != (before[0], before[3])
    who = {"actor": cast.call_taker.actor, "call_id": call.id, "caller_id": row}
    with pytest.raises(Conflict):
        actions.detach_caller(**who, now=clock() + timedelta(minutes=11))
    actions.detach_caller(**who, now=clock())
    call.refresh_from_db()
    assert (call.severity, call.alarm_level, call.services, call.asked) == before
    assert said(cast, clock, call) == ["两个人在门口打起来了"] and kinds(call) == ["call.attached", "call.detached"]
    with pytest.raises(Missing):  # who called first is never taken back
        actions.detach_caller(**who | {"caller_id": CallWords.objects.get(call=call).id}, now=clock())


def test_words_point_to_types_in_both_languages(rules: Any) -> None:
    for words, code in (("楼上家里着火，有浓烟", "400101"), ("A crash, somebody injured in crash", "300"),
                        ("两人打架", "200100"), ("Two men in a FIGHT", "200100")):
        assert following.suggested(words)[0].type.code.startswith(code), words
    assert following.suggested("a gallant knight, fightless") == []  # no word is found inside another


def test_every_step_by_api(take: Any, cast: Any, clock: Any) -> None:
    one, two, client = take(), take(), cast.dispatcher.client

    def post(path: str, body: dict[str, Any]) -> Any:
        return client.post(f"/api{path}", body, content_type="application/json")
    assert post(f"/calls/{one.id}/link", {"other": str(two.id)}).json()["links"][0]["number"] == two.number
    assert post(f"/calls/{one.id}/unlink", {"other": str(two.id)}).json()["links"] == []
    part = post(f"/calls/{one.id}/split", {"id": str(new_id()), "type": "400101"}).json()
    assert (part["place"], part["links"][0]["kind"]) == (one.place, "split_from")
    assert post(f"/calls/{one.id}/split", {"id": str(new_id()), "type": "400101", "lon": 1}).status_code == 422
    assert post(f"/calls/{part['id']}/unsplit", {}).json()["state"] == "merged"
    caller = str(new_id())
    assert post(f"/calls/{one.id}/callers", {"words": "又来电", "key": caller}).status_code == 200
    assert post(f"/calls/{one.id}/callers/{caller}/detach", {}).status_code == 200
    assert post("/types/suggest", {"words": "家里着火"}).json()[0]["code"] == "400101"
    told = post("/types/400101/follow", {"answers": {"trapped": "few"}}).json()
    assert told["severity"] == 1 and "fire" in told["services"]
    assert post("/types/999999/follow", {}).status_code == 422
    assert any(t["asks"] for t in client.get("/api/types").json()) and client.get("/api/questions").json()
    given = {"id": str(new_id()), "type": "200100", "place": "天安门", "lon": 116.38404722455657,
             "lat": 39.91334545536069, "coordinates": "gcj02"}
    taken = post("/calls", given).json()
    assert (taken["lon"], taken["lat"]) == pytest.approx((116.377817, 39.911954), abs=1e-6)
