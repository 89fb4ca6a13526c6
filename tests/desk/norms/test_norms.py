"""Norms are held against counts; a change is drafted, shows its effect, is approved by somebody else, and takes effect
on its day."""
from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.norms import actions, advice, defaults, facts
from shouwang.desk.norms.actions import CountGiven, Draft, LocalityGiven
from shouwang.desk.norms.models import Count, Locality, Norm
from shouwang.desk.places.actions import import_file
from shouwang.desk.workflow.zone import day_of

pytestmark = pytest.mark.django_db
SOON = date(2026, 12, 1)
SIX = Draft({"count": 6}, SOON, "More call-outs at night", guard_year_cost=50_000)


def lines(day: date) -> dict[tuple[str, str], advice.Line]:
    known = facts.known(facts.localities(("t/",)), day)
    return {(line.at.row.code, line.norm.code): line for line in advice.lines(known, facts.in_force(day)) if line.at}


@pytest.fixture
def draft(at: Any, cast: Any, clock: Any) -> Any:
    """The planner drafts a change of the norm of communities without property management."""
    def draft(code: str = "urban_not_managed", given: Draft = SIX) -> Norm:
        return actions.draft_norm(actor=cast.planner.actor, now=clock(), id=new_id(), code=code, given=given)
    return draft


def test_the_norms_that_come_with_this_version_are_those_of_the_source(rules: None) -> None:
    shipped = {n.code: n.rule for n in facts.in_force(date(2026, 1, 1))}
    assert len(shipped) == 14
    assert [shipped[f"urban_{m}"]["count"] for m in ("partly_managed", "not_managed", "fully_managed")] == [3, 5, 0]
    assert shipped["urban_not_managed"]["additions"] == [[1500, 1], [2000, 2]]
    assert shipped["urban_not_managed"]["reading"] == "total"
    assert (shipped["village_guards"]["count"], shipped["urban_patrol_brigade"]["count"]) == (3, 50)
    assert shipped["villagers_group_contact"] == {**shipped["village_officer"], "per": "group"}
    defaults.load()
    assert Norm.objects.count() == 14


def test_what_is_needed_there_and_missing(at: Any, clock: Any) -> None:
    found = lines(day_of(clock()))
    assert {key: (f.need, f.have, f.short, f.state) for key, f in found.items()} == {
        ("C1", "urban_not_managed"): (5, 4, 1, "short"), ("C2", "urban_partly_managed"): (4, 4, 0, "met"),
        ("C3", "urban_not_managed"): (7, 2, 5, "short"), ("C4", "urban_fully_managed"): (0, 0, 0, "other"),
        ("V1", "village_guards"): (3, 1, 2, "short"), ("V1", "villagers_group_contact"): (6, 5, 1, "short"),
        ("V1", "village_officer"): (1, 1, 0, "met"),
    }
    assert "2026-11-01 · Yearly report" in found["C1", "urban_not_managed"].counted


def test_the_newest_count_up_to_the_day_holds(at: Any, cast: Any, clock: Any) -> None:
    later = CountGiven(date(2026, 11, 20), 2500, "Street office", "none", guards=7)
    actions.save_count(actor=cast.office.actor, now=clock(), locality_id=at["C1"].id, given=later)
    assert lines(date(2026, 11, 19))["C1", "urban_not_managed"].need == 5
    assert lines(date(2026, 11, 20))["C1", "urban_not_managed"].need == 7
    assert ("C1", "urban_not_managed") not in lines(date(2026, 10, 31))
    assert Event.objects.get(kind="locality.counted").payload["households"] == 2500
    again = replace(later, households=2400)  # the same day: in place of what stood
    actions.save_count(actor=cast.office.actor, now=clock(), locality_id=at["C1"].id, given=again)
    assert [c.households for c in at["C1"].counts.order_by("day")] == [1500, 2400]


def test_guards_that_nobody_counted_are_those_of_the_registers(at: Any, cast: Any, town: Any, clock: Any) -> None:
    from shouwang.desk.people.models import Grant
    from shouwang.desk.units.models import Duty

    Count.objects.filter(locality=at["C1"]).update(guards=None)
    assert lines(DAY_AFTER)["C1", "urban_not_managed"].have == 0
    Grant.objects.filter(user=cast.member.user).update(area="t/1/a/")
    Duty.objects.create(unit=town.units["G51"], user=cast.member.user.id, on_at=town.now)
    line = lines(DAY_AFTER)["C1", "urban_not_managed"]
    assert (line.have, line.counted) == (1, "")


