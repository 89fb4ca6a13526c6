"""Pages of a real centre in a real browser, opened as the demo people."""
from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from live import Centre, Client

FIRE, BURGLARY, NOISE = "400101", "100400", "200500"  # types of calls
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader"]
expect.set_options(timeout=120_000)  # tests never judge time: the machine may be busy
# How many times slower pages run, each request 0.1 s later per step: what works only on a fast machine fails with 6.
SLOWER = float(os.environ.get("SHOUWANG_SLOWER_PAGES", "1"))
# Holds the map back until the test calls letMapLoad(): what is done before must not be lost.
MAP_HELD = """{
  const go = new Promise((let) => { window.letMapLoad = let; }), ask = window.fetch;
  window.fetch = async (url, ...more) => { if (`${url}`.includes("/map/config")) await go; return ask(url, ...more); };
}"""


@dataclass
class Desk:
    """Opens pages as the demo people. Every console error and failed request of a page is kept and fails the test."""

    browser: Browser
    centre: Centre
    states: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, who: str, path: str = "/", *, size: dict[str, int] = WIDE, language: str = "zh-hans",
             theme: str = "light", script: str = "", **options: Any) -> Page:
        """A page signed in as `who` ("" for nobody); `script` runs in it before its own."""
        if who and who not in self.states:
            self._sign_in(who)
        context = self.browser.new_context(viewport=size, storage_state=self.states.get(who), locale="zh-CN",
                                           timezone_id="America/Chicago", **options)
        context.add_cookies([{"name": "django_language", "value": language, "url": self.centre.url},
                             {"name": "theme", "value": theme, "url": self.centre.url}])
        context.set_default_timeout(120_000)
        self.contexts.append(context)
        page = context.new_page()
        self._watch(page, who)
        if script:
            page.add_init_script(script)
        if SLOWER > 1:
            tools = context.new_cdp_session(page)
            tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            tools.send("Network.emulateNetworkConditions", {"offline": False, "latency": 100 * (SLOWER - 1),
                                                            "downloadThroughput": -1, "uploadThroughput": -1})
        answer = page.goto(self.centre.url + path)
        assert answer is None or answer.ok, f"{path}: {answer.status}"
        return page

    def _sign_in(self, who: str) -> None:
        """By the form as a program fills it in: that people can is tested where it is their matter."""
        self.states[who] = {"origins": [], "cookies": [
            {"name": c.name, "value": c.value, "domain": "localhost", "path": "/", "expires": -1, "secure": False,
             "httpOnly": c.name == "sessionid", "sameSite": "Lax"}
            for c in Client(self.centre, who).session.cookies if c.name in ("sessionid", "csrftoken")]}

    def _watch(self, page: Page, who: str) -> None:
        def console(message: Any) -> None:
            # A line that a test cut is told as an error too, and may be told after it is whole again.
            told = ("status of 4", "ERR_INTERNET_DISCONNECTED")
            if message.type == "error" and not any(part in message.text for part in told):
                self.faults.append(f"{who} {page.url}: {message.text}")
        page.on("console", console)
        page.on("pageerror", lambda e: self.faults.append(f"{who} {page.url}: {e}"))
        page.on("response", lambda r: self.faults.append(f"{who} {r.url}: {r.status}") if r.status >= 500 else None)

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()


def board(desk: Desk, **options: Any) -> Page:
    """The dispatcher's board, ready and live."""
    page = desk.open("dispatcher", "/board/", **options)
    expect(page.locator("html")).to_have_attribute("data-board", "ready")
    expect(page.locator("#live")).to_have_text(re.compile("实时|Live"))
    return page


def row(page: Page, call: dict[str, Any]) -> Locator:
    return page.locator(f"[role=option][data-id='{call['id']}']")


def on_duty(page: Page, unit: dict[str, Any]) -> None:
    page.locator("select[name=unit]").select_option(unit["id"])
    with page.expect_navigation():  # the live line may show it before, and the page come anew under the next press
        page.locator("#clock-on button").click()
    expect(page.locator(".on-duty")).to_be_visible()
