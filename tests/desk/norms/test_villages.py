"""What a village keeps: its safety office, contracts with terms and payments, what is due, safe-village items."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.log.seal import keys
from shouwang.desk.norms import advice, facts, villages
from shouwang.desk.norms.forms import ContractForm, months_on
from shouwang.desk.norms.models import Contract, Locality
from shouwang.desk.norms.villages import Contact, ContractGiven

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)
GUARDING = ContractGiven("security", "ZB-1", "Guarding company", "Two night patrols", date(2026, 1, 1), date(2026, 12,
                                                                                                             31),
                         ((date(2026, 4, 1), 9000), (date(2026, 11, 20), 9000), (date(2026, 12, 10), 9000)))
OFFICE = Contact("Duty desk", "555-0100")


@pytest.fixture
def village(at: Any) -> Locality:
    row: Locality = at["V1"]
    return row


@pytest.fixture
def sign(village: Locality, cast: Any, clock: Any) -> Any:
    def sign(given: ContractGiven = GUARDING, **more: Any) -> Contract:
        asked = {"actor": cast.office.actor, "now": clock(), "id": new_id(), "locality_id": village.id, **more}
        return villages.sign_contract(given=given, **asked)
    return sign


@pytest.mark.parametrize(("from_day", "until", "state"), [
    (date(2026, 11, 22), date(2027, 11, 21), "coming"), (TODAY, date(2027, 11, 21), "running"),
    (date(2026, 2, 1), TODAY + timedelta(days=61), "running"), (date(2026, 2, 1), TODAY + timedelta(days=60), "ending"),
    (date(2026, 2, 1), TODAY, "ending"), (date(2026, 2, 1), date(2026, 11, 20), "over")])
def test_terms(sign: Any, from_day: date, until: date, state: str) -> None:
    row = sign(replace(GUARDING, from_day=from_day, until=until, payments=()))
    assert facts.contract_state(row, TODAY) == state


def test_what_is_due_is_told_once_and_in_order(sign: Any, cast: Any, clock: Any) -> None:
    row = sign()
    found = facts.contracts(("t/",), TODAY)
    assert [(d.what, d.day, d.amount) for d in facts.due(found, TODAY)] == [
        ("late", date(2026, 4, 1), 9000), ("late", date(2026, 11, 20), 9000), ("payment", date(2026, 12, 10), 9000),
        ("ending", date(2026, 12, 31), None)]
    assert (found[0].due, found[0].paid, found[0].late) == (27_000, 0, 18_000)
    payment = row.payments.order_by("due").first()
    asked: dict[str, Any] = {"actor": cast.office.actor, "now": clock(), "payment_id": payment.id}
    villages.set_paid(**asked, on=date(2026, 4, 2), version=1)
    with pytest.raises(Conflict):
        villages.set_paid(**asked, on=None, version=1)
    with pytest.raises(Refused):
        villages.set_paid(**asked, on=TODAY + timedelta(days=1), version=2)
    assert len(facts.due(facts.contracts(("t/",), TODAY), TODAY)) == 3
    villages.set_paid(**asked, on=None, version=2)
    assert len(facts.due(facts.contracts(("t/",), TODAY), TODAY)) == 4


def test_a_contract_that_ran_out_is_told_until_another_follows(sign: Any) -> None:
    gone = replace(GUARDING, until=date(2026, 11, 10), payments=())
    sign(gone)
    assert [d.what for d in facts.due(facts.contracts(("t/",), TODAY), TODAY)] == ["lapsed"]
    sign(replace(gone, number="ZB-2", from_day=TODAY, until=date(2027, 11, 20)))
    assert facts.due(facts.contracts(("t/",), TODAY), TODAY) == []
    assert facts.due(facts.contracts(("x/",), TODAY), TODAY) == []


def test_a_contract_ends_early_for_a_reason(sign: Any, cast: Any, clock: Any) -> None:
    row = sign()
    asked: dict[str, Any] = {"actor": cast.office.actor, "now": clock(), "contract_id": row.id}
    for on, reason in ((TODAY, " "), (TODAY - timedelta(days=1), "Bad work"), (date(2026, 12, 31), "Bad work")):
        with pytest.raises(Refused):
            villages.end_contract(**asked, on=on, reason=reason, version=1)
    row = villages.end_contract(**asked, on=TODAY, reason="Bad work", version=1)
    assert facts.contract_state(row, TODAY) == "ended"
    assert "Bad work" not in str(Event.objects.get(kind="contract.ended").payload)
    with pytest.raises(Conflict):
        villages.end_contract(**asked, on=TODAY, reason="Again", version=2)


@pytest.mark.parametrize(("changed", "field"), [
    ({"kind": "guards"}, "kind"), ({"number": " "}, "number"), ({"body": ""}, "body"), ({"terms": "x" * 501}, "terms"),
    ({"until": date(2025, 12, 31)}, "until"), ({"until": date(2032, 1, 1)}, "until"),
    ({"from_day": date(9999, 12, 30), "until": date(9999, 12, 31)}, "until"),
    ({"payments": ((date(2026, 4, 1), 0),)}, "payments"), ({"payments": ((date(2025, 4, 1), 5),)}, "payments")])
def test_what_is_wrong_with_a_contract_is_said_at_its_field(sign: Any, changed: Any, field: str) -> None:
    with pytest.raises(Refused) as error:
        sign(replace(GUARDING, **changed))
    assert error.value.field == field


def test_a_contract_is_entered_once_and_its_number_used_once(sign: Any) -> None:
    id = new_id()
    assert sign(id=id).id == sign(id=id).id
    assert Contract.objects.count() == 1
    with pytest.raises(Conflict) as error:
        sign()
    assert error.value.field == "number"


def test_contacts_are_sealed_shown_for_a_reason_and_destroyed_in_time(sign: Any, village: Locality, cast: Any,
                                                                      clock: Any) -> None:
    who: dict[str, Any] = {"actor": cast.office.actor, "now": clock(), "locality_id": village.id}
    row = sign(contact=OFFICE)
    villages.set_office(**who, place="Village hall", contact=Contact("Safety office", "555-0111"), version=1)
    assert b"555-0111" not in bytes(Contract.objects.get().contact) + bytes(Locality.objects.get(code="V1").contact)
    assert villages.show_contact(**who, reason="To ask about a patrol") == Contact("Safety office", "555-0111")
    assert villages.show_contact(**who, reason="Payment", contract_id=row.id) == OFFICE
    with pytest.raises(Refused):
        villages.show_contact(**who, reason=" ")
    with pytest.raises(Denied):
        villages.show_contact(**{**who, "actor": cast.planner.actor}, reason="Curious")
    with pytest.raises(Missing):
        villages.show_contact(**{**who, "actor": cast.stranger.actor}, reason="Curious")
    assert Event.objects.filter(kind="village.contact_shown").count() == 2
    assert not any("555-01" in str(e.payload) for e in Event.objects.all())
    assert villages.contacts_due(clock()) == 0
    assert villages.contacts_due(clock() + timedelta(days=500)) == 1
    assert bytes(Contract.objects.get().contact) == b"" and keys().get(str(row.id)) is None


def test_safe_village_items_are_ticked_or_told_by_the_records(sign: Any, village: Locality, cast: Any,
                                                              clock: Any) -> None:
    who: dict[str, Any] = {"actor": cast.office.actor, "now": clock(), "locality_id": village.id}

    def state() -> dict[str, bool | None]:
        known = facts.known([Locality.objects.get(id=village.id)], TODAY)[0]
        lines = advice.lines([known], facts.in_force(TODAY))
        contracts = facts.contracts(("t/",), TODAY, locality=village.id)
        return {c.item.code: c.done for c in advice.checklist(known, lines, contracts, facts.ticks(village.id))}

    before = state()
    assert (before["guards"], before["group_contacts"], before["village_officer"]) == (False, False, True)
    assert (before["safety_office"], before["legal_adviser"], before["contracts_paid"]) == (False, False, None)
    assert before["patrol_team"] is None
    villages.tick(**who, item="patrol_team", done=True, version=0)
    villages.set_office(**who, place="", contact=OFFICE, version=1)
    sign()
    sign(replace(GUARDING, kind="adviser", number="LA-1", payments=()))
    after = state()
    assert (after["patrol_team"], after["safety_office"], after["legal_adviser"], after["contracts_paid"]) == (
        True, True, True, False)
    assert villages.tick(**who, item="patrol_team", done=False, version=1).version == 2
    with pytest.raises(Conflict):
        villages.tick(**who, item="patrol_team", done=True, version=1)
    for item in ("guards", "no_such"):  # what the records tell is not ticked
        with pytest.raises(Refused):
            villages.tick(**who, item=item, done=True, version=0)
    with pytest.raises(Denied):
        villages.tick(**{**who, "actor": cast.leader.actor}, item="patrol_team", done=True, version=2)


@pytest.mark.parametrize(("day", "months", "then"), [
    (date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2027, 12, 31), 2, date(2028, 2, 29)),
    (date(2026, 11, 15), 14, date(2028, 1, 15)), (date(2026, 5, 5), 0, date(2026, 5, 5))])
def test_months_on(day: date, months: int, then: date) -> None:
    assert months_on(day, months) == then


def test_the_form_of_a_contract_makes_its_payments(rules: None) -> None:
    said = {"kind": "security", "number": "A", "body": "B", "terms": "C", "from_day": "2026-01-01",
            "until": "2026-12-31",
            "payments": "3", "amount": "500", "first_due": "2026-01-31", "months": "1"}
    form = ContractForm(said)
    assert form.is_valid(), form.errors
    assert form.given().payments == ((date(2026, 1, 31), 500), (date(2026, 2, 28), 500), (date(2026, 3, 31), 500))
    assert "amount" in ContractForm({**said, "amount": ""}).errors
