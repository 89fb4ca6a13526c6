"""Rosters: leave entered, asked for, watched and stopped, published by another, and read by the member."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from screens import NARROW, Desk


def asked(page: Page, each: str) -> None:
    """So many of the police in each shift, nobody else."""
    for field in page.locator("#needs input").all():
        field.fill("0")
    for field in page.locator("#needs tr[data-service=police] input").all():
        field.fill(each)


def test_a_roster_is_asked_for_watched_published_and_read(desk: Desk, picture: Callable[[Page, str], None]) -> None:
    page = desk.open("planner", "/rosters/entries/")
    name = page.locator("#user option").first.inner_text()
    page.locator("#last").fill("2020-01-01")
    page.locator("#enter button[type=submit]").click()
    expect(page.locator("#last ~ .err")).to_be_visible()  # at its field
    page.locator("#last").fill(page.locator("#from").input_value())
    page.locator("#enter button[type=submit]").click()
    expect(page.locator("#entries tbody tr")).to_have_count(1)
    expect(page.locator("#entries")).to_contain_text(name)
    picture(page, "roster-entries")
    page.goto(desk.centre.url + "/rosters/new/")
    asked(page, "2")
    mine = page.locator("#members tr", has_text="示例巡逻民警")
    mine.locator("[type=checkbox]").check()
    mine.locator("select").select_option("")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#faults")).to_be_visible()  # counts for what?
    mine.locator("select").select_option("police")
    expect(page.locator("#balance")).not_to_be_empty()
    picture(page, "roster-new")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/rosters/[0-9a-f-]{36}/"))
    expect(page.locator("#grid")).to_be_visible()  # while the search goes on
    page.locator("[data-do=stop]").click()
    expect(page.locator("[data-do=again]")).to_be_visible()
    expect(page.locator("#grid .short")).to_have_count(0)
    expect(page.locator("[data-do=publish]")).to_have_count(0)  # somebody else signs
    picture(page, "roster-draft")
    boss = desk.open("supervisor", page.url.removeprefix(desk.centre.url))
    boss.locator("[data-do=publish]").click()
    boss.locator("dialog button[type=submit]").click()
    expect(boss.locator("[data-do=withdraw]")).to_be_visible()
    phone = desk.open("member", "/m/", size=NARROW)
    phone.locator("a[href='/m/roster/']").click()
    expect(phone.locator(".turns li").first).to_be_visible()
    phone.locator("#wishes summary").click()
    for field in ("first", "last"):
        wished = phone.locator(f"#wishes input[name={field}]")
        wished.fill(wished.get_attribute("min") or "")
    phone.locator("#wishes details button").click()
    expect(phone.locator("#wishes li")).to_have_count(1)
    phone.locator("form[action='/m/roster/calendar/'] button").click()
    link = phone.locator("#link").input_value()
    picture(phone, "roster-phone")
    text = desk.open("").request.get(link).text()
    assert text.startswith("BEGIN:VCALENDAR")
    assert "BEGIN:VEVENT" in text
    phone.goto(desk.centre.url + "/me/turns/")
    phone.locator("a[href^='/me/turns/']").first.click()
    expect(phone.locator("input[name=to]").first).to_be_checked()  # whoever will
    picture(phone, "roster-swap")
    phone.locator("form button[type=submit]").click()
    expect(phone.locator("button[value=withdraw]")).to_be_visible()
    boss.goto(desk.centre.url + "/rosters/swaps/")
    expect(boss.locator("tbody tr")).to_have_count(1)
    picture(boss, "roster-swaps")
    boss.go_back()
    boss.locator("[data-do=withdraw]").click()
    boss.locator("dialog textarea").fill("改期")
    boss.locator("dialog button[type=submit]").click()
    expect(boss.locator("[data-do=publish]")).to_be_visible()
    phone.goto(desk.centre.url + "/m/roster/")
    expect(phone.locator(".turns li")).to_have_count(0)


def test_what_is_impossible_is_said(desk: Desk, picture: Callable[[Page, str], None]) -> None:
    page = desk.open("planner", "/rosters/new/?days=7")
    asked(page, "1")
    page.locator("#all").uncheck()
    police = page.locator("#members tr", has=page.locator("option[value=police][selected]"))
    police.first.locator("[type=checkbox]").check()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#why li").first).to_be_visible()
    picture(page, "roster-impossible")
    page.locator("[data-do=gaps]").click()
    expect(page.locator("#grid .short").first).to_be_visible()
    expect(page.locator("[data-do=again], [data-do=stop]").first).to_be_visible()
    if page.locator("[data-do=stop]").count():  # else it has ended by itself
        page.locator("[data-do=stop]").click()
    page.locator("[data-do=delete]").click()
    page.locator("dialog button[type=submit]").click()
    page.wait_for_url("**/rosters/")
