"""Two scenarios side by side: asked for, played by the worker, read, copied and deleted."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from screens import Desk


def test_two_scenarios_are_compared(desk: Desk, picture: Callable[[Page, str], None]) -> None:
    page = desk.open("planner", "/whatif/new/")
    expect(page.locator("#wi-map[data-ready]")).to_be_visible()
    page.locator("#title").fill("二控区封路")
    page.locator("#hours").fill("2")
    page.locator("#replications").fill("4")
    page.locator("[name='b.police']").fill("20")
    page.locator("[data-side=b] [data-add=closures]").click()
    street = page.locator("[data-side=b] [data-list=closures] [data-k=street]")
    street.fill("Market Street")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-side=b] [data-list=closures] .err")).to_be_visible()  # at its field
    expect(page.locator("#title")).to_have_value("二控区封路")  # nothing lost
    street.fill("Market St")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#measures")).to_be_visible()
    expect(page.locator("#curve svg")).to_be_visible()
    expect(page.locator(".top .who")).not_to_be_empty()
    picture(page, "whatif")
    page.locator("[data-table=curve]").click()
    expect(page.locator("#curve-table tbody tr")).to_have_count(30)
    page.locator("a[href*='copy=']").click()
    expect(page.locator("[name='b.police']")).to_have_value("20")
    page.go_back()
    page.locator("[data-do=delete]").click()
    page.locator("dialog button[type=submit]").click()
    page.wait_for_url("**/whatif/")
    expect(page.locator("main")).not_to_contain_text("二控区封路")
