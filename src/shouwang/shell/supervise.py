"""Starts the processes of a centre, starts again what ends by itself, and leaves none behind."""
from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

STOP_S = 5.0  # then a process that has not ended by itself is killed
LOOK_S = 0.2
BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_S = 60.0  # after so long a process counts as sound again
TRIES = 4  # a process that ends so often before the centre is up will not get better by itself
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)

Say = Callable[[str], None]


def die_with_parent(parent: int, with_signal: int = signal.SIGTERM) -> None:
    """Asks the kernel to end this process when its parent ends, however that ends. Linux only; elsewhere nothing."""
    if sys.platform == "linux":
        _libc.prctl(_PR_SET_PDEATHSIG, with_signal)
        if os.getppid() != parent:  # it ended before it was asked
            os._exit(1)


@dataclass
class Child:
    """One process to be kept running."""

    name: str
    command: Sequence[str]
    socket: Path | None = None  # its own: one left by a killed process would keep the next from listening
    late: bool = False  # begins when the centre is up, so that it does not hold that up
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    ends: int = 0  # in a row, without a steady time between
    start_at_s: float = 0.0

    def start(self, env: Mapping[str, str]) -> None:
        parent = os.getpid()
        if self.socket:
            self.socket.unlink(missing_ok=True)
        # A session of its own: Ctrl-C reaches the supervisor alone, which then ends each in order.
        self.process = subprocess.Popen(self.command, env=env, stdin=subprocess.DEVNULL, start_new_session=True,
                                        preexec_fn=lambda: die_with_parent(parent))
        self.started_s = time.monotonic()

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def why(self) -> str:
        code = self.process.returncode if self.process else 0
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit {code}"


class Supervisor:
    """`on_up` is called once, when `is_up` first answers yes."""

    def __init__(self, children: Sequence[Child], env: Mapping[str, str], say: Say) -> None:
        self._children = children
        self._env = env
        self._say = say
        self._stop = threading.Event()

    def run(self, is_up: Callable[[], bool], on_up: Callable[[], None]) -> int:
        """Runs until told to stop. Returns the exit code: 1 if the centre could not be brought up."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._told)
        up = False
        try:
            for child in self._children:
                if not child.late:
                    child.start(self._env)
            while not self._stop.wait(LOOK_S):
                if not up and is_up():
                    up = True
                    on_up()
                for child in self._children:
                    if (up or not child.late) and not self._keep(child, up):
                        return 1
            return 0
        finally:
            self.end()

    def end(self) -> None:
        """Ends every process and whatever it started: asked first, killed after STOP_S."""
        running = [c for c in self._children if c.process is not None]
        for child in running:
            _send(child.pid, signal.SIGTERM)
        until_s = time.monotonic() + STOP_S
        for child in running:
            try:
                child.process.wait(max(0.0, until_s - time.monotonic()))  # type: ignore[union-attr]
            except subprocess.TimeoutExpired:
                self._say(f"{child.name} does not end; killing it")
            _send(child.pid, signal.SIGKILL, group=True)  # also what it may have left behind
            child.process.wait()  # type: ignore[union-attr]

    def _keep(self, child: Child, up: bool) -> bool:
        """Starts the child again if it ended, after a pause that grows. False when there is no use in it."""
        now_s = time.monotonic()
        if child.process is None:
            if now_s >= child.start_at_s:
                child.start(self._env)
        elif child.has_ended():
            child.ends = 1 if now_s - child.started_s > STEADY_S else child.ends + 1
            if not up and child.ends >= TRIES:
                self._say(f"{child.name} does not start ({child.why()}); its messages above say why")
                return False
            pause_s = BACK_OFF_S[min(child.ends, len(BACK_OFF_S)) - 1]
            self._say(f"{child.name} ended ({child.why()}); starting it again in {pause_s:g} s")
            _send(child.pid, signal.SIGKILL, group=True)  # its own children must not hold its socket
            child.process, child.start_at_s = None, now_s + pause_s
        return True

    def _told(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()


def _send(pid: int, number: int, *, group: bool = False) -> None:
    with contextlib.suppress(ProcessLookupError):
        (os.killpg if group else os.kill)(pid, number)
