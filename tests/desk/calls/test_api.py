"""Calls over HTTP: the contract, areas, and what never leaves the seal."""
from __future__ import annotations

import json

import pytest

from shouwang.desk.calls.models import Call
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Card, Event

pytestmark = pytest.mark.django_db
SECRETS = ("王小明", "13800002046", "打起来了", "我要保密")


def post(client, url, body, status=200, method="post"):
    answer = getattr(client, method)(url, json.dumps(body), content_type="application/json")
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.json()


def new_call(**given):
    return {
        "id": str(new_id()),
        "type": "200100",
        "place": "三槐树路 17 号",
        "lon": -90.222,
        "lat": 38.63,
        "caller": {"name": "王小明", "number": "13800002046", "words": "打起来了", "ticks": ["confidential"]},
        **given,
    }


def test_a_retried_submit_makes_one_call(cast, town):
    client, body = cast.call_taker.client, new_call()
    first, second = post(client, "/api/calls", body), post(client, "/api/calls", body)
    assert first["number"] == second["number"]
    assert Call.objects.count() == 1
    assert Event.objects.filter(kind="call.taken").count() == 1
    assert first["services"] == ["police", "medical"]


def test_somebody_elses_id_is_a_conflict(cast, town):
    body = new_call()
    post(cast.call_taker.client, "/api/calls", body)
    post(cast.dispatcher.client, "/api/calls", body, 409)


@pytest.mark.parametrize(("wrong", "field"), [
    ({"type": "999999"}, "type"), ({"type": "20"}, None), ({"lon": 200}, None), ({"place": ""}, None),
    ({"place": "  "}, "place"), ({"severity": 5}, None), ({"services": ["navy"]}, None),
    ({"transfer": {"target": "matter", "receiver": "  "}}, "receiver"),
])
def test_bad_calls_are_refused(cast, town, wrong, field):
    answer = post(cast.call_taker.client, "/api/calls", new_call(**wrong), 422)
    assert field is None or answer["field"] == field
    assert Call.objects.count() == 0


def test_every_fault_is_named_at_once(cast, town):
    answer = post(cast.call_taker.client, "/api/calls", new_call(type="999999", place=" "), 422)
    assert "类型" in answer["detail"] or "type" in answer["detail"]
    assert "在哪" in answer["detail"] or "where" in answer["detail"]


def test_a_call_passed_on_never_waits(cast, town):
    answer = post(cast.call_taker.client, "/api/calls", new_call(
        type="200500", transfer={"target": "matter", "receiver": "甲社区网格站"}))
    assert (answer["state"], answer["target"], answer["waiting_since"]) == ("transferred", "matter", None)


def test_the_whole_way_over_http(cast, town):
    desk = cast.dispatcher.client
    call = post(cast.call_taker.client, "/api/calls", new_call())
    advice = desk.get(f"/api/calls/{call['id']}/recommend").json()
    unit = advice["services"][0]["candidates"][0]
    answer = post(desk, f"/api/calls/{call['id']}/assign", {"units": [unit["unit"]]})
    task = answer["assignments"][0]
    assert (answer["state"], task["overridden"], task["eta_s"]) == (
        "responding",
        False,
        pytest.approx(unit["eta_s"], 1),
    )
    for move in ("a_ack", "a_go", "a_scene"):
        post(desk, f"/api/assignments/{task['id']}/move", {"transition": move})
    post(desk, f"/api/calls/{call['id']}/close", {"disposition": "settled", "note": "双方和解"})
    assert desk.get(f"/api/calls/{call['id']}").json()["result"] == "settled"
    assert [c["number"] for c in desk.get("/api/calls?state=closed").json()] == [call["number"]]
    assert next(u for u in desk.get("/api/units").json() if u["id"] == unit["unit"])["state"] == "available"


def test_other_areas_are_not_found(cast, town):
    """The stranger holds every role, in another district."""
    call = post(cast.call_taker.client, "/api/calls", new_call())
    task = post(cast.dispatcher.client, f"/api/calls/{call['id']}/assign",
                {"units": [str(town.units["P02"].id)], "reason": "test"})["assignments"][0]
    client, id = cast.stranger.client, call["id"]
    assert client.get("/api/calls").json() == []
    for url in (f"/api/calls/{id}", f"/api/calls/{id}/recommend"):
        assert client.get(url).status_code == 404
    post(client, f"/api/calls/{id}", {"place": "x"}, 404, "patch")
    for path, body in (
        ("assign", {"units": [str(town.units["X01"].id)]}), ("close", {"disposition": "settled"}),
        ("cancel", {"reason": "x"}), ("reopen", {"reason": "x"}), ("transfer", {"target": "matter", "receiver": "x"}),
        ("merge", {"main": id}), ("unmerge", {}), ("severity", {"severity": 1}), ("callers", {"words": "x"}),
        ("alarm", {"level": 2}),
        ("notes", {"text": "x"}), ("reveal", {"reason": "x"}), ("undo-move", {"event": str(new_id())}),
    ):
        post(client, f"/api/calls/{id}/{path}", body, 422 if path == "merge" else 404)
    post(client, f"/api/assignments/{task['id']}/move", {"transition": "a_ack"}, 404)
    post(client, f"/api/assignments/{task['id']}/stand-down", {}, 404)
    post(client, f"/api/units/{town.units['P01'].id}/state", {"transition": "u_post"}, 404)
    assert client.get("/api/duplicates?lon=-90.222&lat=38.63").json() == []


