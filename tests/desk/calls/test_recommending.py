"""All needs of a call at once: who is chosen, what speaks against a unit, what is missing, who may be taken away."""
from __future__ import annotations

from datetime import timedelta

import pytest

from shouwang.desk.calls import actions, advice, facts
from shouwang.desk.calls.models import Assignment, Call
from shouwang.desk.calls.needs import services
from shouwang.desk.calls.plans import Case, plans
from shouwang.desk.calls.timeline import timeline
from shouwang.desk.log.errors import Conflict, Denied
from shouwang.desk.log.ids import new_id
from shouwang.desk.units.models import Duty, Unit, UnitKind
from shouwang.desk.workflow.defaults import table
from shouwang.desk.workflow.models import Setting

from .conftest import EAST, WEST

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(town, clock):
    def ask(**given):
        case = Case(given.pop("type", "200500"))
        asked = {"lon": EAST[0], "lat": EAST[1], "severity": 2, "services": ("police",), "areas": ("t/",),
                 "now": clock(), "wanted": plans(case.type).counts(case, given.pop("extra", {}))}
        return advice.recommend(**{**asked, **given})
    return ask


@pytest.fixture
def sent(town):
    """By service, the names of the units chosen."""
    by_id = {u.id: name for name, u in town.units.items()}
    return lambda told: {s.service: [by_id[c.unit] for c in s.candidates if c.recommended] for s in told.services}


def test_a_unit_is_chosen_for_one_service_alone(ask, sent):
    """Without its own cars the police would get the traffic car; the traffic police need it more."""
    Unit.objects.filter(en__in=("P01", "P02", "P03", "S41")).update(state="off_duty")
    told = ask(services=("police", "traffic"))
    assert sent(told) == {"police": [], "traffic": ["T21"]}
    assert told.services[0].short[0].why == "taken"
    assert sent(ask()) == {"police": ["T21"]}


def test_one_of_those_who_come_brings_first_aid(ask, sent):
    """An accident with injured: the traffic cars carry none, so the patrol car comes and not the nearer station's."""
    asked = {"lon": WEST[0], "lat": WEST[1], "type": "300101", "services": ("traffic", "police")}
    told = ask(**asked)
    assert sent(told) == {"traffic": ["T21"], "police": ["P01"]}
    assert told.short == ()
    assert next(c for c in told.services[1].candidates if c.recommended).brings == ("first_aid",)
    Unit.objects.filter(kind="patrol_car").update(capabilities=["police_response"])
    told = ask(**asked)
    assert [(s.skill, s.why) for s in told.short] == [("first_aid", "nobody")]
    assert "现场急救" in advice.plain(told)["missing"][0]


def test_a_skill_on_a_vehicle_of_its_own_is_asked_for_beside_the_engines(ask):
    told = ask(type="400101", severity=1, services=("fire",))
    assert [(s.service, s.skill, s.wanted) for s in told.services] == [
        ("fire", "", 2), ("fire", "fire_ladder", 1), ("fire", "rescue_tools", 1)]
    ladder = told.services[1]
    assert [(s.missing, s.why) for s in ladder.short] == [(1, "nobody")]
    assert advice.note(ladder) == "消防（登高救援）：还缺 1 个单位，能处置的都不空闲（可请邻区指挥中心或联动单位）"


def test_what_an_answer_asks_for_is_brought_by_one_of_those_who_come(ask, sent, town):
    """A knife at a quarrel: two come, and the one that can negotiate is among them though two others are nearer."""
    Unit.objects.filter(en="P01").update(capabilities=["police_response", "negotiation"])
    asked = {"extra": {"police_response": 2, "negotiation": 1}}
    told = ask(**asked)
    assert set(sent(told)["police"]) >= {"P01"}
    assert "带有：现场劝导谈判" in next(c["reason"] for c in advice.plain(told)["services"][0]["candidates"]
                           if c["en"] == "P01")
    assert set(sent(ask(extra={"police_response": 2}))["police"]) == {"P02", "P03"}


def test_the_ambulance_is_passed_on_with_who_brings_first_aid_meanwhile(ask):
    fire, *_trucks, medical = ask(type="400101", severity=1, services=("fire", "medical")).services
    assert {u.en for u in medical.brought} <= {"F31", "F32"}
    assert [c.recommended for c in medical.candidates] == [False] * len(medical.candidates), "nobody comes for it alone"
    assert advice.note(medical).startswith("转 120 急救中心。")
    assert medical.brought[0].zh in advice.note(medical)
    assert fire.short == ()


