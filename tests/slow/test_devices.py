"""Processes die at any moment: what a device was acknowledged becomes a call, and is counted once."""
from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from live import Centre, free_port
from shouwang.tables.live import Folder
from shouwang.tables.live.centre import Database
from shouwang.wire.dc09 import panel
from shouwang.wire.dc09.panel import Panel
from shouwang.wire.jt808 import terminal
from shouwang.wire.jt808.terminal import Terminal, fix_at

pytestmark = pytest.mark.slow
SHORT = bool(os.environ.get("SHOUWANG_SHORT"))
TAXIS = 40 if SHORT else 400
SITES = 20 if SHORT else 100
ALARMS = 8  # of each site, one after the other, each in a zone of its own
AT_ONCE = 8
WAIT_S = 180.0  # for what has to come; never judged


@dataclass
class Played:
    """A centre that hears devices of one kind, and its database."""

    centre: Centre
    port: int

    def __post_init__(self) -> None:
        self.database = Database(Folder.from_env(self.centre.env).database_url)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.database.rows(sql)

    def take_in(self, what: str, lines: list[str]) -> None:
        file = self.centre.data.parent / f"{what}.csv"
        file.write_text("\n".join([*lines, ""]))
        told = self.centre.command("import", what, str(file), "--data", str(self.centre.data))
        assert told.returncode == 0, told.stderr

    def send(self, devices: int, one: Callable[[int, int], Awaitable[None]]) -> None:
        """Each device by itself, while one process after the other is killed, the supervisor spared."""
        async def play() -> None:
            ahead, killing = asyncio.Semaphore(AT_ONCE), asyncio.create_task(kill(self.centre, random.Random(7)))

            async def when_its_turn_comes(n: int) -> None:
                async with ahead:
                    await one(n, self.port)
            await asyncio.gather(*(when_its_turn_comes(n) for n in range(devices)))
            killing.cancel()
        asyncio.run(play())

    def handled(self, table: str) -> None:
        end_s = time.monotonic() + WAIT_S
        while self.rows(f"SELECT count(*) FROM {table} WHERE handled_at IS NULL") != [(0,)]:
            assert time.monotonic() < end_s, f"{table}: some wait"
            time.sleep(0.1)


async def kill(centre: Centre, rng: random.Random) -> None:
    """One process after the other. The next only when all are up again: else a slow machine never gets to hear."""
    while True:
        await asyncio.sleep(rng.uniform(0.3, 1.5))
        while not await asyncio.to_thread(centre.healthy):
            await asyncio.sleep(0.1)
        with suppress(ProcessLookupError, IndexError):
            os.kill(rng.choice(centre.processes()[1:]), signal.SIGKILL)


async def until_acknowledged(what: str, once: Callable[[], Awaitable[bool]]) -> None:
    """Sends it again until it is acknowledged, as a device does."""
    end_s = time.monotonic() + WAIT_S
    while time.monotonic() < end_s:
        with suppress(OSError):
            if await once():
                return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{what} was never acknowledged")


@pytest.fixture(params=["jt808", "dc09"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def played(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    for device in (terminal, panel):
        monkeypatch.setattr(device, "WAIT_S", 2.0)
    port = free_port()
    made = Played(Centre(tmp_path / "stlouis", options=(f"--{kind}", str(port))).start(), port)
    yield made
    made.database.close()
    made.centre.stop()


def place_of(n: int) -> float:
    return round(-90.28 + n / 10_000, 6)


async def cry(n: int, port: int) -> None:
    async def once() -> bool:
        taxi = Terminal(f"139{n:08}")
        await taxi.connect("127.0.0.1", port)
        try:
            return (await taxi.register(), await taxi.sign_in()) == (0, 0) and await taxi.report(
                fix_at(place_of(n), 38.62, emergency=True)) == 0
        finally:
            await taxi.close()
    await until_acknowledged(f"taxi {n}", once)


@pytest.mark.parametrize("kind", ["jt808"], indirect=True)
def test_an_acknowledged_cry_becomes_one_call(played: Played) -> None:
    played.take_in("terminals", ["number,role,vehicle", *(f"139{n:08},third_party,taxi" for n in range(TAXIS))])
    played.send(TAXIS, cry)
    played.handled("alarms_alarm")
    made = played.rows("SELECT lon FROM calls_call WHERE type_id = '201303' ORDER BY lon")
    assert [lon for lon, in made] == [place_of(n) for n in range(TAXIS)]
    assert played.rows("SELECT count(*) FROM alarms_alarm WHERE call IS NULL OR lon IS NOT NULL") == [(0,)]


async def report_all(n: int, port: int) -> None:
    """One alarm after the other, each with its own sequence number however often it is sent."""
    sent = Panel(f"{n:04X}")
    for zone in range(ALARMS):
        tried = False

        async def once(zone: int = zone) -> bool:
            nonlocal tried
            await sent.connect("127.0.0.1", port)
            try:
                return await sent.report("BA", zone, again=tried) == "ACK"
            finally:
                tried = True
                await sent.close()
        await until_acknowledged(f"panel {n}, zone {zone}", once)


@pytest.mark.parametrize("kind", ["dc09"], indirect=True)
def test_an_acknowledged_alarm_is_counted_once_in_a_call(played: Played) -> None:
    played.take_in("sites", ["code,name,kind,lon,lat", *(
        f"S{n},School {n},school_site,{place_of(n):.6f},38.62" for n in range(SITES))])
    register(played)
    played.send(SITES, report_all)
    played.handled("alarms_signal")
    kept = played.rows("SELECT panel_id, zone, count(*) FROM alarms_signal WHERE code = 'BA' GROUP BY panel_id, zone")
    assert (len(kept), {n for _panel, _zone, n in kept}) == (SITES * ALARMS, {1})
    assert played.rows("SELECT count(*), sum(alarms) FROM calls_call WHERE site IS NOT NULL") == [
        (SITES, SITES * ALARMS)]
    assert played.rows("SELECT count(*) FROM alarms_signal WHERE code = 'BA' AND call IS NULL") == [(0,)]


def register(played: Played) -> None:
    """Panels in the clear, without a command for each."""
    database, centre = played.database, played.centre
    sites = database.rows("SELECT id, code FROM sites_site WHERE code LIKE 'S%%'")  # psycopg takes one % for a place
    database.run_many(
        "INSERT INTO alarms_panel (id, site, account, key, supervise_s, active, version) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(database.uuid(uuid4()), site, f"{int(code[1:]):04X}", b"", 3600, True, 1) for site, code in sites])
    first = centre.command("panel", "register", "--data", str(centre.data), "--site", "S0", "--account", "0000",
                           "--supervise", "3600", "--json")  # its event tells the live process to read them all
    assert first.returncode == 0, first.stderr
