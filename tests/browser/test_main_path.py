"""The main job, by the people who do it, on a real centre: a call comes in, the right unit goes out, it is closed, and
tonight's plan is proposed, approved and seen."""
from __future__ import annotations

import re
import time
from typing import Any

from playwright.sync_api import Page, expect

from live import Client
from screens import NARROW, Desk, on_duty


def take_call(page: Page, *, lon: float, lat: float, words: str, code: str = "100200") -> None:
    """From the keyboard alone."""
    page.locator("#place").press_sequentially(f"{lat:.5f},{lon:.5f}")
    expect(page.locator("#place-list [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#located")).to_be_visible()
    page.locator("#type-in").focus()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("[name=type]")).to_have_value(code)
    page.locator("#words").focus()
    page.keyboard.type(words)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast[role=status]")).to_be_visible()


def test_from_call_to_closing(desk: Desk, centre: Any, resting: dict[str, Any], picture: Any) -> None:
    board, second = desk.open("dispatcher", "/board/"), desk.open("supervisor", "/board/")
    crew = desk.open("member", "/m/", size=NARROW, permissions=["geolocation"],
                     geolocation={"longitude": resting["lon"], "latitude": resting["lat"]})
    on_duty(crew, resting)
    crew.goto(f"{centre.url}/m/task/")
    words = "两个人抢了包往东跑"
    take_call(desk.open("calltaker", "/calls/new/"), lon=resting["lon"], lat=resting["lat"], words=words)

    # It appears on both boards without a reload, the dispatcher opens it and sees what was said.
    number = board.evaluate("fetch('/api/calls?limit=1').then((answer) => answer.json())")[0]["id"]
    for page in (board, second):
        expect(page.locator(f"#waiting [data-id='{number}']")).to_be_visible()
    board.locator(f"#waiting [data-id='{number}']").click()
    expect(board.locator(f"article[data-call='{number}']")).to_contain_text(words)

    # The unit that stands there is recommended, with its time; it is sent.
    mine = board.locator(f"label.rc[data-unit='{resting['id']}']").first
    expect(mine).to_be_visible()
    expect(mine.locator(".timer")).to_have_text(re.compile(r"\d:\d\d"))
    ticked = board.locator(".recs input:checked")
    while ticked.count():
        ticked.first.uncheck()
    mine.locator("input").check()
    picture(board, "board")
    board.locator("#send").click()

    # The crew hears of it, acknowledges, drives, arrives, and reports.
    expect(crew.locator("article.task")).to_contain_text(words)
    assert "号码" not in crew.locator("article.task").inner_text()
    picture(crew, "phone")
    for step in ("a_ack", "a_go", "a_scene"):
        crew.locator(f"#acts [data-transition={step}]").click()
        expect(crew.locator(f"#acts [data-transition={step}]")).to_have_count(0)
    expect(board.locator(".task-row .unit.scene")).to_be_visible()
    crew.locator("#acts [data-transition=a_clear]").click()
    crew.locator("dialog textarea").fill("人已走，登记物品")
    crew.locator("dialog button[type=submit]").click()
    expect(crew.locator("article.task")).to_have_count(0)

    # The desk closes it; the timeline tells all of it.
    board.locator("[data-act=close]").click()
    board.locator("dialog select[name=disposition]").select_option(index=1)
    board.locator("dialog button[type=submit]").click()
    expect(board.locator("[data-act=reopen]")).to_be_visible()
    expect(second.locator("#closed [role=option]").first).to_be_visible()
    kinds = [e.strip() for e in board.locator(".tl li").all_inner_texts()]
    assert len(kinds) >= 6, kinds

    # Off duty again: nothing is shared any more.
    crew.goto(f"{centre.url}/m/")
    crew.locator("form[action$='clock-off/'] button").click()
    expect(crew.locator("#clock-on")).to_be_visible()


