"""Addresses that lead nowhere, pages that are too old, faults of the centre: told in words, never as a traceback."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

pytestmark = pytest.mark.django_db


def test_an_address_that_leads_nowhere_is_a_page_in_the_readers_language(cast: Any) -> None:
    client = cast.dispatcher.client
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "没有这一页" in answer.content.decode()
    client.cookies["django_language"] = "en"
    assert "There is no such page" in client.get("/nowhere/").content.decode()
    assert client.get("/nowhere/", headers={"Accept": "application/json"}).json()["code"] == "missing"


def test_a_page_from_before_the_sign_in_says_what_to_do(cast: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.dispatcher.user)
    answer = client.post("/me/theme/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "重新载入" in answer.content.decode()


@pytest.mark.parametrize(("address", "body", "refused"), [
    ("/api/calls?state=%00", None, True),
    ("/matters/?q=a%00", None, True),
    ("/beats/00000000-0000-7000-8000-000000000000/beats.a%00", None, True),
    ("/api/calls", r'{"place": "a\u0000b"}', True),
    ("/api/calls", r'{"place": "a\\\u0000"}', True),
    ("/api/calls", r'{"place": "a\\u0000"}', False),  # a backslash and five letters
])
def test_a_nought_is_text_to_no_database(cast: Any, address: str, body: str | None, refused: bool) -> None:
    client = cast.dispatcher.client
    answer = client.post(address, body, content_type="application/json") if body else \
        client.get(address, headers={"Accept": "application/json"})
    assert (answer.status_code == 400 and answer.json()["code"] == "nought") is refused


def _fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret detail")


_fails.login_required = False
urlpatterns = [path("fails/", _fails)]
handler500 = "shouwang.desk.people.views_faults.broken"


@override_settings(ROOT_URLCONF=__name__)
def test_a_fault_of_the_centre_tells_no_detail(rules: None) -> None:
    answer = Client(raise_request_exception=False).get("/fails/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "中心出了错" in page
    assert "secret" not in page
