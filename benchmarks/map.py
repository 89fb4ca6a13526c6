"""The dispatcher's board with very many moving units, in Chromium: does it stay fluent?

    python benchmarks/map.py [--units 5000] [--seconds 20] [--json]

Starts a centre, puts so many units on duty, reports a new position of each every second, opens the board of a
dispatcher at 1440 x 900 and counts for some seconds: frames that were drawn, the longest wait between two of them, and
tasks that held the page up for longer than 50 ms. Told too is how many units' signs the map holds, and how much of the
processors the browser used meanwhile, with that for one frame: on a busy machine frames come late for want of
processors, not for what they take. Centre, positions and browser share this machine.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from shutil import which
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import load

from live import Centre
from screens import ARGUMENTS, Desk

COUNT = """seconds => new Promise((done) => {
  const begin = performance.now(), frames = [], tasks = [];
  const watch = new PerformanceObserver((list) => { for (const e of list.getEntries()) tasks.push(e.duration); });
  watch.observe({ entryTypes: ["longtask"] });
  const frame = (at) => {
    frames.push(at);
    if (at - begin < seconds * 1000) { requestAnimationFrame(frame); return; }
    for (const e of watch.takeRecords()) tasks.push(e.duration); // a busy page has not handed them over yet
    const waits = frames.slice(1).map((t, i) => t - frames[i]).sort((a, b) => a - b);
    const median = waits[waits.length >> 1], p99 = waits[Math.floor(waits.length * 0.99)], longest = waits.at(-1);
    done({ frames: frames.length, ms: at - begin, median, p99, longest, tasks: tasks.length,
      task_ms: Math.max(0, ...tasks), signs: document.querySelectorAll(".m-u").length });
  };
  requestAnimationFrame(frame);
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="shouwang-map-") as folder:
        centre = Centre(Path(folder) / "centre")
        os.environ |= centre.base | {"SHOUWANG_DATA": str(centre.data), "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
                                     "DJANGO_SETTINGS_MODULE": "shouwang.desk.settings"}
        centre.start(1800)
        try:
            found = measure(centre, asked.units, asked.seconds)
        finally:
            centre.stop()
    found |= {"units": asked.units, "cores": os.cpu_count(), "load_average_before": round(busy, 1)}
    lines = "\n".join(f"{name:<24}{value}" for name, value in found.items())
    print(json.dumps(found, indent=1) if asked.json else lines)


def measure(centre: Centre, count: int, seconds: float) -> dict[str, Any]:
    import django
    django.setup()
    from playwright.sync_api import sync_playwright
    units = load.add_units(count, "stlouis/")
    time.sleep(6)  # the live process looks at the duty ledger every 5 s
    stop = threading.Event()
    feeding = threading.Thread(target=lambda: asyncio.run(feed(centre.url, units, stop)))
    feeding.start()
    try:
        with sync_playwright() as p:
            launched = p.chromium.launch(executable_path=which("chromium-headless-shell") or which("chromium"),
                                         args=ARGUMENTS)
            page = Desk(launched, centre).open("dispatcher", "/board/")
            page.locator("#map[data-ready]").wait_for()
            page.wait_for_timeout(5000)  # until the first picture stands
            before = browser_s()
            told = page.evaluate(COUNT, seconds)
            used = browser_s() - before
            launched.close()
    finally:
        stop.set()
        feeding.join()
    return {"frames a second": round(told["frames"] / told["ms"] * 1000, 1),
            "ms between frames": round(told["median"], 1), "p99": round(told["p99"], 1),
            "longest": round(told["longest"], 1), "tasks over 50 ms": told["tasks"],
            "longest task ms": round(told["task_ms"]), "signs": told["signs"],
            "browser cores": round(used / told["ms"] * 1000, 2),
            "browser processor ms a frame": round(used / told["frames"] * 1000, 1)}


def browser_s() -> float:
    """Seconds of processor that this benchmark's browser has used so far, all its processes together."""
    used, parent = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            words = stat.read_text().rsplit(")", 1)[1].split()
            pid = int(stat.parent.name)
            parent[pid], used[pid] = int(words[1]), (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    ours = [os.getpid()]
    for pid in ours:
        ours += [child for child, of in parent.items() if of == pid]
    named = (pid for pid in ours if b"chrom" in (Path("/proc") / str(pid) / "cmdline").read_bytes())
    return sum(used[pid] for pid in named)


async def feed(url: str, units: list[str], stop: threading.Event) -> None:
    """A position of each a second, until told to stop."""
    import aiohttp
    post, fed, n = load.ticket("load", [], unit="*"), {"accepted": 0}, 0
    async with aiohttp.ClientSession(url) as session:
        while not stop.is_set():
            begin = time.monotonic()
            for _ in range(len(units) // load.BATCH):
                await load.report(session, post, units, n, fed)
                n += 1
            await asyncio.sleep(max(0.0, 1 - (time.monotonic() - begin)))


if __name__ == "__main__":
    main()
