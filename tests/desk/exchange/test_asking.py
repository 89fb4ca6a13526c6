"""Asking a neighbour: what goes out and what never does; withdrawn with the call; kept, read and deleted."""
from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest
from eido_schema import SCHEMA

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.models import Call
from shouwang.desk.exchange import actions, facts, reactions
from shouwang.desk.exchange.models import Document, Help, Neighbour
from shouwang.desk.exchange.reading import HELP, read
from shouwang.desk.exchange.terms import Need
from shouwang.desk.log import signing
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.facts import after, head
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event

pytestmark = pytest.mark.django_db
NEVER = ("王小明", "13800002046", "厨房着火了")


def sent(help: Help) -> dict[str, Any]:
    return facts.body_of(Document.objects.filter(help=help, ours=True).order_by("-n")[0])


def test_what_is_sent_is_what_it_may_be_sent(ask: Any, call: Call, peer: Any, cast: Any, clock: Any, town: Any) -> None:
    calls.assign_units(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, unit_ids=[town.units["F31"].id],
                       reason="near")
    doc = sent(ask())
    text = json.dumps(doc, ensure_ascii=False)
    assert not [word for word in (*NEVER, "3rd floor", "F31") if word in text]
    assert doc[HELP]["asked"] == [{"capability": "fire_pump", "count": 2}] and doc[HELP]["words"] == "高层火灾"
    Help.objects.all().delete()
    Neighbour.objects.update(sends=["detail", "units"])
    text = json.dumps(sent(ask()), ensure_ascii=False)
    assert "3rd floor" in text and "F31" in text and not [word for word in NEVER if word in text]


def test_it_is_an_eido_document_that_we_could_read_ourselves(ask: Any) -> None:
    doc = sent(ask())
    said = read(json.dumps(doc).encode())
    assert (said.side, said.n, said.state, said.type, said.severity) == ("asking", 1, "sent", "400101", 1)
    assert (said.place, said.lon, said.lat, said.words) == ("Elm St 17", -90.222, 38.63, "高层火灾")
    assert said.asked == (Need("fire_pump", 2),) and said.by is not None
    plain = copy.deepcopy(doc)
    del plain[HELP]
    del plain["@context"]["help"]
    jsonschema_rs.validate(SCHEMA, plain)


def test_asked_once_by_who_may_of_whom_may_be_asked(ask: Any, call: Call, peer: Any, cast: Any, clock: Any) -> None:
    with pytest.raises(Denied):
        ask(by="call_taker")
    with pytest.raises(Missing):
        ask(by="stranger")
    for wrong in ([], [Need("fire_pump", 0)], [Need("no_such", 1)], [Need("fire_pump", 1)] * 2):
        with pytest.raises(Refused) as refused:
            ask(asked=wrong)
        assert refused.value.field == "asked"
    with pytest.raises(Refused):
        ask(within_min=0)
    id = new_id()
    assert ask(id=id).id == ask(id=id).id and Document.objects.count() == 1
    with pytest.raises(Conflict):
        ask()
    Neighbour.objects.update(active=False)
    Help.objects.all().delete()
    with pytest.raises(Refused):
        ask()


def test_nobody_is_asked_for_a_replayed_call(ask: Any, call: Call) -> None:
    Call.objects.update(drill=True)
    with pytest.raises(Refused) as refused:
        ask()
    assert refused.value.code == "drill"


def test_the_other_side_answers(ask: Any, peer: Any, cast: Any, clock: Any) -> None:
    help = ask()
    for n, state, more in ((1, "taken", {}), (2, "offered", {"offered": [{"capability": "fire_pump", "count": 1}],
                                                            "arrivesAt": "2026-11-28T12:00:00Z"}),
                           (4, "on_scene", {}), (3, "enroute", {})):  # the fourth overtakes the third
        peer.say(help={"id": str(help.id), "side": "helping", "number": n, "state": state, "asked": None, **more},
                 doc={"emergencyResourceComponent": [{"emergencyResourceName": "E7", "unitStatusInternal": [state]}]})
    help.refresh_from_db()
    assert (help.state, help.heard, help.number) == ("on_scene", 4, "1128-0007")
    assert help.units == [{"name": "E7", "state": "on_scene"}] and help.theirs_at is not None
    (row,) = facts.rows([Help.objects.select_related("neighbour").get()])
    assert row.units[0][1] not in ("", "on_scene") and row.open  # its state in words
    told = list(Event.objects.filter(kind="help.heard").order_by("seq").values_list("payload__new", flat=True))
    assert told == ["taken", "offered", "on_scene"]
    with pytest.raises(Conflict):  # a side does not speak for the other
        actions.move(actor=cast.dispatcher.actor, now=clock(), help_id=help.id, transition="n_done")
    wrong = peer.post(peer.sign(peer.document(help={"id": str(help.id), "number": 9})))
    assert (wrong.status_code, wrong.json()["code"]) == (409, "side")


