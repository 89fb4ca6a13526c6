"""Claims of helpers hurt in service: steps, amounts, refusal and objection, and what lies sealed."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.log.seal import keys
from shouwang.desk.volunteers import actions, facts
from shouwang.desk.volunteers.actions.claims import NewClaim
from shouwang.desk.volunteers.models import Claim

pytestmark = pytest.mark.django_db
WORDS = "Broken wrist at the fire"


@pytest.fixture
def claim(cast: Any, town: Any, clock: Any) -> Any:
    def entered(**given: Any) -> Claim:
        asked: dict[str, Any] = {"id": new_id(), "area": "t/2/b/", "helper": "volunteer", "day": clock().date(),
                                 "name": "Wang Lian", "how": "314-555-0148", "words": WORDS, "papers": {"bill": 2},
                                 "asked": Decimal("1200.50")}
        return actions.enter_claim(actor=cast.office.actor, now=clock(), new=NewClaim(**{**asked, **given}))
    return entered


@pytest.fixture
def move(cast: Any, clock: Any) -> Any:
    def moved(row: Claim, step: str, by: str = "centre", **given: Any) -> Claim:
        return actions.move_claim(actor=getattr(cast, by).actor, now=clock(), claim_id=row.id, transition=step, **given)
    return moved


def test_from_the_claim_to_the_settlement(claim: Any, move: Any) -> None:
    row = claim()
    with pytest.raises(Denied):
        move(row, "h_check", by="office")
    row = move(row, "h_check")
    with pytest.raises(Refused):
        move(row, "h_support")
    key = new_id()
    for _twice in range(2):
        row = move(row, "h_support", amount=Decimal(500), key=key)
    with pytest.raises(Refused) as less:
        move(row, "h_settle", amount=Decimal(499))
    assert less.value.field == "amount"
    row = move(row, "h_settle", amount=Decimal("1100.00"))
    assert (row.state, row.paid, row.settled) == ("settled", 500, 1100) and row.closed_at
    with pytest.raises(Conflict):
        move(row, "h_refuse", reason="Too late")
    assert facts.claim_sums(("t/",)) == {"n": 1, "paid": 500, "settled": 1100}
    assert [e.payload.get("new") for e in Event.objects.filter(kind="claim.moved").order_by("seq")] == [
        "checked", "supported", "settled"]


def test_a_refusal_has_a_reason_and_can_be_objected_to(claim: Any, move: Any, cast: Any, clock: Any) -> None:
    row = claim()
    with pytest.raises(Refused):
        move(row, "h_refuse", reason=" ")
    row = move(row, "h_refuse", reason="Not on duty")
    row = move(row, "h_object", by="office", reason="She was asked by the officer")
    row = move(row, "h_check")
    row = move(row, "h_refuse", reason="Still not")
    row = move(row, "h_close", reason="Heard and explained")
    assert row.state == "closed" and row.closed_at
    said = [text for _at, _by, text in actions.read_claim(actor=cast.centre.actor, now=clock(), claim_id=row.id,
                                                          reason="Review").words]
    assert said == [WORDS, "Not on duty", "She was asked by the officer", "Still not", "Heard and explained"]


def test_without_papers_nothing_is_checked(claim: Any, move: Any, cast: Any, clock: Any) -> None:
    row = claim(papers={})
    with pytest.raises(Refused) as refused:
        move(row, "h_check")
    assert refused.value.field == "papers"
    row = actions.set_papers(actor=cast.office.actor, now=clock(), claim_id=row.id, papers={"report": 1, "bill": 0},
                             version=row.version)
    assert row.papers == {"report": 1}
    with pytest.raises(Conflict):
        actions.set_papers(actor=cast.office.actor, now=clock(), claim_id=row.id, papers={}, version=row.version - 1)
    assert move(row, "h_check").state == "checked"


@pytest.mark.parametrize(("given", "field"), [
    ({"helper": "suspect"}, "helper"), ({"area": "no/"}, "area"), ({"words": ""}, "words"), ({"how": "x"}, "how"),
    ({"papers": {"photo": 1}}, "papers"), ({"papers": {"bill": 100}}, "papers"), ({"asked": Decimal(-1)}, "asked"),
    ({"asked": Decimal("NaN")}, "asked"), ({"name": ""}, "name")])
def test_what_is_no_claim_is_refused_at_its_field(claim: Any, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        claim(**given)
    assert refused.value.field == field and not Claim.objects.exists()


def test_what_happened_is_sealed_opened_for_a_reason_and_deleted_on_schedule(claim: Any, move: Any, cast: Any,
                                                                            clock: Any) -> None:
    row = claim()
    rows = str(list(Claim.objects.values())) + str(list(row.words.values())) + str(list(Event.objects.values()))
    assert not [t for t in ("Wang", "0148", "wrist") if t in rows]
    page = cast.office.client.get(f"/hurt/{row.id}/").content.decode()
    assert row.number in page and "wrist" not in page and "Wang" not in page
    assert cast.office.client.post(f"/hurt/{row.id}/", {"do": "open", "reason": ""}).status_code == 422
    page = cast.office.client.post(f"/hurt/{row.id}/", {"do": "open", "reason": "She asks"}).content.decode()
    assert "wrist" in page and "Wang Lian" in page and Event.objects.filter(kind="claim.opened").count() == 1
    with pytest.raises(Missing):
        actions.read_claim(actor=cast.dispatcher.actor, now=clock(), claim_id=row.id, reason="Curious")
    move(row, "h_refuse", reason="No")
    row.refresh_from_db()
    move(row, "h_close", reason="No")
    actions.due(clock.forward(days=1090))
    assert keys().get(str(row.id))
    actions.due(clock.forward(days=7))
    row.refresh_from_db()
    assert keys().get(str(row.id)) is None and row.words_deleted_at and not row.words.exists()


def test_the_pages_enter_and_move_a_claim(cast: Any, town: Any, clock: Any) -> None:
    day = (clock() - timedelta(days=2)).date().isoformat()
    said = {"area": "t/2/b/", "helper": "member", "day": day, "name": "Wang Lian", "how": "wl@example.org",
            "words": WORDS, "asked": "1,200.50", "papers_bill": "2", "key": str(new_id())}
    office, centre = cast.office.client, cast.centre.client
    bad = office.post("/hurt/new/", {**said, "asked": "-1"})
    assert bad.status_code == 422 and WORDS in bad.content.decode()
    done = office.post("/hurt/new/", {**said, "asked": "1200.50"})
    assert done.status_code == 302
    row = Claim.objects.get()
    version = {"version": row.version}
    assert centre.post(f"/hurt/{row.id}/", {"do": "h_check", **version}).status_code == 302
    assert centre.post(f"/hurt/{row.id}/", {"do": "h_support", "amount": "much", "version": 2}).status_code == 422
    assert centre.post(f"/hurt/{row.id}/", {"do": "h_support", "amount": "300", **version}).status_code == 409
    assert centre.post(f"/hurt/{row.id}/", {"do": "h_support", "amount": "300", "version": 2}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.paid) == ("supported", 300) and row.number in office.get("/hurt/").content.decode()
