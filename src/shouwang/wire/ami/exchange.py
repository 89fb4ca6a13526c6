"""Follows the exchange: every call that rings is told once, whatever becomes of the line to it.

After each sign-in the calls that ring now are asked for (QueueStatus). They are told together, "stood" first: a call
that desk thinks is ringing and that is not among them has ended unseen; one that desk knows is not told twice.
"""
from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from uuid6 import uuid7

from shouwang.tables.live.rings import ANSWERED, GONE, JOINED, STOOD, RingEvent, seat_of

from .codec import Broken, Message, Splitter, write

AGAIN_S = (1.0, 2.0, 5.0, 10.0)
PING_S, SILENT_S = 10.0, 30.0  # asked whether it is there; without any word for so long the line is half open
SIGN_IN_S = 10.0

log = logging.getLogger("shouwang.wire")
Store = Callable[[list[RingEvent]], Coroutine[Any, Any, None]]


class Refused(Exception):
    """The exchange does not let us in."""


@dataclass(frozen=True)
class Login:
    """Where the exchange is, and the account of its manager.conf that may read class agent and call, nothing else."""

    host: str
    port: int
    user: str
    secret: str


class Exchange:
    """One connection, made anew whenever it breaks. `store` keeps events for good before its coroutine ends; `heard`
    writes down that the line stands (True) or was lost."""

    def __init__(self, login: Login, store: Store, heard: Callable[[bool], Coroutine[Any, Any, None]]) -> None:
        self.counts: Counter[str] = Counter()
        self.up = False
        self._login, self._store, self._heard = login, store, heard
        self._ringing: set[str] = set()
        self._entries: list[RingEvent] = []  # what the exchange names of what rings, until it has named all
        self._signed_in = self._standing = False
        self._asked_ms = 0

    async def run(self) -> None:
        """For ever: until cancelled."""
        failures = 0
        while True:
            began_s = time.monotonic()
            try:
                await self._follow()
            except (OSError, Broken, Refused, TimeoutError, asyncio.IncompleteReadError) as error:
                self.counts["lost"] += 1
                log.warning("the exchange: %s; trying again", error or type(error).__name__)
            except Exception as error:  # the database failed: what was not stored is asked for anew
                log.error("the exchange: %s; trying again", type(error).__name__)
            await self._down()
            failures = 0 if time.monotonic() - began_s > SILENT_S else failures + 1
            await asyncio.sleep(AGAIN_S[min(failures, len(AGAIN_S) - 1)])

    def figures(self) -> dict[str, int]:
        """What is counted, for whoever watches the process: no number, no seat."""
        return {"up": int(self.up), "ringing": len(self._ringing), **dict(sorted(self.counts.items()))}

    async def _down(self) -> None:
        self.up = False
        with contextlib.suppress(Exception):
            await self._heard(False)

    async def _follow(self) -> None:
        """One connection, from signing in until it breaks."""
        async with asyncio.timeout(SIGN_IN_S):
            reader, writer = await asyncio.open_connection(self._login.host, self._login.port)
        self._signed_in, self._standing, self._entries = False, False, []
        pings = asyncio.get_running_loop().create_task(self._ping(writer))
        splitter = Splitter()
        try:
            writer.write(write({"Action": "Login", "ActionID": "login", "Username": self._login.user,
                                "Secret": self._login.secret, "Events": "call,agent"}))
            while True:
                async with asyncio.timeout(SILENT_S if self._signed_in else SIGN_IN_S):
                    data = await reader.read(65536)
                if not data:
                    raise ConnectionResetError("the line was cut")
                at_ms = int(time.time() * 1000)
                told = [e for message in splitter.feed(data) for e in self._hear(message, at_ms, writer)]
                if told:
                    await self._store(told)
                if self._standing and not self.up:
                    self.up = True
                    self.counts["signed_in"] += 1
                    await self._heard(True)
        finally:
            pings.cancel()
            writer.close()

    def _hear(self, message: Message, at_ms: int, writer: asyncio.StreamWriter) -> list[RingEvent]:
        """What a message tells. What rang at signing in is told together, once all of it is known."""
        if message.get("actionid") == "login" and "response" in message:
            if message["response"] != "Success":
                raise Refused("it does not let us in: look at SHOUWANG_TELEPHONE_LOGIN and manager.conf")
            self._signed_in, self._asked_ms = True, at_ms
            self._ringing.clear()
            writer.write(write({"Action": "QueueStatus", "ActionID": "standing"}))
        elif message.get("event") == "QueueStatusComplete":
            self._standing = True
            return [RingEvent(_id(), STOOD, "", self._asked_ms), *(replace(e, id=_id()) for e in self._entries)]
        elif self._signed_in and (event := self._told(message, at_ms)):
            if message["event"] != "QueueEntry":
                return [event]
            self._entries.append(event)
        return []

    async def _ping(self, writer: asyncio.StreamWriter) -> None:
        while True:
            await asyncio.sleep(PING_S)
            if self.up:
                writer.write(write({"Action": "Ping", "ActionID": "ping"}))
                with contextlib.suppress(Exception):  # the next one tells it
                    await self._heard(True)

    def _told(self, message: Message, at_ms: int) -> RingEvent | None:
        """An event of the exchange in our words; None for those that tell nothing of a call that rings here."""
        kind, unique = message.get("event", ""), message.get("uniqueid", "")[:64]
        if not unique:
            return None
        line, number = message.get("queue", "")[:40], _number(message)
        if kind == "QueueEntry":
            waited_ms = int(message["wait"]) * 1000 if message.get("wait", "").isdigit() else 0
            self._ringing.add(unique)
            return self._event(JOINED, unique, at_ms - waited_ms, line, number=number)
        if kind == "QueueCallerJoin":
            self._ringing.add(unique)
            return self._event(JOINED, unique, at_ms, line, number=number)
        if kind == "AgentConnect":
            self._ringing.discard(unique)
            return self._event(ANSWERED, unique, at_ms, line, seat_of(message.get("interface", "")), number)
        if kind == "QueueCallerAbandon" or (kind == "Hangup" and unique in self._ringing):
            self._ringing.discard(unique)
            return self._event(GONE, unique, at_ms, line, number=number)
        return None

    def _event(self, kind: str, unique: str, at_ms: int, line: str, seat: str = "", number: str = "") -> RingEvent:
        self.counts[kind] += 1
        return RingEvent(_id(), kind, unique, at_ms, line, seat, number)


def _id() -> UUID:
    """In the order in which things were heard."""
    return UUID(int=uuid7().int)


def _number(message: Message) -> str:
    given = message.get("calleridnum", "")
    return given[:30] if any(c.isdigit() for c in given) else ""  # <unknown>, anonymous
