"""The unit's phone: what it shows, and what its outbox does."""
from __future__ import annotations

import base64
import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from PIL import Image

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.models import Assignment, Call, ScenePhoto
from shouwang.desk.calls.terms import Caller, NewCall
from shouwang.desk.closures.models import Closure
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.units.models import Duty, Unit


@pytest.fixture
def task(cast: Any, town: Any, on_duty: Any) -> Assignment:
    """A robbery next to P02, which is sent."""
    call = calls.take_call(actor=cast.dispatcher.actor, now=timezone.now(), call=NewCall(
        id=new_id(), type="100200", severity=1, place="Market St 1200", lon=-90.222, lat=38.634, services=("police",),
        caller=Caller(name="张三", number="13800000000", words="两个人抢了包", answers={"weapon": "knife"})))
    return calls.assign_units(actor=cast.dispatcher.actor, now=timezone.now(), call_id=call.id,
                              unit_ids=[town.units["P02"].id], reason="nearest")[0]


def act(client: Any, **body: Any) -> Any:
    body = {"key": str(new_id()), "at": timezone.now().isoformat(), **body}
    return client.post("/m/act/", json.dumps(body), content_type="application/json")


def test_task_shows_words_and_place_but_not_the_caller(on_duty: Any, task: Assignment) -> None:
    page = on_duty.client.get("/m/task/").content.decode()
    assert "两个人抢了包" in page and "Market St 1200" in page and "<b lang=\"\">刀具</b>" in page
    assert "13800000000" not in page and "张三" not in page


def test_steps_from_acknowledge_to_done(on_duty: Any, task: Assignment) -> None:
    client = on_duty.client
    walk = {"a_ack": "acknowledged", "a_go": "enroute", "a_scene": "on_scene", "a_clear": "cleared"}
    for transition, state in walk.items():
        answer = act(client, kind="move", assignment=str(task.id), transition=transition)
        assert answer.status_code == 200, answer.content
        task.refresh_from_db()
        assert task.state == state
    assert Unit.objects.get(id=task.unit).state == "available"


def test_a_retry_with_the_same_key_is_done_once(on_duty: Any, task: Assignment) -> None:
    key, client = str(new_id()), on_duty.client
    answers = [act(client, key=key, kind="move", assignment=str(task.id), transition="a_ack") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 200]
    assert Event.objects.filter(id=UUID(key)).count() == 1


def test_a_step_the_state_forbids_is_refused_in_words(on_duty: Any, task: Assignment) -> None:
    client = on_duty.client
    act(client, kind="move", assignment=str(task.id), transition="a_scene")
    answer = act(client, kind="move", assignment=str(task.id), transition="a_ack")
    assert answer.status_code == 409
    assert "detail" in answer.json()


def test_cannot_go_gives_the_call_back(on_duty: Any, task: Assignment) -> None:
    assert act(on_duty.client, kind="cannot", assignment=str(task.id), reason="轮胎没气").status_code == 200
    assert Call.objects.get(id=task.call_id).state == "waiting"
    assert act(on_duty.client, kind="cannot", assignment=str(task.id), reason="").status_code in (404, 409, 422)


def test_panic_opens_one_call_of_the_highest_severity(on_duty: Any, town: Any) -> None:
    key = str(new_id())
    for _ in range(2):
        assert act(on_duty.client, key=key, kind="panic", lon=-90.22, lat=38.63).status_code == 200
    [call] = Call.objects.filter(panic_unit=town.units["P02"].id)
    assert call.severity == 1
    assert call.place.startswith("巡02，") and call.place.endswith("附近"), call.place
    assert Unit.objects.get(id=town.units["P02"].id).panic_since is not None


@pytest.mark.parametrize("body", [b"[]", b'{"kind": "dance"}', b'{"key": 1}', b"\xff\xfe",
                                  b'{"key": "x", "kind": "panic", "at": "noon"}'])
