"""A forecast is split by service: measured from calls whose services are known, and used by what asks for one."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shouwang.desk.calls.models import Call
from shouwang.desk.log.ids import new_id
from shouwang.desk.patrol import actions, facts, shown
from shouwang.desk.patrol.models import Forecast
from shouwang.desk.workflow.zone import zone

from .conftest import CENTRE

pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(town: Any, clock: Any) -> None:
    """Three hundred calls of a month: in the west fire, in the east police, and none before noon."""
    rows = []
    for n in range(300):
        at = clock().replace(hour=10, minute=0) - timedelta(days=n % 28 + 1, hours=n % 5)
        west = n % 2 == 0
        rows.append(Call(
            id=new_id(), day=at.date(), serial=n + 1, number=f"{at:%m%d}-{n:04}", state="closed", place="x",
            type_id="400101" if west else "200100", severity=3, lon=-90.262 if west else -90.222, lat=38.630,
            area="t/1/a/" if west else "t/2/b/", services=["fire", "medical"] if west else ["police"],
            received_at=at, submitted_at=at, closed_at=at, taken_by="test"))
    Call.objects.bulk_create(rows)


def test_the_split_is_measured_by_place_and_used_by_service(calls, town):
    row = actions.make_forecast(actor=CENTRE, now=town.now)
    assert row.parts["calls"] == 300
    fire, police = (row.parts["services"][s] for s in ("fire", "police"))
    assert fire["calls"] + police["calls"] == 300
    assert fire["places"]["t/1/a/"] > 0.9 > 0.3 > fire["places"]["t/2/b/"]
    assert police["places"]["t/2/b/"] > 0.9 > 0.3 > police["places"]["t/1/a/"]
    by = {s: facts.demand_for(town.now, s)[1].sum() for s in ("", "fire", "police", "traffic")}
    assert by["fire"] < by[""]
    assert by["police"] < by[""]
    assert by["traffic"] == pytest.approx(by[""]), "no call tells of traffic: it is not split"


def test_staffing_counts_the_part_that_needs_police(calls, town, cast):
    row = actions.make_forecast(actor=CENTRE, now=town.now)
    told = shown.staffing(row, ("t/",), share=0.9, service_s=1800)
    whole = next(a for a in row.by_area if a["path"] == "t/")
    part = row.parts["services"]["police"]["hours"]
    n = max(range(48), key=lambda n: whole["expected"][n])
    hour = told["hours"][n]["start"].astimezone(zone()).hour
    assert told["hours"][n]["calls"] == pytest.approx(whole["expected"][n] * part[hour], abs=0.001)
    assert told["hours"][n]["calls"] < 0.8 * whole["expected"][n]
    assert (told["part_calls"], told["cases"], told["busy_hours"]) == (300, 0, 0)
    Forecast.objects.update(parts={})
    old = shown.staffing(Forecast.objects.get(), ("t/",), share=0.9, service_s=1800)
    assert old["hours"][n]["calls"] == pytest.approx(whole["expected"][n], abs=0.001)
    assert old["part_calls"] == 0