def test_a_unit_of_the_calls_own_area_has_a_head_start_but_not_at_level_1(ask, sent):
    border = {"lon": -90.2405, "lat": 38.631}  # P01 of area 1 would be there a little before P02 of area 2
    Unit.objects.filter(en__in=("S41", "P03", "T21")).update(state="off_duty")
    Setting.objects.create(key="price_percent", value=0)
    Setting.objects.create(key="other_area_s", value=600)
    for area, mine, other in (("t/1/", "P01", "P02"), ("t/2/", "P02", "P01")):
        told = ask(**border, area=area)
        assert sent(told) == {"police": [mine]}
        assert next(c for c in told.services[0].candidates if not c.recommended).why[-1] == "elsewhere", other
    [nearest] = [c for c in ask(**border, area="t/1/", severity=1).services[0].candidates if c.recommended]
    assert nearest.nearest


def test_what_sending_costs_the_next_calls_counts_but_not_at_level_1(ask, sent):
    Setting.objects.create(key="other_area_s", value=0)
    Setting.objects.create(key="price_percent", value=100)
    Unit.objects.filter(en="P03").update(lon=EAST[0], lat=EAST[1])  # at the door, but the only one in its corner
    Unit.objects.filter(en="S41").update(state="off_duty")
    [police] = ask().services
    prices = {c.unit: c.price_s for c in police.candidates}
    assert min(prices.values()) >= 0
    assert max(prices.values()) > 1
    chosen = next(c for c in police.candidates if c.recommended)
    cheapest = min(police.candidates, key=lambda c: c.cost_s)
    assert chosen.unit == cheapest.unit
    assert ask(severity=1).services[0].candidates[0].nearest


def test_a_crew_whose_shift_ends_before_it_would_be_done_says_so_and_stands_back(ask, town, clock, cast):
    now = clock().replace(hour=14, minute=50, second=0)  # ten minutes before the shift's end
    for name, hours in (("P02", 7), ("P03", 0.2)):
        Duty.objects.create(unit=town.units[name], user=getattr(cast, {"P02": "member", "P03": "leader"}[name]).user.id,
                            on_at=now - timedelta(hours=hours))
    [police] = ask(now=now).services
    ends = {c.unit: c.shift_ends for c in police.candidates}
    assert ends[town.units["P02"].id] == now.replace(hour=15, minute=0)
    assert ends[town.units["P03"].id] is None, "it came early for the next shift"
    told = advice.plain(ask(now=now))["services"][0]["candidates"]
    assert any("15:00" in c["reason"] for c in told if c["code"] == "巡02")


def test_what_is_missing_is_said_with_what_would_help(ask):
    Unit.objects.filter(en__in=("F31", "F32")).update(state="busy")
    fire = ask(type="400101", severity=2, services=("fire",)).services[0]
    [short] = fire.short
    assert (short.missing, short.why, dict(short.states)) == (1, "nobody", {"busy": 2})  # a patrol can begin
    assert advice.note(fire).startswith("消防：还缺 1 个单位")
    assert "腾出来即可" in advice.note(fire)
    Unit.objects.filter(en__in=("F31", "F32")).delete()
    assert "邻区指挥中心" in advice.note(ask(type="400101", severity=2, services=("fire",)).services[0])


@pytest.fixture
def busy(take, send):
    """A quarrel of level 3 in the east, to which P02 is on its way."""
    call = take(severity=3)
    send(call, "P02")
    return call


def test_a_unit_of_a_less_urgent_call_is_shown_apart_and_never_ticked(ask, town, busy, take, cast):
    [police] = ask(severity=1).services
    [pull] = police.pulls
    assert (pull.unit.id, pull.leaves.number) == (town.units["P02"].id, busy.number)
    assert pull.unit.id not in {c.unit for c in police.candidates}
    assert ask(severity=2).services[0].pulls == ()
    page = cast.dispatcher.client.get(f"/board/call/{take(severity=1).id}/").content.decode()
    assert f'data-act="pull" data-cmd="pull" data-unit="{town.units["P02"].id}"' in page
    assert f'value="{town.units["P02"].id}"' not in page


def test_taking_a_unit_moves_it_in_one_step_and_both_calls_say_so(town, busy, take, cast, clock):
    grave, unit, key = take(severity=1), town.units["P02"], new_id()
    given = {"actor": cast.dispatcher.actor, "now": clock(), "call_id": grave.id, "unit_id": unit.id, "key": key}
    task = actions.pull_unit(**given)
    assert (task.call_id, task.state, task.eta_s is not None) == (grave.id, "assigned", True)
    assert actions.pull_unit(**given).id == task.id, "a retry does nothing twice"
    assert Unit.objects.get(id=unit.id).state == "busy"
    busy.refresh_from_db()
    assert busy.state == "waiting"
    assert grave.number in timeline(busy.id)[-1].text
    assert facts.tasks_of_unit(unit.id)[0]["call"]["number"] == grave.number