def test_nonsense_is_named(on_duty: Any, body: bytes) -> None:
    answer = on_duty.client.post("/m/act/", body, content_type="application/json")
    assert answer.status_code == 422 and answer.json()["field"]


def test_clocking_on_and_off(cast: Any, town: Any) -> None:
    client = cast.member.client
    page = client.get("/m/").content.decode()
    assert "P01" in page or "巡01" in page
    assert "邻01" not in page  # another district's unit
    client.post("/m/clock-on/", {"unit": str(town.units["P01"].id)})
    assert Duty.objects.filter(user=cast.member.user.id, off_at__isnull=True).count() == 1
    client.post("/m/clock-off/")
    assert not Duty.objects.filter(user=cast.member.user.id, off_at__isnull=True).exists()


def test_off_duty_nothing_can_be_pressed(cast: Any, town: Any) -> None:
    assert act(cast.member.client, kind="panic").status_code == 422


def test_only_crews_open_it(cast: Any, town: Any) -> None:
    assert cast.auditor.client.get("/m/").status_code == 403
    assert cast.nobody.client.get("/m/").status_code == 403


def test_a_crew_reads_which_streets_are_closed_the_nearest_first(on_duty, close, town):
    """The nearest to its post while there is no task; without a map, as a list."""
    now = timezone.now()
    far = close(-90.2601, 38.6301)
    near = close(-90.2221, 38.6341, factor=2.0)
    Closure.objects.update(from_at=now - timedelta(hours=1), until_at=now + timedelta(hours=1))
    page = on_duty.client.get("/m/").content.decode()
    assert 0 < page.index(near.zh) < page.index(far.zh)
    assert "缓行 ×2" in page and "封闭" in page
    assert near.zh in on_duty.client.get("/m/task/now/").content.decode()
    Closure.objects.filter(id=near.id).update(lifted_at=now)
    assert near.zh not in on_duty.client.get("/m/").content.decode()


def test_message_photo_and_answer_to_the_desk(on_duty: Any, task: Assignment, cast: Any) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x9286] = "SecretCam", "by Zhang San"
    file = BytesIO()
    Image.new("RGB", (64, 48), "red").save(file, "JPEG", exif=exif)
    photo, call, key = base64.b64encode(file.getvalue()).decode(), str(task.call_id), str(new_id())
    named = {"assignment": str(task.id)}
    assert act(on_duty.client, kind="message", reason="后门锁着", **named).status_code == 200
    for _again in range(2):
        assert act(on_duty.client, kind="photo", photo=photo, lon=-90.2, lat=38.6, key=key, **named).status_code == 200
    assert act(on_duty.client, kind="photo", photo="bm8=", **named).status_code == 422
    [kept] = ScenePhoto.objects.all()
    assert (kept.lon, kept.lat, str(kept.unit)) == (-90.2, 38.6, str(task.unit)) and kept.taken_at is not None
    jpeg = cast.dispatcher.client.get(f"/calls/photo/{kept.id}/").content
    assert jpeg[:2] == b"\xff\xd8" and not Image.open(BytesIO(jpeg)).getexif()
    assert b"SecretCam" not in jpeg
    assert cast.grid.client.get(f"/calls/photo/{kept.id}/").status_code in (403, 404)
    assert "后门锁着" in cast.dispatcher.client.get(f"/board/call/{call}/").content.decode()
    assert act(on_duty.client, kind="well", **named).status_code == 409  # not at the scene yet
    assert act(on_duty.client, kind="move", transition="a_scene", **named).status_code == 200
    calls.ask_crew(actor=cast.dispatcher.actor, now=timezone.now(), assignment_id=task.id)
    assert 'data-act="well"' in on_duty.client.get("/m/task/now/").content.decode()
    assert act(on_duty.client, kind="well", **named).status_code == 200
    assert 'data-act="well"' not in on_duty.client.get("/m/task/now/").content.decode()
