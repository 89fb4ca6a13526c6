"""What the links of all kinds of devices have in common: how many there may be, when one has to go, what is counted."""
from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

LINKS_MAX = 20_000
IDLE_S = 300.0  # devices send a sign of life more often; a link that is silent for so long is half open
SWEEP_S = 2.0


class Link(asyncio.Protocol):
    """One connection. `unsent_b`: so much may wait for a device that does not read, then it is cut off."""

    unsent_b = 64 * 1024

    def __init__(self, devices: Devices[Any]) -> None:
        self._devices = devices
        self._opened_s = self._heard_s = time.monotonic()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if len(self._devices.links) >= LINKS_MAX:
            self._devices.counts["too_many"] += 1
            transport.abort()
            return
        self._devices.links.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._devices.links.discard(self)

    def data_received(self, data: bytes) -> None:
        self._heard_s = time.monotonic()
        self.take(data, int(time.time() * 1000))

    def take(self, data: bytes, now_ms: int) -> None:
        """Takes bytes as they came."""
        raise NotImplementedError

    def fault(self, now_s: float) -> str:
        """Why the link has to go, "" while it may stay."""
        if now_s - self._heard_s > IDLE_S:
            return "half_open"
        return "not_reading" if self._transport.get_write_buffer_size() > self.unsent_b else ""

    def look(self, now_s: float) -> None:
        """What a link that stays has to do now and then."""

    def cut(self) -> None:
        self._transport.abort()


L = TypeVar("L", bound=Link)


class Devices(Generic[L]):
    """Every link to one kind of device, and what was counted."""

    def __init__(self) -> None:
        self.links: set[L] = set()
        self.counts: Counter[str] = Counter()

    async def sweep(self) -> None:
        """Cuts the links that have to go, and looks after the others. Runs for ever."""
        while True:
            await asyncio.sleep(SWEEP_S)
            now_s = time.monotonic()
            for link in list(self.links):
                if why := link.fault(now_s):
                    self.counts[why] += 1
                    link.cut()
                else:
                    link.look(now_s)
            await self.look(now_s)

    async def look(self, now_s: float) -> None:
        """What has to be done now and then beside the links."""

    def close(self) -> None:
        for link in list(self.links):
            link.cut()

    def figures(self, **more: int) -> dict[str, int]:
        """What is counted, for whoever watches the process: no device is named."""
        return {"links": len(self.links), **more, **dict(sorted(self.counts.items()))}


_later: set[asyncio.Task[None]] = set()  # the loop itself holds tasks weakly


def later(job: Coroutine[Any, Any, None]) -> None:
    """Goes on with `job` beside what is done now: an answer that waits for the disk."""
    task = asyncio.get_running_loop().create_task(job)
    _later.add(task)
    task.add_done_callback(_later.discard)
