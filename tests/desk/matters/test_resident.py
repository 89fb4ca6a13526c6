"""Residents: a report without an account, kept out of machines' reach, followed by its code, rated."""
from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from shouwang.desk.log.models import Event
from shouwang.desk.matters import actions, facts, words
from shouwang.desk.matters.actions import resident
from shouwang.desk.matters.models import Matter, ReportingPoint
from shouwang.desk.workflow.models import Setting
from tests.residents import post, solved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("easy")]


def filled(**given: Any) -> dict[str, Any]:
    return {**solved(), "type": "M0210", "lon": -90.222, "lat": 38.63, "words": "Dark", **given}


def test_a_report_is_sent_followed_and_rated(photo: Any, cast: Any, move: Any, clock: Any) -> None:
    shot = "data:image/jpeg;base64," + base64.b64encode(photo()).decode()
    body = filled(contact="314-555-0148", photos=[shot])
    first = post("/r/send/", body)
    assert first.status_code == 201, first.content
    code = first.json()["code"]
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{8}", code)
    assert post("/r/send/", body).json()["code"] == code  # a retry
    matter = Matter.objects.get()
    assert (matter.source, matter.reported_by, len(facts.photos(matter))) == ("public", "public:resident", 1)

    page = Client().post("/r/follow/", {"code": f" {code[:4].lower()} {code[4:]} "}).content.decode()
    assert matter.number in page and "采集上报" in page and "314-555" not in page and "Dark" not in page
    clock.now = timezone.now()
    for step, by, given in (("m_accept", "clerk", {}), ("m_assign", "clerk", {}), ("m_check", "clerk", {}),
                            ("m_close", "clerk", {"check": "asked"})):
        if step == "m_check":
            move(matter, "m_answer", "handler", result="New bulb", photos=(photo(),))
        move(matter, step, by, **given)
    page = Client().post("/r/follow/", {"code": code}).content.decode()
    assert 'action="/r/rate/"' in page and "New bulb" not in page
    assert Client().post("/r/rate/", {"code": code, "rating": "9"}).status_code == 422
    assert "5/5" in Client().post("/r/rate/", {"code": code, "rating": "5"}).content.decode()
    assert Client().post("/r/rate/", {"code": code, "rating": "1"}).status_code == 409
    assert Matter.objects.get().rating == 5


def test_nothing_of_a_resident_is_readable_in_the_table_or_the_log() -> None:
    post("/r/send/", filled(contact="314-555-0148", words="Third floor, Mrs Wang"))
    matter = Matter.objects.get()
    code = words.code_of(matter.id)
    rows = str(list(Matter.objects.values())) + str(list(matter.words.values())) + str(list(Event.objects.values()))
    assert not [text for text in ("314-555", "Wang", code, "10.0.0.1") if text in rows]


def test_the_contact_opens_for_a_reason_that_is_kept(cast: Any, clock: Any) -> None:
    post("/r/send/", filled(contact="314-555-0148"))
    matter = Matter.objects.get()
    address = f"/api/matters/{matter.id}/reveal"

    def asked(who: Any, reason: str) -> Any:
        return who.client.post(address, json.dumps({"reason": reason}), content_type="application/json")

    assert asked(cast.clerk, " ").status_code == 422
    assert asked(cast.handler, "x").status_code == 403
    assert asked(cast.clerk, "Tell them it is done").json() == {"contact": "314-555-0148"}
    assert Event.objects.filter(kind="matter.revealed", actor=str(cast.clerk.user.id)).count() == 1


def test_what_is_not_a_report_from_this_page_is_refused() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"counter": -1}, "form"), ({"token": "made:up:token"}, "puzzle"), ({"id": str(uuid4())}, "puzzle"),
        ({"type": "M0504"}, "type"), ({"lon": -70.0}, "outside"), ({"words": "x" * 1001}, "form"),
        ({"photos": ["no base 64"]}, "photo"), ({"photos": "x"}, "photo"), ({"point": "zz"}, "point"),
        ({"photos": [base64.b64encode(b"<svg/>").decode()]}, "photo"), ({"lat": "north"}, "form"),
        ({"words": "\ud800"}, "form"),  # half a character
    ]
    for n, (change, code) in enumerate(cases):
        answer = post("/r/send/", {**filled(), **change}, address=f"10.1.0.{n}")
        assert (answer.status_code, answer.json()["code"]) == (422, code), change
    assert not Matter.objects.exists()


def test_work_that_was_not_done_is_refused_and_old_work_too(monkeypatch: Any) -> None:
    body = filled()
    wrong = next(n for n in itertools.count() if hashlib.sha256(f"{body['token']}:{n}".encode()).digest()[0])
    assert post("/r/send/", {**body, "counter": wrong}).json()["code"] == "puzzle"
    monkeypatch.setattr(resident, "LIFE_S", -1)
    assert post("/r/send/", body).json()["code"] == "puzzle_old"


