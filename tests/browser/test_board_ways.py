"""Ways of working the board: by drawing, by keys, by commands, with views of one's own; with a crew on its phone."""
from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uuid6
from playwright.sync_api import Page, Route, expect

from live import Client
from screens import BURGLARY, FIRE, NARROW, Desk, board, on_duty, row


def command(page: Page, line: str, says: str) -> None:
    page.keyboard.press("/")
    page.locator("#cmd-in").fill(line)
    expect(page.locator("#cmd-says")).to_contain_text(says)
    page.keyboard.press("Enter")


def test_a_unit_is_drawn_onto_a_call_or_sent_by_key(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    page = board(desk)
    call = take(BURGLARY, 2)
    row(page, call).click()
    expect(page.locator("#send")).to_be_enabled()
    best = page.locator(".rc:has(input:checked)").first.get_attribute("data-unit")
    plate = page.locator(f"#units [data-unit='{best}']")
    plate.drag_to(row(page, call))
    expect(page.locator("#active").locator(f"[data-id='{call['id']}']")).to_be_visible()
    expect(page.locator(".task-row")).to_have_count(1)
    other = take(BURGLARY, 2)
    row(page, other).click()
    expect(page.locator("#send")).to_be_enabled()
    best = page.locator(".rc:has(input:checked)").first.get_attribute("data-unit")
    page.locator(f"#units [data-unit='{best}']").focus()
    page.keyboard.press("u")
    expect(page.locator("#active").locator(f"[data-id='{other['id']}']")).to_be_visible()


def test_a_view_stands_in_the_address_and_is_kept(desk: Desk, take: Callable[..., dict[str, Any]],
                                                  picture: Callable[[Page, str], None]) -> None:
    grave, light = take(FIRE, 1), take(BURGLARY, 3)
    page = board(desk)
    page.keyboard.press("f")
    page.locator("#filter-level").select_option("1")
    expect(row(page, grave)).to_be_visible()
    expect(row(page, light)).to_have_count(0)
    assert "level=1" in page.url
    page.locator("#filter-room").select_option("map")
    page.locator("#views summary").click()
    page.locator("#view-save").click()
    page.locator("dialog textarea, dialog input").first.fill("一级")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("#view-name")).to_have_text("一级")
    again = board(desk)  # another browser of the same account
    expect(row(again, light)).to_be_visible()
    command(again, "视图 一级", "视图")
    expect(row(again, light)).to_have_count(0)
    expect(again.locator("#board")).to_have_attribute("data-room", "map")
    picture(again, "dispatcher-view")
    command(again, "视图 reset", "视图")
    expect(row(again, light)).to_be_visible()
    command(again, "视图 delete", "视图")
    expect(again.locator("#view-list li")).to_have_count(0)


def test_commands_press_what_the_page_has(desk: Desk, take: Callable[..., dict[str, Any]]) -> None:
    page = board(desk)
    call = take(BURGLARY, 3)
    row(page, call).click()
    expect(page.locator("#send")).to_be_enabled()
    page.keyboard.press("/")
    page.keyboard.type("canc")
    expect(page.locator("#cmd-says")).to_contain_text("cancel")
    page.keyboard.press("Tab")
    expect(page.locator("#cmd-in")).to_have_value("cancel ")
    page.keyboard.press("Escape")
    command(page, "记 门口有狗", call["number"])
    expect(page.locator(".tl")).to_contain_text("门口有狗")
    command(page, "号码", "号码")
    page.locator("dialog [data-leave], dialog button[type=button]").first.click()
    command(page, "级 1 理由:有刀", call["number"])
    expect(page.locator(".call-pane")).to_have_attribute("data-severity", "1")
    command(page, "?", "")
    expect(page.locator("dialog .verbs")).to_contain_text("派警")
    page.keyboard.press("Escape")
    command(page, "打开 units", "")
    page.wait_for_url("**/units/")
    command(page, f"去 {call['number'][-4:]}", call["number"])
    page.wait_for_url(re.compile(r"/board/"))
    expect(page.locator(".call-pane")).to_have_attribute("data-number", call["number"])
    there = page.context.new_page()  # the next page in another tab: what was typed is a person's, not a tab's
    there.goto(f"{desk.centre.url}/units/")
    there.keyboard.press("/")
    for line in (f"去 {call['number'][-4:]}", "打开 units", "?", "号码"):
        there.keyboard.press("ArrowUp")
        expect(there.locator("#cmd-in")).to_have_value(line)
    there.keyboard.press("ArrowDown")
    expect(there.locator("#cmd-in")).to_have_value("?")
    kept = there.evaluate("JSON.stringify(localStorage)")
    assert "打开 units" in kept and "门口有狗" not in kept and "有刀" not in kept
    there.keyboard.press("Escape")
    there.route("**/account/logout/", lambda route: route.fulfill(status=204))  # the others stay signed in
    there.locator("form[action*=logout]").evaluate("form => form.requestSubmit()")
    assert "打开 units" not in there.evaluate("JSON.stringify(localStorage)")


