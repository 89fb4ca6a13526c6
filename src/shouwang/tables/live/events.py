"""The log as the live process reads it: new events, screens' cards, ended access, who is on duty."""
from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from .centre import Database
from .panels import Panel, unwrap_key
from .positions import Rules

BATCH = 500


@dataclass(frozen=True, slots=True)
class LogEvent:
    """`payload` and `at` are ready to be sent: JSON text and ISO time in UTC."""

    seq: int
    kind: str
    subject_kind: str
    subject: str
    area: str
    may: str
    at: str
    payload: str


@dataclass(frozen=True, slots=True)
class LogCard:
    """A subject's newest picture as JSON text ("null": it left the screens)."""

    seq: int
    kind: str
    subject: str
    area: str
    may: str
    body: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject}"


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A unit with an open span in the duty ledger. `since_ms`: start of the earliest one, ms since 1970."""

    area: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class Terminal:
    """A vehicle terminal that an administrator has registered. `unit`: whose car it is in; "" for a third party's.
    `device`: the mark that its registration must name, "" for any."""

    id: UUID
    unit: str
    device: str


class LogReader:
    """Reads one database on one connection. The caller keeps the cursor."""

    def __init__(self, url: str) -> None:
        self._db = Database(url, read_only=True)

    def close(self) -> None:
        self._db.close()

    def head(self) -> int:
        """The newest sequence number, 0 when nothing has happened."""
        found = self._db.rows("SELECT seq FROM log_head WHERE id = 1")
        return int(found[0][0]) if found else 0

    def after(self, seq: int, limit: int = BATCH) -> tuple[list[LogEvent], list[LogCard]]:
        """The next events, oldest first, and the cards they changed, each in its newest state."""
        rows = self._db.rows(
            "SELECT seq, kind, subject_kind, subject, area, may, at, CAST(payload AS text) FROM log_event "
            "WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))
        events = [LogEvent(number, kind, subject_kind, subject, area, may, _iso(at), payload or "null")
                  for number, kind, subject_kind, subject, area, may, at, payload in rows]
        return events, self._cards(seq, events[-1].seq) if events else []

    def shown(self) -> list[LogCard]:
        """Every card on the screens now."""
        return [card for card in self._cards(0, sys.maxsize) if card.body != "null"]

    def ended_since(self, at: datetime) -> dict[str, int]:
        """user id → number of the last event since `at` that ended their access."""
        rows = self._db.rows("SELECT subject, max(seq) FROM log_event "
                             "WHERE kind = 'access.ended' AND at >= ? GROUP BY subject", (self._db.time(at),))
        return {str(subject): int(seq) for subject, seq in rows}

    def on_duty(self) -> dict[str, OnDuty]:
        """unit id → its open duty."""
        rows = self._db.rows(
            "SELECT d.unit_id, u.area, min(d.on_at) FROM units_duty d JOIN units_unit u ON u.id = d.unit_id "
            "WHERE d.off_at IS NULL GROUP BY d.unit_id, u.area")
        return {str(UUID(str(unit))): OnDuty(area, _ms(on_at)) for unit, area, on_at in rows}

    def rules(self) -> Rules:
        """What the centre's settings say about positions. What nobody has changed is not in the table."""
        names = {f"position_{f.name}": f.name for f in fields(Rules)}
        rows = self._db.rows("SELECT key, CAST(value AS text) FROM workflow_setting")
        return Rules(**{names[key]: json.loads(value) for key, value in rows if key in names})

    def terminals(self) -> dict[str, Terminal]:
        """Number → terminal, of those in use. One whose unit is given up is none."""
        rows = self._db.rows(
            "SELECT t.number, t.id, t.unit_id, t.device FROM alarms_terminal t "
            "LEFT JOIN units_unit u ON u.id = t.unit_id WHERE t.active AND (t.unit_id IS NULL OR u.active)")
        return {number: Terminal(UUID(str(key)), str(UUID(str(unit))) if unit else "", device)
                for number, key, unit, device in rows}

    def panels(self, secret: str) -> dict[str, Panel]:
        """Account → panel, of those in use at a site that stands. `secret`: under which their keys lie. A panel whose
        key cannot be opened is none: taken without it, anybody could speak for it."""
        rows = self._db.rows(
            "SELECT p.account, p.id, p.key, p.supervise_s FROM alarms_panel p JOIN sites_site s ON s.id = p.site "
            "WHERE p.active AND s.closed_at IS NULL")
        found = {}
        for account, key, wrapped, supervise_s in rows:
            with suppress(ValueError):
                panel = UUID(str(key))
                found[account] = Panel(panel, unwrap_key(secret, panel, bytes(wrapped)), supervise_s)
        return found

    def off_since_ms(self, unit: str) -> int:
        """When the unit's last duty ended, ms since 1970; 0 if it never had one."""
        try:
            key = UUID(unit)
        except ValueError:  # no unit of ours
            return 0
        found = self._db.rows("SELECT max(off_at) FROM units_duty WHERE unit_id = ?", (self._db.uuid(key),))[0][0]
        return _ms(found) if found else 0

    def _cards(self, after: int, up_to: int) -> list[LogCard]:
        rows = self._db.rows("SELECT seq, kind, subject, area, may, CAST(body AS text) FROM log_card "
                             "WHERE seq > ? AND seq <= ? ORDER BY seq", (after, up_to))
        return [LogCard(seq, kind, subject, area, may, body or "null")
                for seq, kind, subject, area, may, body in rows]


def named_units(event: LogEvent) -> frozenset[str]:
    """The units that an event is about: its subject, or `unit` and `units` of its payload where these are ids."""
    named = {event.subject} if event.subject_kind == "unit" else set()
    if '"unit' in event.payload:
        payload: Any = json.loads(event.payload)
        one, many = (payload.get("unit"), payload.get("units")) if isinstance(payload, dict) else (None, None)
        named.update(unit for unit in [one, *(many if isinstance(many, list) else [])] if isinstance(unit, str))
    return frozenset(named)


def _moment(value: str | datetime) -> datetime:
    """SQLite keeps text in UTC without a zone, PostgreSQL gives times with one."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _iso(value: str | datetime) -> str:
    return _moment(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ms(value: str | datetime) -> int:
    return int(_moment(value).timestamp() * 1000)
