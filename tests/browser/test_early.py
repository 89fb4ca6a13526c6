"""What is pressed or typed before a page's own scripts stand is done once they do."""
from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, Route, expect

from screens import NARROW, Desk, on_duty


def held(page: Page, script: str, url: str) -> Route:
    """Opens `url` up to the moment at which only `script` is missing."""
    routes: list[Route] = []
    page.route(f"**/{script}*.js", lambda route: routes.append(route))
    with page.expect_request(f"**/{script}*.js"):
        page.goto(url, wait_until="commit")
    page.wait_for_function("() => performance.getEntriesByType('paint').length")  # before, no press is let through
    return routes[0]


def test_a_word_typed_early_filters_the_list(desk: Desk) -> None:
    page = desk.open("dispatcher", "/about/")
    script = held(page, "units/list", f"{desk.centre.url}/units/")
    page.locator("#find").fill("no unit has this name")
    expect(page.locator("#none")).to_be_hidden()
    script.continue_()
    expect(page.locator("#none")).to_be_visible()


def test_a_button_pressed_early_opens_its_dialog_once(desk: Desk) -> None:
    page = desk.open("clerk", "/matters/")
    there = page.locator("table.mt tbody a").first.get_attribute("href")
    script = held(page, "matters/show", f"{desk.centre.url}{there}")
    page.locator("[data-act=remark]").click()
    expect(page.locator("dialog")).to_have_count(0)
    script.continue_()
    expect(page.locator("dialog")).to_have_count(1)
    page.locator("dialog textarea").fill("示例")
    page.locator("dialog button[type=button]").click()
    expect(page.locator("dialog")).to_have_count(0)


def test_help_is_called_by_a_button_held_early(desk: Desk, resting: dict[str, Any]) -> None:
    page = desk.open("member", "/m/", size=NARROW, service_workers="block")  # the script comes over the line
    on_duty(page, resting)
    script = held(page, "phone/phone", f"{desk.centre.url}/m/task/")
    page.locator("#sos").hover()
    page.mouse.down()
    expect(page.locator("#sos:active")).to_be_attached()
    script.continue_()
    expect(page.locator(".toast")).to_be_visible()
    page.mouse.up()
