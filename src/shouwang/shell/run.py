"""`shouwang run`: checks the ground, makes the centre ready, starts its processes under one supervisor."""
from __future__ import annotations

import fcntl
import http.client
import importlib.util
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import click

from shouwang.desk.messages import compile_all
from shouwang.engine.errors import BadInput, Fault
from shouwang.tables.live import Folder, socket_path

from . import authority
from .prepare import Prepared, tables_of, whole_of
from .supervise import Child, Supervisor, die_with_parent

DISK_MIN_B = 500 * 2**20
THREADS = 3  # of the desk: more only take the interpreter from each other (docs/performance.md)
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
    jt808: int | None = None
    dc09: int | None = None
    telephone: str = ""
    own: bool = False  # certificate: made by the centre's own authority

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
@click.option("--host", default="localhost", show_default=True, help="Host name; any other is served over TLS.")
@click.option("--tls-cert", type=click.Path(path_type=Path), help="Certificate, PEM.  [default: the centre's own]")
@click.option("--tls-key", type=click.Path(path_type=Path), help="Private key, PEM.")
@click.option("--jt808", type=click.IntRange(1, 65535), metavar="PORT",
              help="Hear vehicle terminals on this port (JT/T 808 over TCP).  [default: do not]")
@click.option("--dc09", type=click.IntRange(1, 65535), metavar="PORT",
              help="Hear alarm panels on this port (SIA DC-09 over TCP and UDP).  [default: do not]")
@click.option("--telephone", metavar="HOST:PORT", default="",
              help="Listen to the exchange there (Asterisk AMI).  [default: do not]")
def run(port: int, data: Path | None, district: str, live: bool, no_demo: bool, host: str, tls_cert: Path | None,
        tls_key: Path | None, jt808: int | None, dc09: int | None, telephone: str) -> None:
    """Start the centre.

    SHOUWANG_DATABASE_URL=postgres://USER:PASSWORD@HOST/NAME puts it on PostgreSQL. With --no-demo,
    SHOUWANG_ADMIN_USERNAME and SHOUWANG_ADMIN_PASSWORD name the first administrator without asking. With --telephone,
    SHOUWANG_TELEPHONE_LOGIN=USER:SECRET names the account of the exchange. SHOUWANG_NATS_URL=nats://USER:PASSWORD@HOST
    lets several live processes of one centre hear each other at once (docs/adr/0009). SHOUWANG_MAIL_IN,
    SHOUWANG_MAIL_OUT and SHOUWANG_SMS_OUT say where mail and text messages come from and go to
    (docs/methods/channels.md).
    """
    folder = data or Path("data") / ("centre" if no_demo else district)
    plan = Plan(port, folder.resolve(), district, live, not no_demo, host, tls_cert, tls_key, jt808, dc09,
                telephone)
    held = check(plan)
    plan = with_certificate(plan)
    env = environment(plan)
    if compile_all():
        say("Compiled translations")
    centre = Folder.from_env(env)
    made = None if stands(plan, centre) else Preparation(plan, env)
    if made and Prepared.read(centre).tables != tables_of(centre):
        made.wait()  # once the tables stand, the rest is looked at while the processes begin
    code = Supervisor(children(plan), env, say).run(
        lambda: (made is None or made.done()) and is_up(plan),
        lambda: welcome(plan, Prepared.read(centre).accounts))
    held.close()
    sys.exit(code)


def check(plan: Plan) -> IO[str]:
    """Everything that would stop the centre later, named at once. Returns the open lock on its folder."""
    faults = [*_check_tls(plan), *_check_port(plan), *_check_telephone(plan), *check_nats()]
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
    found = []
    stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
    for option, port, kind in (("--port", plan.port, stream), ("--jt808", plan.jt808, stream),
                               ("--dc09", plan.dc09, stream), ("--dc09", plan.dc09, datagram)):
        with socket.socket(type=kind) as probe:
            if kind == stream:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                if port is not None:
                    probe.bind((plan.bind, port))
            except PermissionError:
                found.append(Fault(option, "only the administrator may use this port", port, "Choose one above 1023."))
            except OSError:
                if found and found[-1].where == option:
                    continue
                remedy = f"Stop what uses it, or choose one with {option} N."
                found.append(Fault(option, "the port is taken", port, remedy))
    if plan.port == plan.jt808:
        found.append(Fault("--jt808", "pages are served on this port", plan.port, "Choose another one."))
    if plan.dc09 and plan.dc09 in (plan.port, plan.jt808):
        found.append(Fault("--dc09", "this port serves something else already", plan.dc09, "Choose another one."))
    return found


def _check_telephone(plan: Plan) -> list[Fault]:
    if not plan.telephone:
        return []
    host, _colon, port = plan.telephone.rpartition(":")
    found = []
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        found.append(Fault("--telephone", "this is no address", plan.telephone, "Write it like 10.0.0.5:5038."))
    user, _colon, secret = os.environ.get("SHOUWANG_TELEPHONE_LOGIN", "").partition(":")
    if not user or not secret:
        found.append(Fault("SHOUWANG_TELEPHONE_LOGIN", "the exchange's account is not given", None,
                           "Set it to USER:SECRET as in the exchange's manager.conf."))
    return found


