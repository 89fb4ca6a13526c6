"""A real centre for the commands that keep it: made once, used by all of them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from live import own_database

SCRIPT = Path(__file__).with_name("centre_script.py")


@dataclass
class Centre:
    data: Path
    url: str = ""  # of a PostgreSQL database; "" for SQLite

    @property
    def env(self) -> dict[str, str]:
        env = {k: v for k, v in os.environ.items() if not k.startswith("SHOUWANG_")}
        env |= {"SHOUWANG_DATA": str(self.data), "DJANGO_SETTINGS_MODULE": "shouwang.desk.settings"}
        return env | ({"SHOUWANG_DATABASE_URL": self.url} if self.url else {})

    def script(self, what: str) -> list[int]:
        done = subprocess.run(
            [sys.executable, str(SCRIPT), what], env=self.env, capture_output=True, text=True, check=True
        )
        return [int(n) for n in done.stdout.split()]

    def shouwang(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "shouwang.shell.main", *args], env=self.env, capture_output=True, text=True
        )

    @property
    def on_sqlite(self) -> bool:
        return not self.url


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """A centre with 50 events, sealed reasons, tracks, a session and files."""
    centre = Centre(tmp_path_factory.mktemp("made") / "centre", own_database("backup"))
    centre.data.mkdir()
    subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=centre.env, check=True)
    centre.script("make")
    return centre
