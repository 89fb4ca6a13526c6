"""Processes die at any moment: an alarm of a panel that was acknowledged becomes a call, and is counted once."""
from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from live import Centre, free_port
from shouwang.tables.live import Folder
from shouwang.tables.live.centre import Database
from shouwang.wire.dc09 import panel
from shouwang.wire.dc09.panel import Panel

pytestmark = pytest.mark.slow
SITES = 20 if os.environ.get("SHOUWANG_SHORT") else 100
ALARMS = 8  # of each site, one after the other, each in a zone of its own
AT_ONCE = 16
WAIT_S = 180.0


@pytest.fixture
def dc09() -> int:
    return free_port()


@pytest.fixture
def centre(tmp_path: Path, dc09: int) -> Iterator[Centre]:
    made = Centre(tmp_path / "stlouis", options=("--dc09", str(dc09))).start()
    yield made
    made.stop()


async def report_all(n: int, port: int, ahead: asyncio.Semaphore) -> None:
    """Each alarm is sent until it is acknowledged, with the same sequence number, as a panel does."""
    async with ahead:
        sent, end_s = Panel(f"{n:04X}"), time.monotonic() + WAIT_S
        for zone in range(ALARMS):
            again = False
            while time.monotonic() < end_s:
                with suppress(OSError):
                    await sent.connect("127.0.0.1", port)
                    try:
                        word = await sent.report("BA", zone, again=again)
                    finally:
                        again = True
                        await sent.close()
                    if word == "ACK":
                        break
                await asyncio.sleep(0.1)
            else:
                raise AssertionError(f"panel {n}: zone {zone} was never acknowledged")


async def kill(centre: Centre, rng: random.Random) -> None:
    """One process after the other, the supervisor spared, for ever."""
    while True:
        await asyncio.sleep(rng.uniform(0.3, 1.5))
        with suppress(ProcessLookupError, IndexError):
            os.kill(rng.choice(centre.processes()[1:]), signal.SIGKILL)


async def play(centre: Centre, port: int) -> None:
    killing = asyncio.create_task(kill(centre, random.Random(7)))
    ahead = asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(*(report_all(n, port, ahead) for n in range(SITES)))
    killing.cancel()


def test_an_acknowledged_alarm_is_counted_once_in_a_call(centre: Centre, dc09: int, tmp_path: Path,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "WAIT_S", 2.0)
    rows = tmp_path / "sites.csv"
    rows.write_text("code,name,kind,lon,lat\n" + "".join(
        f"S{n},School {n},school_site,{-90.28 + n / 10_000:.6f},38.62\n" for n in range(SITES)))
    assert centre.command("import", "sites", str(rows), "--data", str(centre.data)).returncode == 0
    database = Database(Folder.from_env(centre.env).database_url)
    register(centre, database)
    asyncio.run(play(centre, dc09))
    end_s = time.monotonic() + WAIT_S
    while database.rows("SELECT count(*) FROM alarms_signal WHERE handled_at IS NULL") != [(0,)]:
        assert time.monotonic() < end_s, "signals wait"
        time.sleep(0.1)
    kept = database.rows("SELECT panel_id, zone, count(*) FROM alarms_signal WHERE code = 'BA' GROUP BY panel_id, zone")
    assert (len(kept), {n for _panel, _zone, n in kept}) == (SITES * ALARMS, {1})
    made = database.rows("SELECT count(*), sum(alarms) FROM calls_call WHERE site IS NOT NULL")
    assert made == [(SITES, SITES * ALARMS)]
    assert database.rows("SELECT count(*) FROM alarms_signal WHERE code = 'BA' AND call IS NULL") == [(0,)]
    database.close()


def register(centre: Centre, database: Database) -> None:
    """Panels in the clear, without a command for each."""
    from uuid import uuid4

    sites = database.rows("SELECT id, code FROM sites_site WHERE code LIKE 'S%'")
    database.run_many(
        "INSERT INTO alarms_panel (id, site, account, key, supervise_s, active, version) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(database.uuid(uuid4()), site, f"{int(code[1:]):04X}", b"", 3600, True, 1) for site, code in sites])
    first = centre.command("panel", "register", "--data", str(centre.data), "--site", "S0", "--account", "0000",
                           "--supervise", "3600", "--json")  # its event tells the live process to read them all
    assert first.returncode == 0, first.stderr
