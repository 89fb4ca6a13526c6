"""A mediator's way: a dispute is registered, sorted, taken after a declaration, settled, written down and visited."""
from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from screens import NARROW, Desk

READY = "html[data-mediation=ready]"
NAMES = ("示例甲某", "示例乙商店")


def step(page: Page, move: str, state: str, **fields: str) -> None:
    """Presses a step, fills its dialog if it has one, and waits for the state it leads to."""
    page.locator(f"[data-move={move}]").click()
    if move not in ("d_open", "d_perform", "d_file"):
        fill(page, **fields)
    expect(page.locator(f"article[data-state={state}]")).to_be_attached()


def fill(page: Page, **fields: str) -> None:
    """Fills the open dialog and sends it. "tick" ticks a box."""
    dialog = page.locator("dialog")
    for name, value in fields.items():
        field = dialog.locator(f"[name={name}]")
        if value == "tick":
            field.check()
        elif field.evaluate("f => f.localName") == "select":
            field.select_option(value)
        else:
            field.fill(value)
    dialog.locator("[type=submit]").click()
    expect(dialog).to_have_count(0)


def test_a_mediator_settles_a_dispute(desk: Desk, picture: Any) -> None:
    clerk = desk.open("clerk", "/mediation/new/")
    clerk.locator("#id_kind").select_option("K03")
    clerk.locator("#id_account").fill("楼上漏水，示例小区 3 栋")
    clerk.locator("#id_name0").fill(NAMES[0])
    clerk.locator("#id_phone0").fill("028-5550-148")
    clerk.locator("#id_who2").select_option("organisation")
    clerk.locator("#id_name2").fill(NAMES[1])
    clerk.locator("button.btn-1").click()
    expect(clerk.locator(READY)).to_be_attached()
    assert NAMES[0] not in clerk.content()
    number = clerk.locator(".mt-title .num").inner_text()
    step(clerk, "d_judge", "judged")
    step(clerk, "d_route", "routed")

    page = desk.open("mediator", "/mediation/?show=take")
    page.locator("tr", has_text=number).locator("a").click()
    expect(page.locator(READY)).to_be_attached()
    picture(page, "mediation-take")
    page.locator("[data-act=declare]").click()
    fill(page, interest="no")
    expect(page.locator(".toast.bad")).to_be_visible()  # who quarrels was not looked at yet
    page.locator("#sealed [data-act=open]").click()
    fill(page, reason="核对有无利害关系")
    expect(page.locator("#sealed")).to_contain_text(NAMES[0])
    picture(page, "mediation-opened")
    page.locator("[data-act=declare]").click()
    fill(page, interest="no")
    expect(page.locator("article[data-mine]")).to_be_attached()
    step(page, "d_consent", "consent", both_consents="tick")
    step(page, "d_open", "session")
    page.locator("[data-act=session]").click()
    fill(page, lasted_min="50", minutes="双方说明情况，愿意协商")
    expect(page.locator("#sealed")).to_contain_text("愿意协商")
    page.locator("[data-act=write]").click()
    picture(page, "mediation-agreement-dialog")
    fill(page, terms="一周内修好水管\n赔偿墙面 800 元")
    page.locator("[data-as=page]").click()
    fill(page, reason="拟写协议")
    expect(page.locator("#print")).to_be_visible()
    expect(page.locator(".md-sheet")).to_contain_text("赔偿墙面 800 元")
    expect(page.locator(".md-signs tr")).to_have_count(5)
    picture(page, "mediation-paper")
    page.locator("a.btn", has_text="回到案件").click()
    expect(page.locator(READY)).to_be_attached()
    assert NAMES[0] not in page.content()  # what was opened went with the page
    for kind in ("docx", "pdf"):
        with page.expect_download() as got:
            page.locator(f"[data-as={kind}]").click()
            fill(page, reason="拟写协议")
        assert got.value.suggested_filename == f"{number}.{kind}"
    step(page, "d_agree", "agreed", signed="tick")
    step(page, "d_confirm", "confirmed", reference="（示例）民特 1 号")
    step(page, "d_perform", "performing")
    step(page, "d_visit", "visited", performed="yes", note="水管已修好")
    picture(page, "mediation-case")
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    picture(page, "mediation-case-narrow")
    step(page, "d_file", "filed")
    expect(page.locator(".stepper .done")).to_have_count(8)


def test_a_dispute_on_the_screening_list_becomes_a_case(desk: Desk) -> None:
    page = desk.open("office", "/mediation/screening/")
    page.locator(".md-add summary").click()
    page.locator("#id_place").fill("浏览器 7 号院")
    page.locator("button[value=enter]").click()
    row = page.locator("tr", has_text="浏览器 7 号院")
    row.locator("input[type=date]").fill("2020-01-01")  # a day that is over
    row.locator("button[value=still]").click()
    expect(page.locator(".note.bad")).to_be_visible()
    page.locator("tr", has_text="浏览器 7 号院").locator("button[value=case]").click()
    expect(page.locator(READY)).to_be_attached()
    expect(page).to_have_url(re.compile(r"/mediation/[0-9a-f-]{36}/$"))
    page.locator("#sealed [data-act=open]").click()
    fill(page, reason="研判纠纷")
    expect(page.locator("#sealed")).to_contain_text("浏览器 7 号院")
