"""A command centre under load: new calls, positions and live screens at once, on a real centre started here.

    python benchmarks/load.py [--seconds 60] [--calls 20] [--positions 2000] [--streams 50] [--alarms 0] [--json]

Prints how long a call takes to be saved, how long until every screen shows it, how long a recommendation takes, and
whether anything was lost: the ledger of acknowledged calls is held against the database and against every stream.
With --alarms 10000 so many reports of alarm panels come beside it within the same seconds, every hundredth a panic
button; each has to be acknowledged, kept, and counted in a call. Load and centre share this machine; its other work is
shown as the load average before the start.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import alarms as panels

from live import Centre, Client, free_port

BATCH = 100  # positions in one post, as a gateway of vehicle terminals sends them
WARM_S = 5.0  # of the same load before the figures begin: a centre is started once a month
SITES = 2000  # whose panels report
STORM_WAIT_S = 600.0  # at most, until all that was reported is in a call
SETTLE_S = 3.0  # after the last call, for what is still on its way
WEST, SOUTH, EAST, NORTH = -90.28, 38.58, -90.20, 38.66  # inside St. Louis
TARGETS_MS = {"save": 100, "live": 200, "recommend": 20}


@dataclass
class Asked:
    seconds: float
    calls: float
    positions: float
    streams: int
    alarms: int = 0


@dataclass
class Figures:
    """Milliseconds: median, 99th percentile, longest."""

    median: float
    p99: float
    longest: float
    count: int

    @classmethod
    def of(cls, seconds: list[float]) -> Figures:
        ms = np.array(seconds) * 1000
        return cls(*(round(float(x), 1) for x in (np.median(ms), np.percentile(ms, 99), ms.max())), len(ms))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for field, default in (("seconds", 60.0), ("calls", 20.0), ("positions", 2000.0)):
        parser.add_argument(f"--{field}", type=float, default=default)
    parser.add_argument("--streams", type=int, default=50)
    parser.add_argument("--alarms", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    asked = Asked(options.seconds, options.calls, options.positions, options.streams, options.alarms)
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="shouwang-load-") as folder:
        dc09 = free_port()
        centre = Centre(Path(folder) / "centre", options=("--dc09", str(dc09)) if asked.alarms else ())
        os.environ |= centre.base  # its database, where SHOUWANG_DATABASE_URL names a server
        os.environ |= {"SHOUWANG_DATA": str(centre.data), "DJANGO_SETTINGS_MODULE": "shouwang.desk.settings"}
        tell("Starting a centre")
        centre.start(1800)
        try:
            result = measure(centre, asked, dc09) | {"load_average_before": round(busy, 1), "cores": os.cpu_count()}
        finally:
            centre.stop()
    print(json.dumps(result, indent=1) if options.json else shown(result))
    storm = result.get("storm", {"in a call": 0, "counted in calls": 0})
    whole = storm["in a call"] == storm["counted in calls"] == asked.alarms
    sys.exit(0 if result["lost"] == 0 and whole else 1)


def measure(centre: Centre, asked: Asked, dc09: int) -> dict[str, Any]:
    import django
    django.setup()
    units = add_units(int(asked.positions))
    if asked.alarms:
        add_panels(centre)
    time.sleep(6)  # the live process looks at the duty ledger every 5 s
    client = Client(centre, "dispatcher")
    tell(f"{asked.calls:g} calls/s, {asked.positions:g} positions/s, {asked.streams} screens, for {asked.seconds:g} s")
    tickets = [ticket(f"screen-{n}", ["stlouis/", "load/"]) for n in range(asked.streams)]
    told, hear = multiprocessing.get_context("spawn").Pipe()
    screens = multiprocessing.get_context("spawn").Process(target=watch, args=(centre.url, tickets, hear),
                                                          daemon=True)
    screens.start()
    assert told.recv() == "open"
    warm_up = Asked(WARM_S, asked.calls, asked.positions, 0)
    asyncio.run(feed(centre.url, warm_up, client, units, ticket("load", [], unit="*")))
    stored_before = stored(units)
    before = used_s(centre)
    storm, acknowledged = begin_storm(dc09, asked)
    fed = asyncio.run(feed(centre.url, asked, client, units, ticket("load", [], unit="*")))
    time.sleep(SETTLE_S)
    busy = {name: round((s - before.get(name, 0.0)) / asked.seconds, 2) for name, s in used_s(centre).items()}
    stormed = end_storm(storm, acknowledged) if storm else {}
    told.send("stop")
    heard: list[dict[str, float]] = told.recv()
    screens.join()
    return judged(asked, fed, heard, stored(units) - stored_before) | {
        "cores_used": busy, **stormed, "recommend": recommended(client, list(fed["calls"]))}


def used_s(centre: Centre) -> dict[str, float]:
    """Processor seconds each of the centre's processes has used so far."""
    used: dict[str, float] = {}
    for pid in centre.processes():
        command = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        name = next((n for n in ("granian", "shouwang.wire", "desk.worker") if n in command), "supervisor")
        after_name = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks = int(after_name[11]) + int(after_name[12])
        name = {"granian": "desk", "shouwang.wire": "wire", "desk.worker": "worker"}.get(name, name)
        used[name] = used.get(name, 0.0) + ticks / os.sysconf("SC_CLK_TCK")
    return used