def test_a_unit_is_not_taken_from_the_scene_nor_for_less_nor_by_strangers(town, busy, take, cast, clock):
    unit, given = town.units["P02"], {"actor": cast.dispatcher.actor, "now": clock()}
    with pytest.raises(Conflict):
        actions.pull_unit(**given, call_id=take(severity=2).id, unit_id=unit.id)
    grave = take(severity=1)
    with pytest.raises(Denied):
        actions.pull_unit(actor=cast.call_taker.actor, now=clock(), call_id=grave.id, unit_id=unit.id)
    with pytest.raises(Conflict):
        actions.pull_unit(**given, call_id=grave.id, unit_id=town.units["P01"].id)
    Assignment.objects.filter(unit=unit.id).update(state="on_scene")
    with pytest.raises(Conflict):
        actions.pull_unit(**given, call_id=grave.id, unit_id=unit.id)
    assert Call.objects.get(id=busy.id).state == "responding"


def test_every_plan_at_every_level_of_alarm_has_an_answer(ask):
    """Without an ambulance of its own first aid is asked of whoever comes: by name that is many thousands of ways."""
    Unit.objects.filter(kind="ambulance").update(state="off_duty")
    asked = {(row["call_type"], int(row["alarm_level"] or 1)) for row in table("response_plans")}
    types = {code: level for code, level in sorted(asked) if len(code) == 6}  # of each type the highest level
    assert max(types.values()) >= 3
    for code, level in types.items():
        wanted = plans(code).counts(Case(code, level=level), {})
        assert ask(type=code, wanted=wanted, services=services("fire", wanted), severity=1).services, code


def test_who_is_on_the_call_is_not_asked_for_again(ask, town):
    there = town.units["F31"]
    Unit.objects.filter(id=there.id).update(state="busy")
    told = ask(type="400101", severity=2, services=("fire",), there=[there.id])
    fire = told.services[0]
    assert (fire.wanted, [u.id for u in fire.there], fire.short) == (2, [there.id], ())
    assert [c.unit for c in fire.candidates if c.recommended] == [town.units["F32"].id]
    assert advice.plain(told)["services"][0]["there"] == 1
    Unit.objects.exclude(id=there.id).update(state="off_duty")
    [short] = ask(type="400101", severity=2, services=("fire",), there=[there.id]).services[0].short
    assert short.missing == 1  # of two


def test_who_is_there_brings_what_it_can(ask, sent, town):
    """A patrol with first aid is at an accident: no second one is wanted for it, and the traffic police still is."""
    there = town.units["P01"]
    Unit.objects.filter(id=there.id).update(state="busy")
    told = ask(lon=WEST[0], lat=WEST[1], type="300101", services=("traffic", "police"), there=[there.id])
    assert sent(told) == {"traffic": ["T21"], "police": []}
    assert told.short == () and [u.id for u in told.services[1].there] == [there.id]
    assert told.services[1].pulls == ()


def test_an_ambulance_on_its_way_is_not_asked_of_the_linked_service(ask, town):
    kind, there = UnitKind.objects.get(code="ambulance_unit"), town.units["G51"]
    Unit.objects.filter(id=there.id).update(kind=kind, capabilities=kind.capabilities, state="busy")
    asked = {"type": "300101", "services": ("traffic", "medical")}
    [medical] = [s for s in ask(**asked).services if s.service == "medical"]
    assert "120" in advice.note(medical)
    [medical] = [s for s in ask(**asked, there=[there.id]).services if s.service == "medical"]
    assert [u.id for u in medical.there] == [there.id] and "120" not in advice.note(medical)


def test_the_board_ticks_what_is_still_missing(take, send, cast):
    call, page = take(severity=2, type="400101", services=("fire",)), cast.dispatcher.client
    assert page.get(f"/board/call/{call.id}/").content.decode().count("data-recommended") == 2
    send(call, "F31")
    told = page.get(f"/board/call/{call.id}/").content.decode()
    assert told.count("data-recommended") == 1 and "已派 1" in told
    send(call, "F32")
    told = page.get(f"/board/call/{call.id}/").content.decode()
    assert "data-recommended" not in told and "已派 2" in told
