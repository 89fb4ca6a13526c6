"""A volunteer registers, the office confirms, an officer orders a look-out, it is read by the link and answered, and
the desk sees the answer come in."""
from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import expect

from screens import NARROW, Desk


def test_from_registering_to_the_answer_at_the_desk(desk: Desk, picture: Any) -> None:
    office = desk.open("office", "/volunteers/")
    community = office.locator("#f-area option").nth(1).get_attribute("value")
    phone = desk.open("", "/r/volunteer/", size=NARROW)
    expect(phone.locator("html[data-join=ready]")).to_be_attached()
    phone.locator("button[form=join]").click()
    expect(phone.locator("#name-err")).to_be_visible()
    how = f"test-{phone.evaluate('Date.now()')}@example.org"
    phone.locator("#name").fill("试验志愿者")
    phone.locator("#how").fill(how)
    phone.locator("#area").select_option(community)
    phone.locator("#consent").check()
    picture(phone, "volunteer-register")
    phone.locator("button[form=join]").click()
    expect(phone.locator("#code")).to_have_text(re.compile(r"^[2-9A-HJ-NP-Z]{4} [2-9A-HJ-NP-Z]{4}$"))
    code = phone.locator("#code").inner_text()
    phone.goto(f"{desk.centre.url}/r/volunteer/mine/")
    phone.locator("#code").fill(code)
    phone.locator("#by-code button").click()
    number = phone.locator("h2.num").inner_text()
    picture(phone, "volunteer-mine")

    office.goto(f"{desk.centre.url}/volunteers/?state=applied")
    pages = office.locator("nav a[rel=next]")
    while office.get_by_role("link", name=number).count() == 0 and pages.count():
        pages.click()  # in the order in which they registered: the newest is on the last page
    office.get_by_role("link", name=number).click()
    office.locator("button[value=confirm]").click()
    expect(office.locator("#state")).to_have_text("已确认")
    picture(office, "volunteer-office")

    officer = desk.open("supervisor", "/notices/lookout/")
    officer.locator("#id_about").select_option("child")
    officer.locator("#id_text").fill("红色外套，蓝帽子，约五岁，河边公园走失")
    officer.locator("#id_area").select_option(community)
    officer.locator("#id_reason").fill("家长报警")
    officer.locator("#id_sure").check()
    picture(officer, "lookout-order")
    officer.locator("main form button.btn-1").click()
    expect(officer.locator("h1")).to_have_text("走失儿童")
    expect(officer.locator("#rows")).to_contain_text("已发")  # by the worker, told by the live stream

    wire = desk.open("dispatcher", officer.url.removeprefix(desk.centre.url))
    expect(wire.locator("html[data-notices=ready]")).to_be_attached()
    lines = [json.loads(line) for file in (desk.centre.data / "outbox").glob("*.jsonl")
             for line in file.read_text(encoding="utf-8").splitlines()]
    (letter,) = [line for line in lines if line["to"] == how and "/v/" in line["text"]]
    link = re.search(r"/v/\S+/", letter["text"])
    assert link and "红色外套" not in letter["text"]
    phone.goto(desk.centre.url + link[0])
    expect(phone.locator(".vl-text")).to_contain_text("红色外套")
    phone.locator("#place").fill("河边公园东门")
    phone.locator("#text").fill("和一位老人在一起")
    picture(phone, "volunteer-link")
    phone.locator("button[value=seen]").click()
    expect(phone.locator(".note.ok")).to_be_visible()

    answer = wire.locator("li[data-answer]", has_text="河边公园东门")
    expect(answer).to_contain_text("和一位老人在一起")  # by the live stream
    picture(wire, "notice-desk")
    assert "object (" not in wire.locator("main").inner_text()
    answer.locator("button").click()
    expect(wire.locator("li[data-answer] button")).to_have_count(0)
    officer.reload()
    assert "河边公园东门" in officer.content() and "红色外套" in officer.content()
    officer.locator("button[value=end]").click()
    expect(officer.locator("main")).to_contain_text("已在结束时删除")
    answer = phone.goto(desk.centre.url + link[0])
    assert answer and answer.status == 410
