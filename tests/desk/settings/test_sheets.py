"""Every settings page: one pattern, checked at the field, with a reason, an event and an undo."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from shouwang.desk.alarms.models import Terminal
from shouwang.desk.calls.models import CallType, Measure, ResponsePlan
from shouwang.desk.calls.plans import Case, plans
from shouwang.desk.cordon.models import Exit
from shouwang.desk.log.models import Event
from shouwang.desk.log.reasons import read_reasons
from shouwang.desk.places.models import Area, Landmark, LearnedPace, Post
from shouwang.desk.units.models import Unit
from shouwang.desk.workflow import moves, sheet
from shouwang.desk.workflow.models import Setting, Timer
from shouwang.desk.workflow.settings import get
from shouwang.desk.workflow.views import safe_cell

pytestmark = pytest.mark.django_db
SHEETS = (
    "areas", "posts", "exits", "units", "terminals", "unit-kinds", "capabilities", "call-types", "settings", "timers",
    "cycles", "measures", "pace", "landmarks", "jurisdiction",
    "response-plans", "alarm-levels", "agencies", "agreement-templates",
)  # fmt: skip


@pytest.fixture
def town(town: Any) -> Any:
    Exit.objects.create(zh="东口", en="East", lon=-90.2, lat=38.63, area="t/")
    Landmark.objects.create(code="L1", kind="park", zh="公园", en="Park", lon=-90.2, lat=38.63, area="t/")
    LearnedPace.objects.create(at=town.now, kinds=["*"], factors=[[1.2] * 168], km=30, drives=9, held=1)
    Measure.objects.create(what="busy", key="police", value=0.3, weight=900, figures=[0.3] * 168, at=town.now)
    Terminal.objects.create(number="13900000001", unit=town.units["P01"])
    return town


def form_of(client: Client, path: str) -> dict[str, Any]:
    """The values a browser would send back unchanged."""
    form = client.get(path).context["form"]
    values = {}
    for bound in form:
        value = bound.value()
        if value not in (None, False):
            values[bound.html_name] = value
    return {**values, "shown": client.get(path).context["shown"], "reason": "as agreed on Monday"}


def test_all_sheets_are_registered_and_open_to_the_administrator(cast: Any, town: Any) -> None:
    assert {s.key for s in sheet.sheets(cast.admin.actor)} >= set(SHEETS)
    client = cast.admin.client
    for found in sheet.sheets(cast.admin.actor):
        assert client.get(f"/settings/{found.key}/").status_code == 200, found.key
        for row in found.all_rows()[:1]:
            assert client.get(f"/settings/{found.key}/row/{row.pk}/").status_code == 200, found.key
        exported = client.get(f"/settings/{found.key}/export.csv").content.decode("utf-8-sig").splitlines()
        assert len(exported) >= len(found.all_rows()) + 1, found.key


@pytest.mark.parametrize("key", [key for key in SHEETS if key not in ("cycles", "measures", "pace")])
def test_saving_unchanged_changes_nothing(cast: Any, town: Any, key: str) -> None:
    client = cast.admin.client
    path = f"/settings/{key}/row/{sheet.get(key).all_rows()[0].pk}/"
    data = form_of(client, path)
    answer = client.post(path, data)
    assert answer.status_code == 302, answer.context["form"].errors
    assert answer.headers["Location"].endswith("?saved=same")
    assert not Event.objects.filter(kind__startswith="settings.").exists()


def test_a_change_is_an_event_with_its_reason_and_can_be_undone_once(cast: Any, town: Any) -> None:
    client, post = cast.admin.client, town.posts["P1"]
    path = f"/settings/posts/row/{post.id}/"
    answer = client.post(path, {**form_of(client, path), "en": "Corner booth"})
    assert Post.objects.get(id=post.id).en == "Corner booth"
    event = Event.objects.get(kind="settings.changed")
    assert (event.subject_kind, event.subject, event.area) == ("posts", str(post.id), "t/2/b/")
    assert event.payload["changes"] == {"en": ["Post P1", "Corner booth"]}
    assert read_reasons([event.id]) == {str(event.id): "as agreed on Monday"}
    assert f"undo={event.id}" in answer.headers["Location"]
    assert client.post("/settings/posts/undo/", {"event": str(event.id)}).status_code == 302
    assert Post.objects.get(id=post.id).en == "Post P1"
    assert client.post("/settings/posts/undo/", {"event": str(event.id)}).status_code == 409


def test_nobody_undoes_what_somebody_else_did(cast: Any, town: Any) -> None:
    client, post = cast.admin.client, town.posts["P1"]
    path = f"/settings/posts/row/{post.id}/"
    client.post(path, {**form_of(client, path), "en": "Corner booth"})
    event = Event.objects.get(kind="settings.changed")
    assert cast.stranger.client.post("/settings/posts/undo/", {"event": str(event.id)}).status_code == 404


def test_two_people_do_not_bury_each_others_changes(cast: Any, town: Any) -> None:
    client, post = cast.admin.client, town.posts["P1"]
    path = f"/settings/posts/row/{post.id}/"
    stale = form_of(client, path)
    client.post(path, {**stale, "en": "First"})
    answer = client.post(path, {**stale, "en": "Second"})
    assert answer.status_code == 422
    assert Post.objects.get(id=post.id).en == "First"
    assert 'value="Second"' in answer.content.decode(), "what was typed is still there"


def test_a_reason_is_needed_and_typed_values_stay(cast: Any, town: Any) -> None:
    client, post = cast.admin.client, town.posts["P1"]
    path = f"/settings/posts/row/{post.id}/"
    answer = client.post(path, {**form_of(client, path), "en": "Typed", "reason": " "})
    assert answer.status_code == 422
    assert 'value="Typed"' in answer.content.decode()
    assert not Event.objects.filter(kind="settings.changed").exists()


def test_a_response_plan_is_written_in_words_and_read_by_the_next_call(cast: Any, town: Any) -> None:
    client = cast.admin.client
    data = {"code": "RP700", "zh": "夜间打架", "en": "Fight at night", "call_type": "200100", "from_time": "22:00",
            "to_time": "06:00", "needs": "Police first response：3\npatrol_presence 2", "notify": ["duty_commander"],
            "agencies": ["ambulance_centre"],
            "checklist": "check injuries\n看好后门", "active": "on", "reason": "agreed"}
    refused = client.post("/settings/response-plans/new/", data)
    assert refused.status_code == 422 and "patrol_presence 2" in refused.context["form"].errors["needs"][0]
    data["needs"] = "Police first response：3\npatrol_presence: 2"
    for wrong in ({"call_type": "20", "alarm_level": "2"}, {"call_type": "999999"}, {"code": "rp 1"},
                  {"checklist": "x" * 81}, {"needs": "ambulance: 0"}, {"severity": "5"}):
        assert client.post("/settings/response-plans/new/", data | wrong).status_code == 422, wrong
    assert client.post("/settings/response-plans/new/", data).status_code == 302
    row = ResponsePlan.objects.get(code="RP700")
    assert (row.needs, row.checklist) == ({"police_response": 3, "patrol_presence": 2}, ["injury_check", "看好后门"])
    night, noon = datetime(2026, 5, 1, 15, tzinfo=UTC), datetime(2026, 5, 1, 4, tzinfo=UTC)  # in the centre's zone
    found = [plans("200100").plan(Case("200100", 2, at=at)).code for at in (night, noon)]
    assert found == ["RP700", "RP032"]


def test_a_new_post_finds_its_area_and_refuses_a_point_outside(cast: Any, town: Any) -> None:
    client = cast.admin.client
    data = {
        "code": "P9",
        "kind": "booth",
        "zh": "新岗",
        "en": "New",
        "lon": "-90.25",
        "lat": "38.63",
        "active": "on",
        "reason": "busy corner",
    }
    assert client.post("/settings/posts/new/", {**data, "lon": "-91"}).status_code == 422
    assert client.post("/settings/posts/new/", data).status_code == 302
    assert Post.objects.get(code="P9").area == "t/1/a/"
    assert client.post("/settings/posts/new/", data).status_code == 422  # the code is taken


def test_a_new_unit_enters_the_live_screens(cast: Any, town: Any) -> None:
    from shouwang.desk.log.models import Card

    data = {
        "code": "巡09",
        "kind": "patrol_car",
        "zh": "巡09",
        "en": "P09",
        "lon": "-90.22",
        "lat": "38.63",
        "active": "on",
        "capabilities": ["patrol"],
        "reason": "new car",
    }
    answer = cast.admin.client.post("/settings/units/new/", data)
    if answer.status_code == 422:
        data["capabilities"] = list(answer.context["form"].fields["capabilities"].choices[0][:1])
        answer = cast.admin.client.post("/settings/units/new/", data)
    assert answer.status_code == 302, answer.context["form"].errors
    unit = Unit.objects.get(en="P09")
    assert unit.area == "t/2/b/"
    assert Card.objects.filter(key=f"unit:{unit.id}", may="position.live").exists()


def test_a_unit_on_duty_is_not_taken_out_of_use(cast: Any, town: Any) -> None:
    client, unit = cast.admin.client, town.units["P01"]
    path = f"/settings/units/row/{unit.id}/"
    data = form_of(client, path)
    data.pop("active")
    assert client.post(path, data).status_code == 422
    assert Unit.objects.get(id=unit.id).active


@pytest.mark.parametrize(
    ("key", "value", "ok"),
    [
        ("track_days", "14", True),
        ("track_days", "１４", True),
        ("track_days", "31", False),
        ("track_days", "x", False),
        ("access_days", "100", False),
        ("sealed_days", "91", False),
        ("time_zone", "Asia/Chengdu", False),
        ("time_zone", "Asia/Tokyo", True),
        ("shift_starts", "7:00", False),
        ("shift_starts", "15:00，07:00", True),
    ],
)
def test_settings_are_checked_against_their_bounds(cast: Any, town: Any, key: str, value: str, ok: bool) -> None:
    path = f"/settings/settings/row/{key}/"
    client = cast.admin.client
    answer = client.post(path, {**form_of(client, path), "value": value})
    assert answer.status_code == (302 if ok else 422)
    assert Setting.objects.filter(key=key).exists() == ok
    if key == "shift_starts" and ok:
        assert get("shift_starts") == ["07:00", "15:00"]


def test_a_changed_timer_holds_at_once_and_readers_are_told(
    cast: Any, town: Any, django_capture_on_commit_callbacks: Any
) -> None:
    assert moves.limit_s("t_call_ack", severity=1) == 30
    client, path = cast.admin.client, "/settings/timers/row/t_call_ack/"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(path, {**form_of(client, path), "by_severity.0": "45"}).status_code == 302
    assert moves.limit_s("t_call_ack", severity=1) == 45
    assert Event.objects.filter(kind="rules.changed", subject="t_call_ack").exists()


@pytest.mark.parametrize("figure", ["", "x", "-4", "nan", "inf"])
def test_a_time_limit_is_a_number_of_zero_or_more(cast: Any, town: Any, figure: str) -> None:
    client, path = cast.admin.client, "/settings/timers/row/t_call_ack/"
    before = Timer.objects.get(code="t_call_ack").rule
    assert client.post(path, {**form_of(client, path), "by_severity.0": figure}).status_code == 422
    assert Timer.objects.get(code="t_call_ack").rule == before


def test_a_limit_that_may_be_missing_stays_missing(cast: Any, town: Any) -> None:
    client, path = cast.admin.client, "/settings/timers/row/t_arrive/"
    assert client.post(path, {**form_of(client, path), "by_area.town": "240"}).status_code == 302
    rule = Timer.objects.get(code="t_arrive").rule
    assert rule["by_area"] == {"town": 240, "outskirts": 600, "country": None}
    assert rule["applies_to_severity"] == [1, 2]


def test_an_administrator_of_one_area_changes_only_what_lies_in_it(cast: Any, town: Any) -> None:
    from tests.desk.people.test_accounts import add_admin

    client = add_admin("area_admin", "t/1/").client
    inside, outside = f"/settings/posts/row/{town.posts['S1'].id}/", f"/settings/posts/row/{town.posts['P1'].id}/"
    assert client.post(inside, {**form_of(client, inside), "en": "Mine"}).status_code == 302
    assert client.post(outside, {**form_of(client, outside), "en": "Mine"}).status_code == 403
    into = {**form_of(client, inside), "lon": "-90.22", "lat": "38.63"}  # moving it out of one's area
    assert client.post(inside, into).status_code == 403
    whole = "/settings/settings/row/track_days/"
    assert client.post(whole, {**form_of(client, whole), "value": "3"}).status_code == 403
    assert not Setting.objects.exists()


def test_search_paging_and_missing_rows(cast: Any, town: Any) -> None:
    client = cast.admin.client
    client.cookies["django_language"] = "en"
    assert client.get("/settings/posts/?q=fire+station").context["page"].paginator.count == 1
    assert client.get("/settings/posts/?q=zzz").context["page"].paginator.count == 0
    assert client.get("/settings/call-types/").context["page"].paginator.num_pages > 1
    assert client.get("/settings/call-types/?page=999").status_code == 200
    for path in ("nothing/", "posts/row/nonsense/", "areas/new/", "cycles/new/", "settings/row/nonsense/"):
        assert client.get(f"/settings/{path}").status_code == 404, path


def test_an_area_is_renamed_and_its_outline_drawn(cast: Any, town: Any) -> None:
    client, area = cast.admin.client, town.areas["t/1/"]
    path = f"/settings/areas/row/{area.id}/"
    page = client.get(path).content.decode()
    assert '<path d="M' in page
    assert client.post(path, {**form_of(client, path), "zh": "西控区"}).status_code == 302
    assert Area.objects.get(id=area.id).zh == "西控区"


def test_a_spreadsheet_runs_no_cell() -> None:
    cells = ("=1+1", "-90.25", "+1", "@x", "巡05", "-x")
    assert [safe_cell(c) for c in cells] == ["'=1+1", "-90.25", "'+1", "'@x", "巡05", "'-x"]


def test_a_call_type_is_added_under_its_class_and_its_code_stays(cast: Any, town: Any) -> None:
    client, new = cast.admin.client, {
        "code": "２０９９０１", "zh": "无人机扰民", "en": "Drone nuisance", "service": "police", "severity": "3",
        "source_kind": "resident", "keywords_zh": "无人机，航拍", "active": "on", "reason": "new kind of call"}
    for code, told in (("20990", "200199"), ("770001", "77"), ("200100", "200100")):
        answer = client.post("/settings/call-types/new/", {**new, "code": code})
        assert answer.status_code == 422
        assert "code" in answer.context["form"].errors, (code, told)
    assert client.post("/settings/call-types/new/", new).status_code == 302
    made = CallType.objects.get(code="209901")
    assert (made.parent, made.keywords_zh, made.source_kind) == ("20", ["无人机", "航拍"], "resident")
    path = "/settings/call-types/row/209901/"
    assert "code" not in client.get(path).context["form"].fields
    client.post(path, {**form_of(client, path), "code": "200100", "zh": "无人机"})
    made.refresh_from_db()
    assert (made.code, made.zh) == ("209901", "无人机")


def test_a_setting_of_yes_or_no_is_chosen_and_read_so(cast: Any, town: Any) -> None:
    client, path = cast.admin.client, "/settings/settings/row/busy_measured/"
    given = form_of(client, path)
    assert str(given["value"]) == "True"
    assert client.post(path, {**given, "value": "perhaps"}).status_code == 422
    assert client.post(path, {**given, "value": "False"}).status_code == 302
    assert get("busy_measured") is False
    listed = client.get("/settings/settings/?q=忙碌比例按记录").content.decode()
    assert "否</td>" in listed or ">否<" in listed