def test_a_unit_of_another_area_cannot_be_sent(cast, town):
    call = post(cast.call_taker.client, "/api/calls", new_call())
    post(cast.dispatcher.client, f"/api/calls/{call['id']}/assign",
         {"units": [str(town.units["X01"].id)], "reason": "test"}, 404)


@pytest.mark.parametrize(("who", "path", "body", "status"), [
    ("call_taker", "close", {"disposition": "settled"}, 403), ("call_taker", "reveal", {"reason": "x"}, 403),
    ("planner", "close", {"disposition": "settled"}, 403), ("auditor", "notes", {"text": "x"}, 403),
    ("member", "notes", {"text": "x"}, 404), ("leader", "cancel", {"reason": "x"}, 403),
    ("supervisor", "close", {"disposition": "settled"}, 200), ("nobody", "close", {"disposition": "settled"}, 403),
])
def test_each_role_does_its_own(cast, town, who, path, body, status):
    call = post(cast.call_taker.client, "/api/calls", new_call())
    post(getattr(cast, who).client, f"/api/calls/{call['id']}/{path}", body, status)


def test_times_without_a_zone_are_the_districts(cast, town):
    """The town keeps its clock in China's zone."""
    call = post(cast.call_taker.client, "/api/calls", new_call(received_at="2020-05-01T20:00:00"))
    assert call["received"] == "2020-05-01T12:00:00.000Z"
    span = "since=2020-05-01T19:59:00&before=2020-05-01T20:01:00"
    assert len(cast.dispatcher.client.get(f"/api/calls?{span}").json()) == 1


def test_signed_out_is_401(client, town):
    assert client.get("/api/calls").status_code == 401


def test_what_is_sealed_stays_out_of_everything_open(cast, town):
    """Names, numbers and words are in no list, card, event or column in the clear."""
    desk = cast.dispatcher.client
    call = post(cast.call_taker.client, "/api/calls", new_call())
    post(desk, f"/api/calls/{call['id']}/callers", {"name": "李四", "number": "13900001111", "words": "我要保密"})
    post(desk, f"/api/calls/{call['id']}/notes", {"text": "王小明 在楼下"})
    post(desk, f"/api/calls/{call['id']}/close", {"disposition": "settled", "note": "王小明 13800002046"})
    post(desk, f"/api/calls/{call['id']}/reopen", {"reason": "王小明 又来电"})
    shown = [
        desk.get(url).content.decode() for url in ("/api/calls", f"/api/calls/{call['id']}", "/api/cards?kinds=call")
    ]
    shown += [json.dumps(b, ensure_ascii=False) for b in Card.objects.values_list("body", flat=True)]
    shown += [json.dumps(p, ensure_ascii=False) for p in Event.objects.values_list("payload", flat=True)]
    for secret in (*SECRETS, "李四", "13900001111"):
        assert not [s for s in shown if secret in s], secret
    from django.db import connection
    for table in ("calls_call", "calls_callwords", "calls_note", "log_reason", "log_event", "log_card"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            raw = b" ".join(v.encode() if isinstance(v, str) else bytes(v) for row in cursor.fetchall() for v in row
                            if isinstance(v, str | bytes | memoryview))
        assert not [s for s in (*SECRETS, "李四") if s.encode() in raw], table


def test_showing_a_number_needs_a_reason_and_is_logged(cast, town):
    from shouwang.desk.log.reasons import read_reasons
    call = post(cast.call_taker.client, "/api/calls", new_call())
    desk, url = cast.dispatcher.client, f"/api/calls/{call['id']}/reveal"
    post(desk, url, {"reason": ""}, 422)
    post(desk, url, {"reason": "   "}, 422)
    assert not Event.objects.filter(kind="call.revealed").exists()
    [shown] = post(desk, url, {"reason": "回拨核实楼号"})
    assert (shown["name"], shown["number"]) == ("王小明", "13800002046")
    event = Event.objects.get(kind="call.revealed")
    assert event.actor == str(cast.dispatcher.user.id)
    assert read_reasons([event.id]) == {str(event.id): "回拨核实楼号"}


def test_duplicates_tell_kind_and_time_alone_of_other_matters(cast, town):
    client = cast.call_taker.client
    post(client, "/api/calls", new_call())
    post(client, "/api/calls", new_call(type="200500", lat=38.6335))
    very, near = client.get("/api/duplicates?lon=-90.2221&lat=38.6301&type=200100").json()
    assert (very["grade"], very["place"]) == ("very", "三槐树路 17 号")
    assert (near["grade"], near["place"], near["id"], near["number"]) == ("near", "", None, "")


def test_places_are_found(cast, town):
    found = cast.call_taker.client.get("/api/places?q=38.63,-90.222").json()
    assert (round(found[0]["lon"], 3), round(found[0]["lat"], 3)) == (-90.222, 38.63)
    assert cast.call_taker.client.get("/api/places?q=").status_code == 422


def test_a_command_says_first_and_does_then(cast, town):
    call = post(cast.call_taker.client, "/api/calls", new_call())
    desk = cast.dispatcher.client
    said = post(desk, "/api/command?dry=1", {"line": f"派 巡02 {call['number'][-4:]}"})
    assert said["ready"]
    assert not said["done"]
    assert Call.objects.get().state == "waiting"
    post(desk, "/api/command", {"line": "d P02", "call": call["id"], "reason": "test"})
    assert Call.objects.get().state == "responding"
    post(desk, "/api/command", {"line": "s P02 os"})
    assert Card.objects.get(key=f"call:{call['id']}").body["stage"] == "on_scene"
    post(desk, "/api/command", {"line": "s P02 av"}, 409)
