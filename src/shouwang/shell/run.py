"""`shouwang run`: checks the ground, makes the centre ready, starts its processes under one supervisor."""
from __future__ import annotations

import fcntl
import http.client
import importlib.util
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click

from shouwang.engine.errors import BadInput, Fault
from shouwang.tables.live import socket_path

from .supervise import Child, Supervisor

DISK_MIN_B = 500 * 2**20
THREADS = 8  # of the desk; more would only wait for the same interpreter
BEGAN_S = time.monotonic()


@dataclass(frozen=True)
class Plan:
    """What was asked for on the command line."""

    port: int
    data: Path
    district: str
    live: bool
    demo: bool
    host: str
    tls_cert: Path | None
    tls_key: Path | None

    @property
    def bind(self) -> str:
        return "127.0.0.1" if self.host == "localhost" else "0.0.0.0"  # noqa: S104 - asked for by --host, over TLS

    @property
    def address(self) -> str:
        scheme, usual = ("https", 443) if self.tls_cert else ("http", 80)
        return f"{scheme}://{self.host}{'' if self.port == usual else f':{self.port}'}/"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to serve.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the centre.  [default: data/DISTRICT]")
@click.option("--district", default="stlouis", show_default=True, help="Example district: stlouis or chengdu.")
@click.option("--live", is_flag=True, help="Replay the calls of a past day.")
@click.option("--no-demo", is_flag=True, help="An empty centre: asks for its first administrator.")
@click.option("--host", default="localhost", show_default=True, help="Host name; any other needs TLS.")
@click.option("--tls-cert", type=click.Path(path_type=Path), help="Certificate chain, PEM.")
@click.option("--tls-key", type=click.Path(path_type=Path), help="Private key, PEM.")
def run(port: int, data: Path | None, district: str, live: bool, no_demo: bool, host: str, tls_cert: Path | None,
        tls_key: Path | None) -> None:
    """Start the centre.

    SHOUWANG_DATABASE_URL=postgres://USER:PASSWORD@HOST/NAME puts it on PostgreSQL. With --no-demo,
    SHOUWANG_ADMIN_USERNAME and SHOUWANG_ADMIN_PASSWORD name the first administrator without asking.
    """
    folder = data or Path("data") / ("centre" if no_demo else district)
    plan = Plan(port, folder.resolve(), district, live, not no_demo, host, tls_cert, tls_key)
    held = check(plan)
    env = environment(plan)
    accounts = prepare(plan, env)
    supervisor = Supervisor(children(plan), env, say)
    code = supervisor.run(lambda: is_up(plan), lambda: welcome(plan, accounts))
    held.close()
    sys.exit(code)


def check(plan: Plan) -> IO[str]:
    """Everything that would stop the centre later, named at once. Returns the open lock on its folder."""
    faults = [*_check_tls(plan), *_check_port(plan)]
    held: IO[str] | None = None
    try:
        held = _take(plan.data)
    except BlockingIOError:
        faults.append(Fault("--data", "a centre is running on this folder already", str(plan.data),
                            "Stop it, or choose another folder with --data DIR."))
    except OSError as error:
        faults.append(Fault("--data", f"this folder cannot be written ({error.strerror})", str(plan.data),
                            "Choose another folder with --data DIR."))
    else:
        free_b = shutil.disk_usage(plan.data).free
        if free_b < DISK_MIN_B:
            faults.append(Fault("--data", "too little space on the disk", f"{free_b // 2**20} MB free",
                                f"Free {DISK_MIN_B // 2**20} MB, or choose another disk with --data DIR."))
    if faults or held is None:
        raise BadInput(faults)
    return held


def _check_port(plan: Plan) -> list[Fault]:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((plan.bind, plan.port))
        except PermissionError:
            return [Fault("--port", "only the administrator may use this port", plan.port, "Choose one above 1023.")]
        except OSError:
            return [Fault("--port", "the port is taken", plan.port, "Stop what uses it, or choose one with --port N.")]
    return []


def _check_tls(plan: Plan) -> list[Fault]:
    if bool(plan.tls_cert) != bool(plan.tls_key):
        return [Fault("--tls-cert, --tls-key", "one is given without the other", None, "Give both.")]
    if plan.tls_cert is None:
        return [] if plan.host == "localhost" else [
            Fault("--host", "another host name is served over TLS only", plan.host, "Add --tls-cert F --tls-key F.")]
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(plan.tls_cert, plan.tls_key)
    except OSError as error:  # also what is wrong inside the files
        return [Fault("--tls-cert, --tls-key", f"they cannot be used ({error.strerror or error})", str(plan.tls_cert),
                      "Give a PEM certificate chain and its key.")]
    return []


