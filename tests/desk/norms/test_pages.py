"""The pages and the API of norms and villages, as people and programs use them."""
from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from shouwang.desk.log.ids import new_id
from shouwang.desk.norms import facts
from shouwang.desk.norms.models import Contract, Count, Norm
from shouwang.desk.people.models import Grant
from shouwang.desk.workflow.zone import day_of

pytestmark = pytest.mark.django_db


def test_the_list_can_be_narrowed_and_taken_out(at: Any, cast: Any) -> None:
    client = cast.planner.client
    page = client.get("/norms/").content.decode()
    assert all(f"Place {code}" in page or f"{code} 村" in page for code in at)
    assert 'data-sum="short">8<' in page
    only = client.get("/norms/?show=short&kind=community&area=t/2/").content.decode()
    assert "C3 村" in only and "C1 村" not in only and "V1 村" not in only and "C2 村" not in only
    text = client.get("/norms/export.csv?show=short").content.decode("utf-8-sig")
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == ["C3", "V1", "C1", "V1"]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/norms/export.xlsx").content))
    assert book.active.max_row == 8
    assert client.get("/norms/export.pdf").status_code == 404


def test_a_place_without_a_count_is_named(at: Any, cast: Any) -> None:
    Count.objects.filter(locality=at["C2"]).delete()
    page = cast.planner.client.get("/norms/")
    assert [k.row.code for k in page.context["uncounted"]] == ["C2"]
    assert page.context["judged"] == 3  # C1, C3, V1; C4 is the duty of its company


def test_a_change_from_draft_to_approval_on_the_pages(at: Any, cast: Any) -> None:
    today = day_of(timezone.now())
    planner, centre = cast.planner.client, cast.centre.client
    address = "/norms/rules/urban_not_managed/new/"
    said = {"id": str(new_id()), "count": "6", "over_1": "1500", "add_1": "1", "over_2": "2000", "add_2": "",
            "reading": "total", "extra": "0", "from_day": str(today), "guard_year_cost": "50000", "reason": "Nights"}
    assert "add_2" in planner.post(address, said).context["form"].errors
    answer = planner.post(address, {**said, "add_2": "2"})
    row = Norm.objects.get(state="draft")
    assert answer.headers["Location"] == f"/norms/rules/{row.id}/"
    page = planner.get(answer.headers["Location"])
    assert page.context["effect"].amount == 100_000 and not page.context["may_approve"]
    text = planner.get(f"/norms/rules/{row.id}/export.csv").content.decode("utf-8-sig")
    assert "C1" in text and "60000" in text
    Grant.objects.filter(user=cast.leader.user).update(area="t/1/")  # sees her own places, and the sums
    near = cast.leader.client.get(f"/norms/rules/{row.id}/")
    assert [k.row.code for k, _c in near.context["changes"]] == ["C1"] and near.context["effect"].more == 2
    told = cast.leader.client.get(f"/api/norms/{row.id}/effect").json()
    assert [c["code"] for c in told["changes"]] == ["C1"]
    decide = {"do": "approve", "version": "1", "key": str(new_id())}
    assert planner.post(f"/norms/rules/{row.id}/", decide).status_code == 403
    assert centre.post(f"/norms/rules/{row.id}/", decide).status_code == 302
    assert [n.rule["count"] for n in facts.in_force(today) if n.code == "urban_not_managed"] == [6]
    history = planner.get("/norms/rules/?code=urban_not_managed").context["history"]
    assert [t["norm"].rule["count"] for t in history] == [6, 5]


def test_the_page_of_a_village(at: Any, cast: Any) -> None:
    client, path, today = cast.office.client, f"/norms/places/{at['V1'].id}/", day_of(timezone.now())
    count = {"do": "count", "count-day": str(today), "count-source": "Town", "count-households": "310",
             "count-guards": "4", "count-groups": "6"}
    assert client.post(path, {**count, "count-households": ""}).status_code == 422
    assert client.post(path, count).status_code == 302
    contract = {"do": "contract", "id": str(new_id()), "c-kind": "adviser", "c-number": "LA-9", "c-body": "Law firm",
                "c-terms": "Advice", "c-from_day": str(today), "c-until": str(today + timedelta(days=300)),
                "c-payments": "2", "c-amount": "700", "c-first_due": str(today), "c-months": "6"}
    assert client.post(path, contract).status_code == 302
    assert client.post(path, {"do": "done", "item": "patrol_team", "version": "0"}).status_code == 302
    assert client.post(path, {"do": "office", "version": "1", "office-place": "Hall", "office-name": "Desk",
                              "office-phone": "555-0100"}).status_code == 302
    shown = client.post(path, {"do": "show", "reason": "To call"})
    assert "555-0100" in shown.content.decode() and "555-0100" not in client.get(path).content.decode()
    page = client.get(path)
    assert {c.item.code for c in page.context["checked"] if c.done} == {
        "safety_office", "guards", "legal_adviser", "patrol_team"} | (
        {"village_officer"} if page.context["known"].count.officers else set())
    made = Contract.objects.get()
    payment = made.payments.order_by("due").first()
    paid = {"do": "paid", "payment": str(payment.id), "version": "1"}
    assert client.post(f"/norms/contracts/{made.id}/", paid).status_code == 302
    assert client.post(f"/norms/contracts/{made.id}/", paid).status_code == 409
    assert client.post(f"/norms/contracts/{made.id}/", {"do": "end", "version": "1", "on": ""}).status_code == 422
    row = client.get("/villages/").context["rows"][0]
    assert (row["guards"].have, row["adviser"].state, row["late"]) == (4, "running", 0)
    assert "LA-9" not in client.get("/villages/export.csv").content.decode()


