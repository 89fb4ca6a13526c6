"""Rosters: needs from the plans, searched by the worker, published, and each member's own."""

from __future__ import annotations

import csv
import io
import itertools
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from django.test import Client

from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.roster import actions, facts, jobs, pages
from shouwang.desk.roster.advice import asking
from shouwang.desk.roster.models import Entry, Feed, Presence, Roster, Turn
from shouwang.desk.roster.terms import Between, ByHour, Chosen, Needed, Together
from shouwang.desk.workflow.models import Setting
from shouwang.tables.rosters import read_roster

from .conftest import hire

NEW_ID = "0193f0d0-1111-7000-8000-000000000000"
MONDAY = date(2026, 12, 7)
SHIFTS = ("07:00", "15:00", "23:00")


def made(roster: Roster, town: Any) -> Roster:
    assert jobs.run_one(town.now)
    roster.refresh_from_db()
    assert roster.state == "done", roster.error
    return roster


def published(roster: Roster, town: Any, cast: Any) -> Roster:
    made(roster, town)
    return actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, version=roster.version)


# ---- the question


def test_needs_are_the_crews_that_the_newest_approved_plans_place_in_the_area(town: Any) -> None:
    from shouwang.desk.patrol.models import Forecast, Plan, PlanPost

    day = town.now.date()
    forecast = Forecast.objects.create(area="t/", made_at=town.now, origin=town.now, hours=48, cell_m=900, model="made",
                                       calls_used=1, first_day=day, last_day=day)  # fmt: skip
    for hour, state, units in ((15, "approved", ("P01",)), (39, "approved", ("P01", "P02", "S41", "G51")),
                               (63, "draft", ("P03",))):  # fmt: skip
        start = datetime(2026, 11, 21, tzinfo=UTC) + timedelta(hours=hour)  # 23:00 of Shanghai
        plan = Plan.objects.create(area="t/", shift_start=start, shift_end=start + timedelta(hours=8), state=state,
                                   forecast=forecast, within_s=300, made_at=town.now)  # fmt: skip
        for name in units:
            unit = town.units[name]
            PlanPost.objects.create(plan=plan, unit=unit.id, code=unit.code, zh="", en="", letter="", service="",
                                    base_lon=0, base_lat=0, lon=0, lat=0, area=unit.area)  # fmt: skip
    found = asking.proposed("t/1/")
    shifts, west = found.shifts, found.needed
    crew = {u: town.units[u].kind.crew_default for u in ("P01", "S41", "G51", "P02")}
    assert west == {("police", "23:00"): crew["P01"] + crew["S41"], ("guard", "23:00"): crew["G51"]}
    assert asking.proposed("t/").needed["police", "23:00"] == crew["P01"] + crew["S41"] + crew["P02"]
    assert [found.hours["guard"][h] for h in (22, 23, 0, 6, 7)] == [0, *[crew["G51"]] * 3, 0]
    assert [(s.start, s.end, s.planned) for s in shifts] == [
        ("07:00", "15:00", None), ("15:00", "23:00", None), ("23:00", "07:00", date(2026, 11, 22)),
    ]  # fmt: skip


def test_members_are_the_crews_of_the_area_with_their_last_service(crew: list[str], cast: Any, town: Any) -> None:
    from shouwang.desk.units.models import Duty

    Duty.objects.create(unit=town.units["G51"], user=crew[0], on_at=town.now, off_at=town.now)
    assert [(m.id, service) for m, service in asking.members("t/1/")] == [
        (i, "guard" if n == 0 else "police") for n, i in enumerate(crew)
    ]
    assert (str(cast.member.user.id), "") in [(m.id, s) for m, s in asking.members("t/")]