def _take(data: Path) -> IO[str]:
    """Locks the folder for this process, so that no second centre starts on it; tries that it can be written."""
    data.mkdir(parents=True, exist_ok=True)
    (data / "static").mkdir(exist_ok=True)
    with tempfile.TemporaryFile(dir=data) as probe:
        probe.write(b"0" * 4096)
        probe.flush()
    held = open(data / "running.lock", "a+")  # noqa: SIM115 - held as long as the centre runs
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        held.close()
        raise
    return held


def environment(plan: Plan) -> dict[str, str]:
    """What the centre's processes are told."""
    return {**os.environ, "SHOUWANG_DATA": str(plan.data), "SHOUWANG_HOST": plan.host,
            "SHOUWANG_HTTPS": "1" if plan.tls_cert else "0", "DJANGO_SETTINGS_MODULE": "shouwang.desk.settings",
            "SHOUWANG_WIRE": f"{'https' if plan.tls_cert else 'http'}://127.0.0.1:{plan.port}"}


def prepare(plan: Plan, env: dict[str, str]) -> list[dict[str, str]]:
    """Makes the database ready. Returns the demo accounts."""
    command = [sys.executable, "-m", "shouwang.shell.prepare", "--district", plan.district]
    command += ["--live"] * plan.live + ["--no-demo"] * (not plan.demo)
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        telling = threading.Thread(target=_tell, args=(process.stderr,))
        telling.start()
        try:
            answer = process.stdout.read()
        except KeyboardInterrupt:
            process.terminate()
            say("Stopped. What was loaded so far is loaded again at the next start.")
            sys.exit(130)
        telling.join()
    if process.returncode:
        sys.exit(2)
    accounts: list[dict[str, str]] = json.loads(answer)["accounts"]
    return accounts


def _tell(lines: IO[str]) -> None:
    for line in lines:
        say(line.rstrip("\n"))


def children(plan: Plan) -> list[Child]:
    desk = socket_path(plan.data, "desk")
    Path(desk).unlink(missing_ok=True)
    python = [sys.executable, "-m"]
    tls = ["--tls-cert", str(plan.tls_cert), "--tls-key", str(plan.tls_key)] if plan.tls_cert else []
    found = [
        Child("desk", [*python, "granian", "--interface", "wsgi", "--factory", "--uds", desk,
                       "--uds-permissions", "600", "--workers", "1", "--blocking-threads", str(THREADS),
                       "--http", "1", "--no-ws", "--log-level", "warning", "shouwang.shell.serve:application"]),
        Child("wire", [*python, "shouwang.wire", "--bind", plan.bind, "--port", str(plan.port), *tls]),
    ]
    if importlib.util.find_spec("shouwang.desk.worker"):
        found.append(Child("worker", [*python, "shouwang.desk.worker"]))
    return found


def is_up(plan: Plan) -> bool:
    """Whether pages and live updates both answer."""
    try:
        if plan.tls_cert:  # our own process under whatever name its certificate has
            connection: Any = http.client.HTTPSConnection(
                "127.0.0.1", plan.port, timeout=5, context=ssl._create_unverified_context())  # noqa: S323
        else:
            connection = http.client.HTTPConnection("127.0.0.1", plan.port, timeout=5)
        connection.request("GET", "/healthz")
        return bool(connection.getresponse().status == 200)
    except OSError:
        return False


def welcome(plan: Plan, accounts: list[dict[str, str]]) -> None:
    say("Everything is up")
    lines = [f"\n守望 Shouwang  {plan.address}\n"]
    if accounts:
        lines.append(f"演示账号 Demo accounts, 密码 password {accounts[0]['password']}")
        lines += [f"  {a['username']:<12}{a['zh']} {a['en']}" for a in accounts]
    lines.append("\nCtrl-C 停止 ends it.")
    print("\n".join(lines), flush=True)


def say(line: str) -> None:
    """A line of progress with the seconds since the start."""
    print(f"[{time.monotonic() - BEGAN_S:6.1f} s] {line}", file=sys.stderr, flush=True)
