"""Every page of the desk that needs no record of its own, on the Chengdu example at full size: how long the desk takes.

    python benchmarks/lists.py [--data FOLDER] [--rounds 3] [--most-ms 300]

FOLDER holds a centre that was started with --district chengdu; without it one is made anew in a temporary folder, and
how long each part of the example takes is printed. Each page is asked as somebody who may see it, plain, filtered,
sorted and on its second page, so often each; prints the median and the slowest in milliseconds of wall time, of
processor time, and the questions to the database. Fails when the processor time of any page's median is above the bar:
on a busy machine wall time is that of others.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ASKED = ("", "page=2", "show=all", "show=all&page=2", "text=a", "sort=new&show=all", "q=a", "kind=&area=chengdu/1/")
WARM = 1  # times a page is asked before: templates, calendars and the streets are read once for a process
CHANGES = ("logout", "signout", "exports", "calendar.ics")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most-ms", type=float, default=300.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SHOUWANG_DATA"] = str(options.data.resolve() if options.data else folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "shouwang.desk.settings"
        import django

        django.setup()
        _ready()
        sys.exit(_measure(options.rounds, options.most_ms))


def _ready() -> None:
    """The database up to date, and the example in it."""
    from django.conf import settings
    from django.core.management import call_command

    from shouwang.desk import setup
    from shouwang.desk.messages import compile_all
    from shouwang.desk.places.models import Area

    compile_all()
    call_command("migrate", verbosity=0, interactive=False)
    if Area.objects.exists():
        return
    last = [time.perf_counter(), time.process_time(), ""]

    def say(line: str) -> None:
        now, spent = time.perf_counter(), time.process_time()
        if last[2]:
            print(f"{last[2]:<72} {now - last[0]:7.1f} s, {spent - last[1]:6.1f} s of processor", flush=True)
        last[:] = now, spent, line

    setup.load_rules()
    setup.load_example(settings.CONFIG, setup.EXAMPLES["chengdu"], _now(), say)
    say("")


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


def _pages() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Addresses without a part that names a record, with the permissions that open them."""
    from django.urls import get_resolver

    def walk(patterns: Any, head: str) -> Iterator[tuple[str, Any]]:
        for pattern in patterns:
            route = head + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, route)
            else:
                yield route, pattern.callback

    for route, view in walk(get_resolver().url_patterns, "/"):
        if "<" not in route and "(" not in route and "\\" not in route and not route.startswith("/api/"):
            needs = tuple(getattr(view, "needs", ()))
            if any(needs) and not any(word in route for word in CHANGES):
                yield route, needs


def _measure(rounds: int, most_ms: float) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from shouwang.desk.people.access import actor_of
    from shouwang.desk.people.models import User

    people = [(u, actor_of(u)) for u in User.objects.filter(is_active=True).exclude(password="").order_by("username")
              if not u.username.startswith("example")]
    found = []
    for route, needs in sorted(_pages()):
        able = [u for u, a in people if any(a.areas(p) for p in needs)]
        if not able:
            print(f"{route:<40} nobody of the example may see it")
            continue
        best = max(able, key=lambda u: -min(len(a) for p in needs for a in actor_of(u).areas(p) or ("x" * 99,)))
        client = Client(SERVER_NAME="localhost")
        client.force_login(best, backend="allauth.account.auth_backends.AuthenticationBackend")
        for query in ASKED:
            address = f"{route}?{query}" if query else route
            answer = client.get(address)
            if query == "" and (answer.status_code != 200 or "html" not in answer.get("Content-Type", "")):
                break
            if answer.status_code != 200:
                continue
            for _n in range(WARM):
                client.get(address)
            walls, spent = [], []
            for _n in range(rounds):
                began, used = time.perf_counter(), time.process_time()
                client.get(address)
                walls.append((time.perf_counter() - began) * 1000)
                spent.append((time.process_time() - used) * 1000)
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            found.append((statistics.median(spent), statistics.median(walls), max(walls), len(asked), address,
                          best.username))
    found.sort(reverse=True)
    print(f"{'page':<60} {'as':<12} {'processor':>9} {'median':>8} {'slowest':>8}  questions")
    for cpu, wall, slowest, questions, address, who in found:
        print(f"{address:<60} {who:<12} {cpu:6.0f} ms {wall:5.0f} ms {slowest:5.0f} ms  {questions}")
    over = [address for cpu, _w, _s, _q, address, _who in found if cpu > most_ms]
    print(f"{len(found)} addresses, {len(over)} above {most_ms:.0f} ms of processor")
    return bool(over)


if __name__ == "__main__":
    main()
