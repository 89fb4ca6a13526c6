"""Panels that are connected: what is taken of what they say, and when it is answered.

What is not to be kept is answered, so that the panel does not send it again, and goes no further: openings and
closings, tests, and every code that the table of codes (data/domain/alarm_codes.csv) does not name.
"""
from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from shouwang.tables.live.panels import SILENT, Panel, Signal, codes, silent_after_s

from . import codec
from .codec import Account, Accounts, Broken, Event, Splitter

LINKS_MAX = 20_000
IDLE_S = 300.0  # many panels connect anew for each message; a link that is silent for so long is half open
SWEEP_S = 2.0
UNSENT_B = 64 * 1024  # waiting for a panel that does not read: it is cut off
WAITING_MAX = 64  # messages of one link that wait for the disk: a panel sends one at a time
REMEMBERED_S, REMEMBERED = 300.0, 50_000  # a message with a known sequence number and content is one sent again

log = logging.getLogger("shouwang.wire")
Mark = tuple[str, int, str, int]  # account, sequence, code, zone


class Panels:
    """Every link, what the administrator has registered, and what was counted. `store` keeps a signal for good before
    its coroutine ends; only then is the panel answered."""

    def __init__(self, store: Callable[[Signal], Coroutine[Any, Any, None]]) -> None:
        self.known: Mapping[str, Panel] = {}
        self.accounts = Accounts(())
        self.links: set[Link] = set()
        self.counts: Counter[str] = Counter()
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

    async def sweep(self) -> None:
        """Cuts links that are half open or do not read; tells the desk which panels are silent. Runs for ever."""
        while True:
            await asyncio.sleep(SWEEP_S)
            now_s = time.monotonic()
            for link in list(self.links):
                if why := link.fault(now_s):
                    self.counts[why] += 1
                    link.cut()
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

    def close(self) -> None:
        for link in list(self.links):
            link.cut()

    def figures(self) -> dict[str, int]:
        """What is counted, for whoever watches the process: no panel is named."""
        return {"links": len(self.links), "registered": len(self.known), "silent_now": len(self.silent),
                **dict(sorted(self.counts.items()))}


class Link(asyncio.Protocol):
    """One connection. Panels may share one, as behind a gateway: each message names its own."""

    def __init__(self, panels: Panels) -> None:
        self._panels = panels
        self._splitter = Splitter()
        self._heard_s = time.monotonic()
        self._waiting = 0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if len(self._panels.links) >= LINKS_MAX:
            self._panels.counts["too_many"] += 1
            transport.abort()
            return
        self._panels.links.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._panels.links.discard(self)

    def data_received(self, data: bytes) -> None:
        self._heard_s = time.monotonic()
        for piece in self._splitter.feed(data):
            self._panels.counts["messages"] += 1
            self._take(piece, int(time.time() * 1000))

    def fault(self, now_s: float) -> str:
        """Why the link has to go, "" while it may stay."""
        if now_s - self._heard_s > IDLE_S:
            return "half_open"
        return "not_reading" if self._transport.get_write_buffer_size() > UNSENT_B else ""

    def cut(self) -> None:
        self._transport.abort()

    def _take(self, piece: bytes, now_ms: int) -> None:
        now = datetime.fromtimestamp(now_ms / 1000, UTC)
        try:
            event = codec.decode(piece, self._panels.accounts)
        except Broken as broken:
            self._refuse(f"bad_{broken}", now)
            return
        if not codec.in_time(event, now_ms):
            self._refuse("bad_time", now)
            return
        if not event.known:
            self._panels.counts["unknown_code"] += 1
            self._transport.write(codec.answer(event, codec.DUH, now))
            return
        if self._waiting >= WAITING_MAX:
            self._panels.counts["too_fast"] += 1  # unanswered, it is sent again
            return
        task = self._panels.take(event, now_ms)
        if task is None:
            self._transport.write(codec.answer(event, codec.ACK, now))
        else:
            self._answer_after(event, task)

    def _refuse(self, why: str, now: datetime) -> None:
        self._panels.counts[why] += 1
        self._transport.write(codec.refusal(now))

    def _answer_after(self, event: Event, task: asyncio.Task[None]) -> None:
        """Answers once the signal is stored. Without an answer the panel sends it again: it is tried again then."""
        async def answer() -> None:
            try:
                await asyncio.shield(task)
            except Exception as error:  # whatever the database says, the process goes on
                log.error("a signal of a panel could not be stored: %s", type(error).__name__)
            else:
                self._transport.write(codec.answer(event, codec.ACK, datetime.now(UTC)))
            finally:
                self._waiting -= 1
        self._waiting += 1
        waits = asyncio.get_running_loop().create_task(answer())
        _answering.add(waits)
        waits.add_done_callback(_answering.discard)


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


_answering: set[asyncio.Task[None]] = set()  # the loop itself holds tasks weakly
