"""The analyst's pages with a million calls: seconds per filter, the whole answer of the desk from question to page.

    python benchmarks/analysis.py [--calls 1000000] [--rounds 5] [--desk-calls 20000]

Calls are those of St. Louis drawn again: place, kind and hour stay, days are moved by whole weeks. Others lie in the
desk's own tables, with their times. Prints the first reading, and by page the median and the slowest of the
filters, as the supervisor (who may see the calls) and as the analyst (for whom small counts are hidden).
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import shouwang

STLOUIS = Path(shouwang.__file__).parent / "data" / "districts" / "stlouis"
FILTERS = (
    "", "kind=larceny", "area=stlouis/3/", "shift=23:00", "from=2015-01-01&to=2019-12-31",
    "from=2015-01-01&to=2019-12-31&kind=burglary&kind=robbery", "from=2015-01-01&to=2019-12-31&shift=23:00",
    "from=2019-06-01&to=2019-06-30", "from=2015-01-01&to=2019-12-31&found=1", "hour=3",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--desk-calls", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SHOUWANG_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "shouwang.desk.settings"
        import django

        django.setup()
        _centre(options.calls, options.desk_calls)
        _measure(options.rounds)


def _centre(count: int, of_desk: int) -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from shouwang.desk import setup
    from shouwang.desk.patrol.files import history_path
    from shouwang.desk.patrol.models import HistoryFile
    from shouwang.desk.setup.stlouis import PAST

    call_command("migrate", verbosity=0)
    setup.load_rules()
    now = timezone.now()
    setup.load_example(settings.CONFIG, setup.EXAMPLES["stlouis"], now, lambda line: None)
    table = pq.read_table(STLOUIS / "calls.parquet", columns=["time", "lon", "lat", "category"])
    rng = np.random.default_rng(1)
    drawn = table.take(pa.array(rng.integers(0, len(table), count)))
    seconds = drawn["time"].cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()
    first, last = (int(np.datetime64(day, "s").astype(np.int64)) for day in ("2015-01-01", "2019-12-31"))
    seconds = first + (seconds - first + 7 * 86_400 * rng.integers(0, 260, count)) % (last - first)
    drawn = drawn.set_column(0, "time", pa.array(seconds).cast(pa.timestamp("s"))).sort_by("time")
    row = HistoryFile(area="stlouis/", name="drawn again", rows=count, first_day="2015-01-01", last_day="2019-12-31",
                      excluded_kinds=list(PAST.found_by_patrols), at=now)
    path = history_path(row.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(drawn, path, compression="zstd")
    row.save(force_insert=True)
    _desk_calls(drawn, of_desk, rng)


def _desk_calls(drawn: pa.Table, count: int, rng: np.random.Generator) -> None:
    """Calls in the desk's own tables in the last year of the record, each with a unit."""
    from datetime import UTC, datetime, timedelta

    from shouwang.desk.calls.models import Assignment, Call, CallType
    from shouwang.desk.log.ids import new_id
    from shouwang.desk.places import facts as places
    from shouwang.desk.units.models import Unit

    types = list(CallType.objects.exclude(parent="").values_list("code", flat=True)[:30])
    units = list(Unit.objects.values_list("id", flat=True))
    at = rng.integers(len(drawn) * 4 // 5, len(drawn), count)
    lon, lat = (drawn[name].to_numpy()[at] for name in ("lon", "lat"))
    paths, number = places.locate_all(lon, lat)
    calls, tasks = [], []
    for n, seconds in enumerate(drawn["time"].cast(pa.int64()).to_numpy()[at].tolist()):
        begun = datetime.fromtimestamp(seconds, UTC) + timedelta(hours=6)
        waits = np.cumsum(rng.gamma(2, (20, 20, 20, 30, 150, 900)))
        moments = [begun + timedelta(seconds=float(w)) for w in waits]
        call = Call(
            id=new_id(), day=begun.date(), serial=n + 1, number=f"{n:09}", type_id=types[n % len(types)],
            severity=1 + n % 3, state="closed", place="x", lon=float(lon[n]), lat=float(lat[n]),
            area=paths[number[n]] or "stlouis/", received_at=begun, submitted_at=moments[0],
            first_assigned_at=moments[1], closed_at=moments[5], disposition="settled", taken_by="x",
        )  # fmt: skip
        calls.append(call)
        tasks.append(Assignment(
            call=call, unit=units[n % len(units)], state="cleared", by="x", assigned_at=moments[1],
            acknowledged_at=moments[2], enroute_at=moments[3], on_scene_at=moments[4], ended_at=moments[5],
        ))  # fmt: skip
    Call.objects.bulk_create(calls, batch_size=2000)
    Assignment.objects.bulk_create(tasks, batch_size=2000)


def _measure(rounds: int) -> None:
    from django.test import Client
    from django.utils import timezone

    from shouwang.desk.analysis.advice import record
    from shouwang.desk.analysis.terms import VIEWS
    from shouwang.desk.people.models import User

    for what, work in (
        ("where calls lie, once for each file (the worker)", record.prepare),
        ("read into memory, once for each process", lambda: record.record(timezone.now())),
    ):  # fmt: skip
        since = time.perf_counter()
        work()
        print(f"{what}: {time.perf_counter() - since:.2f} s")
    gc.collect()
    gc.freeze()  # as the desk does once it is warm
    clients = {}
    for who in ("supervisor", "analyst"):
        clients[who] = Client(headers={"host": "localhost"})
        clients[who].force_login(User.objects.get(username=who),
                                 backend="allauth.account.auth_backends.AuthenticationBackend")  # fmt: skip
        for view in VIEWS:
            clients[who].get(f"/analysis/{view}/")  # compiles what compiles at first use
    print(f"\nms of {len(FILTERS)} filters × {rounds}, by the clock and of one processor: the median, the slowest "
          "filter's median, the longest single answer")
    print(f"{'page':10} {'':12} " + " ".join(f"{name:>8}" for name in ("median", "slowest", "longest") * 2))
    for view in (*VIEWS, "map.json", "calls"):
        for who, client in clients.items():
            if view == "calls" and who == "analyst":
                continue
            took: dict[str, list[tuple[float, float]]] = {asked: [] for asked in FILTERS}
            for _ in range(rounds):
                for asked in FILTERS:
                    since, worked = time.perf_counter(), time.process_time()
                    slash = "" if view == "map.json" else "/"
                    answer = client.get(f"/analysis/{view}{slash}?{asked or 'from=2019-01-01&to=2019-12-31'}")
                    clock, cpu = time.perf_counter() - since, time.process_time() - worked
                    took[asked].append((clock * 1000, cpu * 1000))
                    assert answer.status_code == 200, answer.content[:500]
            told = []
            for n in (0, 1):
                of_filter = {asked: [one[n] for one in times] for asked, times in took.items()}
                every = [ms for times in of_filter.values() for ms in times]
                told += [statistics.median(every), max(map(statistics.median, of_filter.values())), max(every)]
            slowest = max(took, key=lambda asked: statistics.median(one[1] for one in took[asked]))
            print(f"{view:10} {who:12} " + " ".join(f"{ms:8.0f}" for ms in told) + f"  {slowest}")


if __name__ == "__main__":
    main()
