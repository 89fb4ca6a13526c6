"""The seven steps with their side ways, who may take them, and until when."""
from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from shouwang.desk.log.errors import Conflict, Denied, Missing, Refused
from shouwang.desk.log.facts import of as events_of
from shouwang.desk.log.ids import new_id
from shouwang.desk.matters import actions, facts, shown
from shouwang.desk.matters.models import Matter
from shouwang.desk.people.models import User
from shouwang.desk.workflow.hours import hours
from shouwang.desk.workflow.moves import cycle

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispatched(report: Any, move: Any) -> Any:
    """A matter in the hands of its office."""
    def made(kind: str = "M0210", **given: Any) -> Any:
        matter = report(kind, **given)
        move(matter, "m_accept", "clerk")
        return move(matter, "m_assign", "clerk" if matter.level != "district" else "centre")
    return made


@pytest.fixture
def answered(dispatched: Any, move: Any, photo: Any) -> Any:
    def made(**given: Any) -> Any:
        matter = dispatched(**given)
        move(matter, "m_start", "handler")
        return move(matter, "m_answer", "handler", result="New bulb", photos=(photo(),))
    return made


def test_a_matter_goes_through_its_seven_steps(report: Any, move: Any, photo: Any, clock: Any, cast: Any) -> None:
    matter = report(words="Dark corner", photos=(photo(),))
    assert (matter.state, matter.number, matter.area) == ("reported", "M1121-0001", "t/2/b/")
    kind = matter.type
    assert matter.due_at == hours().after(clock(), kind.accept_h)
    move(matter, "m_accept", "office")
    clock.forward(hours=1)
    matter = move(matter, "m_assign", "clerk")
    assert matter.handler == "urban_management"
    assert matter.due_at == matter.handle_due_at == hours().after(clock(), kind.handle_h)
    move(matter, "m_start", "handler")
    matter = move(matter, "m_answer", "handler", result="New bulb", photos=(photo(),))
    assert matter.in_time is True and matter.due_at == hours().after(clock(), kind.check_h)
    move(matter, "m_check", "clerk")
    matter = move(matter, "m_close", "clerk", check="on_site")
    assert matter.closed_at == clock() and matter.due_at == clock() + timedelta(days=7)
    matter = move(matter, "m_rate", "grid", rating=5)
    assert (matter.state, matter.rating) == ("rated", 5)
    told = [e.payload.get("new") for e in events_of("matter", matter.id) if e.kind.startswith("matter.")]
    assert told == ["reported", "accepted", "assigned", "handling", "answered", "checking", "closed", "rated"]
    logged = str([e.payload for e in events_of("matter", matter.id)])
    assert "Dark corner" not in logged and "New bulb" not in logged
    assert [s.text for s in actions.read_words(actor=cast.clerk.actor, now=clock(), matter_id=matter.id)] == [
        "Dark corner", "New bulb"]
    assert [s.shown for s in shown.steps_of(matter)] == ["done"] * 7


def test_every_state_and_step_of_the_life_cycle_has_a_place_here(rules: None) -> None:
    states = cycle("matter").states
    in_steps = {s for _step, of in shown.STEPS for s in of}
    assert set(states) == in_steps | {"void"}
    assert {t.id for t in cycle("matter").transitions.values()} - set(actions.moving._PREPARED) == {"m_return"}


def test_a_step_says_what_it_needs(dispatched: Any, move: Any) -> None:
    matter = dispatched()
    for step, by, given, field in (
        ("m_return", "handler", {}, "reason"), ("m_extend", "centre", {"reason": "Rain"}, "new_due"),
        ("m_suspend", "centre", {}, "reason"), ("m_answer", "handler", {"result": "Done"}, "photo_after"),
        ("m_answer", "handler", {}, "result"), ("m_flight", "handler", {}, "transition"),
    ):
        with pytest.raises(Refused) as told:
            move(matter, step, by, **given)
        assert told.value.field == field, step
        assert Matter.objects.get(id=matter.id).state == "assigned"


