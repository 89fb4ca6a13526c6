"""What rooms do about events of other rooms. Each reader has a cursor of its own; work is idempotent by
event id."""

from __future__ import annotations

from collections.abc import Callable

from .facts import Fact, follow

_readers: dict[str, tuple[Callable[[Fact], None], tuple[str, ...]]] = {}


def register(reader: str, react: Callable[[Fact], None], kinds: tuple[str, ...]) -> None:
    """`react` is called once for each event of these kinds, in order, in a transaction that also moves the
    reader's cursor."""
    _readers[reader] = react, kinds


def run(*, limit: int = 500) -> int:
    """Lets every reader catch up by at most `limit` events. Returns how many were handled."""
    handled = 0
    for reader, (react, kinds) in sorted(_readers.items()):
        for event in follow(reader, kinds, limit=limit):
            react(event)
            handled += 1
    return handled
