"""Turns that change hands after a roster is published: swaps, open shifts, illness; and how turns were met."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from shouwang.desk.log.errors import Conflict, Missing, Refused
from shouwang.desk.log.ids import new_id
from shouwang.desk.log.models import Event
from shouwang.desk.people.access import actor_of
from shouwang.desk.people.models import User
from shouwang.desk.roster import actions, facts, jobs, pages
from shouwang.desk.roster.models import Presence, Roster, Swap, Turn

MONDAY = date(2026, 12, 7)
DAY, LATE, NIGHT, OFF = 0, 1, 2, -1
ROWS = [  # six members, a shift each of every day covered
    [DAY, DAY, DAY, DAY, OFF, OFF, OFF],
    [LATE, LATE, LATE, LATE, OFF, OFF, OFF],
    [NIGHT, NIGHT, NIGHT, OFF, OFF, OFF, OFF],
    [OFF, OFF, OFF, OFF, DAY, DAY, DAY],
    [OFF, OFF, OFF, OFF, LATE, LATE, LATE],
    [OFF, OFF, OFF, NIGHT, NIGHT, NIGHT, NIGHT],
]


@pytest.fixture
def week(ask: Any, publish: Any, crew: list[str], cast: Any, town: Any) -> Roster:
    """A published week as ROWS."""
    roster = ask()
    Roster.objects.filter(id=roster.id).update(state="done", rows=dict(zip(crew, ROWS, strict=True)),
                                               figures={"status": "feasible", "objective": 1, "bound": 0, "gap": 1})
    roster.refresh_from_db()
    return actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=roster.id, version=roster.version)


@pytest.fixture
def do(crew: list[str], town: Any) -> Callable[..., Swap]:
    """`do(0, "ask_swap", …)`: the first of the crew does something."""
    def done(n: int, what: str, **given: Any) -> Any:
        who = actor_of(User.objects.get(id=crew[n]))
        return getattr(actions, what)(actor=who, now=town.now, **given)

    return done


def row(roster: Roster, user: str) -> list[int]:
    roster.refresh_from_db()
    turns = {t.day: t.shift for t in Turn.objects.filter(user=user)}
    starts = [d["start"] for d in roster.given["duties"]]
    days = [MONDAY + timedelta(days=n) for n in range(7)]
    assert [starts[k] if k >= 0 else None for k in roster.rows[user]] == [turns.get(d) for d in days]
    return roster.rows[user]


def on(n: int) -> date:
    return MONDAY + timedelta(days=n)


def test_a_swap_is_asked_accepted_and_approved_and_stays_legal(week: Any, crew: list[str], do: Any, cast: Any,
                                                               town: Any) -> None:  # fmt: skip
    with pytest.raises(Refused) as bad:  # a day duty the morning after a late one: too little rest
        do(1, "ask_swap", id=new_id(), day=on(1), other=crew[0], other_day=on(1))
    assert bad.value.code == "rest_between"
    assert not Swap.objects.exists()
    swap = do(0, "ask_swap", id=new_id(), day=on(1), other=crew[3], other_day=on(5))
    with pytest.raises(Conflict):
        do(0, "ask_swap", id=new_id(), day=on(1))  # offered already
    with pytest.raises(Missing):
        do(4, "accept", swap_id=swap.id)  # not asked
    with pytest.raises(Conflict):
        actions.approve_swap(actor=cast.supervisor.actor, now=town.now, swap_id=swap.id)  # not accepted
    assert do(3, "accept", swap_id=swap.id).state == "accepted"
    assert row(week, crew[0])[1] == DAY  # nothing has changed yet
    with pytest.raises(Missing):
        actions.approve_swap(actor=cast.stranger.actor, now=town.now, swap_id=swap.id)
    for _ in range(2):  # a retry changes nothing
        assert actions.approve_swap(actor=cast.supervisor.actor, now=town.now, swap_id=swap.id).state == "done"
    assert row(week, crew[0]) == [DAY, OFF, DAY, DAY, OFF, DAY, OFF]
    assert row(week, crew[3]) == [OFF, DAY, OFF, OFF, DAY, OFF, DAY]
    kinds = Event.objects.filter(kind__startswith="roster.swap").order_by("seq").values_list("kind", flat=True)
    assert [k.removeprefix("roster.swap_") for k in kinds][-3:] == ["asked", "accepted", "approved"]


def test_leave_entered_since_is_minded_and_an_answer_is_not_forced(week: Any, crew: list[str], do: Any, enter: Any,
                                                                   cast: Any, town: Any) -> None:  # fmt: skip
    anybody = do(0, "ask_swap", id=new_id(), day=on(1))
    enter(crew[3], "away", 1)
    with pytest.raises(Refused) as away:
        do(3, "accept", swap_id=anybody.id)
    assert away.value.code == "absent"
    assert do(4, "accept", swap_id=anybody.id).other is not None
    assert do(0, "withdraw_swap", swap_id=anybody.id).state == "withdrawn"
    named = do(0, "ask_swap", id=new_id(), day=on(1), other=crew[4])
    assert do(4, "decline", swap_id=named.id).state == "declined"
    third = do(0, "ask_swap", id=new_id(), day=on(1), other=crew[4])
    do(4, "accept", swap_id=third.id)
    assert actions.refuse_swap(actor=cast.supervisor.actor, now=town.now, swap_id=third.id).state == "refused"
    assert row(week, crew[0]) == ROWS[0]
    late = do(0, "ask_swap", id=new_id(), day=on(2))
    actions.withdraw(actor=cast.supervisor.actor, now=town.now, roster_id=week.id, reason="x")
    late.refresh_from_db()
    assert late.state == "void"


def test_an_open_shift_goes_to_who_takes_it_first_within_the_rules(week: Any, crew: list[str], do: Any, cast: Any,
                                                                   town: Any) -> None:  # fmt: skip
    given = {"actor": cast.planner.actor, "now": town.now, "roster_id": week.id, "shift": "07:00"}
    shift = actions.open_shift(id=new_id(), day=on(1), service="police", **given)
    assert crew[2] not in pages.changing.may_take(week, on(1), "07:00", "police")  # comes from the night
    with pytest.raises(Refused):
        do(2, "accept", swap_id=shift.id)
    assert [s.id for s in facts.offers_for(crew[3], MONDAY)] == [shift.id]
    assert do(3, "accept", swap_id=shift.id).state == "done"
    assert row(week, crew[3])[1] == DAY
    with pytest.raises((Conflict, Missing)):
        do(4, "accept", swap_id=shift.id)
    for bad in ({"service": "fire", "day": on(1)}, {"service": "police", "day": on(9)}):
        with pytest.raises(Refused):
            actions.open_shift(id=new_id(), **bad, **given)


def test_over_http_and_on_the_pages(week: Any, crew: list[str], cast: Any, town: Any) -> None:
    clients = []
    for user in crew:
        client = Client()
        client.force_login(User.objects.get(id=user), backend="allauth.account.auth_backends.AuthenticationBackend")
        clients.append(client)
    told = clients[0].get(f"/api/rosters/turns/{on(1)}/options").json()
    gifts, swaps = [o for o in told if o["day"] is None], [o for o in told if o["day"]]
    assert {o["user"] for o in gifts} == {crew[3], crew[4], crew[5]}
    assert {(o["user"], o["day"]) for o in swaps} >= {(crew[3], str(on(5)))}
    page = clients[0].get(f"/me/turns/{on(1)}/").content.decode()
    assert page.count('name="to"') == len(told) + 1
    body = {"do": "offer", "to": f"{crew[3]}/{on(5)}", "id": str(new_id())}
    assert clients[0].post(f"/me/turns/{on(1)}/", body).status_code == 302
    swap = Swap.objects.get()
    for client, mark in ((clients[0], "withdraw"), (clients[3], "accept")):
        assert f'value="{mark}"' in client.get("/me/turns/").content.decode()
    assert "Crew 0" not in clients[5].get("/me/turns/").content.decode()
    assert clients[3].post("/me/turns/", {"do": "accept", "swap": str(swap.id)}).status_code == 302
    leader = cast.supervisor.client
    assert [s["id"] for s in leader.get("/api/rosters/swaps/waiting").json()] == [str(swap.id)]
    assert 'value="approve"' in leader.get("/rosters/swaps/").content.decode()
    assert clients[5].post(f"/api/rosters/swaps/{swap.id}/approve").status_code == 404
    assert leader.post("/rosters/swaps/", {"do": "approve", "swap": str(swap.id)}).status_code == 302
    assert row(week, crew[3])[1] == DAY
    assert str(swap.id) not in str(cast.stranger.client.get("/api/rosters/swaps/waiting").json())


def test_illness_moves_few_and_only_them(week: Any, crew: list[str], cast: Any, town: Any) -> None:
    given = {"actor": cast.planner.actor, "now": town.now, "roster_id": week.id, "user": crew[0]}
    with pytest.raises(Refused):
        actions.replan(id=new_id(), first=on(9), last=on(9), **given)
    change = actions.replan(id=new_id(), first=on(2), last=on(3), **given)
    assert jobs.run_one(town.now)
    change.refresh_from_db()
    assert (change.first, change.days, change.state) == (on(2), 5, "done")
    moves = facts.moves(change)
    assert {(m.day, m.after) for m in moves if m.user == crew[0]} == {(on(2), ""), (on(3), "")}
    assert len(moves) == 4  # two turns fall away, two are taken: none fewer is enough
    assert cast.planner.client.get(f"/api/rosters/{change.id}/moves").json()[0].keys() == {"user", "day", "before",
                                                                                         "after"}
    page = cast.supervisor.client.get(f"/rosters/{change.id}/").content.decode()
    assert page.count("data-move") == len({m.user for m in moves})
    before = {str(i) for i in Turn.objects.exclude(day__in=[on(2), on(3)]).values_list("id", flat=True)}
    actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=change.id, version=change.version)
    for user in crew:
        row(week, user)
    assert before == {str(i) for i in Turn.objects.exclude(day__in=[on(2), on(3)]).values_list("id", flat=True)}
    with pytest.raises(Conflict):
        actions.withdraw(actor=cast.supervisor.actor, now=town.now, roster_id=change.id, reason="x")
    second = actions.replan(id=new_id(), first=on(4), last=on(4), **{**given, "user": crew[3]})
    assert jobs.run_one(town.now)
    week.refresh_from_db()
    other = [*week.rows[crew[4]][:6], OFF]
    Roster.objects.filter(id=week.id).update(rows=week.rows | {crew[4]: other})
    second.refresh_from_db()
    with pytest.raises(Conflict) as changed:  # another change came between
        actions.publish(actor=cast.supervisor.actor, now=town.now, roster_id=second.id, version=second.version)
    assert changed.value.code == "changed"


def test_clocking_on_at_a_place_counts_as_attendance(week: Any, crew: list[str], cast: Any, town: Any) -> None:
    start = Turn.objects.get(user=crew[0], day=MONDAY).start
    who = actor_of(User.objects.get(id=crew[0]))
    with pytest.raises(Refused) as early:
        actions.clock_on(actor=who, now=start - timedelta(hours=2), id=new_id(), place="t/1/")
    assert early.value.code == "turn"
    with pytest.raises(Refused) as elsewhere:
        actions.clock_on(actor=who, now=start, id=new_id(), place="t/2/")
    assert elsewhere.value.field == "place"
    kept = new_id()
    for _ in range(2):
        actions.clock_on(actor=who, now=start + timedelta(minutes=20), id=kept, place="t/1/")
    with pytest.raises(Conflict):
        actions.clock_on(actor=who, now=start + timedelta(minutes=21), id=new_id(), place="t/1/")
    actions.clock_off(actor=who, now=start + timedelta(hours=8))
    assert Presence.objects.get().off_place == "t/1/"
    later = start + timedelta(hours=9)
    told = {r.user: r for r in pages.attendance("t/1/", MONDAY, later)}
    assert (told[crew[0]].came, told[crew[0]].on_at) == ("late", start + timedelta(minutes=20))
    assert (told[crew[1]].came, told[crew[2]].came) == ("missed", "due")
    leader = cast.supervisor.client
    page = leader.get(f"/rosters/day/?area=t/1/&day={MONDAY}").content.decode()
    assert page.count("<tr data-user") == 3
    assert len(leader.get(f"/api/rosters/attendance?area=t/1/&day={MONDAY}").json()) == 3
    assert leader.get("/rosters/day.csv?area=t/1/&day=x").status_code == 200
    assert cast.stranger.client.get(f"/api/rosters/attendance?area=t/1/&day={MONDAY}").status_code == 403


def test_a_forgotten_clock_on_is_ended_by_the_clock_and_told(week: Any, crew: list[str], cast: Any, town: Any) -> None:
    turn = Turn.objects.get(user=crew[0], day=MONDAY)
    who = actor_of(User.objects.get(id=crew[0]))
    actions.clock_on(actor=who, now=turn.start, id=new_id(), place="t/1/")
    assert actions.end_forgotten(turn.end + timedelta(minutes=59)) == 0
    ended = turn.end + timedelta(minutes=60)
    assert [actions.end_forgotten(ended + timedelta(minutes=n)) for n in range(2)] == [1, 0]
    row = Presence.objects.get()
    assert (row.off_at, row.by_clock, row.off_place) == (ended, True, "t/1/")
    event = Event.objects.get(kind="roster.ended_by_clock")
    assert (event.actor, event.area) == ("system:rosters", "t/1/")
    assert {r.user: r.by_clock for r in pages.attendance("t/1/", MONDAY, ended)}[crew[0]]
    assert [f["name"] for f in pages.forgotten(cast.supervisor.actor, ended)] == ["Crew 0"]
    assert pages.forgotten(cast.stranger.actor, ended) == []
    assert "Crew 0" in cast.supervisor.client.get("/rosters/").content.decode()
    actions.withdraw(actor=cast.supervisor.actor, now=town.now, roster_id=week.id, reason="x")
    Presence.objects.create(id=new_id(), user=crew[1], area="t/1/", on_at=turn.start, on_place="t/1/")  # without a turn
    assert actions.end_forgotten(turn.start + timedelta(hours=12, minutes=59)) == 0
    assert actions.end_forgotten(turn.start + timedelta(hours=13)) == 1


def test_what_was_shared_out_over_months_is_shown_by_name(week: Any, crew: list[str], cast: Any) -> None:
    rows = pages.shares("t/1/", 3, on(6))
    assert [(r.name, r.turns, r.nights, r.weekends) for r in rows][2] == ("Crew 2", 3, 3, 0)
    assert [(r.nights, r.weekends) for r in rows][5] == (4, 2)
    Turn.objects.update(day=F("day") - timedelta(days=28))
    assert "Crew 5" in cast.planner.client.get("/rosters/shares/?area=t/1/&months=12").content.decode()