def stored(units: list[str]) -> int:
    """How many positions of these units are on the disk, once all that wait are written."""
    from django.conf import settings

    from shouwang.tables.live.tracks import TrackStore
    time.sleep(1.5)
    tracks = TrackStore(settings.CONFIG)
    count = sum(len(tracks.of(unit, 0, 2**53)) for unit in units)
    tracks.close()
    return count


def add_units(count: int, area: str = "load/") -> list[str]:
    """Units, of a neighbouring district unless told otherwise, all on duty. One position a second each."""
    from shouwang.desk.log.ids import new_id
    from shouwang.desk.units.models import Duty, Unit, UnitKind
    kind, now = UnitKind.objects.get(code="patrol_car"), datetime.now(UTC)
    rows = [Unit(code=f"L{n}", zh=f"L{n}", en=f"L{n}", kind=kind, area=area, lon=WEST, lat=SOUTH, state="available",
                 state_since=now, example=True) for n in range(count)]
    Unit.objects.bulk_create(rows)
    Duty.objects.bulk_create(Duty(unit=row, user=new_id(), on_at=now) for row in rows)
    return [str(row.id) for row in rows]


def add_panels(centre: Centre) -> None:
    """Sites with a panel each; registering the last by command tells the live process to read them all."""
    from shouwang.desk.alarms.models import Panel
    from shouwang.desk.sites.models import Site
    sites = [Site(code=f"LS{n}", name=f"School {n}", kind="school_site", lon=WEST + n * (EAST - WEST) / SITES,
                  lat=NORTH, area="stlouis/", obliged=True) for n in range(SITES)]
    Site.objects.bulk_create(sites)
    Panel.objects.bulk_create(Panel(site=s.id, account=f"{n:04X}", supervise_s=3600)
                              for n, s in enumerate(sites) if n)
    told = centre.command("panel", "register", "--data", str(centre.data), "--site", "LS0", "--account", "0000",
                          "--supervise", "3600", "--json")
    assert told.returncode == 0, told.stderr


def begin_storm(port: int, asked: Asked) -> tuple[Any, Any]:
    """The panels in a process of their own. What it sends in the end: seconds until each acknowledgement."""
    if not asked.alarms:
        return None, None
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    storm = multiprocessing.get_context("spawn").Process(target=play_storm, daemon=True, args=(
        port, asked.alarms, asked.seconds, theirs))
    storm.start()
    return storm, ours


def play_storm(port: int, alarms: int, seconds: float, pipe: Any) -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    pipe.send(asyncio.run(panels.storm(port, alarms, SITES, seconds)))


def end_storm(storm: Any, pipe: Any) -> dict[str, Any]:
    """Waits until every report is handled. Told: what was kept of them, and how long it took until it was in a call."""
    from shouwang.desk.alarms.models import Signal
    from shouwang.desk.calls.models import Call
    acknowledged: list[float] = pipe.recv()
    storm.join()
    end_s = time.monotonic() + STORM_WAIT_S
    while (waiting := Signal.objects.filter(handled_at=None).count()) and time.monotonic() < end_s:
        time.sleep(0.5)
    kept = [(s.severity, (s.handled_at - s.received_at).total_seconds())
            for s in Signal.objects.filter(code__in=("BA", "PA"), call__isnull=False) if s.handled_at]
    counted = sum(Call.objects.exclude(site=None).values_list("alarms", flat=True))
    return {"storm": {
        "acknowledged": len(acknowledged), "in a call": len(kept), "counted in calls": counted, "waiting": waiting,
        "answered_ms": panels.spread([1000 * s for s in acknowledged]),
        "panic_to_call_s": panels.spread([s for severity, s in kept if severity == 1]),
        "intrusion_to_call_s": panels.spread([s for severity, s in kept if severity > 1])}}


