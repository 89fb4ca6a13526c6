"""`shouwang run`: what it refuses in one line, and that it leaves no process behind."""
from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from live import SHOUWANG, free_port, own_environment
from shouwang.shell import run as starting
from shouwang.tables.live import Folder
from shouwang.tables.live.centre import Database

WAIT_S = 120.0


def run(*options: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(SHOUWANG), "run", "--data", str(data), *options], capture_output=True, text=True,
                          timeout=WAIT_S, stdin=subprocess.DEVNULL, check=False, env=own_environment("run"))


def processes_of(data: Path) -> set[int]:
    """Every process that was told this folder."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"SHOUWANG_DATA={data}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.add(int(folder.name))
        except OSError:
            continue
    return found


class Empty:
    """An empty centre, started as a user would."""

    def __init__(self, data: Path) -> None:
        self.data, self.port, self.jt808 = data, free_port(), free_port()
        self.env = env = own_environment("empty")
        env |= {"SHOUWANG_ADMIN_USERNAME": "chief", "SHOUWANG_ADMIN_PASSWORD": "watch-and-help-7"}
        env.pop("SHOUWANG_DATA", None)
        self.log = data.with_suffix(".log")
        with open(self.log, "w") as out:
            self.process = subprocess.Popen(
                [str(SHOUWANG), "run", "--no-demo", "--data", str(data), "--port", str(self.port),
                 "--jt808", str(self.jt808)], env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        self.until(lambda: "Ctrl-C" in self.log.read_text())

    def until(self, happened: Callable[[], object]) -> None:
        end_s = time.monotonic() + WAIT_S
        while not happened():
            assert time.monotonic() < end_s, self.log.read_text()
            assert self.process.poll() is None or "Ctrl-C" in self.log.read_text(), self.log.read_text()
            time.sleep(0.05)

    def get(self, path: str) -> int:
        return requests.get(f"http://localhost:{self.port}{path}", timeout=30).status_code

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(SHOUWANG), *words], env={**self.env, "SHOUWANG_DATA": str(self.data)}, check=False,
                              capture_output=True, text=True, timeout=WAIT_S)

    def all_gone(self) -> bool:
        return not processes_of(self.data)


def _begun(data: Path) -> Iterator[Empty]:
    made = Empty(data)
    yield made
    for pid in {made.process.pid, *processes_of(made.data)}:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    made.process.wait()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Empty]:
    """For a test that ends it."""
    yield from _begun(tmp_path / "centre")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Empty]:
    """For tests that leave it standing."""
    yield from _begun(tmp_path_factory.mktemp("standing") / "centre")


def test_it_serves_and_ctrl_c_ends_every_process(centre: Empty) -> None:
    assert f"http://localhost:{centre.port}/" in centre.log.read_text()
    assert centre.get("/account/login/") == 200
    assert len(processes_of(centre.data)) >= 3
    centre.process.send_signal(signal.SIGINT)
    assert centre.process.wait(WAIT_S) == 0
    assert centre.all_gone()


def test_no_process_outlives_a_killed_parent(centre: Empty) -> None:
    centre.process.kill()
    centre.process.wait()
    end_s = time.monotonic() + 20
    while not centre.all_gone():
        assert time.monotonic() < end_s, processes_of(centre.data)
        time.sleep(0.1)


def test_a_taxis_cry_comes_through_all_processes_as_a_call(standing: Empty, tmp_path: Path) -> None:
    """From the registered terminal over the port and the live process to the worker's call."""
    rows = tmp_path / "terminals.csv"
    rows.write_text("number,role,vehicle\n13900000002,third_party,taxi\n")
    assert standing.command("import", "terminals", str(rows), "--data", str(standing.data)).returncode == 0
    cry = ["terminal", "--number", "13900000002", "--port", str(standing.jt808), "--from", "-90.2,38.6", "--count", "2",
           "--every", "0", "--panic", "--json"]
    standing.until(lambda: standing.command(*cry).returncode == 0)  # once the live process has heard of it
    database = Database(Folder.from_env({**standing.env, "SHOUWANG_DATA": str(standing.data)}).database_url)
    standing.until(lambda: database.rows("SELECT number FROM calls_call"))
    assert database.rows("SELECT type_id, severity, state, lon, lat FROM calls_call") == [
        ("201303", 1, "waiting", -90.2, 38.6)]
    database.close()


