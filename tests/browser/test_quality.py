"""The list to mend: what the worker found by itself, accepted with a reason, taken back, and the scores above it."""
from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from screens import NARROW, Desk


def test_a_finding_is_accepted_and_taken_back(desk: Desk, picture: Any) -> None:
    page = desk.open("supervisor", "/quality/list/?weeks=26")
    while not page.locator("[data-finding]").count():  # the first look at the records comes within a minute
        page.wait_for_timeout(1000)
        page.reload()
    picture(page, "supervisor-quality-list")
    first = page.locator("[data-finding]").first
    name = first.get_attribute("data-finding")
    first.locator("summary").click()
    first.locator("select").select_option("true")
    first.locator("textarea").fill("当时确实如此")
    first.locator("button[value=accept]").click()
    expect(page.locator(f"[data-finding='{name}']")).to_have_count(0)
    page.goto(f"{desk.centre.url}/quality/list/?weeks=26&state=accepted")
    taken = page.locator(f"[data-finding='{name}']")
    expect(taken).to_contain_text("情况属实")
    taken.locator("button[value=reopen]").click()
    expect(taken).to_have_count(0)

    page.goto(f"{desk.centre.url}/quality/?weeks=26")
    expect(page.locator(".q-scores").first).to_contain_text("接警登记")
    picture(page, "supervisor-quality-scores")
    phone = desk.open("supervisor", "/quality/list/?weeks=26", size=NARROW, language="en")
    expect(phone.locator("[data-finding]").first).to_contain_text("To do")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
