"""A major event from the call to its report: started, worked, handed over, warned of, stood down."""
from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uuid6
from docx import Document
from playwright.sync_api import Page, expect

from live import Centre, Client
from screens import NARROW, Desk
from shouwang.tables import cap

FLOOD = "800100"
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
BARRIERS = """async () => (await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })).violations
  .filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 160)}`)"""


@pytest.fixture
def call(centre: Centre) -> Iterator[dict[str, Any]]:
    """A flood in the area leader's control area, closed at the end."""
    dispatcher, leader = Client(centre, "dispatcher"), Client(centre, "leader")
    seen = leader.send("GET", "/map/config.json")
    assert seen is not None
    area = next(a for a in seen.json()["areas"] if a["kind"] == "control_area" and a["path"] == "stlouis/1/")
    answer = dispatcher.send("POST", "/api/calls", {
        "id": str(uuid6.uuid7()), "type": FLOOD, "severity": 2, "place": "Grand Blvd 12", "lon": area["lon"],
        "lat": area["lat"], "caller": {"name": "", "number": "", "words": "The street is under water"}})
    assert answer is not None and answer.status_code == 200, answer and answer.text
    yield dict(answer.json())
    dispatcher.send("POST", f"/api/calls/{answer.json()['id']}/close", {"disposition": "helped"})