DAY_AFTER = date(2026, 11, 2)


@pytest.mark.parametrize(("changed", "field"), [
    ({"households": -1}, "households"), ({"households": 10**6}, "households"), ({"source": " "}, "source"),
    ({"management": ""}, "management"), ({"management": "good"}, "management"), ({"day": date(2027, 1, 1)}, "day"),
    ({"guards": 3000}, "guards")])
def test_what_is_wrong_with_a_count_is_said_at_its_field(at: Any, cast: Any, clock: Any, changed: Any,
                                                         field: str) -> None:
    given = replace(CountGiven(DAY_AFTER, 1000, "Street office", "none"), **changed)
    with pytest.raises(Refused) as error:
        actions.save_count(actor=cast.office.actor, now=clock(), locality_id=at["C1"].id, given=given)
    assert error.value.field == field


def test_a_locality_is_entered_once_and_changed_by_version(at: Any, cast: Any, clock: Any) -> None:
    asked: dict[str, Any] = {"actor": cast.office.actor, "now": clock(), "id": new_id()}
    given = LocalityGiven("C9", "新社区", "New community", "community", "t/1/a/")
    for _ in range(2):
        assert actions.save_locality(**asked, given=given).version == 1
    assert actions.save_locality(**asked, given=replace(given, en="Newer"), version=1).en == "Newer"
    with pytest.raises(Conflict):
        actions.save_locality(**asked, given=given, version=1)
    with pytest.raises(Conflict) as error:
        actions.save_locality(**{**asked, "id": new_id()}, given=given)
    assert error.value.field == "code"
    with pytest.raises(Denied):
        actions.save_locality(**{**asked, "id": new_id(), "actor": cast.stranger.actor}, given=replace(given,
                                                                                                       code="C8"))


def test_a_norm_asks_for_more_where_the_place_is_complicated(at: Any, draft: Any, cast: Any, clock: Any) -> None:
    """C1 is made complex, by what is there: its need rises by what the new wording gives that class."""
    row = at["C1"]
    given = LocalityGiven(row.code, row.zh, row.en, row.kind, row.area, "complex")
    with pytest.raises(Refused) as refused:
        actions.save_locality(actor=cast.office.actor, now=clock(), id=row.id, given=replace(given, grade="bad"),
                              version=row.version)
    assert refused.value.field == "grade"
    actions.save_locality(actor=cast.office.actor, now=clock(), id=row.id, given=given, version=row.version)
    wording = replace(SIX, rule={"count": 5, "by_class": {"busy": 1, "complex": 2}})
    found = advice.effect(draft(given=wording), day_of(clock()))
    assert [(k.row.code, c.before, c.after) for k, c in found.changes] == [("C1", 5, 7)]
    assert "场所复杂程度" in cast.office.client.get(f"/norms/places/{row.id}/").content.decode()


def test_the_brigade_is_counted_by_the_register(at: Any, cast: Any, town: Any) -> None:
    from shouwang.desk.brigades.models import Member, Team

    teams = {rank: Team.objects.create(code=rank, rank=rank, area=area, zh="队", en="Team") for rank, area in
             (("brigade", "t/"), ("squadron", "t/1/"), ("team_urban", "t/1/a/"))}
    for n, (rank, kind) in enumerate((("brigade", "police"), ("squadron", "full_time_guard"), ("squadron", "volunteer"),
                                      ("team_urban", "full_time_guard"))):
        Member.objects.create(user=new_id(), team=teams[rank], kind=kind, badge=f"{n}", since=date(2026, 1, 1))
    assert (facts.brigade("t/"), facts.brigade("t/1/"), facts.brigade("t/2/")) == (2, 1, 0)


def test_a_draft_shows_where_more_are_needed_and_who_pays(draft: Any, clock: Any) -> None:
    found = advice.effect(draft(), day_of(clock()))
    assert [(k.row.code, c.before, c.after, c.short) for k, c in found.changes] == [("C1", 5, 6, 2), ("C3", 7, 8, 6)]
    assert (found.before, found.after, found.more) == (5 + 4 + 7 + 0 + 3, 21, 2)
    assert (found.short_before, found.short_after) == (1 + 5 + 2, 10)
    (cost,) = found.costs
    assert (cost.line, cost.people, cost.amount) == ("new_urban_guards", 2, 100_000)
    assert [(payer, part) for payer, _name, part in cost.shares] == [("district", 60_000), ("street", 40_000)]


