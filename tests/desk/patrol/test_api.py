"""The same over HTTP and on pages: what is shown to whom."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from openpyxl import load_workbook

from shouwang.desk.patrol.models import Plan


def post(person: Any, url: str, **body: Any) -> Any:
    return person.client.post(url, json.dumps(body), content_type="application/json")


def test_a_planner_edits_and_submits_and_the_commander_approves(plans: list[Plan], cast: Any, town: Any) -> None:
    plan, unit = plans[0], str(town.units["P03"].id)
    edited = post(cast.planner, f"/api/plans/{plan.id}/edit", kind="move", unit=unit, lon=-90.23, lat=38.64, version=1)
    assert edited.status_code == 200
    assert edited.json()["version"] == 2
    submitted = post(cast.planner, f"/api/plans/{plan.id}/submit", version=2)
    assert submitted.json()["state"] == "submitted"
    assert post(cast.planner, f"/api/plans/{plan.id}/approve").status_code == 403
    assert post(cast.supervisor, f"/api/plans/{plan.id}/approve").json()["state"] == "approved"
    assert post(cast.planner, f"/api/plans/{plan.id}/submit").status_code == 409


def test_forecast_and_cells_add_up(forecast: Any, cast: Any) -> None:
    told = cast.planner.client.get("/api/forecast").json()
    assert [a["path"] for a in told["areas"]] == ["t/1/", "t/2/", "t/"]
    start = forecast.origin.isoformat().replace("+00:00", "Z")
    cells = cast.planner.client.get("/api/forecast/cells", {"start": start, "hours": 3}).json()
    whole = told["areas"][-1]["expected"]
    assert sum(cells["expected"]) == pytest.approx(sum(whole[:3]), rel=0.01)
    assert len(cells["lon"]) == len(cells["lat"]) == len(cells["expected"])
    assert cells["steps"] == sorted(cells["steps"])


def test_units_needed_follow_the_promise_and_are_told_for_the_whole_district(plans: list[Plan], cast: Any) -> None:
    def needed(person: Any, **promise: float) -> Any:
        return person.client.get("/api/forecast/staffing", promise)

    told = needed(cast.planner, share=0.9, service_min=45).json()
    assert len(told["hours"]) == 48 and told["there_are"] == 4
    assert all(0 < h["units"] <= h["high"] and h["kept"] >= 0.9 for h in told["hours"])
    dearer = needed(cast.planner, share=0.99, service_min=90).json()["hours"]
    assert all(a["units"] >= b["units"] for a, b in zip(dearer, told["hours"], strict=True))
    assert needed(cast.planner, share=1.0).status_code == 422
    assert needed(cast.stranger).status_code == 404


def test_each_chart_of_the_forecast_is_a_file(forecast: Any, cast: Any) -> None:
    def rows(name: str, by: str = "planner", query: str = "") -> list[list[str]]:
        answer = getattr(cast, by).client.get(f"/forecast/{name}.csv{query}")
        assert answer.status_code == 200, answer.content
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    page = cast.planner.client.get("/forecast/").content.decode()
    assert all(f"/forecast/{name}.{kind}" in page for name in ("hours", "week", "staffing") for kind in ("csv", "xlsx"))
    told = cast.planner.client.get("/api/forecast").json()
    hours = rows("hours")
    assert len(hours) == 1 + 48 * len(told["areas"]) and len(hours[0]) == 5
    assert [float(r[2]) for r in hours[1:] if r[1] == hours[3][1]] == told["areas"][-1]["expected"]
    assert [[float(v) for v in r[1:]] for r in rows("week")[1:]] == told["week"]
    needed = cast.planner.client.get("/api/forecast/staffing?share=0.8&service_min=20").json()
    staffing = rows("staffing", query="?share=0.8&service_min=20")
    assert [int(r[1]) for r in staffing[1:]] == [h["units"] for h in needed["hours"]]
    book = load_workbook(io.BytesIO(cast.planner.client.get("/forecast/hours.xlsx").content))
    assert book.active.max_row == len(hours)
    for wrong, status in (("hours.pdf", 404), ("years.csv", 404), ("staffing.csv?share=2", 422)):
        assert cast.planner.client.get(f"/forecast/{wrong}").status_code == status
    assert cast.stranger.client.get("/forecast/hours.csv").status_code == 404


def test_each_chart_beside_a_plan_is_a_file(
    plans: list[Plan], cast: Any, town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows(path: str) -> list[list[str]]:
        answer = cast.planner.client.get(path)
        assert answer.status_code == 200, answer.content
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    plan = plans[0]
    with monkeypatch.context() as then:
        then.setattr("django.utils.timezone.now", lambda: town.now)
        page = cast.planner.client.get(f"/plan/?plan={plan.id}").content.decode()
    charts = ("plan", "figures", "shift", "hours", "seen")
    assert not [name for name in charts if f"/plan/{plan.id}/{name}.csv" not in page]
    assert page.count(".xlsx") == page.count(".csv")
    areas, at = plan.forecast.by_area, plan.forecast.shifts.index(plan.shift_start.isoformat())
    told = [[a["shifts"][at][end][0] for end in ("expected", "low", "high")] for a in areas]
    assert [[float(v) for v in r[1:]] for r in rows(f"/plan/{plan.id}/shift.csv")[1:]] == told
    assert len(rows(f"/plan/{plan.id}/hours.csv")) == 1 + 48 * len(areas)
    seen = cast.planner.client.get(f"/api/plans/{plan.id}/seen").json()
    assert [float(r[1]) for r in rows(f"/plan/{plan.id}/seen.csv")[1:]] == [r["expected"] for r in seen]
    told, change = plan.figures["all"], plan.figures["all"]["change"]["share"]
    share = next(row for row in rows(f"/plan/{plan.id}/figures.csv") if row[1] == "%")
    now, then = told["today"]["share"], told["plan"]["share"]
    values = [now, then, then - now, *change]
    assert [float(v) / 100 for v in share[2:]] == pytest.approx(values, abs=6e-5)
    when = f"?start={plan.shift_start:%Y-%m-%dT%H:%M:%SZ}&hours=8"
    cells = cast.planner.client.get(f"/api/forecast/cells{when}").json()
    assert [[float(v) for v in r[2:]] for r in rows(f"/forecast/cells.csv{when}")[1:]] == [
        list(cell) for cell in zip(cells["lon"], cells["lat"], cells["expected"], strict=True)
    ]
    for wrong, status in ((f"plan/{plan.id}/plan.pdf", 404), (f"plan/{plan.id}/years.csv", 404),
                          ("forecast/cells.csv?start=soon", 422), ("forecast/cells.csv?hours=400", 422)):  # fmt: skip
        assert cast.planner.client.get(f"/{wrong}").status_code == status
    for name in charts:
        assert cast.stranger.client.get(f"/plan/{plan.id}/{name}.csv").status_code == 404


def test_a_leader_of_one_area_sees_that_area_alone(plans: list[Plan], cast: Any) -> None:
    from shouwang.desk.people.models import Grant

    Grant.objects.filter(user=cast.leader.user).update(area="t/1/")
    told = cast.leader.client.get("/api/forecast").json()
    assert [a["path"] for a in told["areas"]] == ["t/1/"]
    detail = cast.leader.client.get(f"/api/plans/{plans[0].id}").json()
    assert {p["code"] for p in detail["posts"]} == {"巡01", "所41", "卫51"}
    whole = cast.planner.client.get(f"/api/plans/{plans[0].id}").json()
    assert {p["code"] for p in whole["posts"]} > {p["code"] for p in detail["posts"]}
    # The plan is the district's: who leads a part of it does not approve it.
    post(cast.planner, f"/api/plans/{plans[0].id}/submit")
    assert post(cast.leader, f"/api/plans/{plans[0].id}/approve").status_code == 403


@pytest.mark.parametrize("url", ["", "/geojson", "/chances"])
def test_other_districts_plans_do_not_exist(plans: list[Plan], cast: Any, url: str) -> None:
    assert cast.stranger.client.get(f"/api/plans/{plans[0].id}{url}").status_code == 404
    assert cast.stranger.client.get("/api/plans").json() == []
    assert cast.stranger.client.get("/api/forecast").status_code == 404
    assert cast.nobody.client.get(f"/api/plans/{plans[0].id}{url}").status_code == 403
    assert cast.stranger.client.get(f"/plan/{plans[0].id}/side/").status_code == 404
    assert cast.stranger.client.get(f"/plan/{plans[0].id}/plan.csv").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "fly", "unit": "01a203fd-8adf-74e1-bf2d-f7a06bc83eff"},
        {"kind": "move", "unit": "nobody"},
        {"kind": "move", "unit": "01a203fd-8adf-74e1-bf2d-f7a06bc83eff", "lon": 1e9},
        {"kind": "move", "unit": "01a203fd-8adf-74e1-bf2d-f7a06bc83eff", "version": 10**30},
    ],
)
def test_bad_edits_are_refused_politely(plans: list[Plan], cast: Any, body: dict[str, Any]) -> None:
    assert post(cast.planner, f"/api/plans/{plans[0].id}/edit", **body).status_code in (404, 422)


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-21T10:00:00"])
def test_hours_outside_the_forecast_are_empty_not_errors(forecast: Any, cast: Any, start: str) -> None:
    answer = cast.planner.client.get("/api/forecast/cells", {"start": start, "hours": 48})
    assert answer.status_code == 200


def test_geojson_has_a_point_per_unit(plans: list[Plan], cast: Any) -> None:
    told = cast.planner.client.get(f"/api/plans/{plans[0].id}/geojson").json()
    points = [f for f in told["features"] if f["geometry"]["type"] == "Point"]
    assert len(points) == plans[0].posts.count()


def test_the_pages_open_to_those_who_plan_approve_or_watch(plans: list[Plan], cast: Any) -> None:
    for url in ("/plan/", "/forecast/", f"/plan/?plan={plans[2].id}", "/plan/job/"):
        for person in (cast.planner, cast.supervisor, cast.dispatcher, cast.leader):
            assert person.client.get(url).status_code == 200, url
        for person in (cast.call_taker, cast.auditor, cast.nobody):
            assert person.client.get(url).status_code == 403, url


def test_the_pages_stand_without_any_forecast(town: Any, cast: Any) -> None:
    assert cast.planner.client.get("/plan/").status_code == 200
    assert cast.planner.client.get("/forecast/").status_code == 200


def test_the_buttons_follow_the_state_and_the_person(plans: list[Plan], cast: Any, town: Any) -> None:
    def steps(person: Any) -> set[str]:
        page = person.client.get(f"/plan/{plans[0].id}/side/").content.decode()
        return {s for s in ("submit", "withdraw", "approve", "return") if f'data-step="{s}"' in page}

    assert steps(cast.planner) == {"submit"}
    assert steps(cast.supervisor) == set()
    post(cast.planner, f"/api/plans/{plans[0].id}/submit")
    assert steps(cast.planner) == {"withdraw"}
    assert steps(cast.supervisor) == {"approve", "return"}
    assert steps(cast.dispatcher) == set()


def test_the_plan_as_a_table(plans: list[Plan], cast: Any) -> None:
    answer = cast.planner.client.get(f"/plan/{plans[0].id}/plan.csv")
    assert answer.status_code == 200
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + plans[0].posts.count()
    book = load_workbook(io.BytesIO(cast.planner.client.get(f"/plan/{plans[0].id}/plan.xlsx").content))
    assert book.active.max_row == len(lines)
    assert cast.planner.client.get(f"/plan/{plans[0].id}/plan.exe").status_code == 404


def test_places_to_move_to_are_found_in_ones_own_district(town: Any, cast: Any) -> None:
    found = cast.planner.client.get("/api/plan-places", {"q": "Market St"}).json()
    assert found
    assert all(-90.28 <= f["lon"] <= -90.2 for f in found)
    assert cast.stranger.client.get("/api/plan-places", {"q": "Market St"}).json() == []
