"""The intake page: one call from one form, nothing lost, every fault at its field."""
from __future__ import annotations

import json

import pytest

from shouwang.desk.calls.models import Call, ResponsePlan
from shouwang.desk.log.ids import new_id

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


def filled(**given):
    return {
        "id": str(new_id()),
        "place": "三槐树路 17 号",
        "lon": "-90.222",
        "lat": "38.63",
        "type": "200100",
        "severity": "2",
        "services": ["police"],
        "words": "打起来了",
        "number": "１３８",
        "ticks": ["call_back"],
        **given,
    }


def test_a_submit_makes_one_call_and_its_retry_none(cast, town):
    client, form = cast.call_taker.client, filled()
    first, second = (client.post("/calls/new/", form, **JSON).json() for _ in range(2))
    assert first["number"] == second["number"]
    assert Call.objects.count() == 1
    assert first["next_id"] != form["id"]


def test_faults_are_told_by_field_and_nothing_is_saved(cast, town):
    answer = cast.call_taker.client.post("/calls/new/", filled(place="", type="", severity="", lon=""), **JSON)
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"place", "type", "severity"}
    assert Call.objects.count() == 0


def test_a_place_without_a_point_is_told_at_the_place(cast, town):
    answer = cast.call_taker.client.post("/calls/new/", filled(lon="", lat=""), **JSON)
    assert set(answer.json()["errors"]) == {"place"}


def test_without_scripts_the_page_comes_back_with_every_value(cast, town):
    answer = cast.call_taker.client.post("/calls/new/", filled(severity=""))
    page = answer.content.decode()
    assert answer.status_code == 422
    for kept in ("三槐树路 17 号", "打起来了", 'value="200100"', 'value="police" checked', 'value="call_back" checked'):
        assert kept in page


def test_a_reload_brings_the_draft_back_until_it_is_saved(cast, town):
    client, form = cast.call_taker.client, filled()
    client.post("/calls/new/draft/", form)
    page = client.get("/calls/new/").content.decode()
    for kept in (form["id"], "三槐树路 17 号", "打起来了", 'value="call_back" checked'):
        assert kept in page
    client.post("/calls/new/", form, **JSON)
    assert form["id"] not in client.get("/calls/new/").content.decode()


def test_answers_set_what_the_call_asks_for_and_are_told_to_the_dispatcher(cast, town):
    client = cast.call_taker.client
    form = filled(services=["police", "medical"], **{"answer.weapon": "knife", "answer.hurt": "serious"})
    client.post("/calls/new/draft/", form)
    assert '"weapon": "knife"' in client.get("/calls/new/").content.decode()
    client.post("/calls/new/", form, **JSON)
    call = Call.objects.get(id=form["id"])
    assert call.asked == {"needs": {"police_response": 3, "ambulance": 1, "first_aid": 1},
                          "agencies": ["ambulance_centre"]}
    pane = cast.dispatcher.client.get(f"/board/call/{call.id}/").content.decode()
    for shown in ("看到刀具", "刀具</b>", "重伤</b>", "120", "3 个"):
        assert shown in pane


def test_an_answer_nobody_asked_for_is_a_fault_and_nothing_is_saved(cast, town):
    answer = cast.call_taker.client.post("/calls/new/", filled(**{"answer.weapon": "cannon"}), **JSON)
    assert answer.status_code == 422
    assert "cannon" in str(answer.json()["errors"])
    assert Call.objects.count() == 0


