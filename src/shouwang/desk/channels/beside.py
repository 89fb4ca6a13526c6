"""What rooms above this one have waiting for the desk, shown beside what came in and never copied."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shouwang.desk.log.actor import Actor


@dataclass(frozen=True)
class Waiting:
    """One thing that waits for somebody here: from whom, what it is about, and the page where it is taken."""

    url: str
    who: str
    what: str
    place: str
    severity: int
    since: datetime


Lister = Callable[[Actor], list[Waiting]]
_listers: list[Lister] = []


def add(lister: Lister) -> None:
    """`lister` tells what waits where this reader may take it."""
    if lister not in _listers:
        _listers.append(lister)


def waiting(who: Actor) -> list[Waiting]:
    """The most urgent first, then what waits longest."""
    found = [one for lister in _listers for one in lister(who)]
    return sorted(found, key=lambda w: (w.severity, w.since))