def ticket(user: str, areas: list[str], unit: str = "") -> str:
    from django.conf import settings

    from shouwang.desk.log import facts
    from shouwang.tables.live import Ticket, sign_ticket
    grants = {may: tuple(areas) for may in ("call.view", "position.live")} if not unit else {}
    return sign_ticket(settings.CONFIG.data, Ticket(user, time.time() + 3600, facts.head(), grants, unit))


async def feed(url: str, asked: Asked, client: Client, units: list[str], post: str) -> dict[str, Any]:
    """Calls and positions, each at its own steady pace whatever the answers take."""
    jar = {c.name: c.value or "" for c in client.session.cookies}
    headers = {"X-CSRFToken": jar["csrftoken"], "Referer": url}
    fed: dict[str, Any] = {"calls": {}, "saves": [], "failed": [], "accepted": 0, "late_s": 0.0}
    async with aiohttp.ClientSession(url, cookies=jar, connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(
            paced(asked.calls, asked.seconds, fed, lambda n: take_call(session, headers, fed)),
            paced(asked.positions / BATCH, asked.seconds, fed, lambda n: report(session, post, units, n, fed)))
    return fed


async def paced(per_s: float, seconds: float, fed: dict[str, Any], work: Any) -> None:
    begin, tasks = time.monotonic(), []
    for n in range(int(per_s * seconds)):
        wait = begin + n / per_s - time.monotonic()
        fed["late_s"] = max(fed["late_s"], -wait)  # how far this client itself fell behind
        await asyncio.sleep(max(0.0, wait))
        tasks.append(asyncio.create_task(work(n)))
    await asyncio.gather(*tasks)


async def take_call(session: aiohttp.ClientSession, headers: dict[str, str], fed: dict[str, Any]) -> None:
    import uuid6
    call_id = str(uuid6.uuid7())
    body = {"id": call_id, "type": "200100", "place": "Market St", "severity": random.randint(1, 4),
            "lon": random.uniform(WEST, EAST), "lat": random.uniform(SOUTH, NORTH),
            "caller": {"words": "two men fight"}}
    begin = time.time()
    async with session.post("/api/calls", json=body, headers=headers) as answer:
        await answer.read()
        if answer.status == 200:
            fed["saves"].append(time.time() - begin)
            fed["calls"][call_id] = (begin, time.time())
        else:
            fed["failed"].append(answer.status)


async def report(session: aiohttp.ClientSession, ticket: str, units: list[str], n: int, fed: dict[str, Any]) -> None:
    at, first = int(time.time() * 1000), n * BATCH % len(units)
    positions = [{"unit": unit, "lon": random.uniform(WEST, EAST), "lat": random.uniform(SOUTH, NORTH), "at": at,
                  "speed": 8.0, "course": 90.0} for unit in units[first:first + BATCH]]
    async with session.post("/positions", json={"positions": positions},
                            headers={"Authorization": f"Bearer {ticket}"}) as answer:
        fed["accepted"] += (await answer.json())["accepted"]


def watch(url: str, tickets: list[str], pipe: Any) -> None:
    """In a process of its own: the screens. Sends for each when it heard of each call."""
    heard: list[dict[str, float]] = [{} for _ in tickets]
    positions = [0] * len(tickets)

    async def screen(session: aiohttp.ClientSession, n: int, opened: asyncio.Semaphore) -> None:
        async with session.get("/live", params={"ticket": tickets[n]}) as answer:
            assert answer.status == 200, await answer.text()
            rest = b""
            async for chunk in answer.content.iter_any():
                now = time.time()
                opened.release()
                *blocks, rest = (rest + chunk).split(b"\n\n")
                for block in blocks:
                    if b'"kind":"call.taken"' in block:
                        seen = block.split(b'"subject":"', 1)[1][:36].decode()
                        heard[n].setdefault(seen, now)
                    elif b"event: positions" in block:
                        positions[n] += 1
                    assert b"event: reset" not in block, "a screen fell behind"

    async def run() -> None:
        opened = asyncio.Semaphore(0)
        timeout = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=0), timeout=timeout,
                                         read_bufsize=2**20) as session:
            tasks = [asyncio.create_task(screen(session, n, opened)) for n in range(len(tickets))]
            for _ in tickets:
                await opened.acquire()
            pipe.send("open")
            await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    print("a screen failed:", result, file=sys.stderr)
    asyncio.run(run())
    pipe.send(heard)