def test_what_type_and_answers_ask_for_is_told_while_they_are_given(cast, town):
    client = cast.call_taker.client
    told = client.post("/calls/follow/", {"type": "400100", "answer.fire_what": "highrise"}).json()
    assert (told["severity"], told["suggests"][0]["code"]) == (1, "400102")
    assert {"name": "登高救援", "count": 1} in told["needs"]
    ResponsePlan.objects.create(code="RP701", zh="东区", en="East", call_type="400100", area="t/2/", needs={})
    here = {"type": "400100", "lon": "-90.222", "lat": "38.63"}
    west = here | {"lon": "-90.262"}
    assert [client.post("/calls/follow/", sent).json()["plan"] == "东区" for sent in (here, west)] == [True, False]
    point = {"lon": -90.222, "lat": 38.63}
    told = client.post("/api/types/400100/follow", json.dumps(point), content_type="application/json").json()
    assert told["plan"] == "东区"
    assert client.post("/calls/follow/", {"type": "400100", "answer.fire_what": "sea"}).status_code == 422
    assert client.post("/calls/follow/", {"type": "1"}).status_code == 422


def test_amended_answers_take_the_place_of_the_first_and_no_scripts_no_change(cast, town, take):
    call, client = take(), cast.dispatcher.client
    form = {"place": call.place, "lon": call.lon, "lat": call.lat, "type": call.type_id, "severity": call.severity,
            "services": call.services}
    for given, version, needs in (({"asked": "1", "answer.weapon": "knife"}, 1, 3), ({}, 2, 3),
                                  ({"asked": "1", "answer.weapon": "tool"}, 2, 2), ({"asked": "1"}, 3, 0)):
        answer = client.post(f"/calls/{call.id}/amend/", form | given | {"version": version, "key": new_id()}, **JSON)
        assert answer.status_code == 200, answer.content
        call.refresh_from_db()
        assert call.asked.get("needs", {}).get("police_response", 0) == needs


def test_a_draft_that_comes_in_after_the_save_is_not_shown(cast, town):
    client, form = cast.call_taker.client, filled()
    client.post("/calls/new/", form, **JSON)
    client.post("/calls/new/draft/", form)
    assert "三槐树路" not in client.get("/calls/new/").content.decode()


def test_amending_changes_the_call_and_a_stale_form_is_refused(cast, town, take):
    call, client = take(), cast.dispatcher.client
    url = f"/calls/{call.id}/amend/"
    page = client.get(url).content.decode()
    assert "两个人在门口打起来了" in page
    assert "13800002046" not in page
    form = {"place": "三槐树路 19 号", "lon": "-90.222", "lat": "38.63", "type": "200101", "severity": "1",
            "services": ["police"], "words": "有刀", "version": "1", "key": str(new_id())}
    assert client.post(url, form, **JSON).status_code == 200
    changed = Call.objects.get(id=call.id)
    assert (changed.place, changed.severity, changed.type_id, changed.version) == ("三槐树路 19 号", 1, "200101", 2)
    assert client.post(url, form, **JSON).status_code == 200  # a retry
    stale = client.post(url, {**form, "place": "x", "key": str(new_id())}, **JSON)
    assert stale.status_code == 422
    assert Call.objects.get(id=call.id).place == "三槐树路 19 号"


@pytest.mark.parametrize(
    ("who", "status"), [("call_taker", 200), ("dispatcher", 200), ("planner", 403), ("member", 403), ("nobody", 403)]
)
def test_who_takes_calls(cast, town, who, status):
    assert getattr(cast, who).client.get("/calls/new/").status_code == status


def test_another_districts_call_cannot_be_amended(cast, town, take):
    assert cast.stranger.client.get(f"/calls/{take().id}/amend/").status_code == 404


@pytest.mark.parametrize("query", ["", "?lon=x&lat=1", "?lon=nan&lat=1", "?lon=999&lat=1"])
def test_a_point_that_is_none_is_refused(cast, town, query):
    assert cast.call_taker.client.get(f"/calls/place/{query}", **JSON).status_code == 422


def test_a_point_is_named_by_its_crossing_and_community(cast, town):
    found = cast.call_taker.client.get("/calls/place/?lon=-90.222&lat=38.63").json()
    assert found["en"]
    assert (found["area"], found["outside"]) == ("乙社区", False)
