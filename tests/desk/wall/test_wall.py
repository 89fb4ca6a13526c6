"""The wall display: what it says, what it never says, and a session that ends for everybody but the screen."""
from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls import defaults
from shouwang.desk.calls.terms import Caller, NewCall
from shouwang.desk.log.ids import new_id
from shouwang.desk.people.models import Grant, Role, User
from shouwang.desk.units import actions as units
from shouwang.tables.live import Position
from shouwang.tables.live.tracks import TrackStore

pytestmark = pytest.mark.django_db
PICTURE = "/wall/picture.json"


@pytest.fixture
def screen(cast: Any, town: Any) -> Client:
    """The account of a screen: it holds its one permission in t/ and nothing else."""
    user = User(username="screen", name="Screen")
    user.set_unusable_password()
    user.save()
    Grant.objects.create(user=user, role=Role.objects.get(code="wall_display"), area="t/")
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def call(cast: Any, town: Any) -> Any:
    defaults.load()
    return calls.take_call(actor=cast.call_taker.actor, now=timezone.now(), call=NewCall(
        id=new_id(), type="200100", place="Elm St 17", detail="3rd floor", lon=-90.222, lat=38.63,
        caller=Caller(name="王小明", number="13800002046", words="两个人在门口打起来了")))


def test_what_stands_on_it(screen: Client, call: Any, town: Any, cast: Any) -> None:
    unit, now = town.units["P02"], timezone.now()
    TrackStore(settings.CONFIG).write([Position(str(unit.id), int(now.timestamp() * 1000), -90.21, 38.64)])
    units.panic(actor=cast.dispatcher.actor, now=now, unit_id=unit.id)
    told = screen.get(PICTURE).json()
    (shown,) = told["calls"]
    assert (shown["type_en"], shown["severity"], shown["state"], shown["area"]) == (
        call.type.en, call.severity, "waiting", "t/2/")
    assert shown["timer"]["code"] == "t_call_assign"
    seen = {u["en"]: u for u in told["units"]}
    assert set(seen) == {n for n in town.units if n != "X01"}
    assert (seen["P02"]["lon"], seen["P02"]["lat"], seen["P02"]["panic"]) == (-90.21, 38.64, True)
    assert [a["path"] for a in told["areas"]] == ["t/1/", "t/2/"]
    assert told["hour"]["calls"] == 1


def test_no_address_number_name_or_words(screen: Client, call: Any) -> None:
    for path in ("/wall/", PICTURE):
        text = screen.get(path).content.decode()
        for word in ("Elm St", "3rd floor", "王小明", "13800002046", "打起来", call.number):
            assert word not in text and json.dumps(word)[1:-1] not in text, (path, word)


def test_another_district_is_not_on_it(cast: Any, call: Any) -> None:
    Grant.objects.create(user=cast.stranger.user, role=Role.objects.get(code="wall_display"), area="x/")
    told = cast.stranger.client.get(PICTURE).json()
    assert told["calls"] == [] and {u["en"] for u in told["units"]} == {"X01"}


def test_it_is_asked_again_for_nothing_until_something_happens(screen: Client, call: Any, cast: Any,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr("shouwang.desk.wall.views.timezone.now", lambda: now)
    tag = screen.get(PICTURE)["ETag"]
    assert screen.get(PICTURE, headers={"If-None-Match": tag}).status_code == 304
    calls.upgrade(actor=cast.dispatcher.actor, now=now, call_id=call.id, severity=1, reason="")
    again = screen.get(PICTURE, headers={"If-None-Match": tag})
    assert again.status_code == 200 and again.json()["calls"][0]["severity"] == 1
    tag, now = again["ETag"], now + timedelta(seconds=6)  # positions are not in the log
    assert screen.get(PICTURE, headers={"If-None-Match": tag}).status_code == 200


def test_it_opens_nothing_else(screen: Client, call: Any) -> None:
    assert screen.get("/")["Location"] == "/wall/"
    for path in ("/board/", "/api/calls", f"/api/calls/{call.id}", "/api/units", "/calls/new/"):
        assert screen.get(path).status_code == 403, path
    assert screen.get("/api/cards").json()["cards"] == []


def test_a_screen_stays_signed_in_and_a_person_does_not(screen: Client, cast: Any, town: Any) -> None:
    for client, stays in ((screen, True), (cast.dispatcher.client, False)):
        client.get(PICTURE)
        assert ("wall" in client.session) == stays
        assert (settings.SESSION_COOKIE_NAME in client.get(PICTURE).cookies) is False  # once an hour is enough
