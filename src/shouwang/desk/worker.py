"""`python -m shouwang.desk.worker`: what a centre does by itself, in one process.

Each duty has a thread of its own, so that a long forecast does not hold up the sealing of the log. A duty
that fails writes one line and is tried again. A datagram that says "the log has grown" wakes the duties
that wait for it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import django

STOP_S = 4.0  # for work under way when the process is told to end
REST_S = 0.2  # between two looks of a duty, however often it is woken: of many events it sees several at once
SWITCH_S = 0.0005  # until a thread at work lets another have the interpreter; who writes asks for it at each statement
log = logging.getLogger("shouwang.worker")


@dataclass
class Duty:
    """`work` is called every `every_s` seconds, at once again while it returns True, and with `on_events`
    also when the log has grown."""

    name: str
    every_s: float
    work: Callable[[], bool]
    on_events: bool = False
    woken: threading.Event = field(default_factory=threading.Event)

    def run(self, stop: threading.Event) -> None:
        from django.db import connection

        while not stop.is_set():
            again = False
            try:
                again = self.work()
            except Exception as error:  # nothing ends the worker but its supervisor
                log.error("%s: %s: %s", self.name, type(error).__name__, str(error).strip().replace("\n", " "))
                log.debug("%s", self.name, exc_info=True)
                with suppress(Exception):
                    connection.close()  # the next try begins with a fresh one
            if not again:
                stop.wait(REST_S)
                self.woken.wait(self.every_s)
                self.woken.clear()
        connection.close()


def duties() -> list[Duty]:
    """Everything the worker does."""
    from django.utils import timezone

    from shouwang.desk.alarms import actions as alarms
    from shouwang.desk.alarms import signals, silence
    from shouwang.desk.analysis.advice import record
    from shouwang.desk.beats import jobs as beats
    from shouwang.desk.calls import jobs as calls
    from shouwang.desk.calls.actions import watch as standards
    from shouwang.desk.channels import jobs as channels
    from shouwang.desk.closures import actions as closures
    from shouwang.desk.drill import playing
    from shouwang.desk.events import actions as events
    from shouwang.desk.exchange import sending
    from shouwang.desk.linked import actions as linked
    from shouwang.desk.log import reactions, retention, sealing
    from shouwang.desk.matters import actions as matters
    from shouwang.desk.mediation import actions as mediation
    from shouwang.desk.patrol import jobs, seeing
    from shouwang.desk.places import uploads
    from shouwang.desk.quality import actions as quality
    from shouwang.desk.roster import actions as presences
    from shouwang.desk.roster import jobs as rosters
    from shouwang.desk.volunteers import actions as volunteers
    from shouwang.desk.whatif import jobs as whatif

    def seal() -> bool:
        sealing.seal_up_to_now(timezone.now())
        return False

    def delete() -> bool:
        retention.delete_due(timezone.now())
        uploads.delete_old(timezone.now())
        return False

    def take_alarms() -> bool:
        return alarms.take_in(timezone.now()) + signals.take_in(timezone.now()) > 0

    player = playing.Player()
    return [
        Duty("alarms", 0.5, take_alarms, on_events=True),
        Duty("silence", 30.0, lambda: silence.look(timezone.now()) > 0),
        Duty("seal", 5.0, seal),
        Duty("reactions", 1.0, lambda: reactions.run() > 0, on_events=True),
        Duty("jobs", 1.0, lambda: jobs.run_one(timezone.now()), on_events=True),
        Duty("measures", 600.0, lambda: calls.run_one(timezone.now())),
        Duty("standards", 2.0, lambda: standards(timezone.now()) > 0),
        Duty("seen", 600.0, lambda: seeing.run_one(timezone.now())),
        Duty("whatif", 1.0, lambda: whatif.run_one(timezone.now()), on_events=True),
        Duty("beats", 1.0, lambda: beats.run_one(timezone.now()), on_events=True),
        Duty("rosters", 1.0, lambda: rosters.run_one(timezone.now()), on_events=True),
        Duty("presence", 60.0, lambda: presences.end_forgotten(timezone.now()) > 0),
        Duty("desks", 60.0, lambda: presences.watch_desks(timezone.now()) > 0),
        Duty("analysis", 60.0, record.prepare),
        Duty("imports", 1.0, lambda: uploads.run_one(timezone.now()), on_events=True),
        Duty("matters", 30.0, lambda: matters.watch(timezone.now()) | matters.watch_parts(timezone.now())),
        Duty("mediation", 60.0, lambda: mediation.watch(timezone.now())),
        Duty("closures", 5.0, lambda: closures.end_due(timezone.now()) > 0),
        Duty("events", 5.0, lambda: events.late_due(timezone.now()) + events.write_outbox(timezone.now()) > 0),
        Duty("linked", 5.0, lambda: linked.pass_up_late(timezone.now()) > 0),
        Duty("exchange", 1.0, lambda: sending.send_due(timezone.now()), on_events=True),
        Duty("messages", 2.0, lambda: volunteers.deliver(timezone.now()), on_events=True),
        Duty("notices", 5.0, lambda: volunteers.words_due(timezone.now())),
        Duty("telephone", 0.5, lambda: channels.hear(timezone.now()), on_events=True),
        Duty("channels", 5.0, lambda: channels.look(timezone.now()), on_events=True),
        Duty("mail", 20.0, lambda: channels.mail(timezone.now())),
        Duty("lots", 900.0, lambda: channels.lots(timezone.now())),
        Duty("quality", 60.0, lambda: quality.look_if_due(timezone.now())),
        Duty("retention", 3600.0, delete),
        Duty("replay", 0.5, lambda: player.step(timezone.now())),
    ]


def serve(found: Sequence[Duty], path: str, stop: threading.Event) -> None:
    """Runs the duties until `stop` is set, passing on what arrives at the datagram socket `path`."""
    threads = [threading.Thread(target=d.run, args=(stop,), name=d.name, daemon=True) for d in found]
    Path(path).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mailbox:
        mailbox.bind(path)
        os.chmod(path, 0o600)
        mailbox.settimeout(0.5)
        for thread in threads:
            thread.start()
        while not stop.is_set():
            with suppress(TimeoutError):
                mailbox.recv(64)
                for duty in found:
                    if duty.on_events:
                        duty.woken.set()
    Path(path).unlink(missing_ok=True)
    for duty in found:
        duty.woken.set()
    for thread in threads:
        thread.join(STOP_S / len(threads))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwang.desk.settings")
    django.setup()
    sys.setswitchinterval(SWITCH_S)
    from django.conf import settings

    from shouwang.tables.live import wake_path

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve(duties(), wake_path(settings.CONFIG.data, "worker"), stop)


if __name__ == "__main__":
    main()
