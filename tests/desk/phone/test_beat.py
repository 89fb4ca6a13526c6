"""The member's beat: duty without a network, check points, notes, a second person; places seen for the leader."""
from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls.models import Call
from shouwang.desk.log.errors import Denied
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.phone import actions, rounds
from shouwang.desk.phone.models import CheckPoint, DutyNote, Visit
from shouwang.desk.phone.terms import PointGiven
from shouwang.desk.roster.models import Presence
from shouwang.desk.units.models import Duty
from shouwang.tables.live.tracks import Position, TrackStore


def act(client: Any, **body: Any) -> Any:
    body = {"key": str(new_id()), "at": timezone.now().isoformat(), **body}
    return client.post("/m/act/", json.dumps(body), content_type="application/json")


def send(client: Any, path: str, body: Any) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json")


@pytest.fixture
def gate(cast: Any, town: Any) -> CheckPoint:
    """A check point in the planner's area, made an hour ago."""
    unit = town.units["P02"]
    row = actions.make_point(actor=cast.planner.actor, now=timezone.now() - timedelta(hours=1), id=new_id(),
                             given=PointGiven("东门", "East gate", unit.lon, unit.lat, 4))
    return row


def test_duty_pressed_without_a_network_counts_from_then_and_once(cast: Any, town: Any) -> None:
    client, unit, now = cast.member.client, town.units["P01"], timezone.now()
    pressed = now - timedelta(hours=9)  # a shift without a network
    on = {"key": str(new_id()), "kind": "on", "unit": str(unit.id), "at": pressed.isoformat(), "lon": unit.lon,
          "lat": unit.lat + 0.01}
    assert [act(client, **on).status_code for _n in range(2)] == [200, 200]
    [duty] = Duty.objects.filter(user=cast.member.user.id)
    assert duty.on_at == pressed and duty.on_away_m is not None and 1000 < duty.on_away_m < 1200
    event = Event.objects.get(id=UUID(on["key"]))
    assert event.at >= now and event.payload["at"] == pressed.isoformat()
    assert "lon" not in json.dumps(event.payload)  # how far, never where
    off = {"key": str(new_id()), "kind": "off", "at": (now - timedelta(hours=1)).isoformat()}
    assert [act(client, **off).status_code for _n in range(2)] == [200, 200]
    duty.refresh_from_db()
    assert duty.off_at == now - timedelta(hours=1) and duty.off_away_m is None
    # A phone whose clock is wrong changes nothing that stands: before the last end, or in the future, now counts.
    act(client, kind="on", unit=str(unit.id), at=(now - timedelta(hours=2)).isoformat())
    assert Duty.objects.get(user=cast.member.user.id, off_at__isnull=True).on_at >= now
    act(client, **off)  # a late retry ends no later duty
    assert Duty.objects.filter(user=cast.member.user.id, off_at__isnull=True).count() == 1


def test_a_check_point_is_seen_by_its_mark_or_from_near_by_a_unit_on_duty(on_duty: Any, cast: Any, gate: CheckPoint,
                                                                         town: Any) -> None:
    client, key, now = on_duty.client, str(new_id()), timezone.now()
    here = {"lon": gate.lon, "lat": gate.lat}
    for _n in range(2):  # sent twice
        assert act(client, key=key, kind="check", point=gate.code, step="mark").status_code == 200
    assert act(client, kind="check", point=gate.code, step="place", **here).status_code == 200  # again at once
    assert Visit.objects.count() == 1
    earlier = (now - timedelta(minutes=30)).isoformat()
    assert act(client, kind="check", point=gate.code, step="place", at=earlier, **here).status_code == 200
    assert Visit.objects.filter(how="place").get().at.isoformat() == earlier
    far = act(client, kind="check", point=gate.code, step="place", lon=gate.lon, lat=gate.lat + 0.01)
    assert far.status_code == 422 and far.json()["code"] == "away"
    assert act(client, kind="check", point="NOSUCH22", step="mark").status_code == 404
    [row] = rounds.points(cast.planner.actor.areas("patrol.view"), timezone.now())
    assert (row.seen, row.it.id) == (2, gate.id)
    assert {f.name for f in Visit._meta.fields} == {"id", "point", "unit", "at", "how"}  # nobody's name, nobody's steps
    assert gate.code in client.get(f"/m/at/{gate.code}/").content.decode()


