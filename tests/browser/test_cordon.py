"""Two clicks from a call: the page opens with its ring, one press sends units to their places, one ends it."""
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from live import Client
from screens import NARROW, Desk

READY = "html[data-cordon=ready]"


@pytest.fixture
def call(centre: Any) -> Iterator[dict[str, Any]]:
    """A fresh call in the south of the city, closed afterwards."""
    dispatcher = Client(centre, "dispatcher")
    made = dispatcher.send("POST", "/api/calls", {"id": str(uuid4()), "type": "200100", "place": "Utah St 3400",
                                                  "severity": 2, "lon": -90.25, "lat": 38.6})
    assert made is not None
    yield made.json()
    dispatcher.send("POST", f"/api/calls/{made.json()['id']}/cordon-over", {})
    dispatcher.send("POST", f"/api/calls/{made.json()['id']}/cancel", {"reason": "test over"})


def test_the_ring_is_two_clicks_from_a_call(desk: Desk, call: dict[str, Any], picture: Any) -> None:
    page = desk.open("dispatcher", f"/board/#{call['id']}")
    page.locator("[data-ring]").click()
    expect(page.locator(READY)).to_be_attached()
    picture(page, "cordon-ring")
    # An hour is too long to hold anybody: the way out is shown in words, and with a point of its own.
    page.locator("#ago").fill("59:00")
    page.locator("#ago").press("Enter")
    expect(page.locator("#answer")).to_contain_text("围不住")
    page.locator("#ago").fill("七")
    page.locator("#ago").press("Enter")
    expect(page.locator("#ago-err")).to_be_visible()
    page.locator("[data-mode=blockade]").click()
    send = page.locator("#send")
    expect(send).to_have_text(re.compile("派出 14 个单位"))
    expect(page.locator("#posts li")).to_have_count(14)
    send.click()
    expect(page.locator("#standing li")).to_have_count(14)
    picture(page, "cordon")
    page.locator("#over").click()
    page.locator("dialog button[type=submit]").click()
    expect(page.locator("#standing")).to_be_hidden()
    page.set_viewport_size(NARROW)
    picture(page, "cordon-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