def test_typing_survives_a_reload_and_a_failed_save(desk: Desk) -> None:
    page = desk.open("calltaker", "/calls/new/")
    page.locator("#words").fill("楼上漏水，厨房全湿了")
    page.locator("#detail").fill("3 幢 502")
    expect(page.locator("#saved")).to_be_visible()
    page.reload()
    expect(page.locator("#words")).to_have_value("楼上漏水，厨房全湿了")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#summary")).to_be_visible()
    expect(page.locator("#words")).to_have_value("楼上漏水，厨房全湿了")
    expect(page.locator("#detail")).to_have_value("3 幢 502")
    page.locator("#clear").click()
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("#words")).to_have_value("")  # on the server too: the next to open the form finds nothing


def test_panic_opens_a_call_above_all(desk: Desk, centre: Any, resting: dict[str, Any]) -> None:
    board = desk.open("dispatcher", "/board/")
    crew = desk.open("member", "/m/", size=NARROW)
    on_duty(crew, resting)
    button = crew.locator("#sos").bounding_box()
    assert button is not None
    crew.mouse.move(button["x"] + 20, button["y"] + 20)
    crew.mouse.down()  # held until help is called
    expect(board.locator("#panic-bar")).to_be_visible()
    crew.mouse.up()
    expect(board.locator("#waiting [role=option] .sev-1").first).to_be_visible()


def test_a_position_nobody_can_have_driven_to_is_marked(desk: Desk, centre: Any, resting: dict[str, Any]) -> None:
    board, crew = desk.open("dispatcher", "/board/"), Client(centre, "member")
    crew.session.post(f"{centre.url}/m/clock-on/", headers={"Referer": centre.url}, data={
        "unit": resting["id"], "csrfmiddlewaretoken": crew.session.cookies["csrftoken"]})
    ticket = crew.send("GET", "/live/ticket/")
    assert ticket is not None
    now_ms = int(time.time() * 1000)
    told = [{"lon": resting["lon"] + east, "lat": resting["lat"], "at": now_ms + after_ms}
            for east, after_ms in ((0.0, 1), (0.2, 2))]  # 17 km in a millisecond
    said = crew.session.post(f"{centre.url}/positions", json={"positions": told},
                             headers={"Authorization": f"Bearer {ticket.json()['ticket']}"})
    assert said.json()["accepted"] == 2, said.text
    plate = board.locator(f"[data-unit='{resting['id']}'] .unit.odd")
    expect(plate).to_contain_text("位置不可信")
    plate.click()
    for words in ("警员手机", "跳变"):
        expect(board.locator("dialog")).to_contain_text(words)


def test_a_short_press_calls_nobody(desk: Desk, centre: Any, resting: dict[str, Any]) -> None:
    crew = desk.open("member", "/m/", size=NARROW)
    on_duty(crew, resting)
    before = Client(centre, "dispatcher").send("GET", "/api/calls?limit=500")
    crew.locator("#sos").click(delay=400)
    crew.wait_for_timeout(800)
    after = Client(centre, "dispatcher").send("GET", "/api/calls?limit=500")
    assert before is not None and after is not None
    assert len(before.json()) == len(after.json())


def test_plan_is_proposed_submitted_approved_and_seen(desk: Desk, picture: Any) -> None:
    planner = desk.open("planner", "/plan/")
    current = planner.locator(".shifts a[aria-current=true]")
    expect(current).to_be_visible()
    drawn = "#plan-map[data-ready]"  # the page's own script is at work
    expect(planner.locator(drawn)).to_be_visible()
    picture(planner, "plan")
    planner.locator("[data-step=submit]").click()
    expect(planner.locator(".plan-state")).to_have_attribute("data-state", "submitted")

    supervisor = desk.open("supervisor", "/plan/")
    with supervisor.expect_navigation():
        supervisor.locator(f".shifts a[href='{current.get_attribute('href')}']").click()
    expect(supervisor.locator(drawn)).to_be_visible()
    picture(supervisor, "supervisor-plan")
    supervisor.locator("[data-step=approve]").click()
    expect(supervisor.locator(".plan-state")).to_have_attribute("data-state", "approved")

    dispatcher = desk.open("dispatcher", f"/plan/{current.get_attribute('href')}")
    expect(dispatcher.locator(".plan-state")).to_have_attribute("data-state", "approved")