def test_side_ways(dispatched: Any, move: Any, clock: Any) -> None:
    matter = dispatched()
    matter = move(matter, "m_return", "handler", reason="Not ours")
    assert matter.state == "returned" and matter.due_at == hours().after(clock(), matter.type.assign_h)
    matter = move(matter, "m_assign", "clerk", handler="property_co")
    assert matter.handler == "property_co"
    later = matter.handle_due_at + timedelta(days=2)
    matter = move(matter, "m_extend", "centre", reason="Part is ordered", due_at=later)
    assert (matter.state, matter.due_at, matter.handle_due_at) == ("extended", later, later)
    move(matter, "m_start", "property_co")
    left = hours().between(clock(), later)
    matter = move(matter, "m_suspend", "centre", reason="Being rebuilt", due_at=clock() + timedelta(days=30))
    assert matter.state == "suspended" and matter.left_h == pytest.approx(left)
    clock.forward(days=30)
    matter = move(matter, "m_start", "property_co")
    assert hours().between(clock(), matter.due_at) == pytest.approx(left)  # the clock that was stopped goes on


def test_a_check_that_fails_begins_the_handling_anew(answered: Any, move: Any, clock: Any) -> None:
    matter = answered()
    clock.forward(hours=3)
    move(matter, "m_check", "clerk")
    matter = move(matter, "m_redo", "clerk", reason="Still dark")
    assert (matter.state, matter.redone, matter.answered_at, matter.in_time) == ("assigned", 1, None, None)
    assert matter.due_at == hours().after(clock(), matter.type.handle_h)


def test_who_answered_does_not_check(dispatched: Any, move: Any, photo: Any, cast: Any) -> None:
    matter = dispatched("M0308")  # settled in the community: the grid worker may do it
    move(matter, "m_answer", "grid", result="Swept", photos=(photo(),))
    with pytest.raises(Refused) as told:
        move(matter, "m_check", "grid")
    assert told.value.code == "same_person"
    assert "m_check" not in [t.id for t in actions.moves(cast.grid.actor, Matter.objects.get(id=matter.id))]
    assert move(matter, "m_check", "clerk").state == "checking"


def test_a_continuous_kind_counts_every_hour(report: Any, clock: Any) -> None:
    matter = report("M0209")
    assert matter.due_at == clock() + timedelta(hours=0.5)


def test_late_ones_are_told_to_the_timers_level_and_then_to_the_one_above(
    dispatched: Any, report: Any, clock: Any
) -> None:
    matter, new = dispatched(), report("M0209")
    clock.now = matter.handle_due_at + timedelta(minutes=1)
    actions.watch(clock())
    matter, new = Matter.objects.get(id=matter.id), Matter.objects.get(id=new.id)
    assert (matter.told, matter.late_at) == ("district", clock()) and new.told == "street"
    before = len(events_of("matter", matter.id))
    actions.watch(clock())
    assert len(events_of("matter", matter.id)) == before
    assert shown.clock_of(matter, clock()).how == "late"
    for _ in range(3):  # not done in as much time again: the level above hears of it, and that is the highest
        clock.now += timedelta(hours=1)
        actions.watch(clock())
    told = [e.payload["level"] for e in events_of("matter", new.id) if e.kind == "matter.late"]
    assert told == ["street", "district"] and Matter.objects.get(id=new.id).told == "district"
    assert len(events_of("matter", matter.id)) == before


def test_what_nobody_rates_is_filed(answered: Any, move: Any, clock: Any) -> None:
    matter = answered()
    move(matter, "m_check", "clerk")
    move(matter, "m_close", "clerk", check="photo")
    clock.forward(days=6)
    actions.watch(clock())
    assert Matter.objects.get(id=matter.id).state == "closed"
    clock.forward(days=2)
    actions.watch(clock())
    filed = Matter.objects.get(id=matter.id)
    assert (filed.state, filed.rating) == ("rated", None)


# ---- levels: the seat that settles a matter is where one must hold the permission

@pytest.fixture
def of_area(cast: Any) -> Any:
    """Somebody who holds a role in one area alone."""
    from shouwang.desk.people.models import Grant, Role, User

    def made(name: str, role: str, area: str) -> None:
        user = User(username=name, name=name)
        user.set_unusable_password()
        user.save()
        Grant.objects.create(user=user, role=Role.objects.get(code=role), area=area)
        cast.people[name] = type(cast.grid)(user)
    return made


