"""Where a turn is and who goes with it: units of the approved plans, mixed pairs, skills; and turns of who has left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from shouwang.desk.brigades import facts as brigades
from shouwang.desk.brigades.models import JointPart, JointPatrol, Member, Team, Training
from shouwang.desk.log.errors import Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.people import actions as accounts
from shouwang.desk.people.access import actor_of
from shouwang.desk.people.models import User
from shouwang.desk.roster import actions, facts, jobs
from shouwang.desk.roster.models import Presence, Roster, Swap, Turn
from shouwang.desk.roster.terms import Between, ByHour, Chosen, Crew, Needed, Question, Together

MONDAY = date(2026, 12, 7)


@pytest.fixture
def plan(town: Any) -> Any:
    """P01 at the bridge and P02 on a tour of two stops at night, by an approved plan."""
    from shouwang.desk.patrol.models import Forecast, Plan, PlanPost, PlanTour

    forecast = Forecast.objects.create(area="t/", made_at=town.now, origin=town.now, hours=48, cell_m=900, model="made",
                                       calls_used=1, first_day=MONDAY, last_day=MONDAY)  # fmt: skip
    start = datetime(2026, 11, 22, 15, tzinfo=UTC)  # 23:00 of Shanghai
    plan = Plan.objects.create(area="t/", shift_start=start, shift_end=start + timedelta(hours=8), state="approved",
                               forecast=forecast, within_s=300, made_at=town.now)  # fmt: skip
    for name, place in (("P01", "Bridge"), ("P02", "Market")):
        unit = town.units[name]
        type(unit).objects.filter(id=unit.id).update(area="t/1/a/")
        PlanPost.objects.create(plan=plan, unit=unit.id, code=unit.code, zh="", en="", letter="", service="police",
                                base_lon=0, base_lat=0, lon=0, lat=0, area="t/1/a/", place_zh=place, place_en=place,
                                )  # fmt: skip
    stops = [{"post": False, "lon": 0, "lat": 0, "zh": "", "en": "", "from_s": 0, "to_s": 9}] * 2
    PlanTour.objects.create(plan=plan, unit=town.units["P02"].id, visits=stops, path=[], length_m=1)
    return plan


@pytest.fixture
def skilled(crew: list[str], town: Any) -> Callable[[int, date], None]:
    """`skilled(0, day)`: the first of the crew passed first aid on a day."""
    team = Team.objects.create(code="B9", rank="team_urban", area="t/1/a/", zh="九队", en="Team 9")

    def passed(n: int, day: date) -> None:
        row = Member.objects.create(user=crew[n], team=team, kind="police", badge=f"S{n}", since=day)
        Training.objects.create(member=row, course="extra", taught="first_aid", day=day, hours=4, passed=True)

    return passed


def of(client_of: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(id=client_of), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_turns_go_out_with_the_units_of_the_plan_and_say_where(plan: Any, ask: Any, publish: Any, crew: list[str],
                                                               cast: Any, town: Any) -> None:  # fmt: skip
    crews = {u: town.units[u].kind.crew_default for u in ("P01", "P02")}
    on = sum(crews.values())
    roster = publish(ask(days=2, needs=(Needed("police", "23:00", on, on), Needed("police", "07:00", 1, 1))))
    for day in (MONDAY, MONDAY + timedelta(days=1)):
        seats = Counter(Turn.objects.filter(day=day, shift="23:00").exclude(unit=None).values_list("unit", flat=True))
        assert seats == {town.units[u].id: n for u, n in crews.items()}
    assert set(Turn.objects.filter(shift="07:00").values_list("unit", flat=True)) == {None}  # no plan for the day
    turn = Turn.objects.filter(unit=town.units["P02"].id).first()
    assert turn is not None
    crewed = Turn.objects.filter(unit=turn.unit, start=turn.start).exclude(id=turn.id)
    mates = set(crewed.values_list("user", flat=True))
    client = of(str(turn.user))
    told = next(t for t in client.get("/api/rosters/mine").json() if t["day"] == str(turn.day))
    unit = town.units["P02"]
    assert told["where"] == f"{unit.zh}、Market、巡线 2 站"
    assert told["beside"] == "、".join(User.objects.get(id=u).name for u in sorted(mates, key=str))
    assert "Market" in client.get("/me/turns/").content.decode()
    assert "Market" in client.get("/m/roster/").content.decode()
    sheet = cast.planner.client.get(f"/rosters/day/?area=t/1/&day={MONDAY}").content.decode()
    assert "Bridge" in sheet
    table = cast.planner.client.get(f"/rosters/day.csv?area=t/1/&day={MONDAY}").content.decode()
    assert "Bridge" in table
    link = client.post("/api/rosters/feed").json()["url"]
    calendar = Client().get(link.split("testserver")[1]).content.decode().replace("\r\n ", "")
    assert "Market" in calendar
    assert roster.asked["crews"]


def test_a_turn_between_the_shifts_goes_with_a_unit_of_the_shift_under_way(plan: Any, ask: Any, publish: Any,
                                                                           crew: list[str], town: Any) -> None:
    night = [2 if h in (23, *range(7)) else 1 if h < 11 else 0 for h in range(24)]  # 02:00–10:00 overlaps the night
    hours = (ByHour("police", tuple(night), tuple(night)),)
    publish(ask(days=2, needs=(), hours=hours, between=(Between("02:00", 9),), gaps=True))
    between = Turn.objects.filter(shift="02:00")
    assert between.exists()
    assert set(between.values_list("unit", flat=True)) <= {town.units[u].id for u in ("P01", "P02")}
    told = facts.turns([str(t.user) for t in between])
    places = {facts.where([t])[t.id].place for t in told if t.shift == "02:00"}
    assert places <= {"Bridge", "Market"} and places


def test_who_takes_a_turn_over_takes_its_unit(plan: Any, ask: Any, publish: Any, crew: list[str], cast: Any, town: Any,
                                              ) -> None:  # fmt: skip
    roster = publish(ask(days=1, needs=(Needed("police", "23:00", 2, 2),)))
    turn = Turn.objects.order_by("user").first()
    taker = next(u for u in crew if not Turn.objects.filter(user=u).exists())
    assert turn is not None
    swap = actions.ask_swap(actor=actor_of(User.objects.get(id=turn.user)), now=town.now, id=new_id(), day=MONDAY)
    actions.accept(actor=actor_of(User.objects.get(id=taker)), now=town.now, swap_id=swap.id)
    actions.approve_swap(actor=cast.supervisor.actor, now=town.now, swap_id=swap.id)
    assert (Turn.objects.get(user=taker).unit, turn.unit) == (turn.unit, turn.unit)
    assert turn.unit is not None
    assert Turn.objects.filter(roster=roster).count() == 2


def test_seats_between_the_shifts(town: Any) -> None:
    """By shift seats are as many as the crew has; between the shifts whoever finds none goes with the least crowded."""
    from shouwang.desk.roster.seating import seat

    units, day = [str(new_id()) for _ in range(2)], MONDAY
    crews = tuple(Crew(u, "police", "23:00", 1) for u in units)
    asked = Question("t/1/", day, 2, (), (), crews=crews)

    def turn(shift: str, on: date) -> Turn:
        return Turn(user=new_id(), day=on, shift=shift, service="police")

    night, early = [turn("23:00", day) for _ in range(3)], [turn("02:00", day + timedelta(days=1)) for _ in range(2)]
    first, noon = turn("02:00", day), turn("11:00", day)
    seat([*night, *early, first, noon], [], asked, ("07:00", "15:00", "23:00"))
    assert Counter(str(t.unit) for t in night) == {units[0]: 1, units[1]: 1, "None": 1}
    assert Counter(str(t.unit) for t in early) == {units[0]: 1, units[1]: 1}
    assert str(first.unit) in units  # the night before begins with it
    assert noon.unit is None  # no plan places a unit by day


def test_a_mixed_pair_goes_out_together(plan: Any, ask: Any, publish: Any, crew: list[str], enough: Any, town: Any,
                                        ) -> None:  # fmt: skip
    enough.when = lambda rows: sum(k >= 0 for row in rows.values() for k in row) == 2  # the first roster may hold more
    people = tuple(Chosen(i, "police" if n % 2 else "volunteer") for n, i in enumerate(crew))
    pair = Together("23:00", 1, 1, ("police", "guard|volunteer"))
    publish(ask(days=1, people=people, together=(pair,), needs=(Needed("police", "23:00", 1, 1),
                                                               Needed("volunteer", "23:00", 1, 1))))  # fmt: skip
    one, other = facts.turns(crew)
    assert {one.service, other.service} == {"police", "volunteer"}
    assert one.pair == other.pair == 1
    assert one.unit == other.unit is not None  # who has no unit of their own goes with the other's
    assert facts.beside([one]) == {one.id: [other.user]}


def test_the_watch_of_a_desk_says_whose(ask: Any, publish: Any, crew: list[str], cast: Any, town: Any) -> None:
    from shouwang.desk.people.models import Grant

    Grant.objects.filter(user=cast.office.user).update(area="t/1/")
    desk = str(cast.office.user.id)
    publish(ask(days=1, people=(Chosen(desk, "desk"),), needs=(Needed("desk", "07:00", 1, 1),)))
    (turn,) = facts.turns([desk])
    assert facts.where([turn])[turn.id].code == "t/1/"


def test_a_turn_may_ask_for_a_skill_that_is_valid_on_the_day(ask: Any, crew: list[str], skilled: Any, cast: Any,
                                                             town: Any, enough: Any) -> None:  # fmt: skip
    skilled(0, date(2025, 12, 8))  # counts up to 9 December
    skilled(1, date(2026, 6, 1))
    wanted = Together("07:00", 1, 1, skill="first_aid")
    roster = ask(days=5, needs=(Needed("police", "07:00", 2, 2),), together=(wanted,))
    held = {p["id"]: p["skills"] for p in roster.given["people"]}
    assert held == {i: [f"first_aid/{'2026-12-09' if n == 0 else '2027-06-02'}"] if n < 2 else []
                    for n, i in enumerate(crew)}
    assert jobs.run_one(town.now)
    roster.refresh_from_db()
    for day in range(5):
        able = crew[:2] if day < 3 else crew[1:2]  # from Thursday on the first no longer holds it
        assert any(roster.rows[i][day] == 0 for i in able)
    alone = ask(days=5, people=(Chosen(crew[0], "police"), Chosen(crew[2], "police")), together=(wanted,),
                needs=(Needed("police", "07:00", 1, 1),))
    assert jobs.run_one(town.now)
    alone.refresh_from_db()
    assert alone.figures["status"] == "impossible"
    page = cast.planner.client.get(f"/rosters/{alone.id}/", headers={"accept-language": "en"}).content.decode()
    assert "急救" in page
    form = cast.planner.client.get(f"/rosters/new/?area=t/1/&first={MONDAY}&days=7").content.decode()
    assert 'data-skill="first_aid"' in form
    assert 'data-skill="second_skill"' not in form  # nobody holds it
    with pytest.raises(Refused) as refused:
        ask(together=(Together("07:00", 1, 1, skill="flying"),))
    assert refused.value.field == "together"
    assert cast.planner.client.post("/api/rosters", content_type="application/json", data={
        **{k: v for k, v in roster.asked.items() if k != "crews"}, "id": str(new_id()), "together": [asdict(wanted)],
    }).status_code == 200  # fmt: skip


def test_a_leavers_turns_are_open_in_the_same_second(plan: Any, ask: Any, publish: Any, crew: list[str], cast: Any,
                                                     town: Any) -> None:  # fmt: skip
    roster: Roster = publish(ask(days=3, needs=(Needed("police", "23:00", 2, 2),)))
    gone = str(Turn.objects.order_by("user").values_list("user", flat=True)[0])
    days = list(Turn.objects.filter(user=gone).order_by("day").values_list("day", flat=True))
    actor = actor_of(User.objects.get(id=gone))
    waiting = actions.ask_swap(actor=actor, now=town.now, id=new_id(), day=days[0])
    here = Presence.objects.create(id=new_id(), user=gone, area="t/1/", on_at=town.now, on_place="t/1/")
    accounts.deactivate(actor=cast.admin.actor, now=town.now, user_id=gone, reason="left")
    assert not Turn.objects.filter(user=gone).exists()
    waiting.refresh_from_db()
    here.refresh_from_db()
    assert (waiting.state, here.off_at) == ("void", town.now)
    opened = Swap.objects.filter(kind="open", state="asked")
    assert sorted(opened.values_list("day", flat=True)) == days
    assert Event.objects.filter(kind="roster.shift_opened").count() == len(days)
    roster.refresh_from_db()
    assert set(roster.rows[gone]) == {-1}
    taker = next(u for u in crew if u != gone and not Turn.objects.filter(user=u, day=days[0]).exists())
    with pytest.raises(Refused):  # who has left takes nothing
        actions.accept(actor=actor, now=town.now, swap_id=opened[0].id)
    first = opened.get(day=days[0])
    actions.accept(actor=actor_of(User.objects.get(id=taker)), now=town.now, swap_id=first.id)
    assert Turn.objects.get(user=taker, day=days[0]).unit is not None


def test_joint_patrols_are_on_the_phone_and_on_the_sheet(crew: list[str], skilled: Any, cast: Any) -> None:
    skilled(0, MONDAY)
    lead, other = Team.objects.get(code="B9"), Team.objects.create(code="B8", rank="squadron", area="t/1/", zh="八队",
                                                                   en="Team 8")  # fmt: skip
    now = timezone.now()
    patrol = JointPatrol.objects.create(id=new_id(), area="t/1/", lead=other, start=now + timedelta(hours=1),
                                        end=now + timedelta(hours=3), made_by="x")
    for team, n in ((lead, 2), (other, 3)):
        JointPart.objects.create(patrol=patrol, team=team, people=n)
    (found,) = brigades.joint_for(crew[0], now, now + timedelta(hours=24))
    assert ([str(t.code) for t, _n in found.teams], found.people) == (["B8", "B9"], 5)
    assert "九队" in of(crew[0]).get("/m/").content.decode()
    day = (now + timedelta(hours=1)).astimezone(ZoneInfo("Asia/Shanghai")).date()
    assert "八队" in cast.planner.client.get(f"/rosters/day/?area=t/1/&day={day}").content.decode()
