"""A storm of alarms: panels of many sites report at once, and the urgent ones among them.

    python benchmarks/alarms.py [--alarms 10000] [--sites 2000] [--seconds 60] [--json]

Starts the live process and the worker on a database of its own with so many sites, each with a panel. Panels report
intrusions (level 2) evenly over the seconds; every 100th report is a panic button of another site (level 1). Each
report waits for its acknowledgement. Told are how long acknowledgements took, how long it took until each alarm was in
a call, apart for panic buttons, and whether any was dropped. The panels run in this process, beside those measured.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from live import free_port
from shouwang.tables.live.centre import Database
from shouwang.wire.dc09.panel import NoAnswer, Panel

URGENT = 100  # every so many reports one is a panic button
WAIT_S = 600.0
ZONES = 900


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alarms", type=int, default=10_000)
    parser.add_argument("--sites", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--prepare", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.prepare:
        prepare(asked.prepare)
        return
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="shouwang-alarms-") as folder:
        found = measure(Path(folder), asked.alarms, asked.sites, asked.seconds)
    found = {"alarms": asked.alarms, "sites": asked.sites, "seconds": asked.seconds, "cores": os.cpu_count(),
             "load_average_before": round(busy, 1), **found}
    print(json.dumps(found, indent=1) if asked.json else "\n".join(f"{k:<28}{v}" for k, v in found.items()))


def prepare(sites: int) -> None:
    """A district with sites and panels, without streets: a call's place is its site's name."""
    import django
    os.environ["DJANGO_SETTINGS_MODULE"] = "shouwang.desk.settings"
    django.setup()
    from django.core.management import call_command

    from shouwang.desk import setup
    from shouwang.desk.alarms.models import Panel as Registered
    from shouwang.desk.places.models import Area
    from shouwang.desk.sites.models import Site

    call_command("migrate", verbosity=0)
    setup.load_rules()
    ring = [[-91, 38], [-90, 38], [-90, 39], [-91, 39], [-91, 38]]
    Area.objects.create(path="d/", code="d", kind="district", zh="区", en="District", lon=-90.5, lat=38.5,
                        geometry={"type": "Polygon", "coordinates": [ring]})
    rows = [Site(code=f"S{n}", name=f"School {n}", kind="school_site", lon=-90.9 + n / 10_000, lat=38.5, area="d/",
                 obliged=True) for n in range(sites)]
    Site.objects.bulk_create(rows)
    Registered.objects.bulk_create(
        Registered(site=s.id, account=f"{n:04X}", supervise_s=3600) for n, s in enumerate(rows))


def measure(data: Path, alarms: int, sites: int, seconds: float) -> dict[str, Any]:
    env = {**os.environ, "SHOUWANG_DATA": str(data), "DJANGO_SETTINGS_MODULE": "shouwang.desk.settings"}
    subprocess.run([sys.executable, __file__, "--prepare", str(sites)], env=env, check=True)
    port = free_port()
    started = [subprocess.Popen([sys.executable, "-m", *words], env=env) for words in (
        ["shouwang.wire", "--port", str(free_port()), "--dc09", str(port)], ["shouwang.desk.worker"])]
    database = Database(f"sqlite://{data / 'desk.sqlite3'}", read_only=True)
    try:
        acknowledged = asyncio.run(storm(port, alarms, sites, seconds))
        end_s = time.monotonic() + WAIT_S
        while database.rows("SELECT count(*) FROM alarms_signal WHERE handled_at IS NULL") != [(0,)]:
            assert time.monotonic() < end_s, "signals wait"
            time.sleep(0.2)
        kept = database.rows("SELECT severity, (julianday(handled_at) - julianday(received_at)) * 86400, call "
                             "FROM alarms_signal WHERE code IN ('BA', 'PA')")
        calls, counted = database.rows("SELECT count(*), sum(alarms) FROM calls_call")[0]
        return {
            "acknowledged": len(acknowledged), "kept": len(kept), "in a call": sum(c is not None for _s, _t, c in kept),
            "calls": calls, "counted in calls": counted, "answered ms": spread([1000 * s for s in acknowledged]),
            "panic to call s": spread([t for s, t, _c in kept if s == 1]),
            "intrusion to call s": spread([t for s, t, _c in kept if s == 2])}
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(WAIT_S)
        database.close()


def spread(values: list[float]) -> str:
    cuts = statistics.quantiles(values, n=100)
    return f"median {cuts[49]:.2f}, 95 % {cuts[94]:.2f}, longest {max(values):.2f}"


async def storm(port: int, alarms: int, sites: int, seconds: float) -> list[float]:
    """Seconds until each report was acknowledged. One that is not answered is sent again, as panels do, on a new link
    with the same number; the next of its panel waits for it."""
    await listening(port)
    panels, turns = [Panel(f"{n:04X}") for n in range(sites)], [asyncio.Lock() for _ in range(sites)]
    await asyncio.gather(*(p.connect("127.0.0.1", port) for p in panels))
    begun = asyncio.get_running_loop().time()

    async def report(n: int) -> float:
        await asyncio.sleep(begun + n * seconds / alarms - asyncio.get_running_loop().time())
        since = time.perf_counter()
        which, word, again = n * 7919 % sites, "", False
        async with turns[which]:
            while word != "ACK":
                try:
                    word = await panels[which].report("PA" if n % URGENT == 0 else "BA", n % ZONES, again=again)
                    assert word == "ACK", word
                except NoAnswer:
                    again = True
                    await panels[which].close()
                    await panels[which].connect("127.0.0.1", port)
        return time.perf_counter() - since

    return list(await asyncio.gather(*(report(n) for n in range(alarms))))


async def listening(port: int) -> None:
    for _ in range(600):
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            await asyncio.sleep(0.1)
    raise SystemExit("the live process does not listen")


if __name__ == "__main__":
    main()
