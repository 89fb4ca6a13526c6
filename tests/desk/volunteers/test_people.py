"""Volunteers register themselves, are confirmed, serve, correct and withdraw; groups and associations."""
from __future__ import annotations

import hashlib
import itertools
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.log.seal import keys
from shouwang.desk.volunteers import actions, facts, links
from shouwang.desk.volunteers.actions.registering import NewAssociation, NewVolunteer
from shouwang.desk.volunteers.models import Association, Group, Message, Notice, Service, Volunteer
from shouwang.desk.volunteers.terms import GROUP_SIZE, consent
from tests.residents import post, solved

from .conftest import NAME, PHONE

pytestmark = pytest.mark.django_db


def filled(**given: Any) -> dict[str, Any]:
    return {**solved(), "name": NAME, "how": PHONE,
            "area": "t/2/b/", "trade": "taxi_firm", "consent": consent().version, **given}


def test_somebody_registers_looks_corrects_and_withdraws(easy: Any) -> None:
    assert consent().text in Client().get("/r/volunteer/").content.decode()
    body = filled()
    first = post("/r/volunteer/send/", body)
    assert first.status_code == 201, first.content
    code = first.json()["code"]
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{8}", code) and post("/r/volunteer/send/", body).json()["code"] == code
    row = Volunteer.objects.get()
    assert (row.state, row.trade, row.consent, row.channel) == ("applied", "taxi_firm", consent().version, "phone")

    client = Client()
    page = client.post("/r/volunteer/mine/", {"code": f" {code[:4].lower()} {code[4:]}"}).content.decode()
    assert NAME in page and PHONE in page and consent().text in page
    client.post("/r/volunteer/mine/", {"code": code, "do": "amend", "name": "Wang L", "how": "wl@example.org"})
    row.refresh_from_db()
    assert (row.channel, actions.by_code(now=row.consent_at, code=code).how) == ("email", "wl@example.org")
    bad = client.post("/r/volunteer/mine/", {"code": code, "do": "amend", "name": "Wang L", "how": "nowhere"})
    assert 'class="err"' in bad.content.decode()

    assert client.post("/r/volunteer/mine/", {"code": code, "do": "withdraw"}).status_code == 302
    assert not Volunteer.objects.exists() and keys().get(str(row.id)) is None
    assert client.post("/r/volunteer/mine/", {"code": code}).status_code == 404
    rows = str(list(Event.objects.values()))
    assert not [t for t in (NAME, PHONE, "wl@example.org", code, "10.0.0.1") if t in rows]


@pytest.mark.parametrize(("change", "field"), [
    ({"consent": ""}, "consent"), ({"consent": "1999"}, "consent"), ({"how": "12"}, "how"), ({"name": " "}, "name"),
    ({"how": "a@b@c.org"}, "how"), ({"how": "1\n2345678"}, "how"), ({"area": "t/"}, "area"), ({"area": "x/y/"}, "area"),
    ({"trade": "spy"}, "trade"), ({"group": "ZZZZZZ"}, "group"), ({"association": "01a2-no"}, "association"),
    ({"counter": 1.5}, "counter")])
def test_what_is_no_registration_is_refused_at_its_field(easy: Any, change: dict[str, Any], field: str) -> None:
    answer = post("/r/volunteer/send/", {**filled(), **change})
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.content
    assert not Volunteer.objects.exists()


def test_machines_are_kept_out(easy: Any) -> None:
    body = filled()
    wrong = next(n for n in itertools.count() if hashlib.sha256(f"{body['token']}:{n}".encode()).digest()[0])
    assert post("/r/volunteer/send/", {**body, "counter": wrong}).json()["code"] == "puzzle"
    assert [post("/r/volunteer/send/", filled()).status_code for _n in range(7)] == [201] * 6 + [429]
    assert post("/r/volunteer/send/", filled(), address="10.0.0.2").status_code == 201


