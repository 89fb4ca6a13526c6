"""The reader's own page, language, theme, keys for programs."""
from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from shouwang.desk.log.models import Event
from shouwang.desk.people import nav, tokens
from shouwang.desk.people.models import Token, User

pytestmark = pytest.mark.django_db


def test_own_page_shows_roles_and_places_in_words(cast: Any, town: Any) -> None:
    client = cast.dispatcher.client
    client.cookies["django_language"] = "en"
    page = client.get("/me/").content.decode()
    assert "Dispatcher" in page
    assert "Small town" in page


BEGINS = {"call_taker": "/calls/new/", "dispatcher": "/board/", "supervisor": "/board/", "planner": "/plan/"}


def test_every_role_can_open_its_first_page_and_its_own_page(cast: Any, town: Any) -> None:
    for name in cast.people:
        assert cast.people[name].client.get("/me/").status_code == 200
        first = cast.people[name].client.get("/", follow=True)
        assert first.status_code == 200
        assert first.wsgi_request.path == BEGINS.get(name, first.wsgi_request.path)


def test_language_is_kept_in_cookie_and_account(cast: Any) -> None:
    answer = cast.planner.client.post("/me/language/", {"language": "en"}, headers={"Referer": "http://testserver/me/"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "http://testserver/me/"
    assert answer.cookies["django_language"].value == "en"
    assert User.objects.get(id=cast.planner.user.id).language == "en"


def test_language_switch_leads_nowhere_else(cast: Any) -> None:
    answer = Client().post("/me/language/", {"language": "en", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"
    assert Client().post("/me/language/", {"language": "xx"}).status_code == 404


def test_a_key_is_shown_once_and_only_its_hash_is_kept(cast: Any, town: Any) -> None:
    answer = cast.dispatcher.client.post("/me/keys/", {"name": "wall", "days": 30})
    token = Token.objects.get()
    shown = [word for word in answer.content.decode().replace("<", " ").replace(">", " ").split()
             if word.startswith(tokens.PREFIX)]
    assert len(shown) == 1
    assert tokens.hashed(shown[0]) == token.hash
    assert shown[0] not in cast.dispatcher.client.get("/me/").content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


def call_api(secret: str) -> int:
    return Client().get("/api/cards", headers={"Authorization": f"Bearer {secret}"}).status_code


def test_a_key_opens_the_api_until_it_is_dropped_expires_or_its_owner_goes(cast: Any, town: Any) -> None:
    now = timezone.now()
    secret = tokens.make_token(actor=cast.dispatcher.actor, now=now, name="wall", days=1)
    assert call_api(secret) == 200
    assert call_api(secret + "x") == 401
    assert Token.objects.get().used_at is not None
    Token.objects.update(expires_at=now - timedelta(seconds=1))
    assert call_api(secret) == 401
    Token.objects.update(expires_at=now + timedelta(days=1))
    User.objects.filter(id=cast.dispatcher.user.id).update(is_active=False)
    assert call_api(secret) == 401
    User.objects.filter(id=cast.dispatcher.user.id).update(is_active=True)
    tokens.drop_token(actor=cast.dispatcher.actor, now=now, token_id=str(Token.objects.get().id))
    assert call_api(secret) == 401
    assert Event.objects.filter(kind="token.dropped").count() == 1


def test_nobody_drops_a_strangers_key(cast: Any) -> None:
    tokens.make_token(actor=cast.dispatcher.actor, now=timezone.now(), name="wall", days=1)
    assert cast.planner.client.post(f"/me/keys/{Token.objects.get().id}/drop/").status_code == 404
    assert Token.objects.count() == 1


def test_session_requests_to_the_api_need_the_csrf_token(cast: Any, town: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.dispatcher.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/api/command?dry=1", data="{}", content_type="application/json").status_code in (403, 404)


def test_own_record_holds_what_the_person_did_and_nothing_of_others(cast: Any, town: Any) -> None:
    tokens.make_token(actor=cast.planner.actor, now=timezone.now(), name="script", days=5)
    tokens.make_token(actor=cast.dispatcher.actor, now=timezone.now(), name="wall", days=5)
    record = json.loads(cast.planner.client.get("/me/export/").content)
    assert record["account"]["username"] == "planner"
    assert [r["role"] for r in record["roles"]] == ["planner"]
    assert [k["name"] for k in record["keys"]] == ["script"]
    assert {e["kind"] for e in record["did"]} >= {"token.made"}
    assert all(e["subject"] == str(cast.planner.user.id) for e in record["did"])


def test_a_bar_with_more_entries_than_it_has_room_for_keeps_where_the_reader_is() -> None:
    def entry(n: int, aside: bool = False) -> nav.Entry:
        return nav.Entry(n, f"{n}", f"page{n}", (), aside=aside)

    found = [entry(n) for n in range(nav.MOST + 2)] + [entry(50, aside=True)]
    bar, more = nav.laid_out(found, "page0")
    assert [e.order for e, _ in bar] == list(range(nav.MOST))
    assert [e.order for e in more] == [nav.MOST, nav.MOST + 1, 50]
    for here in (nav.MOST + 1, 50):
        bar, more = nav.laid_out(found, f"page{here}.edit")
        assert (len(bar), bar[-1][0].order, bar[-1][1], len(more)) == (nav.MOST, here, True, 3)
    assert nav.laid_out(found[:2], "elsewhere") == ([(found[0], False), (found[1], False)], [])
