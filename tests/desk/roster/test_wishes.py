"""Members enter for themselves on which days they would rather be off or on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from shouwang.desk.log.errors import Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.people.access import actor_of
from shouwang.desk.people.models import Grant, User
from shouwang.desk.roster import actions
from shouwang.desk.roster.models import Entry
from shouwang.desk.workflow.zone import day_of

MONDAY = date(2026, 12, 7)


@pytest.fixture
def wish(crew: list[str], town: Any) -> Any:
    """`wish(0, "wish_off")`: the first of the crew wishes it for the Monday."""
    def wished(n: int, kind: str = "wish_off", **changes: Any) -> Entry:
        given = {"id": new_id(), "first": MONDAY, "last": MONDAY, **changes}
        who = actor_of(User.objects.get(id=crew[n]))
        return actions.wish(actor=who, now=town.now, kind=kind, **given)

    return wished


def signed_in(user: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=user), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_a_members_own_wish_goes_into_the_next_roster_and_is_taken_back(wish: Any, ask: Any, crew: list[str],
                                                                        cast: Any, town: Any) -> None:  # fmt: skip
    kept = new_id()
    for _ in range(2):  # a retry changes nothing
        entry = wish(0, "wish_on", id=kept, shift="07:00")
    assert (entry.area, str(entry.user), Entry.objects.count()) == ("t/1/a/", crew[0], 1)
    told = {p["id"]: p["wishes"] for p in ask().given["people"]}
    assert [(w["day"], w["want"], w["duty"]) for w in told[crew[0]]] == [(str(MONDAY), True, "07:00")]
    assert [e["user"] for e in cast.planner.client.get("/api/rosters/entries?area=t/1/").json()] == [crew[0]]
    other = actor_of(User.objects.get(id=crew[1]))
    with pytest.raises(Missing):
        actions.unwish(actor=other, now=town.now, entry_id=entry.id)
    with pytest.raises(Missing):
        wish(1, id=kept)
    actions.unwish(actor=actor_of(User.objects.get(id=crew[0])), now=town.now, entry_id=entry.id)
    assert not Entry.objects.exists()
    events = Event.objects.filter(kind__in=("roster.entered", "roster.struck")).order_by("seq")
    assert [(e.kind, e.actor) for e in events] == [("roster.entered", crew[0]), ("roster.struck", crew[0])]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "away"}, "kind"),
        ({"first": date(2026, 11, 20)}, "first"),  # yesterday
        ({"first": date(2028, 1, 1), "last": date(2028, 1, 1)}, "first"),
        ({"last": MONDAY - timedelta(days=1)}, "last"),
        ({"last": MONDAY + timedelta(days=14)}, "last"),
        ({"shift": "08:00"}, "shift"),
    ],
)
def test_a_bad_wish_is_named_at_its_field(wish: Any, changes: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        wish(0, **changes)
    assert refused.value.field == field
    assert not Entry.objects.exists()


def test_a_day_is_wished_for_once_and_wishes_are_not_without_end(wish: Any, crew: list[str], enter: Any,
                                                                 town: Any) -> None:  # fmt: skip
    wish(0, last=MONDAY + timedelta(days=2))
    with pytest.raises(Refused) as twice:
        wish(0, "wish_on", first=MONDAY + timedelta(days=2), last=MONDAY + timedelta(days=2))
    assert twice.value.code == "twice"
    wish(1)
    for n in range(11):
        wish(0, first=MONDAY + timedelta(days=7 + n), last=MONDAY + timedelta(days=7 + n))
    with pytest.raises(Refused) as most:
        wish(0, first=MONDAY + timedelta(days=30), last=MONDAY + timedelta(days=30))
    assert most.value.code == "most"
    entered = enter(crew[2], "wish_off")  # by the planner: theirs to take back
    with pytest.raises(Missing):
        actions.unwish(actor=actor_of(User.objects.get(id=crew[2])), now=town.now, entry_id=entered.id)


def test_who_is_on_no_roster_wishes_nothing(wish: Any, crew: list[str]) -> None:
    Grant.objects.filter(user=crew[0]).delete()
    with pytest.raises(Refused) as nobody:
        wish(0)
    assert nobody.value.code == "crew"


def test_over_http_and_on_the_phone(crew: list[str], cast: Any, town: Any) -> None:
    day = day_of(timezone.now()) + timedelta(days=20)
    mine, other = signed_in(crew[0]), signed_in(crew[1])
    body = {"id": str(new_id()), "kind": "wish_off", "first": str(day), "last": str(day)}
    assert mine.post("/api/rosters/wishes", body, content_type="application/json").status_code == 200
    assert [w["id"] for w in mine.get("/api/rosters/wishes").json()] == [body["id"]]
    assert other.get("/api/rosters/wishes").json() == []
    assert other.delete(f"/api/rosters/wishes/{body['id']}").status_code == 404
    bad = body | {"id": str(new_id()), "kind": "away"}
    assert mine.post("/api/rosters/wishes", bad, content_type="application/json").status_code == 422
    assert Client().post("/api/rosters/wishes", body, content_type="application/json").status_code in (401, 403)
    page = mine.get("/m/roster/").content.decode()
    assert f"希望休息 {day:%m-%d}" in page
    assert f'value="{body["id"]}"' in page
    assert body["id"] not in other.get("/m/roster/").content.decode()
    assert mine.post("/m/roster/wish/", {"strike": body["id"]}).status_code == 302
    assert not Entry.objects.exists()
    form = {"id": str(new_id()), "kind": "wish_on", "first": str(day), "last": str(day), "shift": "23:00"}
    refused = mine.post("/m/roster/wish/", form | {"last": str(day - timedelta(days=1))})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()
    assert mine.post("/m/roster/wish/", form | {"first": "x"}).status_code == 422
    assert mine.post("/m/roster/wish/", form | {"id": "x"}).status_code == 404
    assert mine.post("/m/roster/wish/", form).status_code == 302
    assert Entry.objects.get().shift == "23:00"


def test_on_ones_page_of_turns_by_whom_a_roster_may_plan_for(crew: list[str], cast: Any, town: Any) -> None:
    """Who has no phone of a unit, as those at a desk and volunteers, has this page."""
    day = day_of(timezone.now()) + timedelta(days=20)
    office, nobody = cast.office.client, cast.call_taker.client
    form = {"do": "wish", "id": str(new_id()), "kind": "wish_off", "first": str(day), "last": str(day)}
    assert 'value="wish"' not in nobody.get("/me/turns/").content.decode()
    assert nobody.post("/me/turns/", form).status_code == 422
    assert office.post("/me/turns/", form | {"last": ""}).status_code == 422
    assert office.post("/me/turns/", form).status_code == 302
    assert f"希望休息 {day:%m-%d}" in office.get("/me/turns/").content.decode()
    assert office.post("/me/turns/", {"do": "unwish", "entry": form["id"]}).status_code == 302
    assert not Entry.objects.exists()
