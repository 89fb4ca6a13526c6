"""Parsers of what strangers send, under whatever comes: minutes each by --fuzz-minutes, no crash and no hang."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SHORT_S = 6.0


@pytest.mark.parametrize("parser", ["jt808", "dc09", "cap", "eido"])
def test_nothing_breaks_it(parser: str, request: pytest.FixtureRequest) -> None:
    seconds = SHORT_S if os.environ.get("SHOUWANG_SHORT") else 60 * request.config.getoption("--fuzz-minutes")
    done = subprocess.run([sys.executable, str(Path(__file__).with_name("fuzzed.py")), parser, str(seconds)],
                          capture_output=True, text=True, timeout=seconds * 3 + 300)
    print(done.stdout[-300:], done.stderr[-600:])
    assert done.returncode == 0, done.stderr[-4000:]
