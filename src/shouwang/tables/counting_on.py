"""Where calls may be counted: by DuckDB in this process, or by a Spark cluster."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from shouwang.engine.errors import BadInput, Fault

MEMORY = "5GB"  # beyond it DuckDB puts what it holds aside on the disk


class Here:
    """DuckDB, on this machine's processors."""

    name = "duckdb"

    def __init__(self, *, threads: int | None = None, memory: str = MEMORY) -> None:
        self._aside = tempfile.TemporaryDirectory(prefix="shouwang-count-")
        told: dict[str, Any] = {
            "memory_limit": memory, "preserve_insertion_order": False, "temp_directory": self._aside.name,
        }  # fmt: skip
        self._of = ibis.duckdb.connect(**told, **({"threads": threads} if threads else {}))

    def read(self, files: Sequence[str]) -> ir.Table:
        try:
            return _united([self._of.read_csv(file) if _is_csv(file) else self._of.read_parquet(file)
                            for file in files])  # fmt: skip
        except duckdb.Error as error:
            raise _unread(files, error) from error

    def fetch(self, table: ir.Table) -> pa.Table:
        return table.to_pyarrow()

    def close(self) -> None:
        self._of.disconnect()
        self._aside.cleanup()

    def write(self, table: ir.Table, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._of.to_parquet(table, folder / "part-0.parquet", compression="zstd")


class Spark:
    """A Spark cluster, by its address (`local[2]`: in a process of its own here; `sc://host`: Spark Connect)."""

    name = "spark"

    def __init__(self, address: str) -> None:
        try:
            from pyspark.sql import SparkSession  # the optional part `spark`
        except ModuleNotFoundError as error:
            remedy = "Install it: pip install -r requirements-spark.lock (needs Java 17)."
            raise BadInput([Fault("--spark", "Spark is not part of this installation", address, remedy)]) from error
        made = SparkSession.builder
        made = made.remote(address) if address.startswith("sc://") else made.master(address)
        # Local times know no zone.
        told = {"spark.sql.session.timeZone": "UTC", "spark.ui.showConsoleProgress": "false"}
        if address.startswith("local"):  # no network, no page
            told |= {"spark.driver.host": "localhost", "spark.driver.bindAddress": "127.0.0.1",
                     "spark.ui.enabled": "false"}  # fmt: skip
        for key, value in told.items():
            made = made.config(key, value)
        self._session = made.getOrCreate()
        self._of = ibis.pyspark.connect(self._session)

    def read(self, files: Sequence[str]) -> ir.Table:
        from pyspark.errors import PySparkException
        try:
            return _united([self._of.read_csv(file, header=True) if _is_csv(file) else self._of.read_parquet(file)
                            for file in files])  # fmt: skip
        except PySparkException as error:
            raise _unread(files, error) from error

    def fetch(self, table: ir.Table) -> pa.Table:
        return table.to_pyarrow()

    def write(self, table: ir.Table, folder: Path) -> None:
        self._session.sql(self._of.compile(table)).write.mode("overwrite").parquet(str(folder.resolve()))

    def close(self) -> None:
        self._session.stop()


def _united(tables: list[ir.Table]) -> ir.Table:
    """One after the other; columns that not all have are left out."""
    shared = [name for name in tables[0].columns if all(name in one.columns for one in tables)]
    first, *others = (one.select(shared) for one in tables)
    return first.union(*others) if others else tables[0]


def _is_csv(file: str) -> bool:
    return file.lower().endswith((".csv", ".csv.gz"))


def _unread(files: Sequence[str], error: Exception) -> BadInput:
    remedy = "Give CSV or Parquet files of calls."
    return BadInput([Fault(", ".join(files), "cannot be read", str(error).splitlines()[0][:200], remedy)])
