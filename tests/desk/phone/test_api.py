"""What a member's phone does, by a third party's program: the same actions, documented."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.models import Assignment, Call, ScenePhoto
from shouwang.desk.calls.terms import NewCall
from shouwang.desk.log.ids import new_id
from shouwang.desk.phone import actions
from shouwang.desk.phone.models import DutyNote, Visit
from shouwang.desk.phone.terms import PointGiven
from shouwang.desk.units.models import Duty, Unit


def post(client: Any, path: str, status: int = 200, **body: Any) -> Any:
    answer = client.post(f"/api{path}", json.dumps(body, default=str), content_type="application/json")
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.json()


@pytest.fixture
def task(cast: Any, town: Any, on_duty: Any) -> Assignment:
    """A robbery next to P02, which is sent."""
    call = calls.take_call(actor=cast.dispatcher.actor, now=timezone.now(), call=NewCall(
        id=new_id(), type="100200", severity=1, place="Market St 1200", lon=-90.222, lat=38.634, services=("police",)))
    return calls.assign_units(actor=cast.dispatcher.actor, now=timezone.now(), call_id=call.id,
                              unit_ids=[town.units["P02"].id], reason="nearest")[0]


def test_a_whole_duty_with_a_unit(cast: Any, town: Any, rules: None) -> None:
    client, unit, key = cast.member.client, town.units["P02"], str(new_id())
    off = client.get("/api/me/duty").json()
    assert off["unit"] is None and unit.code in [u["code"] for u in off["units"]]
    at = timezone.now() - timedelta(minutes=9)
    for _ in range(2):
        assert post(client, "/me/duty", unit=unit.id, at_device=at, key=key)["code"] == unit.code
    assert Duty.objects.get().on_at == at
    assert client.get("/api/me/duty").json()["unit"]["code"] == unit.code
    key = str(new_id())
    assert post(client, "/me/duty/off", key=key)["state"] == "off_duty"
    assert post(client, "/me/duty/off", key=key) is None
    post(client, "/me/duty", 404, unit=town.units["X01"].id, key=new_id())


def test_a_task_with_its_messages_and_photos(on_duty: Any, task: Assignment, cast: Any) -> None:
    crew, desk, call = on_duty.client, cast.dispatcher.client, f"/calls/{task.call_id}"
    post(desk, f"{call}/messages", text="North gate", key=new_id())
    post(crew, f"/assignments/{task.id}/move", transition="a_ack", key=new_id())
    shown = crew.get("/api/me/duty").json()["tasks"][0]
    assert (shown["assignment"], shown["state"]) == (str(task.id), "acknowledged")
    assert [m["text"] for m in shown["messages"]] == ["North gate"] and shown["moves"][0]["id"] == "a_go"
    thread = desk.get(f"/api{call}/messages").json()
    assert [(m["text"], m["crew"]) for m in thread] == [("North gate", False)]
    file = BytesIO()
    Image.new("RGB", (60, 40), "red").save(file, "JPEG")
    photo, key = base64.b64encode(file.getvalue()).decode(), str(new_id())
    for _ in range(2):
        listed = post(crew, f"{call}/photos", photo=photo, lon=-90.2, lat=38.6, key=key)
    assert [p["id"] for p in listed] == [key] and ScenePhoto.objects.count() == 1
    assert desk.get(f"/api{call}/photos").json() == listed
    assert desk.get(f"/api/calls/photos/{key}").content[:2] == b"\xff\xd8"
    post(desk, f"{call}/photos", 403, photo=photo)
    for path in (f"{call}/photos", f"{call}/messages", f"/calls/photos/{key}"):
        assert cast.stranger.client.get(f"/api{path}").status_code == 404


@pytest.mark.parametrize("kind", ["panic", "pair"])
def test_help_opens_one_call(on_duty: Any, town: Any, rules: None, kind: str) -> None:
    opened = {post(on_duty.client, "/me/help", kind=kind, key=new_id(), lon=-90.222, lat=38.63)["id"] for _ in range(2)}
    assert [str(c.id) for c in Call.objects.all()] == list(opened)
    assert (Unit.objects.get(id=town.units["P02"].id).panic_since is not None) == (kind == "panic")


def test_help_for_a_unit_by_the_desk(cast: Any, town: Any, rules: None) -> None:
    unit, key = town.units["P02"], str(new_id())
    assert post(cast.dispatcher.client, f"/units/{unit.id}/panic", key=key)["id"] == key
    assert Unit.objects.get(id=unit.id).panic_since
    post(cast.stranger.client, f"/units/{unit.id}/panic", 404, key=new_id())
    post(cast.member.client, "/me/help", 422, key=new_id())  # off duty


def test_check_points_and_notes(on_duty: Any, cast: Any, town: Any, rules: None) -> None:
    client, unit = on_duty.client, town.units["P02"]
    gate = actions.make_point(actor=cast.planner.actor, now=timezone.now(), id=new_id(),
                              given=PointGiven("东门", "East gate", unit.lon, unit.lat, 4))
    for _ in range(2):
        post(client, "/me/points", code=gate.code, how="place", lon=unit.lon, lat=unit.lat, key=new_id())
    assert Visit.objects.count() == 1
    assert [(p["code"], p["seen"]) for p in client.get("/api/me/points").json()] == [(gate.code, 1)]
    key = str(new_id())
    for _ in range(2):
        written = post(client, "/me/notes", text="A lamp is out", key=key)
    assert [n["text"] for n in written] == ["A lamp is out"] and DutyNote.objects.count() == 1
    assert client.get("/api/me/notes").json() == written
