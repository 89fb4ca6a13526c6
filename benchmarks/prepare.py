"""A hundred million synthetic calls counted by square, hour, kind and source (`shouwang count`): DuckDB, two threads.

    python benchmarks/prepare.py [--rows 100000000] [--spark local[2]] [--folder FOLDER]

The calls are made up: ten years around 4,000 places, ten kinds, a tenth found by patrols. Making them takes longer than
counting them and is not counted. Prints seconds by the clock and of the processors, and the most memory that was held.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shouwang.engine.demand.calls import SOURCES
from shouwang.tables.counting import count
from shouwang.tables.counting_on import Here, Spark

KINDS = ("fire", "noise", "theft", "dispute", "traffic", "help", "alarm", "lost", "fraud", "other")
AT_ONCE, PLACES, YEARS = 5_000_000, 4000, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=100_000_000)
    parser.add_argument("--spark", help="address of a Spark cluster, in place of DuckDB")
    parser.add_argument("--folder", type=Path, help="keeps the calls for another run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        calls = folder / f"synthetic-{options.rows}.parquet"
        if not calls.exists():
            folder.mkdir(parents=True, exist_ok=True)
            make(calls, options.rows)
        # Counted in a process of its own, so that its memory is not that of making the calls.
        worker = os.fork()
        if not worker:
            measure(calls, Path(scratch) / "counted", options.spark)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 0


def make(path: Path, rows: int) -> None:
    rng = np.random.default_rng(1)
    lon, lat = 104.0 + rng.normal(0, 0.08, PLACES), 30.6 + rng.normal(0, 0.07, PLACES)
    weight = rng.pareto(1.2, PLACES) + 0.2
    begin = int(np.datetime64("2015-01-01", "s").astype(np.int64))
    writer = None
    for start in range(0, rows, AT_ONCE):
        n = min(AT_ONCE, rows - start)
        at = rng.choice(PLACES, n, p=weight / weight.sum())
        span = [int(begin + end / rows * YEARS * 365 * 86_400) for end in (start, start + n)]
        table = pa.table({
            "time": pa.array(np.sort(rng.integers(*span, n)).astype("datetime64[s]")),
            "lon": lon[at] + rng.normal(0, 0.003, n), "lat": lat[at] + rng.normal(0, 0.003, n),
            "category": pa.DictionaryArray.from_arrays(
                pa.array(rng.integers(0, len(KINDS), n).astype(np.int32)), KINDS),
            "source": pa.DictionaryArray.from_arrays(
                pa.array(rng.choice(3, n, p=(0.8, 0.1, 0.1)).astype(np.int32)), SOURCES),
        })  # fmt: skip
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    assert writer is not None
    writer.close()


def measure(calls: Path, out: Path, spark: str | None) -> None:
    out.mkdir()
    place = Spark(spark) if spark else Here(threads=2)
    since, worked = time.perf_counter(), time.process_time()
    about = count(place, [str(calls)], 200.0, out)
    clock, processors = time.perf_counter() - since, time.process_time() - worked
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    place.close()
    print(f"{about.calls:,} synthetic calls into {about.rows:,} rows ({place.name}): "
          f"{clock:.1f} s by the clock, "
          f"{processors:.1f} s of the processors, {held:.2f} GB held at most; "
          f"load average {os.getloadavg()[0]:.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