def test_off_duty_nothing_of_the_beat_is_taken_in(cast: Any, gate: CheckPoint) -> None:
    for body in ({"kind": "check", "point": gate.code, "step": "mark"}, {"kind": "note", "reason": "路灯不亮"},
                 {"kind": "pair"}):
        assert act(cast.member.client, **body).json()["code"] == "off_duty"
    assert not Visit.objects.exists() and not DutyNote.objects.exists()


def test_a_note_is_sealed_read_by_who_leads_and_deleted_on_schedule(on_duty: Any, cast: Any) -> None:
    key = str(new_id())
    for _n in range(2):
        assert act(on_duty.client, key=key, kind="note", reason="河堤围栏松动").status_code == 200
    [note] = DutyNote.objects.all()
    assert "河堤".encode() not in bytes(note.text)
    assert "河堤围栏松动" in cast.planner.client.get("/rounds/").content.decode()
    assert cast.nobody.client.get("/rounds/").status_code == 403
    assert actions.delete_due(timezone.now() + timedelta(days=91)) == 1
    assert "河堤围栏松动" not in cast.planner.client.get("/rounds/").content.decode()
    assert act(on_duty.client, kind="note", reason=" ").status_code == 422


@pytest.fixture
def at_post(cast: Any, town: Any) -> Any:
    """The member, clocked on at post P1 for a turn of the roster, without a unit."""
    Presence.objects.create(id=new_id(), user=cast.member.user.id, area="t/2/", on_at=timezone.now(), on_place="P1")
    return cast.member


def test_who_is_clocked_on_at_a_post_calls_for_help_from_there_or_from_where_the_phone_is(at_post: Any, cast: Any,
                                                                                          town: Any) -> None:
    post, page = town.posts["P1"], at_post.client.get("/m/").content.decode()
    assert 'id="sos"' in page and 'data-act="pair"' in page and post.zh in page
    assert 'data-sharing=""' in page and 'id="clock-on"' not in page  # no position is shared; one duty at a time
    for _n in range(2):  # pressed again: the same call
        assert act(at_post.client, kind="panic").status_code == 200
    [call] = Call.objects.all()
    assert (call.type_id, call.severity, call.state, call.panic_unit) == ("101300", 1, "waiting", None)
    assert (call.lon, call.lat) == (post.lon, post.lat) and call.place.startswith(post.zh)
    assert call.area.startswith("t/2/") and str(call.id) in {
        c["id"] for c in cast.dispatcher.client.get("/api/calls?state=waiting").json()}
    for _n in range(2):
        assert act(at_post.client, kind="pair", lon=-90.22, lat=38.63).status_code == 200
    [pair] = Call.objects.filter(type="101310")
    assert (pair.severity, pair.source, pair.lon) == (3, "patrol", -90.22)
    assert act(at_post.client, kind="seen").json()["code"] == "off_duty"  # of a unit alone
    Presence.objects.update(off_at=timezone.now())
    assert act(at_post.client, kind="panic").json()["code"] == "off_duty"
    assert 'id="sos"' not in at_post.client.get("/m/").content.decode()


def test_who_is_clocked_on_at_a_post_writes_notes_and_sees_check_points(at_post: Any, cast: Any,
                                                                       gate: CheckPoint) -> None:
    key = str(new_id())
    for _n in range(2):
        assert act(at_post.client, key=key, kind="note", reason="岗亭玻璃破损").status_code == 200
    [note] = DutyNote.objects.all()
    assert (note.unit, note.area) == (None, "t/2/b/")
    assert "岗亭玻璃破损" in cast.planner.client.get("/rounds/").content.decode()
    assert "岗亭玻璃破损" in at_post.client.get("/m/note/").content.decode()
    for _n in range(2):
        assert act(at_post.client, kind="check", point=gate.code, step="mark").status_code == 200
    [visit] = Visit.objects.all()
    assert visit.unit is None
    [told] = Event.objects.filter(kind="checkpoint.seen")
    assert str(cast.member.user.id) not in json.dumps(told.payload)
    assert actions.delete_due(timezone.now() + timedelta(days=91)) == 1


def test_a_call_for_help_that_somebody_took_for_others_is_not_their_own(cast: Any, town: Any) -> None:
    Presence.objects.create(id=new_id(), user=cast.dispatcher.user.id, area="t/", on_at=timezone.now(), on_place="P1")
    others = calls.take_call(actor=cast.dispatcher.actor, now=timezone.now(), call=calls.NewCall(
        id=new_id(), type="101300", place="Grand Blvd", lon=-90.26, lat=38.63))
    assert act(cast.dispatcher.client, kind="panic").status_code == 200
    assert Call.objects.exclude(id=others.id).get().lon == town.posts["P1"].lon


