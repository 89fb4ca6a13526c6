"""What one live process of a centre tells the others, so that none of their screens waits for the next look.

Nothing hangs on it. The log in the database is the record, and each process reads it behind a cursor of its own; the
tracks are stored by the process that was told them. Over the bus go the newest number of the log, which only wakes, and
positions, which are no events. Whatever is lost there is read from the database: docs/adr/0009.
"""
from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from shouwang.tables.live import Position


class Heard(Protocol):
    """Who is told what others say."""

    def log_reached(self, seq: int) -> None: ...
    def others_positions(self, given: list[Position]) -> None: ...


class Fanout(Protocol):
    """A way between the live processes of a centre."""

    @property
    def up(self) -> bool:
        """Whether others hear now what is told, and are heard. Else the database is asked instead."""

    async def run(self, heard: Heard) -> None:
        """Listens until cancelled."""

    async def tell_log(self, seq: int) -> None: ...
    async def tell_positions(self, given: Sequence[Position]) -> None: ...
    def figures(self) -> dict[str, Any]: ...


class Alone:
    """No way but the database."""

    up = False

    async def run(self, heard: Heard) -> None:
        await asyncio.Future()

    async def tell_log(self, seq: int) -> None:
        """Nobody listens."""

    async def tell_positions(self, given: Sequence[Position]) -> None:
        """Nobody listens."""

    def figures(self) -> dict[str, Any]:
        return {}