def test_a_change_in_villages_waits_for_the_share_of_the_town(draft: Any, cast: Any, clock: Any) -> None:
    four = Draft({"count": 4}, SOON, "Two entrances", guard_year_cost=40_000)
    row = draft("village_guards", four)
    assert advice.effect(row, day_of(clock())).open
    with pytest.raises(Refused) as error:
        actions.approve_norm(actor=cast.centre.actor, now=clock(), norm_id=row.id, version=1)
    assert error.value.code == "open_share"
    row = draft("village_guards", replace(four, town_percent=70))
    (cost,) = advice.effect(row, day_of(clock())).costs
    assert [(payer, part) for payer, _name, part in cost.shares] == [("town", 28_000), ("village", 12_000)]
    assert actions.approve_norm(actor=cast.centre.actor, now=clock(), norm_id=row.id, version=1).state == "approved"


def test_an_approved_change_takes_effect_on_its_day_and_the_old_wording_is_kept(draft: Any, cast: Any,
                                                                                clock: Any) -> None:
    row = draft()
    assert lines(SOON)["C1", "urban_not_managed"].need == 5  # a draft is no norm
    key = uuid4()
    for _ in range(2):  # a retry
        row = actions.approve_norm(actor=cast.centre.actor, now=clock(), norm_id=row.id, version=1, key=key)
    assert (row.state, row.version) == ("approved", 2)
    assert lines(SOON - timedelta(days=1))["C1", "urban_not_managed"].need == 5
    assert lines(SOON)["C1", "urban_not_managed"].need == 6
    assert [(n.from_day, n.rule["count"]) for n in facts.versions("urban_not_managed")] == [
        (SOON, 6), (defaults.SINCE, 5)]
    assert advice.effect(row, day_of(clock())).more == 2  # what it meant can still be seen
    kinds = Event.objects.filter(subject=str(row.id)).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["norm.drafted", "norm.approved"]
    assert not any("night" in str(e.payload) for e in Event.objects.all())
    assert actions.reason_of(row) == "More call-outs at night"


def test_two_pairs_of_eyes_and_the_right(draft: Any, cast: Any, clock: Any) -> None:
    from shouwang.desk.people.models import Grant

    row = draft()
    asked: dict[str, Any] = {"now": clock(), "norm_id": row.id, "version": 1}
    with pytest.raises(Denied):
        actions.approve_norm(actor=cast.admin.actor, **asked)
    Grant.objects.create(user=cast.planner.user, role_id="centre_head_district", area="t/")
    with pytest.raises(Refused) as error:
        actions.approve_norm(actor=cast.planner.actor, **asked)
    assert error.value.code == "own_draft"
    with pytest.raises(Denied):
        actions.approve_norm(actor=cast.stranger.actor, **asked)
    with pytest.raises(Denied):
        actions.draft_norm(actor=cast.office.actor, now=clock(), id=new_id(), code="village_guards", given=SIX)
    with pytest.raises(Conflict):
        actions.approve_norm(actor=cast.centre.actor, **{**asked, "version": 7})


def test_what_cannot_be_approved_any_more(draft: Any, cast: Any, clock: Any) -> None:
    late, first, second = draft(given=replace(SIX, from_day=date(2026, 11, 22))), draft(), draft(given=replace(
        SIX, rule={"count": 7}))
    asked: dict[str, Any] = {"actor": cast.centre.actor, "now": clock(), "version": 1}
    actions.approve_norm(**asked, norm_id=first.id)
    with pytest.raises(Conflict) as error:
        actions.approve_norm(**asked, norm_id=second.id)
    assert error.value.code == "day_taken"
    with pytest.raises(Refused) as passed:
        actions.approve_norm(**{**asked, "now": clock.forward(days=3)}, norm_id=late.id)
    assert passed.value.code == "day"


