"""Residents ask for mediation without an account: sealed, in the office's intake, followed by a code, rated once."""
from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from shouwang.desk.log.models import Event
from shouwang.desk.mediation.models import DisputeWords, Mediation, Party
from shouwang.desk.workflow.models import Setting
from tests.residents import post, solved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("easy")]
SECRETS = ("Wanda Kowalczyk", "314-555-0148", "Flour dust", "Elm Street Bakery")


def filled(**given: Any) -> dict[str, Any]:
    return {**solved(), "kind": "K03", "area": "t/2/b/",
            "account": SECRETS[2], "name": SECRETS[0], "phone": SECRETS[1], "other": SECRETS[3],
            "other_who": "organisation", **given}


def test_it_is_asked_for_followed_and_rated(cast: Any, move: Any, clock: Any) -> None:
    body = filled()
    first = post("/r/mediation/send/", body)
    assert first.status_code == 201, first.content
    code = first.json()["code"]
    assert post("/r/mediation/send/", body).json()["code"] == code  # a retry
    row = Mediation.objects.get()
    assert (row.source, row.state, row.area) == ("public", "registered", "t/2/b/")
    assert sorted(Party.objects.values_list("side", "kind")) == [("a", "person"), ("b", "organisation")]
    kept = str([list(m.objects.values()) for m in (Mediation, Party, DisputeWords, Event)])
    assert not [text for text in (*SECRETS, code, "10.0.0.1") if text in kept]

    page = Client().post("/r/follow/", {"code": code}).content.decode()
    assert row.number in page and "首问登记" in page and not [text for text in SECRETS if text in page]
    assert Client().post("/r/rate/", {"code": code, "rating": "4"}).status_code == 409
    listed = cast.clerk.client.get("/mediation/").content.decode()
    assert row.number in listed
    opened = cast.clerk.client.post(f"/api/mediations/{row.id}/open", json.dumps({"reason": "Sort the dispute"}),
                                    content_type="application/json").json()
    assert {p["name"] for p in opened["parties"]} == {SECRETS[0], SECRETS[3]}

    clock.now = timezone.now()
    for step, given in (("d_judge", {}), ("d_refer", {"target": "legal_aid"})):
        move(row, step, "clerk", **given)
    assert 'action="/r/rate/"' in Client().post("/r/follow/", {"code": code}).content.decode()
    assert "4/5" in Client().post("/r/rate/", {"code": code, "rating": "4"}).content.decode()
    assert Client().post("/r/rate/", {"code": code, "rating": "1"}).status_code == 409
    assert Mediation.objects.get().rating == 4
    assert Client().get("/r/mediation/").status_code == 200


def test_what_is_not_asked_from_this_page_is_refused() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"counter": -1}, "form"), ({"token": "made:up:token"}, "puzzle"), ({"kind": "K99"}, "kind"),
        ({"area": "t/2/"}, "area"), ({"name": ""}, "form"), ({"phone": " "}, "form"), ({"account": "x" * 1001}, "form"),
    ]
    for n, (change, code) in enumerate(cases):
        answer = post("/r/mediation/send/", {**filled(), **change}, address=f"10.1.0.{n}")
        assert (answer.status_code, answer.json()["code"]) == (422, code), change
    assert not Mediation.objects.exists()


def test_one_connection_cannot_flood(monkeypatch: Any) -> None:
    from shouwang.desk.public import disputes

    monkeypatch.setattr(disputes, "SENT", 1)
    assert [post("/r/mediation/send/", filled()).status_code for _ in range(2)] == [201, 429]
    Setting.objects.create(key="public_per_hour", value=1)
    assert post("/r/mediation/send/", filled(), address="10.9.9.9").json()["code"] == "flood"
