"""Rules without a database: what is like what, what a type needs."""
from __future__ import annotations

from datetime import UTC, datetime, time

import numpy as np
import pytest

from shouwang.desk.calls.defaults import plan as shipped
from shouwang.desk.calls.likeness import Window, compare
from shouwang.desk.calls.models import SERVICES, ResponsePlan
from shouwang.desk.calls.needs import Need, needs, services
from shouwang.desk.calls.plans import Case, Plans
from shouwang.desk.calls.questions import asked, fault, questions
from shouwang.desk.workflow.defaults import table
from shouwang.engine.respond.choose import Requirement, choose

PLANS = Plans(shipped(row) for row in table("response_plans"))


def counts(type, level=1):
    return PLANS.counts(Case(type, level=level), {})


@pytest.mark.parametrize(("metres", "seconds", "type", "other", "grade"), [
    (20, 11, "400101", "400101", "very"),
    (80, 600, "400101", "400101", "very"),
    (81, 10, "400101", "400101", "like"),  # callers give places loosely
    (161, 10, "400101", "400101", "near"),
    (20, 601, "400101", "400101", "near"),
    (20, 10, "300100", "400101", "like"),  # the same thing, named differently
    (100, 10, "400102", "400101", "like"),
    (100, 10, "300100", "400101", "near"),
    (20, 10, "", "400101", "like"),  # no type chosen yet
    (100, 10, "", "400101", "near"),
])
def test_likeness_by_place_time_and_type(metres, seconds, type, other, grade):
    assert compare(distance_m=metres, apart_s=seconds, type=type, other=other, window=Window(600, 80)).grade == grade


def test_a_type_needs_what_its_plan_says():
    home = counts("400101")
    assert needs(home, ("fire", "medical", "police", "traffic")) == (
        Need("fire", 2, ("fire_pump",)), Need("fire", 1, ("fire_ladder",), apart=True),
        Need("fire", 1, ("rescue_tools",), apart=True), Need("medical", 1, ("ambulance",)),
        Need("police", 1, ("police_response",)), Need("traffic", 1, ("traffic_control",)))
    assert needs(counts("400113"), ("fire",))[0] == Need("fire", 1, ("fire_pump",))  # its class's row
    assert needs(counts("300101"), ("traffic",))[-1] == Need("", 1, ("first_aid",))  # one brings it
    assert services("fire", home) == ("fire", "medical", "police", "traffic")
    assert services("non_urgent", counts("950100")) == ()
    assert needs(counts("200500"), ("guard", "police")) == (
        Need("guard"), Need("police", 1, ("police_response",)))


@pytest.mark.parametrize(("type", "level", "flags", "row"), [
    ("400101", 1, (), "Home fire, first alarm"), ("400101", 3, (), "Home fire, third alarm"),
    ("400101", 5, (), "Home fire, third alarm"), ("400102", 1, (), "High-rise fire, second alarm"),
    ("200101", 1, (), "Default: Public order calls"), ("200101", 1, ("school",), "Attack at a school gate"),
    ("400113", 1, (), "Default: Fire and rescue calls"), ("123456", 1, (), None),
])
def test_the_plan_is_the_one_of_the_type_the_alarm_and_the_place(type, level, flags, row):
    found = PLANS.plan(Case(type, level=level, flags=flags))
    assert (found.en if found else None) == row


NIGHT, DAY = datetime(2026, 5, 1, 16, tzinfo=UTC), datetime(2026, 5, 1, 4, tzinfo=UTC)  # midnight and noon in Chengdu


