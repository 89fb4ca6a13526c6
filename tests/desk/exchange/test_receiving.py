"""What another centre sends: taken in once, and every fault answered clearly, logged, and without effect."""
from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from joserfc.jwk import OKPKey

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.facts import calls_for_demand, counted
from shouwang.desk.calls.models import Call
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.exchange import actions, facts, reactions
from shouwang.desk.exchange.models import Document, Help
from shouwang.desk.exchange.receiving import CLOCK, MOST_TOKEN_B
from shouwang.desk.exchange.terms import Need
from shouwang.desk.log import signing
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.facts import after, head
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Card, Event
from shouwang.desk.log.seal import keys

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_told_yet() -> None:
    cache.clear()


@pytest.fixture
def asked(peer: Any) -> Help:
    peer.say()
    return Help.objects.select_related("neighbour").get()


def test_a_request_waits_here_in_the_inbox_too_and_is_receipted(peer: Any, cast: Any) -> None:
    doc = peer.document(help={"neededBy": "2026-11-28T18:00:00+08:00"})
    receipt = json.loads(signing.opened(peer.post(peer.sign(doc)).content, signing.own_key()))
    help = Help.objects.get()
    assert (help.side, help.state, help.area, help.severity, help.type) == ("helping", "sent", "t/", 1, "400101")
    assert (help.place, help.lon, help.lat, help.number) == ("East Rd 5", -90.19, 38.63, "1128-0007")
    assert help.asked == [{"capability": "fire_pump", "count": 2}] and help.by_at is not None
    assert "East Rd 5" in cast.dispatcher.client.get("/inbox/").content.decode()
    kept = Document.objects.get()
    assert receipt == {"document": str(kept.id), "digest": kept.digest, "duplicate": False}
    assert "高层火灾".encode() not in bytes(kept.body) and facts.words_of(kept) == "高层火灾"
    event = Event.objects.get(kind="help.received")
    assert event.actor == f"neighbour:{peer.row.id}" and "火灾" not in json.dumps(event.payload, ensure_ascii=False)
    assert Card.objects.get(key=f"help:{help.id}").body["state"] == "sent"


def test_the_same_document_again_changes_nothing(peer: Any) -> None:
    token, doc = None, peer.document()
    told = []
    for _ in range(2):  # a retry is signed anew
        token = peer.sign(doc)
        told.append(json.loads(signing.opened(peer.post(token).content, signing.own_key()))["duplicate"])
    assert told == [False, True] and Help.objects.count() == Document.objects.count() == 1
    assert Event.objects.filter(kind="help.received").count() == 1
    changed = peer.post(peer.sign(doc | {"issuingElementIdentification": "other"}))
    assert (changed.status_code, changed.json()["code"]) == (409, "document")


def refused(peer: Any) -> dict[str, tuple[Callable[[], Any], int, str]]:
    doc, now = peer.document(), timezone.now()
    stranger = OKPKey.generate_key("Ed25519")
    good = peer.sign(doc)
    return {
        "no JWS": (lambda: peer.post(b"hello"), 400, "form"),
        "empty": (lambda: peer.post(b""), 400, "form"),
        "not text": (lambda: peer.post(b"\xff\xfe.\x00.."), 400, "form"),
        "unknown key": (lambda: peer.post(peer.sign(doc, key=stranger)), 401, "unknown"),
        "another's signature": (lambda: peer.post(good[:-8] + b"AAAAAAA="[:8]), 401, "signature"),
        "changed on the way": (lambda: peer.post(b".".join(
            [good.split(b".")[0], peer.sign(doc | {"x": 1}).split(b".")[1], good.split(b".")[2]])), 401, "signature"),
        "for somebody else": (lambda: peer.post(peer.sign(doc, audience="0" * 64)), 403, "audience"),
        "for nobody": (lambda: peer.post(peer.sign(doc, audience="")), 403, "audience"),
        "replayed later": (lambda: peer.post(peer.sign(doc, at=now - CLOCK - timedelta(seconds=5))), 400, "clock"),
        "from a fast clock": (lambda: peer.post(peer.sign(doc, at=now + CLOCK + timedelta(seconds=60))), 400, "clock"),
        "too large": (lambda: peer.post(b"a" * (MOST_TOKEN_B + 1)), 413, "size"),
        "broken JSON": (lambda: peer.post(peer.sign(b'{"$id": ')), 422, "document"),
        "no document": (lambda: peer.post(peer.sign(b"[]")), 422, "document"),
        "answer to nothing": (lambda: peer.post(peer.sign(peer.document(
            help={"side": "helping", "state": "offered"}))), 404, "request"),
    }


