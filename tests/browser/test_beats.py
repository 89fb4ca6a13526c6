"""Beats: asked for, made by the worker, looked at on the map, saved and deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from screens import Desk


def test_beats_are_proposed_looked_at_and_saved(desk: Desk, picture: Callable[[Page, str], None]) -> None:
    page = desk.open("planner", "/beats/")
    page.locator("#count").fill("200000")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#count ~ .err")).to_be_visible()  # at its field
    page.locator("#each").select_option("control_area")
    page.locator("#count").fill("199")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#count ~ .err")).to_contain_text("网格")  # the centre's own word, at the same field
    page.locator("#each").select_option("whole")
    page.locator("#count").fill("6")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#after tbody tr")).to_have_count(6)
    expect(page.locator("#before tbody tr")).to_have_count(6)
    expect(page.locator("#proof tbody tr")).to_have_count(1)
    expect(page.locator("#measures tbody tr")).to_have_count(5)
    expect(page.locator("#map[data-ready]")).to_be_visible()
    expect(page.locator("#map .map-paint")).to_be_attached()
    expect(page.locator(".top .who")).not_to_be_empty()
    picture(page, "beats")
    shown = page.locator("[data-show=after]")
    shown.focus()
    page.keyboard.press("Space")
    expect(shown).to_have_attribute("aria-pressed", "false")
    with page.expect_download() as saved:
        page.locator("a[href$='beats.geojson']").click()
    features = json.loads(Path(saved.value.path()).read_text(encoding="utf-8"))["features"]
    assert [f["properties"]["code"] for f in features] == [f"b{n}" for n in range(1, 7)]
    page.locator("[data-do=delete]").click()
    page.locator("dialog button[type=submit]").click()
    page.wait_for_url("**/beats/")
    expect(page.locator("main")).to_contain_text("还没有方案")
