"""Alarms on their way to the desk. Wire puts each into a table of desk's before it answers; desk's worker makes calls
of them. An alarm that was answered is on the disk."""
from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from .centre import Centre, Database, wake_path


@dataclass(frozen=True, slots=True)
class Alarm:
    """A cry for help from a vehicle terminal. `id`: the future call's. Times in ms since 1970: the device's own clock,
    None where it gives none, and this machine's. Without a place the device did not know it."""

    id: UUID
    terminal: UUID
    at_device_ms: int | None
    received_ms: int
    lon: float | None = None
    lat: float | None = None


class Inbox:
    """One connection for writing alarms. Not for use by two threads at once."""

    def __init__(self, centre: Centre) -> None:
        self._db = Database(centre.database_url)
        if self._db.is_sqlite:
            self._db.run("PRAGMA synchronous=FULL")
        self._wake = wake_path(centre.data, "worker")

    def put(self, alarm: Alarm) -> None:
        """Stores an alarm for good, and wakes the worker."""
        given = [None if ms is None else self._db.time(datetime.fromtimestamp(ms / 1000, UTC))
                 for ms in (alarm.at_device_ms, alarm.received_ms)]
        self._db.run("INSERT INTO alarms_alarm (id, terminal_id, at_device, received_at, lon, lat) "
                     "VALUES (?, ?, ?, ?, ?, ?)",
                     (self._db.uuid(alarm.id), self._db.uuid(alarm.terminal), *given, alarm.lon, alarm.lat))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mailbox, suppress(OSError):
            mailbox.setblocking(False)
            mailbox.sendto(b"alarm", self._wake)  # only a hint: the worker looks by itself too

    def close(self) -> None:
        self._db.close()
