"""What patrols found counts only where a centre gives a reason, and only by the chance that a plan gave a visit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from shouwang.desk.calls import actions as calls
from shouwang.desk.calls import defaults
from shouwang.desk.calls.terms import NewCall
from shouwang.desk.log.ids import new_id
from shouwang.desk.patrol import actions
from shouwang.desk.patrol.advice import chances
from shouwang.desk.patrol.advice.forecasting import calls_of
from shouwang.desk.patrol.models import Forecast, Plan, VisitChance
from shouwang.desk.patrol.terms import Edit
from shouwang.desk.people.models import Grant
from shouwang.desk.places.models import Area
from shouwang.desk.workflow.models import Setting
from shouwang.engine.demand.found import FLOOR

from .conftest import CENTRE

REASON = "Patrols find most of the damaged lamps"


@pytest.fixture
def reason(town: Any) -> str:
    Setting.objects.update_or_create(key="found_reason", defaults={"value": REASON})
    return REASON


@pytest.fixture
def quarters(town: Any) -> list[str]:
    """Both communities cut in four."""
    found = []
    for old in Area.objects.filter(kind="community"):
        for n, (east, north) in enumerate(((-1, -1), (-1, 1), (1, -1), (1, 1))):
            lon, lat = old.lon + east * 0.01, old.lat + north * 0.01
            ring = [[lon + x * 0.01, lat + y * 0.01] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
            row = Area(path=f"{old.path[:-1]}{n}/", parent=old.parent, code=f"{old.code}{n}", kind="community",
                       zh=f"{old.zh}{n}", en=f"{old.en} {n}", lon=lon, lat=lat, example=True,
                       geometry={"type": "Polygon", "coordinates": [ring]})  # fmt: skip
            row.save()
            found.append(row.path)
        old.delete()
    return found


@pytest.fixture
def drawn(reason: str, quarters: list[str], forecast: Forecast, cast: Any, town: Any) -> Plan:
    """A plan drawn with a lot."""
    made = actions.propose_plans(actor=cast.planner.actor, now=town.now)
    return next(plan for plan in made if len(plan.figures["by_lot"]["stops"]) > 1)


def approve(plan: Plan, cast: Any, now: datetime) -> Plan:
    actions.submit_plan(actor=cast.planner.actor, now=now, plan_id=plan.id)
    return actions.approve_plan(actor=cast.supervisor.actor, now=now, plan_id=plan.id)


def test_without_a_reason_nothing_is_drawn_logged_or_counted(plans: list[Plan], cast: Any, town: Any) -> None:
    assert not any(plan.figures["by_lot"]["stops"] for plan in plans)
    approve(plans[0], cast, town.now)
    assert not VisitChance.objects.exists()
    assert "found" not in plans[0].forecast.settings
    assert 'id="found"' not in cast.planner.client.get("/forecast/").content.decode()


def test_tours_go_by_lot_and_the_chance_of_a_visit_is_logged(
    drawn: Plan, quarters: list[str], cast: Any, town: Any
) -> None:
    lot = drawn.figures["by_lot"]
    assert set(lot["stops"]) < set(lot["chance"]) == set(quarters)
    assert min(lot["chance"].values()) >= FLOOR
    assert sum(lot["chance"].values()) == pytest.approx(len(lot["stops"]))
    visited = {(v["lon"], v["lat"]) for t in drawn.tours.all() for v in t.visits}
    assert {tuple(at) for at in lot["stops"].values()} <= visited
    approve(drawn, cast, town.now)
    row = VisitChance.objects.get()
    assert (row.plan_id, row.start, row.end) == (drawn.id, drawn.shift_start, drawn.shift_end)
    assert set(quarters) <= set(row.chance) and all(0 < chance <= 1 for chance in row.chance.values())
    assert [h[0] for h in row.hours] == [
        (drawn.shift_start + timedelta(seconds=w[0])).isoformat() for w in drawn.figures["windows"]]  # fmt: skip
    told = cast.planner.client.get(f"/api/plans/{drawn.id}/chances").json()
    assert {r["area"]: r["chance"] for r in told} == row.chance
    Grant.objects.filter(user=cast.leader.user).update(area="t/1/")
    assert {r["area"][:4] for r in cast.leader.client.get(f"/api/plans/{drawn.id}/chances").json()} == {"t/1/"}
    assert "抽签" in cast.planner.client.get(f"/plan/{drawn.id}/side/").content.decode()


def test_a_plan_that_leaves_out_what_the_lot_drew_logs_no_chance(drawn: Plan, cast: Any, town: Any) -> None:
    at = next(iter(drawn.figures["by_lot"]["stops"].values()))
    tour = next(t for t in drawn.tours.all() if any((v["lon"], v["lat"]) == tuple(at) for v in t.visits))
    actions.edit_plan(actor=cast.planner.actor, now=town.now, plan_id=drawn.id,
                      edit=Edit("take_tour", str(tour.unit), taken=False))  # fmt: skip
    approve(drawn, cast, town.now)
    assert not VisitChance.objects.exists()
    assert "没有记录到访机会" in cast.planner.client.get(f"/plan/{drawn.id}/side/").content.decode()


def test_a_plan_that_replaces_another_ends_its_chances(drawn: Plan, cast: Any, town: Any) -> None:
    approve(drawn, cast, town.now)
    later = drawn.shift_start + timedelta(hours=3)
    new = actions.propose_plans(actor=cast.planner.actor, now=later, anew=True)
    assert drawn.id not in {plan.id for plan in new}, "an approved plan stays"
    other = VisitChance.objects.get()
    assert other.end == drawn.shift_end
    Plan.objects.filter(id=drawn.id).update(state="submitted", submitted_by="x", shift_start=drawn.shift_start)
    # another plan of the same shift comes into force in its fourth hour
    copy = Plan.objects.get(id=drawn.id)
    copy.pk, copy.state, copy.submitted_by = new_id(), "submitted", cast.planner.actor.id
    Plan.objects.filter(id=drawn.id).update(state="approved")
    copy.save(force_insert=True)
    actions.approve_plan(actor=cast.supervisor.actor, now=later, plan_id=copy.id)
    other.refresh_from_db()
    assert other.end == later


def test_records_count_by_their_chance_and_only_where_it_was_logged(town: Any) -> None:
    """Thousands found in both communities, four times as easily in one: both count alike."""
    day, n = np.datetime64("2026-11-20T00:00:00"), 6000
    rng = np.random.default_rng(5)
    time = day + rng.integers(0, 86_400, n).astype("timedelta64[s]")
    west = rng.random(n) < 0.8
    taken = calls_of(time, np.where(west, -90.26, -90.22), np.full(n, 38.63), ["x"] * n, ["patrol"] * n)
    start = int(day.astype("datetime64[s]").astype(int))
    logged = [chances.Logged(start, start + 43_200, {"t/1/a/": 0.8, "t/2/b/": 0.2})]
    told, figures = chances.counted(taken, logged, start + 86_400, REASON)
    early = taken.time_s < start + 43_200
    assert not told.heard()[~early].any(), "no chance was logged after noon"
    kept = told.heard() & early
    assert kept[~west & early].all(), "the least visited count always"
    assert kept[west].sum() == pytest.approx((west & early).sum() / 4, rel=0.1)
    assert (figures["found"], figures["logged"], figures["counted"]) == (n, early.sum(), kept.sum())
    assert (figures["least"], figures["floor"], figures["reason"]) == (0.2, FLOOR, REASON)


def test_a_forecast_that_counts_them_says_so_and_why(
    history: Any, plans: list[Plan], reason: str, cast: Any, town: Any
) -> None:
    defaults.load()
    start = town.now - timedelta(hours=6)
    for n in range(20):
        calls.take_call(actor=cast.call_taker.actor, now=start + timedelta(minutes=n), call=NewCall(
            id=new_id(), type="200100", place="Elm St", lon=-90.222, lat=38.63,
            severity=2, source="patrol"))  # fmt: skip
    VisitChance.objects.create(plan=plans[0], area="t/", start=start, end=start + timedelta(minutes=10),
                               hours=[[start.isoformat(), (start + timedelta(hours=1)).isoformat()]],
                               chance={"t/2/b/": 0.3, "t/1/a/": 0.6})  # fmt: skip
    row = actions.make_forecast(actor=CENTRE, now=town.now + timedelta(minutes=1))
    told = row.settings["found"]
    assert (told["found"], told["logged"], told["counted"], told["least"]) == (20, 10, 10, 0.3)
    assert row.left_out["200100"] == 10
    assert cast.planner.client.get("/api/forecast").json()["settings"]["found"]["reason"] == REASON
    page = cast.planner.client.get("/forecast/").content.decode()
    assert REASON in page and "10" in page and "5 %" in page
    Plan.objects.update(forecast=row, shift_end=timezone.now() + timedelta(hours=9))
    assert REASON in cast.planner.client.get(f"/plan/?plan={plans[0].id}").content.decode()
    assert REASON in cast.supervisor.client.get("/analysis/patrols/").content.decode()
