"""An aiohttp application on a thread of its own, for tests of the live process."""
from __future__ import annotations

import asyncio
import queue
import ssl
import threading
from collections.abc import Callable
from typing import Any

from aiohttp import web

WAIT_S = 60.0  # how long a test waits for what must come; never judged


class Served:
    """Listens on a free port, or on the unix socket `path`."""

    def __init__(self, app: web.Application, *, path: str = "", tls: ssl.SSLContext | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        self._runner = web.AppRunner(app, shutdown_timeout=0.5, handler_cancellation=True, access_log=None)
        started = threading.Event()

        async def start() -> None:
            await self._runner.setup()
            site = web.UnixSite(self._runner, path) if path else web.TCPSite(
                self._runner, "127.0.0.1", 0, ssl_context=tls)
            await site.start()
            self.port = 0 if path else self._runner.addresses[0][1]
            started.set()

        self._thread = threading.Thread(target=self._run, args=(start(),))
        self._thread.start()
        assert started.wait(WAIT_S)
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"

    def _run(self, start: Any) -> None:
        self._loop.run_until_complete(start)
        self._loop.run_forever()
        self._loop.run_until_complete(self._runner.cleanup())
        self._loop.close()

    def on_loop(self, work: Callable[[], Any]) -> Any:
        done: queue.Queue[Any] = queue.Queue()
        self._loop.call_soon_threadsafe(lambda: done.put(work()))
        return done.get(timeout=WAIT_S)

    def close(self) -> None:
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
