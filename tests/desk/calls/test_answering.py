"""Who answers first: rules as data, and what the recommendation says of them."""
from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from django.utils import translation

from shouwang.desk.calls import advice
from shouwang.desk.calls.answering import answers
from shouwang.desk.calls.models import Jurisdiction
from shouwang.desk.log.models import Event
from shouwang.desk.places import facts as places
from shouwang.desk.sites.models import Site

pytestmark = pytest.mark.django_db
EAST, WEST = (-90.222, 38.630), (-90.262, 38.630)


@pytest.fixture
def rule(town: Any) -> Any:
    Jurisdiction.objects.all().delete()

    def rule(code: str, **given: Any) -> Jurisdiction:
        return Jurisdiction.objects.create(**{
            "code": code, "zh": f"规则{code}", "en": f"Rule {code}", "agency": "traffic_police",
            "from_day": date(2026, 1, 1), **given})
    return rule


def on_a_road(kind: str) -> tuple[float, float]:
    streets = places.streets()
    edge = next(n for n, k in enumerate(streets.kind) if k == kind)
    point = streets.lines([edge])[0].interpolate(0.5, normalized=True)
    return point.x, point.y


def test_each_condition_counts(rule: Any, take: Any, clock: Any, town: Any) -> None:
    """Each row: what the rule names, and whether it holds for a fight in the east on 21 November 2026, 22:46 there."""
    Site.objects.create(code="F", name="Mill", kind="factory", lon=EAST[0], lat=EAST[1], area="t/2/b/")
    call, cases = take(), [
        ({}, True), ({"types": ["20"]}, True), ({"types": ["200100", "30"]}, True), ({"types": ["40"]}, False),
        ({"area": "t/2/"}, True), ({"area": "t/1/"}, False),
        ({"site_kinds": ["factory"]}, True), ({"site_kinds": ["rail_station"]}, False),
        ({"from_time": time(22), "to_time": time(6)}, True), ({"from_time": time(23), "to_time": time(22)}, False),
        ({"border_m": 20_000}, True), ({"border_m": 1}, False), ({"roads": ["motorway"]}, False),
        ({"from_day": date(2026, 11, 21)}, True), ({"from_day": date(2026, 11, 22)}, False),
        ({"to_day": date(2026, 11, 20)}, False), ({"active": False}, False),
    ]
    for given, holds in cases:
        row = rule("R", **given)
        assert (answers(call, clock()) is not None) == holds, given
        row.delete()
    road = take(at=on_a_road("motorway"), type="300100")
    rule("R", roads=["motorway"], types=["30"])
    assert answers(road, clock()) is not None and answers(call, clock()) is None


def test_the_recommendation_says_which_rule_decided(rule: Any, take: Any, cast: Any, clock: Any) -> None:
    rule("R2", rank=20)
    rule("R1", rank=10, agency="expressway_police", fallback="traffic_police", types=["20"])
    call = take()
    with translation.override("en"):
        found = advice.for_call(call, areas=("",), now=clock()).first
    assert found.rule == "R1" and found.says == (
        "Expressway traffic police answers first; if it refuses or is late: Traffic police brigade. Rule R1: Rule R1.")
    told = cast.dispatcher.client.get(f"/api/calls/{call.id}/recommend").json()["jurisdiction"]
    assert (told["rule"], told["agency"], told["fallback"]) == ("R1", "expressway_police", "traffic_police")
    pane = cast.dispatcher.client.get(f"/board/call/{call.id}/").content.decode()
    assert 'data-rule="R1"' in pane and pane.index("高速公路交警") < pane.index("交警大队")


def test_units_of_another_area_count_as_those_of_the_place(rule: Any, take: Any, clock: Any) -> None:
    call = take(severity=3)

    def elsewhere() -> set[bool]:
        found = advice.for_call(call, areas=("",), now=clock())
        return {c.elsewhere for s in found.services for c in s.candidates
                if found.units[c.unit].area.startswith("t/1/")}
    assert elsewhere() == {True}
    rule("R", agency="", home="t/1/")
    assert elsewhere() == {False}


def test_rules_are_entered_with_every_fault_at_its_field(rule: Any, cast: Any) -> None:
    client = cast.admin.client
    given = {"code": "R1", "zh": "规则", "en": "Rule", "rank": "5", "types": "30, 400104", "roads": "motorway",
             "agency": "traffic_police", "from_day": "2026-01-01", "active": "on",
             "reason": "as agreed"}
    wrong = given | {"types": "30, 77", "roads": "canal", "rank": "0", "agency": ""}
    form = client.post("/settings/jurisdiction/new/", wrong).context["form"]
    assert set(form.errors) == {"types", "roads", "rank", "agency"}
    assert set(client.post("/settings/jurisdiction/new/", given | {"agency": ""}).context["form"].errors) == {"agency"}
    backwards = client.post("/settings/jurisdiction/new/", given | {"to_day": "2025-01-01"})
    assert set(backwards.context["form"].errors) == {"to_day"}
    assert client.post("/settings/jurisdiction/new/", given).status_code == 302
    row = Jurisdiction.objects.get()
    assert (row.types, row.roads, row.rank) == (["30", "400104"], ["motorway"], 5)
    assert Event.objects.filter(subject_kind="jurisdiction").count() == 1
    assert client.get("/settings/jurisdiction/").status_code == 200
    assert cast.dispatcher.client.post("/settings/jurisdiction/new/", given | {"code": "R2"}).status_code == 403
