"""Members from hiring to leaving: account, numbers, equipment, training before the first duty, attendance, import."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from shouwang.desk.brigades import actions, facts
from shouwang.desk.brigades.models import Issue, Member, Team, Training
from shouwang.desk.brigades.terms import Contract, Hired
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.people.models import Grant, Token, User
from shouwang.desk.places.actions import import_file
from shouwang.desk.places.uploads import take
from shouwang.desk.roster import facts as rosters
from shouwang.desk.roster.models import Roster, Turn
from shouwang.desk.units.actions import clock_on
from shouwang.desk.units.models import Duty
from shouwang.desk.workflow.zone import day_of
from tests.desk.conftest import Person

pytestmark = pytest.mark.django_db
Taken = Callable[..., Member]
DAY = date(2026, 3, 1)


def hired(**given: Any) -> Hired:
    return Hired(**{"name": "Li", "username": "li", "kind": "property_guard", "badge": "0100", "armband": "",
                    "since": DAY} | given)


def test_who_is_hired_gets_an_account_with_the_members_role_there(teams: dict[str, Team], cast: Any,
                                                                  clock: Any) -> None:
    asked: dict[str, Any] = {"actor": cast.hr.actor, "now": clock(), "id": new_id(), "team_id": teams["TA"].id,
                             "given": hired(), "of_age": True}
    taken = actions.hire(**asked)
    user = User.objects.get(username="li")
    assert (user.id, user.check_password(taken.password), user.password_given) == (taken.member.user, True, True)
    assert [(g.role_id, g.area) for g in Grant.objects.filter(user=user)] == [("guard", "t/1/a/")]
    again = actions.hire(**asked)
    assert (again.member.id, again.password, Member.objects.count()) == (taken.member.id, "", 1)
    assert "Li" not in str(Event.objects.get(kind="member.hired").payload)


@pytest.mark.parametrize(("given", "more", "field"), [
    ({"name": ""}, {}, "name"), ({"kind": "spy"}, {}, "kind"), ({"badge": "x" * 13}, {}, "badge"),
    ({}, {"of_age": False}, "of_age"),
    ({"since": date(2027, 1, 1)}, {}, "since"), ({"username": "hr"}, {}, "username"), ({"badge": "0001"}, {}, "badge"),
    ({"armband": "A1"}, {}, "armband"), ({"kind": "police", "username": "ghost"}, {}, "username"),
    ({"kind": "full_time_guard"}, {}, "contract_no"),
    ({"kind": "full_time_guard", "contract": Contract("C", DAY)}, {}, "applicant"),  # by public notice alone
    ({"contract": Contract("C", DAY, date(2026, 2, 1))}, {}, "contract_until"),
])  # fmt: skip
def test_what_is_wrong_with_a_hiring_is_said_at_its_field(teams: dict[str, Team], taken: Taken, cast: Any, clock: Any,
                                                          given: dict[str, Any], more: dict[str, Any],
                                                          field: str) -> None:
    taken()
    with pytest.raises(Refused) as error:
        actions.hire(**{"actor": cast.hr.actor, "now": clock(), "id": new_id(), "team_id": teams["TA"].id,
                        "given": hired(**given), "of_age": True} | more)
    assert (error.value.field, Member.objects.count(), User.objects.filter(username="li").exists()) == (field, 1, False)


def test_leaders_keep_members_but_do_not_hire_and_nobody_keeps_their_own_record(taken: Taken, teams: dict[str, Team],
                                                                                cast: Any, clock: Any) -> None:
    with pytest.raises(Denied):
        actions.hire(actor=cast.squad.actor, now=clock(), id=new_id(), team_id=teams["TA"].id, given=hired())
    mine = taken("S1", "police", username="squad")
    with pytest.raises(Refused) as error:
        actions.issue(actor=cast.squad.actor, now=clock(), id=new_id(), member_id=mine.id, gear="radio")
    assert error.value.code == "self"
    with pytest.raises(Refused) as error:  # nor a test of their own
        actions.teach(actor=cast.squad.actor, now=clock(), passed={str(mine.id): True, str(taken().id): True},
                      course="first", taught="law", day=DAY, hours=4)
    assert (error.value.code, Training.objects.count()) == ("self", 0)
    with pytest.raises(Missing):
        actions.issue(actor=cast.stranger.actor, now=clock(), id=new_id(), member_id=mine.id, gear="radio")


def test_access_ends_with_the_service_sessions_keys_and_duty_included(taken: Taken, teach: Any, town: Any, cast: Any,
                                                                      clock: Any) -> None:
    row = taken()
    teach(row)
    user = User.objects.get(id=row.user)
    client = Person(user).client
    assert client.get("/me/record/").status_code == 200
    Token.objects.create(user=user, name="x", hash="x" * 64, made_at=clock(), expires_at=clock() + timedelta(days=1))
    clock_on(actor=Person(user).actor, now=clock(), unit_id=town.units["G51"].id, user_id=user.id)
    held = actions.issue(actor=cast.hr.actor, now=clock(), id=new_id(), member_id=row.id, gear="radio", number="R9")
    asked: dict[str, Any] = {"actor": cast.hr.actor, "now": clock(), "member_id": row.id, "version": 1, "why": "wish"}
    with pytest.raises(Refused):
        actions.leave(**asked, because=" ")
    actions.leave(**asked, because="moves away")
    assert client.get("/me/record/").status_code == 302  # to the sign-in
    user.refresh_from_db()
    assert (user.is_active, user.tokens.count()) == (False, 0)
    assert not Duty.objects.filter(user=user.id, off_at=None).exists()
    kinds = {"member.left", "user.deactivated", "access.ended", "unit.clocked_off"}
    assert kinds <= set(Event.objects.filter(at=clock()).values_list("kind", flat=True))
    assert actions.give_back(actor=cast.hr.actor, now=clock(), issue_id=held.id, how="good").returned_how == "good"
    with pytest.raises(Conflict):
        actions.issue(actor=cast.hr.actor, now=clock(), id=new_id(), member_id=row.id, gear="torch")


def test_who_manages_accounts_is_not_shut_out_by_a_clerk(taken: Taken, cast: Any, clock: Any) -> None:
    row = taken("S1", "police", username="admin")
    with pytest.raises(Refused) as error:
        actions.leave(actor=cast.hr.actor, now=clock(), member_id=row.id, version=1, why="moved", because="x")
    assert (error.value.code, User.objects.get(username="admin").is_active) == ("admin", True)


def test_a_move_takes_the_role_along(taken: Taken, teams: dict[str, Team], cast: Any, clock: Any) -> None:
    row = taken()
    actions.move(actor=cast.hr.actor, now=clock(), member_id=row.id, team_id=teams["TB"].id, version=1)
    assert list(Grant.objects.filter(user=row.user).values_list("role", "area")) == [("guard", "t/2/b/")]
    with pytest.raises(Conflict):
        actions.move(actor=cast.hr.actor, now=clock(), member_id=row.id, team_id=teams["TA"].id, version=1)


def test_no_duty_before_law_duties_and_hazards_are_passed(taken: Taken, teach: Any, town: Any, clock: Any) -> None:
    row = taken()
    user = Person(User.objects.get(id=row.user))

    def on() -> Any:
        return clock_on(actor=user.actor, now=clock(), unit_id=town.units["G51"].id, user_id=row.user)

    teach(row, taught=("law", "duties"))
    teach(row, taught=("hazards",), passed=False)
    with pytest.raises(Refused) as error:
        on()
    assert error.value.code == "not_ready"
    teach(row, taught=("hazards",))
    assert str(on().id) == str(town.units["G51"].id)
    work = facts.certificate(row)
    assert (work.since, work.until, work.lacks) == (date(2026, 3, 2), date(2026, 3, 2) + timedelta(days=366), ())


def test_lists_say_what_is_due_and_are_in_order_of_numbers(taken: Taken, teach: Any, cast: Any, clock: Any) -> None:
    new, late, fine, ends = (taken() for _ in range(4))
    teach(late, fine, ends)
    Training.objects.filter(member=late).update(day=date(2025, 3, 1))
    actions.issue(actor=cast.hr.actor, now=clock(), id=new_id(), member_id=late.id, gear="armband", day=DAY,
                  expires_on=date(2026, 11, 20))
    actions.amend(actor=cast.hr.actor, now=clock(), member_id=ends.id, version=1, badge=ends.badge, armband="",
                  contract=Contract("C1", DAY, date(2026, 12, 1)))
    told = facts.member_facts(facts.members_in(("t/",), clock()), clock())
    assert [(m.badge, m.due) for m in told] == [
        ("0001", ("first",)), ("0002", ("yearly", "gear")), ("0003", ()), ("0004", ("contract",))]
    for code, badges in (("first", [new.badge]), ("yearly", [late.badge]), ("gear", [late.badge]),
                         ("contract", [ends.badge])):
        assert [m.badge for m in facts.members_in(("t/",), clock(), due=code)] == badges
    assert [m.badge for m in facts.members_in(("t/",), clock(), text="Member 3")] == [fine.badge]
    assert not facts.members_in(("x/",), clock()).exists()


def test_equipment_is_good_as_long_as_its_kind_and_comes_back_once(taken: Taken, cast: Any, clock: Any) -> None:
    row = taken()
    asked: dict[str, Any] = {"actor": cast.squad.actor, "now": clock(), "id": new_id(), "member_id": row.id}
    band = actions.issue(**asked, gear="armband", day=DAY)
    assert (band.expires_on, actions.issue(**asked, gear="armband", day=DAY).id) == (date(2027, 3, 1), band.id)
    assert actions.issue(**asked | {"id": new_id()}, gear="badge", day=DAY).expires_on is None
    back: dict[str, Any] = {"actor": cast.squad.actor, "now": clock(), "issue_id": band.id, "how": "worn"}
    actions.give_back(**back)
    with pytest.raises(Conflict):
        actions.give_back(**back)
    assert Issue.objects.filter(returned_on=None).count() == 1


def test_attendance_is_the_rosters_turns_met_by_the_duty_ledger(taken: Taken, town: Any, clock: Any) -> None:
    row = taken()
    roster = Roster.objects.create(area="t/", first=DAY, days=7, asked={}, given={}, state="done", made_by="x",
                                   made_at=clock())
    base = clock() - timedelta(days=5)
    for n, on in enumerate((-5, 40, None)):  # minutes after the start; never
        start = base + timedelta(days=n)
        Turn.objects.create(roster=roster, user=row.user, day=day_of(start), shift="07:00", start=start,
                            end=start + timedelta(hours=8), night=False, service="guard")
        if on is not None:
            at = start + timedelta(minutes=on)
            Duty.objects.create(unit=town.units["G51"], user=row.user, on_at=at, off_at=at + timedelta(hours=7))
    assert [how for _t, how in facts.record(row, clock()).turns] == ["missed", "late", "came"]
    assert facts.came(facts.record(row, clock()).turns) == {"came": 1, "late": 1, "missed": 1}
    assert rosters.missed(roster, clock()) == {(str(row.user), day_of(base + timedelta(days=2)))}


def book(path: Path, *rows: tuple[Any, ...]) -> Path:
    it = Workbook()
    it.active.append(["team", "kind", "name", "username", "badge", "since", "armband", "contract_no", "contract_from"])
    for row in rows:
        it.active.append(row)
    it.save(path)
    return path


GOOD = ("TA", "full_time_guard", "甲", "guard-a", "0101", DAY, "A101", "C101", DAY)


def test_members_come_from_excel_all_or_none(teams: dict[str, Team], cast: Any, clock: Any, tmp_path: Path) -> None:
    path = book(tmp_path / "members.xlsx", GOOD, ("TB", "property_guard", "乙", "guard-b", 102, "2026-03-01"))
    asked: dict[str, Any] = {"actor": cast.hr.actor, "now": clock(), "kind": "members", "path": path}
    dry = import_file(**asked, dry_run=True)
    assert (dry.counts, dry.faults, Member.objects.count()) == ({"members": 2}, (), 0)
    assert import_file(**asked).done
    assert list(Member.objects.order_by("badge").values_list("badge", "team__code", "contract_no")) == [
        ("0101", "TA", "C101"), ("102", "TB", "")]
    assert not User.objects.get(username="guard-a").has_usable_password()  # an administrator gives one


def test_every_bad_row_is_told_at_once(teams: dict[str, Team], taken: Taken, cast: Any, clock: Any,
                                       tmp_path: Path) -> None:
    taken()
    path = book(tmp_path / "members.xlsx", GOOD, ("T9", *GOOD[1:]), ("TA", "spy", "丙", "c", "0103", DAY),
                ("TA", "property_guard", "丁", "hr", "0104", "soon"), ("TA", "property_guard", "", "e", "0001", DAY),
                ("TA", "police", "戊", "ghost", "0106", DAY), ("TA", "full_time_guard", "己", "f", "0107", DAY))
    report = import_file(actor=cast.hr.actor, now=clock(), kind="members", path=path)
    said = [(f.where.rpartition("row ")[2], f.what) for f in report.faults]
    assert [w for w, _what in said] == [
        "3, column team", "3, column badge", "3, column armband", "3, column username", "4, column kind",
        "5, column since", "5, column username", "6, column badge", "7, column username", "8, column contract_no"]
    assert Member.objects.count() == 1
    assert not report.done


def test_only_who_may_hire_imports_members(teams: dict[str, Team], cast: Any, clock: Any) -> None:
    given: dict[str, Any] = {"now": clock(), "name": "x.csv", "chunks": [b"x"], "size_b": 1, "options": {}}
    with pytest.raises(Denied):
        take(actor=cast.admin.actor, kind="members", **given)
    with pytest.raises(Denied):
        take(actor=cast.hr.actor, kind="sites", **given)
    upload = take(actor=cast.hr.actor, kind="members", **given)
    assert cast.hr.client.get(f"/import/{upload.id}/").status_code == 200
    assert cast.admin.client.get(f"/import/{upload.id}/").status_code == 403
    page = cast.hr.client.get("/import/").content.decode()
    assert ('value="members"' in page, 'value="sites"' in page) == (True, False)