def test_nights_had_before_and_the_week_under_way_go_into_the_question(ask: Any, crew: list[str], cast: Any,
                                                                       town: Any, enough: Any) -> None:  # fmt: skip
    enough.when = lambda rows: all(any(k >= 0 for k in row) for row in rows.values())
    first = published(ask(), town, cast)
    had = {i: sum(k == 2 for k in first.rows[i]) for i in crew}
    new = hire_one(town)
    later = ask([*crew, new], first=MONDAY + timedelta(days=7)).given
    carried = {p["id"]: p["carried"]["nights"] for p in later["people"]}
    least = min(had.values())
    assert {i: carried[i] for i in crew} == {i: n - least for i, n in had.items()}
    assert carried[new] == round(7 / 6) - least  # the mean, not nothing
    assert len(later["before"]) == sum(k >= 0 for row in first.rows.values() for k in row[1:])
    assert {row["day"] for row in later["before"]} == {str(MONDAY + timedelta(days=d)) for d in range(1, 7)}


def test_leave_counts_as_the_turns_it_would_have_brought(ask: Any, enter: Any, crew: list[str]) -> None:
    """21 turns in 40 days that members are there: two days of leave would have brought one."""
    enter(crew[0], "away", 1, 2)
    assert [p["carried"]["turns"] for p in ask().given["people"]] == [1, 0, 0, 0, 0, 0]


def hire_one(town: Any) -> str:
    from shouwang.desk.people.models import Grant, Role, User

    user = User.objects.create(username="new", name="New")
    Grant.objects.create(user=user, role=Role.objects.get(code="patrol_officer"), area="t/1/a/")
    return str(user.id)