CASES = ("no JWS", "empty", "not text", "unknown key", "another's signature", "changed on the way", "for somebody else",
         "for nobody", "replayed later", "from a fast clock", "too large", "broken JSON", "no document",
         "answer to nothing")


def test_what_is_wrong_is_answered_logged_and_has_no_effect(peer: Any) -> None:
    cases, wrong = refused(peer), []
    assert tuple(cases) == CASES
    for name, (post, status, code) in cases.items():
        before = head()
        answer = post()
        told = [(e.kind, e.payload["fault"]) for e in after(before)]
        if (answer.status_code, answer.json()["code"]) != (status, code) or not answer.json()["detail"]:
            wrong.append((name, answer.status_code, answer.content))
        if told not in ([("neighbour.rejected", code)], []):
            wrong.append((name, told))
    assert wrong == [] and not Help.objects.exists() and not Document.objects.exists()
    told = list(Event.objects.filter(kind="neighbour.rejected").values_list("payload__fault", flat=True))
    assert sorted(told) == sorted({code for _post, _status, code in cases.values()})  # each once a minute


def test_only_a_neighbour_in_use_is_heard(peer: Any, cast: Any, clock: Any) -> None:
    for change, status in (({"second_by": ""}, 403), ({"second_by": "2", "first_by": "1", "active": False}, 403)):
        type(peer.row).objects.filter(id=peer.row.id).update(**change)
        answer = peer.post(peer.sign(peer.document()))
        assert (answer.status_code, answer.json()["code"]) == (status, "not_confirmed")


def test_every_fault_of_a_document_is_named_at_once(peer: Any) -> None:
    doc = peer.document(help={"number": 0, "state": "on_scene", "asked": [{"capability": "Fire!", "count": 1}]},
                        doc={"eidoVersion": "2.0", "locationComponent": []})
    said = peer.post(peer.sign(doc)).json()["detail"]
    for part in ("eidoVersion", "help:request.number", "help:request.state", "asked[0].capability",
                 "locationComponent"):
        assert part in said


def test_another_neighbour_cannot_touch_the_request(peer: Any, asked: Help, confirmed: Any) -> None:
    key = OKPKey.generate_key("Ed25519")
    other = type(peer)(confirmed(key, "https://west.example"), key)
    answer = other.post(other.sign(other.document(help={"id": str(asked.id), "number": 2, "state": "withdrawn"})))
    assert (answer.status_code, answer.json()["code"]) == (404, "request")
    own = Document.objects.get()
    answer = other.post(other.sign(other.document(doc={"$id": f"urn:emergency:uid:eido:{own.id}:west.example"})))
    assert answer.status_code == 409
    asked.refresh_from_db()
    assert asked.state == "sent"


def test_what_comes_late_or_twice_over_moves_nothing(peer: Any, asked: Help) -> None:
    peer.say(help={"id": str(asked.id), "number": 3, "state": "withdrawn", "words": "已处置"})
    asked.refresh_from_db()
    assert asked.state == "withdrawn" and asked.ended_at is not None
    peer.say(help={"id": str(asked.id), "number": 2, "asked": [{"capability": "hazmat", "count": 9}]})
    peer.say(help={"id": str(asked.id), "number": 4, "asked": [{"capability": "hazmat", "count": 9}]})
    asked.refresh_from_db()
    assert asked.state == "withdrawn" and asked.asked == [{"capability": "fire_pump", "count": 2}]
    again = peer.post(peer.sign(peer.document(help={"id": str(asked.id), "number": 4})))
    assert (again.status_code, again.json()["code"]) == (409, "document")
    assert facts.last_words(asked) != "" and Document.objects.count() == 4


