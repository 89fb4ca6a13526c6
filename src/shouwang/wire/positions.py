"""Positions: taken only from units on duty, checked, kept in batches, told to screens once a second at most.

A unit may have several sources, its vehicle's terminal and its crew's phones. All they tell is kept; shown is one of
them (tables/live/positions.py)."""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from shouwang.tables.live import PHONE, Position, Rules, Ticket
from shouwang.tables.live.events import OnDuty
from shouwang.tables.live.positions import believed
from shouwang.tables.live.tickets import ANY_UNIT

from .hub import Hub, Stream, told
from .jumps import Trail

MAY = "position.live"
FUTURE_MS = 60_000
OLD_MS = 3_600_000
PHONE_OLD_MS = 12 * OLD_MS  # a phone keeps what it could not send for a long shift (phone/position.js)
UNWRITTEN = 200_000  # kept in memory while the disk refuses; then the oldest go


class Refusal(Exception):
    """Why a position is not taken; its text is the word in the answer."""


class Positions:
    def __init__(self, hub: Hub) -> None:
        self.on_duty: dict[str, OnDuty] = {}
        self.last: dict[str, Position] = {}  # shown
        self.rules = Rules()
        self._hub = hub
        self._newest: dict[str, dict[str, Position]] = {}  # unit → source → position
        self._trails: dict[tuple[str, str], Trail] = {}
        self._moved: set[str] = set()
        self._untold: dict[tuple[str, str], Position] = {}  # what other live processes have not been told
        self._unwritten: list[Position] = []

    def take(self, ticket: Ticket, given: list[Any], now_ms: int) -> dict[str, Any]:
        """Takes what can be taken of `given`. Returns how many were accepted and refused, and why."""
        why: Counter[str] = Counter()
        for raw in given:
            try:
                self._accept(self._checked(ticket, raw, now_ms))
            except Refusal as refusal:
                why[str(refusal)] += 1
        return {"accepted": len(given) - why.total(), "refused": why.total(), "why": dict(why)}

    def take_one(self, position: Position, now_ms: int) -> None:
        """Takes what a vehicle's terminal told. Refusal says why not."""
        self._accept(self._sound(position, now_ms))

    def _checked(self, ticket: Ticket, raw: Any, now_ms: int) -> Position:
        if not isinstance(raw, dict):
            raise Refusal("not_a_position")
        unit = str(raw.get("unit", "")) if ticket.unit == ANY_UNIT else ticket.unit
        if unit not in self.on_duty:
            raise Refusal("off_duty")
        lon, lat, at_ms = _number(raw.get("lon")), _number(raw.get("lat")), _time_ms(raw.get("at"))
        if lon is None or lat is None:
            raise Refusal("bad_place")
        if at_ms is None:
            raise Refusal("bad_time")
        source = "" if ticket.unit == ANY_UNIT else PHONE
        found = Position(unit, at_ms, lon, lat, _number(raw.get("speed")), _number(raw.get("course")), source)
        return self._sound(found, now_ms)

    def _sound(self, position: Position, now_ms: int) -> Position:
        """A position on earth, of a time that can be, inside its unit's duty."""
        unit, at_ms, lon, lat = position[:4]
        duty = self.on_duty.get(unit)
        if duty is None:
            raise Refusal("off_duty")
        if abs(lon) > 180 or abs(lat) > 90:
            raise Refusal("bad_place")
        if at_ms > now_ms + FUTURE_MS:
            raise Refusal("in_future")
        if at_ms < now_ms - (PHONE_OLD_MS if position.source == PHONE else OLD_MS):
            raise Refusal("too_old")
        if at_ms < duty.since_ms:
            raise Refusal("off_duty")
        return position

    def _accept(self, position: Position) -> None:
        key = (position.unit, position.source)
        trail = self._trails.get(key)
        if trail is None:
            trail = self._trails[key] = Trail()
        position = trail.judged(position, self.rules.jump_kmh)
        self._unwritten.append(position)
        if self._place(position):
            self._untold[key] = position

    def _place(self, position: Position) -> bool:
        """Whether it is the newest of its source."""
        of_unit = self._newest.setdefault(position.unit, {})
        before = of_unit.get(position.source)
        if before is not None and position.at_ms <= before.at_ms:
            return False
        of_unit[position.source] = position
        shown = believed(of_unit.values(), self.rules)
        if shown is not self.last.get(position.unit):
            self.last[position.unit] = shown
            self._moved.add(position.unit)
        return True

    def begin(self, known: Iterable[Position]) -> None:
        """Takes over what was known when the process before ended."""
        for position in known:
            self._place(position)
            trail = self._trails[position.unit, position.source] = Trail()
            if not position.jump:
                trail.judged(position, self.rules.jump_kmh)

    def take_others(self, given: Iterable[Position]) -> None:
        """Takes what another live process of the centre was told, and has checked, judged and stored."""
        for position in given:
            duty = self.on_duty.get(position.unit)
            if duty is not None and position.at_ms >= duty.since_ms:
                self._place(position)

    def take_untold(self) -> list[Position]:
        """The newest of each source since this was last asked, for other live processes."""
        untold, self._untold = self._untold, {}
        return list(untold.values())

    def batch(self) -> list[Position]:
        """What came in since the last time, to be stored."""
        taken, self._unwritten = self._unwritten, []
        return taken

    def put_back(self, batch: list[Position]) -> None:
        """The disk refused `batch`: it is tried again with the next."""
        self._unwritten = (batch + self._unwritten)[-UNWRITTEN:]

    def off_duty(self, unit: str, off_ms: int) -> None:
        """Forgets the unit, and what it sent after its duty had ended and before this process knew."""
        self.last.pop(unit, None)
        self._moved.discard(unit)
        for source in self._newest.pop(unit, ()):
            self._trails.pop((unit, source), None)
            self._untold.pop((unit, source), None)
        self._unwritten = [p for p in self._unwritten if p.unit != unit or p.at_ms <= off_ms]

    def tell(self, now_ms: int) -> None:
        """Tells every stream the units that moved since the last time, in the areas that its ticket opens."""
        moved, self._moved = self._moved, set()
        if not moved:
            return
        readers: dict[tuple[str, ...], list[Stream]] = {}
        for stream in self._hub.streams:
            readers.setdefault(stream.ticket.grants.get(MAY, ()), []).append(stream)
        for areas, streams in readers.items():
            if data := self.told(areas, moved, now_ms):
                self._hub.tell(data, streams)

    def told(self, areas: tuple[str, ...], units: Iterable[str], now_ms: int) -> bytes:
        """A `positions` event of those of `units` that are on duty in `areas`; empty for none."""
        rows = [[p.unit, p.lon, p.lat, p.course_deg, p.at_ms, p.source, p.jump] for p in map(self.last.get, units)
                if p is not None and self._is_in(p.unit, areas)]
        if not rows:
            return b""
        at = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds")
        return told("positions", at=at.replace("+00:00", "Z"), units=rows)

    def _is_in(self, unit: str, areas: tuple[str, ...]) -> bool:
        duty = self.on_duty.get(unit)
        return duty is not None and duty.area.startswith(areas)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _time_ms(value: Any) -> int | None:
    """A device's time: ISO 8601 with a zone, or ms since 1970."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return int(moment.timestamp() * 1000) if moment.tzinfo else None
    number = _number(value)
    return None if number is None or abs(number) > 1e15 else int(number)
