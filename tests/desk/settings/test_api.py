"""The settings over HTTP: the same lists, forms, reasons, conflicts and undo as their pages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shouwang.desk.alarms.models import Terminal
from shouwang.desk.calls.models import Jurisdiction
from shouwang.desk.events.models import EventPlan
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.log.reasons import read_reasons
from shouwang.desk.workflow import sheet
from shouwang.desk.workflow.agencies import agencies

pytestmark = pytest.mark.django_db


def ask(client: Any, path: str, body: Any = None, status: int = 200, method: str = "post") -> Any:
    url = f"/api/settings{path}"
    answer = client.get(url) if body is None else getattr(client, method)(
        url, json.dumps(body), content_type="application/json")
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.json()


def test_every_list_says_what_it_holds_and_what_a_new_row_takes(cast: Any, town: Any) -> None:
    client = cast.admin.client
    listed = ask(client, "")
    assert [s["key"] for s in listed] == [s.key for s in sheet.sheets(cast.admin.actor)]
    for one in listed:
        rows = ask(client, f"/{one['key']}")
        assert rows["total"] == len(sheet.get(one["key"]).all_rows())
        assert bool(rows["fields"]) == one["create"]
        for row in rows["rows"][:1]:
            read = ask(client, f"/{one['key']}/{row['key']}")
            assert (read["values"], read["mark"]) == (row["values"], row["mark"])
            if not one["read_only"]:
                same = {"values": read["values"], "mark": read["mark"], "reason": "looked"}
                assert ask(client, f"/{one['key']}/{row['key']}", same, method="patch")["event"] is None, one["key"]
    assert not Event.objects.filter(kind__startswith="settings.").exists()


def test_a_terminal_is_registered_once_changed_and_revoked(cast: Any, town: Any) -> None:
    client, key = cast.admin.client, str(new_id())
    values = {"number": "013900000001", "role": "duty", "unit": str(town.units["P02"].id), "active": True}
    made = [ask(client, "/terminals", {"values": values, "reason": "new car", "key": key}) for _ in range(2)]
    assert made[0] == made[1] and made[0]["event"] == key
    assert made[0]["values"]["number"] == "13900000001"
    path = f"/terminals/{made[0]['key']}"
    off = {"values": {"active": False}, "mark": made[0]["mark"], "reason": "stolen", "key": str(new_id())}
    gone = [ask(client, path, off, method="patch") for _ in range(2)]
    assert gone[0] == gone[1] and not Terminal.objects.get().active
    assert read_reasons([off["key"]]) == {off["key"]: "stolen"}
    assert ask(client, path, {**off, "key": str(new_id())}, 409, "patch")["code"] == "changed"
    ask(client, "/terminals/undo", {"event": off["key"]})
    assert Terminal.objects.get().active
    assert ask(client, "/terminals", {"values": values, "reason": "again"}, 422)["field"] == "number"
    wrong = ask(client, "/terminals", {"values": {"number": "12", "role": "duty"}, "reason": "x"}, 422)
    assert wrong["field"] == "number" and cast.admin.client.get("/api/settings/terminals/none").status_code == 404
    ask(client, "/terminals", {"values": {"plate": "A 12345"}, "reason": "x"}, 422)
    assert Terminal.objects.count() == 1


def test_a_jurisdiction_rule_is_made_and_ended(cast: Any, town: Any, rules: None) -> None:
    client, agency = cast.admin.client, next(iter(agencies()))
    values = {"code": "J-1", "zh": "高速", "en": "Motorway", "rank": 5, "types": ["30"], "roads": ["motorway"],
              "agency": agency, "from_day": "2026-01-01", "from_time": "22:00", "to_time": "06:00", "active": True}
    made = ask(client, "/jurisdiction", {"values": values, "reason": "agreed"})
    row = Jurisdiction.objects.get(code="J-1")
    assert (row.types, row.roads, row.agency, f"{row.to_time:%H:%M}") == (["30"], ["motorway"], agency, "06:00")
    last = {"values": {"to_day": "2026-06-30"}, "mark": made["mark"], "reason": "over"}
    assert ask(client, f"/jurisdiction/{row.id}", last, method="patch")["values"]["to_day"] == "2026-06-30"
    wrong = {"values": {**values, "code": "J-2", "types": ["77"], "agency": ""}, "reason": "x"}
    answer = ask(client, "/jurisdiction", wrong, 422)
    assert "77" in answer["detail"] and answer["field"] == "types"
    odd = {"values": {**values, "code": {"a": 1}}, "reason": "x"}
    assert ask(client, "/jurisdiction", odd, 422)["field"] == "code"


def test_an_event_plan_is_changed_as_a_list_of_rows(cast: Any, town: Any, rules: None) -> None:
    client = cast.admin.client
    read = ask(client, "/event-plans/fire_major")
    tasks = read["values"]["tasks"]
    tasks[0]["within_min"] += 1
    ask(client, "/event-plans/fire_major", {"values": {"tasks": tasks}, "mark": read["mark"], "reason": "drill"},
        method="patch")
    assert EventPlan.objects.get(code="fire_major").tasks == tasks
    tasks[0]["by"] = "nobody"
    mark = ask(client, "/event-plans/fire_major")["mark"]
    for wrong in (tasks, [{"id": "x"}], {"id": "x"}, [1]):
        answer = ask(client, "/event-plans/fire_major", {"values": {"tasks": wrong}, "mark": mark, "reason": "x"}, 422,
                     "patch")
        assert answer["field"] == "tasks"


def test_a_stranger_changes_nothing_here(cast: Any, town: Any) -> None:
    post = town.posts["P1"]
    mark = ask(cast.admin.client, f"/posts/{post.id}")["mark"]
    ask(cast.stranger.client, f"/posts/{post.id}", {"values": {"en": "X"}, "mark": mark, "reason": "x"}, 403, "patch")
    ask(cast.planner.client, "", None, 403)
