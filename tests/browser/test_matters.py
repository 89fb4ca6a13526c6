"""Grid matters: reported on a phone, by the office and by a resident; handled to the end; the day's list keeps up."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import uuid6
from playwright.sync_api import Page, expect

from live import Client
from screens import NARROW, WIDE, Desk

REPORT, MATTER = "html[data-report=ready]", "html[data-matter=ready]"


def answer(page: Page, shot: Path, words: str) -> None:
    page.locator("[data-move=m_answer]").click()
    page.locator("dialog textarea[name=result]").fill(words)
    page.locator("dialog input[type=file]").set_input_files(shot)
    expect(page.locator("dialog .shots img")).to_have_count(1)
    page.locator("dialog [type=submit]").click()


def test_a_grid_worker_reports_and_the_office_accepts(desk: Desk, picture: Any, shot: Path) -> None:
    office = desk.open("office", "/office/")
    expect(office.locator("html[data-matters=ready]")).to_be_attached()
    community = office.locator(".page-h .dim").inner_text()
    place = office.request.get(f"{desk.centre.url}/r/places/?q={community}").json()[0]
    phone = desk.open("grid", "/m/report/", size=NARROW, permissions=["geolocation"],
                      geolocation={"longitude": place["lon"], "latitude": place["lat"]})
    expect(phone.locator(REPORT)).to_be_attached()
    expect(phone.locator("#place")).not_to_have_value("")  # found by itself
    phone.locator(".chip", has_text="暴露垃圾").click()
    phone.locator("#photos").set_input_files(shot)
    expect(phone.locator("#shots img")).to_have_count(1)
    phone.locator("#words").fill("三袋垃圾堆在路口")
    picture(phone, "matters-phone-report")
    phone.locator("button[form=report]").click()
    expect(phone.locator(".toast")).to_contain_text("已发出")

    phone.goto(f"{desk.centre.url}/m/matters/")
    mine = phone.locator("section[aria-labelledby=own-h] li").first
    expect(mine).to_contain_text("暴露垃圾")
    number = mine.locator(".num").inner_text()
    picture(phone, "matters-phone-list")
    new = office.locator("#day-new tr", has_text=number)
    expect(new).to_be_attached()  # by the live stream
    picture(office, "matters-office-day")
    new.locator("a").click()
    expect(office.locator(MATTER)).to_be_attached()
    expect(office.locator(".mt-photos img")).to_have_count(1)
    office.locator("[data-move=m_accept]").click()
    office.locator("dialog [type=submit]").click()
    expect(office.locator("article[data-state=accepted]")).to_be_attached()

    clerk = desk.open("clerk", "/matters/?step=accepted&sort=new")
    clerk.locator("tr", has_text=number).locator("a").click()
    clerk.locator("[data-move=m_assign]").click()
    clerk.locator("dialog [type=submit]").click()
    expect(clerk.locator("article[data-state=assigned]")).to_be_attached()
    expect(office.locator("article[data-state=assigned]")).to_be_attached()

    phone.reload()
    phone.locator("section[aria-labelledby=todo-h] a", has_text="暴露垃圾").filter(has_not_text="示例").first.click()
    answer(phone, shot, "已清走")
    expect(phone.locator("article[data-state=answered]")).to_be_attached()
    picture(phone, "matters-phone-one")
    assert phone.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    for move, state in (("m_check", "checking"), ("m_close", "closed")):
        clerk.locator(f"[data-move={move}]").click()
        if move == "m_close":
            clerk.locator("dialog [type=submit]").click()
        expect(clerk.locator(f"article[data-state={state}]")).to_be_attached()
    picture(clerk, "matters-one-closed")


def test_a_resident_reports_at_a_point_and_follows_by_the_code(desk: Desk, picture: Any, shot: Path) -> None:
    page = desk.open("", "/r/p/D01/", size=NARROW)
    expect(page.locator(REPORT)).to_be_attached()
    page.locator(".chip", has_text="路灯不亮").click()
    page.locator("#photos").set_input_files(shot)
    page.locator("#contact").fill("028-5550-148")
    picture(page, "resident-report")
    page.locator("button[form=report]").click()
    expect(page.locator("#code")).to_have_text(re.compile(r"^[2-9A-HJ-NP-Z]{4} [2-9A-HJ-NP-Z]{4}$"))
    code = page.locator("#code").inner_text()
    picture(page, "resident-code")
    page.locator("#done button").click()
    expect(page.locator(".rsteps [aria-current=step]")).to_contain_text("采集上报")
    picture(page, "resident-follow")
    other = desk.open("", "/r/follow/", size=NARROW)
    other.locator("#code").fill("AAAA2222")
    other.locator("#by-code button").click()
    expect(other.locator("#code-err")).to_be_visible()
    other.locator("#code").fill(code.lower())
    other.locator("#by-code button").click()
    expect(other.locator("h2")).to_have_text("路灯不亮")
    assert "028-5550" not in other.content() and "/follow/" in other.url and code[:4] not in other.url


def test_a_list_is_filtered_and_the_office_writes_one_down(desk: Desk, picture: Any) -> None:
    page = desk.open("clerk", "/matters/?show=all", size=WIDE)
    picture(page, "matters-list")
    page.locator("#f-kind").select_option("M0210")
    page.locator(".mt-bar button").click()
    kinds = page.locator("table.mt tbody tr td:nth-child(2) b")
    expect(kinds.first).to_have_text("路灯不亮")
    assert set(kinds.all_inner_texts()) == {"路灯不亮"}
    page = desk.open("centre", "/matters/new/")
    expect(page.locator(REPORT)).to_be_attached()
    page.locator("button[form=report]").click()
    expect(page.locator("#type-err")).to_be_visible()
    page.locator("#more").select_option("M0214")
    page.locator("#map").click()
    expect(page.locator("#place")).not_to_have_value("")
    picture(page, "matters-new")
    page.locator("button[form=report]").click()
    page.wait_for_url(re.compile(r"/matters/[0-9a-f-]{36}/"))
    expect(page.locator(MATTER)).to_be_attached()


def test_a_complex_matter_is_split_and_gets_one_more_part(desk: Desk, picture: Any) -> None:
    clerk, matter = Client(desk.centre, "clerk"), str(uuid6.uuid7())
    known = clerk.send("GET", "/api/matters?show=all&size=1")
    assert known is not None
    [there] = known.json()["matters"]  # a place of the clerk's street
    new = {"id": matter, "type": "M0210", "lon": there["lon"], "lat": there["lat"], "place": "路口"}
    for path, body in (("", new), (f"/{matter}/move", {"transition": "m_accept"})):
        answered = clerk.send("POST", f"/api/matters{path}", body)
        assert answered is not None and answered.ok, answered and answered.text
    page = desk.open("clerk", f"/matters/{matter}/")
    expect(page.locator(".mt-acts .btn-1")).to_have_attribute("data-move", "m_assign")  # never to void it
    split = page.locator("[data-act=split]")
    split.click()
    dialog = page.locator("dialog")
    dialog.locator("[name=words1]").fill("拆除旧灯杆")
    dialog.locator("[name=handler2]").select_option(index=1)
    dialog.locator("[type=submit]").click()
    expect(dialog).to_be_visible()  # the second part says nothing yet
    dialog.locator("[name=words2]").fill("安装新灯")
    expect(dialog.locator(".err")).to_contain_text("2")
    picture(page, "matters-split-dialog")
    dialog.locator("[type=submit]").click()
    expect(page.locator("article[data-state=handling]")).to_be_attached()
    expect(page.locator("#pieces li")).to_have_count(2)
    split.click()
    dialog.locator("[name=words1]").fill("恢复路面")
    dialog.locator("[type=submit]").click()
    expect(page.locator("#pieces li")).to_have_count(3)
    picture(page, "matters-split")