def test_overtime_of_this_month_counts(crew: list[str], ask: Any, cast: Any, town: Any) -> None:
    """Six turns of 8 h in the week that ended on Sunday 6 December: 8 h beyond 40 h."""
    roster = ask()
    turns = [{"day": date(2026, 11, 30) + timedelta(days=n), "shift": "07:00"} for n in range(6)]
    for turn in turns:
        start = datetime.combine(turn["day"], datetime.min.time(), UTC)
        Turn.objects.create(roster=roster, user=crew[0], start=start, end=start + timedelta(hours=8), night=False,
                            service="police", **turn)  # fmt: skip
    told = {p["id"]: p["overtime_h"] for p in ask().given["people"]}
    assert (told[crew[0]], told[crew[1]]) == (8.0, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first": date(9999, 12, 31)}, "first"),
        ({"days": 43}, "days"),
        ({"days": 0}, "days"),
        ({"people": ()}, "people"),
        ({"people": (Chosen(NEW_ID, "police"),)}, "people"),
        ({"needs": ()}, "needs"),
        ({"needs": (Needed("police", "08:00", 1, 1),)}, "needs"),
        ({"needs": (Needed("police", "07:00", 0, 0),)}, "needs"),
        ({"needs": (Needed("police", "07:00", 1, 1), Needed("police", "07:00", 2, 2))}, "needs"),
        ({"needs": (Needed("police", "07:00", 501, 1),)}, "needs"),
    ],
)
def test_bad_input_is_named_at_its_field(ask: Any, changes: Any, field: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(**changes)
    assert refused.value.field == field
    assert not Roster.objects.exists()


def test_a_shift_longer_than_the_law_is_refused_unless_hours_are_counted_over_the_period(ask: Any) -> None:
    Setting.objects.create(key="shift_starts", value=["07:00", "19:00"])
    needs = (Needed("police", "07:00", 1, 1), Needed("police", "19:00", 1, 1))
    with pytest.raises(Refused) as refused:
        ask(needs=needs)
    assert refused.value.code == "long"
    Setting.objects.create(key="roster_comprehensive", value=True)
    Setting.objects.create(key="roster_approval", value="2026-17")
    until = Setting.objects.create(key="roster_approval_until", value="2026-12-12")
    with pytest.raises(Refused):
        ask(needs=needs)  # it ends a day before the roster
    Setting.objects.filter(pk=until.pk).update(value="2026-12-13")
    assert [d["hours"] for d in ask(needs=needs).given["duties"]] == [12, 12]


# ---- the answer


def test_a_roster_meets_the_needs_within_the_law_and_minds_what_was_entered(
    ask: Any, enter: Any, crew: list[str], town: Any, enough: SimpleNamespace
) -> None:
    enter(crew[0], "away", 0, 3)
    enter(crew[1], "no_nights")
    enter(crew[2], "wish_off", 5)
    enter(crew[3], "wish_on", 2, shift="23:00")
    enough.when = lambda rows: (rows[crew[2]][5], rows[crew[3]][2]) == (-1, 2)
    roster = made(ask(), town)
    rows = roster.rows
    for day in range(7):
        assert sorted(row[day] for row in rows.values() if row[day] >= 0) == [0, 1, 2]
    for row in rows.values():
        on = [n for n in range(7) if row[n] >= 0]
        assert len(on) <= 6
        starts = [24 * n + 7 + 8 * row[n] for n in on]
        assert all(b - a >= 8 + 11 for a, b in itertools.pairwise(starts))
        touched = {d for n in on for d in ((n, n + 1) if row[n] == 2 else (n,))}
        assert not set(range(7)) <= touched  # a day of rest that no duty touches
    assert rows[crew[0]][:3] == [-1, -1, -1]
    assert set(rows[crew[1]]) <= {-1, 0}  # the late shift touches the night
    assert (rows[crew[2]][5], rows[crew[3]][2]) == (-1, 2)
    told = roster.figures
    assert told["status"] in ("optimal", "feasible")
    assert 0 <= told["bound"] <= told["objective"]
    assert told["gap"] == pytest.approx(1 - told["bound"] / told["objective"])
    grid = pages.grid(roster, town.now)
    (group,) = grid["groups"]
    assert grid["missing"] == 0
    assert {line.name: line.wishes for line in group["lines"]}["Crew 3"] == "1/1"
    assert sum(line.sums["nights"] for line in group["lines"]) == 7
    assert sum(line.sums["minutes"] for line in group["lines"]) == 21 * 480


def test_what_is_impossible_is_told_in_words_and_gaps_help(ask: Any, crew: list[str], cast: Any, town: Any,
                                                           enough: SimpleNamespace) -> None:  # fmt: skip
    roster = made(ask(crew[:2], days=2), town)
    assert (roster.rows, roster.figures["status"]) == ({}, "impossible")
    told = roster.figures["conflict"]
    assert told["minimal"]
    assert any(rule["need"] for rule in told["rules"])
    page = cast.planner.client.get(f"/rosters/{roster.id}/").content.decode()
    for line in pages.conflict(told)["lines"]:
        assert line in page
    assert 'data-do="publish"' not in page
    with pytest.raises(Conflict):
        actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, version=roster.version)
    enough.when = lambda rows: sum(k >= 0 for row in rows.values() for k in row) == 4
    roster = actions.again(actor=cast.planner.actor, now=town.now, roster_id=roster.id, gaps=True)
    assert made(roster, town).asked["gaps"]
    grid = pages.grid(roster, town.now)
    there = sum(k >= 0 for row in roster.rows.values() for k in row)
    assert (there, grid["missing"]) == (4, 2)


def test_better_ones_are_shown_while_the_search_goes_on_and_it_stops_at_will(
    ask: Any, enter: Any, cast: Any, town: Any, monkeypatch: Any, enough: SimpleNamespace
) -> None:
    enough.when = lambda rows: False
    people = hire_more(town, 18)
    for user in people:  # wishes that cannot all be granted: the bound is out of reach
        enter(user, "wish_off", 2)
    roster = ask(people, count=3, days=28)
    shown, real = [], actions.better

    def better(taken: Roster, found: Any) -> None:
        real(taken, found)
        page = cast.planner.client.get(f"/rosters/{roster.id}/made/").content.decode()
        shown.append((found.figures["objective"], "<table" in page))
        with pytest.raises(Conflict):
            actions.delete(actor=cast.planner.actor, now=town.now, roster_id=roster.id)
        with pytest.raises(Conflict):
            actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, version=2)
        actions.stop(actor=cast.planner.actor, now=town.now, roster_id=roster.id)

    monkeypatch.setattr(actions, "better", better)
    made(roster, town)
    assert shown[0][1]
    assert roster.figures["objective"] <= shown[0][0]
    assert roster.figures["status"] in ("feasible", "optimal")  # proven only if that was quicker than the stop
    kinds = list(Event.objects.filter(subject=str(roster.id)).order_by("seq").values_list("kind", flat=True))
    assert kinds[0] == "roster.asked"
    assert kinds[-1] == "roster.ended"
    assert "roster.stopped" in kinds


