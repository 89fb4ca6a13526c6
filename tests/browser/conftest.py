"""A real Chromium on a real centre: St. Louis, started once for all browser tests."""
from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from live import Centre  # noqa: E402

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker drives them all: there is one centre."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("centre"))


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which(os.environ.get("SHOUWANG_CHROMIUM", "chromium"))
    if not found:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: CI needs the browser tests")
        pytest.skip("browser tests: no Chromium here (set SHOUWANG_CHROMIUM, or install Debian's package chromium)")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as p:
        launched = p.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def centre(tmp_path_factory: pytest.TempPathFactory, chromium: str) -> Iterator[Centre]:
    made = Centre(tmp_path_factory.mktemp("browser") / "stlouis").start()
    yield made
    made.stop()


@dataclass
class Desk:
    """Opens pages as the demo people. Every console error and failed request of a page is kept and fails the test."""

    browser: Browser
    centre: Centre
    states: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, who: str, path: str = "/", *, size: dict[str, int] = WIDE, language: str = "zh-hans",
             theme: str = "light", **options: Any) -> Page:
        """A page signed in as `who` ("" for nobody)."""
        if who and who not in self.states:
            self._sign_in(who)
        context = self.browser.new_context(viewport=size, storage_state=self.states.get(who), locale="zh-CN",
                                           timezone_id="America/Chicago", **options)
        context.add_cookies([{"name": "django_language", "value": language, "url": self.centre.url},
                             {"name": "theme", "value": theme, "url": self.centre.url}])
        self.contexts.append(context)
        page = context.new_page()
        self._watch(page, who)
        page.goto(self.centre.url + path)
        return page

    def _sign_in(self, who: str) -> None:
        context = self.browser.new_context(locale="zh-CN")
        page = context.new_page()
        page.goto(self.centre.url + "/account/login/")
        page.locator("input[name=login]").fill(who)
        page.locator("input[name=password]").fill(self.centre.password)
        page.locator("form button[type=submit], form button:not([type])").last.click()
        page.wait_for_url(lambda url: "/login" not in url, timeout=20000)
        self.states[who] = context.storage_state()
        context.close()

    def _watch(self, page: Page, who: str) -> None:
        def console(message: Any) -> None:
            if message.type == "error" and "status of 4" not in message.text:
                self.faults.append(f"{who} {page.url}: {message.text}")
        page.on("console", console)
        page.on("pageerror", lambda e: self.faults.append(f"{who} {page.url}: {e}"))
        page.on("response", lambda r: self.faults.append(f"{who} {r.url}: {r.status}") if r.status >= 500 else None)

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()


@pytest.fixture(scope="session")
def _desk(browser: Browser, centre: Centre) -> Desk:
    return Desk(browser, centre)


@pytest.fixture
def desk(_desk: Desk) -> Iterator[Desk]:
    _desk.faults.clear()
    yield _desk
    _desk.close()
    assert _desk.faults == []


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keeps a screenshot where SHOUWANG_PICTURES points, for guides and for the eye."""
    folder = os.environ.get("SHOUWANG_PICTURES")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}.png"))
    return take
