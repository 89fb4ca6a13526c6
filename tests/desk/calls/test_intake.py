"""The intake page: one call from one form, nothing lost, every fault at its field."""
from __future__ import annotations

import pytest

from shouwang.desk.calls.models import Call
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