def hire_more(town: Any, count: int) -> list[str]:
    from shouwang.desk.people.models import Grant, User

    Grant.objects.filter(area="t/1/a/", user__username__startswith="crew").delete()
    User.objects.filter(username__startswith="crew").delete()
    return hire(town, count)


def test_made_again_with_little_change_when_somebody_falls_ill(
    ask: Any, enter: Any, crew: list[str], cast: Any, town: Any, enough: SimpleNamespace
) -> None:
    roster = made(ask(), town)
    before = roster.rows

    def changed(rows: Any) -> int:
        return sum(a != b for i in crew for a, b in zip(before[i], rows[i], strict=True))

    ill = next(i for i in crew if before[i][3] >= 0)
    enter(ill, "away", 3)
    actions.again(actor=cast.planner.actor, now=town.now, roster_id=roster.id, keep=True)
    with pytest.raises(Conflict):
        actions.again(actor=cast.planner.actor, now=town.now, roster_id=roster.id)
    enough.when = lambda rows: changed(rows) <= 6
    made(roster, town)
    assert roster.rows[ill][3] == -1
    assert 2 <= changed(roster.rows) <= 6


def test_a_change_by_hand_keeps_the_rules_or_is_refused(ask: Any, enter: Any, crew: list[str], cast: Any,
                                                        town: Any) -> None:  # fmt: skip
    enter(crew[5], "away", 0, 7)
    roster = made(ask(), town)
    client, url = cast.planner.client, f"/api/rosters/{roster.id}/edit"
    body = {"version": roster.version, "user": crew[5], "day": str(MONDAY), "shift": "07:00"}

    def edit(**changes: Any) -> Any:
        return client.post(url, body | changes, content_type="application/json")

    refused = edit()
    assert (refused.status_code, refused.json()["code"]) == (422, "absent")
    for changes, field in (({"user": NEW_ID}, "user"), ({"day": "2026-12-14"}, "day"), ({"shift": "08:00"}, "shift")):
        assert edit(**changes).json()["field"] == field
    on = next(i for i in crew if roster.rows[i][0] >= 0)
    assert edit(user=on, shift="", version=roster.version - 1).status_code == 409
    before = roster.figures
    assert edit(user=on, shift="").status_code == 200
    roster.refresh_from_db()
    assert (roster.rows[on][0], roster.figures["bound"]) == (-1, before["bound"])
    assert pages.grid(roster, town.now)["missing"] == 1
    with pytest.raises(Refused):  # a shift is short
        actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, version=roster.version)
    assert Event.objects.get(kind="roster.edited").payload == {"user": on, "day": str(MONDAY)}


