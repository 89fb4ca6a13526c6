"""Did it work?: asked on the form, compared with proposed areas, answered, answered again, saved and deleted."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import docx
from playwright.sync_api import Page, expect

from screens import NARROW, WIDE, Desk


def test_an_officer_is_led_from_a_measure_to_an_answer(desk: Desk, picture: Callable[[Page, str], None]) -> None:
    page = desk.open("planner", "/effects/new/")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#title ~ .err")).to_be_visible()  # at its field
    page.locator("#title").fill("增加夜间步巡")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".f:has(#treated) .err")).to_be_visible()
    boxes = page.locator("input[name=treated]")
    for n in (2, 3):
        boxes.nth(n).check()
    on_map = page.locator(".ef-map path").nth(10)
    on_map.dispatch_event("click")  # the middle of its box may be a neighbour's
    expect(on_map).to_have_attribute("data-role", "treated")
    expect(page.locator("input[name=treated]:checked")).to_have_count(3)
    page.locator("#propose").click()
    expect(page.locator("input[name=control]:checked")).to_have_count(10)
    expect(page.locator(".ef-map path[data-role=control]")).to_have_count(10)
    expect(page.locator(".err")).to_have_count(0)
    picture(page, "effects-form")
    boxes.nth(page.locator("input[name=control]").evaluate_all("(all) => all.findIndex((b) => b.checked)")).check()
    expect(page.locator("input[name=control]:checked")).to_have_count(9)  # an area is in one group
    expect(page.locator("#control-n")).to_contain_text("重新推荐")
    page.locator("#propose").click()
    expect(page.locator("input[name=control]:checked")).to_have_count(12)
    expect(page.locator("#control-n")).to_contain_text("12")
    page.locator("#weeks").fill("104")
    page.locator("#title").press("Control+Enter")
    expect(page.locator("#weeks ~ .err")).to_contain_text("周")  # the centre's own word, at the same field
    page.locator("#weeks").fill("20")
    page.locator("#title").press("Control+Enter")
    expect(page.locator("#head")).to_contain_text("%")
    expect(page.locator("#sums tbody tr")).to_have_count(3)
    expect(page.locator("#periods tbody tr")).to_have_count(40)
    expect(page.locator(".ef-map path[data-role=treated]")).to_have_count(4)
    head, mine = page.locator("#head").inner_text(), urlsplit(page.url).path
    for theme in ("light", "dark"):
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        picture(page, f"effects-answer-{theme}")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "effects-answer-narrow")
    page.set_viewport_size(WIDE)
    page.locator("[data-do=again]").click()
    expect(page.locator("main .note[role=status]")).to_contain_text("2")
    assert page.locator("#head").inner_text() == head
    with page.expect_download() as saved:
        page.locator("a[href$='effects.docx']").click()
    told = docx.Document(io.BytesIO(Path(saved.value.path()).read_bytes()))
    assert told.paragraphs[1].text == head
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": desk.centre.url}])
    page.reload()
    expect(page.locator("#head")).to_contain_text("%")
    picture(page, "effects-answer-en")
    page.locator("[data-do=delete]").click()
    page.locator("dialog button[type=submit]").click()
    page.wait_for_url("**/effects/")
    expect(page.locator(f"main a[href='{mine}']")).to_have_count(0)
