"""The entries of the top bar. Each room adds its own when it is loaded; a reader sees those that open to them, what is
used less below “More”."""
from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from shouwang.desk.log.actor import Actor


@dataclass(frozen=True)
class Entry:
    order: int
    label: Promise | str
    route: str  # name of the URL
    needs: tuple[str, ...]  # one of these permissions
    also: tuple[str, ...] = ()  # names of other pages that belong to it
    begins: bool = True  # whether somebody's day may begin there
    aside: bool = False  # below “More”: the bar is for what is used all day

    def holds(self, view: str) -> bool:
        """Whether the page of this name is the entry's own or stands below it (settings.users below settings)."""
        return any(view == name or view.startswith(f"{name}.") for name in (self.route, *self.also))


MOST = 7  # that a bar 1440 pixels wide has room for, beside the command line
_entries: list[Entry] = []


def add(entry: Entry) -> None:
    if entry not in _entries:
        _entries.append(entry)


def entries(actor: Actor) -> list[Entry]:
    """Those that are used all day, then the others."""
    return sorted((e for e in _entries if any(actor.may(p) for p in e.needs)), key=lambda e: (e.aside, e.order))


def laid_out(found: list[Entry], view: str) -> tuple[list[tuple[Entry, bool]], list[Entry]]:
    """The entries of the bar with whether each is where the reader is now, and those below “More”. Where the reader is
    always stands in the bar."""
    bar = [e for e in found if not e.aside][:MOST]
    here = next((e for e in found if e.holds(view)), None)
    if here is not None and here not in bar:
        bar = [*bar[:MOST - 1], here]
    return [(e, e is here) for e in bar], [e for e in found if e not in bar]