def test_mixed_pairs_teams_and_the_desk_watch_are_asked_for(ask: Any, crew: list[str], cast: Any, town: Any) -> None:
    from shouwang.desk.brigades.models import Member, Team
    from shouwang.desk.people.models import Grant

    team = Team.objects.create(code="B1", rank="team", area="t/1/a/", zh="队", en="Team")
    Member.objects.create(user=crew[0], team=team, kind="full_time_guard", badge="1", since=MONDAY)
    Grant.objects.filter(user=cast.office.user).update(area="t/1/")
    desk = str(cast.office.user.id)
    people = tuple(Chosen(i, "police" if n % 2 else "guard") for n, i in enumerate(crew))
    night = Together("23:00", 1, 1, ("police", "guard|volunteer"))
    roster = ask(days=2, people=(*people, Chosen(desk, "desk")), together=(night, Together("07:00", 1, 0, team="B1")),
                 needs=(Needed("police", "23:00", 1, 1), Needed("desk", "07:00", 1, 1)))  # fmt: skip
    rows = made(roster, town).rows
    for day in range(2):
        at_night = [n for n, i in enumerate(crew) if rows[i][day] == 2]
        assert {n % 2 for n in at_night} == {0, 1}
        assert (rows[crew[0]][day], rows[desk][day]) == (0, 0)
    page = cast.planner.client.get(f"/rosters/new/?area=t/1/&first={MONDAY}&days=7").content.decode()
    assert 'data-team="B1"' in page
    for bad in ((Together("23:00", 1, 1, ("fire", "guard")),), (night, night), (Together("08:00", 1, 1, team="B1"),)):
        with pytest.raises(Refused) as refused:
            ask(together=bad)
        assert refused.value.field == "together"
    with pytest.raises(Refused):
        ask(people=(Chosen(crew[0], "desk"),))  # takes over no desk


# ---- sign-off


def test_who_approves_publishes_and_each_member_has_their_turns(ask: Any, crew: list[str], cast: Any, town: Any,
                                                                clock: Any) -> None:  # fmt: skip
    roster = made(ask(), town)
    with pytest.raises(Denied):
        actions.publish(actor=cast.planner.actor, now=town.now, roster_id=roster.id, version=roster.version)
    with pytest.raises(Conflict) as late:
        actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, version=roster.version - 1)
    assert late.value.code == "version"
    assert not Turn.objects.exists()
    for _ in range(2):  # a retry changes nothing
        actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, version=roster.version)
    roster.refresh_from_db()
    turns = sum(k >= 0 for row in roster.rows.values() for k in row)  # the very first roster may have some to spare
    assert (roster.published_by, Turn.objects.count()) == (cast.supervisor.actor.id, turns)
    night = Turn.objects.filter(night=True).order_by("start").first()
    assert (night.day, night.shift, night.start) == (MONDAY, "23:00", datetime(2026, 12, 7, 15, tzinfo=UTC))
    assert night.end - night.start == timedelta(hours=8)
    event = Event.objects.get(kind="roster.published")
    assert (event.actor, event.payload["count"]) == (cast.supervisor.actor.id, turns)
    other = made(ask(), town)
    with pytest.raises(Conflict) as twice:
        actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=other.id, version=other.version)
    assert (twice.value.code, "Crew" in str(twice.value)) == ("twice", True)
    for act in (actions.delete, actions.again):
        with pytest.raises(Conflict):
            act(actor=cast.planner.actor, now=town.now, roster_id=roster.id)
    with pytest.raises(Refused):
        actions.withdraw(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, reason=" ")
    actions.withdraw(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, reason="plans changed")
    assert not Turn.objects.exists()
    assert "plans changed" not in json.dumps(Event.objects.get(kind="roster.withdrawn").payload)
    actions.delete(actor=cast.planner.actor, now=town.now, roster_id=roster.id)


def test_turns_that_passed_without_their_member_are_marked(ask: Any, crew: list[str], cast: Any, town: Any) -> None:
    from shouwang.desk.units.models import Duty

    roster = published(ask(), town, cast)
    first, second = Turn.objects.order_by("start")[:2]
    assert facts.missed(roster, first.start + timedelta(minutes=14)) is None
    assert facts.missed(roster, first.start + timedelta(minutes=15)) == {(str(first.user), MONDAY)}
    Duty.objects.create(unit=town.units["P01"], user=first.user, on_at=first.start - timedelta(minutes=5))
    late = second.start + timedelta(minutes=15)
    assert facts.missed(roster, late) == {(str(second.user), MONDAY)}
    grid = pages.grid(roster, late)
    assert grid["attended"]
    assert sum(line.sums["missed"] for group in grid["groups"] for line in group["lines"]) == 1


