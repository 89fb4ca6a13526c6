"""A caller added to the wrong call and taken back; two calls linked, one split in two and put together again."""
from __future__ import annotations

from typing import Any

import uuid6
from playwright.sync_api import Page, expect

from live import Centre, Client
from screens import Desk

AT = {"lon": -90.2481, "lat": 38.6127}


def take(client: Client, kind: str, place: str) -> dict[str, Any]:
    answer = client.send("POST", "/api/calls", {"id": str(uuid6.uuid7()), "type": kind, "severity": 3, "place": place,
                                                **AT, "caller": {"words": "两个人吵起来了"}})
    assert answer is not None and answer.status_code == 200, answer and answer.text
    return dict(answer.json())


def toast(page: Page, text: str) -> None:
    expect(page.locator(".toast")).to_contain_text(text)


def test_a_caller_comes_back_and_calls_are_linked_and_split(desk: Desk, centre: Centre, picture: Any) -> None:
    taker, dispatcher = Client(centre, "calltaker"), Client(centre, "dispatcher")
    one, two = take(taker, "200100", "Link St 1"), take(taker, "990500", "Link St 2")
    page = desk.open("calltaker", "/calls/new/")
    page.locator("#place").fill(f"{AT['lat']},{AT['lon']}")
    expect(page.locator("#place-list li").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#type-in").fill("200100")
    page.locator("#type-in").press("Enter")
    page.locator("#words").fill("另一件事")
    page.locator(f"#dups li[data-id='{one['id']}'] [data-do=attach]").click()
    toast(page, one["number"])
    expect(page.locator("#words")).to_have_value("")
    page.locator(".toast button").click()
    toast(page, "回到表单")
    expect(page.locator("#words")).to_have_value("另一件事")
    expect(page.locator("#located")).to_be_visible()
    expect(page.locator("#type-chosen")).to_contain_text("200100")
    page.locator("#clear").click()  # the form is kept for its call-taker: the next to open it finds nothing
    page.locator("dialog [type=submit]").click()
    expect(page.locator("#words")).to_have_value("")

    page = desk.open("dispatcher", f"/board/#{one['id']}")
    page.locator("[data-act=link]").click()
    page.locator("dialog select").select_option(two["id"])
    page.locator("dialog [type=submit]").click()
    expect(page.locator(".call-links")).to_contain_text(two["number"])
    page.locator("[data-act=unlink]").click()
    expect(page.locator(".call-links")).to_have_count(0)
    page.locator("[data-act=split]").click()
    page.locator("dialog select").first.select_option("400101")
    page.locator("dialog [type=submit]").click()
    expect(page.locator(".call-links [data-select]")).to_have_count(1)
    picture(page, "dispatcher-split")
    page.locator(".call-links [data-select]").click()
    page.locator("[data-act=unsplit]").click()
    toast(page, "撤")
    expect(page.locator("[data-act=unmerge]")).to_be_visible()  # back in the call it came from
    for call in (one, two):
        closed = dispatcher.send("POST", f"/api/calls/{call['id']}/close", {"disposition": "helped"})
        assert closed is not None and closed.status_code == 200, closed and closed.text
