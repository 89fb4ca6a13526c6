"""Two real centres on this machine: entered, compared, asked, taken, helped and ended over HTTP; and every process of
either killed while it goes on. Nothing is lost, and nothing comes twice."""
from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import uuid6

from live import Centre, Client

pytestmark = pytest.mark.slow
WAIT_S = 90.0  # for what has to come; never judged


def until(found: Callable[[], Any]) -> Any:
    """Asks until something comes. A centre that is being started again answers nothing for a while."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.3)
    raise AssertionError("what was waited for did not come")


class Side:
    """One of the two centres with the people who work there."""

    def __init__(self, folder: Path) -> None:
        self.centre = Centre(folder / "stlouis").start()
        self.admin, self.dispatcher = Client(self.centre, "admin"), Client(self.centre, "dispatcher")

    def do(self, who: Client, method: str, path: str, body: Any = None) -> Any:
        """Until it answers: the same order again is the same deed."""
        def once() -> Any:
            answer = who.send(method, path, body)
            if answer is None or answer.status_code >= 500:
                return None
            assert answer.status_code == 200, (path, answer.status_code, answer.text)
            return {"json": answer.json()}
        return until(once)["json"]

    def order(self, path: str, **body: Any) -> Any:
        return self.do(self.dispatcher, "POST", path, {"key": str(uuid6.uuid7()), **body})

    def help(self) -> list[dict[str, Any]]:
        answer = self.dispatcher.send("GET", "/api/help")
        return answer.json() if answer is not None and answer.status_code == 200 else []

    def one(self, id: str) -> dict[str, Any]:
        answer = self.dispatcher.send("GET", f"/api/help/{id}")
        return answer.json() if answer is not None and answer.status_code == 200 else {"state": "?", "delivery": "?"}

    def call(self) -> str:
        id = str(uuid6.uuid7())
        self.do(self.dispatcher, "POST", "/api/calls", {
            "id": id, "type": "400101", "severity": 1, "place": "Grand Blvd 12", "lon": -90.2325, "lat": 38.6395,
            "caller": {"name": "Ann Secret", "number": "314-555-0100", "words": "Smoke on the fifth floor"}})
        return id

    def enter(self, other: Side, name: str) -> str:
        own, id = other.do(other.admin, "GET", "/api/neighbours/own"), str(uuid6.uuid7())
        self.do(self.admin, "PUT", f"/api/neighbours/{id}", {
            "zh": name, "en": name, "address": f"http://localhost:{other.centre.port}",
            "public_key": own["public_key"]})
        for who in (self.admin, self.dispatcher):
            self.do(who, "POST", f"/api/neighbours/{id}/compare", {"digits": own["thumbprint"][-8:]})
        return id

    def kill(self, name: str) -> None:
        """Ends one process of the centre at once; its supervisor starts it again."""
        for pid in self.centre.processes()[1:]:
            with suppress(OSError):  # it has ended by itself meanwhile, as a help of a moment does
                line = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
                if name in line:
                    os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Side, str]]:
    with ThreadPoolExecutor(2) as pool:
        west, east = pool.map(Side, [tmp_path_factory.mktemp("west"), tmp_path_factory.mktemp("east")])
    try:
        neighbour = west.enter(east, "East")
        east.enter(west, "West")
        yield west, east, neighbour
    finally:
        west.centre.stop()
        east.centre.stop()


def ask(west: Side, neighbour: str, call: str) -> str:
    id = str(uuid6.uuid7())
    west.do(west.dispatcher, "POST", f"/api/calls/{call}/help", {
        "id": id, "neighbour": neighbour, "asked": [{"capability": "fire_pump", "count": 2}], "within_min": 20,
        "text": "high rise"})
    return id


def test_from_asked_to_over_between_two_centres(sides: tuple[Side, Side, str]) -> None:
    west, east, neighbour = sides
    id = ask(west, neighbour, west.call())
    until(lambda: id in [h["id"] for h in east.help()])
    until(lambda: west.one(id)["delivery"] == "delivered")
    taken = east.order(f"/api/help/{id}/take")
    assert taken["call"] == id  # the call made for it
    found = east.do(east.dispatcher, "GET", f"/api/calls/{id}")
    assert "Grand Blvd 12" in found["place"] and found["source"] == "neighbour"
    east.order(f"/api/help/{id}/move", transition="n_offer", within_min=9,
               offered=[{"capability": "fire_pump", "count": 1}])
    until(lambda: west.one(id)["state"] == "offered")
    advice = east.do(east.dispatcher, "GET", f"/api/calls/{id}/recommend")
    unit = next(c["unit"] for s in advice["services"] for c in s["candidates"])
    sent = east.order(f"/api/calls/{id}/assign", units=[unit], reason="near")
    task = sent["assignments"][0]["id"]
    east.order(f"/api/assignments/{task}/move", transition="a_go")
    seen = until(lambda: (h := west.one(id))["state"] == "enroute" and h)
    assert seen["units"][0]["state"] == "enroute" and seen["offered"] == [{"capability": "fire_pump", "count": 1}]
    east.order(f"/api/assignments/{task}/move", transition="a_scene")
    until(lambda: west.one(id)["state"] == "on_scene")
    east.order(f"/api/assignments/{task}/move", transition="a_clear", result="fire_out")
    east.order(f"/api/calls/{id}/close", disposition="fire_out")
    over = until(lambda: (h := west.one(id))["state"] == "done" and h)
    assert over["ended"] and east.one(id)["state"] == "done"
    for side in sides[:2]:
        assert side.centre.command("audit", "verify").returncode == 0
    assert "Ann Secret" not in east.centre.log and "314-555" not in east.centre.log


def test_nothing_is_lost_or_doubled_whatever_is_killed(sides: tuple[Side, Side, str]) -> None:
    west, east, neighbour = sides
    names = ("shouwang.desk.worker", "granian", "shouwang.wire")
    asked = []
    for n in range(6):
        asked.append(ask(west, neighbour, west.call()))
        (west if n % 2 else east).kill(names[n % 3])
    east.kill("granian")
    west.kill("shouwang.desk.worker")
    until(lambda: all(west.one(id)["delivery"] == "delivered" for id in asked))
    there = [h["id"] for h in east.help()]
    assert sorted(i for i in there if i in asked) == sorted(asked)
    for id in asked[:3]:
        east.order(f"/api/help/{id}/move", transition="n_refuse", text="no engine free")
        east.kill("shouwang.desk.worker")
    for id in asked[3:]:
        west.order(f"/api/help/{id}/move", transition="n_withdraw", text="fire is out")
        west.kill("granian")
    until(lambda: all(west.one(id)["state"] == "refused" for id in asked[:3]))
    until(lambda: all(east.one(id)["state"] == "withdrawn" for id in asked[3:]))
    for side in (west, east):
        assert side.centre.command("audit", "verify").returncode == 0