def test_a_locality_is_entered_changed_and_closed_on_the_pages(at: Any, cast: Any) -> None:
    client = cast.office.client
    said = {"id": str(new_id()), "zh": "新村", "en": "New village", "code": "N1", "kind": "village", "area": "t/1/a/"}
    assert client.post("/norms/places/new/", {**said, "area": "x/"}).status_code == 422
    path = client.post("/norms/places/new/", said).headers["Location"]
    change = {f"row-{name}": value for name, value in said.items()}
    assert "row-code" in client.get(path).content.decode()
    assert client.post(path, {"do": "row", "version": "1", **change, "row-code": "C1"}).status_code == 422
    assert client.post(path, {"do": "row", "version": "1", **change, "row-zh": "新新村"}).status_code == 302
    assert "新新村" in client.get("/villages/").content.decode()
    assert client.post(path, {"do": "close", "version": "2"}).status_code == 302
    assert "新新村" not in client.get("/villages/").content.decode()
    assert "新新村" in client.get(path).content.decode()


def test_the_same_by_api(at: Any, cast: Any) -> None:
    today = day_of(timezone.now())

    def call(who: str, method: str, path: str, body: Any = None) -> Any:
        answer = getattr(cast, who).client.generic(method, f"/api{path}", json.dumps(body or {}),
                                                   content_type="application/json")
        assert answer.status_code == 200, answer.content
        return answer.json()

    gaps = call("planner", "GET", "/norms/gaps?kind=village")
    assert {(g["norm"], g["short"]) for g in gaps} == {
        ("village_guards", 2), ("villagers_group_contact", 1), ("village_officer", 0)}
    id = str(new_id())
    draft = {"id": id, "code": "urban_not_managed", "from_day": str(today), "reason": "Nights", "count": 5,
             "additions": [[1500, 1], [2000, 2]], "reading": "on_top", "guard_year_cost": 10}
    assert call("planner", "POST", "/norms", draft)["rule"]["reading"] == "on_top"
    effect = call("planner", "GET", f"/norms/{id}/effect")
    assert [(c["code"], c["before"], c["after"]) for c in effect["changes"]] == [("C3", 7, 8)]
    assert effect["costs"][0]["shares"] == [{"payer": "district", "amount": 6}, {"payer": "street", "amount": 4}]
    key = {"version": 1, "key": str(new_id())}
    assert [call("centre", "POST", f"/norms/{id}/approve", key)["state"] for _ in range(2)] == ["approved"] * 2
    assert len(call("planner", "GET", "/norms?code=urban_not_managed")) == 2
    village = at["V1"].id
    counted = {"day": str(today), "households": 320, "source": "Town", "guards": 3}
    assert call("office", "POST", f"/localities/{village}/counts", counted)["households"] == 320
    contract = {"id": str(new_id()), "kind": "security", "number": "ZB-9", "body": "Company", "terms": "Patrols",
                "from_day": str(today), "until": str(today + timedelta(days=20)),
                "payments": [{"due": str(today), "amount": 5}]}
    made = call("office", "POST", f"/localities/{village}/contracts", contract)
    assert made["state"] == "ending"
    assert [d["what"] for d in call("planner", "GET", "/contracts/due")] == ["payment", "ending"]
    payment = made["payments"][0]["id"]
    paid = {"on": str(today), "version": 1}
    slip = cast.office.client.post(f"/api/payments/{payment}/paid", {"version": 1}, content_type="application/json")
    assert slip.status_code == 422  # to leave the day out takes nothing back
    assert call("office", "POST", f"/payments/{payment}/paid", paid)["paid_on"] == str(today)
    ended = {"on": str(today), "reason": "Bad work", "version": 1}
    assert call("office", "POST", f"/contracts/{made['id']}/end", ended)["state"] == "ended"
    call("office", "POST", f"/localities/{village}/items", {"item": "mediation", "done": True, "version": 0})
    call("office", "PUT", f"/localities/{village}/office", {"place": "Hall", "name": "Desk", "phone": "1",
                                                            "version": 1})
    assert call("office", "POST", f"/localities/{village}/contact/show", {"reason": "x"}) == [
        {"name": "Desk", "phone": "1"}]
    assert {row["code"] for row in call("planner", "GET", "/localities")} == set(at)


def test_the_page_of_a_norm_in_force_says_what_it_asks_and_where(at: Any, cast: Any) -> None:
    client = cast.planner.client
    norm = next(n for n in facts.in_force(day_of(timezone.now())) if n.code == "urban_not_managed")
    assert f"/norms/rules/{norm.id}/" in client.get("/norms/rules/").content.decode()
    page = client.get(f"/norms/rules/{norm.id}/").content.decode()
    assert 'data-sum="need">12<' in page and 'data-sum="short">6<' in page  # C1 needs 5 and C3 7; there are 4 and 2
    assert "C1 村" in page and "C3 村" in page and "C2 村" not in page and "七个防控区" in page
    whole = next(n for n in facts.in_force(day_of(timezone.now())) if n.rule["kind"] == "district")
    assert "城市边缘" in client.get(f"/norms/rules/{whole.id}/").content.decode()
