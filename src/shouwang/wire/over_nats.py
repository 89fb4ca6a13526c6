"""Live processes of a centre that hear each other over a NATS server (docs/adr/0009)."""
from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
from collections import Counter
from collections.abc import Sequence
from typing import Any

import nats
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nats.aio.client import Client
from nats.errors import Error

from shouwang.tables.live import Position

from .fanout import Heard

AGAIN_S = 1
PING_S = 2  # a line that answers no two of them is cut
TOGETHER = 2000  # positions in one message: far below the server's limit of 1 MB
NONCE_B = 12

log = logging.getLogger("shouwang.wire")


class Nats:
    """Over a NATS server, which may be anybody's: what goes through it is sealed with the centre's own secret, and the
    subject, made of it too, tells no name."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._subject = "shouwang." + hashlib.sha256(f"subject {key}".encode()).hexdigest()[:24]
        self._seal = AESGCM(hashlib.sha256(f"seal {key}".encode()).digest())
        self._client: Client | None = None
        self._counts: Counter[str] = Counter()
        self._fault = ""

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
            if type(error).__name__ != self._fault:  # each second the same would say nothing
                self._fault = type(error).__name__
                log.warning("the NATS server: %s", self._fault)  # its text may hold the address with the password

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
