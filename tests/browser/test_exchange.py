"""A neighbouring centre is entered, compared by two people, asked from a call, answers, and asks itself."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import uuid6
from aiohttp import web
from joserfc.jwk import OKPKey
from playwright.sync_api import expect
from served import Served

from live import Centre, Client
from screens import NARROW, Desk
from shouwang.desk.log import signing

FIRE = "400101"


class East:
    """The other centre: answers each document with a receipt, and says what a test has it say."""

    def __init__(self, centre: Centre) -> None:
        self.centre, self.key, self.said = centre, OKPKey.generate_key("Ed25519"), 0
        answer = Client(centre, "admin").send("GET", "/api/neighbours/own")
        assert answer is not None
        self.ours = answer.json()
        app = web.Application()
        app.router.add_post("/exchange/in/", self.take)
        self.served = Served(app)

    async def take(self, request: web.Request) -> web.Response:
        content = signing.opened(await request.read(), signing.read_public(self.ours["public_key"]))
        said = {"document": json.loads(content)["$id"].split(":")[4], "digest": hashlib.sha256(content).hexdigest()}
        return web.Response(text=signing.sign(json.dumps(said).encode(), key=self.key, at=datetime.now(UTC)))

    def say(self, help: dict[str, Any], place: str = "East Rd 5") -> None:
        self.said += 1
        doc = {"$id": f"urn:emergency:uid:eido:{uuid6.uuid7()}:east.example", "eidoVersion": "1.0",
               "lastUpdateTimeStamp": datetime.now(UTC).isoformat(),
               "incidentComponent": {"incidentTypeInternalCode": FIRE, "incidentPriorityInternalText": "1"},
               "locationComponent": [{"locationDescriptionText": place, "locationByValue":
                                      'srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>38.63 -90.19</gml:pos>'}],
               "emergencyResourceComponent": [{"emergencyResourceName": "E7", "unitStatusInternal": ["enroute"]}],
               "help:request": {"number": self.said, **help}}
        token = signing.sign(json.dumps(doc).encode(), key=self.key, at=datetime.now(UTC),
                             audience=self.ours["thumbprint"])
        answer = requests.post(f"{self.centre.url}/exchange/in/", token.encode(), timeout=30)
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def east(centre: Centre) -> Iterator[East]:
    made = East(centre)
    yield made
    made.served.close()


def test_the_dispatchers_way(desk: Desk, centre: Centre, east: East, picture: Any) -> None:
    # an administrator enters the neighbour and compares its key; a dispatcher is the second
    page = desk.open("admin", "/exchange/neighbours/new/")
    for name, text in {"zh": "East centre", "en": "East district", "public_key": signing.public_text(east.key),
                       "address": f"http://127.0.0.1:{east.served.port}"}.items():
        page.locator(f"[name={name}]").fill(text)
    picture(page, "neighbour-enter")
    page.locator("form.fields .btn-1").click()
    digits = signing.thumbprint(east.key)[-8:]
    page.locator("[name=digits]").fill("00000000")
    page.locator("form.fields .btn-1").click()
    expect(page.locator(".err")).to_be_visible()
    page.locator("[name=digits]").fill(digits)
    picture(page, "neighbour-compare")
    page.locator("form.fields .btn-1").click()
    own = page.locator("[data-neighbour]", has_text=str(east.served.port))
    expect(own.locator(".tag.warn")).to_be_visible()
    id = str(own.get_attribute("data-neighbour"))

    page = desk.open("dispatcher", f"/exchange/neighbours/{id}/compare/")
    page.locator("[name=digits]").fill(digits)
    page.locator("form.fields .btn-1").click()
    expect(page.locator(f"[data-neighbour='{id}'] .tag.ok")).to_be_visible()
    picture(page, "neighbours")

    # asked from a call
    call = str(uuid6.uuid7())
    dispatcher = Client(centre, "dispatcher")
    dispatcher.send("POST", "/api/calls", {"id": call, "type": FIRE, "severity": 1, "place": "Grand Blvd 12",
                                           "lon": -90.2325, "lat": 38.6395})
    page.goto(f"{centre.url}/board/#{call}")
    ask = page.locator(f"[data-call='{call}'] [data-help=ask]")
    ask.click()
    dialog = page.locator("dialog.dialog")
    dialog.locator("[name=what]").first.select_option("fire_pump")
    dialog.locator("[name=count]").first.fill("2")
    dialog.locator("[name=within_min]").fill("20")
    dialog.locator("[name=text]").fill("高层火灾")
    picture(page, "exchange-ask")
    dialog.locator(".btn-1").click()
    row = page.locator(f"[data-call='{call}'] [data-request]")
    expect(row).to_contain_text("高层火灾")
    help = str(row.get_attribute("data-request"))
    expect(row.locator(".tag.warn")).to_have_count(0)  # delivered by the worker

    # it offers help and sets off: the pane follows by itself
    for state, more in (("taken", {}), ("offered", {"offered": [{"capability": "fire_pump", "count": 1}]}),
                        ("enroute", {"words": "两车已出发"})):
        east.say({"id": help, "side": "helping", "state": state, **more})
    expect(row).to_contain_text("两车已出发")
    expect(row).to_contain_text("E7")
    picture(page, "exchange-pane")

    # it asks itself: the board says so, the list takes it, and it is a call
    theirs = str(uuid6.uuid7())
    east.said = 0
    east.say({"id": theirs, "side": "asking", "state": "sent", "asked": [{"capability": "hazmat", "count": 1}],
              "words": "储罐泄漏"}, place="Tank yard 3")
    bar = page.locator("#help-bar")
    expect(bar).to_be_visible()
    picture(page, "exchange-bar")
    bar.click()
    expect(page.locator("html[data-exchange=ready]")).to_be_attached()
    row = page.locator(f"[data-request='{theirs}']")
    expect(row).to_contain_text("储罐泄漏")
    picture(page, "exchange-list")
    row.locator("[data-help=take]").click()
    row.locator("[data-help=n_offer]").click()
    dialog = page.locator("dialog.dialog")
    expect(dialog.locator("[name=what]").first).to_have_value("hazmat")
    dialog.locator("[name=within_min]").fill("15")
    dialog.locator(".btn-1").click()
    expect(row.locator("a[href^='/board/#']")).to_have_attribute("href", f"/board/#{theirs}")
    picture(page, "exchange-list-taken")
    page.set_viewport_size(NARROW)
    picture(page, "exchange-list-narrow")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row.get_by_role("link", name="全部文书").click()
    expect(page.locator(".hx-docs li")).to_have_count(3)
    picture(page, "exchange-show-narrow")
    for one in (call, theirs):
        dispatcher.send("POST", f"/api/calls/{one}/cancel", {"reason": "test"})