def test_the_office_confirms_and_the_contact_opens_for_a_reason_alone(register: Any, cast: Any, clock: Any) -> None:
    row = register()
    page = cast.office.client.get(f"/volunteers/{row.id}/").content.decode()
    assert row.number in page and NAME not in page and PHONE not in page
    key, version = new_id(), row.version
    for _twice in range(2):
        actions.confirm(actor=cast.office.actor, now=clock(), volunteer_id=row.id, version=version, key=key)
    row.refresh_from_db()
    assert row.state == "confirmed" and Message.objects.get().purpose == "confirmed"
    with pytest.raises(Conflict):
        actions.train(actor=cast.office.actor, now=clock(), volunteer_id=row.id, day=clock().date(), version=version)
    with pytest.raises(Refused):
        actions.reveal(actor=cast.office.actor, now=clock(), volunteer_id=row.id, reason=" ")
    assert not Event.objects.filter(kind="volunteer.revealed").exists()
    page = cast.office.client.post(f"/volunteers/{row.id}/", {"do": "reveal", "reason": "Training"}).content.decode()
    assert NAME in page and PHONE in page and Event.objects.filter(kind="volunteer.revealed").count() == 1
    for other in ("clerk", "dispatcher", "supervisor"):  # who sends notices does not see whom they reach
        with pytest.raises(Missing):
            actions.reveal(actor=getattr(cast, other).actor, now=clock(), volunteer_id=row.id, reason="Curious")


def test_who_is_not_taken_is_forgotten_at_once(register: Any, cast: Any, clock: Any) -> None:
    row = register()
    cast.office.client.post(f"/volunteers/{row.id}/", {"do": "refuse", "why": "area", "version": row.version})
    row.refresh_from_db()
    assert (row.state, bytes(row.contact), keys().get(str(row.id))) == ("refused", b"", None)
    page = Client().post("/r/volunteer/mine/", {"code": row.code}).content.decode()
    assert "不属于本辖区" in page and NAME not in page
    register()
    clock.forward(days=100)
    register()
    clock.forward(days=100)
    actions.due(clock())
    assert Volunteer.objects.count() == 1, "the refused one and the first applicant are over six months old"


def test_hours_and_thanks_are_sums_and_outlive_who_withdraws(confirmed: Any, cast: Any, clock: Any) -> None:
    row, office = confirmed(), cast.office.actor
    given: dict[str, Any] = {"actor": office, "now": clock(), "volunteer_id": row.id, "day": clock().date()}
    key = new_id()
    for _twice in range(2):
        actions.serve(**given, kind="patrol", hours=2.5, key=key)
    actions.serve(**given, kind="banner")
    for wrong in ({"kind": "patrol"}, {"kind": "banner", "hours": 1}, {"kind": "spying", "hours": 1},
                  {"kind": "patrol", "hours": 24.5},
                  {"kind": "patrol", "hours": 1, "day": clock().date() + timedelta(2)}):
        with pytest.raises(Refused):
            actions.serve(**{**given, **wrong})
    mine = Client().post("/r/volunteer/mine/", {"code": row.code}).content.decode()
    assert "2.5 小时" in mine and "锦旗" in mine
    first = confirmed(name="Second")
    actions.withdraw(now=clock(), code=row.code)
    since = clock() - timedelta(days=9)
    assert [(s.kind, s.n, s.hours) for s in facts.served(("t/",), since)] == [("banner", 1, 0), ("patrol", 1, 2.5)]
    assert set(Service.objects.values_list("volunteer", flat=True)) == {None}
    page = cast.office.client.get("/volunteers/").content.decode()
    assert first.number in page and "2.5 小时" not in page.split("vl-box")[0]


def test_a_group_is_joined_by_its_code_and_one_call_tells_all_of_it(confirmed: Any, cast: Any, clock: Any,
                                                                   outbox: Any) -> None:
    group = actions.make_group(actor=cast.office.actor, now=clock(), id=new_id(), name="Lane 7", area="t/2/b/")
    with pytest.raises(Refused) as refused:
        confirmed(area="t/1/a/", group=group.code)
    assert refused.value.field == "group"
    people = [confirmed(name=f"Door {n}", how=f"314-555-01{n:02}", group=group.code.lower()) for n in range(3)]
    assert facts.groups(("t/",))[0].short == GROUP_SIZE[0] - 3
    welcome = outbox()
    assert [line["to"] for line in welcome] == ["314-555-0100", "314-555-0101", "314-555-0102"]
    path = re.search(r"/v/g/\S+/", welcome[0]["text"])
    assert path
    asked = Client().post(path[0], {"about": "fire", "key": str(new_id())})
    assert asked.status_code == 302 and asked.headers["Location"].endswith("called=2")
    told = outbox()[3:]
    assert sorted(line["to"] for line in told) == ["314-555-0101", "314-555-0102"] and "Lane 7" in told[0]["text"]
    again = Client().post(path[0], {"about": "fire"})
    assert again.status_code == 409 and Notice.objects.count() == 1
    assert "Lane 7" in cast.dispatcher.client.get("/notices/").content.decode()
    actions.set_group(actor=cast.office.actor, now=clock(), volunteer_id=people[0].id, group_id=None)
    assert Client().get(path[0]).status_code == 410
    assert Client().get("/v/g/made:up/").status_code == 404
    with pytest.raises(Refused):
        actions.call_group(actor=cast.office.actor, now=clock(), group_id=group.id, about="suspicious")


