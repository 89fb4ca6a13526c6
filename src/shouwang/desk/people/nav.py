"""The entries of the top bar and of the reader's menu. Each room adds its own when it is loaded; a reader sees those
that open to them."""
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
    aside: bool = False  # in the menu below the reader's name: the bar is for what is used all day

    def holds(self, view: str) -> bool:
        """Whether the page of this name is the entry's own or stands below it (settings.users below settings)."""
        return any(view == name or view.startswith(f"{name}.") for name in (self.route, *self.also))


_entries: list[Entry] = []


def add(entry: Entry) -> None:
    if entry not in _entries:
        _entries.append(entry)


def entries(actor: Actor) -> list[Entry]:
    """Those of the bar, then those of the menu."""
    return sorted((e for e in _entries if any(actor.may(p) for p in e.needs)), key=lambda e: (e.aside, e.order))