def test_one_connection_cannot_flood_and_neither_can_all_of_them(monkeypatch: Any) -> None:
    from shouwang.desk.public import resident as pages
    monkeypatch.setattr(pages, "SENT", 2)
    answers = [post("/r/send/", filled()).status_code for _ in range(3)]
    assert answers == [201, 201, 429]
    Setting.objects.create(key="public_per_hour", value=2)
    assert post("/r/send/", filled(), address="10.9.9.9").json()["code"] == "flood"
    assert Matter.objects.count() == 2


def test_codes_cannot_be_tried_out(monkeypatch: Any) -> None:
    from shouwang.desk.public import resident as pages
    monkeypatch.setattr(pages, "LOOKED", 3)
    statuses = [Client().post("/r/follow/", {"code": f"AAAA222{n}"}).status_code for n in range(2, 6)]
    assert statuses == [404, 404, 404, 429]
    assert Client().post("/r/follow/", {"code": "A\x00B"}).status_code in (404, 429)


def test_a_repeat_is_followed_through_the_other_one(move: Any, clock: Any) -> None:
    post("/r/send/", filled())
    first = Matter.objects.get()
    code = post("/r/send/", filled()).json()["code"]
    second = Matter.objects.exclude(id=first.id).get()
    clock.now = timezone.now()
    move(second, "m_void", "clerk", reason="The same", main=first.id)
    move(first, "m_accept", "clerk")
    told = actions.follow(code)
    assert (told.number, told.state, told.repeats, told.may_rate) == (second.number, "accepted", True, False)


def test_a_reporting_point_gives_its_place_and_is_a_place_alone(cast: Any) -> None:
    point = ReportingPoint.objects.create(code="D01", kind="shop", zh="便民店", en="Corner shop", area="t/2/b/",
                                          lon=-90.222, lat=38.63)
    page = Client().get("/r/p/D01/").content.decode()
    assert 'data-point="D01"' in page and "便民店" in page
    assert Client().get("/r/p/nowhere/").status_code == 404
    post("/r/send/", filled(point="D01"))
    assert Matter.objects.get().point == point
    mark = cast.admin.client.get("/matters/points/D01/").content.decode()
    assert "<svg" in mark and "/r/p/D01/" in mark
    point.active = False
    point.save()
    assert Client().get("/r/p/D01/").status_code == 404


def test_what_is_reported_near_by_is_told_without_numbers(cast: Any) -> None:
    post("/r/send/", filled())
    told = Client().get("/r/where/?lon=-90.222&lat=38.63&type=M0210").json()
    assert told["near"] == [{"zh": "路灯不亮", "en": "Street lamp out", "label": "采集上报", "away_m": 0, "same": True}]
    assert Client().get("/r/where/?lon=x&lat=1").status_code == 422
    assert Client().get("/r/where/?lon=nan&lat=1").status_code == 422
    streets = Client().get("/r/places/?q=Elm").json()
    assert all(set(s) == {"kind", "zh", "en", "lon", "lat"} for s in streets)


def test_words_photos_and_contact_go_on_schedule(photo: Any, clock: Any, move: Any, cast: Any) -> None:
    from shouwang.desk.log import retention
    from shouwang.desk.matters.photos import path_of

    shot = base64.b64encode(photo()).decode()
    post("/r/send/", filled(contact="314-555-0148", photos=[shot]))
    kept = post("/r/send/", filled())
    matter = Matter.objects.get(number__endswith="0001")
    file = path_of(facts.photos(matter)[0].id)
    clock.now = timezone.now()
    move(matter, "m_void", "clerk", reason="Nothing there")
    held = retention.hold(actor=cast.auditor.actor, now=clock(), subject_kind="matter", subject=str(matter.id),
                          reason="Asked for", until=clock() + timedelta(days=200))
    assert actions.matters_due(clock() + timedelta(days=91)) == 0 and file.exists()
    retention.end_hold(actor=cast.auditor.actor, now=clock(), hold_id=held.id, reason="Over")
    assert actions.matters_due(clock() + timedelta(days=89)) == 0
    assert actions.matters_due(clock() + timedelta(days=91)) == 1
    assert not file.exists() and not facts.photos(matter)
    gone = Matter.objects.get(id=matter.id)
    assert gone.contact == b"" and gone.follow is None
    assert [s.text for s in actions.read_words(actor=cast.clerk.actor, now=clock(), matter_id=matter.id)] == [""]
    assert actions.matters_due(clock() + timedelta(days=91)) == 0
    assert kept.status_code == 201  # the open one stays
    assert words.text_of(Matter.objects.exclude(id=matter.id).get().words.get()) == "Dark"