def test_each_level_is_dispatched_by_its_own_seat(of_area: Any, report: Any, move: Any, cast: Any, clock: Any) -> None:
    of_area("east", "centre_clerk", "t/2/")
    of_area("worker", "grid_worker", "t/2/b/")
    street = report("M0210")
    move(street, "m_accept", "east")
    move(street, "m_assign", "east")
    with pytest.raises(Denied):
        move(street, "m_start", "worker")  # a grid worker handles what the community settles
    community = report("M0308")
    move(community, "m_accept", "east")
    move(community, "m_assign", "east")
    assert move(community, "m_start", "worker").state == "handling"

    matter = report("M0210")
    move(matter, "m_accept", "east")
    raised = actions.escalate(actor=cast.east.actor, now=clock(), matter_id=matter.id, reason="Beyond the street")
    assert raised.level == "district"
    with pytest.raises(Denied):
        move(matter, "m_assign", "east")
    assert move(matter, "m_assign", "centre").state == "assigned"
    with pytest.raises(Conflict) as told:  # it is in somebody's hands
        actions.escalate(actor=cast.clerk.actor, now=clock(), matter_id=matter.id, reason="Once more")
    assert told.value.code == "state"


def test_a_matter_elsewhere_is_not_there(of_area: Any, report: Any, move: Any) -> None:
    of_area("west", "centre_clerk", "t/1/")
    matter = report()
    with pytest.raises(Missing):
        move(matter, "m_accept", "west")


# ---- retries and races

def test_a_retry_does_nothing_twice_and_an_old_version_nothing_at_all(report: Any, move: Any) -> None:
    matter, key = report(), new_id()
    move(matter, "m_accept", "clerk", key=key)
    again = move(matter, "m_accept", "clerk", key=key)
    assert again.state == "accepted" and len(events_of("matter", matter.id)) == 2
    with pytest.raises(Conflict):
        move(matter, "m_assign", "clerk", version=1)
    assert move(matter, "m_assign", "clerk", version=again.version).state == "assigned"
    with pytest.raises(Conflict):
        move(matter, "m_accept", "clerk")


def test_the_same_id_is_the_same_report(report: Any, cast: Any) -> None:
    id = new_id()
    assert report(id=id).number == report(id=id).number == "M1121-0001"
    with pytest.raises(Conflict):
        report(id=id, by="office")
    assert Matter.objects.count() == 1


def test_a_report_names_its_fault(report: Any) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"kind": "M9999"}, "type"), ({"kind": "M02"}, "type"), ({"lon": -70.0}, "place"),
        ({"contact": "5"}, "contact"),
        ({"words": "x" * 1001}, "words"), ({"point": "none"}, "point"), ({"kind": "M0504", "words": "W."}, "words"),
    ]
    for given, field in cases:
        with pytest.raises(Refused) as told:
            report(**given)
        assert told.value.field == field, given
    assert not Matter.objects.exists()


# ---- people in need are a number at the agency

def test_a_referral_holds_a_number_and_nothing_else(report: Any, move: Any, photo: Any, town: Any) -> None:
    matter = report("M0504", lon=-90.2301, lat=38.6402, place="No. 7, third floor")
    community = town.areas["t/2/b/"]
    assert (matter.lon, matter.lat, matter.place) == (community.lon, community.lat, community.zh)
    move(matter, "m_accept", "clerk")
    move(matter, "m_assign", "clerk")
    for given in ({"result": "Went there"}, {"photos": (photo(),), "reference": "1"}, {}):
        with pytest.raises(Refused):
            move(matter, "m_answer", "civil_affairs", **given)
    assert move(matter, "m_answer", "civil_affairs", reference="MZ-2026-118").reference == "MZ-2026-118"


# ---- repeats

def test_repeats_are_found_by_place_and_kind(report: Any, move: Any, clock: Any) -> None:
    first = report("M0210")
    report("M0210", lon=-90.2220 + 0.004)  # 350 m away
    report("M0210", lon=-90.2221 + 0.001, lat=38.6301 + 0.0008)  # 124 m away across, inside the square
    report("M0308")  # another class
    alike = report("M0202", lat=38.6303)
    found = facts.near(-90.2221, 38.6301, "M0210", clock())
    assert [(n.number, n.same) for n in found] == [(first.number, True), (alike.number, False)]
    second = report("M0210", lat=38.6302)
    gone = move(second, "m_void", "clerk", reason="The same lamp", main=first.id)
    assert gone.main_id == first.id
    with pytest.raises(Refused) as told:
        move(alike, "m_void", "clerk", reason="x", main=second.id)
    assert told.value.code == "main"
    assert second.number not in [n.number for n in facts.near(-90.2221, 38.6301, "M0210", clock())]


# ---- several bodies

