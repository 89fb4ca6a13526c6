"""The certificate the centre is served with; a renewed one is taken up without a restart."""
from __future__ import annotations

import asyncio
import logging
import os
import ssl
from pathlib import Path

LOOK_S = 60.0
log = logging.getLogger("shouwang.wire")


class Tls:
    """`context` serves connections: those that begin after the files have changed get the new certificate."""

    def __init__(self, cert: str | Path, key: str | Path) -> None:
        self._files = (str(cert), str(key))
        self._seen = self._changed()
        self.context = _context(self._files)

    def look(self) -> bool:
        """Takes up changed files; what cannot be used is told and left alone until then."""
        try:
            changed = self._changed()
            if changed == self._seen:
                return False
            _context(self._files)  # tried apart: a bad pair would leave the one in use without a key
            self.context.load_cert_chain(*self._files)
        except OSError as error:  # also what is wrong inside the files, and a file that is just being written
            log.warning("certificate: %s", error)
            return False
        self._seen = changed
        return True

    async def follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            self.look()

    def _changed(self) -> tuple[int, ...]:
        return tuple(os.stat(file).st_mtime_ns for file in self._files)


def _context(files: tuple[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*files)
    return context
