"""Who quarrels and what was said: opened for a reason by who may, logged, and nowhere else."""
from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.db.models import BinaryField
from docx import Document
from pypdf import PdfReader

from shouwang.desk.log import retention
from shouwang.desk.log.errors import Conflict, Denied, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.reasons import read_reasons
from shouwang.desk.log.seal import keys
from shouwang.desk.mediation import actions
from shouwang.desk.mediation.layouts import filled
from shouwang.desk.mediation.models import AgreementTemplate, Mediation, Party
from shouwang.desk.mediation.terms import NewParty

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreed(session: Any, hold: Any, move: Any) -> Any:
    row = session()
    hold(row)
    return move(row, "d_agree")


def opened(who: Any, row: Any, now: Any, reason: str = "Prepare a session", **given: Any) -> Any:
    return actions.open_case(actor=who.actor, now=now, mediation_id=row.id, reason=reason, **given)


def test_who_quarrels_opens_for_a_reason_that_is_kept(agreed: Any, cast: Any, clock: Any, manager: Any,
                                                      secrets: list[str]) -> None:
    found = opened(cast.mediator, agreed, clock())
    assert [(p.side, p.name, p.phone) for p in found.parties] == [
        ("a", "Wanda Kowalczyk", "314-555-0148"), ("b", "Elm Street Bakery", "")]
    assert [w.kind for w in found.words] == ["account", "minutes"] and found.terms == "A filter by 1 December."
    event = events_of("mediation", agreed.id)[-1]
    assert (event.kind, event.actor) == ("mediation.revealed", cast.mediator.actor.id)
    assert retention.is_access(event.kind)
    assert read_reasons([event.id]) == {event.id: "Prepare a session"}
    assert opened(manager, agreed, clock()).terms
    with pytest.raises(Refused) as told:
        opened(cast.mediator, agreed, clock(), " ")
    assert told.value.field == "reason"


def test_nobody_else_opens_it(case: Any, move: Any, take: Any, cast: Any, clock: Any, colleague: Any, manager: Any,
                              ) -> None:
    row = case(by="grid")
    everybody = ("grid", "office", "clerk", "centre", "mediator", "colleague", "manager", "handler", "dispatcher",
                 "admin", "auditor", "stranger")

    def may() -> set[str]:
        found = set()
        for name in everybody:
            try:
                opened(getattr(cast, name), row, clock())
            except Refused:
                continue
            except Denied:
                continue
            found.add(name)
        return found

    assert may() == {"grid", "office", "clerk", "centre", "mediator", "colleague", "manager"}  # while it is sorted
    move(row, "d_judge", "clerk")
    move(row, "d_route", "clerk")
    assert may() == {"mediator", "colleague", "manager"}  # who may take it
    take(row)
    assert may() == {"mediator", "manager"}


def test_each_opening_is_written_down_whatever_key_is_sent(agreed: Any, cast: Any, clock: Any, case: Any) -> None:
    """A retry within minutes is the same opening; a key of something else, or an old one, opens nothing."""
    key, before = new_id(), len(events_of("mediation", agreed.id))
    for _ in range(2):
        opened(cast.mediator, agreed, clock(), key=key)
    assert len(events_of("mediation", agreed.id)) == before + 1
    other = case()
    first = events_of("mediation", other.id)[0]
    with pytest.raises(Conflict):
        opened(cast.mediator, agreed, clock(), key=first.id)
    clock.forward(hours=1)
    with pytest.raises(Conflict):
        opened(cast.mediator, agreed, clock(), key=key)
    assert len(events_of("mediation", agreed.id)) == before + 1