def test_not_approved_withdrawn_or_taken_back_before_its_day(draft: Any, cast: Any, clock: Any) -> None:
    centre: dict[str, Any] = {"actor": cast.centre.actor, "now": clock()}
    row = draft()
    with pytest.raises(Refused):
        actions.decline_norm(**centre, norm_id=row.id, version=1, reason=" ")
    assert actions.decline_norm(**centre, norm_id=row.id, version=1, reason="No money").state == "refused"
    assert actions.withdraw_norm(actor=cast.planner.actor, now=clock(), norm_id=draft().id,
                                 version=1).state == "withdrawn"
    row = draft()
    actions.approve_norm(**centre, norm_id=row.id, version=1)
    assert actions.decline_norm(**centre, norm_id=row.id, version=2, reason="Later").state == "withdrawn"
    row = draft()
    actions.approve_norm(**centre, norm_id=row.id, version=1)
    with pytest.raises(Conflict):
        actions.decline_norm(actor=cast.centre.actor, now=clock.forward(days=11), norm_id=row.id, version=2, reason="x")
    shipped = Norm.objects.get(code="village_guards")
    with pytest.raises(Conflict):
        actions.decline_norm(**centre, norm_id=shipped.id, version=1, reason="x")


@pytest.mark.parametrize(("changed", "field"), [
    ({"reason": " "}, "reason"), ({"from_day": date(2026, 11, 20)}, "from_day"),
    ({"from_day": date(9999, 1, 1)}, "from_day"), ({"rule": {"count": 5}}, "count"),
    ({"rule": {"additions": [[1500, 3], [2000, 2]]}}, "additions")])
def test_what_is_wrong_with_a_draft_is_said_at_its_field(draft: Any, changed: Any, field: str) -> None:
    with pytest.raises(Refused) as error:
        draft(given=replace(SIX, **changed))
    assert error.value.field == field


def test_what_is_the_duty_of_others_gets_no_guards(draft: Any) -> None:
    with pytest.raises(Refused) as error:
        draft("urban_fully_managed", replace(SIX, rule={"count": 2}))
    assert error.value.code == "duty"
    with pytest.raises(Missing):
        draft("no_such_norm")


HEADING = "code,day,households,source,management,guards,zh,en,kind,area"
SOUND = [f"{HEADING}", "C1,2026-11-20,1600,Street office,none,6,,,,", "N1,2026-11-20,900,Street office,partial,,新,New,"
         "community,t/2/b/", "N2,2026-11-20,200,Town,,2,村,Village,village,a"]


def write(folder: Path, rows: list[str], suffix: str = "csv") -> Path:
    path = folder / f"counts.{suffix}"
    if suffix == "csv":
        path.write_text("\n".join(rows), encoding="utf-8")
        return path
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([int(c) if c.isdigit() else date.fromisoformat(c) if c[:4] == "2026" else c
                            for c in row.split(",")])
    book.save(path)
    return path


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_counts_come_in_by_file(at: Any, cast: Any, clock: Any, tmp_path: Path, suffix: str) -> None:
    asked: dict[str, Any] = {"actor": cast.admin.actor, "now": clock(), "kind": "localities",
                             "path": write(tmp_path, SOUND, suffix)}
    tried = import_file(**asked, dry_run=True)
    assert (tried.faults, tried.counts) == ((), {"localities": 3, "new": 2, "counts": 3})
    assert Locality.objects.count() == 5
    for _ in range(2):  # again changes nothing
        assert import_file(**asked).done
    assert (Locality.objects.count(), Count.objects.count()) == (7, 8)
    found = lines(date(2026, 11, 21))
    assert (found["C1", "urban_not_managed"].need, found["C1", "urban_not_managed"].have) == (6, 6)
    assert Locality.objects.get(code="N2").area == "t/1/a/"


def test_every_bad_row_is_told_and_nothing_comes_in(at: Any, cast: Any, clock: Any, tmp_path: Path) -> None:
    rows = [HEADING, "C1,2026-13-01,1600,Street,none,6,,,,", "C2,2026-11-20,many,Street,none,-1,,,,",
            "C3,2099-11-20,1600,Street,none,6,,,,", "N1,2026-11-20,1,Street,none,6,新,New,town,nowhere",
            "V1,2026-11-20,1,,,6,,,,", "C4,2026-11-20,1,Street,none,6,,,,", "C4,2026-11-20,1,Street,none,6,,,,"]
    report = import_file(actor=cast.admin.actor, now=clock(), kind="localities", path=write(tmp_path, rows))
    assert [f.where.partition("row ")[2] for f in report.faults] == [
        "2, column day", "3, column households", "3, column guards", "4, column day", "5, column kind",
        "5, column area",
        "6, column source", "8, column code"]
    assert not report.done and Count.objects.count() == 5
    missing = import_file(actor=cast.admin.actor, now=clock(), kind="localities", path=write(tmp_path, ["code,zh",
                                                                                                        "a,b"]))
    assert [f.where.partition("column ")[2] for f in missing.faults] == ["day", "households", "source"]