def check_nats() -> list[Fault]:
    """Its password is not shown."""
    address = urlsplit(os.environ.get("SHOUWANG_NATS_URL", ""))
    if not address.geturl() or (address.scheme in ("nats", "tls") and address.hostname):
        return []
    return [Fault("SHOUWANG_NATS_URL", "this is no address of a NATS server", None,
                  "Write it like nats://USER:PASSWORD@10.0.0.5:4222, or tls:// in place of nats://.")]


def _check_tls(plan: Plan) -> list[Fault]:
    if bool(plan.tls_cert) != bool(plan.tls_key):
        return [Fault("--tls-cert, --tls-key", "one is given without the other", None, "Give both.")]
    if plan.tls_cert is None:
        return []
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(plan.tls_cert, plan.tls_key)
    except OSError as error:  # also what is wrong inside the files
        return [Fault("--tls-cert, --tls-key", f"they cannot be used ({error.strerror or error})", str(plan.tls_cert),
                      "Give a PEM certificate chain and its key.")]
    return []


def with_certificate(plan: Plan) -> Plan:
    """Another host than this machine is served over TLS only: without a certificate from elsewhere, with one of the
    centre's own authority, which is kept fresh as long as the centre runs."""
    if plan.host == "localhost" or plan.tls_cert:
        return plan
    files = authority.certificate(plan.data, plan.host, datetime.now(UTC))
    authority.keep(plan.data, plan.host, say)
    return replace(plan, tls_cert=files.cert, tls_key=files.key, own=True)


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
            "SHOUWANG_HTTPS": "1" if plan.tls_cert else "0", "SHOUWANG_OWN_AUTHORITY": "1" if plan.own else "0",
            "DJANGO_SETTINGS_MODULE": "shouwang.desk.settings",
            "SHOUWANG_WIRE": f"{'https' if plan.tls_cert else 'http'}://127.0.0.1:{plan.port}"}


def stands(plan: Plan, centre: Folder) -> bool:
    """Whether an earlier start made all of this ready. A replay is begun anew each time."""
    whole = whole_of(centre, district=plan.district, live=plan.live, demo=plan.demo)
    return not plan.live and Prepared.read(centre).whole == whole


class Preparation:
    """The database being made ready by a process beside this one."""

    def __init__(self, plan: Plan, env: dict[str, str]) -> None:
        command = [sys.executable, "-m", "shouwang.shell.prepare", "--district", plan.district]
        command += ["--live"] * plan.live + ["--no-demo"] * (not plan.demo)
        parent = os.getpid()
        self._process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True,
                                         preexec_fn=lambda: die_with_parent(parent))
        self._telling = threading.Thread(target=self._tell, daemon=True)
        self._telling.start()

    def wait(self) -> None:
        try:
            self._process.wait()
        except KeyboardInterrupt:
            self._process.terminate()
            say("Stopped. The next start begins where this one ended.")
            sys.exit(130)
        self.done()

    def done(self) -> bool:
        """Whether it is over. What went wrong it has told; then this process ends too."""
        if self._process.poll() is None:
            return False
        self._telling.join()
        if self._process.returncode:
            sys.exit(2)
        return True

    def _tell(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            say(line.rstrip("\n"))


def children(plan: Plan) -> list[Child]:
    desk = socket_path(plan.data, "desk")
    python = [sys.executable, "-m"]
    tls = ["--tls-cert", str(plan.tls_cert), "--tls-key", str(plan.tls_key)] if plan.tls_cert else []
    ports = {"--jt808": plan.jt808, "--dc09": plan.dc09}
    devices = [word for option, port in ports.items() if port for word in (option, str(port))]
    devices += ["--telephone", plan.telephone] if plan.telephone else []
    found = [
        Child("desk", [*python, "granian", "--interface", "wsgi", "--factory", "--uds", desk,
                       "--uds-permissions", "600", "--workers", "1", "--blocking-threads", str(THREADS),
                       "--http", "1", "--no-ws", "--log-level", "error", "shouwang.shell.serve:application"],
              socket=Path(desk)),
        Child("wire", [*python, "shouwang.wire", "--bind", plan.bind, "--port", str(plan.port), *tls, *devices]),
    ]
    if importlib.util.find_spec("shouwang.desk.worker"):
        found.append(Child("worker", [*python, "shouwang.desk.worker"], late=True))
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


def welcome(plan: Plan, accounts: Sequence[dict[str, str]]) -> None:
    say("Everything is up")
    lines = [f"\n守望 Shouwang  {plan.address}\n"]
    if accounts:
        lines.append(f"演示账号 Demo accounts, 密码 password {accounts[0]['password']}")
        lines += [f"  {a['username']:<12}{a['zh']} {a['en']}" for a in accounts]
    if plan.own:
        lines.append(f"\n手机先装本中心证书 Phones install its certificate first  {plan.address}trust/")
    lines.append("\nCtrl-C 停止 ends it.")
    print("\n".join(lines), flush=True)


def say(line: str) -> None:
    """A line of progress with the seconds since the start."""
    print(f"[{time.monotonic() - BEGAN_S:6.1f} s] {line}", file=sys.stderr, flush=True)