@pytest.mark.django_db
@pytest.mark.parametrize(("case", "row"), [
    (Case("200100", 3, at=DAY), "any"),
    (Case("200100", 2, at=DAY), "grave"), (Case("200100", 1, at=DAY), "grave"),  # and graver ones
    (Case("200100", 3, area="D/A/1/", at=DAY), "area"), (Case("200100", 1, area="D/A/1/", at=DAY), "area"),
    (Case("200100", 3, area="D/B/", at=DAY), "any"),
    (Case("200100", 3, area="D/A/", at=NIGHT), "area-night"), (Case("200100", 3, at=NIGHT), "night"),
    (Case("200100", 3, 2, area="D/A/", at=NIGHT), "second"),  # a higher alarm is never lost to a narrower plan
    (Case("200100", 3, flags=("school",), area="D/A/", at=NIGHT), "school"),
    (Case("200200", 4, at=DAY), "graver only"),  # its plans begin with graver calls
    (Case("200300", 3, at=DAY), "class"), (Case("300100", 3, at=DAY), None),
])
def test_of_several_plans_the_one_closest_to_the_call_holds(case, row):
    hours = {"from_time": time(22), "to_time": time(6)}
    known = Plans(ResponsePlan(en=name, call_type=type, **given) for name, type, given in (
        ("any", "200100", {}), ("grave", "200100", {"severity": 2}), ("night", "200100", hours),
        ("area", "200100", {"area": "D/A/"}), ("area-night", "200100", {"area": "D/A/"} | hours),
        ("school", "200100", {"place_flag": "school"}), ("second", "200100", {"alarm_level": 2}),
        ("graver only", "200200", {"severity": 1}), ("class", "20", {})))
    found = known.plan(case)
    assert (found.en if found else None) == row


def test_an_alarm_begins_where_its_plans_do():
    cases = [Case(t, level=n) for t, n in (("400101", 1), ("400102", 1), ("400106", 2), ("200100", 1))]
    assert [PLANS.alarm_level(case) for case in cases] == [1, 2, 3, 1]
    assert PLANS.levels("400101") == (1, 2, 3, 4, 5)
    assert PLANS.levels("200100") == ()


def test_every_plan_can_be_weighed_at_every_alarm():
    """However many skills it names: no call is left without a recommendation."""
    for row in table("response_plans"):
        for level in (1, 2, 3):
            wanted = counts(row["call_type"], level)
            found = needs(wanted, services("police", wanted))
            place = {s: tuple(i for i, n in enumerate(found) if n.service == s and not n.apart) for s in SERVICES}
            own = tuple(i for i, n in enumerate(found) if n.service)
            choose([Requirement(str(i), n.count, np.ones(3), () if n.service else place.get(n.of, own))
                    for i, n in enumerate(found)])


@pytest.mark.parametrize(("usual", "answers", "severity"), [
    (3, {}, 3), (3, {"hurt": "serious"}, 1), (3, {"ongoing": "now"}, 2), (2, {"ongoing": "earlier"}, 3),
    (2, {"ongoing": "earlier", "weapon": "knife"}, 1), (1, {"loss_size": "small", "facility_danger": "no_danger"}, 3),
    (4, {"drunk_state": "asleep"}, 3), (2, {"reported_before": "昨天"}, 2),
])
def test_answers_set_the_level_and_the_graver_outweighs(usual, answers, severity):
    assert asked(usual, answers).severity == severity


def test_answers_ask_for_the_most_of_each_skill():
    told = asked(3, {"weapon": "knife", "hurt": "slight", "how_many": "several", "fire_what": "highrise"})
    assert told.needs == {"police_response": 3, "ambulance": 1, "first_aid": 1, "fire_ladder": 1}
    assert (told.alarm_level, told.suggests, told.agencies) == (2, ("400102",), ("ambulance_centre",))


@pytest.mark.parametrize("answers", [{"hurt": "yes"}, {"income": "much"}, {"access": "x" * 201}])
def test_answers_that_nobody_asked_for_are_refused(answers):
    assert fault(answers)


def test_every_question_can_be_asked_and_every_answer_counts():
    known = {t["code"] for t in table("call_types")}
    for question in questions().values():
        for answer in question.answers:
            assert set(answer.needs) <= {r["code"] for r in table("capabilities")}, answer
            assert not answer.suggests or answer.suggests in known, answer
            assert fault({question.id: answer.id}) == ""