def test_a_group_holds_fifteen_households(confirmed: Any, register: Any, cast: Any, clock: Any) -> None:
    group = actions.make_group(actor=cast.office.actor, now=clock(), id=new_id(), name="Lane 7", area="t/2/b/")
    Volunteer.objects.bulk_create([
        Volunteer(id=new_id(), area="t/2/b/", group=group, state="confirmed", consent="1", consent_at=clock())
        for _n in range(GROUP_SIZE[1])])
    late, other = register(group=group.code), confirmed()
    for refused in (lambda: actions.confirm(actor=cast.office.actor, now=clock(), volunteer_id=late.id),
                    lambda: actions.set_group(actor=cast.office.actor, now=clock(), volunteer_id=other.id,
                                              group_id=group.id)):
        with pytest.raises(Conflict):
            refused()
    assert Group.objects.get().members.filter(state="confirmed").count() == GROUP_SIZE[1]


def test_an_association_registers_and_its_members_name_it(easy: Any, cast: Any, clock: Any) -> None:
    answer = post("/r/volunteer/send/", filled(title="Taxi association", name="Office, Li", how="028-555-0101"))
    assert answer.status_code == 201 and not Volunteer.objects.exists()
    row = Association.objects.get()
    member = {"association": str(row.id)}
    assert post("/r/volunteer/send/", filled(**member)).json()["field"] == "association", "not confirmed yet"
    page = cast.office.client.get("/volunteers/associations/").content.decode()
    assert "Taxi association" in page and "Office, Li" not in page
    cast.office.client.post("/volunteers/associations/", {"do": "confirm", "association": str(row.id)})
    assert post("/r/volunteer/send/", filled(**member)).status_code == 201
    assert post("/r/volunteer/send/", filled(trade="hotel", **member)).status_code == 422
    shown = cast.office.client.post("/volunteers/associations/", {"do": "reveal", "association": str(row.id),
                                                                  "reason": "Meeting"}).content.decode()
    assert "Office, Li" in shown and Event.objects.filter(kind="volunteer.revealed").count() == 1
    client = Client()
    page = client.post("/r/volunteer/mine/", {"code": answer.json()["code"]}).content.decode()
    assert "Office, Li" in page and "Taxi association" in page
    client.post("/r/volunteer/mine/", {"code": answer.json()["code"], "do": "withdraw"})
    assert not Association.objects.exists() and keys().get(str(row.id)) is None
    assert Volunteer.objects.get().association is None, "members stay"
    new = NewAssociation(new_id(), "Other", "hotel", "Office", "028-555-0102", consent().version)
    actions.register_association(now=clock(), new=new)
    actions.refuse_association(actor=cast.office.actor, now=clock(), association_id=new.id, why="twice")
    assert bytes(Association.objects.get(id=new.id).contact) == b"" and keys().get(str(new.id)) is None


def test_a_standing_link_is_of_one_household_and_ends_with_the_next(confirmed: Any, cast: Any, clock: Any) -> None:
    group = actions.make_group(actor=cast.office.actor, now=clock(), id=new_id(), name="Lane 7", area="t/2/b/")
    row = confirmed(group=group.code)
    before = links.group_path(row)
    actions.set_group(actor=cast.office.actor, now=clock(), volunteer_id=row.id, group_id=group.id)
    row.refresh_from_db()
    assert Client().get(before).status_code == 410 and Client().get(links.group_path(row)).status_code == 200


def test_the_same_id_is_a_retry(register: Any, town: Any, clock: Any) -> None:
    row = register()
    again = NewVolunteer(row.id, "Other", "0000000", "t/1/a/", consent().version)
    assert actions.register(now=clock(), new=again).area == "t/2/b/" and Volunteer.objects.count() == 1