def sound(page: Page, picture: Any, name: str) -> None:
    """No barrier, and no wider than either screen."""
    wide = page.viewport_size
    for size, tail in ((wide, "wide"), (NARROW, "narrow")):
        page.set_viewport_size(size)
        picture(page, f"{name}-{tail}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, tail)
    page.set_viewport_size(wide)
    page.evaluate(AXE)
    assert page.evaluate(BARRIERS) == [], name


def test_an_event_from_the_call_to_its_report(desk: Desk, centre: Centre, call: dict[str, Any], picture: Any) -> None:
    page = desk.open("dispatcher", f"/board/#{call['id']}")
    page.locator("form[action='/events/start/'] button[value=IV]").click()
    page.wait_for_url(lambda url: "/events/" in url)
    ready = page.locator("html[data-event=ready][data-event]")
    expect(ready).to_be_attached()
    event = page.url.rstrip("/").rsplit("/", 1)[-1]

    # told, a task done, a task added, a sector drawn, people counted
    page.locator("input[name=notify]").first.click()
    expect(page.locator("#log")).to_contain_text("已通知")
    first = page.locator(".ev-items li").filter(has_text="启动预案、通知各防控区").first
    first.locator("[data-act=done]").click()
    expect(page.locator("#log")).to_contain_text("启动预案、通知各防控区")
    page.locator("[data-act=task]").click()
    page.locator("#ask-text").fill("搬运沙袋到北门")
    page.locator("#ask-within_min").select_option("30")
    page.locator("dialog [type=submit]").click()
    expect(page.locator(".ev-items")).to_contain_text(["搬运沙袋到北门"])
    page.locator("#draw-begin").click()
    box = page.locator("#map").bounding_box()
    assert box
    for x, y in ((0.3, 0.3), (0.7, 0.3), (0.6, 0.7)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    page.locator("#draw-done").click()
    page.locator("#ask-name").fill("北侧")
    page.locator("dialog [type=submit]").click()
    expect(page.locator(".ev-sectors")).to_contain_text("北侧")
    page.locator("[data-act=count]").click()
    page.locator("#ask-evacuated").fill("64")
    page.locator("dialog [type=submit]").click()
    expect(page.locator("[data-count=evacuated] dd")).to_have_text("64")

    # command: the leader takes it at level IV, gives it at III, the supervisor takes it; the first page sees it all
    leader, supervisor = Client(centre, "leader"), desk.open("supervisor", f"/events/{event}/")
    taken = leader.send("POST", f"/api/events/{event}/command/take", {})
    assert taken is not None and taken.status_code == 200, taken and taken.text
    expect(page.locator(".ev-cmd")).to_contain_text("示例控区长")
    supervisor.locator("[data-act=level]").click()
    supervisor.locator("#ask-level").select_option("III")
    supervisor.locator("#ask-reason").fill("多处道路中断")
    supervisor.locator("dialog [type=submit]").click()
    expect(page.locator(".lv-III").first).to_be_visible()
    given = leader.send("POST", f"/api/events/{event}/command/give", {"note": "北门已封"})
    assert given is not None and given.status_code == 200, given and given.text
    supervisor.locator("[data-act=take]").click()
    supervisor.locator("dialog [type=submit]").click()
    expect(page.locator(".ev-cmd")).to_contain_text("示例指挥长")
    sound(page, picture, "event-board")

    # a warning: composed, read by residents, its signature held
    supervisor.goto(f"{centre.url}/warnings/new/?event={event}")
    expect(supervisor.locator("html[data-compose=ready]")).to_be_attached()
    supervisor.locator("#id_headline_zh").fill("一控区内涝，请勿靠近河道")
    supervisor.locator("#compose .btn-1").click()
    supervisor.locator("dialog [type=submit]").click()
    expect(supervisor.locator("#fault")).to_be_visible()  # the English headline lacks: nothing is lost, nothing issued
    expect(supervisor.locator("#id_headline_zh")).to_have_value("一控区内涝，请勿靠近河道")
    supervisor.locator("#id_headline_en").fill("Flood in area 1: keep away from the river")
    supervisor.locator("#id_areas").select_option("stlouis/1/")
    expect(supervisor.locator("html[data-compose=ready]")).to_be_attached()
    picture(supervisor, "warning-compose")
    supervisor.locator("#compose .btn-1").click()
    supervisor.locator("dialog [type=submit]").click()
    supervisor.wait_for_url(lambda url: "/warnings/" in url and "new" not in url)
    picture(supervisor, "warning")
    resident = desk.open("", "/r/", size=NARROW, language="en")
    resident.locator(".wcard", has_text="Flood in area 1").first.click()
    expect(resident.locator("article")).to_contain_text("Flood in area 1")
    picture(resident, "resident-warning")
    document = resident.request.get(f"{centre.url}{resident.locator('a[href$=xml]').get_attribute('href')}").body()
    certificate = resident.request.get(f"{centre.url}/r/warnings/certificate.pem").body()
    assert cap.verify(document, certificate).infos[0].headline == "一控区内涝，请勿靠近河道"
    supervisor.locator("summary", has_text="解除这条预警").click()
    supervisor.locator("#why_zh").fill("水已退")
    supervisor.locator("#why_en").fill("The water is gone")
    supervisor.locator("form .btn-bad").click()
    identifier = resident.url.rstrip("/").rsplit("/", 1)[-1]
    resident.reload()
    expect(resident.get_by_role("status")).to_contain_text("cancelled")
    resident.goto(f"{centre.url}/r/")
    expect(resident.locator(f".wcard[href*='{identifier}']")).to_have_count(0)

    # the end, and the draft of the report
    supervisor.goto(f"{centre.url}/events/{event}/")
    supervisor.locator("[data-act=stand-down]").click()
    supervisor.locator("#ask-reason").fill("水退，人员返回")
    supervisor.locator("dialog [type=submit]").click()
    expect(page.locator(".ev-head[data-state=over]")).to_be_attached()
    supervisor.goto(f"{centre.url}/events/{event}/report/")
    expect(supervisor.locator("article")).to_contain_text("搬运沙袋到北门")
    sound(supervisor, picture, "event-report")
    with supervisor.expect_download() as download:
        supervisor.locator("a[download]", has_text="Word").click()
    with open(download.value.path(), "rb") as file:
        text = "\n".join(p.text for p in Document(io.BytesIO(file.read())).paragraphs)
    assert "草稿" in text and "待评议" in text
