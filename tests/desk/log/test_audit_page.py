"""The audit pages: who did and saw what, filters, export, reasons, holds, and that looking is itself logged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from shouwang.desk.log.actor import system
from shouwang.desk.log.models import Event, Hold
from shouwang.desk.log.writing import writing

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


@pytest.fixture
def auditor(cast: Any, town: Any) -> Client:
    """The auditor of t/, with a log of four entries behind them, reading English."""
    dispatcher, unit = cast.dispatcher, town.units["P01"]
    with writing(actor=system("worker"), now=NOW) as log:
        log.append("unit.moved", subject=("unit", unit.id), area="t/1/a/", payload={"old": "available", "new": "busy"})
        log.append("import.done", subject=("areas", "all"))
    with writing(actor=dispatcher.actor, now=NOW + timedelta(hours=1)) as log:
        log.append(
            "call.revealed",
            subject=("call", "018f0000-0000-7000-8000-00000000000a"),
            area="t/2/b/",
            payload={"field": "number"},
            reason="line went dead",
        )
    with writing(actor=cast.stranger.actor, now=NOW + timedelta(hours=2)) as log:
        log.append("unit.moved", subject=("unit", "not-a-uuid"), area="x/", payload={})
    client: Client = cast.auditor.client
    client.cookies["django_language"] = "en"
    return client


def kinds(client: Client, query: str = "") -> list[str]:
    return [line.kind for line in client.get(f"/audit/{query}").context["lines"]]


def test_entries_read_in_words_with_their_reasons(auditor: Client) -> None:
    page = auditor.get("/audit/").content.decode()
    assert "line went dead" in page
    assert "Dispatcher" in page
    assert "P01" in page
    assert "Community B" in page
    assert "before: Available" in page
    assert "after: On a call" in page or "after: Busy" in page


def test_ids_and_codes_inside_an_entry_read_as_names(auditor: Client, cast: Any, town: Any) -> None:
    with writing(actor=cast.dispatcher.actor, now=NOW + timedelta(hours=3)) as log:
        log.append("unit.clocked_on", subject=("unit", town.units["P01"].id), area="t/1/a/", payload={
            "user": str(cast.member.user.id), "drill": False, "assignment": "018f0000-0000-7000-8000-00000000000b"})
        log.append("call.taken", subject=("call", "018f0000-0000-7000-8000-00000000000a"), area="t/2/b/", payload={
            "type": "200100", "services": ["police", "fire"], "source": "alarm", "state": "waiting"})
    taken, clocked = (line.details for line in auditor.get("/audit/").context["lines"][:2])
    assert clocked == "account: Member"
    assert taken == "services: Police, Fire; source: Alarm; state: Waiting for dispatch; type: Fight"


def test_other_areas_stay_closed(auditor: Client, cast: Any) -> None:
    assert all(line.area.startswith("t/") or not line.area for line in auditor.get("/audit/").context["lines"])
    theirs = cast.stranger.client.get("/audit/").context["lines"]
    assert theirs
    assert all(line.area.startswith("x/") for line in theirs), "entries of the whole centre are for its own auditor"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?kind=call.", ["call.revealed"]),
        ("?kind=unit.moved", ["unit.moved"]),
        ("?actor=dispatcher&kind=call.", ["call.revealed"]),
        ("?actor=nobody+at+all", []),
        ("?area=t/1/", ["unit.moved"]),
        ("?subject_kind=areas", ["import.done"]),
        ("?subject=018f0000-0000-7000-8000-00000000000a", ["call.revealed"]),
        ("?since=2026-11-21T22:30&until=2026-11-21T23:30", ["call.revealed"]),  # the district's zone is UTC+8
        ("?since=nonsense&kind=call.", ["call.revealed"]),
        ("?before=2&kind=unit.", ["unit.moved"]),
        ("?before=1", []),
    ],
)
def test_filters(auditor: Client, query: str, expected: list[str]) -> None:
    assert kinds(auditor, query) == expected


def test_looking_is_logged_without_the_name_that_was_typed(auditor: Client, cast: Any) -> None:
    auditor.get("/audit/?actor=Somebody&kind=call.")
    seen = Event.objects.get(kind="audit.seen")
    assert (seen.actor, seen.payload) == (str(cast.auditor.user.id), {"kind": "call."})


def test_export_is_logged_and_holds_no_sealed_words(auditor: Client) -> None:
    answer = auditor.get("/audit/export.csv?kind=call.")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "call.revealed" in text
    assert "line went dead" not in text
    assert Event.objects.filter(kind="audit.exported").count() == 1


def test_paging_goes_back_through_the_whole_log(auditor: Client, cast: Any) -> None:
    with writing(actor=system("worker"), now=NOW) as log:
        for n in range(230):
            log.append("unit.moved", subject=("unit", n), area="t/1/", payload={})
    found, query = [], "?kind=unit.&area=t/1/"
    while True:
        context = auditor.get(f"/audit/{query}").context
        found += [line.seq for line in context["lines"]]
        if not context["older"]:
            break
        query = f"?kind=unit.&area=t/1/&before={context['older']}"
    assert len(found) == len(set(found)) == 231
    assert found == sorted(found, reverse=True)


def test_the_button_verifies_the_log_and_names_the_break(auditor: Client) -> None:
    assert "The log is whole" in auditor.post("/audit/verify/").content.decode()
    Event.objects.filter(seq=2).update(actor="somebody")
    page = auditor.post("/audit/verify/").content.decode()
    assert "An entry was altered" in page
    assert "First broken entry: 2" in page
    assert Event.objects.filter(kind="audit.verified").count() == 2
    assert auditor.get("/audit/verify/").status_code == 405


def test_a_hold_is_set_and_ended_on_the_page(auditor: Client) -> None:
    until = (timezone.now() + timedelta(days=20)).date().isoformat()
    data = {"subject_kind": "call", "subject": "", "until": until, "reason": "order of the court"}
    assert auditor.post("/audit/holds/", {**data, "reason": ""}).status_code == 422
    assert auditor.post("/audit/holds/", {**data, "until": "soon"}).status_code == 422
    page = auditor.post("/audit/holds/", data).content.decode()
    assert "order of the court" in page
    hold = Hold.objects.get()
    assert hold.subject == "*"
    auditor.post("/audit/holds/", {"end": str(hold.id), "reason": "lifted"})
    assert Hold.objects.get().until <= timezone.now() + timedelta(seconds=2)
