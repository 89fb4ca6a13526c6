"""Follows the exchange: every call that rings is told once, whatever becomes of the line to it.

After each sign-in the calls that ring now are asked for (QueueStatus). They are told together, "stood" first: a call
that desk thinks is ringing and that is not among them has ended unseen; one that desk knows is not told twice.
"""
from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any
from uuid import UUID

from panoramisk.message import Message
from uuid6 import uuid7

from shouwang.tables.live.rings import ANSWERED, GONE, JOINED, STOOD, RingEvent, seat_of

from .line import Broken, Line, Login, Refused

AGAIN_S = (1.0, 2.0, 5.0, 10.0)
PING_S, SILENT_S = 10.0, 30.0  # asked whether it is there; without any word for so long the line is half open
SIGN_IN_S = 10.0

log = logging.getLogger("shouwang.wire")
Store = Callable[[list[RingEvent]], Coroutine[Any, Any, None]]


class Exchange:
    """One connection, made anew whenever it breaks. `store` keeps events for good before its coroutine ends; `heard`
    writes down that the line stands (True) or was lost."""

    def __init__(self, login: Login, store: Store, heard: Callable[[bool], Coroutine[Any, Any, None]]) -> None:
        self.counts: Counter[str] = Counter()
        self.up = False
        self._login, self._store, self._heard = login, store, heard
        self._ringing: set[str] = set()
        self._told: list[RingEvent] = []     # heard and not stored yet
        self._entries: list[RingEvent] = []  # what the exchange names of what rings, until it has named all
        self._asked_ms: int | None = None    # when it was asked for that; what came before is among it
        self._standing = False

    async def run(self) -> None:
        """For ever: until cancelled."""
        failures = 0
        while True:
            began_s = time.monotonic()
            try:
                await self._follow()
            except (OSError, Broken, Refused, TimeoutError) as error:
                self.counts["lost"] += 1
                log.warning("the exchange: %s; trying again", str(error) or type(error).__name__)
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
        self._told, self._entries, self._asked_ms, self._standing = [], [], None, False
        line = Line(self._login, self._hear, ping_s=PING_S)
        try:
            async with asyncio.timeout(SIGN_IN_S):
                await line.open()
            self._ringing.clear()
            self._asked_ms = _now_ms()
            line.send_action({"Action": "QueueStatus"}, as_list=True)
            known_s = -math.inf
            while not line.lost:
                async with asyncio.timeout(SILENT_S):
                    await line.word()
                told, self._told = self._told, []
                if told:
                    with line.held():
                        await self._store(told)
                if self._standing and time.monotonic() - known_s >= PING_S:  # at least at each answer to a ping
                    known_s = time.monotonic()
                    await self._stands()
            raise line.lost
        finally:
            line.cut()

    async def _stands(self) -> None:
        if self.up:
            with contextlib.suppress(Exception):  # the next one tells it
                await self._heard(True)
        else:
            self.up = True
            self.counts["signed_in"] += 1
            await self._heard(True)

    def _hear(self, message: Message) -> None:
        """Keeps what a message tells. What rang at signing in is told together, once all of it is known."""
        if self._asked_ms is None:
            return
        if _text(message, "response") == "Error":
            raise Broken("it does not say what rings: the account needs write = agent in manager.conf")
        if _text(message, "event") == "QueueStatusComplete":
            self._standing = True
            stood = RingEvent(_id(), STOOD, "", self._asked_ms)
            self._told += [stood, *(replace(e, id=_id()) for e in self._entries)]
        elif event := self._read(message, _now_ms()):
            (self._entries if _text(message, "event") == "QueueEntry" else self._told).append(event)

    def _read(self, message: Message, at_ms: int) -> RingEvent | None:
        """An event of the exchange in our words; None for those that tell nothing of a call that rings here."""
        kind, unique = _text(message, "event"), _text(message, "uniqueid")[:64]
        if not unique:
            return None
        line, number = _text(message, "queue")[:40], _number(message)
        if kind == "QueueEntry":
            wait = _text(message, "wait")
            waited_ms = int(wait) * 1000 if wait.isdecimal() and len(wait) < 7 else 0
            self._ringing.add(unique)
            return self._event(JOINED, unique, at_ms - waited_ms, line, number=number)
        if kind == "QueueCallerJoin":
            self._ringing.add(unique)
            return self._event(JOINED, unique, at_ms, line, number=number)
        if kind == "AgentConnect":
            self._ringing.discard(unique)
            return self._event(ANSWERED, unique, at_ms, line, seat_of(_text(message, "interface")), number)
        if kind == "QueueCallerAbandon" or (kind == "Hangup" and unique in self._ringing):
            self._ringing.discard(unique)
            return self._event(GONE, unique, at_ms, line, number=number)
        return None

    def _event(self, kind: str, unique: str, at_ms: int, line: str, seat: str = "", number: str = "") -> RingEvent:
        self.counts[kind] += 1
        return RingEvent(_id(), kind, unique, at_ms, line, seat, number)


def _now_ms() -> int:
    return int(time.time() * 1000)


def _text(message: Message, name: str) -> str:
    """A value; of a name that is repeated the last, "" of one that is not there."""
    value = message.get(name, "")
    return str(value[-1] if isinstance(value, list) else value).strip()


def _id() -> UUID:
    """In the order in which things were heard."""
    return UUID(int=uuid7().int)


def _number(message: Message) -> str:
    given = _text(message, "calleridnum")
    return given[:30] if any(c.isdigit() for c in given) else ""  # <unknown>, anonymous
