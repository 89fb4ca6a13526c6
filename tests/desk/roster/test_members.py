"""Whom a roster may plan for, and what each counts for: by the ledger, else by the register of brigades."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from shouwang.desk.brigades.models import Member, Team
from shouwang.desk.people.models import Grant, User
from shouwang.desk.roster import pages
from shouwang.desk.roster.advice import asking
from shouwang.desk.roster.terms import Chosen, Needed, Together

MONDAY = date(2026, 12, 7)
ROLES = {"police": "patrol_officer", "full_time_guard": "guard", "property_guard": "guard", "volunteer": "volunteer"}


@pytest.fixture
def register(town: Any) -> Callable[..., str]:
    """`register("police")`: somebody of the register who never clocked on."""
    team = Team.objects.create(code="B1", rank="team_urban", area="t/1/a/", zh="队", en="Team")

    def registered(kind: str, **more: Any) -> str:
        n = Member.objects.count()
        user = User.objects.create(username=f"reg{n}", name=f"Registered {n}")
        Grant.objects.create(user=user, role_id=ROLES[kind], area="t/1/a/")
        Member.objects.create(user=user.id, team=team, kind=kind, badge=f"R{n}", since=MONDAY, **more)
        return str(user.id)

    return registered


def served() -> dict[str, str]:
    return {m.id: service for m, service in asking.members("t/1/")}


def test_who_never_clocked_on_counts_by_their_kind_in_the_register(crew: list[str], register: Any, town: Any,
                                                                   cast: Any) -> None:  # fmt: skip
    from shouwang.desk.units.models import Duty

    kinds = {register(kind): service for kind, service in (("police", "police"), ("full_time_guard", "guard"),
                                                           ("property_guard", "guard"))}  # fmt: skip
    assert {user: served()[user] for user in kinds} == kinds
    guard = next(user for user, service in kinds.items() if service == "guard")
    Duty.objects.create(unit=town.units["P01"], user=guard, on_at=town.now, off_at=town.now)
    assert served()[guard] == "police"  # the ledger goes before the register
    page = cast.planner.client.get(f"/rosters/new/?area=t/1/&first={MONDAY}&days=7").content.decode()
    row = page.split(f'data-id="{next(iter(kinds))}"')[1].split("</tr>")[0]
    assert " checked" in row
    assert '<option value="police" selected>' in row


def test_who_has_left_the_brigades_counts_for_nothing_of_theirs(register: Any, town: Any, cast: Any) -> None:
    gone = register("property_guard", left_at=town.now)
    assert served()[gone] == ""


def test_where_more_count_than_a_roster_holds_those_who_never_clocked_on_are_left_to_the_planner(
    crew: list[str], register: Any, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = register("property_guard")
    monkeypatch.setattr(pages, "MOST_PEOPLE", 6)
    page = cast.planner.client.get(f"/rosters/new/?area=t/1/&first={MONDAY}&days=7").content.decode()
    rows = {user: page.split(f'data-id="{user}"')[1].split("</tr>")[0] for user in (guard, crew[0])}
    assert {user: " checked" in row for user, row in rows.items()} == {guard: False, crew[0]: True}
    assert 'id="too-many"' in page


def test_volunteers_of_the_register_are_offered_and_named(crew: list[str], register: Any, ask: Any, enter: Any,
                                                          cast: Any) -> None:  # fmt: skip
    volunteer, closed = register("volunteer"), register("volunteer")
    User.objects.filter(id=closed).update(is_active=False)
    assert served()[volunteer] == "volunteer"
    assert closed not in served()
    enter(volunteer, "away", 3)
    url = f"/rosters/new/?area=t/1/&first={MONDAY}&days=7"
    cast.planner.client.cookies["django_language"] = "zh-hans"
    page = cast.planner.client.get(url).content.decode()
    assert "/volunteer" not in page
    assert ">平安志愿者<" in page
    roster = ask(people=(*(Chosen(i, "police") for i in crew), Chosen(volunteer, "volunteer")),
                 needs=(Needed("police", "07:00", 1, 1),), gaps=True,
                 together=(Together("07:00", 1, 0, ("police", "guard|volunteer")),))  # fmt: skip
    assert roster.given["people"][-1]["kind"] == "volunteer"


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "公安 + 巡防/平安志愿者"),
                                                 ("en", "Police + Community patrol/Volunteers")])
def test_every_service_has_a_name_in_both_languages(language: str, words: str, db: Any) -> None:
    from shouwang.desk.units.models import UnitKind

    with translation.override(language):
        assert pages.together_words("police+guard|volunteer") == words
        codes = {*UnitKind.objects.values_list("service", flat=True), "volunteer", "desk"}
        assert codes <= set(pages.service_names(codes))


def test_more_people_take_no_more_questions(crew: list[str], register: Any, cast: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            pages.form(cast.planner.actor, "t/1/", MONDAY, 7)
        return len(seen)

    for kind in ROLES:
        register(kind)
    asked()
    few = asked()
    for kind in ROLES:
        register(kind)
        register(kind)
    assert asked() == few
