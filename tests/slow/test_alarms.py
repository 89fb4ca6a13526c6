"""Processes die at any moment: a cry for help that was acknowledged becomes a call, and one call alone."""
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
from shouwang.wire.jt808 import terminal
from shouwang.wire.jt808.terminal import Terminal, fix_at

pytestmark = pytest.mark.slow
TAXIS = 40 if os.environ.get("SHOUWANG_SHORT") else 400
AT_ONCE = 8
WAIT_S = 120.0


@pytest.fixture
def jt808() -> int:
    return free_port()


@pytest.fixture
def centre(tmp_path: Path, jt808: int) -> Iterator[Centre]:
    made = Centre(tmp_path / "stlouis", options=("--jt808", str(jt808))).start()
    yield made
    made.stop()


def place_of(n: int) -> float:
    return round(-90.28 + n / 10_000, 6)


async def cry(n: int, port: int, ahead: asyncio.Semaphore) -> None:
    """Cries until it is acknowledged, as a device does."""
    async with ahead:
        end_s = time.monotonic() + WAIT_S
        while time.monotonic() < end_s:
            taxi = Terminal(f"139{n:08}")
            with suppress(OSError):
                await taxi.connect("127.0.0.1", port)
                try:
                    if (await taxi.register(), await taxi.sign_in()) == (0, 0) and await taxi.report(
                            fix_at(place_of(n), 38.62, emergency=True)) == 0:
                        return
                finally:
                    await taxi.close()
            await asyncio.sleep(0.1)
        raise AssertionError(f"taxi {n} was never acknowledged")


async def cry_all(port: int) -> None:
    ahead = asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(*(cry(n, port, ahead) for n in range(TAXIS)))


async def kill(centre: Centre, rng: random.Random) -> None:
    """One process after the other, the supervisor spared, for ever."""
    while True:
        await asyncio.sleep(rng.uniform(0.3, 1.5))
        with suppress(ProcessLookupError, IndexError):
            os.kill(rng.choice(centre.processes()[1:]), signal.SIGKILL)


async def play(centre: Centre, port: int) -> None:
    killing = asyncio.create_task(kill(centre, random.Random(7)))
    await cry_all(port)
    killing.cancel()


def test_an_acknowledged_cry_becomes_one_call(centre: Centre, jt808: int, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "WAIT_S", 2.0)
    rows = tmp_path / "terminals.csv"
    rows.write_text("number,role,vehicle\n" + "".join(f"139{n:08},third_party,taxi\n" for n in range(TAXIS)))
    assert centre.command("import", "terminals", str(rows), "--data", str(centre.data)).returncode == 0
    asyncio.run(play(centre, jt808))
    database = Database(Folder.from_env(centre.env).database_url)
    end_s = time.monotonic() + WAIT_S
    while database.rows("SELECT count(*) FROM alarms_alarm WHERE handled_at IS NULL") != [(0,)]:
        assert time.monotonic() < end_s, "alarms wait"
        time.sleep(0.1)
    made = database.rows("SELECT lon FROM calls_call WHERE type_id = '201303' ORDER BY lon")
    assert [lon for lon, in made] == [place_of(n) for n in range(TAXIS)]
    assert database.rows("SELECT count(*) FROM alarms_alarm WHERE call IS NULL OR lon IS NOT NULL") == [(0,)]
    database.close()
