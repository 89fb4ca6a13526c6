"""The member's phone without a network: closed, opened again, nothing lost, nothing done twice."""
from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

from PIL import Image
from playwright.sync_api import Page, expect

from live import Client
from screens import NARROW, Desk

KEPT = """async () => {
  const wanted = ["/m/", "/m/points/", "/m/note/", "/m/me/", "/m/report/"], store = await caches.open("phone-pages");
  while ((await Promise.all(wanted.map((path) => store.match(path)))).some((kept) => !kept))
    await new Promise((go) => setTimeout(go, 200));
}"""
# What the phone keeps as it would be after so many hours without a network: its Date tells how old it is.
AGED = """async (hours) => {
  const store = await caches.open("phone-pages");
  for (const key of await store.keys()) {
    const kept = await store.match(key), headers = new Headers(kept.headers);
    headers.set("Date", new Date(Date.parse(kept.headers.get("Date")) - hours * 3600e3).toUTCString());
    await store.put(key, new Response(await kept.text(), { headers }));
  }
}"""
ACTS = """() => new Promise((done) => {
  const ask = indexedDB.open("shouwang", 1);
  ask.onsuccess = () => {
    const all = ask.result.transaction("acts").objectStore("acts").getAll();
    all.onsuccess = () => done(all.result);
  };
})"""


def test_a_guards_duty_without_a_network_survives_closing_and_is_sent_once(desk: Desk, picture: Any,
                                                                          tmp_path: Path) -> None:
    words = f"河堤护栏松动 {uuid4().hex[:6]}"
    planner, guard = Client(desk.centre, "planner"), Client(desk.centre, "guard")
    guard.send("POST", "/m/clock-off/")
    point = least_seen(planner, guard)
    shot = tmp_path / "rail.jpg"
    Image.linear_gradient("L").resize((900, 700)).convert("RGB").save(shot)
    page = desk.open("guard", "/m/", size=NARROW, permissions=["geolocation"],
                     geolocation={"longitude": point["lon"], "latitude": point["lat"]})
    context = page.context
    expect(page.locator("html[data-kept]")).to_be_attached()
    # Pages of the phone are kept in the background: wait until the list of check points is.
    page.evaluate(KEPT)
    for path in ("/m/report/", "/m/points/", "/m/note/", "/m/me/", "/m/"):  # their scripts too
        page.goto(desk.centre.url + path)
        expect(page.locator("html[data-kept]")).to_be_attached()
    context.set_offline(True)
    page.evaluate(AGED, 8)  # near the end of a shift that had no network at all
    page.goto(desk.centre.url + "/m/")
    expect(page.locator("#offline")).to_contain_text("没有网络")
    page.locator("#clock-on button").click()
    expect(page.locator("#duty-unsent")).to_contain_text("待发")
    page.goto(f"{desk.centre.url}/m/at/{point['code']}/")  # as the camera opens its mark
    expect(page.locator("#scanned")).to_contain_text(point["zh"])
    page.goto(desk.centre.url + "/m/note/")
    page.locator("#words").fill(words)
    page.locator("button[form=note]").click()
    expect(page.locator("#unsent-notes")).to_contain_text(words)
    report(page, desk.centre.url, shot, words)
    page.close()  # as the phone does when it is short of memory

    page = context.new_page()
    page.goto(desk.centre.url + "/m/me/")
    expect(page.locator("#outbox li")).to_have_count(4)
    picture(page, "unit-member-outbox", only="zh")
    acts = page.evaluate(ACTS)
    assert [act["kind"] for act in sorted(acts, key=lambda act: act["order"])] == ["on", "check", "note", "report"]
    desk.faults.clear()  # what the browser itself says of requests without a network
    context.set_offline(False)
    expect(page.locator("#outbox")).to_contain_text("全部已发。")
    for act in acts:  # an answer that was lost: the phone sends all of it again
        again = guard.session.post(f"{desk.centre.url}/m/act/", json=act, headers={
            "X-CSRFToken": guard.session.cookies["csrftoken"]})
        assert again.status_code == 200
    page.goto(desk.centre.url + "/m/note/")
    expect(page.locator(".ph-main")).to_contain_text(words)
    assert guard.session.get(f"{desk.centre.url}/m/note/").text.count(words) == 1
    assert of(planner, point)["seen"] == point["seen"] + 1
    assert guard.session.get(f"{desk.centre.url}/m/matters/").text.count(f"{words} 东侧") == 1
    page.goto(desk.centre.url + "/m/matters/")
    page.locator("section[aria-labelledby=own-h] a", has_text=words).click()
    expect(page.locator(".mt-photos img")).to_have_count(1)
    page.goto(desk.centre.url + "/m/")
    expect(page.locator(".on-duty")).to_be_visible()
    assert planner.session.get(f"{desk.centre.url}/rounds/").text.count(words) == 1  # for who leads
    picture(page, "unit-member-duty")
    guard.send("POST", "/m/clock-off/")


def test_what_waits_is_told_in_english_too(desk: Desk, picture: Any) -> None:
    guard, words = Client(desk.centre, "guard"), f"Loose railing {uuid4().hex[:6]}"
    guard.send("POST", "/m/clock-off/")
    page = desk.open("guard", "/m/", size=NARROW, language="en")
    page.evaluate(KEPT)
    for path in ("/m/note/", "/m/me/", "/m/"):
        page.goto(desk.centre.url + path)
        expect(page.locator("html[data-kept]")).to_be_attached()
    page.context.set_offline(True)
    page.locator("#clock-on button").click()
    expect(page.locator("#duty-unsent")).to_contain_text("not yet sent")
    page.goto(desk.centre.url + "/m/note/")
    page.locator("#words").fill(words)
    page.locator("button[form=note]").click()
    expect(page.locator("#unsent-notes")).to_contain_text(words)
    page.goto(desk.centre.url + "/m/me/")
    expect(page.locator("#offline")).to_contain_text("No network")
    expect(page.locator("#outbox li")).to_have_count(2)
    picture(page, "unit-member-outbox", only="en")
    desk.faults.clear()  # what the browser itself says of requests without a network
    page.context.set_offline(False)
    expect(page.locator("#outbox")).to_contain_text("Everything is sent.")
    page.goto(desk.centre.url + "/m/note/")
    expect(page.locator(".ph-main")).to_contain_text(words)
    guard.send("POST", "/m/clock-off/")


def report(page: Page, url: str, shot: Path, words: str) -> None:
    """A matter with its photo, where the phone stands."""
    page.goto(url + "/m/report/")
    expect(page.locator("html[data-report=ready]")).to_be_attached()
    page.locator(".chip", has_text="暴露垃圾").click()
    page.locator("#photos").set_input_files(shot)
    expect(page.locator("#shots img")).to_have_count(1)
    page.locator("#place").fill(f"{words} 东侧")
    page.locator("button[form=report]").click()
    expect(page.locator(".toast").first).to_contain_text("存在手机里")


def least_seen(planner: Client, guard: Client) -> Any:
    """Of the check points on the guard's phone."""
    listed = planner.send("GET", "/api/beat/points")
    own = guard.send("GET", "/m/points/")
    assert listed is not None and own is not None
    return next(p for p in listed.json() if f'data-code="{p["code"]}"' in own.text)


def of(planner: Client, point: Any) -> Any:
    listed = planner.send("GET", "/api/beat/points")
    assert listed is not None
    return next(p for p in listed.json() if p["id"] == point["id"])
