"""What the phone keeps: pages that were never opened work without a network, and the browser may install it."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import uuid6
from playwright.sync_api import expect

from live import Client
from screens import NARROW, Desk

WHOLE = """async () => {
  const names = async (kept) => (await (await caches.open(kept)).keys()).map((r) => new URL(r.url).pathname);
  const pages = ["/m/report/", "/m/matters/"], files = ["/static/matters/report.js", "/static/matters/photos.js"];
  const there = async (kept, paths) => {
    const all = await names(kept);
    return paths.every((path) => all.includes(path));
  };
  while (!await there("phone-pages", pages) || !await there("phone-files", files))
    await new Promise((go) => setTimeout(go, 200));
  return (await names("phone-pages")).length;
}"""
PLACE = {"longitude": -90.222, "latitude": 38.63}


def test_a_page_that_was_never_opened_works_without_a_network(desk: Desk, shot: Path) -> None:
    page = desk.open("member", "/m/", size=NARROW, permissions=["geolocation"], geolocation=PLACE)
    expect(page.locator("html[data-kept]")).to_be_attached()
    kept = page.evaluate(WHOLE)
    told: dict[str, Any] = page.context.new_cdp_session(page).send("Page.getAppManifest")
    assert told["errors"] == [] and '"start_url": "/m/"' in told["data"]
    assert page.evaluate(WHOLE) == kept  # to ask for it takes no page off the phone
    page.context.set_offline(True)
    page.goto(desk.centre.url + "/m/report/")
    expect(page.locator("#offline")).to_contain_text("没有网络")
    page.locator(".chip").first.click()
    page.locator("#photos").set_input_files(shot)
    expect(page.locator("#shots img")).to_have_count(1)
    page.locator("#place").fill("Market St")
    page.locator("#words").fill("井盖缺失")
    page.locator("button[form=report]").click()
    expect(page.locator(".toast")).to_be_visible()  # it lies on the phone
    page.goto(desk.centre.url + "/m/me/")
    expect(page.locator("#outbox li")).to_have_count(1)
    desk.faults.clear()  # what the browser itself says of requests without a network
    page.context.set_offline(False)
    expect(page.locator("#outbox")).to_contain_text("全部已发。")
    page.goto(desk.centre.url + "/m/matters/")
    expect(page.locator("section[aria-labelledby=own-h] li")).to_contain_text("Market St")


def test_a_matter_of_ones_own_is_read_without_a_network_though_never_opened(desk: Desk) -> None:
    told = {"id": str(uuid6.uuid7()), "type": "M0210", "lon": -90.222, "lat": 38.63, "place": "Olive St",
            "source": "grid"}
    answer = Client(desk.centre, "member").send("POST", "/api/matters", told)
    assert answer is not None and answer.ok, answer and answer.text
    page = desk.open("member", "/m/matters/", size=NARROW)
    expect(page.locator("html[data-kept]")).to_be_attached()
    page.evaluate("navigator.serviceWorker.ready")
    page.evaluate("""async (path) => { while (!await (await caches.open("phone-pages")).match(path))
      await new Promise((go) => setTimeout(go, 200)); }""", f"/m/matters/{told['id']}/")
    number = answer.json()["number"]
    page.context.set_offline(True)
    page.goto(desk.centre.url + "/m/matters/")
    page.locator(".ph-matters a").filter(has_text="Olive St").first.click()
    expect(page.locator(".mt-title .num")).to_have_text(number)
    expect(page.locator("#now")).to_contain_text("Olive St")
    expect(page.locator("#kept")).to_contain_text("没有网络")
    page.context.set_offline(False)
    desk.faults.clear()  # what the browser itself says of requests without a network
