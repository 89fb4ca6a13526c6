"""Discipline with the right to be heard; corrections; what is sealed stays sealed."""
from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from shouwang.desk.brigades import actions, facts
from shouwang.desk.brigades.models import Case, Correction, Member
from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.log.reasons import read_reasons
from shouwang.desk.log.retention import delete_due
from shouwang.desk.log.seal import keys
from shouwang.desk.people.models import User
from tests.desk.conftest import Person

pytestmark = pytest.mark.django_db
GROUNDS, STATEMENT = "left the north gate alone", "my child was ill"


@pytest.fixture
def row(taken: Callable[..., Member]) -> Member:
    return taken()


@pytest.fixture
def case(row: Member, cast: Any, clock: Any) -> Case:
    return actions.propose(actor=cast.squad.actor, now=clock(), id=new_id(), member_id=row.id, breach="left_post",
                           day=date(2026, 11, 20), grounds=GROUNDS)


def me(row: Member) -> Person:
    return Person(User.objects.get(id=row.user))


def decide(case: Case, cast: Any, clock: Any, by: str = "hr", **given: Any) -> Case:
    return actions.decide(**{"actor": getattr(cast, by).actor, "now": clock(), "case_id": case.id, "measure": "warning",
                             "decision": "stands", "version": case.version} | given)


def test_nothing_is_decided_before_the_member_was_heard(case: Case, row: Member, cast: Any, clock: Any) -> None:
    with pytest.raises(Conflict) as error:
        decide(case, cast, clock)
    assert error.value.code == "hearing"
    heard = actions.hear(actor=me(row).actor, now=clock(), case_id=case.id, statement=STATEMENT, version=1)
    with pytest.raises(Refused) as error:
        decide(heard, cast, clock, by="squad")
    assert error.value.code == "two_people"
    done = decide(heard, cast, clock)
    assert (done.state, done.measure, done.decided_by) == ("decided", "warning", cast.hr.actor.id)
    with pytest.raises(Conflict):
        actions.hear(actor=me(row).actor, now=clock(), case_id=case.id, statement="more", version=done.version)


def test_who_lets_the_time_pass_is_decided_on(case: Case, cast: Any, clock: Any) -> None:
    clock.forward(days=5, seconds=1)
    assert decide(case, cast, clock).state == "decided"


def test_a_dismissal_ends_all_access_with_the_decision(case: Case, row: Member, cast: Any, clock: Any) -> None:
    client = me(row).client
    clock.forward(days=6)
    decide(case, cast, clock, measure="dismissal")
    left = Member.objects.get(id=row.id)
    assert (left.left_why, User.objects.get(id=row.user).is_active) == ("dismissed", False)
    assert client.get("/me/record/").status_code == 302


def test_who_may_not_and_whom_it_concerns(case: Case, row: Member, cast: Any, clock: Any,
                                          taken: Callable[..., Member]) -> None:
    other = taken()
    with pytest.raises(Missing):  # neither one's own nor in one's areas
        actions.hear(actor=me(other).actor, now=clock(), case_id=case.id, statement="x", version=1)
    with pytest.raises(Missing):
        actions.withdraw(actor=cast.stranger.actor, now=clock(), case_id=case.id, version=1)
    officer = taken("S1", "police", username="squad")
    with pytest.raises(Refused):
        actions.propose(actor=cast.squad.actor, now=clock(), id=new_id(), member_id=officer.id, breach="late",
                        day=date(2026, 11, 20), grounds="x")
    with pytest.raises(Missing):
        actions.praise(actor=cast.planner.actor, now=clock(), id=new_id(), member_id=row.id, kind="idea",
                       day=date(2026, 11, 1), reference="x")
    assert actions.withdraw(actor=cast.hr.actor, now=clock(), case_id=case.id, version=1).state == "withdrawn"


def test_words_lie_sealed_and_are_opened_for_a_reason_that_is_kept(case: Case, row: Member, cast: Any,
                                                                   clock: Any) -> None:
    assert GROUNDS.encode() not in bytes(Case.objects.get().grounds)
    assert not [e for e in Event.objects.all() if GROUNDS in json.dumps(e.payload)]
    page = cast.squad.client.get(f"/members/{row.id}/").content.decode()
    assert GROUNDS not in page
    with pytest.raises(Refused):
        actions.read_words(actor=cast.squad.actor, now=clock(), member_id=row.id, because=" ")
    said = actions.read_words(actor=cast.squad.actor, now=clock(), member_id=row.id, because="the decision is due")
    assert said.cases[case.id] == (GROUNDS, "", "")
    shown = Event.objects.get(kind="member.words_shown")
    assert read_reasons([shown.id]) == {str(shown.id): "the decision is due"}
    assert GROUNDS in cast.squad.client.post(f"/members/{row.id}/", {"do": "words", "reason": "x"}).content.decode()


def test_a_member_sees_takes_and_corrects_the_own_record(case: Case, row: Member, teach: Any, cast: Any, clock: Any,
                                                         ) -> None:  # fmt: skip
    mine = me(row)
    by: dict[str, Any] = {"actor": cast.hr.actor, "now": clock()}
    vest = actions.issue(**by, id=new_id(), member_id=row.id, gear="vest", number="V7", day=date(2026, 3, 1))
    actions.give_back(**by, issue_id=vest.id, how="good", day=date(2026, 11, 20))
    teach(row, taught=("law",), passed=False)
    assert GROUNDS in mine.client.get("/me/record/").content.decode()
    told = json.loads(mine.client.get("/me/record/export.json").content)
    assert (told["member"]["badge"], told["discipline"][0]["grounds"]) == (row.badge, GROUNDS)
    assert mine.client.get("/api/me/record").json()["member"] == told["member"]
    table = mine.client.get("/me/record/export.csv").content.decode()
    assert GROUNDS in table
    assert ",反光背心 V7,已交还 2026-11-20 完好\r\n" in table
    assert ",法律,岗前 / 4 小时 / 不合格\r\n" in table
    assert mine.client.get("/me/record/export.xlsx").content[:2] == b"PK"
    fresh = new_id()
    for _ in range(2):  # the second is a retry
        mine.client.post("/me/record/", {"do": "ask", "fresh": fresh, "ask-about": "name", "ask-text": "It is Lee."})
    asked = Correction.objects.get()
    assert [c.id for c in facts.to_answer(("t/",))] == [asked.id]
    answer: dict[str, Any] = {"actor": cast.squad.actor, "now": clock(), "correction_id": asked.id, "mended": True}
    with pytest.raises(Refused):
        actions.answer_correction(**answer, answer="")
    actions.answer_correction(**answer, answer="Done.")
    with pytest.raises(Conflict):
        actions.answer_correction(**answer, answer="Again.")
    page = mine.client.get("/me/record/").content.decode()
    assert "It is Lee." in page
    assert "Done." in page
    assert cast.nobody.client.get("/me/record/export.json").status_code == 404


def test_records_go_some_years_after_the_member_left(case: Case, row: Member, cast: Any, clock: Any) -> None:
    actions.leave(actor=cast.hr.actor, now=clock(), member_id=row.id, version=1, why="wish", because="x")
    delete_due(clock.forward(days=730))
    assert Member.objects.exists()
    delete_due(clock.forward(days=2))
    assert not Member.objects.exists()
    assert keys().get(str(case.id)) is None
