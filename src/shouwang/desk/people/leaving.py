"""What else ends when an account closes: rooms above add what they keep for it, done in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from shouwang.desk.log.writing import Log

Ending = Callable[[Log, UUID], None]
_endings: list[Ending] = []


def add(ending: Ending) -> None:
    if ending not in _endings:
        _endings.append(ending)


def end_all(log: Log, user_id: UUID) -> None:
    for ending in _endings:
        ending(log, user_id)
