"""Three levels of teams with their leaders, rules, joint patrols and the help they gave."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from shouwang.desk.brigades import actions, facts
from shouwang.desk.brigades.models import Help, Member, Team
from shouwang.desk.brigades.terms import TeamGiven
from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.people.access import actor_of
from shouwang.desk.people.models import Grant

pytestmark = pytest.mark.django_db
Taken = Callable[..., Member]


@pytest.mark.parametrize(("given", "field"), [
    (TeamGiven("", "squadron", "队", "T", "t/1/", "B"), "code"),
    (TeamGiven("N", "platoon", "队", "T", "t/1/"), "rank"),
    (TeamGiven("N", "squadron", " ", "T", "t/1/", "B"), "zh"),
    (TeamGiven("N", "squadron", "队", "T", "t/9/", "B"), "area"),
    (TeamGiven("N", "squadron", "队", "T", "t/1/"), "parent"),
    (TeamGiven("N", "squadron", "队", "T", "t/1/", "X"), "parent"),
    (TeamGiven("N", "squadron", "队", "T", "t/1/", "S1"), "parent"),  # of the same level
    (TeamGiven("N", "team_urban", "队", "T", "t/2/b/", "S1"), "area"),  # outside the squadron's area
    (TeamGiven("B", "squadron", "队", "T", "t/1/", "B"), "code"),
])  # fmt: skip
def test_what_is_wrong_with_a_team_is_said_at_its_field(teams: dict[str, Team], cast: Any, clock: Any,
                                                        given: TeamGiven, field: str) -> None:
    with pytest.raises(Refused) as error:
        actions.save_team(actor=cast.hr.actor, now=clock(), id=new_id(), given=given)
    assert (error.value.field, Team.objects.count()) == (field, len(teams))


def test_a_team_is_set_up_once_and_changed_by_one_at_a_time(teams: dict[str, Team], cast: Any, clock: Any) -> None:
    given = TeamGiven("S1", "squadron", "一中队", "Squadron 1", "t/1/", "B")
    asked: dict[str, Any] = {"actor": cast.squad.actor, "now": clock(), "id": teams["S1"].id, "given": given}
    assert actions.save_team(**asked).zh == "S1队"  # without the version a retry of setting it up
    assert actions.save_team(**asked, version=1).zh == "一中队"
    with pytest.raises(Conflict):
        actions.save_team(**asked, version=1)
    with pytest.raises(Denied):
        actions.save_team(**asked | {"actor": cast.planner.actor})


def test_a_leader_is_a_member_of_the_kind_that_the_level_asks_for(teams: dict[str, Team], taken: Taken, cast: Any,
                                                                  clock: Any) -> None:
    by: dict[str, Any] = {"actor": cast.hr.actor, "now": clock()}
    officer, guard = taken("S1", "police", username="member"), taken("S1")
    stranger = taken("TA")
    for who, code in ((guard, "rule"), (stranger, "choice")):
        with pytest.raises(Refused) as error:
            actions.appoint(**by, team_id=teams["S1"].id, member_id=who.id, version=1)
        assert error.value.code == code
    row = actions.appoint(**by, team_id=teams["S1"].id, member_id=officer.id, version=1)
    told = facts.told([row])[0]
    assert (told.leader, told.counts) == ("Member", {"police": 1, "property_guard": 1})
    actions.move(**by, member_id=officer.id, team_id=teams["S2"].id, version=1)
    assert Team.objects.get(code="S1").leader is None  # who is not in the team does not lead it


def grants(user: Any) -> set[tuple[str, str]]:
    return set(Grant.objects.filter(user=user).values_list("role", "area"))


def test_the_office_of_a_leader_gives_its_rights_and_their_end_takes_them(teams: dict[str, Team], taken: Taken,
                                                                         cast: Any, clock: Any) -> None:
    by: dict[str, Any] = {"now": clock(), "team_id": teams["TA"].id}
    row = Team.objects.get(id=teams["TA"].id)
    guards = [taken("TA"), taken("TA")]
    Member.objects.filter(team=row).update(kind="full_time_guard")
    clerk, squad = cast.hr.actor, cast.squad.actor
    row = actions.appoint(**by, actor=clerk, member_id=guards[0].id, version=row.version)
    assert (row.leader, row.lent) == (guards[0].user, "")  # a clerk keeps no rosters, and gives no such right
    with pytest.raises(Refused) as less:
        actions.give_rights(**by, actor=clerk, version=row.version)
    assert less.value.code == "less"
    key = new_id()
    for _ in range(2):
        row = actions.give_rights(**by, actor=squad, version=row.version, key=key)
    assert (row.lent, grants(guards[0].user)) == ("team_leader", {("guard", "t/1/a/"), ("team_leader", "t/1/a/")})
    row = actions.appoint(**by, actor=squad, member_id=guards[1].id, version=row.version)
    assert grants(guards[0].user) == {("guard", "t/1/a/")}  # another leads now
    assert ("team_leader", "t/1/a/") in grants(guards[1].user)
    kinds = list(Event.objects.filter(kind__startswith="role.").order_by("seq").values_list("kind", flat=True))[-3:]
    assert kinds == ["role.granted", "role.revoked", "role.granted"]
    row = actions.relieve(**by, actor=squad, version=row.version)
    assert (row.leader, row.lent, grants(guards[1].user)) == (None, "", {("guard", "t/1/a/")})
    row = actions.appoint(**by, actor=squad, member_id=guards[1].id, version=row.version)
    member = Member.objects.get(id=guards[1].id)
    actions.move(actor=clerk, now=clock(), member_id=member.id, team_id=teams["TB"].id, version=member.version)
    assert grants(guards[1].user) == {("guard", "t/2/b/")}  # who leaves the team leads it no more


def test_nobody_gives_a_leader_more_than_they_have(teams: dict[str, Team], taken: Taken, cast: Any, clock: Any) -> None:
    """A brigade's leader has no say in discipline: a squadron's leader gets that from an administrator alone."""
    officer = taken("S1", "police", username="member")
    Grant.objects.create(user=cast.squad.user, role_id="patrol_leader", area="t/")
    Grant.objects.filter(user=cast.squad.user, role="squadron_leader").delete()
    leader = actor_of(cast.squad.user)
    row = actions.appoint(actor=leader, now=clock(), team_id=teams["S1"].id, member_id=officer.id, version=1)
    assert row.lent == ""
    Grant.objects.create(user=cast.squad.user, role_id="admin", area="t/1/")
    row = actions.give_rights(actor=actor_of(cast.squad.user), now=clock(), team_id=row.id, version=row.version)
    assert ("squadron_leader", "t/1/") in grants(cast.member.user)
    page = cast.hr.client.get(f"/teams/{row.id}/").content.decode()
    assert 'value="relieve"' in page and 'value="rights"' not in page
    answer = cast.hr.client.post(f"/api/teams/{row.id}/leader/end", {"version": row.version},
                                 content_type="application/json")
    assert (answer.json()["leader"], answer.json()["lent"]) == ("", "")
    assert ("squadron_leader", "t/1/") not in grants(cast.member.user)


def test_rules_hold_below_until_a_team_has_its_own(teams: dict[str, Team], cast: Any, clock: Any) -> None:
    by: dict[str, Any] = {"actor": cast.hr.actor, "now": clock(), "since": date(2026, 1, 1), "version": 1}
    assert facts.rules_of(teams["TA"]) is None
    actions.set_rules(**by, team_id=teams["B"].id, rules="of the brigade")
    actions.set_rules(**by, team_id=teams["S2"].id, rules="of the squadron")
    rules = {c: facts.rules_of(Team.objects.get(code=c)) for c in ("TA", "TB")}
    assert {c: r.rules for c, r in rules.items() if r} == {"TA": "of the brigade", "TB": "of the squadron"}


def test_a_team_is_closed_when_it_is_empty(teams: dict[str, Team], taken: Taken, cast: Any, clock: Any) -> None:
    by: dict[str, Any] = {"actor": cast.hr.actor, "now": clock(), "version": 1}
    taken("TA")
    for code in ("S1", "TA"):  # a team, and a member, belong to it
        with pytest.raises(Conflict):
            actions.close_team(**by, team_id=teams[code].id)
    actions.close_team(**by, team_id=teams["TB"].id)
    assert "TB" not in {t.code for t in facts.teams_in(("t/",))}


def test_teams_patrol_together(teams: dict[str, Team], cast: Any, clock: Any) -> None:
    start = clock() + timedelta(hours=20)
    asked: dict[str, Any] = {"actor": cast.squad.actor, "now": clock(), "id": new_id(), "lead_id": teams["S1"].id,
                             "start": start, "end": start + timedelta(hours=4)}
    sends = {str(teams[c].id): n for c, n in (("S1", 2), ("TA", 4), ("TB", 0))}
    row = actions.plan_joint(**asked, people=sends)
    assert {p.team.code: p.people for p in row.parts.all()} == {"S1": 2, "TA": 4}
    assert actions.plan_joint(**asked, people=sends).id == row.id
    assert [j.id for j in facts.joint_of([teams["TA"]], clock())] == [row.id]
    for wrong, field in (({"people": {str(teams["S1"].id): 2}}, "people"), ({"end": start}, "end"),
                         ({"people": {str(teams[c].id): 1 for c in ("TA", "TB")}}, "people")):
        with pytest.raises(Refused) as error:
            actions.plan_joint(**asked | {"id": new_id(), "people": sends} | wrong)
        assert error.value.field == field
    assert actions.call_off(actor=cast.squad.actor, now=clock(), joint_id=row.id).called_off
    with pytest.raises(Missing):
        actions.call_off(actor=cast.stranger.actor, now=clock(), joint_id=row.id)


def test_help_is_counted_per_team_and_a_wrong_count_struck(teams: dict[str, Team], cast: Any, clock: Any) -> None:
    by: dict[str, Any] = {"actor": cast.squad.actor, "now": clock(), "team_id": teams["TA"].id}
    key = new_id()
    for _ in range(2):  # the second is a retry
        actions.count_help(**by, kind="letter", day=date(2026, 11, 2), count=3, key=key)
    actions.count_help(**by, kind="letter", day=date(2026, 10, 2), count=1)
    wrong = actions.count_help(**by, kind="banner", day=date(2026, 11, 3), count=9)
    actions.strike_help(actor=cast.squad.actor, now=clock(), help_id=wrong.id)
    rows = list(facts.teams_in(("t/",)))
    assert facts.helped(rows, date(2026, 11, 1), date(2026, 11, 30)) == {teams["TA"].id: {"letter": 3}}
    assert facts.helped(rows, date(2026, 1, 1), date(2026, 12, 31)) == {teams["TA"].id: {"letter": 4}}
    with pytest.raises(Refused):
        actions.count_help(**by, kind="letter", day=date(2026, 11, 30), count=1)  # still to come
    with pytest.raises(Missing):
        actions.strike_help(actor=cast.stranger.actor, now=clock(), help_id=key)
    assert Help.objects.count() == 2
    assert Event.objects.filter(kind="team.helped").count() == 3
