"""A street is closed by its name or a click, stands on every open map at once, is lifted, and comes back by undo."""
from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import expect

from screens import NARROW, Desk

READY = "html[data-closures=ready]"


def test_a_street_is_closed_and_opened_again(desk: Desk, picture: Any) -> None:
    board, page = desk.open("dispatcher", "/board/"), desk.open("planner", "/closures/")
    expect(page.locator(READY)).to_be_attached()
    page.locator("#new > summary").click()
    page.locator("#find").fill("Utah St")
    page.locator("#find").press("Enter")
    expect(page.locator("#picks li")).to_have_count(1)
    page.locator("#picks select").select_option("back")
    expect(page.locator("#picks li")).to_have_count(1)
    page.locator("form#close [type=submit]").click()
    expect(page.locator("#rows [data-closure]")).to_have_count(0)  # the reason is missing
    page.locator("#reason").select_option("works")
    page.locator("[data-hours='1']").click()
    picture(page, "closures-new")
    page.locator("form#close [type=submit]").click()
    row = page.locator("#rows [data-closure]").first
    expect(row).to_contain_text("Utah St")
    expect(row.locator(".timer")).to_have_text(re.compile(r"^\d"))
    for one in (page, board):
        expect(one.locator("#map[data-closures='1']")).to_be_attached()
    row.locator("[data-show]").click()
    expect(row).to_have_attribute("aria-current", "")
    picture(page, "closures-one")
    picture(board, "closures-board")

    row.locator("[data-do=lift]").click()
    for one in (page, board):
        expect(one.locator("#map[data-closures='0']")).to_be_attached()
    expect(page.locator(".toast")).to_contain_text("已解除")
    page.keyboard.press("z")
    expect(board.locator("#map[data-closures='1']")).to_be_attached()

    page.locator("[data-mode=area]").click()
    box = page.locator("#map").bounding_box()
    assert box is not None
    for dx, dy in ((-60, -60), (60, -60), (60, 60), (-60, 60)):
        page.mouse.click(box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy)
    expect(page.locator("#where-hint")).to_have_text(re.compile(r"\d+ 段"))
    page.locator("#factor").fill("3")
    page.locator("#reason").select_option("flood")
    page.locator("form#close [type=submit]").click()
    expect(page.locator("#rows .cl-rows").first.locator("[data-closure]")).to_have_count(2)
    picture(page, "closures-area")
    page.set_viewport_size(NARROW)
    picture(page, "closures-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    for _ in range(2):
        lift = page.locator("#rows [data-do=lift]")
        left = lift.count()
        lift.first.click()
        expect(lift).to_have_count(left - 1)
