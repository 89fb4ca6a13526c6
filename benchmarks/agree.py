"""Two dispatchers and a phone on one call: how long do they disagree?

    python benchmarks/agree.py [--calls 40] [--json]

Starts a centre (SHOUWANG_DATABASE_URL: on PostgreSQL). Two dispatchers' screens and the phone of the crew that is sent
read the live stream as their pages do. Call after call is taken, given to the crew, moved on by the phone, amended and
closed by one or the other dispatcher. For every change it is measured when each of the three that may see it hears it:
after the answer to the one who made it, and how far the first and the last of them lie apart. All share this machine.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import aiohttp
import load

from live import Centre, Client
from shouwang.desk.log.ids import new_id

WALK = ("a_ack", "a_go", "a_scene", "a_clear")
LOST_S = 60.0  # what has not come by then never will


class Screen:
    """A page's stream. `heard`: when each number of the log came."""

    def __init__(self, client: Client) -> None:
        self.client, self.heard = client, {}
        jar = {c.name: c.value or "" for c in client.session.cookies}
        self.http = aiohttp.ClientSession(client.centre.url, cookies=jar, headers={
            "X-CSRFToken": jar["csrftoken"], "Referer": client.centre.url})
        self.opened = asyncio.Event()

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        async with self.http.request(method, path, json=body) as answer:
            told = await answer.json()
            assert answer.status == 200, (path, answer.status, told)
            return told

    async def read(self) -> None:
        ticket = (await self.ask("GET", "/live/ticket/"))["ticket"]
        timeout = aiohttp.ClientTimeout(total=None)
        async with self.http.get("/live", params={"ticket": ticket}, timeout=timeout) as answer:
            rest = b""
            async for chunk in answer.content.iter_any():
                now = time.monotonic()
                self.opened.set()
                *blocks, rest = (rest + chunk).split(b"\n\n")
                for block in blocks:
                    if b"event: event" in block:
                        self.heard.setdefault(int(block.split(b"id: ", 1)[1].split(b"\n", 1)[0]), now)


def clocked_on(desk: Client, crew: Client) -> str:
    """Puts the phone's owner on duty with a unit that rests. Returns the unit."""
    listed = desk.send("GET", "/api/units")
    assert listed is not None
    unit = next(u["id"] for u in listed.json() if u["service"] == "police" and u["state"] == "off_duty")
    answer = crew.session.post(f"{crew.centre.url}/m/clock-on/", data={
        "unit": unit, "csrfmiddlewaretoken": crew.session.cookies["csrftoken"]}, headers={"Referer": crew.centre.url})
    assert answer.ok, answer.text[:300]
    return str(unit)


async def play(people: list[Client], unit: str, calls: int) -> dict[str, Any]:
    screens = [Screen(client) for client in people]
    first, second, phone = screens
    reading = [asyncio.create_task(screen.read()) for screen in screens]
    await asyncio.gather(*(screen.opened.wait() for screen in screens))
    changes: list[tuple[float, float]] = []  # seconds after the answer, seconds between first and last

    async def change(who: Screen, kind: str, path: str, body: Any, seen_by: list[Screen]) -> Any:
        """One change, and how it came to each: seconds after its answer, and between first and last."""
        before = {screen: set(screen.heard) for screen in screens}
        told = await who.ask("POST", path, body)
        answered = time.monotonic()
        end = answered + LOST_S
        seq = 0
        while time.monotonic() < end:
            new = [set(screen.heard) - before[screen] for screen in seen_by]
            if all(new) and (common := set.intersection(*new)):
                seq = min(common)
                break
            await asyncio.sleep(0.002)
        assert seq, f"{kind}: not everybody heard of it"
        times = [screen.heard[seq] for screen in seen_by]
        changes.append((max(0.0, max(times) - answered), max(times) - min(times)))
        return told

    for n in range(calls):
        own, other = (first, second) if n % 2 else (second, first)
        call = str(new_id())
        both, all_ = [first, second], [first, second, phone]
        await change(own, "taken", "/api/calls", {
            "id": call, "type": "200100", "place": "Market St", "severity": 2, "lon": load.WEST + 0.04,
            "lat": load.SOUTH + 0.04, "caller": {"words": "two men fight"}}, both)
        sent = await change(other, "sent", f"/api/calls/{call}/assign",
                            {"units": [unit], "reason": "measured", "key": str(new_id())}, all_)
        task = sent["assignments"][-1]["id"]
        for step in WALK:
            await change(phone, step, f"/api/assignments/{task}/move",
                         {"transition": step, "key": str(new_id())}, all_)
        await change(own, "closed", f"/api/calls/{call}/close",
                     {"disposition": "settled", "key": str(new_id())}, both)
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    for screen in screens:
        await screen.http.close()
    after, apart = zip(*changes, strict=True)
    return {"changes": len(changes), "apart": asdict(load.Figures.of(list(apart))),
            "after_answer": asdict(load.Figures.of(list(after))),
            "apart_more_than_1_s": sum(a > 1 for a in apart)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="shouwang-agree-") as folder:
        centre = Centre(Path(folder) / "centre").start(1800)
        try:
            people = [Client(centre, who) for who in ("dispatcher", "dispatcher", "member")]
            found = asyncio.run(play(people, clocked_on(people[0], people[2]), asked.calls))
        finally:
            centre.stop()
    found |= {"load_average_before": round(busy, 1), "cores": os.cpu_count()}
    print(json.dumps(found, indent=1) if asked.json else "\n".join(f"{k:<24}{v}" for k, v in found.items()))


if __name__ == "__main__":
    main()
