"""What desk gives pages for live updates: tickets that the live process takes, and the cards to begin with."""
from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from shouwang.desk.log.actor import system
from shouwang.desk.log.writing import writing
from shouwang.desk.people.models import Grant, Role, User
from shouwang.desk.units.models import Duty
from shouwang.tables.live import read_ticket

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def desk(live: Any) -> Client:
    """A dispatcher of t/1/, signed in."""
    user = User(username="dispatcher", name="Dispatcher")
    user.set_unusable_password()
    user.save()
    role = Role.objects.create(code="r", zh="派警", en="Dispatch", permissions=["call.view", "position.live"])
    Grant.objects.create(user=user, role=role, area="t/1/")
    client = Client()
    client.force_login(user, backend=BACKEND)
    client.user = user
    return client


def test_a_signed_in_person_gets_a_ticket_of_their_grants_and_unit(live: Any, desk: Any, units: dict[str, str]) -> None:
    Duty.objects.create(unit_id=units["P01"], user=desk.user.id, on_at=datetime.now(UTC))
    given = desk.get("/live/ticket/").json()
    ticket = read_ticket(live.centre.data, given["ticket"], now_s=time.time())
    assert (ticket.user, ticket.unit, ticket.seq) == (str(desk.user.id), units["P01"], live.head())
    assert ticket.grants == {"call.view": ("t/1/",), "position.live": ("t/1/",)}
    left = datetime.fromisoformat(given["expires"]) - datetime.now(UTC)
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)


def test_the_ticket_opens_the_stream_and_hears_the_desk(live: Any, desk: Any, write: Any) -> None:
    reader = live.read(desk.get("/live/ticket/").json()["ticket"])
    write(area="t/2/")
    heard = write(area="t/1/9/")
    assert reader.wait("event")["seq"] == heard


def test_without_a_session_there_is_no_ticket(live: Any) -> None:
    assert Client().get("/live/ticket/").status_code == 302
    assert Client().get("/api/cards").status_code == 401


def test_cards_are_those_of_ones_areas_and_permissions(desk: Any, write: Any) -> None:
    write(subject=("call", "mine"), area="t/1/", card={"n": 1})
    write(subject=("call", "theirs"), area="t/2/", card={"n": 2})
    write(subject=("plan", "p"), area="t/1/", may="patrol.view", card={"n": 3})
    head = write(subject=("unit", "u"), area="t/1/7/", may="position.live", card={"n": 4})
    answer = desk.get("/api/cards").json()
    assert answer["seq"] == head
    assert [(c["kind"], c["subject"], c["body"]) for c in answer["cards"]] == [
        ("call", "mine", {"n": 1}), ("unit", "u", {"n": 4})]
    assert [c["kind"] for c in desk.get("/api/cards?kinds=unit").json()["cards"]] == ["unit"]


def test_a_card_that_left_the_screens_is_not_given(desk: Any, write: Any) -> None:
    write(card={"n": 1})
    write("call.merged", card=None)
    assert desk.get("/api/cards").json()["cards"] == []


def test_grants_taken_away_end_the_ticket_that_held_them(live: Any, desk: Any) -> None:
    ticket = desk.get("/live/ticket/").json()["ticket"]
    reader = live.read(ticket)
    with writing(actor=system("test"), now=datetime.now(UTC)) as log:
        Grant.objects.all().delete()
        log.append("access.ended", subject=("user", desk.user.id))
    assert reader.wait("over") == {"why": "access"}
    assert live.read(ticket).answer.status_code == 401
    again = read_ticket(live.centre.data, desk.get("/live/ticket/").json()["ticket"], now_s=time.time())
    assert again.grants == {}