def test_a_roster_that_breaks_a_rule_is_not_published(ask: Any, crew: list[str], cast: Any, town: Any) -> None:
    roster = made(ask(), town)
    rows = {**roster.rows, crew[0]: [0] * 7}
    Roster.objects.filter(id=roster.id).update(rows=rows)
    with pytest.raises(Refused) as refused:
        actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, version=roster.version)
    assert refused.value.code == "broken"


def test_a_member_sees_their_own_turns_and_nobody_elses(ask: Any, crew: list[str], cast: Any, town: Any) -> None:
    from shouwang.desk.people.models import User

    clients = {}
    for user in User.objects.filter(id__in=crew):
        clients[str(user.id)] = client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    roster = made(ask(), town)
    assert clients[crew[0]].get("/api/rosters/mine").json() == []  # a draft is nobody's business yet
    assert clients[crew[0]].get(f"/api/rosters/{roster.id}").status_code == 403
    actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, version=roster.version)
    for user, client in clients.items():
        mine = client.get("/api/rosters/mine").json()
        assert [t["day"] for t in mine] == [str(MONDAY + timedelta(days=n)) for n, k in enumerate(roster.rows[user])
                                            if k >= 0]  # fmt: skip
        page = client.get("/m/roster/").content.decode()
        assert page.count("—") >= len(mine)
        assert not [n for n in range(6) if f"Crew {n}" in page and crew[n] != user]
    first = clients[crew[0]].get("/m/").content.decode()
    assert "/m/roster/" in first


def test_the_calendar_link_opens_without_an_account_until_it_is_renewed_or_ended(ask: Any, crew: list[str], cast: Any,
                                                                                 town: Any) -> None:  # fmt: skip
    from shouwang.desk.people.models import User

    roster = published(ask(), town, cast)
    user, client = User.objects.get(id=crew[0]), Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    url = client.post("/api/rosters/feed", "{}", content_type="application/json").json()["url"]
    path = url.removeprefix("http://testserver")
    answer = Client().get(path)
    text = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert text.count("BEGIN:VEVENT") == sum(k >= 0 for k in roster.rows[crew[0]])
    first = Turn.objects.filter(user=crew[0]).order_by("start").first()
    assert f"DTSTART:{first.start:%Y%m%dT%H%M%SZ}" in text
    assert path.split("/")[-1].removesuffix(".ics") not in json.dumps(list(Feed.objects.values()), default=str)
    page = client.post("/m/roster/calendar/", {}).content.decode()
    again = page.split('value="http://testserver')[1].split('"')[0]
    assert (Client().get(path).status_code, Client().get(again).status_code) == (404, 200)
    User.objects.filter(id=user.id).update(is_active=False)
    assert Client().get(again).status_code == 404
    User.objects.filter(id=user.id).update(is_active=True)
    assert client.delete("/api/rosters/feed").status_code == 204
    assert Client().get(again).status_code == 404
    kinds = Event.objects.filter(subject=crew[0], kind__startswith="roster.feed").order_by("seq")
    assert [e.kind for e in kinds] == ["roster.feed_made", "roster.feed_made", "roster.feed_dropped"]


# ---- leave and wishes