def test_an_area_of_very_many_units_shows_the_first_until_all_are_asked_for(desk: Desk) -> None:
    page = board(desk)

    def crowd(route: Route) -> None:
        """The board as the centre sends it, with 70 more free units in the area of one."""
        answer = route.fetch()
        head, rest = answer.text().split('<script id="first" type="application/json">')
        told, tail = rest.split("</script>", 1)
        first = json.loads(told)
        one = next(u for u in first["units"] if u["state"] == "available")
        first["units"] += [{**one, "id": f"more-{n}", "code": f"zz{n:02}"} for n in range(70)]
        crowded = json.dumps(first).replace("<", "\\u003C")
        body = f"""{head}<script id="first" type="application/json">{crowded}</script>{tail}"""
        route.fulfill(response=answer, body=body)

    page.route("**/board/", crowd)
    page.reload()
    area = page.locator("#units .ua", has=page.locator("[data-area]"))
    more, plates = area.locator("[data-area]"), area.locator("[data-unit]")
    expect(plates).to_have_count(60)
    every = int(re.sub(r"\D", "", more.inner_text()))
    assert every > 70
    more.click()
    expect(plates).to_have_count(every)
    expect(more).to_be_focused()
    command(page, f"视图 {more.get_attribute('data-cmd-arg')}", "视图")
    expect(plates).to_have_count(60)


def test_two_dispatchers_and_a_crew_see_one_call_alike(desk: Desk, centre: Any, resting: dict[str, Any],
                                                       taker: Client,
                                                       picture: Callable[[Page, str], None]) -> None:
    here = board(desk)
    there = desk.open("supervisor", "/board/")
    expect(there.locator("html")).to_have_attribute("data-board", "ready")
    crew = desk.open("member", "/m/", size=NARROW)
    on_duty(crew, resting)
    crew.goto(f"{centre.url}/m/task/")
    call = taker.send("POST", "/api/calls", {"id": str(uuid6.uuid7()), "type": BURGLARY, "severity": 2,
                                             "place": "Elm 1", "lon": resting["lon"], "lat": resting["lat"]}).json()
    for page in (here, there):
        row(page, call).click()
        expect(page.locator("#send")).to_be_enabled()
    command(here, f"派 {resting['code']} 理由:就近", call["number"])
    expect(crew.locator(".task")).to_contain_text("Elm 1")
    for page in (here, there):
        expect(page.locator(".task-row")).to_have_count(1)
    command(there, "话 走北门", call["number"])
    for page in (here, there, crew):
        expect(page.locator(".thread")).to_contain_text("走北门")
    crew.locator("[data-act=message]").click()
    crew.locator("dialog textarea").fill("已看到北门")
    crew.locator("dialog button[type=submit]").click()
    for page in (here, there):
        expect(page.locator(".thread")).to_contain_text("已看到北门")
    picture(crew, "unit-messages")
    picture(here, "dispatcher-messages")
    here.locator("[data-act=severity]").click()
    here.locator("dialog select").select_option("1")
    here.locator("dialog button[type=submit]").click()
    expect(crew.locator(".task .sev")).to_have_text("1")
    expect(there.locator(".call-pane")).to_have_attribute("data-severity", "1")
    crew.locator("#acts [data-transition=a_ack]").click()
    for page in (here, there):
        expect(page.locator(".task-row")).to_contain_text("签收")
    there.locator("[data-act=close]").click()
    there.locator("dialog select").select_option("helped")
    there.locator("dialog button[type=submit]").click()
    expect(crew.locator(".task")).to_have_count(0)
    expect(here.locator("#closed").locator(f"[data-id='{call['id']}']")).to_be_visible()


def test_a_crews_photo_is_seen_at_the_desk(desk: Desk, centre: Any, resting: dict[str, Any], taker: Client, shot: Path,
                                           dispatcher: Client, picture: Callable[[Page, str], None]) -> None:
    crew = desk.open("member", "/m/", size=NARROW, permissions=["geolocation"],
                     geolocation={"longitude": resting["lon"], "latitude": resting["lat"]})
    on_duty(crew, resting)
    call = taker.send("POST", "/api/calls", {"id": str(uuid6.uuid7()), "type": BURGLARY, "severity": 2,
                                             "place": "Elm 2", "lon": resting["lon"], "lat": resting["lat"]}).json()
    here, there = board(desk), desk.open("supervisor", "/board/", language="en")
    for page in (here, there):
        row(page, call).click()
        expect(page.locator(".call-pane")).to_have_attribute("data-number", call["number"])
    dispatcher.send("POST", f"/api/calls/{call['id']}/assign", {"units": [resting["id"]], "reason": "near"})
    crew.goto(f"{centre.url}/m/task/")
    expect(crew.locator(".task")).to_contain_text("Elm 2")
    crew.locator("[data-photo]").set_input_files(shot)
    for page, says in ((here, "现场照片"), (there, "Photos from the scene")):
        expect(page.locator(".call-pane")).to_contain_text(says)
        expect(page.locator(".shots img")).to_have_count(1)
        place = f"{resting['lat']:.5f}, {resting['lon']:.5f}"
        expect(page.locator(".shots li")).to_contain_text(place)
        page.locator(".shots img").scroll_into_view_if_needed()
        expect(page.locator(".shots img")).to_have_js_property("complete", True)
        assert page.locator(".shots img").evaluate("(img) => img.naturalWidth") > 100
    picture(here, "dispatcher-photo")
    kept = dispatcher.send("GET", f"/api/calls/{call['id']}/photos")
    assert kept is not None and len(kept.json()) == 1
