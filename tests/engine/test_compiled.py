"""Machine code kept between runs never outlives the source it came from."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SOURCE = """
from typing import NamedTuple
import numpy as np
from shouwang.engine.compiled import compiled

class {name}(NamedTuple):
    x: np.ndarray

@compiled
def total(of):
    return of.x.sum() * {factor}

print(total({name}(np.arange(4.0))))
"""


def test_code_kept_of_an_older_source_is_dropped(tmp_path: Path) -> None:
    module = tmp_path / "sums.py"

    def run(name: str, factor: int) -> str:
        module.write_text(SOURCE.format(name=name, factor=factor), encoding="utf-8")
        later = time.time() + factor
        os.utime(module, (later, later))
        done = subprocess.run([sys.executable, "-c", "import sums"], cwd=tmp_path, text=True, capture_output=True,
                              env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept")}, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert run("First", 1) == "6.0"
    assert list(tmp_path.glob("kept/**/*.nbi"))
    assert run("Second", 2) == "12.0", "the class that the kept code was made for is gone"


def test_processes_that_want_the_same_code_compile_it_once(tmp_path: Path) -> None:
    tell = "print(sum(total.stats.cache_misses.values()))"
    (tmp_path / "sums.py").write_text(SOURCE.format(name="One", factor=1) + tell, encoding="utf-8")
    begun = [subprocess.Popen([sys.executable, "-c", "import sums"], cwd=tmp_path, text=True, stdout=subprocess.PIPE,
                              env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept")}) for _ in range(3)]
    told = sorted(process.communicate()[0].split() for process in begun)
    assert told == [["6.0", "0"], ["6.0", "0"], ["6.0", "1"]]


def test_what_cannot_be_compiled_keeps_nobody_waiting(tmp_path: Path) -> None:
    failing = """
try:
    total(One("text"))
except Exception as fault:
    print(type(fault).__name__, flush=True)
    input()
"""
    source = SOURCE.format(name="One", factor=1).replace("print(", failing + "print(")
    (tmp_path / "sums.py").write_text(source, encoding="utf-8")

    command = [sys.executable, "-c", "import sums"]
    where: Any = {"cwd": tmp_path, "text": True, "env": {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept")}}
    first = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **where)
    try:
        assert first.stdout
        assert first.stdout.readline() == "TypingError\n"
        second = subprocess.run(command, input="\n", capture_output=True, timeout=120, check=True, **where)
        assert second.stdout == "TypingError\n6.0\n", "compiled while the first process goes on"
    finally:
        first.communicate("\n")
