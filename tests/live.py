"""A real centre in processes of its own, for browser, API and durability tests."""
from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SHOUWANG = Path(sys.executable).parent / "shouwang"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@dataclass
class Centre:
    """`shouwang run` on a folder of its own. `start` waits until all of it answers."""

    data: Path
    district: str = "stlouis"
    options: tuple[str, ...] = ()
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "SHOUWANG_DATA": str(self.data), "PYTHONUNBUFFERED": "1"}

    @property
    def log(self) -> str:
        return (self.data.parent / "centre.log").read_text(errors="replace")

    @property
    def password(self) -> str:
        return (self.data / "secret" / "demo.password").read_text().strip()

    def start(self, timeout_s: float = 300) -> Centre:
        self.port = self.port or free_port()
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with open(self.data.parent / "centre.log", "ab") as out:
            self.process = subprocess.Popen(
                [str(SHOUWANG), "run", "--port", str(self.port), "--data", str(self.data), "--district", self.district,
                 *self.options], stdout=out, stderr=subprocess.STDOUT, env=self.env, start_new_session=True)
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the centre ended while starting:\n{self.log[-3000:]}")
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return self
            time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"the centre did not answer in {timeout_s} s:\n{self.log[-3000:]}")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(SHOUWANG), *words], env=self.env, capture_output=True, text=True, timeout=300)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.process = None