def test_a_process_that_ends_is_started_again(standing: Empty) -> None:
    for module in ("shouwang.wire", "granian"):
        before = {pid for pid in processes_of(standing.data) if module in _command(pid)}
        assert before
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        standing.until(lambda module=module, before=before: {
            p for p in processes_of(standing.data) if module in _command(p)} - before)
        standing.until(lambda: _is_up(standing))
    assert re.search(r"wire ended \(killed by SIGKILL\); starting it again in 0\.2 s", standing.log.read_text())


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _is_up(centre: Empty) -> bool:
    try:
        return centre.get("/healthz") == 200
    except requests.RequestException:
        return False


def test_a_second_centre_on_the_same_folder_or_port_is_refused(standing: Empty) -> None:
    refused = run("--port", str(standing.port), data=standing.data)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.splitlines() == [
        f"--port: the port is taken (got {standing.port}). Stop what uses it, or choose one with --port N.",
        f"--data: a centre is running on this folder already (got '{standing.data}'). "
        "Stop it, or choose another folder with --data DIR."]


def test_what_cannot_work_is_said_in_one_line_each(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "bad.pem").write_text("nonsense")
    bad = str(tmp_path / "bad.pem")
    for options, data, line in (
        ((), tmp_path / "file" / "x", "--data: this folder cannot be written"),
        (("--host", "守望.example"), tmp_path / "a", "--host: this is no host name"),
        (("--tls-cert", bad), tmp_path / "a", "--tls-cert, --tls-key: one is given without the other"),
        (("--tls-cert", bad, "--tls-key", bad), tmp_path / "a", "--tls-cert, --tls-key: they cannot be used"),
        (("--telephone", "10.0.0.5:5038"), tmp_path / "a", "SHOUWANG_TELEPHONE_LOGIN: the exchange's account is not"),
    ):
        refused = run(*options, "--port", str(free_port()), data=data)
        assert refused.returncode == 2
        assert refused.stderr.startswith(line)
        assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize(("address", "faults"), [
    ("", 0), ("nats://user:word@10.0.0.5:4222", 0), ("tls://bus.example", 0), ("10.0.0.5:4222", 1), ("nats://", 1)])
def test_the_address_of_other_live_processes_is_checked_before_the_start(address: str, faults: int,
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOUWANG_NATS_URL", address)
    assert len(starting.check_nats()) == faults


def test_an_empty_centre_needs_its_first_administrator(tmp_path: Path) -> None:
    refused = run("--no-demo", "--port", str(free_port()), data=tmp_path / "c")
    assert refused.returncode == 2
    assert "SHOUWANG_ADMIN_USERNAME" in refused.stderr


def test_a_full_disk_is_noticed_before_anything_is_written(tmp_path: Path) -> None:
    """The check itself, told that the disk is small: a disk cannot be filled here."""
    code = ("import shutil, collections; shutil.disk_usage = lambda p: collections.namedtuple('U', 'free')(9 * 2**20);"
            f"import sys; sys.argv = ['shouwang', 'run', '--data', {str(tmp_path / 'c')!r}, '--port', '{free_port()}'];"
            "from shouwang.shell.main import main; main()")
    refused = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert refused.returncode == 2
    assert refused.stderr.startswith("--data: too little space on the disk (got '9 MB free')")


def test_a_taken_port_is_noticed_at_once(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = run("--port", str(other.getsockname()[1]), data=tmp_path / "c")
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
