"""A bank is entered with its key-holder and a hazard, its panel registered; its alarm stands on the board with both."""
from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from live import Centre
from screens import NARROW, Desk
from shouwang.wire.dc09.panel import Panel

KEY = "000102030405060708090a0b0c0d0e0f"
PHONE = "314-555-0142"
PLACE = ("-90.2325", "38.6395")


@pytest.fixture
def port(centre: Centre) -> int:
    if "--dc09" not in centre.options:
        pytest.skip("the centre that runs already hears no panels")
    return int(centre.options[centre.options.index("--dc09") + 1])


async def report(port: int, account: str, *codes: str) -> list[str]:
    panel = Panel(account, bytes.fromhex(KEY))
    await panel.connect("127.0.0.1", port)
    try:
        return [await panel.report(code, zone) for zone, code in enumerate(codes, 1)]
    finally:
        await panel.close()


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"#id_{name}").fill(value)


def test_an_alarm_stands_on_the_board_with_hazard_and_key_holder(desk: Desk, picture: Any, port: int) -> None:
    code, account = f"B{uuid4().hex[:6]}", uuid4().hex[:8].upper()
    page = desk.open("dispatcher", "/sites/new/")
    fill(page, name=f"Grand Bank {code}", code=code, lon=PLACE[0], lat=PLACE[1])
    page.locator("#id_kind").select_option("bank")
    page.locator("form[data-point] button").click()
    page.locator("summary", has_text="添加隐患").click()
    page.locator("#id_hazard-kind").select_option("steep_stairs")
    page.locator("#id_hazard-owner").select_option("fire_rescue")
    page.locator("button[value=hazard]").click()
    expect(page.locator("[data-hazard]")).to_contain_text("楼梯陡窄")
    page.locator("summary", has_text="添加联系人").click()
    fill(page, **{"contact-name": "Duty office", "contact-phone": PHONE})
    page.locator("button[value=contact]").click()
    expect(page.locator("[aria-labelledby=key-h]")).to_contain_text("密封")
    assert PHONE not in page.content()
    picture(page, "site-one")
    site = page.url
    page.set_viewport_size(NARROW)
    picture(page, "site-one-narrow")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    admin = desk.open("admin", f"/alarms/?q={code}")
    admin.locator("a", has_text="登记主机").click()
    fill(admin, account=account, key=KEY)
    picture(admin, "alarm-panel")
    admin.locator("form button").last.click()
    expect(admin.locator(".al-panels")).to_contain_text(account)

    board = desk.open("dispatcher", "/board/")
    expect(board.locator("html")).to_have_attribute("data-board", "ready")

    async def heard() -> list[str]:
        for _ in range(600):  # until the live process has read what was registered
            if "NAK" not in (told := await report(port, account, "BA", "BA", "HA")):
                return told
            await asyncio.sleep(0.1)
        raise AssertionError("the panel is not known")

    with ThreadPoolExecutor(1) as aside:  # the browser's own loop rests in this thread
        assert aside.submit(asyncio.run, heard()).result() == ["ACK"] * 3
    row = board.locator("[role=option]", has_text=code)
    expect(row).to_contain_text("×3")
    row.click()
    pane = board.locator("article.call-pane")
    expect(pane.locator(".haz")).to_contain_text("楼梯陡窄")
    expect(pane).to_contain_text(f"Grand Bank {code}")
    assert PHONE not in board.content()
    picture(board, "board-alarm")
    pane.locator("[data-act=key_holder]").first.click()
    board.locator("dialog textarea, dialog input").first.fill("alarm")
    board.locator("dialog button[type=submit], dialog .btn-1").first.click()
    expect(pane.locator(".key-holder").first).to_contain_text(PHONE)
    picture(board, "board-key-holder")

    call = row.get_attribute("data-id")
    done = board.evaluate("""async (id) => (await fetch(`/api/calls/${id}/close`, { method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": document.cookie.match(/csrftoken=([^;]+)/)[1] },
      body: JSON.stringify({ disposition: "false_alarm" }) })).status""", call)
    assert done == 200
    admin.reload()
    counted = admin.locator("tr[data-site]")
    expect(counted).to_contain_text(re.compile("1.*1"))
    expect(counted).to_contain_text("正常")
    picture(admin, "alarms-one")

    taker = desk.open("calltaker", "/calls/new/")
    taker.locator("#place").fill(code)
    taker.locator("#place-list [role=option]").first.click()
    expect(taker.locator("#premises")).to_contain_text("楼梯陡窄")
    picture(taker, "intake-premises")

    page.goto(site)
    page.locator("[aria-labelledby=data-h] summary").click()
    page.locator("button[value=close]").click()
    expect(page.locator(".note")).to_contain_text("已注销")
