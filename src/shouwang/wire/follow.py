"""Follows the log and the duty ledger by cursor, and keeps positions on disk. Wakes only shorten the wait."""
from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from shouwang.tables.live import Centre, Position, secret, wake_path
from shouwang.tables.live.events import LogCard, LogEvent, LogReader, named_units
from shouwang.tables.live.inbox import Alarm, Inbox
from shouwang.tables.live.panels import KEYS, Signal
from shouwang.tables.live.rings import RingEvent
from shouwang.tables.live.tickets import LIFE_S
from shouwang.tables.live.tracks import TrackStore

from .dc09.links import Panels
from .fanout import Alone, Fanout
from .hub import Hub, Message
from .jt808.links import Terminals
from .messages import compose, screen_text
from .positions import Positions

LOOK_S = 0.5  # without a wake
DUTY_S = 5.0
WRITE_S = 0.5
TELL_S = 1.0
SHARE_S = 0.2
OTHERS_S = 1.0  # how often the database is asked for the positions other live processes took
OTHERS_MS = 120_000  # of the last minutes: older ones were read before
AGAIN_S = 1.0  # after the database failed
HEARD_S = 5.0  # how often it is written down when panels were heard
# Events after which other devices may be known, or other rules hold.
REGISTERS = ("terminals", "units", "panel", "site", "import", "settings")
TOGETHER = 500  # signals stored in one transaction
MISSED = 1000  # a reader that missed more loads its cards anew

log = logging.getLogger("shouwang.wire")
P = ParamSpec("P")
T = TypeVar("T")


