"""Where units are and were. SQLite: the file tracks.sqlite3 beside desk's; PostgreSQL: the schema `live`.

Positions are not events: they are many, short-lived and personal, so they lie apart and are deleted in time.
"""
from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from .centre import Centre, Database, sqlite_file

FILE = "tracks.sqlite3"
_PLACE = "at_ms bigint NOT NULL, lon float NOT NULL, lat float NOT NULL, speed_m_s float, course_deg float"
_TABLES = (f"CREATE TABLE IF NOT EXISTS track (unit text NOT NULL, {_PLACE}, PRIMARY KEY (unit, at_ms))",
           f"CREATE TABLE IF NOT EXISTS last (unit text PRIMARY KEY, {_PLACE})")


class Position(NamedTuple):
    """Where a unit was. `at_ms`: the device's time, ms since 1970; WGS 84; course clockwise from north."""

    unit: str
    at_ms: int
    lon: float
    lat: float
    speed_m_s: float | None = None
    course_deg: float | None = None

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)


class TrackStore:
    """One connection to the tracks, made with its tables at first use."""

    def __init__(self, centre: Centre) -> None:
        sqlite = sqlite_file(centre.database_url) is not None
        self._db = db = Database(f"sqlite://{centre.data / FILE}" if sqlite else centre.database_url)
        if sqlite:
            db.run("PRAGMA synchronous=NORMAL")  # outlives a crash, not a power cut: docs/adr/0002
            db.run("PRAGMA secure_delete=FAST")
            for table in _TABLES:
                db.run(table + " WITHOUT ROWID")
        else:
            db.run("SET search_path TO live")
            with db.transaction():
                db.run("SELECT pg_advisory_xact_lock(808)")  # two processes may start at once
                for statement in ("CREATE SCHEMA IF NOT EXISTS live", *_TABLES):
                    db.run(statement)

    def write(self, positions: Iterable[Position]) -> None:
        """Stores positions in one transaction. A repeated one is kept once; a unit's newest is its last."""
        rows = sorted(positions, key=lambda p: p[:2])  # in the key's order: its pages are touched once
        newest = {p.unit: p for p in rows}
        with self._db.transaction():
            self._db.run_many("INSERT INTO track VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)
            self._db.run_many(
                "INSERT INTO last VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (unit) DO UPDATE SET "
                "at_ms = excluded.at_ms, lon = excluded.lon, lat = excluded.lat, "
                "speed_m_s = excluded.speed_m_s, course_deg = excluded.course_deg "
                "WHERE excluded.at_ms > last.at_ms", newest.values())

    def end(self, unit: str, off_ms: int) -> None:
        """A unit went off duty: it has no last position, and whatever came in after that moment goes."""
        with self._db.transaction():
            self._db.run("DELETE FROM last WHERE unit = ?", (unit,))
            self._db.run("DELETE FROM track WHERE unit = ? AND at_ms > ?", (unit, off_ms))

    def last(self, units: Collection[str] | None = None) -> dict[str, Position]:
        if units is None:
            rows = self._db.rows("SELECT * FROM last")
        else:
            rows = self._db.rows(f"SELECT * FROM last WHERE unit IN ({', '.join('?' * len(units))})",  # noqa: S608
                                 tuple(units)) if units else []
        return {row[0]: Position(*row) for row in rows}

    def of(self, unit: str, start_ms: int, end_ms: int) -> list[Position]:
        rows = self._db.rows("SELECT * FROM track WHERE unit = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms",
                             (unit, start_ms, end_ms))
        return [Position(*row) for row in rows]

    def units(self) -> list[str]:
        """Units with tracks, found by steps through the key instead of a look at every row."""
        return [row[0] for row in self._db.rows(
            "WITH RECURSIVE step(unit) AS (SELECT min(unit) FROM track UNION ALL "
            "SELECT (SELECT min(unit) FROM track WHERE unit > step.unit) FROM step WHERE unit IS NOT NULL) "
            "SELECT unit FROM step WHERE unit IS NOT NULL")]

    def delete_before(self, at_ms: int) -> int:
        return sum(self._db.run("DELETE FROM track WHERE unit = ? AND at_ms < ?", (unit, at_ms))
                   for unit in self.units())

    def close(self) -> None:
        self._db.close()


_mine = threading.local()


def _store(centre: Centre) -> TrackStore:
    """This thread's store: threads share no connection. A file that was replaced is opened anew."""
    path = Path(centre.data) / FILE
    inode = path.stat().st_ino if path.exists() else 0
    held: dict[tuple[Path, str], tuple[int, TrackStore]] = _mine.__dict__.setdefault("stores", {})
    key = (centre.data, centre.database_url)
    if key not in held or held[key][0] != inode:
        if key in held:
            held[key][1].close()
        store = TrackStore(centre)
        held[key] = (path.stat().st_ino if path.exists() else 0, store)
    return held[key][1]


def close_connections() -> None:
    """Closes this thread's connections; the next question opens one anew."""
    for _, store in _mine.__dict__.pop("stores", {}).values():
        store.close()


def last_positions(centre: Centre, units: Collection[str] | None = None) -> dict[str, Position]:
    """unit id → its newest position, for those on duty that have sent one; of `units` alone if they are given."""
    return _store(centre).last(units)


def tracks_of(centre: Centre, unit: str, start: datetime, end: datetime) -> list[Position]:
    """A unit's positions from `start` until before `end`, oldest first. The caller logs who asked and why."""
    return _store(centre).of(unit, int(start.timestamp() * 1000), int(end.timestamp() * 1000))


def delete_tracks_before(centre: Centre, at: datetime) -> int:
    """Deletes what is older than `at`. Returns the number of positions deleted."""
    return _store(centre).delete_before(int(at.timestamp() * 1000))
