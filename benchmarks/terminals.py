"""Vehicle terminals (JT/T 808) at full load: positions acknowledged a second, one by one and in batches.

    python benchmarks/terminals.py [--links 5000] [--seconds 20] [--json]

Starts the live process on a database of its own with so many units on duty, each with a terminal. Terminals send one
message after the other, the next as soon as the last is acknowledged, each with a time of its own, so that none is a
repeat. What was acknowledged is held against the tracks and last positions on the disk. The terminals run in a process
of their own on the same machine; its processor time is told apart. The anchor is 8,000 messages a second, which Traccar
publishes for its server.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from live import free_port
from shouwang.tables.live import secret
from shouwang.wire.app import TERMINALS_KEY
from shouwang.wire.jt808 import codec
from shouwang.wire.jt808.codec import Fix
from shouwang.wire.jt808.links import Terminals

TARGETS = {"single": 10_000, "batch": 50_000}
IN_A_BATCH = 33  # positions of 28 bytes that fit into one message
BEGIN_S = 3400  # ago: a position may be up to an hour old
WAIT_S = 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--links", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    busy = os.getloadavg()[0]
    result: dict[str, Any] = {"links": asked.links, "seconds": asked.seconds, "cores": os.cpu_count(),
                              "load_average_before": round(busy, 1)}
    for kind, in_a_batch in (("single", 1), ("batch", IN_A_BATCH)):
        with tempfile.TemporaryDirectory(prefix="shouwang-terminals-") as folder:
            result[kind] = measure(Path(folder), asked.links, asked.seconds, in_a_batch)
    print(json.dumps(result, indent=1) if asked.json else shown(result))


def measure(data: Path, links: int, seconds: float, in_a_batch: int) -> dict[str, Any]:
    env = {**os.environ, "SHOUWANG_DATA": str(data), "DJANGO_SETTINGS_MODULE": "shouwang.desk.settings"}
    numbers = [f"139{n:08}" for n in range(links)]
    subprocess.run([sys.executable, __file__, "--prepare", str(links)], env=env, check=True)
    port = free_port()
    wire = subprocess.Popen([sys.executable, "-m", "shouwang.wire", "--port", str(free_port()), "--jt808", str(port)],
                            env=env)
    try:
        key = secret(data, TERMINALS_KEY)
        codes = {n: Terminals.code(_keyed(key), n) for n in numbers}
        ours, theirs = multiprocessing.Pipe()
        generator = multiprocessing.Process(target=generate, args=(theirs, port, codes, seconds, in_a_batch))
        generator.start()
        assert ours.recv() == "ready"
        before_s = cpu_s(wire.pid)
        ours.send("go")
        told = ours.recv()
        wire_s = cpu_s(wire.pid) - before_s
        generator.join()
    finally:
        wire.terminate()  # what waits to be stored is stored
        wire.wait(WAIT_S)
    return {"per_second": round(told["acknowledged"] / told["seconds"]), **told, "wire_cores": round(
        wire_s / told["seconds"], 2), "wire_us_each": round(wire_s / told["acknowledged"] * 1e6, 1), **stored(data)}


def _keyed(key: str) -> Any:
    return Terminals(key, None, None)  # type: ignore[arg-type]


def prepare(links: int) -> None:
    """The tables, the units on duty and their terminals."""
    import django
    django.setup()
    from django.core.management import call_command

    from shouwang.desk.alarms.models import Terminal
    from shouwang.desk.units.models import Duty, Unit, UnitKind

    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    kind = UnitKind.objects.create(code="car", zh="车", en="Car", service="police", letter="巡", moves="mobile")
    units = Unit.objects.bulk_create([
        Unit(code=f"U{n}", zh=f"{n}", en=f"{n}", kind=kind, area="t/", lon=0, lat=0, state="available", state_since=now)
        for n in range(links)])
    Duty.objects.bulk_create([Duty(unit=u, user=uuid4(), on_at=now - timedelta(hours=2)) for u in units])
    Terminal.objects.bulk_create([Terminal(number=f"139{n:08}", unit=u) for n, u in enumerate(units)])


def generate(pipe: Any, port: int, codes: dict[str, str], seconds: float, in_a_batch: int) -> None:
    """The terminals, in a process of their own."""
    asyncio.run(_generate(pipe, port, codes, seconds, in_a_batch))


async def _generate(pipe: Any, port: int, codes: dict[str, str], seconds: float, in_a_batch: int) -> None:
    loop = asyncio.get_running_loop()
    begin_ms = (int(time.time()) - BEGIN_S) * 1000
    rounds = BEGIN_S // in_a_batch
    items = [codec.position(Fix(False, True, 104.06 + n / 1e5, 30.67, 500, 10.0, 90.0, begin_ms + n * 1000))
             for n in range(rounds * in_a_batch)]
    bodies = items if in_a_batch == 1 else [codec.batch(items[n:n + in_a_batch])
                                            for n in range(0, len(items), in_a_batch)]
    cars = [Car(number, bodies) for number in codes]
    for car in cars:
        for _ in range(int(WAIT_S / 0.1)):  # until the process listens
            try:
                await loop.create_connection(lambda car=car: car, "127.0.0.1", port)
                break
            except ConnectionError:
                await asyncio.sleep(0.1)
        car.sign_in(codes[car.number])
    async with asyncio.timeout(WAIT_S):
        while not all(car.acknowledged for car in cars):
            await asyncio.sleep(0.05)
    pipe.send("ready")
    await asyncio.to_thread(pipe.recv)
    began_s, used_s = time.monotonic(), time.process_time()
    for car in cars:
        car.acknowledged = 0
        car.running = True
        car.send_next()
    await asyncio.sleep(seconds)
    for car in cars:
        car.running = False
    taken_s, used_s = time.monotonic() - began_s, time.process_time() - used_s
    acknowledged = sum(car.acknowledged for car in cars) * in_a_batch
    while any(car.waiting for car in cars):
        await asyncio.sleep(0.05)
    pipe.send({"acknowledged": acknowledged, "seconds": round(taken_s, 2),
               "generator_cores": round(used_s / taken_s, 2),
               "sent": sum(car.acknowledged for car in cars) * in_a_batch, "refused": sum(car.refused for car in cars)})


class Car(asyncio.Protocol):
    """One terminal: sends the next message when the last is acknowledged."""

    def __init__(self, number: str, bodies: list[bytes]) -> None:
        self.number, self.acknowledged, self.refused, self.running, self.waiting = number, 0, 0, False, False
        self._address = codec.address_of(number)
        self._bodies = bodies
        self._message = codec.BATCH if int.from_bytes(bodies[0][:2]) else codec.POSITION
        self._next = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def sign_in(self, code: str) -> None:
        self._transport.write(codec.encode(codec.AUTHENTICATE, self._address, 0, code.encode()))

    def send_next(self) -> None:
        body = self._bodies[self._next]
        self._next += 1
        self.waiting = True
        self._transport.write(codec.encode(self._message, self._address, self._next, body))

    def data_received(self, data: bytes) -> None:
        self.acknowledged += 1  # one question under way: one answer
        if data[-3] != codec.DONE:  # or the checksum behind it is escaped
            self.refused += codec.read_answer(codec.decode(data[1:-1]).body)[2] != codec.DONE
        self.waiting = False
        if self.running and self._next < len(self._bodies):
            self.send_next()


def cpu_s(pid: int) -> float:
    """Processor seconds of a process, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stored(data: Path) -> dict[str, int]:
    import sqlite3
    with sqlite3.connect(data / "tracks.sqlite3") as db:
        return {"tracks": db.execute("SELECT count(*) FROM track").fetchone()[0],
                "last": db.execute("SELECT count(*) FROM last").fetchone()[0]}


def shown(result: dict[str, Any]) -> str:
    lines = [f"{result['links']:,} links, {result['seconds']:g} s each, {result['cores']} cores, load average "
             f"{result['load_average_before']} before"]
    for kind, target in TARGETS.items():
        r = result[kind]
        whole = r["tracks"] == r["sent"] and r["last"] == result["links"]
        lines.append(f"{kind:<7}{r['per_second']:>8,} positions a second acknowledged (wanted {target:,}); "
                     f"{r['sent']:,} sent, {'all' if whole else 'NOT ALL'} on the disk, {r['refused']} refused; "
                     f"live process {r['wire_cores']} cores, {r['wire_us_each']} µs a "
                     f"position; terminals {r['generator_cores']} cores")
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--prepare"]:
        prepare(int(sys.argv[2]))
    else:
        main()
