"""A past hour, the wall display, a call on paper, and an agency that answers by its link."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uuid6
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from live import Centre, Client
from screens import NARROW, Desk

HALL = {"width": 1920, "height": 1080}
FIRE = "400101"
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
BARRIERS = """async () => (await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })).violations
  .filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`)"""


@pytest.fixture(scope="module")
def dispatcher(centre: Centre) -> Client:
    return Client(centre, "dispatcher")


@pytest.fixture
def call(centre: Centre, dispatcher: Client) -> Iterator[dict[str, Any]]:
    """A fire of level 1, closed at the end."""
    answer = dispatcher.send("POST", "/api/calls", {
        "id": str(uuid6.uuid7()), "type": FIRE, "severity": 1, "place": "Grand Blvd 12", "lon": -90.2325,
        "lat": 38.6395, "caller": {"name": "Ann", "number": "314-555-0100",
                                   "words": "Smoke on the fifth floor"}})
    assert answer is not None and answer.status_code == 200, answer and answer.text
    yield dict(answer.json())
    dispatcher.send("POST", f"/api/calls/{answer.json()['id']}/close", {"disposition": "helped"})


def sound(page: Page) -> None:
    """No barrier, and no wider than the screen."""
    page.evaluate(AXE)
    assert page.evaluate(BARRIERS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_past_hour_is_asked_for_and_played(desk: Desk, centre: Centre, call: dict[str, Any], dispatcher: Client,
                                             picture: Any) -> None:
    found = dispatcher.send("GET", f"/api/calls/{call['id']}/recommend")
    assert found is not None
    sent = next(c["unit"] for s in found.json()["services"] for c in s["candidates"] if c["recommended"])
    dispatcher.send("POST", f"/api/calls/{call['id']}/assign", {"units": [sent], "reason": "near"})

    page = desk.open("supervisor", "/replay/")
    page.locator("[type=submit]").click()
    expect(page.locator("#reason-err")).to_be_visible()
    page.locator("#reason").fill("投诉 12 号")
    page.locator("[type=submit]").click()
    expect(page.locator("html[data-replay=ready][data-map=ready]")).to_be_attached()

    supervisor, start = Client(centre, "supervisor"), datetime.now(UTC) - timedelta(minutes=15)
    made = supervisor.send("POST", "/api/past-hours", {
        "area": "stlouis/", "start": start.isoformat(), "minutes": 15, "reason": "complaint 12"})
    assert made is not None and made.status_code == 200, made and made.text
    page.goto(f"{centre.url}/replay/{made.json()['id']}/")
    expect(page.locator("html[data-replay=ready][data-map=ready]")).to_be_attached()
    own = page.locator("#events li", has_text=call["number"])
    expect(own).not_to_have_count(0)
    own.last.locator("button").click()
    expect(own.last).to_have_attribute("aria-current", "")
    expect(page.locator(f"[data-kind=calls][data-id='{call['id']}']")).to_be_attached()
    picture(page, "replay-hour")
    sound(page)
    clock = page.locator("#at")
    page.keyboard.press("Home")
    first = str(clock.text_content())
    page.keyboard.press("j")
    expect(clock).not_to_have_text(first)
    page.keyboard.press("Home")
    expect(clock).to_have_text(first)
    page.locator("[data-speed='120']").click()
    page.locator("#play").focus()
    page.keyboard.press("Space")
    expect(clock).not_to_have_text(first)
    page.locator("#play").click()
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    page.set_viewport_size(NARROW)
    picture(page, "replay-hour-narrow")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_wall_follows_by_itself(desk: Desk, call: dict[str, Any], dispatcher: Client, picture: Any) -> None:
    page = desk.open("dispatcher", "/wall/", size=HALL)
    expect(page.locator("html[data-wall=ready]")).to_be_attached()
    row = page.locator(f"#waiting [data-call='{call['id']}']")
    expect(row).to_be_visible()
    expect(row.locator(".timer")).to_have_text(re.compile(r"^\d+:\d\d"))
    picture(page, "wall")
    for word in ("Grand Blvd", "Ann", "555-0100", call["number"]):
        assert word not in page.content()
    page.clock.install()
    page.context.set_offline(True)
    page.clock.fast_forward(12_000)
    expect(page.locator("#stopped")).to_be_visible()
    picture(page, "wall-stopped")
    page.context.set_offline(False)
    dispatcher.send("POST", f"/api/calls/{call['id']}/cancel", {"reason": "test"})
    expect(row).to_have_count(0)
    expect(page.locator("#stopped")).to_be_hidden()
    desk.faults[:] = [fault for fault in desk.faults if "ERR_INTERNET_DISCONNECTED" not in fault]  # as it should be


def test_a_call_goes_on_paper(desk: Desk, call: dict[str, Any], picture: Any) -> None:
    page = desk.open("dispatcher", f"/calls/{call['id']}/export/")
    picture(page, "export-ask")
    sound(page)
    page.locator("[type=submit]").click()
    expect(page.locator("#reason-err")).to_be_visible()
    page.locator("#reason").fill("court 4/26")
    page.locator("[name=personal]").check()
    page.locator("[type=submit]").click()
    paper = page.locator(".paper")
    expect(paper).to_contain_text(call["number"])
    expect(paper).to_contain_text("314-555-0100")
    expect(paper.locator(".pp-map svg text").first).to_be_attached()
    picture(page, "paper")
    sound(page)
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF") and 1 <= pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 3
    with page.expect_download() as download:
        page.locator('a[href$=".pdf"]').click()
    text = "".join(p.extract_text() for p in PdfReader(download.value.path()).pages)
    assert download.value.suggested_filename == f"{call['number']}.pdf"
    assert call["number"] in text and "314-555-0100" in text and "court 4/26" in text
    with page.expect_download() as download:
        page.locator('a[download$=".json"]').click()
    assert '"eidoVersion"' in Path(download.value.path()).read_text()
    page.set_viewport_size(NARROW)
    picture(page, "paper-narrow")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    audit = desk.open("auditor", "/audit/")
    expect(audit.locator("tbody tr", has_text="court 4/26").first).to_be_visible()
    picture(audit, "audit")


def test_an_agency_is_asked_and_answers(desk: Desk, call: dict[str, Any], dispatcher: Client,
                                        picture: Callable[[Page, str], None]) -> None:
    board = desk.open("dispatcher", f"/board/#{call['id']}")
    listed = desk.open("dispatcher", "/linked/")
    agency: Locator = board.locator(".linked [data-agency]").first
    agency.locator("[data-linked=send]").click()
    expect(board.locator(".toast")).to_be_visible()
    expect(board.locator(".linked [data-task]")).to_have_count(1)
    task = str(board.locator(".linked [data-task]").get_attribute("data-task"))
    expect(listed.locator(f"[data-task='{task}']")).to_be_visible()
    expect(board.locator(f"[role=option][data-id='{call['id']}'] .tag")).to_be_visible()
    picture(board, "board-linked")
    board.locator("[data-linked=link]").click()
    path = board.locator("dialog textarea").input_value()
    picture(board, "linked-link")
    board.locator("dialog [data-leave]").click()

    phone = desk.open("", path[path.index("/l/"):], size=NARROW)
    picture(phone, "linked-answer")
    sound(phone)
    phone.locator("[value=l_ack]").click()
    for page in (board, listed):
        expect(page.locator(f"[data-task='{task}']")).to_contain_text("已签收")
    phone.locator("details:has([value=l_done]) > summary").click()
    phone.locator("#text-l_done").fill("阀门已关")
    phone.locator("[value=l_done]").click()
    expect(phone.locator(".state-now")).to_have_text("已完成")
    expect(listed.locator(f"[data-task='{task}']")).to_contain_text("阀门已关")
    picture(listed, "linked-list")
    board.locator(f"[data-task='{task}'] [data-linked=l_confirm]").click()
    expect(board.locator(f"[data-task='{task}']")).to_contain_text("已确认")
    expect(board.locator(f"[role=option][data-id='{call['id']}'] .tag")).to_have_count(0)
    phone.goto(f"{phone.url}?l=en")
    expect(phone.locator("main")).to_contain_text("Nothing more to do here")
    picture(phone, "linked-answer-en")


def test_a_line_presses_what_stands_beside_the_board(desk: Desk, call: dict[str, Any], dispatcher: Client) -> None:
    sent = dispatcher.send("POST", f"/api/calls/{call['id']}/linked", {"agencies": ["bus_co"]})
    assert sent is not None and sent.status_code == 200, sent and sent.text
    page = desk.open("dispatcher", "/linked/")
    row = page.locator(f"[data-task='{sent.json()[0]['id']}']")
    name = str(row.get_attribute("data-name"))

    def line(text: str, says: str) -> None:
        page.keyboard.press("/")
        page.locator("#cmd-in").fill(text)
        expect(page.locator("#cmd-says")).to_contain_text(says)
        page.keyboard.press("Enter")

    expect(row).to_contain_text("已下达")
    line(f"任务 {name}", "任务")  # withdraw, acknowledge, …: none is pressed
    expect(page.locator(".toast")).to_contain_text(f"{name} 签收")
    line(f"task {name} 签收", name)
    expect(row).to_contain_text("已签收")
    page.keyboard.press("/")
    page.keyboard.type("outc")
    page.keyboard.press("Tab")
    expect(page.locator("#cmd-in")).to_have_value("outcome ")


def test_an_agency_answers_by_its_account(desk: Desk, call: dict[str, Any], dispatcher: Client,
                                          picture: Callable[..., None]) -> None:
    clerk = desk.open("agency", "/agency/", size=NARROW)
    sent = dispatcher.send("POST", f"/api/calls/{call['id']}/linked", {"agencies": ["gas_co"], "text": "关阀"})
    another = dispatcher.send("POST", f"/api/calls/{call['id']}/linked", {"agencies": ["water_co"]})
    assert sent is not None and another is not None
    task, foreign = sent.json()[0]["id"], another.json()[0]["id"]
    line = clerk.locator(f"#mine a[href$='{task}/']")
    expect(line).to_be_visible()  # by itself
    expect(clerk.locator(f"#mine a[href$='{foreign}/']")).to_have_count(0)
    picture(clerk, "agency-list")
    sound(clerk)
    line.click()
    expect(clerk.locator("main")).to_contain_text("关阀")
    assert "314-555-0100" not in clerk.content()
    picture(clerk, "agency-task")
    clerk.locator("[value=l_ack]").click()
    expect(clerk.locator(".state-now")).to_have_text("已签收")
    listed = desk.open("dispatcher", "/linked/", language="en")
    expect(listed.locator(f"[data-task='{task}']")).to_contain_text("Acknowledged")
    clerk.locator("details:has([value=l_done]) > summary").click()
    clerk.locator("#text-l_done").fill("阀门已关")
    clerk.locator("[value=l_done]").click()
    expect(clerk.locator(".state-now")).to_have_text("已完成")
    expect(listed.locator(f"[data-task='{task}']")).to_contain_text("阀门已关")
    answer = clerk.request.get(f"{desk.centre.url}/agency/{foreign}/")
    assert answer.status == 404


def test_the_desk_changes_hands(desk: Desk, call: dict[str, Any], picture: Callable[[Page, str], None]) -> None:
    giver = desk.open("dispatcher", "/watch/")
    expect(giver.locator(".wt-items")).to_contain_text(call["number"])
    giver.locator("#note").fill("北门检修到八点")
    giver.locator("[value=give]").click()
    expect(giver.locator("[value=withdraw]")).to_be_visible()
    taker = desk.open("supervisor", "/watch/")
    expect(taker.locator("blockquote")).to_have_text("北门检修到八点")
    sound(taker)
    picture(taker, "watch-take")
    taker.locator("[value=take]").click()
    expect(taker.locator("[value=give]")).to_be_visible()
    taker.locator("table a").first.click()
    expect(taker.locator(".wt-signed blockquote")).to_have_text("北门检修到八点")
    picture(taker, "watch-one")