def test_it_ends_with_the_call(ask: Any, call: Call, cast: Any, clock: Any) -> None:
    help, before = ask(), head()
    calls.upgrade(actor=cast.dispatcher.actor, now=clock(), call_id=call.id, severity=2, reason="smaller")
    calls.cancel_call(actor=cast.dispatcher.actor, now=clock.forward(minutes=1), call_id=call.id, reason="test")
    for _ in range(2):
        for event in after(before):
            if event.kind in reactions.KINDS:
                reactions.react(event)
    told = [(d.state, facts.body_of(d)["incidentComponent"]["incidentPriorityInternalText"])
            for d in Document.objects.order_by("n")]
    assert told == [("sent", "1"), ("sent", "2"), ("withdrawn", "2")]
    help.refresh_from_db()
    assert (help.state, help.severity) == ("withdrawn", 2)


def test_withdrawn_with_a_reason(ask: Any, cast: Any, clock: Any) -> None:
    help = ask()
    given = {"actor": cast.dispatcher.actor, "now": clock(), "help_id": help.id, "transition": "n_withdraw"}
    with pytest.raises(Refused):
        actions.move(**given)
    assert actions.move(**given, words="已控制").state == "withdrawn"
    assert sent(help)[HELP]["words"] == "已控制"


def test_words_go_on_schedule(ask: Any, cast: Any, clock: Any) -> None:
    help = ask()
    actions.move(actor=cast.dispatcher.actor, now=clock(), help_id=help.id, transition="n_withdraw", words="已控制")
    assert actions.words_due(clock() + timedelta(days=89)) == 0
    assert [actions.words_due(clock() + timedelta(days=91)) for _ in range(2)] == [1, 0]
    assert facts.last_words(help) == "" and Help.objects.get().words_deleted_at is not None
    assert b"\xe5\xb7\xb2" not in b"".join(bytes(d.body) for d in Document.objects.all())


def test_who_reads_the_words_is_written_down_once(ask: Any, call: Call, cast: Any) -> None:
    ask()
    for _ in range(2):
        page = cast.supervisor.client.get("/exchange/")
        assert page.status_code == 200 and "高层火灾" in page.content.decode()
    read = Event.objects.filter(kind="access.words_read", actor=str(cast.supervisor.user.id))
    assert list(read.values_list("subject", flat=True)) == [str(call.id)]
    assert "高层火灾" not in cast.stranger.client.get("/exchange/").content.decode()


def test_over_the_api(call: Call, peer: Any, cast: Any) -> None:
    client = cast.dispatcher.client

    def send(path: str, body: dict[str, Any]) -> Any:
        return client.post(path, json.dumps(body), content_type="application/json")

    id = str(new_id())
    made = send(f"/api/calls/{call.id}/help", {
        "id": id, "neighbour": str(peer.row.id), "asked": [{"capability": "fire_pump", "count": 1}], "text": "x"})
    assert made.status_code == 200 and made.json()["delivery"] == "waiting", made.content
    assert client.get(f"/api/help/{id}").json()["state"] == "sent"
    assert [h["id"] for h in client.get("/api/help").json()] == [id]
    assert [h["id"] for h in client.get(f"/api/calls/{call.id}/help").json()] == [id]
    assert send(f"/api/help/{id}/move", {"transition": "n_withdraw", "text": "no more"}).json()["state"] == "withdrawn"
    assert cast.stranger.client.get(f"/api/help/{id}").status_code == 404
    assert client.get(f"/exchange/{id}/").status_code == 200
    own = client.get("/api/neighbours/own").json()
    assert own["thumbprint"] == signing.thumbprint(signing.own_key())
    pane = client.get(f"/board/call/{call.id}/").content.decode()
    assert id in pane and 'data-help="ask"' in pane
