"""Reasons people give for what they look at or change: sealed beside the log, readable by the auditor."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from .models import Reason
from .seal import Destroyed, digest, seal, unseal


def keep_reason(event: UUID, words: str, *, at: datetime) -> str:
    """Seals the words under the event's id, in the transaction under way. Returns the digest for the log."""
    Reason.objects.create(event=event, words=seal(event, "reason", words), at=at)
    return digest(event, words)


def read_reasons(events: Iterable[object]) -> dict[str, str]:
    """The words by event id; those whose key is destroyed are missing."""
    wanted = [str(event) for event in events]
    found: dict[str, str] = {}
    for row in Reason.objects.filter(event__in=wanted):
        try:
            found[str(row.event)] = unseal(row.event, "reason", bytes(row.words))
        except Destroyed:
            continue
    return found
