"""What is measured from the log: how busy units are, how long calls keep them, and where it is used."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shouwang.desk.calls import actions, advice, facts, jobs
from shouwang.desk.calls.models import Assignment, Call, Measure
from shouwang.desk.log.models import Event
from shouwang.desk.units.models import Duty, Unit
from shouwang.desk.workflow.models import Setting
from shouwang.engine.respond.busy import PRIOR_H
from shouwang.engine.respond.stays import PRIOR_CASES

from .conftest import EAST

pytestmark = pytest.mark.django_db
H = timedelta(hours=1)


@pytest.fixture
def real(town: Any) -> None:
    Unit.objects.update(example=False)


@pytest.fixture
def duty(town: Any, cast: Any, clock: Any) -> Any:
    """Clocks a unit on, so many hours ago."""
    def duty(name: str, ago_h: float, who: str = "member", until_h: float | None = None) -> None:
        Duty.objects.create(unit=town.units[name], user=getattr(cast, who).user.id, on_at=clock() - ago_h * H,
                            off_at=None if until_h is None else clock() - until_h * H)
    return duty


@pytest.fixture
def went(town: Any, take: Any, clock: Any) -> Any:
    """An assignment that is over: assigned, there and free so many minutes before now."""
    def went(name: str, assigned: float, there: float, free: float, **given: Any) -> Assignment:
        call = take(**{key: value for key, value in given.items() if key == "type"})
        Call.objects.filter(id=call.id).update(drill=given.get("drill", False))
        minute = timedelta(minutes=1)
        return Assignment.objects.create(
            call=call, unit=town.units[name].id, state=given.get("state", "cleared"), by="test",
            assigned_at=clock() - assigned * minute, on_scene_at=clock() - there * minute,
            ended_at=clock() - free * minute)
    return went


def measured(clock: Any) -> dict[tuple[str, str], Measure]:
    actions.measure(actor=jobs.CENTRE, now=clock())
    return {(m.what, m.key): m for m in Measure.objects.all()}


def test_the_busy_share_is_hours_with_calls_over_hours_on_duty_of_the_service(real, duty, went, clock):
    duty("P01", 100)
    duty("P02", 80, "leader")
    duty("F31", 50, "planner")
    went("P01", 60 * 30, 60 * 29, 60 * 12)  # 18 of 180 unit-hours of police
    found = measured(clock)
    police, fire = found["busy", "police"], found["busy", "fire"]
    assert (police.weight, fire.weight) == (pytest.approx(180, abs=0.1), pytest.approx(50, abs=0.1))
    assert police.value == pytest.approx((18 + PRIOR_H * 0.3) / (180 + PRIOR_H), abs=0.01)
    assert fire.value == pytest.approx(PRIOR_H * 0.3 / (50 + PRIOR_H), abs=0.001)
    assert len(police.figures) == 168


def test_replays_and_units_of_the_example_measure_nothing(town, duty, went, clock):
    duty("P01", 100)
    went("P01", 600, 590, 300)
    assert measured(clock) == {}
    Unit.objects.update(example=False)
    Assignment.objects.all().delete()
    went("P01", 600, 590, 300, drill=True)
    [busy] = [m for (what, _key), m in measured(clock).items() if what == "busy"]
    assert busy.weight == pytest.approx(95, abs=0.1), "the five hours of the replay count neither way"
    assert set(measured(clock)) == {("busy", "police")}


def test_stays_are_told_by_type_and_shift_with_their_cases(real, went, clock):
    """By the clock of Shanghai: now is 22:46, so that an hour ago is in the shift from 15:00, ten hours ago before."""
    for n in range(30):
        went("P01", 75 + n, 70 + n, 40 + n, type="200100")
        went("P02", 640 + n, 630 + n, 570 + n, type="100200")
    went("P03", 50, 40, 30, type="200100", state="stood_down")
    found = measured(clock)
    fight, robbery, other = (found["scene", key] for key in ("200100", "100200", "*"))
    assert (fight.weight, robbery.weight, other.weight) == (30, 30, 60)
    assert fight.figures["15:00"][1] + fight.figures["07:00"][1] == 30
    assert fight.value == pytest.approx(1800, rel=0.05)
    assert robbery.value == pytest.approx(3600, rel=0.05)
    assert robbery.figures["23:00"][1] == 0
    stay = facts.scene()["100200"]
    assert stay.at("12:10") == (robbery.figures["07:00"][0], robbery.figures["07:00"][1])
    assert stay.at("03:00") == tuple(robbery.figures["23:00"])
    assert facts.bound()["police"].cases == 60
    assert set(facts.bound()) == {"police"}


def test_one_case_hardly_moves_what_was_assumed(real, went, clock):
    went("P01", 200, 190, 10, type="200100")
    scene = measured(clock)["scene", "200100"]
    assert scene.value == pytest.approx((180 * 60 + PRIOR_CASES * 20 * 60) / (1 + PRIOR_CASES))


def test_a_price_rests_on_what_was_measured_unless_the_centre_holds_to_its_setting(town, clock):
    asked = {"lon": EAST[0], "lat": EAST[1], "wanted": {"police_response": 1}, "severity": 2,
             "services": ("police",), "areas": ("t/",), "now": clock()}

    def told():
        [police] = advice.recommend(**asked).services
        return police, {c.unit: c.price_s for c in police.candidates}

    police, before = told()
    assert (police.busy.share, police.busy.measured) == (0.3, False)
    assert "30 %" in advice.busy(police)
    hour = 5 * 24 + 22  # Saturday, 22:46 in Shanghai
    figures = [0.05] * 168
    figures[hour] = 0.7
    Measure.objects.create(what="busy", key="police", value=0.1, weight=4321, figures=figures, at=clock())
    police, after = told()
    assert (police.busy.share, police.busy.hours) == (0.7, 4321)
    assert "4,321" in advice.busy(police)
    assert after != before
    plain = advice.plain(advice.recommend(**asked))["services"][0]
    assert (plain["busy_share"], plain["busy_hours"]) == (0.7, 4321)
    Setting.objects.create(key="busy_measured", value=False)
    police, held = told()
    assert (police.busy.measured, held) == (False, before)


def test_it_is_measured_once_a_day_in_the_small_hours(real, duty, clock):
    duty("P01", 100)
    assert jobs.run_one(clock()) is False
    assert Event.objects.filter(kind="measures.made").count() == 1
    jobs.run_one(clock.forward(minutes=10))
    assert Event.objects.filter(kind="measures.made").count() == 1
    jobs.run_one(clock.forward(hours=2))
    assert Event.objects.filter(kind="measures.made").count() == 1, "after midnight, but not three o'clock yet"
    jobs.run_one(clock.forward(hours=3))
    event = Event.objects.filter(kind="measures.made").latest("seq")
    assert event.payload["unit_hours"] > 100
    assert Event.objects.filter(kind="measures.made").count() == 2


def test_the_administrator_reads_the_figures_with_what_they_rest_on(real, duty, went, cast, clock):
    duty("P01", 100)
    went("P01", 60 * 30, 60 * 29, 60 * 12)
    measured(clock)
    page = cast.admin.client.get("/settings/measures/").content.decode()
    assert "100 单位小时在岗" in page
    row = Measure.objects.get(what="busy", key="police")
    assert f"{row.week[4][18]}</td>" in cast.admin.client.get(f"/settings/measures/row/{row.pk}/").content.decode()
    assert cast.dispatcher.client.get("/settings/measures/").status_code == 403
