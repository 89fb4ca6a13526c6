"""The register: a key counts once two people have compared it, another key begins anew, addresses are encrypted."""
from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import OKPKey

from shouwang.desk.exchange import neighbours
from shouwang.desk.exchange.models import Neighbour
from shouwang.desk.log import signing
from shouwang.desk.log.errors import Conflict, Denied, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def given() -> dict[str, Any]:
    return {"zh": "东区", "en": "East", "address": "https://east.example:8443/",
            "public_key": signing.public_text(OKPKey.generate_key("Ed25519"))}


def save(cast: Any, clock: Any, said: dict[str, Any], **more: Any) -> Neighbour:
    return neighbours.save_neighbour(**{"actor": cast.admin.actor, "now": clock(), "id": new_id(),
                                        "given": neighbours.Given(**said)} | more)


def test_two_people_have_to_compare(cast: Any, town: Any, clock: Any, given: Any) -> None:
    row = save(cast, clock, given)
    assert row.address == "https://east.example:8443" and not row.usable
    digits = " ".join((row.thumbprint[-8:-4].upper(), row.thumbprint[-4:]))

    def compare(who: Any, text: str = digits) -> Neighbour:
        return neighbours.confirm(actor=who.actor, now=clock(), id=row.id, digits=text)

    with pytest.raises(Refused):
        compare(cast.admin, "00000000")
    assert not compare(cast.admin).usable
    with pytest.raises(Refused) as refused:
        compare(cast.admin)
    assert refused.value.code == "same"
    with pytest.raises(Denied):
        compare(cast.call_taker)
    with pytest.raises(Denied):
        compare(cast.stranger)
    assert compare(cast.dispatcher).usable
    with pytest.raises(Conflict):
        compare(cast.supervisor)
    assert list(Event.objects.filter(kind="neighbour.compared").order_by("seq").values_list(
        "payload__people", flat=True)) == [1, 2]


def test_another_key_begins_anew_and_other_changes_do_not(cast: Any, town: Any, clock: Any, given: Any) -> None:
    row = save(cast, clock, given)
    for who in (cast.admin, cast.dispatcher):
        row = neighbours.confirm(actor=who.actor, now=clock(), id=row.id, digits=row.thumbprint[-8:])
    row = save(cast, clock, given | {"en": "East district"}, id=row.id, version=row.version)
    assert row.usable
    with pytest.raises(Conflict):
        save(cast, clock, given, id=row.id, version=row.version - 1)
    fresh = signing.public_text(OKPKey.generate_key("Ed25519"))
    row = save(cast, clock, given | {"public_key": fresh}, id=row.id, version=row.version)
    assert not row.usable and (row.first_by, row.second_by) == ("", "")


@pytest.mark.parametrize(("address", "kept"), [
    ("https://East.Example", "https://east.example"), ("https://10.0.0.7:8443/", "https://10.0.0.7:8443"),
    ("http://localhost:8000", "http://localhost:8000"), ("http://127.0.0.1:80", "http://127.0.0.1:80"),
    ("http://east.example", ""), ("http://10.0.0.7", ""), ("http://localhost.example", ""), ("ftp://east.example", ""),
    ("https://east.example/x", ""), ("https://a@east.example", ""), ("https://east.example?x=1", ""), ("east", ""),
    ("https://", ""), ("https://east.example:99999", ""), ("", ""), ("https://ea st", "")])
def test_addresses(address: str, kept: str) -> None:
    if kept:
        assert neighbours.address_of(address) == kept
    else:
        with pytest.raises(ValueError):
            neighbours.address_of(address)


@pytest.mark.parametrize(("change", "field"), [
    ({"zh": " "}, "zh"), ({"en": ""}, "en"), ({"address": "http://east.example"}, "address"),
    ({"public_key": "abc"}, "public_key"), ({"public_key": "own"}, "public_key"), ({"sends": ("caller",)}, "sends")])
def test_what_cannot_be_entered(cast: Any, town: Any, clock: Any, given: Any, change: Any, field: str) -> None:
    if change.get("public_key") == "own":
        change = {"public_key": signing.public_text(signing.own_key())}
    with pytest.raises(Refused) as refused:
        save(cast, clock, given | change)
    assert refused.value.field == field and not Neighbour.objects.exists()


def test_entered_by_who_may_once(cast: Any, town: Any, clock: Any, given: Any) -> None:
    for who in (cast.dispatcher, cast.stranger):
        with pytest.raises(Denied):
            save(cast, clock, given, actor=who.actor)
    id = new_id()
    assert save(cast, clock, given, id=id).id == save(cast, clock, given, id=id).id
    with pytest.raises(Conflict) as conflict:
        save(cast, clock, given | {"public_key": signing.public_text(OKPKey.generate_key("Ed25519"))})
    assert conflict.value.field == "address"


def test_in_the_browsers_forms(cast: Any, town: Any, given: Any) -> None:
    admin, dispatcher = cast.admin.client, cast.dispatcher.client
    faulty = admin.post("/exchange/neighbours/new/", given | {"address": "http://east.example"})
    assert faulty.status_code == 422
    saved = admin.post("/exchange/neighbours/new/", given | {"active": "on", "id": str(new_id())})
    row = Neighbour.objects.get()
    assert saved.status_code == 302 and saved.headers["Location"] == f"/exchange/neighbours/{row.id}/compare/"
    for client in (admin, dispatcher):
        page = f"/exchange/neighbours/{row.id}/compare/"
        assert client.get(page).status_code == 200
        assert client.post(page, {"digits": "nonsense"}).status_code == 422
        assert client.post(page, {"digits": row.thumbprint[-8:]}).status_code == 302
    row.refresh_from_db()
    assert row.usable
    listed = dispatcher.get("/exchange/neighbours/").content.decode()
    assert row.address in listed and "/exchange/neighbours/new/" not in listed
    assert dispatcher.get(f"/exchange/neighbours/{row.id}/").status_code == 403
    changed = admin.post(f"/exchange/neighbours/{row.id}/", given | {
        "active": "on", "version": row.version, "sends": ["detail"]})
    assert changed.headers["Location"] == "/exchange/neighbours/"
    row.refresh_from_db()
    assert row.sends == ["detail"] and row.usable
