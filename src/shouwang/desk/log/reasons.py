"""Reasons people give for what they look at or change: sealed beside the log, readable by the auditor."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from .models import Reason
from .seal import Destroyed, digest, seal, unseal

_finders: list[Callable[[list[str]], dict[str, str]]] = []


def keep_reason(event: UUID, words: str, *, at: datetime) -> str:
    """Seals the words under the event's id, in the transaction under way. Returns the digest for the log."""
    Reason.objects.create(event=event, words=seal(event, "reason", words), at=at)
    return digest(event, words)


def read_reasons(events: Iterable[object]) -> dict[str, str]:
    """The words by event id; those whose key is destroyed are missing."""
    wanted = [str(event) for event in events]
    found: dict[str, str] = {}
    for find in _finders:
        found.update(find(wanted))
    for row in Reason.objects.filter(event__in=wanted):
        try:
            found[str(row.event)] = unseal(row.event, "reason", bytes(row.words))
        except Destroyed:
            continue
    return found


def told_by(find: Callable[[list[str]], dict[str, str]]) -> None:
    """A room that keeps reasons among its own sealed notes registers how they are read: event ids → words."""
    if find not in _finders:
        _finders.append(find)