def test_nothing_sealed_stands_anywhere_else(agreed: Any, cast: Any, clock: Any, move: Any, secrets: list[str]) -> None:
    move(agreed, "d_visit", how="spot", performed="yes", note="It runs well")
    who = cast.mediator.actor
    actions.remark(actor=who, now=clock(), mediation_id=agreed.id, text="Wanda Kowalczyk moved away")
    stored = "".join(serialize("json", m.objects.all()) for m in apps.get_models() if m._meta.app_label != "people")
    rows = [row for m in apps.get_models() if m._meta.app_label in ("mediation", "log") for row in m.objects.all()]
    kept = b"".join(bytes(getattr(r, f.attname) or b"") for r in rows for f in r._meta.concrete_fields
                    if isinstance(f, BinaryField))
    assert len(kept) > 500 and not [s for s in secrets if s.encode() in kept]
    pages = ["/mediation/?show=all", "/mediation/list/?show=all", f"/mediation/{agreed.id}/",
             "/mediation/export.csv?show=all", "/mediation/figures/", "/mediation/screening/",
             "/api/mediations?show=all", f"/api/mediations/{agreed.id}", "/api/mediations?show=all&q=Kowalczyk",
             "/mediation/?show=all&text=Kowalczyk"]
    answers = {path: cast.mediator.client.get(path) for path in pages}
    assert {a.status_code for a in answers.values()} == {200}
    texts = {path: a.content.decode() for path, a in answers.items()} | {"tables": stored}
    for path, text in texts.items():
        text = text.replace('value="Kowalczyk"', "")
        assert not [s for s in secrets if s in text], path
    assert agreed.number in texts["/mediation/?show=all"]
    assert answers["/api/mediations?show=all&q=Kowalczyk"].json()["count"] == 0  # no search by name
    assert "Wanda" not in str([e.payload for e in events_of("mediation", agreed.id)])


def test_parties_are_added_and_taken_away_until_the_agreement(session: Any, hold: Any, move: Any, cast: Any, clock: Any,
                                                             ) -> None:
    row, who, id = session(), cast.mediator.actor, new_id()
    new = NewParty("b", "person", "Bill Baker", id=id)
    for _ in range(2):
        actions.add_party(actor=who, now=clock(), mediation_id=row.id, new=new)
    assert Party.objects.filter(mediation=row).count() == 3
    actions.drop_party(actor=who, now=clock(), mediation_id=row.id, party_id=id, reason="Only an employee")
    assert [p.name for p in opened(cast.mediator, row, clock()).parties] == ["Wanda Kowalczyk", "Elm Street Bakery"]
    for bad, field in ((NewParty("c", "person", "x"), "side"), (NewParty("a", "cat", "x"), "kind"),
                       (NewParty("a", "person", " "), "name"), (NewParty("a", "person", "x", "1" * 31), "phone")):
        with pytest.raises(Refused) as told:
            actions.add_party(actor=who, now=clock(), mediation_id=row.id, new=bad)
        assert told.value.field == field
    with pytest.raises(Denied):
        actions.add_party(actor=cast.clerk.actor, now=clock(), mediation_id=row.id, new=new)
    hold(row)
    move(row, "d_agree")
    with pytest.raises(Conflict):
        actions.add_party(actor=who, now=clock(), mediation_id=row.id, new=NewParty("a", "person", "Late"))