def test_a_post_that_is_gone_is_its_area(at_post: Any, town: Any) -> None:
    Presence.objects.update(on_place="NONE")
    assert act(at_post.client, kind="panic").status_code == 200
    area = town.areas["t/2/"]
    assert (Call.objects.get().lon, Call.objects.get().lat) == (area.lon, area.lat)


def test_a_second_person_is_asked_for_once(on_duty: Any, town: Any) -> None:
    for _n in range(2):
        assert act(on_duty.client, kind="pair", lon=-90.22, lat=38.63).status_code == 200
    [call] = Call.objects.filter(type="101310")
    assert (call.severity, call.state, call.source) == (3, "waiting", "patrol")  # a patrol's own: no forecast hears it


def test_check_points_are_kept_by_who_plans_the_area(cast: Any, gate: CheckPoint) -> None:
    with pytest.raises(Denied):
        actions.make_point(actor=cast.member.actor, now=timezone.now(), id=new_id(),
                           given=PointGiven("西门", "", gate.lon, gate.lat, 1))
    assert "<svg" in cast.planner.client.get(f"/rounds/points/{gate.code}/mark/").content.decode()
    cast.planner.client.post(f"/rounds/points/{gate.code}/end/", {"version": gate.version})
    assert not CheckPoint.objects.get(id=gate.id).active
    body = {"id": str(new_id()), "zh": "西门", "lon": gate.lon, "lat": gate.lat, "per_day": 2}
    made = [send(cast.planner.client, "/api/beat/points", body).json() for _n in range(2)]
    assert made[0] == made[1] and made[0]["area"] == gate.area
    [row] = cast.planner.client.get("/api/beat/points").json()
    assert (row["code"], row["seen"], row["wanted"]) == (made[0]["code"], 0, 1)
    assert cast.member.client.get("/api/beat/points").status_code == 403
    assert send(cast.planner.client, "/api/beat/points", body | {"id": str(new_id()), "lon": 1.0}).status_code == 422
    end = f"/api/beat/points/{row['id']}/end"
    assert send(cast.planner.client, end, {"version": 9}).status_code == 409
    assert not send(cast.planner.client, end, {"version": row["version"]}).json()["active"]


def test_a_member_sees_their_own_track_of_duty_and_nobody_elses(cast: Any, town: Any) -> None:
    """A turn of four hours, another's of the next two with the same unit, and one older than tracks are kept."""
    now, unit = timezone.now().replace(microsecond=0), town.units["P01"]
    def turn(who: Any, hours: int, length: int) -> Duty:
        on_at = now - timedelta(hours=hours)
        return Duty.objects.create(unit=unit, user=who.user.id, on_at=on_at, off_at=on_at + timedelta(hours=length))
    mine, theirs = turn(cast.member, 8, 4), turn(cast.dispatcher, 4, 2)
    turn(cast.member, 24 * 40, 4)
    store = TrackStore(settings.CONFIG)
    store.write(Position(str(unit.id), int((now - timedelta(hours=h)).timestamp() * 1000), -90.2, 38.6 + h / 1000)
                for h in (24 * 40 - 1, 9, 7, 6, 5, 3, 1))
    store.close()
    found = cast.member.client.get("/api/me/track").json()
    assert [(d["id"], [round(p["lat"], 3) for p in d["points"]]) for d in found] == [
        (str(mine.id), [38.607, 38.606, 38.605])]
    page = cast.member.client.get(f"/m/track/{mine.id}/").content.decode()
    assert '"track-path"' in page and "38.606" in page and "38.609" not in page
    assert cast.member.client.get(f"/m/track/{theirs.id}/").status_code == 404
    assert f"/m/track/{mine.id}/" in cast.member.client.get("/m/me/").content.decode()
    files = {kind: cast.member.client.get(f"/m/track/export.{kind}") for kind in ("json", "csv", "xlsx", "pdf")}
    assert [f.status_code for f in files.values()] == [200, 200, 200, 404]
    assert len(json.loads(files["json"].content)[0]["points"]) == files["csv"].content.decode().count("38.60") == 3
    looks = Event.objects.filter(kind="access.own_track")
    assert looks.count() == 5 and {e.subject for e in looks} == {str(cast.member.user.id)}
    assert "38.6" not in json.dumps([e.payload for e in looks])


def test_a_script_that_is_signed_out_hears_so(client: Any, town: Any) -> None:
    """Else the outbox would take the sign-in page for an answer, and lose what it sent."""
    assert act(client, kind="note", reason="x").status_code == 401
