"""The member's phone without a network: closed, opened again, nothing lost, nothing done twice."""
from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import expect

from live import Client
from screens import NARROW, Desk

KEPT = """async () => {
  const wanted = ["/m/", "/m/points/", "/m/note/", "/m/me/"], store = await caches.open("phone-pages");
  while ((await Promise.all(wanted.map((path) => store.match(path)))).some((kept) => !kept))
    await new Promise((go) => setTimeout(go, 200));
}"""
ACTS = """() => new Promise((done) => {
  const ask = indexedDB.open("shouwang", 1);
  ask.onsuccess = () => {
    const all = ask.result.transaction("acts").objectStore("acts").getAll();
    all.onsuccess = () => done(all.result);
  };
})"""


def test_a_duty_without_a_network_survives_closing_and_is_sent_once(desk: Desk, picture: Any) -> None:
    words = f"河堤护栏松动 {uuid4().hex[:6]}"
    planner, guard = Client(desk.centre, "planner"), Client(desk.centre, "member")
    guard.send("POST", "/m/clock-off/")
    page = desk.open("member", "/m/", size=NARROW, permissions=["geolocation"])
    context = page.context
    expect(page.locator("html[data-kept]")).to_be_attached()
    # Pages of the phone are kept in the background: wait until the list of check points is.
    page.evaluate(KEPT)
    for path in ("/m/note/", "/m/me/", "/m/"):  # their scripts too
        page.goto(desk.centre.url + path)
        expect(page.locator("html[data-kept]")).to_be_attached()
    context.set_offline(True)
    page.goto(desk.centre.url + "/m/")
    expect(page.locator("#offline")).to_contain_text("没有网络")
    page.locator("#clock-on button").click()
    expect(page.locator("#duty-unsent")).to_contain_text("待发")
    page.goto(desk.centre.url + "/m/note/")
    page.locator("#words").fill(words)
    page.locator("button[form=note]").click()
    expect(page.locator("#unsent-notes")).to_contain_text(words)
    page.close()  # as the phone does when it is short of memory

    page = context.new_page()
    page.goto(desk.centre.url + "/m/me/")
    expect(page.locator("#outbox li")).to_have_count(2)
    picture(page, "unit-member-outbox")
    acts = page.evaluate(ACTS)
    desk.faults.clear()  # what the browser itself says of requests without a network
    context.set_offline(False)
    expect(page.locator("#outbox")).to_contain_text("全部已发。")
    for act in acts:  # an answer that was lost: the phone sends all of it again
        guard.session.post(f"{desk.centre.url}/m/act/", json=act, headers={
            "X-CSRFToken": guard.session.cookies["csrftoken"]})
    page.goto(desk.centre.url + "/m/note/")
    expect(page.locator(".ph-main")).to_contain_text(words)
    assert guard.session.get(f"{desk.centre.url}/m/note/").text.count(words) == 1
    page.goto(desk.centre.url + "/m/")
    expect(page.locator(".on-duty")).to_be_visible()
    assert planner.session.get(f"{desk.centre.url}/rounds/").text.count(words) == 1  # for who leads
    picture(page, "unit-member-duty")
    guard.send("POST", "/m/clock-off/")
