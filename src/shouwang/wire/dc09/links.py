"""Panels that are connected: what is taken of what they say, and when it is answered.

What is not to be kept is answered, so that the panel does not send it again, and goes no further: openings and
closings, tests, and every code that the table of codes (data/domain/alarm_codes.csv) does not name.
"""
from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from shouwang.tables.live.panels import SILENT, Panel, Signal, codes, silent_after_s

from .. import devices
from ..devices import Devices
from . import codec
from .codec import Account, Accounts, Broken, Event, Splitter

WAITING_MAX = 64  # messages of one link that wait for the disk: a panel sends one at a time
DATAGRAMS_MAX = 4096  # the same for all that send datagrams
REMEMBERED_S, REMEMBERED = 300.0, 50_000  # a message with a known sequence number and content is one sent again

log = logging.getLogger("shouwang.wire")
Mark = tuple[str, int, str, int]  # account, sequence, code, zone


class Panels(Devices["Link"]):
    """Every link, what the administrator has registered, and what was counted. `store` keeps a signal for good before
    its coroutine ends; only then is the panel answered."""

    def __init__(self, store: Callable[[Signal], Coroutine[Any, Any, None]]) -> None:
        super().__init__()
        self.known: Mapping[str, Panel] = {}
        self.accounts = Accounts(())
        self.heard: dict[UUID, int] = {}  # panel → when, ms since 1970, since the last time it was written down
        self.silent: set[UUID] = set()
        self._store = store
        self._last_ms: dict[UUID, int] = {}
        self._listening = False
        self._taken: OrderedDict[Mark, tuple[float, asyncio.Task[None]]] = OrderedDict()

    def register(self, known: Mapping[str, Panel]) -> None:
        """Takes over what is registered: account → panel. A new one has its interval to be heard in."""
        self.known = known
        now_ms, ids = int(time.time() * 1000), {panel.id for panel in known.values()}
        self._last_ms = {i: self._last_ms.get(i, now_ms) for i in ids}
        self.silent &= ids
        self.accounts = Accounts(Account(number, panel.key) for number, panel in known.items())

    def listen(self, now_ms: int) -> None:
        """From now on a panel could be heard."""
        self._listening = True
        self._last_ms = dict.fromkeys(self._last_ms, now_ms)

    def take(self, event: Event, now_ms: int) -> asyncio.Task[None] | None:
        """Takes a message of a registered panel. Returns what has to be over before it is answered, if anything."""
        panel = self.known[event.account]
        self.heard[panel.id] = self._last_ms[panel.id] = now_ms
        self.silent.discard(panel.id)
        if event.code not in codes():
            self.counts["signs_of_life" if event.code == codec.TEST else "not_taken"] += 1
            return None
        mark = (event.account, event.sequence, event.code, event.zone)
        found = self._taken.get(mark)
        if found is not None and time.monotonic() - found[0] < REMEMBERED_S and not _failed(found[1]):
            self.counts["repeated"] += 1
            return found[1]
        signal = Signal(uuid4(), panel.id, event.sequence, event.code, event.zone, event.at_ms, now_ms)
        self.counts["alarms" if codes()[event.code].does == "alarm" else "reports"] += 1
        task = asyncio.get_running_loop().create_task(self._store(signal))
        self._taken[mark] = (time.monotonic(), task)
        self._taken.move_to_end(mark)
        if len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)
        return task

    async def look(self, now_s: float) -> None:
        """Forgets what was taken long ago; tells the desk which panels are silent."""
        while self._taken and now_s - next(iter(self._taken.values()))[0] > REMEMBERED_S:
            self._taken.popitem(last=False)
        await self._look_for_silent(int(time.time() * 1000))

    async def _look_for_silent(self, now_ms: int) -> None:
        for panel in list(self.known.values()) if self._listening else ():
            if panel.id in self.silent or now_ms - self._last_ms[panel.id] <= silent_after_s(panel.supervise_s) * 1000:
                continue
            try:
                await self._store(Signal(uuid4(), panel.id, 0, SILENT, -1, None, now_ms))
            except Exception as error:  # tried again at the next look
                log.error("a silent panel could not be told: %s", type(error).__name__)
                return
            self.silent.add(panel.id)
            self.counts["silent"] += 1

    def take_heard(self) -> dict[UUID, int]:
        """Panels heard since this was last asked."""
        heard, self.heard = self.heard, {}
        return heard

    def put_back(self, heard: Mapping[UUID, int]) -> None:
        self.heard = {**heard, **self.heard}

    def figures(self, **more: int) -> dict[str, int]:
        return super().figures(registered=len(self.known), silent_now=len(self.silent), **more)