def judged(asked: Asked, fed: dict[str, Any], heard: list[dict[str, float]], positions: int) -> dict[str, Any]:
    """The ledger against the database and the screens."""
    from shouwang.desk.calls.models import Call
    from shouwang.desk.log.models import Event
    ledger: dict[str, tuple[float, float]] = fed["calls"]
    kept = {str(pk) for pk in Call.objects.values_list("id", flat=True)}
    logged = list(Event.objects.filter(kind="call.taken").values_list("subject", flat=True))
    missing = sum(1 for screen in heard for call in ledger if call not in screen)
    after_ack = [max(0.0, at - ledger[call][1]) for screen in heard for call, at in screen.items() if call in ledger]
    since_begin = [at - ledger[call][0] for screen in heard for call, at in screen.items() if call in ledger]
    lost = {"calls not in the database": len(ledger.keys() - kept),
            "calls not once in the log": sum(1 for call in ledger if logged.count(call) != 1),
            "calls a screen did not hear of": missing, "positions not stored": fed["accepted"] - positions,
            "answers that were not 200": len(fed["failed"]),
            "positions not accepted": int(asked.positions / BATCH * asked.seconds) * BATCH - fed["accepted"]}
    return {"asked": asdict(asked), "save": asdict(Figures.of(fed["saves"])),
            "live": asdict(Figures.of(since_begin)), "live_after_answer": asdict(Figures.of(after_ack)),
            "client_fell_behind_s": round(fed["late_s"], 3), "lost": sum(lost.values()), "lost_of": lost}


def recommended(client: Client, calls: list[str]) -> dict[str, Any]:
    """Recommendations asked one after the other: the whole answer over HTTP, and the advice alone in this process."""
    from django.utils import timezone

    from shouwang.desk.calls import advice
    from shouwang.desk.calls.models import Call
    picked = random.Random(1).sample(calls, min(300, len(calls)))
    advice.warm()
    over_http, alone = [], []
    for n, call_id in enumerate(picked):
        begin = time.perf_counter()
        answer = client.send("GET", f"/api/calls/{call_id}/recommend")
        over_http.append(time.perf_counter() - begin)
        assert answer is not None and answer.status_code == 200
        call = Call.objects.select_related("type").get(id=call_id)
        begin = time.perf_counter()
        advice.for_call(call, areas=("stlouis/",), now=timezone.now())
        alone.append(time.perf_counter() - begin)
        if n == 0:  # the first of a process loads the streets' demand
            over_http, alone = [], []
    return asdict(Figures.of(alone)) | {"over_http": asdict(Figures.of(over_http))}


def shown(result: dict[str, Any]) -> str:
    rows = [("saved (answer to POST /api/calls)", result["save"], TARGETS_MS["save"]),
            ("shown on a screen, since the request began", result["live"], TARGETS_MS["live"]),
            ("shown on a screen, after the answer", result["live_after_answer"], None),
            ("recommendation in the desk", result["recommend"], TARGETS_MS["recommend"]),
            ("recommendation over HTTP", result["recommend"]["over_http"], None)]
    lines = [f"{'milliseconds':46}{'median':>9}{'p99':>9}{'longest':>9}{'target':>9}{'count':>9}"]
    lines += [f"{name:46}{f['median']:9}{f['p99']:9}{f['longest']:9}{target or '':>9}{f['count']:9}"
              for name, f, target in rows]
    if storm := result.get("storm"):
        lines += ["storm: " + ", ".join(f"{name} {value}" for name, value in storm.items())]
    lines += [f"lost: {result['lost']}  " + ", ".join(f"{k} {v}" for k, v in result["lost_of"].items()),
              "cores used: " + ", ".join(f"{name} {cores}" for name, cores in result["cores_used"].items()),
              f"{result['cores']} cores, load average before {result['load_average_before']}; "
              f"the client fell behind by at most {result['client_fell_behind_s']} s"]
    return "\n".join(lines)


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