def test_taken_it_becomes_a_call_and_the_second_is_too_late(peer: Any, asked: Help, cast: Any, clock: Any) -> None:
    clock.now = timezone.now()
    given = {"now": clock(), "help_id": asked.id}
    with pytest.raises(Denied):
        actions.take(actor=cast.leader.actor, **given)
    with pytest.raises(Missing):
        actions.take(actor=cast.stranger.actor, **given)
    key = new_id()
    for _ in range(2):
        help = actions.take(actor=cast.dispatcher.actor, key=key, **given)
    with pytest.raises(Conflict):
        actions.take(actor=cast.supervisor.actor, **given)
    call = Call.objects.get()
    assert (help.state, help.call, help.taken_by) == ("taken", call.id, str(cast.dispatcher.user.id))
    assert (call.source, call.severity, call.state, call.services) == ("neighbour", 1, "waiting", ["fire"])
    assert "East Rd 5" in call.place and not call.words.exists()
    assert len(calls_for_demand(clock() + timedelta(hours=1)).lon) == len(counted().lon) == 0  # not of this district
    ours = Document.objects.get(ours=True)
    assert (ours.state, ours.delivered_at) == ("taken", None) and ours.due_at is not None
    assert any("东区" in e.text for e in timeline(call.id))


def test_progress_is_told_by_itself_and_once(peer: Any, asked: Help, cast: Any, clock: Any, town: Any) -> None:
    clock.now = timezone.now()
    help = actions.take(actor=cast.dispatcher.actor, now=clock(), help_id=asked.id)
    with pytest.raises(Refused):
        actions.move(actor=cast.dispatcher.actor, now=clock(), help_id=help.id, transition="n_refuse", words=" ")
    help = actions.move(actor=cast.dispatcher.actor, now=clock(), help_id=help.id, transition="n_offer",
                        offered=[Need("fire_pump", 1)], within_min=12)
    assert help.arrives_at == clock() + timedelta(minutes=12)
    done = 0

    def react() -> None:
        nonlocal done
        for _ in range(2):  # a reaction that is run again after a crash tells nothing twice
            events = after(done)
            for event in events:
                if event.kind in reactions.KINDS:
                    reactions.react(event)
        done = events[-1].seq if events else done

    task = calls.assign_units(actor=cast.dispatcher.actor, now=clock(), call_id=help.call,
                              unit_ids=[town.units["F31"].id], reason="near")[0]
    for step in ("a_go", "a_scene"):
        calls.move_assignment(actor=cast.dispatcher.actor, now=clock.forward(minutes=1), assignment_id=task.id,
                              transition=step)
        react()
    calls.move_assignment(actor=cast.dispatcher.actor, now=clock.forward(minutes=1), assignment_id=task.id,
                          transition="a_clear", result="fire_out")
    calls.close_call(actor=cast.dispatcher.actor, now=clock.forward(minutes=1), call_id=help.call,
                     disposition="fire_out")
    react()
    told = list(Document.objects.filter(ours=True).order_by("n").values_list("state", flat=True))
    assert told == ["taken", "offered", "enroute", "enroute", "on_scene", "on_scene", "done"]
    last = facts.body_of(Document.objects.filter(ours=True).order_by("-n")[0])
    assert last["help:request"]["offered"] == [{"capability": "fire_pump", "count": 1}]
    assert [u["emergencyResourceName"] for u in last.get("emergencyResourceComponent", ())] == ["消31 F31"]
    help.refresh_from_db()
    assert help.state == "done" and help.ended_at is not None
    assert Card.objects.get(key=f"help:{help.id}").body is None


def test_refused_with_a_reason_without_a_call(peer: Any, asked: Help, cast: Any, clock: Any) -> None:
    clock.now = timezone.now()
    help = actions.move(actor=cast.supervisor.actor, now=clock(), help_id=asked.id, transition="n_refuse",
                        words="本区同时有两起火灾")
    assert help.state == "refused" and not Call.objects.exists()
    body = facts.body_of(Document.objects.get(ours=True))
    assert body["help:request"]["words"] == "本区同时有两起火灾" and "incidentComponent" not in body


def test_a_request_with_the_id_of_a_call_touches_no_word_of_it(peer: Any, call: Call, cast: Any, clock: Any) -> None:
    """The other side chooses the id. Deleting its words must not delete a caller's."""
    peer.say(help={"id": str(call.id)})
    with pytest.raises(Conflict):
        actions.take(actor=cast.dispatcher.actor, now=clock(), help_id=call.id)
    peer.say(help={"id": str(call.id), "number": 2, "state": "withdrawn"})
    assert actions.words_due(timezone.now() + timedelta(days=91)) == 1
    assert keys().get(str(call.id)) is not None


def test_nobody_opens_requests_without_end(peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shouwang.desk.exchange.receiving.MOST_WAITING", 2)
    answers = [peer.post(peer.sign(peer.document())) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429] and Help.objects.count() == 2


def test_the_door_takes_posts_alone() -> None:
    assert Client().get("/exchange/in/").status_code == 405
