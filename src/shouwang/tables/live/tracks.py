"""Where units are and were. SQLite: the file tracks.sqlite3 beside desk's; PostgreSQL: the schema `live`.

Positions are not events: they are many, short-lived and personal, so they lie apart and are deleted in time.
"""
from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

from .centre import Centre, Database, sqlite_file
from .positions import Position, Rules, believed

FILE = "tracks.sqlite3"
_PLACE = ("unit text NOT NULL", "at_ms bigint NOT NULL", "lon float NOT NULL", "lat float NOT NULL", "speed_m_s float",
          "course_deg float")
_MORE = ("source text NOT NULL DEFAULT ''", "jump boolean NOT NULL DEFAULT false")  # came later than the others
_COLUMNS = ", ".join(Position._fields)
_INSERT = f"({_COLUMNS}) VALUES ({', '.join('?' * len(Position._fields))}) ON CONFLICT"
_TABLES = {"track": "unit, at_ms", "last": "unit, source"}  # name → key


class TrackStore:
    """One connection to the tracks, made with its tables at first use."""

    def __init__(self, centre: Centre) -> None:
        sqlite = sqlite_file(centre.database_url) is not None
        self._db = db = Database(f"sqlite://{centre.data / FILE}" if sqlite else centre.database_url)
        if sqlite:
            db.run("PRAGMA synchronous=NORMAL")  # outlives a crash, not a power cut: docs/adr/0002
            db.run("PRAGMA secure_delete=FAST")
            with db.transaction():
                self._make(" WITHOUT ROWID")
        else:
            db.run("SET search_path TO live")
            with db.transaction():
                db.run("SELECT pg_advisory_xact_lock(808)")  # two processes may start at once
                db.run("CREATE SCHEMA IF NOT EXISTS live")
                self._make()

    def _make(self, end: str = "") -> None:
        """The tables as they are now. Of an older version's, tracks are kept; last positions come by themselves."""
        for name, key in _TABLES.items():
            made = f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(_PLACE + _MORE)}, PRIMARY KEY ({key})){end}"
            self._db.run(made)
            if "source" not in self._db.columns(name):
                if name == "last":
                    self._db.run("DROP TABLE last")
                    self._db.run(made)
                else:
                    for column in _MORE:
                        self._db.run(f"ALTER TABLE {name} ADD COLUMN {column}")

    def write(self, positions: Iterable[Position]) -> None:
        """Stores positions in one transaction. A repeated one is kept once; of each source, a unit's newest is its
        last."""
        rows = sorted(positions, key=lambda p: p[:2])  # in the key's order: its pages are touched once
        newest = {(p.unit, p.source): p for p in rows}
        with self._db.transaction():
            self._db.run_many(f"INSERT INTO track {_INSERT} DO NOTHING", rows)
            self._db.run_many(
                f"INSERT INTO last {_INSERT} (unit, source) DO UPDATE SET at_ms = excluded.at_ms, "
                "lon = excluded.lon, lat = excluded.lat, speed_m_s = excluded.speed_m_s, "
                "course_deg = excluded.course_deg, jump = excluded.jump WHERE excluded.at_ms > last.at_ms",
                newest.values())

    def end(self, unit: str, off_ms: int) -> None:
        """A unit went off duty: it has no last position, and whatever came in after that moment goes."""
        with self._db.transaction():
            self._db.run("DELETE FROM last WHERE unit = ?", (unit,))
            self._db.run("DELETE FROM track WHERE unit = ? AND at_ms > ?", (unit, off_ms))

    def newest(self, units: Collection[str] | None = None, *, since_ms: int = 0) -> list[Position]:
        """The newest position of each source of each unit on duty, if it is from `since_ms` or later."""
        some = "" if units is None else f" AND unit IN ({', '.join('?' * len(units))})"
        if units is not None and not units:
            return []
        return self._positions("last", f"at_ms >= ?{some}", (since_ms, *(units or ())))

    def last(self, units: Collection[str] | None = None, rules: Rules | None = None) -> dict[str, Position]:
        """unit → the one of its newest positions that is to be shown."""
        found: dict[str, list[Position]] = {}
        for p in self.newest(units):
            found.setdefault(p.unit, []).append(p)
        return {unit: believed(of_unit, rules or Rules()) for unit, of_unit in found.items()}

    def of(self, unit: str, start_ms: int, end_ms: int) -> list[Position]:
        return self._positions("track", "unit = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms",
                               (unit, start_ms, end_ms))

    def _positions(self, table: str, which: str, values: tuple[object, ...]) -> list[Position]:
        rows = self._db.rows(f"SELECT {_COLUMNS} FROM {table} WHERE {which}", values)  # noqa: S608 - words of this file
        return [Position(*row)._replace(jump=bool(row[-1])) for row in rows]

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


def last_positions(centre: Centre, units: Collection[str] | None = None,
                   rules: Rules | None = None) -> dict[str, Position]:
    """unit id → where it is, for those on duty that have told it; of `units` alone if they are given."""
    return _store(centre).last(units, rules)


def tracks_of(centre: Centre, unit: str, start: datetime, end: datetime) -> list[Position]:
    """A unit's positions from `start` until before `end`, oldest first. The caller logs who asked and why."""
    return _store(centre).of(unit, int(start.timestamp() * 1000), int(end.timestamp() * 1000))


def delete_tracks_before(centre: Centre, at: datetime) -> int:
    """Deletes what is older than `at`. Returns the number of positions deleted."""
    return _store(centre).delete_before(int(at.timestamp() * 1000))
