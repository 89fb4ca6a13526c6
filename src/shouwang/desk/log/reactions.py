"""What rooms do about events of other rooms. Each reader has a cursor of its own. It moves in the transaction of the
work: a crash handles an event again, so work is idempotent by event id."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction

from .facts import Fact, read, unread

TOGETHER = 10  # events of one transaction: each is a wait for the disk, and for the others who write
_readers: dict[str, tuple[Callable[[Fact], None], tuple[str, ...]]] = {}


def register(reader: str, react: Callable[[Fact], None], kinds: tuple[str, ...]) -> None:
    """`react` is called once for each event of these kinds, in order."""
    _readers[reader] = react, kinds


def run(*, limit: int = 500) -> int:
    """Lets every reader catch up by at most `limit` events. Returns how many were handled."""
    handled = 0
    for reader, (react, kinds) in sorted(_readers.items()):
        events = unread(reader, kinds, limit=limit)
        for n in range(0, len(events), TOGETHER):
            _handle(reader, react, events[n:n + TOGETHER])
        handled += len(events)
    return handled


def _handle(reader: str, react: Callable[[Fact], None], events: Sequence[Fact]) -> None:
    try:
        with transaction.atomic():
            for event in events:
                react(event)
            read(reader, events[-1].seq)
    except Exception:
        if len(events) == 1:
            raise
        for event in events:  # one by one: those before the one that fails are done
            _handle(reader, react, [event])
