"""The street beside the call: the grid, who asks for mediation, places seen, an agency's own tasks, needs by hour."""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from live import Client
from screens import FIRE, NARROW, Desk

Picture = Callable[[Page, str], None]


def test_the_grid_is_whole_and_its_cells_lead_to_their_matters(desk: Desk, picture: Picture) -> None:
    page = desk.open("planner", "/cells/")
    expect(page.locator("html[data-grid=ready]")).to_be_attached()
    expect(page.locator(".page-h .tag.ok")).to_be_visible()  # neither gap nor overlap
    picture(page, "grid-cells")
    rows = page.locator("[aria-labelledby=h-cells] tbody tr")
    cell = rows.first.locator("td").first.inner_text().split()[0]
    page.locator("#q").fill(cell)
    page.locator("form[role=search] button").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text(cell)


def test_a_resident_asks_for_mediation_and_follows_it(desk: Desk, picture: Picture) -> None:
    page = desk.open("", "/r/mediation/", size=NARROW)
    expect(page.locator("html[data-ask=ready]")).to_be_attached()
    page.locator("button[form=ask]").click()
    expect(page.locator("#kind-err")).to_be_visible()
    page.locator("#kind").select_option("K03")
    page.locator("#area").select_option(index=1)
    page.locator("#account").fill("楼上夜里练琴")
    page.locator("#name").fill("示例丙某")
    page.locator("#phone").fill("028-5550-149")
    picture(page, "resident-mediation")
    page.locator("button[form=ask]").click()
    expect(page.locator("#code")).to_have_text(re.compile(r"^[2-9A-HJ-NP-Z]{4} [2-9A-HJ-NP-Z]{4}$"))
    page.locator("#done button").click()
    expect(page.locator(".rsteps [aria-current=step]")).to_contain_text("首问登记")
    assert "示例丙某" not in page.content()


def test_a_planner_puts_a_place_on_the_beat_and_prints_its_mark(desk: Desk, picture: Picture) -> None:
    page = desk.open("planner", "/rounds/")
    there = page.locator("section").first.locator("tbody tr")
    assert there.count() > 3  # the example has some
    page.locator(".rounds details summary").click()
    page.locator("#zh").fill("示例河堤")
    page.locator("#lon").fill("-90.2")
    page.locator("#lat").fill("38.63")
    page.locator(".point-form .btn-1").click()
    row = there.filter(has_text="示例河堤")
    expect(row).to_have_count(1)
    picture(page, "rounds-places")
    row.locator("a.btn").click()
    expect(page.locator("svg").first).to_be_visible()
    page.go_back()
    row.locator("form button").click()
    expect(row).to_have_count(0)


def test_an_agency_answers_for_its_own_tasks(desk: Desk, take: Any, dispatcher: Client, picture: Picture) -> None:
    admin = desk.open("admin", "/linked/accounts/")
    seat = admin.locator("tr", has_text="handler")
    seat.locator("select").select_option("gas_co")
    seat.locator("button").click()
    expect(admin.locator("tr", has_text="handler").locator("select")).to_have_value("gas_co")
    call = take(FIRE, 2)
    sent = dispatcher.send("POST", f"/api/calls/{call['id']}/linked", {"agencies": ["gas_co"]})
    assert sent is not None and sent.status_code == 200, sent and sent.text
    page = desk.open("handler", "/agency/")
    task = page.locator("#mine li").filter(has=page.locator(f"a[href*='{sent.json()[0]['id']}']"))
    expect(task).to_contain_text(call["place"])
    picture(page, "agency-tasks")
    task.locator("a").click()
    page.locator("button[value=l_ack]").click()
    expect(page.locator("button[value=l_ack]")).to_have_count(0)
    picture(page, "agency-answer")
    page.locator("main a", has_text=re.compile("返回")).click()
    expect(task.locator(".tag").first).to_have_text("已签收")


def test_needs_by_hour_and_a_duty_between_the_shifts(desk: Desk, picture: Picture) -> None:
    page = desk.open("planner", "/rosters/new/")
    page.locator("#by-hour summary").click()
    service = page.locator("#hours tbody").first
    code = service.get_attribute("data-service")
    service.locator("[type=checkbox]").check()
    expect(page.locator(f"#needs tr[data-service='{code}'] input").first).to_be_disabled()
    for hour in range(11, 19):
        service.locator("[data-days=weekdays] .in-h").nth(hour).fill("4")
    page.locator("#between [name=start]").first.fill("11:00")
    picture(page, "roster-by-hour")
    # What would be asked is looked at; the search itself, which would keep the worker of all these tests, is not begun.
    page.route("**/api/rosters", lambda route: route.fulfill(status=422, json={"code": "form", "message": "-"}))
    with page.expect_request("**/api/rosters") as asked:
        page.locator("#ask button[type=submit]").click()
    body = asked.value.post_data_json
    assert body["between"] == [{"start": "11:00", "hours": 8}]
    assert body["hours"][0]["service"] == code and body["hours"][0]["weekdays"][11:19] == [4] * 8
    assert code not in {need["service"] for need in body["needs"]}
