"""Whose turn it is to write: beside one who writes without a pause, nobody waits long."""
from __future__ import annotations

import multiprocessing
import sqlite3
import time
from pathlib import Path
from typing import Any

from shouwang.tables.live import turn
from shouwang.tables.live.centre import Database
from shouwang.tables.live.turn import Turn


def _greedy(file: Path, begun: Any, stop: Any) -> None:
    db = Database(f"sqlite://{file}")
    while not stop.is_set():
        with db.transaction():
            db.run("INSERT INTO t VALUES ('greedy', ?)", (time.monotonic(),))
            time.sleep(0.004)
            begun.set()


def test_one_who_writes_without_a_pause_is_not_always_first(tmp_path: Path) -> None:
    file = tmp_path / "f.sqlite3"
    db = Database(f"sqlite://{file}")
    db.run("CREATE TABLE t (who, at)")
    many = multiprocessing.get_context("spawn")
    begun, stop = many.Event(), many.Event()
    greedy = many.Process(target=_greedy, args=(file, begun, stop))
    greedy.start()
    try:
        assert begun.wait(60)
        for _ in range(20):
            with db.transaction():
                db.run("INSERT INTO t VALUES ('polite', ?)", (time.monotonic(),))
    finally:
        stop.set()
        greedy.join()
    order = [who for (who,) in db.rows("SELECT who FROM t ORDER BY rowid")]
    begin = order.index("polite")
    end = len(order) - order[::-1].index("polite")
    assert order[begin:end].count("greedy") <= 3 * 20  # who waits is the next, whoever else would write again


def test_a_turn_ends_with_its_process_and_with_its_time(tmp_path: Path, monkeypatch: Any) -> None:
    file = tmp_path / "f.sqlite3"
    first, second = Turn(file), Turn(file)
    first.take()
    monkeypatch.setattr(turn, "WAIT_S", 0.02)
    second.take()  # not for ever: from here SQLite decides
    second.give()
    first.close()  # as the kernel does for a process that is killed
    monkeypatch.setattr(turn, "WAIT_S", 20.0)
    with second:
        pass
    db = sqlite3.connect(file)
    db.execute("CREATE TABLE t (x)")
