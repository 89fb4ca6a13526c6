"""The dispatcher's board with very many moving units, in Chromium: does it stay fluent?

    python benchmarks/map.py [--units 5000] [--seconds 20] [--json] [--what]

Starts a centre, puts so many units on duty, reports a new position of each every second, opens the board of a
dispatcher at 1440 x 900 and counts for some seconds: frames that were drawn, the longest wait between two of them, and
tasks that held the page up for longer than 50 ms. Told too is how many units' signs the map holds, and how much of the
processors the browser used meanwhile, with that for one frame: on a busy machine frames come late for want of
processors, not for what they take. Centre, positions and browser share this machine. `--what` takes samples of what the
page does, which costs it something, and says of the longest stretch without a rest which functions took it.
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
    parser.add_argument("--what", action="store_true", help="tell what the longest stretch of work did")
    asked = parser.parse_args()
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="shouwang-map-") as folder:
        centre = Centre(Path(folder) / "centre")
        os.environ |= centre.base | {"SHOUWANG_DATA": str(centre.data), "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
                                     "DJANGO_SETTINGS_MODULE": "shouwang.desk.settings"}
        centre.start(1800)
        try:
            found = measure(centre, asked.units, asked.seconds, asked.what)
        finally:
            centre.stop()
    found |= {"units": asked.units, "cores": os.cpu_count(), "load_average_before": round(busy, 1)}
    lines = "\n".join(f"{name:<24}{value}" for name, value in found.items())
    print(json.dumps(found, indent=1) if asked.json else lines)


def measure(centre: Centre, count: int, seconds: float, what: bool = False) -> dict[str, Any]:
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
            tools = page.context.new_cdp_session(page)
            tools.send("Performance.enable", {"timeDomain": "threadTicks"})
            if what:
                tools.send("Profiler.enable")
                tools.send("Profiler.setSamplingInterval", {"interval": 1000})
                tools.send("Profiler.start")
            before, thread = browser_s(), thread_s(tools)
            told = page.evaluate(COUNT, seconds)
            used, thread = browser_s() - before, thread_s(tools) - thread
            done = stretches(tools.send("Profiler.stop")["profile"]) if what else []
            launched.close()
    finally:
        stop.set()
        feeding.join()
    return {"frames a second": round(told["frames"] / told["ms"] * 1000, 1),
            "ms between frames": round(told["median"], 1), "p99": round(told["p99"], 1),
            "longest": round(told["longest"], 1), "tasks over 50 ms": told["tasks"],
            "longest task ms": round(told["task_ms"]), "signs": told["signs"],
            "main thread cores": round(thread / told["ms"] * 1000, 2),
            "browser cores": round(used / told["ms"] * 1000, 2),
            "browser processor ms a frame": round(used / told["frames"] * 1000, 1),
            **{f"stretch {n}": text for n, text in enumerate(done, 1)}}


def thread_s(tools: Any) -> float:
    """Seconds of processor that the page's main thread has used so far."""
    told = {m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}
    return float(told["TaskDuration"])


def stretches(profile: dict[str, Any], most: int = 4) -> list[str]:
    """The longest stretches of work without a rest, each with the functions that were on its stack the longest."""
    nodes = {n["id"]: n for n in profile["nodes"]}
    above = {child: n["id"] for n in profile["nodes"] for child in n.get("children", ())}
    runs: list[dict[str, int]] = [{}]
    for sample, us in zip(profile["samples"], profile["timeDeltas"][1:], strict=False):
        if nodes[sample]["callFrame"]["functionName"] == "(idle)":
            runs.append({})
            continue
        at, seen, run = sample, set(), runs[-1]
        run[""] = run.get("", 0) + us
        while at in above:
            frame = nodes[at]["callFrame"]
            name = f"{frame['functionName'] or '(anonymous)'} {Path(frame['url']).name}:{frame['lineNumber'] + 1}"
            if name not in seen:
                seen.add(name)
                run[name] = run.get(name, 0) + us
            at = above[at]
    longest = sorted((r for r in runs if r), key=lambda r: -r[""])[:most]
    return [f"{r[''] / 1000:.0f} ms: " + "; ".join(f"{name} {us / 1000:.0f}" for name, us in sorted(
        r.items(), key=lambda pair: -pair[1])[1:9]) for r in longest]


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