def test_a_centre_has_layouts_of_its_own_and_words_are_never_read_as_one(agreed: Any, cast: Any, clock: Any,
                                                                        monkeypatch: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", clock)
    admin, path = cast.admin.client, "/settings/agreement-templates/new/"
    data = {"code": "AT02", "zh": "噪声纠纷协议", "en": "Noise agreement", "kinds": [agreed.kind_id], "active": "on",
            "text_zh": "编号 {number}\n# 双方约定\n{terms}\n\n{day}", "text_en": "# We agree\n{terms}",
            "reason": "agreed"}
    for wrong, said in (({"text_en": "{terms} {name} {phone}"}, "{name}, {phone}"), ({"text_zh": "# 约定"}, "{terms}"),
                        ({"kinds": ["X"]}, "X"), ({"code": "at 2"}, "AT02")):
        refused = admin.post(path, data | wrong)
        assert refused.status_code == 422 and said in str(refused.context["form"].errors), wrong
    assert admin.post(path, data).status_code == 302
    client, url = cast.mediator.client, f"/mediation/{agreed.id}/agreement/"

    def lines() -> list[str]:
        sent = {"as": "docx", "reason": "Write it"}
        return [p.text for p in Document(BytesIO(client.post(url, sent).content)).paragraphs]

    made = lines()
    assert made[0] == "噪声纠纷协议" and "双方约定" in made and f"编号 {agreed.number}" in made
    said = {"terms": "# 一\n{account}", "account": "x"}
    assert filled(AgreementTemplate(text_zh="# 约定\n{terms}", text_en=""), said) == (("约定", ("# 一", "{account}")),)
    AgreementTemplate.objects.filter(code="AT02").update(kinds=["D99"])
    assert lines()[0] == "调解协议书"
    AgreementTemplate.objects.update(active=False)
    assert lines()[0] == "调解协议书"  # never without one


def test_the_agreement_is_a_document_with_blank_signatures(agreed: Any, cast: Any, clock: Any, monkeypatch: Any,
                                                           ) -> None:
    monkeypatch.setattr("django.utils.timezone.now", clock)
    path, before = f"/mediation/{agreed.id}/agreement/", len(events_of("mediation", agreed.id))
    client = cast.mediator.client
    assert client.post(path, {"as": "docx", "reason": ""}).status_code == 422
    assert client.get(path).status_code == 405
    answer = client.post(path, {"as": "docx", "reason": "Write the agreement"}, headers={"Accept-Language": "en"})
    document = Document(BytesIO(answer.content))
    text = "\n".join(p.text for p in document.paragraphs)
    assert agreed.number in text and "A filter by 1 December." in text and "Flour dust" in text
    parties, signs = document.tables
    assert [c.text for c in parties.rows[1].cells][2:4] == ["Wanda Kowalczyk", "314-555-0148"]
    assert len(signs.rows) == 2 + 3 and {row.cells[1].text for row in signs.rows} == {""}
    answer = client.post(path, {"as": "pdf", "reason": "Keep it"})
    text = "\n".join(p.extract_text() for p in PdfReader(BytesIO(answer.content)).pages)
    for word in (agreed.number, "Wanda Kowalczyk", "314-555-0148", "A filter by 1 December.", "调解组织（盖章）"):
        assert word in text, word
    given = {"reason": "By the interface", "kind": "pdf"}
    sent = client.post(f"/api/mediations/{agreed.id}/agreement/file", given, "application/json")
    assert (sent.status_code, sent["Content-Type"], sent.content[:5]) == (200, "application/pdf", b"%PDF-")
    page = client.post(path, {"as": "page", "reason": "Write the agreement"}).content.decode()
    assert "Wanda Kowalczyk" in page and page.count("<td></td><td>") == 5
    assert [e.payload.get("paper") for e in events_of("mediation", agreed.id)[before:]] == [True] * 4
    assert cast.clerk.client.post(path, {"as": "page", "reason": "x"}).status_code == 403


def test_parties_and_minutes_go_after_three_years_and_figures_stay(agreed: Any, move: Any, cast: Any, clock: Any,
                                                                  case: Any) -> None:
    move(agreed, "d_visit", how="spot", performed="yes", note="Runs")
    move(agreed, "d_file")
    open_ = case()
    clock.forward(days=1094)
    assert actions.sealed_due(clock()) == 0
    clock.forward(days=2)
    held = retention.hold(actor=cast.auditor.actor, now=clock(), subject_kind="mediation", subject=str(agreed.id),
                          reason="Suit", until=clock() + timedelta(days=30))
    assert actions.sealed_due(clock()) == 0
    retention.end_hold(actor=cast.auditor.actor, now=clock.forward(minutes=1), hold_id=held.id, reason="Over")
    assert actions.sealed_due(clock()) == 1 == Mediation.objects.exclude(sealed_deleted_at=None).count()
    assert keys().get(str(agreed.id)) is None and keys().get(str(open_.id)) is not None
    assert not Party.objects.filter(mediation=agreed).exists()
    with pytest.raises(Refused):
        opened(cast.mediator, agreed, clock())
    assert Mediation.objects.get(id=agreed.id).performed == "yes"
    assert actions.sealed_due(clock()) == 0


def test_the_api_opens_it_too_and_says_why_not(session: Any, cast: Any, monkeypatch: Any, clock: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", clock)
    row = session()

    def post(who: Any, what: str, **body: Any) -> Any:
        return who.client.post(f"/api/mediations/{row.id}/{what}", json.dumps(body), content_type="application/json")

    told = post(cast.mediator, "open", reason="Hold a session").json()
    assert told["parties"][0]["name"] == "Wanda Kowalczyk" and told["words"][0]["kind"] == "account"
    assert post(cast.clerk, "open", reason="x").status_code == 403
    assert post(cast.mediator, "open", reason="").status_code == 422
    session_ = {"id": str(new_id()), "held_at": clock().isoformat(), "lasted_min": 30, "where": "room",
                "all_present": True, "minutes": "They spoke."}
    assert post(cast.mediator, "sessions", **session_).json()["lasted_min"] == 30
    made = {"terms": "Quiet after ten.", "perform_by": "2026-12-01"}
    assert post(cast.mediator, "agreement", **made).json()["version"] == 1
    assert post(cast.mediator, "agreement", **made).status_code == 409
    assert post(cast.mediator, "agreement", **made, version=1).json()["version"] == 2
    assert post(cast.mediator, "move", transition="d_agree").json()["state"] == "agreed"
