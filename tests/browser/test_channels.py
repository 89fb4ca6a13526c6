"""A resident who cannot ring writes, and it becomes a call; a text message is settled; a caller who gave up is called
back; a call that is answered opens with its number."""
from __future__ import annotations

import json
import re
import time
from typing import Any
from uuid import uuid4

import pytest
import requests
from played import Played
from playwright.sync_api import Page, expect

from live import Centre
from screens import NARROW, Desk
from shouwang.desk.channels.outside import SMS_KEY, signature

PLACE = {"latitude": 38.6395, "longitude": -90.2325}


@pytest.fixture
def telephone(centre: Centre, played: Played) -> Played:
    if "--telephone" not in centre.options:
        pytest.skip("the centre that runs already listens to no exchange of these tests")
    return played


def inbox(desk: Desk, who: str = "calltaker", **options: Any) -> Page:
    page = desk.open(who, "/inbox/", **options)
    expect(page.locator("html")).to_have_attribute("data-inbox", "ready")
    return page


def clear_form(page: Page) -> None:
    """What an earlier test left in the intake form is no call of this one."""
    page.evaluate("""async () => { await fetch("/calls/new/clear/", { method: "POST", headers: {
        "X-CSRFToken": document.cookie.match(/csrftoken=([^;]+)/)[1] } }); }""")


def hand_over(page: Page, place: str = "") -> None:
    expect(page.locator("#type-list li").first).to_be_visible()
    if place:
        page.locator("#place").fill(place)
        page.locator("#place-list li").first.click()
    page.locator("#submit").click()
    expect(page.locator(".toast").first).to_contain_text("已交给调度")


def test_who_cannot_ring_writes_and_it_becomes_a_call(desk: Desk, picture: Any) -> None:
    words = f"楼道里全是烟 {uuid4().hex[:6]}"
    resident = desk.open("", "/r/urgent/", size=NARROW, geolocation=PLACE, permissions=["geolocation"])
    expect(resident.locator("html")).to_have_attribute("data-urgent", "ready")
    expect(resident.locator("a[href='tel:110']")).to_be_visible()
    expect(resident.locator("#words")).not_to_be_visible()  # ring first
    picture(resident, "urgent")
    resident.locator("#cannot summary").click()
    expect(resident.locator("#where")).to_contain_text("已标出")
    resident.locator(".chip", has_text="着火").click()
    resident.locator("#words").fill(words)
    resident.locator("#place").fill("Grand Blvd 5")
    picture(resident, "urgent-form")
    resident.locator("#send").click()
    expect(resident.locator("#state")).to_contain_text("还没有人打开")

    taker = inbox(desk)
    clear_form(taker)
    row = taker.locator("[data-item]", has_text="Grand Blvd 5").first
    expect(row).to_contain_text("网页")
    expect(taker.locator("#inbox-mark .n")).to_be_visible()
    picture(taker, "inbox")
    row.locator("[data-act=claim]").click()
    expect(row).to_contain_text("由你处理")
    other = inbox(desk, "dispatcher")
    expect(other.locator("[data-item]", has_text="Grand Blvd 5").first.locator("[data-act=claim]")).to_have_count(0)
    expect(resident.locator("#state")).to_contain_text("正在看")
    row.locator("a", has_text="查看").click()
    expect(taker.locator("blockquote")).to_contain_text(words)
    picture(taker, "inbox-one")
    taker.locator("[data-act=reply]").click()
    taker.locator("dialog textarea").fill("请到楼外等候")
    taker.locator("dialog button[type=submit]").click()
    expect(resident.locator("#replies")).to_contain_text("请到楼外等候")
    taker.locator("[data-act=open]").click()
    expect(taker.locator("#words")).to_have_value(re.compile(re.escape(words)))
    hand_over(taker)
    expect(resident.locator("#state")).to_contain_text("正在安排处置")
    expect(other.locator("[data-item]", has_text="Grand Blvd 5").first).to_contain_text("已成警情")


def test_a_text_message_is_closed_with_a_reason_on_a_phone(desk: Desk, centre: Centre, picture: Any) -> None:
    mark = uuid4().hex[:8]
    body = json.dumps({"id": mark, "from": "13900001234", "text": f"优惠 {mark}"}).encode()
    at, secret = str(int(time.time())), (centre.data / "secret" / SMS_KEY)
    if not secret.exists():
        requests.post(f"{centre.url}/hooks/sms/", data=body, timeout=60)  # refused, but the secret stands now
    sent = requests.post(f"{centre.url}/hooks/sms/", data=body, timeout=60, headers={
        "X-Shouwang-Time": at, "X-Shouwang-Signature": signature(secret.read_text().strip(), at, body)})
    assert sent.status_code == 201
    page = desk.open("dispatcher", f"/inbox/{sent.json()['id']}/", size=NARROW)
    expect(page.locator("html")).to_have_attribute("data-inbox", "ready")
    expect(page.locator("blockquote")).to_contain_text(mark)
    assert "13900001234" not in page.content()
    page.locator("[data-act=reveal]").click()
    page.locator("dialog textarea").fill("核实来源")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("#sender")).to_have_text("13900001234")
    page.locator("[data-act=close]").click()
    page.locator("dialog select").select_option("spam")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("#state")).to_contain_text("广告")
    picture(page, "inbox-one-narrow")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_caller_who_gave_up_is_called_back_and_an_answered_call_opens(
        desk: Desk, telephone: Played, picture: Any) -> None:
    double = telephone.double
    page = inbox(desk)
    clear_form(page)
    page.locator("[data-act=seat]").click()
    page.locator("dialog textarea").fill("6001")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator(".ch-side")).to_contain_text("6001")

    number = f"139{uuid4().int % 10**8:08}"
    gone = telephone.do(double.ring, number)
    expect(page.locator("#n-ringing")).to_contain_text("1")
    telephone.do(double.abandon, gone)
    missed = page.locator("[data-ring]").last
    missed.locator("[data-act=number]").click()
    expect(missed).to_contain_text("由你处理")
    expect(missed.locator("[data-number]")).to_have_text(number)
    picture(page, "inbox-missed")
    missed.locator("[data-result=done]").click()
    expect(page.locator("#n-missed")).to_have_text("0")

    page.goto(page.url.replace("/inbox/", "/telephone/"))  # wherever the call-taker is
    expect(page.locator("#inbox-mark [data-inbox-seq]")).to_be_attached()
    number = f"138{uuid4().int % 10**8:08}"
    rings = telephone.do(double.ring, number)
    telephone.do(double.answer, rings, "6001")
    picture(page, "pop")
    page.locator("[data-pop]").click()
    expect(page.locator("#number")).to_have_value(number)
    clear_form(page)
    times = desk.open("supervisor", "/telephone/")
    expect(times.locator(".ch-kpi").last).to_be_visible()
    picture(times, "telephone")
