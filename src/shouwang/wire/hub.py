"""Open streams, and what each may hear, as server-sent events (WHATWG HTML, section 9.2)."""
from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shouwang.tables.live import Ticket

WAITING = 1000  # messages kept for a slow reader; more, and it is told to load its cards anew


def sse(name: str, data: str, seq: int | None = None) -> bytes:
    """`seq` becomes the id from which a reader goes on after a break."""
    mark = "" if seq is None else f"id: {seq}\n"
    return f"{mark}event: {name}\ndata: {data}\n\n".encode()


def told(name: str, mark: int | None = None, **values: Any) -> bytes:
    return sse(name, json.dumps(values, separators=(",", ":")), mark)


def beat(seq: int) -> bytes:
    """Shows that the line is alive and moves the reader's place on, without an event."""
    return f": beat\nid: {seq}\n\n".encode()


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event, encoded once for all. Heard by whoever holds `may` in `area`, but not in `unless` if
    that is given, and by the crews of `units`. Without a `may` nobody hears it."""

    data: bytes
    may: str
    area: str
    units: frozenset[str] = frozenset()
    unless: str | None = None

    def is_for(self, ticket: Ticket) -> bool:
        if self.may and ticket.unit in self.units:
            return True
        spared = self.unless is not None and ticket.hears(self.may, self.unless)
        return not spared and ticket.hears(self.may, self.area)


class Stream:
    """What waits to be sent to one reader."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.over = ""  # why it must end: access, stop
        self._waiting: deque[bytes] = deque()
        self._more = asyncio.Event()

    def put(self, data: bytes, *, instead: bytes) -> None:
        """`instead`: what a reader gets who fell too far behind, in place of everything that waited."""
        if len(self._waiting) >= WAITING:
            self._waiting.clear()
            data = instead
        self._waiting.append(data)
        self._more.set()

    def end(self, why: str) -> None:
        self.over = why
        self._more.set()

    async def take(self, wait_s: float) -> bytes:
        """All that waits, joined; empty when nothing came in `wait_s` seconds or the stream is to end."""
        if not self._waiting and not self.over:
            try:
                async with asyncio.timeout(wait_s):
                    await self._more.wait()
            except TimeoutError:
                return b""
        self._more.clear()
        data = b"".join(self._waiting)
        self._waiting.clear()
        return data


class Hub:
    """`cursor`: the last number of the log that streams have been told. `ended`: user id → number of the event
    that last ended their access; older tickets are worthless."""

    def __init__(self) -> None:
        self.cursor = 0
        self.ended: dict[str, int] = {}
        self.streams: set[Stream] = set()

    def admits(self, ticket: Ticket) -> bool:
        return self.ended.get(ticket.user, -1) <= ticket.seq

    def open(self, ticket: Ticket) -> Stream:
        stream = Stream(ticket)
        self.streams.add(stream)
        return stream

    def close(self, stream: Stream) -> None:
        self.streams.discard(stream)

    def publish(self, messages: Iterable[Message], up_to: int) -> None:
        """Tells streams the log up to the number `up_to`."""
        self.cursor = up_to
        for message in messages:
            self.tell(message.data, (s for s in self.streams if message.is_for(s.ticket)))

    def tell(self, data: bytes, streams: Iterable[Stream]) -> None:
        for stream in streams:
            stream.put(data, instead=told("reset", self.cursor, seq=self.cursor))

    def end_access(self, user: str, seq: int) -> None:
        self.ended[user] = max(seq, self.ended.get(user, 0))
        for stream in self.streams:
            if stream.ticket.user == user and not self.admits(stream.ticket):
                stream.end("access")

    def end_all(self) -> None:
        for stream in self.streams:
            stream.end("stop")
