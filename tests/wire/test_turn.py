"""Whose turn it is to write: beside one who writes without a pause, nobody waits long."""
from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from shouwang.tables.live import turn
from shouwang.tables.live.centre import Database
from shouwang.tables.live.turn import Turn

GREEDY = """
import sys, time
from shouwang.tables.live.centre import Database

db = Database(f"sqlite://{sys.argv[1]}")
while True:
    with db.transaction():
        db.run("INSERT INTO t VALUES ('greedy')")
        time.sleep(0.004)
"""


def test_one_who_writes_without_a_pause_is_not_always_first(tmp_path: Path) -> None:
    file = tmp_path / "f.sqlite3"
    db = Database(f"sqlite://{file}")
    db.run("CREATE TABLE t (who)")
    greedy = subprocess.Popen([sys.executable, "-c", GREEDY, str(file)])
    try:
        while not db.rows("SELECT 1 FROM t LIMIT 1"):
            assert greedy.poll() is None
            time.sleep(0.01)
        for _ in range(20):
            with db.transaction():
                db.run("INSERT INTO t VALUES ('polite')")
    finally:
        greedy.kill()
        greedy.wait()
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
