"""A real centre in processes of its own, for browser, API and durability tests."""
from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import requests

SHOUWANG = Path(sys.executable).parent / "shouwang"


def own_database(name: str) -> str:
    """A fresh database on the server of the suite, "" when the suite runs on SQLite."""
    url = os.environ.get("SHOUWANG_DATABASE_URL", "")
    if not url.startswith("postgres"):
        return ""
    import psycopg

    fresh = f"shouwang_{name}_{uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {fresh}")
    return urlunsplit(urlsplit(url)._replace(path=f"/{fresh}"))


def own_environment(name: str) -> dict[str, str]:
    """The environment with a database of its own where the suite runs on a server."""
    url = own_database(name)
    return {**os.environ, **({"SHOUWANG_DATABASE_URL": url} if url else {})}


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
    base: dict[str, str] = field(default_factory=lambda: own_environment("centre"))

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        return {**self.base, "SHOUWANG_DATA": str(self.data), "PYTHONUNBUFFERED": "1"}

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
            if self.healthy():
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

    def processes(self) -> list[int]:
        """Everything the centre runs, its supervisor first."""
        assert self.process is not None
        parent = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                after_name = stat.read_text().rsplit(")", 1)[1].split()
                parent[int(stat.parent.name)] = int(after_name[1])
        found = [self.process.pid]
        for pid in found:
            found += [child for child, of in parent.items() if of == pid]
        return found

    def healthy(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
        return False


SIGN_IN_S = 120  # passwords are made dear to check, and the machine may be busy


class Client:
    """A program signed in as one of the demo people. Answers None when nothing came back: it may be done or not."""

    def __init__(self, centre: Centre, who: str) -> None:
        self.centre, self.who = centre, who
        self.session = requests.Session()
        page = self.session.get(f"{centre.url}/account/login/", timeout=SIGN_IN_S).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page[:500]
        answer = self.session.post(
            f"{centre.url}/account/login/", timeout=SIGN_IN_S, headers={"Referer": centre.url}, allow_redirects=False,
            data={"login": who, "password": centre.password, "csrfmiddlewaretoken": token[1]})
        assert answer.status_code == 302 and "/login" not in answer.headers["Location"], answer.text[:500]

    def send(self, method: str, path: str, body: Any = None) -> requests.Response | None:
        try:
            return self.session.request(
                method, f"{self.centre.url}{path}", json=body, timeout=20,
                headers={"X-CSRFToken": self.session.cookies["csrftoken"], "Referer": self.centre.url})
        except requests.RequestException:
            return None
