"""Alarms on their way to the desk. Wire puts each into a table of desk's before it answers; desk's worker makes calls
of them. An alarm that was answered is on the disk."""
from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from .centre import Centre, Database, secret, wake_path
from .panels import Signal
from .rings import KEY, RingEvent, mark_of, wrap_number

SENT_AGAIN_MS = 300_000
EXCHANGE = "exchange"


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
        self._data = centre.data

    def put(self, alarm: Alarm) -> None:
        """Stores an alarm for good, and wakes the worker."""
        given = [self._time(ms) for ms in (alarm.at_device_ms, alarm.received_ms)]
        with self._db.transaction():
            self._db.run("INSERT INTO alarms_alarm (id, terminal_id, at_device, received_at, lon, lat) "
                         "VALUES (?, ?, ?, ?, ?, ?)",
                         (self._db.uuid(alarm.id), self._db.uuid(alarm.terminal), *given, alarm.lon, alarm.lat))
        self._tell()

    def put_signals(self, signals: Sequence[Signal]) -> None:
        """Stores signals of panels for good, all or none, and wakes the worker. One that stands already, the same
        sequence number, code and zone of a panel within SENT_AGAIN, is one sent again: the process ended between
        storing and answering it."""
        fresh = {(s.panel, s.sequence, s.code, s.zone, s.id if not s.sequence else None): s
                 for s in signals if not self._stands(s)}
        with self._db.transaction():
            self._db.run_many(
                "INSERT INTO alarms_signal (id, panel_id, sequence, code, zone, severity, at_device, received_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(self._db.uuid(s.id), self._db.uuid(s.panel), s.sequence, s.code, s.zone, s.severity,
                  self._time(s.at_device_ms), self._time(s.received_ms)) for s in fresh.values()])
        self._tell()

    def _stands(self, s: Signal) -> bool:
        """Asked outside the transaction: nobody else writes signals."""
        return s.sequence > 0 and bool(self._db.rows(
            "SELECT 1 FROM alarms_signal WHERE panel_id = ? AND sequence = ? AND code = ? AND zone = ? "
            "AND received_at > ? LIMIT 1", (self._db.uuid(s.panel), s.sequence, s.code, s.zone,
                                            self._time(s.received_ms - SENT_AGAIN_MS))))

    def put_heard(self, heard: Mapping[UUID, int]) -> None:
        """Writes down when panels were last heard, ms since 1970."""
        with self._db.transaction():
            self._db.run_many(
                "INSERT INTO alarms_hearing (panel_id, heard_at) VALUES (?, ?) "
                "ON CONFLICT (panel_id) DO UPDATE SET heard_at = excluded.heard_at",
                [(self._db.uuid(panel), self._time(ms)) for panel, ms in sorted(heard.items())])

    def put_rings(self, events: Sequence[RingEvent]) -> None:
        """Stores what the exchange tells for good, all or none, and wakes the worker."""
        key = secret(self._data, KEY)
        with self._db.transaction():
            self._db.run_many(
                "INSERT INTO channels_ringevent (id, kind, unique_no, line, seat, number, mark, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(self._db.uuid(e.id), e.kind, e.unique, e.line, e.seat, wrap_number(key, e.id, e.number),
                  mark_of(key, e.number), self._time(e.at_ms)) for e in events])
        self._tell()

    def put_line(self, up: bool, at_ms: int) -> None:
        """Writes down whether the exchange is heard, and wakes the worker when that changed."""
        before = self._db.rows("SELECT up FROM channels_line WHERE name = ?", (EXCHANGE,))
        with self._db.transaction():
            if up:
                self._db.run("INSERT INTO channels_line (name, up, heard_at) VALUES (?, ?, ?) "
                             "ON CONFLICT (name) DO UPDATE SET up = excluded.up, heard_at = excluded.heard_at",
                             (EXCHANGE, True, self._time(at_ms)))
            else:
                self._db.run("INSERT INTO channels_line (name, up, heard_at) VALUES (?, ?, ?) "
                             "ON CONFLICT (name) DO UPDATE SET up = excluded.up", (EXCHANGE, False, self._time(at_ms)))
        if not before or bool(before[0][0]) != up:
            self._tell()

    def close(self) -> None:
        self._db.close()

    def _time(self, ms: int | None) -> object:
        return None if ms is None else self._db.time(datetime.fromtimestamp(ms / 1000, UTC))

    def _tell(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mailbox, suppress(OSError):
            mailbox.setblocking(False)
            mailbox.sendto(b"alarm", self._wake)  # only a hint: the worker looks by itself too
