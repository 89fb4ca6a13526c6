"""A telephone exchange on a thread of its own, for tests of the live process and of pages."""
from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from shouwang.wire.ami.double import Double


class Played:
    """`do(double.ring, "139…")` runs a deed of the double on its loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.double = Double()
        self.run(self.double.start())

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def do(self, deed: Callable[..., Any], *given: Any) -> Any:
        async def done() -> Any:
            return deed(*given)
        return self.run(done())

    def close(self) -> None:
        self.run(self.double.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