def test_entries_are_made_once_listed_and_taken_back(enter: Any, crew: list[str], cast: Any, town: Any) -> None:
    client = cast.planner.client
    body = {"id": NEW_ID, "area": "t/1/", "user": crew[0], "kind": "away", "first": "2026-12-08", "last": "2026-12-09"}
    for _ in range(2):
        assert client.post("/api/rosters/entries", body, content_type="application/json").status_code == 200
    assert Entry.objects.count() == 1
    assert [e["user"] for e in client.get("/api/rosters/entries?area=t/1/").json()] == [crew[0]]
    assert "Crew 0" in client.get("/rosters/entries/?area=t/1/").content.decode()
    assert client.get("/api/rosters/entries?area=x/").status_code == 403
    strange = cast.stranger.client
    assert strange.post("/api/rosters/entries", body, content_type="application/json").status_code == 404
    assert strange.delete(f"/api/rosters/entries/{NEW_ID}").status_code == 404
    assert client.delete(f"/api/rosters/entries/{NEW_ID}").status_code == 204
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user": NEW_ID}, "user"),
        ({"kind": "ill"}, "kind"),
        ({"first": date(9999, 12, 31), "last": date(9999, 12, 31)}, "last"),
        ({"last": MONDAY - timedelta(days=1)}, "last"),
        ({"last": MONDAY + timedelta(days=400)}, "last"),
        ({"shift": "07:00"}, "shift"),
        ({"kind": "wish_on", "shift": "08:00"}, "shift"),
    ],
)
def test_a_bad_entry_is_named_at_its_field(crew: list[str], cast: Any, town: Any, changes: Any, field: str) -> None:
    given = {"id": NEW_ID, "area": "t/1/", "user": crew[0], "kind": "away", "first": MONDAY, "last": MONDAY, **changes}
    with pytest.raises(Refused) as refused:
        actions.enter(actor=cast.planner.actor, now=town.now, **given)
    assert refused.value.field == field
    assert not Entry.objects.exists()


# ---- over HTTP, files, areas, retention


def test_over_http_asked_once_shown_and_exported(crew: list[str], cast: Any, town: Any, tmp_path: Path) -> None:
    client = cast.planner.client
    body = {
        "id": NEW_ID, "area": "t/1/", "first": str(MONDAY), "days": 7,
        "people": [{"id": i, "service": "police"} for i in crew],
        "needs": [{"service": "police", "shift": s, "weekdays": 1, "weekends": 1} for s in SHIFTS],
    }  # fmt: skip
    for _ in range(2):
        answer = client.post("/api/rosters", body, content_type="application/json")
        assert answer.status_code == 200, answer.content
    assert client.get("/api/rosters").json()["total"] == 1
    url = f"/rosters/{NEW_ID}/"
    assert client.get(url + "roster.csv").status_code == 404  # not made yet
    assert "data-going" in client.get(url).content.decode()
    roster = made(Roster.objects.get(), town)
    page = client.get(url).content.decode()
    assert "data-going" not in page
    assert "Crew 5" in page
    table = list(csv.reader(io.StringIO(client.get(url + "roster.csv").content.decode("utf-8-sig"))))
    assert len(table) == 1 + 6 + 3
    assert len({len(row) for row in table[:7]}) == 1
    assert [row[3:10] for row in table if row[1] == "Crew 0"] == [
        [SHIFTS[k] if k >= 0 else "" for k in roster.rows[crew[0]]]
    ]
    book = openpyxl.load_workbook(io.BytesIO(client.get(url + "roster.xlsx").content))
    assert book.active.max_row == 10
    file = tmp_path / "roster.json"
    file.write_bytes(client.get(url + "roster.json").content)
    assert [p.name for p in read_roster(file).problem.people] == crew  # as the command line takes it
    assert client.get(url + "roster.pdf").status_code == 404
    assert client.get("/rosters/").content.decode().count(NEW_ID) == 1


def test_the_form_is_filled_in_for_an_area_and_a_period(enter: Any, crew: list[str], cast: Any, town: Any) -> None:
    enter(crew[0], "away", 1)
    page = cast.planner.client.get(f"/rosters/new/?area=t/1/&first={MONDAY}&days=7").content.decode()
    assert page.count("<tr data-id=") == 6
    assert "12-08" in page
    for odd in ("?first=2026-13-45&days=x", "?days=9999&first=9999-12-31", "?area=x/"):
        assert cast.planner.client.get(f"/rosters/new/{odd}").status_code == 200


