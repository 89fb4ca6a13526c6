"""What one live process of a centre tells the others, so that none of their screens waits for the next look.

Nothing hangs on it. The log in the database is the record, and each process reads it behind a cursor of its own; the
tracks are stored by the process that was told them. Over the bus go the newest number of the log, which only wakes, and
positions, which are no events. Whatever is lost there is read from the database: docs/adr/0009.
"""
from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

import nats
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nats.aio.client import Client
from nats.errors import Error

from shouwang.tables.live import Position

AGAIN_S = 1
PING_S = 2  # a line that answers no two of them is cut
TOGETHER = 2000  # positions in one message: far below the server's limit of 1 MB
NONCE_B = 12

log = logging.getLogger("shouwang.wire")


class Heard(Protocol):
    """Who is told what others say."""

    def log_reached(self, seq: int) -> None: ...
    def others_positions(self, given: list[Position]) -> None: ...


class Fanout(Protocol):
    """A way between the live processes of a centre."""

    @property
    def up(self) -> bool:
        """Whether others hear now what is told, and are heard. Else the database is asked instead."""

    async def run(self, heard: Heard) -> None:
        """Listens until cancelled."""

    async def tell_log(self, seq: int) -> None: ...
    async def tell_positions(self, given: Sequence[Position]) -> None: ...
    def figures(self) -> dict[str, Any]: ...


class Alone:
    """No way but the database."""

    up = False

    async def run(self, heard: Heard) -> None:
        await asyncio.Future()

    async def tell_log(self, seq: int) -> None:
        """Nobody listens."""

    async def tell_positions(self, given: Sequence[Position]) -> None:
        """Nobody listens."""

    def figures(self) -> dict[str, Any]:
        return {}


class Nats:
    """Over a NATS server, which may be anybody's: what goes through it is sealed with the centre's own secret, and the
    subject, made of it too, tells no name."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._subject = "shouwang." + hashlib.sha256(f"subject {key}".encode()).hexdigest()[:24]
        self._seal = AESGCM(hashlib.sha256(f"seal {key}".encode()).digest())
        self._client: Client | None = None
        self._counts: Counter[str] = Counter()

    @property
    def up(self) -> bool:
        return self._client is not None and self._client.is_connected

    def figures(self) -> dict[str, Any]:
        return {"up": self.up, **{name: self._counts[name] for name in ("told", "heard", "refused", "faults")}}

    async def run(self, heard: Heard) -> None:
        closed = asyncio.Event()

        async def take(message: Any) -> None:
            self._take(message.data, heard)

        async def fault(error: Exception) -> None:
            self._counts["faults"] += 1

        async def down() -> None:
            log.warning("the line to other live processes is down; the database is asked instead")

        async def over() -> None:
            closed.set()

        client = await nats.connect(
            self._url, name="shouwang live", no_echo=True, max_reconnect_attempts=-1, reconnect_time_wait=AGAIN_S,
            ping_interval=PING_S, error_cb=fault, disconnected_cb=down, closed_cb=over)
        try:
            await client.subscribe(self._subject, cb=take)
            await client.flush()
            self._client = client
            await closed.wait()
            raise ConnectionError("the NATS server has ended the connection for good")
        finally:
            self._client = None
            await client.close()

    async def tell_log(self, seq: int) -> None:
        await self._tell({"seq": seq})

    async def tell_positions(self, given: Sequence[Position]) -> None:
        for first in range(0, len(given), TOGETHER):
            await self._tell({"positions": given[first:first + TOGETHER]})

    async def _tell(self, what: dict[str, Any]) -> None:
        """While the line is down nothing is kept for later: others read it from the database."""
        client, nonce = self._client, os.urandom(NONCE_B)
        if client is None or not client.is_connected:
            return
        sealed = nonce + self._seal.encrypt(nonce, json.dumps(what, separators=(",", ":")).encode(), None)
        try:
            await client.publish(self._subject, sealed)
            self._counts["told"] += 1
        except Error:
            self._counts["faults"] += 1

    def _take(self, data: bytes, heard: Heard) -> None:
        try:
            what = json.loads(self._seal.decrypt(data[:NONCE_B], data[NONCE_B:], None))
        except (InvalidTag, ValueError):  # not of this centre
            self._counts["refused"] += 1
            return
        self._counts["heard"] += 1
        if "seq" in what:
            heard.log_reached(what["seq"])
        if "positions" in what:
            heard.others_positions([Position(*row) for row in what["positions"]])