def test_the_body_in_charge_alone_handles_a_matter(dispatched: Any, move: Any, photo: Any, cast: Any, clock: Any,
                                                   seated: Any) -> None:
    matter = dispatched()
    assert matter.handler == "urban_management"
    for other in (seated("gas_co"), seated("")):
        with pytest.raises(Refused) as told:
            actions.move(actor=other, now=clock(), matter_id=matter.id, transition="m_start")
        assert told.value.code == "body"
        assert "m_start" not in [step.id for step in actions.moves(other, matter)]
    assert "m_start" in [step.id for step in actions.moves(cast.handler.actor, matter)]
    here = dispatched("M0301")  # settled in the community: its own people do it, whichever body is asked
    assert "m_start" in [step.id for step in actions.moves(cast.grid.actor, here)]
    assert "m_start" not in [step.id for step in actions.moves(cast.handler.actor, here)]  # another bureau's


def test_a_late_part_is_told_to_its_body_and_then_to_the_centre(dispatched: Any, cast: Any, clock: Any, seated: Any,
                                                                ) -> None:
    matter, power = dispatched(), seated("power_co")
    task = actions.set_task(actor=cast.clerk.actor, now=clock(), matter_id=matter.id, id=new_id(), joint="remedy",
                            agency="power_co", due_at=clock() + timedelta(days=30))
    assert task.ends_at == hours().after(clock(), 16)  # to be accepted by then
    actions.watch_parts(clock())
    assert not [e for e in events_of("matter", matter.id) if e.kind == "matter.task_late"]

    def levels() -> list[str]:
        return [e.payload["level"] for e in events_of("matter", matter.id) if e.kind == "matter.task_late"]

    began, end = clock(), task.ends_at
    clock.now = end + timedelta(minutes=1)
    for _ in range(2):
        actions.watch_parts(clock())
        assert levels() == ["agency"]
    assert [p.late for p in facts.parts(("t/",), clock(), agency="power_co")] == [True]
    assert facts.parts(("t/",), clock(), told="district") == []
    clock.now = end + (end - began) + timedelta(minutes=1)
    for _ in range(2):
        actions.watch_parts(clock())
        assert levels() == ["agency", "district"]
    (told,) = cast.centre.client.get("/api/matters/joint").json()
    assert (told["number"], told["told"], told["late"]) == (matter.number, "district", True)
    assert matter.number in cast.centre.client.get("/office/").content.decode()
    page = Client()
    page.force_login(User.objects.get(id=power.id), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert matter.number in page.get("/agency/").content.decode()
    assert "超时" in str([entry.text for entry in shown.timeline(matter, {})])
    actions.move_task(actor=power, now=clock(), task_id=task.id, transition="j_accept")
    assert facts.parts(("t/",), clock(), told="district") == []  # it went on: what comes next has its own time
    (part,) = facts.parts(("t/",), clock(), agency="power_co")
    assert (part.ends_at, part.told) == (task.due_at, "")


def test_parts_of_others_hold_the_answer_back(dispatched: Any, move: Any, photo: Any, cast: Any, clock: Any,
                                              seated: Any) -> None:
    matter = dispatched()
    task = actions.set_task(actor=cast.clerk.actor, now=clock(), matter_id=matter.id, id=new_id(), joint="remedy",
                            agency="power_co")
    with pytest.raises(Refused) as told:
        move(matter, "m_answer", "handler", result="Done", photos=(photo(),))
    assert told.value.code == "joint"
    part, power = {"now": clock(), "task_id": task.id}, seated("power_co")
    for other in (cast.handler.actor, seated(""), seated("gas_co")):  # of another body, or of none yet
        with pytest.raises(Refused) as told:
            actions.move_task(actor=other, transition="j_accept", **part)
        assert told.value.code == "body"
        assert not shown.parts_of(matter, other, clock())[0].moves
    assert [m[0] for m in shown.parts_of(matter, power, clock())[0].moves] == ["j_accept"]
    actions.move_task(actor=power, transition="j_accept", **part)
    with pytest.raises(Refused):
        actions.move_task(actor=power, transition="j_done", **part)  # what was done is missing
    actions.move_task(actor=power, transition="j_done", result="Cable laid", **part)
    assert move(matter, "m_answer", "handler", result="Done", photos=(photo(),)).state == "answered"
    with pytest.raises(Denied):
        actions.move_task(actor=cast.clerk.actor, transition="j_confirm", **part)
    assert actions.move_task(actor=cast.centre.actor, transition="j_confirm", **part).state == "confirmed"


def test_a_complex_matter_is_split_and_over_when_its_parts_are(report: Any, move: Any, cast: Any, clock: Any,
                                                                photo: Any) -> None:
    matter, url = report(), "/api/matters/{}/split"
    pieces = [{"id": str(new_id()), "handler": agency, "words": words}
              for agency, words in (("power_co", "New cable"), ("drainage_unit", "Clear the drain"))]
    pieces[1]["due_at"] = (clock() + timedelta(days=20)).isoformat()

    def sent(**body: Any) -> Any:
        body = {"pieces": pieces, **body}
        return cast.clerk.client.post(url.format(matter.id), json.dumps(body), content_type="application/json")

    assert sent().json()["code"] == "state"  # nobody has accepted it
    move(matter, "m_accept", "clerk")
    assert sent(pieces=pieces[:1]).json()["code"] == "pieces"
    assert cast.grid.client.post(url.format(matter.id), json.dumps({"pieces": pieces}),
                                 content_type="application/json").status_code == 403
    key = str(new_id())
    told = [sent(key=key).json() for _n in range(2)][1]
    assert (told["state"], told["handler"]) == ("handling", "power_co")
    first, second = facts.pieces(Matter.objects.get(id=matter.id))
    assert (first.state, first.handler, second.due_at) == ("assigned", "power_co", clock() + timedelta(days=20))
    assert Matter.objects.get(id=matter.id).due_at == second.due_at
    with pytest.raises(Refused) as waits:
        move(matter, "m_answer", "power_co", result="Done", photos=(photo(),))
    assert waits.value.code == "pieces"
    page = cast.clerk.client.get(f"/matters/{matter.id}/").content.decode()
    assert first.number in page and second.number in page
    assert matter.number in cast.clerk.client.get(f"/matters/{first.id}/").content.decode()
    move(first, "m_extend", "centre", reason="Rain", due_at=first.due_at + timedelta(hours=1))
    assert Matter.objects.get(id=matter.id).due_at == second.due_at  # still the last
    later = clock() + timedelta(days=30)
    move(second, "m_extend", "centre", reason="No cable to be had", due_at=later)
    whole = Matter.objects.get(id=matter.id)
    assert (whole.state, whole.due_at, whole.handle_due_at) == ("handling", later, later)
    assert second.number in cast.clerk.client.get(f"/matters/{matter.id}/").content.decode()
    for n, piece in enumerate((first, second)):
        assert Matter.objects.get(id=matter.id).state == "handling", n
        move(piece, "m_start", piece.handler)
        move(piece, "m_answer", piece.handler, result="Done", photos=(photo(),))
        move(piece, "m_check", "clerk")
        move(piece, "m_close", "clerk", check="on_site")
    whole = Matter.objects.get(id=matter.id)
    assert (whole.state, whole.in_time, whole.check_by) == ("closed", True, "parts")
    assert facts.month(("t/",), clock()).answered == 1  # parts are counted with their whole
    assert move(whole, "m_rate", "grid", rating=5).state == "rated"


def test_figures_of_a_month_come_from_the_matters(answered: Any, move: Any, clock: Any) -> None:
    matter = answered()
    move(matter, "m_check", "clerk")
    move(matter, "m_close", "clerk", check="on_site")
    move(matter, "m_rate", "grid", rating=4)
    told = facts.month(("t/",), clock())
    assert (told.filed, told.answered, told.in_time, told.rating, told.rated) == (1, 1, 1.0, 4.0, 1)
    assert told.off == pytest.approx(39.7, abs=0.1)  # one of one says little
    assert facts.month(("x/",), clock()).answered == 0


def test_words_are_opened_with_an_entry_once_a_shift(report: Any, cast: Any, clock: Any) -> None:
    matter = report(words="Dark corner")
    for _ in range(2):
        actions.read_words(actor=cast.clerk.actor, now=clock(), matter_id=matter.id)
    actions.read_words(actor=cast.grid.actor, now=clock(), matter_id=matter.id)  # one's own words
    assert [e.kind for e in events_of("matter", matter.id)].count("access.words_read") == 1


def test_the_timeline_tells_what_happened(dispatched: Any, move: Any) -> None:
    matter = dispatched()
    move(matter, "m_return", "handler", reason="Not ours")
    entries = shown.timeline(Matter.objects.get(id=matter.id), {})
    assert entries[0].reason == "Not ours" and entries[0].who == "Handler"
    assert isinstance(entries[0].at, datetime) and len(entries) == 4
