"""Whose turn it is to write to an SQLite file.

SQLite lets one write at a time; who finds it taken sleeps and looks again, up to a tenth of a second later. Beside one
who writes without a pause (a storm of alarms) it hardly ever finds it free: calls waited for half a minute. So whoever
writes takes a turn first, on two locks beside the file: the holder of the first is the next to write, and nobody can
overtake it. Locks end with their process, however that ends.
"""
from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

WAIT_S = 20.0  # then SQLite itself decides, which soon says that the file is locked
LOOK_S = 0.0005


class Turn:
    """One connection's. Not for use by two threads at once."""

    def __init__(self, file: Path | str) -> None:
        self._names = [f"{file}-next", f"{file}-turn"]
        self._files: list[int] = []

    def take(self) -> None:
        if not self._files:
            self._files = [os.open(name, os.O_RDWR | os.O_CREAT, 0o600) for name in self._names]
        first, second = self._files
        end_s = time.monotonic() + WAIT_S
        _lock(first, end_s)
        _lock(second, end_s)
        fcntl.flock(first, fcntl.LOCK_UN)

    def give(self) -> None:
        """Without effect where none was taken."""
        for file in self._files:
            fcntl.flock(file, fcntl.LOCK_UN)

    def __enter__(self) -> None:
        self.take()

    def __exit__(self, *_: object) -> None:
        self.give()

    def close(self) -> None:
        for file in self._files:
            os.close(file)
        self._files = []


def _lock(file: int, end_s: float) -> None:
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end_s:
                return None
        time.sleep(LOOK_S)