class Talk:
    """Messages taken one by one, each answered when it may be. `waiting_max`: so many may wait for the disk."""

    def __init__(self, panels: Panels, waiting_max: int) -> None:
        self._panels, self._waiting_max = panels, waiting_max
        self._waiting = 0

    def take(self, piece: bytes, now_ms: int, reply: Callable[[bytes], None]) -> None:
        self._panels.counts["messages"] += 1
        now = datetime.fromtimestamp(now_ms / 1000, UTC)
        try:
            event = codec.decode(piece, self._panels.accounts)
            if not codec.in_time(event, now_ms):
                raise Broken("time")
        except Broken as broken:
            self.refuse(str(broken), reply, now)
            return
        if not event.known:
            self._panels.counts["unknown_code"] += 1
            reply(codec.answer(event, codec.DUH, now))
            return
        if self._waiting >= self._waiting_max:
            self._panels.counts["too_fast"] += 1  # unanswered, it is sent again
            return
        task = self._panels.take(event, now_ms)
        if task is None:
            reply(codec.answer(event, codec.ACK, now))
        else:
            self._waiting += 1
            devices.later(self._answer_after(event, task, reply))

    def refuse(self, why: str, reply: Callable[[bytes], None], now: datetime) -> None:
        self._panels.counts[f"bad_{why}"] += 1
        reply(codec.refusal(now))

    async def _answer_after(self, event: Event, task: asyncio.Task[None], reply: Callable[[bytes], None]) -> None:
        """Answers once the signal is stored. Without an answer the panel sends it again: it is tried again then."""
        try:
            await asyncio.shield(task)
        except Exception as error:  # whatever the database says, the process goes on
            log.error("a signal of a panel could not be stored: %s", type(error).__name__)
        else:
            reply(codec.answer(event, codec.ACK, datetime.now(UTC)))
        finally:
            self._waiting -= 1


class Link(devices.Link):
    """One connection (TCP). Panels may share one, as behind a gateway: each message names its own."""

    def __init__(self, panels: Panels) -> None:
        super().__init__(panels)
        self._talk = Talk(panels, WAITING_MAX)
        self._splitter = Splitter()

    def take(self, data: bytes, now_ms: int) -> None:
        for piece in self._splitter.feed(data):
            self._talk.take(piece, now_ms, self._reply)

    def _reply(self, answer: bytes) -> None:
        self._transport.write(answer)


class QuietTalk(Talk):
    """A sender's address may be false: what shows no right checksum is not answered, so that nobody is answered much
    for little in another's name."""

    def refuse(self, why: str, reply: Callable[[bytes], None], now: datetime) -> None:
        super().refuse(why, _nothing if why in codec.FORMLESS else reply, now)


class Datagrams(asyncio.DatagramProtocol):
    """The same over UDP: each datagram is a whole message, answered to where it came from. One that is lost on its way
    is sent again by the panel, with the sequence number by which it is known."""

    def __init__(self, panels: Panels) -> None:
        self._talk = QuietTalk(panels, DATAGRAMS_MAX)
        self._transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # Python 3.11's own class does not say that it is

    def datagram_received(self, data: bytes, addr: Any) -> None:
        now_ms = int(time.time() * 1000)
        for piece in Splitter().feed(data + codec.END):
            self._talk.take(piece, now_ms, lambda answer: self._transport.sendto(answer, addr))


def _nothing(answer: bytes) -> None:
    """Where no answer goes."""


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