class Follower:
    """One thread reads the log, another writes tracks, a third alarms; everything else happens on the event loop."""

    def __init__(self, centre: Centre, hub: Hub, positions: Positions, fanout: Fanout | None = None) -> None:
        self.fanout = fanout or Alone()
        self.terminals: Terminals | None = None  # told what is registered, and what their screens show
        self.panels: Panels | None = None
        self.ready = asyncio.Event()
        self._centre = centre
        self._hub = hub
        self._positions = positions
        self._woken = asyncio.Event()
        self._reached = 0  # the newest number of the log that others have told
        self._shown: dict[str, str] = {}
        self._duty_read_s = 0.0
        self._reader: LogReader | None = None
        self._store: TrackStore | None = None
        self._reading = ThreadPoolExecutor(1, "log")
        self._writing = ThreadPoolExecutor(1, "tracks")
        self._alarming = ThreadPoolExecutor(1, "alarms")
        self._inbox: Inbox | None = None
        self._signals: list[tuple[Signal, asyncio.Future[None]]] = []
        self._storing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Runs until cancelled. A database that fails is opened again."""
        jobs = [self._follow, self._write, self._tell, self._hear_wakes, self._write_heard, self._share,
                self._hear_others]
        on_server = not self._centre.database_url.startswith("sqlite")
        if on_server:
            jobs.append(self._hear_database)
        if on_server or not isinstance(self.fanout, Alone):
            jobs.append(self._ask_for_others)
        async with asyncio.TaskGroup() as tasks:
            for job in jobs:
                tasks.create_task(self._keep(job))

    async def close(self) -> None:
        """Stores what waits to be stored."""
        if batch := self._positions.batch():
            with contextlib.suppress(Exception):
                await self._store_do(TrackStore.write, batch)
        with contextlib.suppress(Exception):
            await self._read(LogReader.close)
            await self._store_do(TrackStore.close)
        self._reading.shutdown(wait=False)
        self._writing.shutdown(wait=False)
        self._alarming.shutdown(wait=True)  # an alarm under way is stored
        if self._inbox is not None:
            self._inbox.close()

    async def store_alarm(self, alarm: Alarm) -> None:
        """Puts an alarm into the desk's inbox. When it returns, the alarm is on the disk."""
        await self._put(Inbox.put, alarm)

    async def store_signal(self, signal: Signal) -> None:
        """Puts a panel's signal into the desk's inbox. When it returns, the signal is on the disk. Those that come
        while the disk is busy are written together: it turns once for all of them."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._signals.append((signal, stored))
        if self._storing is None or self._storing.done():
            self._storing = asyncio.get_running_loop().create_task(self._store_signals())
        await stored

    async def store_rings(self, events: list[RingEvent]) -> None:
        """Puts what the exchange tells into the desk's inbox. When it returns, it is on the disk."""
        await self._put(Inbox.put_rings, events)

    async def heard_exchange(self, up: bool) -> None:
        await self._put(Inbox.put_line, up, int(time.time() * 1000))

    async def _store_signals(self) -> None:
        while self._signals:
            batch, self._signals = self._signals[:TOGETHER], self._signals[TOGETHER:]
            fault: BaseException | None = None
            try:
                await self._put(Inbox.put_signals, [signal for signal, _stored in batch])
            except Exception as error:  # told to each that waits
                fault = error
            for _signal, stored in batch:
                if not stored.done():
                    stored.set_exception(fault) if fault else stored.set_result(None)

    async def _write_heard(self) -> None:
        while True:
            await asyncio.sleep(HEARD_S)
            if self.panels is not None and (heard := self.panels.take_heard()):
                try:
                    await self._put(Inbox.put_heard, heard)
                except Exception:
                    self.panels.put_back(heard)
                    raise

    async def _put(self, do: Callable[Concatenate[Inbox, P], None], *args: P.args, **kw: P.kwargs) -> None:
        def in_thread() -> None:
            try:
                self._inbox = self._inbox or Inbox(self._centre)
                do(self._inbox, *args, **kw)
            except BaseException:
                self._inbox = None  # the next one opens the database anew
                raise
        await asyncio.get_running_loop().run_in_executor(self._alarming, in_thread)

    async def missed(self, after: int, up_to: int) -> list[Message] | None:
        """What a reader missed between two numbers; None if it is too much or the log is not the one it knew."""
        if after > up_to:
            return None
        events, cards = await self._read(LogReader.after, after, MISSED + 1)
        events = [e for e in events if e.seq <= up_to]
        return None if len(events) > MISSED else compose(events, cards, {})

    async def _keep(self, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await job()
            except Exception as error:  # whatever the database or the disk answers, the process goes on
                log.warning("%s: %s; trying again", job.__name__.strip("_"), error)
                self._reader = self._store = None
                await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        if not self.ready.is_set():
            await self._begin()
        while True:
            await self._look()
            if time.monotonic() - self._duty_read_s > DUTY_S:
                await self._read_duty()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._woken.wait()
            self._woken.clear()

    async def _begin(self) -> None:
        since = datetime.now(UTC) - timedelta(seconds=LIFE_S)
        self._hub.cursor = await self._read(LogReader.head)
        self._hub.ended |= await self._read(LogReader.ended_since, since)
        self._shown = {card.key: card.area for card in await self._read(LogReader.shown)}
        await self._read_registers()
        self._positions.begin(await self._store_do(TrackStore.newest))
        await self._read_duty()
        self.ready.set()

    async def _look(self) -> None:
        """Tells everything new in the log."""
        while True:
            events, cards = await self._read(LogReader.after, self._hub.cursor)
            if not events:
                return
            if any(e.kind.startswith("unit.") for e in events):
                await self._read_duty()
            if any(e.subject_kind in REGISTERS for e in events):
                await self._read_registers()
            self._hub.publish(compose(events, cards, self._shown), up_to=events[-1].seq)
            for event in events:
                if event.kind == "access.ended":
                    self._hub.end_access(event.subject, event.seq)
            self._tell_terminals(events, cards)
            if self._hub.cursor > self._reached:
                await self.fanout.tell_log(self._hub.cursor)

    async def _read_duty(self) -> None:
        """Takes over who is on duty, and forgets the positions of who no longer is."""
        now = await self._read(LogReader.on_duty)
        known = self._positions.on_duty.keys() | self._positions.last.keys()
        self._positions.on_duty = now
        self._duty_read_s = time.monotonic()
        for unit in known - now.keys():
            off_ms = await self._read(LogReader.off_since_ms, unit)
            self._positions.off_duty(unit, off_ms)
            await self._store_do(TrackStore.end, unit, off_ms)

    async def _read_registers(self) -> None:
        self._positions.rules = await self._read(LogReader.rules)
        if self.terminals is not None:
            self.terminals.known = await self._read(LogReader.terminals)
        if self.panels is not None:
            self.panels.register(await self._read(LogReader.panels, secret(self._centre.data, KEYS)))

    def _tell_terminals(self, events: list[LogEvent], cards: list[LogCard]) -> None:
        """Shows a crew on its vehicle's screen where it is sent."""
        if self.terminals is None:
            return
        calls = {card.subject: card.body for card in cards if card.kind == "call"}
        for event in events:
            if words := screen_text(event, calls.get(event.subject, "null")):
                for unit in named_units(event):
                    self.terminals.send_text(unit, words)

    async def _write(self) -> None:
        while True:
            if batch := self._positions.batch():
                try:  # shielded: when the process ends, a write under way is finished and nothing is put back
                    await asyncio.shield(self._store_do(TrackStore.write, batch))
                except Exception:
                    self._positions.put_back(batch)
                    raise
            await asyncio.sleep(WRITE_S)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            self._positions.tell(int(time.time() * 1000))

    async def _share(self) -> None:
        """Tells other live processes which positions came in here."""
        while True:
            if untold := self._positions.take_untold():
                await self.fanout.tell_positions(untold)
            await asyncio.sleep(SHARE_S)

    async def _hear_others(self) -> None:
        await self.ready.wait()
        await self.fanout.run(self)

    def log_reached(self, seq: int) -> None:
        """Another live process has read the log so far."""
        self._reached = max(seq, self._reached)
        if seq > self._hub.cursor:
            self._woken.set()

    def others_positions(self, given: list[Position]) -> None:
        self._positions.take_others(given)

    async def _ask_for_others(self) -> None:
        """Reads what other live processes stored, as long as they cannot be heard, and once more when they can."""
        await self.ready.wait()
        heard = False
        while True:
            if not (heard and self.fanout.up):
                since_ms = int(time.time() * 1000) - OTHERS_MS
                self._positions.take_others(await self._store_do(TrackStore.newest, since_ms=since_ms))
            heard = self.fanout.up
            await asyncio.sleep(OTHERS_S)

    async def _hear_wakes(self) -> None:
        """Desk on this machine sends a datagram after each commit."""
        path = wake_path(self._centre.data, "wire")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Wakes(self._woken), local_addr=path, family=socket.AF_UNIX)
        try:
            await asyncio.Future()
        finally:
            transport.close()

    async def _hear_database(self) -> None:
        """PostgreSQL tells of commits made on other machines too."""
        import psycopg  # only centres on PostgreSQL load its driver
        async with await psycopg.AsyncConnection.connect(self._centre.database_url, autocommit=True) as connection:
            await connection.execute("LISTEN shouwang")
            async for _ in connection.notifies():
                self._woken.set()

    async def _read(self, ask: Callable[Concatenate[LogReader, P], T], *args: P.args, **kw: P.kwargs) -> T:
        def in_thread() -> T:
            if self._reader is None:
                self._reader = LogReader(self._centre.database_url)
            return ask(self._reader, *args, **kw)
        return await asyncio.get_running_loop().run_in_executor(self._reading, in_thread)

    async def _store_do(self, do: Callable[Concatenate[TrackStore, P], T], *args: P.args, **kw: P.kwargs) -> T:
        def in_thread() -> T:
            if self._store is None:
                self._store = TrackStore(self._centre)
            return do(self._store, *args, **kw)
        return await asyncio.get_running_loop().run_in_executor(self._writing, in_thread)


class _Wakes(asyncio.DatagramProtocol):
    def __init__(self, woken: asyncio.Event) -> None:
        self._woken = woken

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._woken.set()
