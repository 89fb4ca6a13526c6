"""A real Chromium on a real centre: St. Louis, started once for all browser tests."""
from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import uuid6
from PIL import Image
from played import Played
from playwright.sync_api import Browser, Page, expect, sync_playwright

from live import Centre, Client, free_port
from screens import ARGUMENTS, Desk

OPEN = ("waiting", "responding", "under_control")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Chromium without windows, or else the whole one: the same engine."""
    named = os.environ.get("SHOUWANG_CHROMIUM")
    found = next(filter(None, map(shutil.which, [named] if named else ["chromium-headless-shell", "chromium"])), None)
    if not found:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: CI needs the browser tests")
        pytest.skip("browser tests: no Chromium here (set SHOUWANG_CHROMIUM, or install chromium-headless-shell)")
    return found


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as p, pytest.MonkeyPatch.context() as patch:
        # Playwright's loop rests in this thread between its calls, and Django takes that for work inside a loop. It
        # ends with this folder: other tests of the same worker run loops of their own.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        launched = p.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo."""
    file = tmp_path_factory.mktemp("shots") / "lamp.jpg"
    Image.linear_gradient("L").resize((900, 700)).convert("RGB").save(file)
    return file


@pytest.fixture(scope="package")
def played() -> Iterator[Played]:
    """The exchange that the centre listens to."""
    made = Played()
    yield made
    made.close()


@pytest.fixture(scope="package")
def centre(tmp_path_factory: pytest.TempPathFactory, chromium: str, played: Played) -> Iterator[Centre]:
    """One centre for the session; SHOUWANG_CENTRE=PORT:DATA[:DC09-PORT] uses one that runs already, while writing
    tests."""
    running = os.environ.get("SHOUWANG_CENTRE")
    if running:
        port, folder, *dc09 = running.split(":")
        yield Centre(Path(folder), port=int(port), options=("--dc09", *dc09) if dc09 else ())
        return
    dc09 = str(free_port())
    made = Centre(tmp_path_factory.mktemp("browser") / "stlouis",
                  options=("--dc09", dc09, "--telephone", f"127.0.0.1:{played.double.port}"))
    made.base["SHOUWANG_TELEPHONE_LOGIN"] = f"{played.double.user}:{played.double.secret}"
    yield made.start()
    made.stop()


@pytest.fixture(scope="package")
def _desk(browser: Browser, centre: Centre) -> Desk:
    return Desk(browser, centre)


@pytest.fixture
def desk(_desk: Desk) -> Iterator[Desk]:
    _desk.faults.clear()
    yield _desk
    _desk.close()
    assert _desk.faults == []


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keeps a screenshot where SHOUWANG_PICTURES points, and the same page as another language shows it: for guides
    (`make pictures`) and for the eye. `only`: what no other browser can show, in the page's own language."""
    folder = os.environ.get("SHOUWANG_PICTURES")

    def take(page: Page, name: str, *, only: str = "") -> None:
        if folder:
            _take(page, Path(folder) / (only or "zh") / f"{name}.png")
            if not only:
                _in_english(request.getfixturevalue("browser"), page, Path(folder) / "en" / f"{name}.png")
    return take


@pytest.fixture(scope="package")
def taker(centre: Centre) -> Client:
    return Client(centre, "calltaker")


@pytest.fixture(scope="package")
def dispatcher(centre: Centre) -> Client:
    return Client(centre, "dispatcher")


@pytest.fixture
def take(taker: Client, dispatcher: Client) -> Iterator[Callable[..., dict[str, Any]]]:
    """Takes a call of a type and level. Those still open at the end are closed: each test begins with an empty list."""
    made: list[str] = []

    def one(kind: str, severity: int, lon: float = -90.2325, lat: float = 38.6395) -> dict[str, Any]:
        answer = taker.send("POST", "/api/calls", {
            "id": str(uuid6.uuid7()), "type": kind, "severity": severity, "place": f"Grand Blvd {severity}", "lon": lon,
            "lat": lat, "caller": {"name": "Ann", "number": "314-555-0100", "words": "Smoke on the fifth floor"}})
        assert answer is not None and answer.status_code == 200, answer and answer.text
        made.append(answer.json()["id"])
        return dict(answer.json())

    yield one
    for call in made:
        found = dispatcher.send("GET", f"/api/calls/{call}")
        if found is not None and found.json()["state"] in OPEN:
            dispatcher.send("POST", f"/api/calls/{call}/close", {"disposition": "helped"})


@pytest.fixture
def resting(centre: Any) -> Iterator[dict[str, Any]]:
    """A patrol unit that nobody is clocked on with, and so again afterwards."""
    dispatcher = Client(centre, "dispatcher")
    units = dispatcher.send("GET", "/api/units")
    assert units is not None
    unit = next(u for u in units.json() if u["letter"] == "巡" and u["state"] == "off_duty")
    yield unit
    left = dispatcher.send("GET", "/api/calls?state=responding&limit=500")
    assert left is not None
    for task in (t for c in left.json() for t in c["units"] if t["id"] == unit["id"]):
        dispatcher.send("POST", f"/api/assignments/{task['assignment']}/stand-down", {"reason": "test over"})
    waiting = dispatcher.send("GET", "/api/calls?state=waiting&limit=500")
    assert waiting is not None
    for call in (c for c in waiting.json() if c["panic_unit"] == unit["id"]):
        dispatcher.send("POST", f"/api/calls/{call['id']}/close", {"disposition": "helped"})
        dispatcher.send("POST", f"/api/units/{unit['id']}/panic/clear", {})
    assert Client(centre, "member").send("POST", "/m/clock-off/")


def _in_english(browser: Browser, page: Page, file: Path) -> None:
    """In a window of its own: the test's page goes on as it was."""
    context = browser.new_context(viewport=page.viewport_size, storage_state=page.context.storage_state(),
                                  timezone_id="America/Chicago")
    context.add_cookies([{"name": "django_language", "value": "en", "url": urljoin(page.url, "/")}])
    other = context.new_page()
    other.goto(page.url)
    other.wait_for_timeout(2500)  # maps, figures and live parts come after the page
    _take(other, file)
    context.close()


def _take(page: Page, file: Path) -> None:
    """Once its maps are drawn: streets come long after the page."""
    expect(page.locator(".map[data-ready=gl]:not([data-drawn])")).to_have_count(0)
    page.screenshot(path=file)