def test_rosters_of_another_area_are_not_there(ask: Any, cast: Any, town: Any) -> None:
    from shouwang.desk.people.models import Grant

    roster = ask()
    strange = cast.stranger.client
    for path in (f"/api/rosters/{roster.id}", f"/rosters/{roster.id}/", f"/rosters/{roster.id}/state/",
                 f"/rosters/{roster.id}/roster.json"):  # fmt: skip
        assert strange.get(path).status_code == 404, path
    assert str(roster.id) not in strange.get("/rosters/").content.decode()
    for act in (actions.stop, actions.delete, actions.again):
        with pytest.raises(Missing):
            act(actor=cast.stranger.actor, now=town.now, roster_id=roster.id)
    with pytest.raises(Denied):
        actions.stop(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id)
    Grant.objects.filter(user=cast.planner.user).update(area="t/2/")
    assert cast.planner.client.get(f"/api/rosters/{roster.id}").status_code == 404
    with pytest.raises(Denied):
        ask()


def test_a_search_stopped_before_it_began_leaves_nothing(ask: Any, cast: Any, town: Any) -> None:
    roster = ask()
    actions.stop(actor=cast.planner.actor, now=town.now, roster_id=roster.id)
    assert not jobs.run_one(town.now)
    roster.refresh_from_db()
    assert (roster.state, roster.rows) == ("cancelled", {})


def test_what_is_over_is_deleted_on_schedule(ask: Any, enter: Any, crew: list[str], cast: Any, town: Any) -> None:
    published(ask(), town, cast)
    enter(crew[0], "away", 0)
    end = datetime(2026, 12, 14, tzinfo=UTC)
    Presence.objects.create(id=new_id(), user=crew[0], area="t/1/", on_at=end - timedelta(days=7), on_place="t/1/")
    assert actions.delete_old(end + timedelta(days=395)) == 2  # entry and clocking on: a week before the roster's end
    assert facts.turns(crew)
    assert actions.delete_old(end + timedelta(days=401)) == 1
    assert not Roster.objects.exists()
    assert not Turn.objects.exists()


def test_needs_by_hour_are_met_by_duties_that_overlap(ask: Any, crew: list[str], cast: Any, town: Any) -> None:
    """One around the clock, two from 11 to 19: the second comes with a duty between the shifts."""
    counts = tuple(2 if 11 <= h < 19 else 1 for h in range(24))
    hourly, noon = ByHour("police", counts, tuple(n // 2 + n % 2 for n in counts)), Between("11:00", 8)
    roster = made(ask(needs=(), hours=(hourly,), between=(noon,)), town)
    starts = [duty["start"] for duty in roster.given["duties"]]
    assert starts == ["07:00", "11:00", "15:00", "23:00"]
    for day in range(7):
        at = {starts[row[day]] for row in roster.rows.values() if row[day] >= 0}
        assert {"07:00", "15:00", "23:00"} <= at, (day, at)
        assert day >= 5 or "11:00" in at
    shown = cast.planner.client.get(f"/rosters/{roster.id}/").content.decode()
    assert "11:00—15:00" in shown and "ro-miss" not in shown
    draft = actions.edit(actor=cast.planner.actor, now=town.now, roster_id=roster.id, version=roster.version,
                         user=next(i for i, row in roster.rows.items() if row[0] == 1), day=MONDAY, shift="")
    assert "ro-miss" in cast.planner.client.get(f"/rosters/{draft.id}/").content.decode()
    for bad, field in (({"hours": (hourly,)}, "hours"), ({"needs": (), "hours": (hourly, hourly)}, "hours"),
                       ({"between": (Between("07:00", 8),)}, "between"),
                       ({"between": (Between("12:00", 1),)}, "between")):
        with pytest.raises(Refused) as refused:
            ask(**bad)
        assert refused.value.field == field
